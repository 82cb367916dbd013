package policy

import (
	"slices"
	"strings"

	"cfdoctor/internal/tri"
)

// token is a piece of a value as written in a policy.
type token struct {
	kind tokenKind
	text string // literal text, or the variable's key in lower case
	def  string // the variable's default
	dflt bool   // the variable has a default
}

type tokenKind uint8

const (
	textToken tokenKind = iota
	starToken
	oneToken
	variableToken
)

// syntax says which characters of a value are special.
type syntax uint8

const (
	wildcards syntax = 1 << iota // "*" and "?" stand for text
	variables                    // "${key}", "${key, 'default'}", "${*}", "${?}", "${$}"
)

func withVariables(on bool) syntax {
	if on {
		return variables
	}
	return 0
}

// pattern is a string of a policy, ready to be compared.
type pattern struct {
	tokens    []token
	glob      glob // nil when there are variables
	malformed bool // an unfinished variable: what AWS would make of it is not documented
	wild      bool // written with wildcards on
	fold      bool // substituted values are to be in lower case
}

func newPattern(s string, syn syntax) pattern {
	tokens, ok := tokenize(s, syn)
	return patternOf(tokens, !ok, syn&wildcards != 0)
}

func patternOf(tokens []token, malformed, wild bool) pattern {
	p := pattern{tokens: tokens, malformed: malformed, wild: wild}
	if !slices.ContainsFunc(tokens, token.isVariable) {
		p.glob = newGlob(tokens)
	}
	return p
}

func (t token) isVariable() bool { return t.kind == variableToken }

func tokenize(s string, syn syntax) (tokens []token, ok bool) {
	ok = true
	start := 0
	flush := func(end int) {
		if end > start {
			tokens = append(tokens, token{text: s[start:end]})
		}
	}
	for i := 0; i < len(s); {
		switch {
		case syn&wildcards != 0 && (s[i] == '*' || s[i] == '?'):
			flush(i)
			kind := starToken
			if s[i] == '?' {
				kind = oneToken
			}
			tokens = append(tokens, token{kind: kind})
			i++
			start = i
		case syn&variables != 0 && strings.HasPrefix(s[i:], "${"):
			t, size := variable(s[i:])
			if size == 0 {
				ok = false
				i += len("${")
				continue
			}
			flush(i)
			tokens = append(tokens, t)
			i += size
			start = i
		default:
			i++
		}
	}
	flush(len(s))
	return tokens, ok
}

// variable reads the policy variable that s begins with (IAM/reference_policies_variables). Size is 0 when s begins
// with no well-formed one.
func variable(s string) (t token, size int) {
	body := s[len("${"):]
	for _, special := range []string{"*}", "?}", "$}"} {
		if strings.HasPrefix(body, special) {
			return token{text: special[:1]}, len("${") + len(special)
		}
	}
	end := strings.IndexAny(body, ",}")
	if end <= 0 {
		return token{}, 0
	}
	key := strings.ToLower(strings.TrimSpace(body[:end]))
	if key == "" || strings.ContainsAny(key, "${'") {
		return token{}, 0
	}
	if body[end] == '}' {
		return token{kind: variableToken, text: key}, len("${") + end + 1
	}
	rest := strings.TrimLeft(body[end+1:], " ")
	def, after, found := strings.Cut(strings.TrimPrefix(rest, "'"), "'")
	if !strings.HasPrefix(rest, "'") || !found || !strings.HasPrefix(after, "}") {
		return token{}, 0
	}
	return token{kind: variableToken, text: key, def: def, dflt: true}, len(s) - len(after) + 1
}

// outcome is how a value met one or more patterns.
type outcome struct {
	match tri.Bool
	// unresolved: a variable has, or may have, no value. AWS says such a statement may count as invalid as a
	// whole (IAM/reference_policies_variables), so what would otherwise be true is undecided.
	unresolved bool
}

// settle turns the outcome into the truth of an element, negated for NotResource or StringNotEquals.
func (o outcome) settle(negated bool) tri.Bool {
	if negated {
		o.match = o.match.Not()
	}
	if o.unresolved && o.match == tri.True {
		return tri.Unknown
	}
	return o.match
}

func (p *pattern) matches(s string, ctx Context) outcome {
	switch {
	case p.malformed:
		return outcome{match: tri.Unknown, unresolved: true}
	case p.glob != nil:
		return outcome{match: tri.Of(p.glob.match(s))}
	}
	r := p.resolve(ctx)
	out := outcome{unresolved: r.unresolved}
	switch {
	case r.absent:
		out.match = tri.False
	case !newGlob(r.widest).match(s):
		out.match = tri.False
	case r.unsure && !newGlob(r.plain).match(s), r.unknown:
		out.match = tri.Unknown
	default:
		out.match = tri.True
	}
	return out
}

// resolution is a pattern with its variables replaced.
type resolution struct {
	widest     []token // matches whatever the pattern could match
	plain      []token // with "*" and "?" in substituted values taken literally
	unknown    bool    // some variable is unknown
	absent     bool    // some variable has neither value nor default
	unsure     bool    // some substituted value holds a wildcard, and AWS does not say whether it acts as one
	unresolved bool
}

func (p *pattern) resolve(ctx Context) resolution {
	var r resolution
	for _, t := range p.tokens {
		if !t.isVariable() {
			r.widest = append(r.widest, t)
			r.plain = append(r.plain, t)
			continue
		}
		e := ctx.lookup(t.text)
		switch {
		case e.state == keyKnown && len(e.values) == 1:
			r.substitute(p.folded(e.values[0]), p.wild)
		case e.state == keyAbsent && t.dflt:
			r.substitute(t.def, p.wild)
		case e.state == keyAbsent:
			r.absent, r.unresolved = true, true
		default: // unknown, or several values, which no variable may have
			r.unknown = true
			r.unresolved = r.unresolved || !t.dflt
			r.widest = append(r.widest, token{kind: starToken})
			r.plain = append(r.plain, token{kind: starToken})
		}
	}
	return r
}

func (p *pattern) folded(s string) string {
	if p.fold {
		return strings.ToLower(s)
	}
	return s
}

func (r *resolution) substitute(value string, wild bool) {
	r.plain = append(r.plain, token{text: value})
	if wild && strings.ContainsAny(value, "*?") {
		r.unsure = true
		tokens, _ := tokenize(value, wildcards)
		r.widest = append(r.widest, tokens...)
		return
	}
	r.widest = append(r.widest, token{text: value})
}

// matchAny compares one value with a list of patterns of which one suffices.
func matchAny(patterns []pattern, s string, ctx Context) outcome {
	var total outcome
	total.match = tri.False
	for i := range patterns {
		o := patterns[i].matches(s, ctx)
		total.match = tri.Or(total.match, o.match)
		total.unresolved = total.unresolved || o.unresolved
	}
	return total
}
