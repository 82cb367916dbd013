package render

import (
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/report"
)

// document is a report as people read it.
type document struct {
	title    string  // one line
	top      []block // the first screen: enough for somebody in a hurry
	sections []section
}

// section is a part of a document under a heading of its own.
type section struct {
	id     string // stable, for links
	title  string
	blocks []block
	folded bool // a format that can fold shows the heading only, until asked
}

// block is one of the types below. Writers switch over them.
type block interface{ isBlock() }

type (
	// paragraph is running text.
	paragraph struct{ text line }
	// aside is a paragraph that belongs to nothing before it.
	aside struct{ text line }
	// headline is the answer in one line.
	headline struct {
		mark string // ✗, ✓, ? or !
		tone tone
		text string
	}
	// subhead begins a finding or a fix within a section.
	subhead struct{ text line }
	// facts are names with values.
	facts struct{ rows []fact }
	// list is a bulleted list, or a numbered one.
	list struct {
		items   []line
		ordered bool
		// numbered items carry their numbers in their own text.
		numbered bool
	}
	// command is something to copy. Its lines are never wrapped. Without a text it stands for one that is shown elsewhere.
	command struct {
		purpose string
		text    string
		note    string // what to expect, or what to put in; may be empty
		mutates bool
		// language is what the text is written in, "" for shell.
		language string
	}
	// frames show evidence: the call, the field, its value and what is wrong with it.
	frames struct{ refs []evidence.Ref }
	// way is a request's path through the stages.
	way struct{ steps []stage }
	// changes show what a fix changes in the account.
	changes struct{ rows []report.DiffLine }
	// table is a table with a heading row.
	table struct {
		head []string
		rows [][]line
	}
)

func (paragraph) isBlock() {}
func (aside) isBlock()     {}
func (headline) isBlock()  {}
func (subhead) isBlock()   {}
func (facts) isBlock()     {}
func (list) isBlock()      {}
func (command) isBlock()   {}
func (frames) isBlock()    {}
func (way) isBlock()       {}
func (changes) isBlock()   {}
func (table) isBlock()     {}

// fact is one name with its value.
type fact struct {
	name  string
	value line
}

// stage is one line of a way: a stage, or a run of stages with the same verdict.
type stage struct {
	verdict string // pass, stop, rewrite, unknown or skipped
	status  int    // what was answered here; 0 where nothing was
	title   string
	summary string
	detail  string
	refs    []evidence.Ref
	decides bool // the stage that decided the answer
	run     bool // several stages in one line
}

// line is text in several tones.
type line []span

// span is text in one tone. The text is as the report has it: not cleaned, not escaped.
type span struct {
	text string
	tone tone
}

// tone says what a piece of text means; formats choose how that looks.
type tone uint8

const (
	plain  tone = iota
	strong      // important
	dim         // aside
	code        // from a configuration or a command line
	good
	bad
	warn
)

// say makes a line of plain text.
func say(text string) line { return line{{text: text}} }

// in makes a line in one tone.
func in(t tone, text string) line { return line{{text, t}} }

// and continues a line with a span.
func (l line) and(t tone, text string) line { return append(l[:len(l):len(l)], span{text, t}) }

// plus continues a line with plain text.
func (l line) plus(text string) line { return l.and(plain, text) }

// String is the line without tones.
func (l line) String() string {
	var out string
	for _, s := range l {
		out += s.text
	}
	return out
}

// mark is the symbol and tone of a stage. Being answered is not bad in itself: a redirect or a hit in the cache is an answer too.
func (s stage) mark() (string, tone) {
	switch {
	case s.verdict == "pass", s.verdict == "stop" && s.status > 0 && s.status < 400:
		return "✓", good
	case s.verdict == "stop":
		return "✗", bad
	case s.verdict == "rewrite":
		return "~", warn
	case s.verdict == "skipped":
		return "–", dim
	}
	return "?", warn
}
