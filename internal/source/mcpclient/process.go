package mcpclient

import (
	"os/exec"
	"strings"
	"sync"
	"unicode"
)

// process is a server that is started here.
type process struct {
	cmd    *exec.Cmd
	stderr tail
}

func newProcess(command []string) *process {
	p := &process{cmd: exec.Command(command[0], command[1:]...)}
	p.cmd.Stderr = &p.stderr
	ownGroup(p.cmd)
	return p
}

// said is the last line that the server wrote to its standard error, "" where it wrote none.
func (p *process) said() string {
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
