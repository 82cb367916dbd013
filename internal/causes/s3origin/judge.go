package s3origin

import (
	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
)

// Words is how a cause tells its fault.
type Words struct{ Resource, Summary, Detail string }

// Judge gives the verdict of a cause that stands for one fault. say is only asked where the fault is there or suspected; the view and the
// suspect are kept in the verdict's data for the fixes.
func Judge(p *cause.Pass, f Fault, say func(*View, Suspect) Words) cause.Verdict {
	v, why := Of(p)
	if v == nil {
		return withoutBucket(p, f, why)
	}
	verdict := v.judge(f, say)
	if first := Primary(p); !verdict.Fires() && first != nil {
		if other := first.judge(f, say); other.Fires() {
			return other.Explaining(false)
		}
	}
	return verdict
}

func (v *View) judge(f Fault, say func(*View, Suspect) Words) cause.Verdict {
	transport, broken := v.Transport()
	s, ok := transport, broken && transport.Fault == f
	if !ok {
		s, ok = v.Permission()
		ok = ok && s.Fault == f
	}
	switch {
	case ok && (s.Grade == cause.GradeConfirmed || v.Suspected(403, 404)):
		return v.fire(s, say(v, s))
	case ok:
		return cause.Need(s.Because, s.Gaps...)
	case f == NotSigning && v.Assumed && !broken && v.Access.Allowed.Yes() && v.Access.Exists.Yes() && v.Suspected(403):
		s = Suspect{Fault: f, Grade: cause.GradePossible, Because: "the bucket lets in what the origin access control would sign, and the control was not read",
			Refs: []evidence.Ref{v.OACRef("")}, Gaps: []evidence.Gap{v.Origin.OAC}}
		return v.fire(s, say(v, s))
	}
	return v.dismiss(f, transport, broken)
}

func (v *View) fire(s Suspect, w Words) cause.Verdict {
	var verdict cause.Verdict
	switch s.Grade {
	case cause.GradeConfirmed:
		verdict = cause.Confirm(w.Resource, w.Summary, s.Refs...).WithBecause(s.Because)
	case cause.GradeLikely:
		verdict = cause.Likely(w.Resource, w.Summary, s.Because, s.Refs...).Needing(s.Gaps...)
	default:
		verdict = cause.Possible(w.Resource, w.Summary, s.Because, s.Refs...).Needing(s.Gaps...)
	}
	if s.Behind {
		verdict = verdict.Explaining(false)
	}
	return verdict.WithDetail(w.Detail).With(Found{v, s})
}

// Found is a verdict's data: what its fixes are made from.
type Found struct {
	View    *View
	Suspect Suspect
}

// dismiss says why a fault is not to blame, or what would have to be known.
func (v *View) dismiss(f Fault, transport Suspect, broken bool) cause.Verdict {
	if broken && transport.Fault == NoBucket {
		return cause.RuleOut(words[NoBucket], v.Bucket.Bucket.Ref(""))
	}
	if reason := v.impossible(f); reason != "" {
		return cause.RuleOut(reason, v.OACRef(""))
	}
	if gaps := v.open(f); len(gaps) > 0 {
		return cause.Need("what decides was not read", gaps...)
	}
	if s, ok := v.Permission(); ok && s.Fault != f {
		if s.Grade == cause.GradeConfirmed || v.Assumed && s.Fault != PublicBlocked && v.Access.Allowed.No() {
			return cause.RuleOut("the bucket refuses the request, but for another reason: "+words[s.Fault], s.Refs...)
		}
		return cause.Need(s.Because, s.Gaps...)
	}
	if broken {
		return cause.RuleOut("another thing is wrong: "+words[transport.Fault], transport.Refs...)
	}
	return cause.RuleOut("the bucket lets CloudFront's request in", v.Bucket.Policy.Ref("Policy"))
}

// impossible says why a fault cannot be by the origin's configuration alone, "" where it can.
func (v *View) impossible(f Fault) string {
	switch f {
	case MissingGrant, WrongSource:
		if !v.HasOAC() {
			return "the origin has no origin access control"
		}
		if v.Signing == edge.SigningNone {
			return "CloudFront does not sign its requests to this origin"
		}
	case NotSigning, WrongType:
		if !v.HasOAC() {
			return "the origin has no origin access control"
		}
	case OAINotGranted:
		if v.Signing != edge.SigningOAI {
			return "the origin has no origin access identity"
		}
	case NoAccess:
		switch {
		case v.HasOAC() || v.Origin.OAI != "":
			return "CloudFront identifies itself to the origin"
		case v.Website:
			return "a website endpoint takes no signed requests"
		}
	case WebsitePrivate:
		if !v.Website {
			return "the origin is not a website endpoint"
		}
	case PublicBlocked:
		if v.Signing == edge.SigningOAC && !v.Assumed {
			return "CloudFront signs its requests as an AWS service, which Block Public Access does not keep out"
		}
	}
	return ""
}

// open lists the facts without which a fault cannot be excluded.
func (v *View) open(f Fault) []evidence.Gap {
	var gaps []evidence.Gap
	add := func(list ...evidence.Gap) {
		for _, g := range list {
			if g.Missing() {
				gaps = append(gaps, g)
			}
		}
	}
	switch f {
	case NotSigning, WrongType:
		add(v.Origin.OAC)
		if f == NotSigning && !v.Access.Allowed.Known() && v.Signing == edge.SigningNone {
			add(v.Bucket.Policy)
		}
	case NoBucket:
		if !v.Bucket.Exists.Known() {
			add(v.Bucket.Bucket, v.Bucket.Policy)
		}
	case HostForwarded:
	case PublicBlocked:
		add(v.Bucket.Policy, v.Origin.OAC)
		if !v.Access.Allowed.Known() {
			add(v.Bucket.Block, v.Bucket.AccountBlock)
		}
		if v.Signing == edge.SigningNone && !v.Bucket.ACLsDisabled().Yes() {
			add(account.ObjectACL(v.Bucket.Name, v.Access.Key).In(v.Pass.World))
		}
	case OtherOwner:
		if !v.Access.OtherOwner.Known() {
			add(v.Bucket.Ownership, v.Bucket.ACL, account.ObjectACL(v.Bucket.Name, v.Access.Key).In(v.Pass.World), v.ObjectListing())
		}
	default:
		if !v.Access.Allowed.Known() {
			add(v.Bucket.Policy, v.Origin.OAC)
		}
	}
	return gaps
}
