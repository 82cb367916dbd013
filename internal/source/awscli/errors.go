package awscli

import (
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strings"

	"cfdoctor/internal/evidence"
)

// ProgramError says that the door itself is not there: the program is missing, or does not run.
type ProgramError struct {
	Program string
	Missing bool
	Said    string // what the program said, one line
	Err     error
}

// Error is one line.
func (e *ProgramError) Error() string {
	switch {
	case e.Missing:
		return fmt.Sprintf("there is no program %q on PATH, which --source cli reads the account with", e.Program)
	case e.Said != "":
		return fmt.Sprintf("%s does not run as the AWS CLI: %s", e.Program, e.Said)
	}
	return fmt.Sprintf("%s does not run as the AWS CLI: %v", e.Program, e.Err)
}

// Unwrap returns the cause.
func (e *ProgramError) Unwrap() error { return e.Err }

// Hint says what to do.
func (e *ProgramError) Hint() string {
	return "install the AWS CLI (https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html), or leave --source out"
}

// SetupError says that the program has no credentials to use, or a configuration that it cannot read. It is in the program's own words.
type SetupError struct{ Profile, Said string }

// Error is one line.
func (e *SetupError) Error() string { return e.Said }

// Hint names the likeliest remedy.
func (e *SetupError) Hint() string {
	login := "aws sso login"
	if e.Profile != "" {
		login += " --profile " + e.Profile
	}
	switch {
	case strings.Contains(e.Said, "config profile"):
		return `see "aws configure list-profiles"`
	case strings.Contains(e.Said, "SSO") || strings.Contains(e.Said, "sso"):
		return fmt.Sprintf("run %q", login)
	}
	return fmt.Sprintf(`run "aws configure" or %q, name a --profile, or read a recording with --from FILE`, login)
}

// errNoRegion says that a call needs a Region and the configuration names none.
var errNoRegion = errors.New("the AWS CLI's configuration names no Region")

var (
	// answered is how the AWS CLI words a refusal of AWS (botocore's ClientError), with the retries that went before in brackets.
	answered = regexp.MustCompile(`An error occurred \(([^()\s]+)\) when calling the (\w+) operation(?: \([^()]*\))?: ?([^\n]*)`)
	// setup is how it words that it cannot even ask (botocore.exceptions).
	setup = regexp.MustCompile(`(?i)unable to locate credentials|partial credentials|config profile .* could not be found|` +
		`sso (session|token)|error loading sso|token (has expired|provider)|refresh failed|no access token|error when retrieving (credentials|token)|` +
		`unable to parse config file|login session`)
)

// failure makes an error of what a program said that ended with an error: AWS's refusal where AWS has answered with one.
func failure(profile, said string, err error) error {
	if found := answered.FindAllStringSubmatch(said, -1); found != nil {
		last := found[len(found)-1]
		return &evidence.Problem{Code: last[1], Message: strings.TrimSpace(last[3])}
	}
	line := lastLine(said)
	switch {
	case strings.Contains(said, "You must specify a region"):
		return errNoRegion
	case setup.MatchString(line):
		return &SetupError{Profile: profile, Said: line}
	case line == "":
		return fmt.Errorf("the aws program failed and did not say why: %w", err)
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return errors.New(line)
	}
	return fmt.Errorf("%s: %w", line, err)
}

// lastLine is what a program said last; before it stand warnings and the usage. Newer versions begin errors with their name.
func lastLine(said string) string {
	lines := strings.FieldsFunc(said, func(r rune) bool { return r == '\n' || r == '\r' })
	for i := len(lines) - 1; i >= 0; i-- {
		if line := strings.TrimSpace(lines[i]); line != "" {
			return strings.TrimPrefix(strings.TrimPrefix(line, "aws: "), "[ERROR]: ")
		}
	}
	return ""
}
