package waf

import (
	"net/netip"

	"cfdoctor/internal/tri"
)

// Action is what a rule, or the web ACL's default, does with a request.
type Action uint8

// The actions. ActionUnknown stands for an action that this program does not know (AWS adds some) or that could
// not be read; Count never ends an evaluation and so never appears in a Result.
const (
	ActionUnknown Action = iota
	Allow
	Block
	Count
	Captcha
	Challenge
)

// String is the action as WAF logs and samples spell it.
func (a Action) String() string {
	switch a {
	case Allow:
		return "ALLOW"
	case Block:
		return "BLOCK"
	case Count:
		return "COUNT"
	case Captcha:
		return "CAPTCHA"
	case Challenge:
		return "CHALLENGE"
	}
	return "UNKNOWN"
}

// Header is one HTTP header field. Names compare without regard to case.
type Header struct{ Name, Value string }

// Request is the web request as the viewer sends it to CloudFront. The zero value of a field that says so means
// "not known", which is not the same as empty.
type Request struct {
	Method      string
	Path        string // as sent, not decoded, without the query string
	Query       string // as sent, without the question mark
	Fragment    string // WAF sees one only when the viewer sends it, which browsers do not
	HTTPVersion string
	Headers     []Header
	Ordered     bool // Headers are in the order in which the viewer sent them

	// Body is the content, BodySize its length in bytes. A nil Body with a positive size means that the content is
	// not known; a negative BodySize means that the size is not known either (a Content-Length header then tells it).
	// A Body shorter than BodySize is its known beginning.
	Body     []byte
	BodySize int64

	ClientIP netip.Addr // zero: not known
	Country  string     // ISO 3166 alpha-2; empty: not known
	ASN      int64      // of the client's address; 0: not known
	JA3, JA4 string     // empty: not known

	// Token says whether the request bears a valid, unexpired AWS WAF token. When it is Unknown and no cookie named
	// aws-waf-token is there, it counts as False.
	Token tri.Bool

	Explain bool // fill Result.Trace
}

// Result is what the web ACL does with a request.
type Result struct {
	Action Action
	// Certain is false when a rule whose match is unknown would have answered differently before the deciding rule.
	Certain bool
	// Status is what the viewer gets from WAF: 0 when the request passes, 403 or the custom response's status for
	// a block, 405 for a CAPTCHA, 202 for a challenge (WAF/waf-captcha-and-challenge-how-it-works).
	Status          int
	Rule            *RuleRef     // the deciding rule; nil: the default action
	Response        *Response    // the custom response of the deciding rule or default action
	Maybe           []Maybe      // in order of evaluation, up to the deciding rule
	Trace           []RuleResult // per top-level rule, when Request.Explain is set
	Labels          []string     // labels that the request certainly has when the evaluation ends
	InsertedHeaders []Header     // what the origin sees in addition, names with WAF's prefix
}

// Suspicious reports whether a rule that the request gives some reason to suspect would have answered differently.
// Weak possibilities do not count: nearly every web ACL has some.
func (r *Result) Suspicious() bool {
	for i := range r.Maybe {
		m := &r.Maybe[i]
		if !m.Weak && (m.Action != r.Action || m.Status != r.Status) {
			return true
		}
	}
	return false
}

// Response is a custom response (WAF/customizing-the-response-for-blocked-requests).
type Response struct {
	Status      int
	BodyKey     string // empty: no body
	Body        string // empty also when BodyKey names no body of the web ACL
	ContentType string // TEXT_PLAIN, TEXT_HTML or APPLICATION_JSON
	Headers     []Header
}

// Kind says what a rule is made of.
type Kind string

// The kinds, by the outermost statement that tells.
const (
	KindCustom  Kind = "custom"
	KindIPSet   Kind = "ip-set"
	KindGeo     Kind = "geo"
	KindRate    Kind = "rate"
	KindLabel   Kind = "label"
	KindGroup   Kind = "rule-group"
	KindManaged Kind = "managed"
)

// RuleRef names a rule, inside a rule group where it is in one.
type RuleRef struct {
	Name        string // the web ACL's rule
	Priority    int32
	Group       string // name of the rule group the rule refers to; empty: it refers to none
	GroupVendor string // AWS or a seller; empty for an own rule group
	InnerRule   string // the rule of that group; empty when no single one can be named
	Kind        Kind   // of the inner rule where there is one
	// CustomResponse tells that the rule answers with a response of its own; BodyKey and Body are that response's.
	CustomResponse bool
	BodyKey, Body  string
	// Oversize tells that the rule matched because the body, the headers or the cookies exceed what WAF inspects and
	// the statement counts that as a match. Only a deciding rule says so.
	Oversize bool
	Field    string // path in the web ACL, such as Rules[2].Statement.IPSetReferenceStatement
	Why      string // plain: what in the request matched what
}

// Maybe is a rule that might decide.
type Maybe struct {
	RuleRef
	Action  Action
	Status  int
	Because string // why it is unknown
	Likely  bool   // evidence in the request speaks for a match
	Weak    bool   // nothing in the request speaks for a match
}

// RuleResult is one top-level rule's part in an evaluation.
type RuleResult struct {
	RuleRef
	Matched tri.Bool
	Action  Action // of the rule, or of the group's rule that matched
	Counted bool   // matched without deciding
}
