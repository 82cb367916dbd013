package policy

import (
	"strings"

	"cfdoctor/internal/tri"
)

// arnSections is the number of colon-separated parts of an ARN; the last may hold further colons.
const arnSections = 6

// arnPattern compares ARNs section by section, so that a star never crosses a colon before the last section. All
// ARN operators use it: ArnEquals behaves as ArnLike (IAM/reference_policies_elements_condition_operators).
type arnPattern struct {
	sections []pattern
	whole    pattern // for patterns with fewer sections than an ARN
}

func newARNPattern(s string, vars bool) *arnPattern {
	whole := newPattern(s, wildcards|withVariables(vars))
	p := &arnPattern{whole: whole}
	for _, tokens := range splitSections(whole.tokens) {
		p.sections = append(p.sections, patternOf(tokens, whole.malformed, true))
	}
	return p
}

func (p *arnPattern) match(got string, ctx Context) outcome {
	if len(p.sections) < arnSections {
		// A lone "*", say. Documentation speaks of six components only: a match is undecided.
		o := p.whole.matches(got, ctx)
		if o.match == tri.True {
			o.match = tri.Unknown
		}
		return o
	}
	total := outcome{match: tri.True}
	rest := got
	for i := range p.sections {
		section, after, found := rest, "", false
		if i < arnSections-1 {
			if section, after, found = strings.Cut(rest, ":"); !found {
				return outcome{match: tri.False, unresolved: total.unresolved}
			}
		}
		o := p.sections[i].matches(section, ctx)
		total.match = tri.And(total.match, o.match)
		total.unresolved = total.unresolved || o.unresolved
		rest = after
	}
	return total
}

// splitSections cuts tokens at the first five colons of the pattern's own text.
func splitSections(tokens []token) [][]token {
	sections := [][]token{nil}
	add := func(t token) { sections[len(sections)-1] = append(sections[len(sections)-1], t) }
	for _, t := range tokens {
		if t.kind != textToken {
			add(t)
			continue
		}
		for text := t.text; ; {
			before, after, found := strings.Cut(text, ":")
			if !found || len(sections) == arnSections {
				if text != "" {
					add(token{text: text})
				}
				break
			}
			if before != "" {
				add(token{text: before})
			}
			sections = append(sections, nil)
			text = after
		}
	}
	return sections
}
