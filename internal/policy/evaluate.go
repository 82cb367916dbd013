package policy

import (
	"slices"
	"strings"

	"cfdoctor/internal/tri"
)

// Request is what a policy is asked about. An empty Action or Resource is an unknown one.
type Request struct {
	Principal Principal
	Action    string // "s3:GetObject"
	Resource  string // ARN
	Context   Context
}

// Reason is why a decision is what it is.
type Reason uint8

// The reasons. The zero value is the honest one.
const (
	Undecided    Reason = iota // missing knowledge decides
	AllowMatched               // a statement allows and none denies
	ExplicitDeny               // a Deny statement applies
	ImplicitDeny               // no Allow statement applies, whatever the Deny statements do
)

func (r Reason) String() string {
	return [...]string{"undecided", "allowed", "explicit deny", "implicit deny"}[r]
}

// Decision is the answer to a Request.
type Decision struct {
	Allowed tri.Bool // what this policy alone says
	Reason  Reason
	// Deciding is the Deny or Allow statement that decides; of an undecided request, the first statement whose
	// truth is missing (a possible Deny before a possible Allow). Nil for an implicit deny.
	Deciding *Match
	Matches  []Match // one per statement, in document order
}

// Match says how a statement met the request, element by element.
type Match struct {
	Index   int
	Field   string // path of the statement in the document
	Sid     string
	Effect  Effect
	Applies tri.Bool // And of the elements

	Principal, Action, Resource, Condition tri.Bool

	Failed []Mismatch // every element that is not certainly met; conditions one by one
}

// The values of Mismatch.Element and the arguments of AllowsBut.
const (
	ElementPrincipal = "Principal"
	ElementAction    = "Action"
	ElementResource  = "Resource"
	ElementCondition = "Condition"
)

// Mismatch is one element or condition that does not hold, or may not hold.
type Mismatch struct {
	Element  string   // Principal, Action, Resource or Condition
	Field    string   // path in the document: "Statement[0].Condition.StringEquals.AWS:SourceArn"
	Operator string   // of a condition
	Key      string   // of a condition, as written
	Want     []string // as written; principals as "Service:cloudfront.amazonaws.com"
	Got      []string // from the request; empty when absent or unknown
	State    tri.Bool // False, or Unknown when it cannot be told
	Absent   bool     // the request certainly lacks the condition key
}

// Evaluate decides one request: an applicable Deny wins, then an applicable Allow, and otherwise the request is
// denied implicitly (IAM/reference_policies_evaluation-logic).
func (d *Document) Evaluate(r Request) Decision {
	c := newCaller(r.Principal)
	action := strings.ToLower(r.Action)
	out := Decision{Matches: make([]Match, len(d.Statements))}
	for i := range d.Statements {
		d.Statements[i].meet(&out.Matches[i], &r, &c, action)
	}
	out.decide()
	return out
}

func (d *Decision) decide() {
	deny, denying := d.strongest(Deny)
	allow, allowing := d.strongest(Allow)
	switch {
	case deny == tri.True:
		d.Allowed, d.Reason, d.Deciding = tri.False, ExplicitDeny, denying
	case allow == tri.False:
		d.Allowed, d.Reason = tri.False, ImplicitDeny
	case deny == tri.Unknown:
		d.Deciding = denying
	case allow == tri.Unknown:
		d.Deciding = allowing
	default:
		d.Allowed, d.Reason, d.Deciding = tri.True, AllowMatched, allowing
	}
}

// strongest returns whether any statement of an effect applies, and the first that makes it so.
func (d *Decision) strongest(e Effect) (tri.Bool, *Match) {
	truth, first := tri.False, (*Match)(nil)
	for i := range d.Matches {
		m := &d.Matches[i]
		if m.Effect != e || m.Applies == tri.False {
			continue
		}
		if m.Applies == tri.True {
			return tri.True, m
		}
		if first == nil {
			truth, first = tri.Unknown, m
		}
	}
	return truth, first
}

// meet compares every element, also after one has failed: a diagnosis wants them all.
func (s *Statement) meet(m *Match, r *Request, c *caller, action string) {
	m.Index, m.Field, m.Sid, m.Effect = s.Index, s.Field, s.Sid, s.Effect
	m.meetPrincipal(s, c)
	m.meetAction(s, r, action)
	m.meetResource(s, r)
	m.Condition = tri.True
	for i := range s.Conditions {
		m.meetCondition(&s.Conditions[i], r.Context)
	}
	m.Applies = tri.And(m.Principal, m.Action, m.Resource, m.Condition)
}

func (m *Match) meetPrincipal(s *Statement, c *caller) {
	set := s.Principal
	if set != nil {
		m.Principal = set.matches(c)
	} else {
		set = s.NotPrincipal
		m.Principal = set.excepted(c, s.Effect)
	}
	if m.Principal != tri.True {
		m.fail(Mismatch{Element: ElementPrincipal, Field: set.Field, Want: set.names, Got: present(c.ID), State: m.Principal})
	}
}

func (m *Match) meetAction(s *Statement, r *Request, action string) {
	if action == "" {
		m.Action = tri.Unknown
		if s.NotAction == nil && slices.ContainsFunc(s.actions, func(p pattern) bool { return p.glob.universal() }) {
			m.Action = tri.True
		}
	} else {
		m.Action = matchAny(s.actions, action, r.Context).settle(s.NotAction != nil)
	}
	if m.Action != tri.True {
		name, want := "Action", s.Action
		if s.NotAction != nil {
			name, want = "NotAction", s.NotAction
		}
		m.fail(Mismatch{Element: ElementAction, Field: join(s.Field, name), Want: want, Got: present(r.Action), State: m.Action})
	}
}

func (m *Match) meetResource(s *Statement, r *Request) {
	if s.resources == nil {
		m.Resource = tri.True // about the resource the policy is attached to
		return
	}
	m.Resource = matchResources(s.resources, r.Resource, r.Context).settle(s.NotResource != nil)
	if m.Resource != tri.True {
		name, want := "Resource", s.Resource
		if s.NotResource != nil {
			name, want = "NotResource", s.NotResource
		}
		m.fail(Mismatch{Element: ElementResource, Field: join(s.Field, name), Want: want, Got: present(r.Resource), State: m.Resource})
	}
}

func (m *Match) meetCondition(c *Condition, ctx Context) {
	truth := c.evaluate(ctx)
	m.Condition = tri.And(m.Condition, truth)
	if truth != tri.True {
		e := ctx.lookup(c.key)
		m.fail(Mismatch{
			Element: ElementCondition, Field: c.Field, Operator: c.Operator, Key: c.Key,
			Want: c.Values, Got: e.values, State: truth, Absent: e.state == keyAbsent,
		})
	}
}

func (m *Match) fail(f Mismatch) { m.Failed = append(m.Failed, f) }

func present(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// AllowsBut returns the near misses: Allow statements that certainly meet the request in every element except the
// named ones, of which at least one certainly fails. A statement about another principal, say, is not a near miss
// for ElementCondition.
func (d Decision) AllowsBut(elements ...string) []Match {
	var out []Match
	for _, m := range d.Matches {
		if m.Effect == Allow && m.missesOnly(elements) {
			out = append(out, m)
		}
	}
	return out
}

func (m *Match) missesOnly(elements []string) bool {
	missed := false
	for _, e := range []struct {
		name  string
		truth tri.Bool
	}{
		{ElementPrincipal, m.Principal},
		{ElementAction, m.Action},
		{ElementResource, m.Resource},
		{ElementCondition, m.Condition},
	} {
		if slices.Contains(elements, e.name) {
			missed = missed || e.truth == tri.False
		} else if e.truth != tri.True {
			return false
		}
	}
	return missed
}

// ConditionsFailOnlyOn reports whether the conditions certainly fail, and every one that does not hold is about one
// of the given keys: what distinguishes a wrong aws:SourceArn from a second obstacle behind it.
func (m Match) ConditionsFailOnlyOn(keys ...string) bool {
	if m.Condition != tri.False {
		return false
	}
	for _, f := range m.Failed {
		if f.Element == ElementCondition && !slices.ContainsFunc(keys, func(k string) bool { return strings.EqualFold(k, f.Key) }) {
			return false
		}
	}
	return true
}
