package s3origin

import (
	"strings"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/policy"
)

// Fault is what makes a bucket refuse a request.
type Fault string

// The faults of the way that CloudFront asks, and those of permission. Of the latter one request has one at most.
const (
	HostForwarded Fault = "host-forwarded" // S3 gets the viewer's Host header
	NoBucket      Fault = "no-bucket"      // the bucket does not exist
	NotSigning    Fault = "not-signing"    // there is an origin access control, and it does not sign this request
	WrongType     Fault = "wrong-type"     // the origin access control is for another kind of origin

	ExplicitDeny   Fault = "explicit-deny"   // a Deny statement applies
	PublicBlocked  Fault = "public-blocked"  // a public grant that Block Public Access makes void
	OtherOwner     Fault = "other-owner"     // the object is another account's
	NoAccess       Fault = "no-access"       // CloudFront asks anonymously, and the bucket is private
	WebsitePrivate Fault = "website-private" // the website endpoint is asked, and the bucket is private
	OAINotGranted  Fault = "oai-not-granted" // nothing lets the origin access identity in
	WrongSource    Fault = "wrong-source"    // the grant is for another distribution or account
	WrongScope     Fault = "wrong-scope"     // the grant is for other objects or actions
	MissingGrant   Fault = "missing-grant"   // nothing lets CloudFront's service principal in
)

// words says each permission fault as a reason why another one is not to blame.
var words = map[Fault]string{
	HostForwarded:  "the viewer's Host header reaches S3",
	NoBucket:       "the bucket does not exist",
	NotSigning:     "the origin access control does not sign this request",
	WrongType:      "the origin access control is for another kind of origin",
	ExplicitDeny:   "a Deny statement refuses the request",
	PublicBlocked:  "Block Public Access makes the public grant void",
	OtherOwner:     "the object belongs to another account",
	NoAccess:       "CloudFront asks without identifying itself",
	WebsitePrivate: "a website endpoint serves the public only, and the bucket is not public",
	OAINotGranted:  "the origin access identity is not let in",
	WrongSource:    "the grant is for another distribution",
	WrongScope:     "the grant is for other objects or actions",
	MissingGrant:   "no statement lets CloudFront's service principal in",
}

// Suspect is a fault with how sure it is.
type Suspect struct {
	Fault   Fault
	Grade   cause.Likelihood
	Because string
	Refs    []evidence.Ref
	Gaps    []evidence.Gap
	// Match is the statement that decides or nearly fits, nil where there is none.
	Match *policy.Match
	// AtPoint reports that Match is a statement of the access point's policy, not of the bucket's.
	AtPoint bool
	// Behind reports that something else refuses the request first.
	Behind bool
}

// Permission finds the one permission fault; ok is false where the bucket lets the request in or nothing points at a fault.
func (v *View) Permission() (s Suspect, ok bool) {
	a := v.Access
	if v.Bucket.Exists.No() || v.Pass.Request.Method == "OPTIONS" {
		return Suspect{}, false
	}
	switch {
	case a.Allowed.No():
		s = v.denied()
	case !a.Allowed.Known():
		s = v.undecided()
	case v.AtPoint():
		s = v.atPoint()
	}
	if s.Fault == "" {
		return Suspect{}, false
	}
	if v.Assumed && s.Grade == cause.GradeConfirmed {
		s.Grade, s.Gaps = cause.GradeLikely, []evidence.Gap{v.Origin.OAC}
		s.Because = "the origin access control was not read; it is taken to sign"
	}
	_, transport := v.Transport()
	s.Behind = transport || v.Listing
	return s, true
}

// denied names the fault of a request that known facts refuse.
func (v *View) denied() Suspect {
	a, d := v.Access, v.Access.Decision
	s := Suspect{Grade: cause.GradeConfirmed, Because: "the policy, the settings and how CloudFront signs are known", Refs: v.policyRefs()}
	switch {
	case d.Reason == policy.ExplicitDeny:
		s.Fault, s.Match, s.Refs = ExplicitDeny, d.Deciding, []evidence.Ref{v.matchRef(d.Deciding, "denies the request")}
	case a.BlockedPublic.Yes() || v.aclBlocked():
		s.Fault, s.Refs = PublicBlocked, v.blockRefs()
	case !d.Allowed.No() && a.OtherOwner.Yes():
		s.Fault = OtherOwner
	default:
		v.implicit(&s)
	}
	return s
}

// implicit is the fault where no statement lets the caller in.
func (v *View) implicit(s *Suspect) {
	switch v.Signing {
	case edge.SigningOAC:
		v.nearMiss(s)
	case edge.SigningOAI:
		s.Fault = OAINotGranted
		if m := v.scopeMiss(false); m != nil {
			s.Fault, s.Match, s.Refs = WrongScope, m, v.missRefs(m)
		}
	case edge.SigningNone:
		switch m := v.scopeMiss(true); {
		case v.Website && m != nil:
			s.Fault, s.Match, s.Refs = WrongScope, m, v.missRefs(m)
		case v.Website:
			s.Fault = WebsitePrivate
		case v.HasOAC():
			s.Fault = "" // the signing is to blame, not the policy
		default:
			s.Fault = NoAccess
		}
	}
}

// nearMiss tells a grant that is meant for this distribution and misses it from one that is not there. A statement for this very
// distribution with another scope says more than one for another distribution.
func (v *View) nearMiss(s *Suspect) {
	scope := v.scopeMiss(false)
	source := v.sourceMiss(policy.ElementCondition)
	s.Fault = MissingGrant
	switch {
	case scope != nil && len(v.conditions(scope)) > 0 && (scope.Action.Yes() || scope.Resource.Yes()):
		s.Fault, s.Match = WrongScope, scope
	case source != nil:
		s.Fault, s.Match = WrongSource, source
	case scope != nil:
		s.Fault, s.Match = WrongScope, scope
	default:
		if m := v.sourceMiss(policy.ElementCondition, policy.ElementResource, policy.ElementAction); m != nil {
			s.Fault, s.Match = WrongSource, m
		}
	}
	if s.Match != nil {
		s.Refs = v.missRefs(s.Match)
	}
}

// scopeMiss is a statement that lets the caller do something else, or elsewhere. A grant to everybody is no grant to CloudFront
// gone wrong, unless everybody is who asks.
func (v *View) scopeMiss(everyone bool) *policy.Match {
	for _, m := range v.Access.Decision.AllowsBut(policy.ElementResource, policy.ElementAction) {
		if everyone || !v.toEveryone(&m) {
			return &m
		}
	}
	return nil
}

// sourceMiss is a statement for CloudFront whose conditions name another distribution or account, and nothing else fails.
func (v *View) sourceMiss(elements ...string) *policy.Match {
	for _, m := range v.Access.Decision.AllowsBut(elements...) {
		if m.ConditionsFailOnlyOn("aws:SourceArn", "aws:SourceAccount") {
			return &m
		}
	}
	return nil
}

func (v *View) statement(m *policy.Match) *policy.Statement {
	if v.Bucket.Document == nil || m == nil || m.Index >= len(v.Bucket.Document.Statements) {
		return nil
	}
	return &v.Bucket.Document.Statements[m.Index]
}

func (v *View) conditions(m *policy.Match) []policy.Condition {
	if s := v.statement(m); s != nil {
		return s.Conditions
	}
	return nil
}

func (v *View) toEveryone(m *policy.Match) bool {
	s := v.statement(m)
	return s != nil && s.Principal != nil && s.Principal.Everyone
}

// undecided names the fault that is the likeliest where a fact is missing. Nobody is suspected unless a person saw the refusal.
func (v *View) undecided() Suspect {
	a := v.Access
	s := Suspect{Refs: v.policyRefs(), Grade: cause.GradePossible}
	if a.Exists.Yes() && v.Signing != edge.SigningUnknown {
		s.Grade = cause.GradeLikely
	}
	switch d := a.Decision; {
	case v.Bucket.Policy.Missing():
		s.Because, s.Gaps = "the bucket's policy could not be read, and what else decides is in order", []evidence.Gap{v.Bucket.Policy}
		v.usual(&s)
	case v.Bucket.ParseError != nil:
		s.Because = "the bucket's policy could not be understood: " + v.Bucket.ParseError.Error()
		v.usual(&s)
	case d.Allowed.Yes():
		s.Fault, s.Refs = PublicBlocked, v.blockRefs()
		s.Because = "the bucket's policy is public, and whether Block Public Access keeps the public out could not be read"
		s.Gaps = []evidence.Gap{v.Bucket.Block, v.Bucket.AccountBlock}
	case d.Allowed.No():
		s.Because = "the bucket's policy does not let CloudFront in; whether an ACL does could not be read"
		s.Gaps = []evidence.Gap{v.Bucket.Ownership, v.Bucket.ACL}
		v.implicit(&s)
		v.usual(&s)
	default:
		v.openStatement(&s)
	}
	if v.AtPoint() {
		s.Gaps = append(s.Gaps, v.Bucket.Point.Policy)
	}
	v.withIdentity(&s)
	return s
}

// openStatement blames the statement whose truth is missing: a Deny that may apply, or an Allow that may not.
func (v *View) openStatement(s *Suspect) {
	d := v.Access.Decision
	if d.Deciding == nil {
		v.usual(s)
		s.Because = "who asks the bucket is not known"
		return
	}
	s.Match, s.Refs = d.Deciding, v.missRefs(d.Deciding)
	s.Because = "whether the statement applies depends on " + failedKeys(d.Deciding) + ", which is not known"
	if d.Deciding.Effect == policy.Deny {
		s.Fault = ExplicitDeny
		return
	}
	v.usual(s)
}

func failedKeys(m *policy.Match) string {
	var keys []string
	for _, f := range m.Failed {
		name := f.Key
		if name == "" {
			name = "its " + f.Element
		}
		keys = append(keys, name)
	}
	return strings.Join(keys, " and ")
}

// usual is the commonest fault for the way that CloudFront asks.
func (v *View) usual(s *Suspect) {
	if s.Fault != "" {
		return
	}
	s.Fault = usualFault(v.Origin)
}

// withIdentity adds what tells how CloudFront identifies itself where it was not read.
func (v *View) withIdentity(s *Suspect) {
	if v.Origin.OAI != "" {
		s.Gaps = append(s.Gaps, v.Pass.Model.OAIFor(v.Origin))
	}
	if v.HasOAC() && v.Origin.OAC.Missing() {
		s.Gaps = append(s.Gaps, v.Origin.OAC)
	}
}

// Transport finds a fault of the way that CloudFront asks, before the bucket weighs any permission.
func (v *View) Transport() (Suspect, bool) {
	s := Suspect{Grade: cause.GradeConfirmed}
	switch {
	case v.hostForwarded():
		s.Fault = HostForwarded
	case v.Bucket.Exists.No():
		s.Fault = NoBucket
	case v.notSigning(&s), v.wrongType(&s):
	default:
		return Suspect{}, false
	}
	return s, true
}
