package fix

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"al.essio.dev/pkg/shellescape"
)

// quote writes a value as one word of a POSIX shell, which is one word of Python's shlex too. Values that hold something a terminal or an
// editor would act on are refused by [checkPlain] before they come here.
func quote(s string) string { return shellescape.Quote(s) }

// isPlain reports whether a character shows as itself. Control characters, and those that turn the direction of text or show as nothing, do
// not: a command with them in it is not the command that a person sees.
func isPlain(r rune) bool {
	return r != utf8.RuneError && r != '\u2028' && r != '\u2029' && unicode.IsPrint(r)
}

// checkPlain says why a value cannot stand in a command.
func checkPlain(s string) error {
	if !utf8.ValidString(s) {
		return fmt.Errorf("%q is not valid UTF-8", s)
	}
	for _, r := range s {
		if !isPlain(r) {
			return fmt.Errorf("%q holds the unprintable character U+%04X", s, r)
		}
	}
	return nil
}

// checkArgument says why a value cannot be the value of an AWS CLI option: besides unprintable characters, the CLI reads a file, or a web page
// (version 1), where a value begins so (AWS CLI User Guide, "Loading a parameter from a file").
func checkArgument(s string) error {
	if err := checkPlain(s); err != nil {
		return err
	}
	for _, prefix := range []string{"file://", "fileb://", "http://", "https://"} {
		if strings.HasPrefix(s, prefix) {
			return fmt.Errorf("%q would be loaded by the AWS CLI as a file or page", s)
		}
	}
	return nil
}

// Quote writes a value as one word of a POSIX shell and of Python's shlex. What [FitToShow] refuses must not come here.
func Quote(s string) string { return quote(s) }

// CallAWS wraps a command for the call_aws tool: a Python string in double quotes.
func CallAWS(command string) string { return callAWS(command) }

// FitToShow reports whether every character of a value shows as itself: a command with others in it is not the command that a person sees.
func FitToShow(s string) bool { return checkPlain(s) == nil }

// FitForArgument reports whether the AWS CLI takes a value of an option as it stands.
func FitForArgument(s string) bool { return checkArgument(s) == nil }

// option writes an option with its value. With "=" between them a value that begins with a dash stays a value.
func option(name, value string) string {
	if strings.HasPrefix(value, "-") {
		return "--" + name + "=" + quote(value)
	}
	return "--" + name + " " + quote(value)
}

// callAWS wraps a command for the call_aws tool: a Python string in double quotes.
func callAWS(command string) string {
	return `call_aws(cli_command="` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(command) + `")`
}

// printable makes a value fit to be shown in running text: what is not printable is escaped.
func printable(s string) string {
	if checkPlain(s) == nil {
		return s
	}
	var b strings.Builder
	for _, r := range strings.ToValidUTF8(s, "\uFFFD") {
		if isPlain(r) {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, `\u{%x}`, r)
		}
	}
	return b.String()
}
