// Package ui is the terminal: streams, width, colour, progress and questions. Its rules:
//
//   - Standard output carries the report and nothing else. Everything said along the way goes to standard error.
//   - Colour and redrawn lines only on a terminal, and only where NO_COLOR, TERM=dumb and --no-color do not forbid it;
//     CLICOLOR_FORCE asks for colour without a terminal.
//   - A message is one line, begins with "cfdoctor: ", has no capital and no full stop. A hint says what to do next.
//   - A question is only asked where both standard input and standard error are terminals.
//   - What comes from an account has its control characters stripped before a terminal sees it.
package ui

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/term"
)

// DefaultWidth is the width assumed where there is no terminal, in columns.
const DefaultWidth = 100

// Streams is everything that a command talks to.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
	// Env looks a variable of the environment up.
	Env func(string) string
	// InTTY, OutTTY and ErrTTY report which streams are terminals.
	InTTY, OutTTY, ErrTTY bool
	// Width is the terminal's width in columns.
	Width int
	// Quiet drops progress; NoColor forbids colour.
	Quiet, NoColor bool
}

// Standard returns the process's own streams.
func Standard() *Streams {
	s := &Streams{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Env: os.Getenv, Width: DefaultWidth,
		InTTY: term.IsTerminal(int(os.Stdin.Fd())), OutTTY: term.IsTerminal(int(os.Stdout.Fd())), ErrTTY: term.IsTerminal(int(os.Stderr.Fd())),
	}
	if columns, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && columns > 0 {
		s.Width = columns
	} else if width, _, err := term.GetSize(int(os.Stdout.Fd())); err == nil && width > 0 {
		s.Width = width
	}
	return s
}

// Color reports whether a stream that is a terminal or not may carry colour (https://no-color.org, https://bixense.com/clicolors).
func (s *Streams) Color(tty bool) bool {
	if s.NoColor || s.Env("NO_COLOR") != "" {
		return false
	}
	if force := s.Env("CLICOLOR_FORCE"); force != "" && force != "0" {
		return true
	}
	return tty && s.Env("TERM") != "dumb"
}

// Interactive reports whether a person can be asked.
func (s *Streams) Interactive() bool { return s.InTTY && s.ErrTTY }

// Warn says one line on standard error.
func (s *Streams) Warn(format string, args ...any) {
	fmt.Fprintf(s.Err, "cfdoctor: %s\n", Clean(fmt.Sprintf(format, args...)))
}

// Ask puts a yes-or-no question and returns the answer; anything but yes is no.
func (s *Streams) Ask(question string) bool {
	fmt.Fprintf(s.Err, "cfdoctor: %s [y/N] ", Clean(question))
	var line []byte
	buf := make([]byte, 1)
	for len(line) < 100 {
		n, err := s.In.Read(buf)
		if n == 1 && buf[0] == '\n' || err != nil {
			break
		}
		line = append(line, buf[:n]...)
	}
	answer := strings.ToLower(strings.TrimSpace(string(line)))
	return answer == "y" || answer == "yes"
}

// Clean makes text from anywhere safe for a terminal: control and format characters (escape sequences, bells, right-to-left overrides)
// become U+FFFD, line breaks and tabs become spaces.
func Clean(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r):
			return unicode.ReplacementChar
		}
		return r
	}, text)
}
