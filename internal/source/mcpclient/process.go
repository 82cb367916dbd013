package mcpclient

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
	"unicode"
)

// process is a server that is started here.
type process struct {
	cmd     *exec.Cmd
	theirs  *os.File // the server's end of its standard error
	stderr  tail
	drained chan struct{} // closed once all that the server wrote to its standard error is in stderr
}

// newProcess prepares a server. Its standard error is a pipe of our own: [exec.Cmd] tells nobody when it has read to the end of one, and the
// reason why a server ended stands at the end.
func newProcess(command []string) (*process, error) {
	ours, theirs, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("making a pipe for the MCP server's standard error: %w", err)
	}
	p := &process{cmd: exec.Command(command[0], command[1:]...), theirs: theirs, drained: make(chan struct{})}
	p.cmd.Stderr = theirs
	ownGroup(p.cmd)
	go func() {
		defer close(p.drained)
		defer ours.Close()
		_, _ = io.Copy(&p.stderr, ours) // what could be read is all there is to say
	}()
	return p, nil
}

// started gives up our copy of the server's end of the pipe, whether it started or not: the pipe ends when the last holder of it does.
func (p *process) started() { _ = p.theirs.Close() }

// said is the last line that a server that is ending wrote to its standard error, "" where it wrote none. One that does not end in time, or
// leaves a child that holds the pipe, has said what came so far.
func (p *process) said() string {
	select {
	case <-p.drained:
	case <-time.After(stopPatience):
	}
	lines := strings.FieldsFunc(p.stderr.String(), func(r rune) bool { return r == '\n' || r == '\r' })
	for i := len(lines) - 1; i >= 0; i-- {
		if line := oneLine(lines[i]); line != "" {
			return line
		}
	}
	return ""
}

// kill ends the server with every process that it has started, such as the server that uvx runs.
func (p *process) kill() {
	if p.cmd.Process != nil {
		killGroup(p.cmd)
	}
}

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	kept []byte
}

// tailSize holds some lines of a log, or the end of a stack trace.
const tailSize = 4 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept = append(t.kept, p...)
	if extra := len(t.kept) - tailSize; extra > 0 {
		t.kept = append(t.kept[:0], t.kept[extra:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.kept)
}

// oneLine puts a text into one line of a length that a person reads, without control characters: it comes from outside.
func oneLine(text string) string {
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	const most = 300
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "…"
	}
	return text
}
