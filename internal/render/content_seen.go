package render

import (
	"fmt"
	"strings"

	"cfdoctor/internal/report"
)

// seenBriefly is the first screen's line on active validation, nil where nobody looked.
func (c *content) seenBriefly() []block {
	o := c.r.Observed
	if o == nil || o.Edge == nil && o.Origin == nil {
		return nil
	}
	var text line
	if e := o.Edge; e != nil {
		text = in(dim, "seen: ").plusAll(seenLine(e))
	}
	if s := o.Origin; s != nil {
		if text != nil {
			text = text.and(dim, "; ")
		}
		text = text.and(dim, "at the origin: ").plusAll(seenLine(s))
	}
	return []block{paragraph{text}}
}

// seenLine is an answer that was seen, in a few words.
func seenLine(s *report.Seen) line {
	if s.Status == 0 {
		return in(bad, "no answer").and(dim, " ("+orElse(s.Failure, "failed")+")")
	}
	tone := statusTone(s.Status)
	if s.Masked {
		tone = warn
	}
	out := in(tone, fmt.Sprint(s.Status)).and(dim, " from "+s.AnsweredBy+", "+s.Certainty)
	if s.Error != "" {
		out = out.and(dim, " ("+s.Error+")")
	}
	return out
}

// seen is what active validation saw beside what the simulation says.
func (c *content) seen() section {
	s := section{id: "seen", title: "Predicted and seen"}
	o := c.r.Observed
	if o == nil {
		return s
	}
	for _, words := range o.Comparison {
		s.blocks = append(s.blocks, paragraph{say(words)})
	}
	if e := o.Edge; e != nil && len(e.Reasons) > 0 {
		s.blocks = append(s.blocks, paragraph{in(dim, "The edge's answer is told by: "+strings.Join(e.Reasons, "; ")+".")})
	}
	if len(o.Redirects) > 0 {
		var items []line
		for _, hop := range o.Redirects {
			items = append(items, say(hop))
		}
		s.blocks = append(s.blocks, list{items: items, ordered: true})
	}
	if !c.full {
		return s
	}
	var rows [][]line
	for _, p := range o.Probes {
		rows = append(rows, []line{say(p.What), say(p.Result)})
	}
	if len(rows) > 0 {
		s.blocks = append(s.blocks, table{head: []string{"Probe", "Result"}, rows: rows})
	}
	return s
}
