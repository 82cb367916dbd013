package ui

import (
	"fmt"
	"sync"
)

// Progress shows how far the eight steps of a diagnosis are: one redrawn line on a terminal, one plain line a step elsewhere,
// nothing when quiet. It is safe for concurrent use.
type Progress struct {
	s      *Streams
	mu     sync.Mutex
	step   int
	title  string
	redraw bool
	drawn  bool
}

// NewProgress returns a progress display on standard error.
func (s *Streams) NewProgress() *Progress {
	return &Progress{s: s, redraw: s.ErrTTY && s.Env("TERM") != "dumb"}
}

// Step begins a step of the diagnosis.
func (p *Progress) Step(number int, title string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.step, p.title = number, title
	p.show("")
}

// Note adds what is happening within the step, such as "12 of 40 calls". Only a terminal shows it.
func (p *Progress) Note(note string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.redraw {
		p.show(note)
	}
}

// Done clears the redrawn line.
func (p *Progress) Done() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.drawn {
		fmt.Fprint(p.s.Err, "\r\x1b[K")
		p.drawn = false
	}
}

func (p *Progress) show(note string) {
	if p.s.Quiet {
		return
	}
	line := fmt.Sprintf("[%d/8] %s", p.step, p.title)
	if note != "" {
		line += " – " + Clean(note)
	}
	if !p.redraw {
		fmt.Fprintln(p.s.Err, line)
		return
	}
	if runes := []rune(line); len(runes) > p.s.Width-1 && p.s.Width > 1 {
		line = string(runes[:p.s.Width-1])
	}
	fmt.Fprint(p.s.Err, "\r\x1b[K"+line)
	p.drawn = true
}
