package signedaccess

import (
	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/cloudfront/signed"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
)

const stage = "signed-access"

// words is how a cause tells what a failed check means.
type words struct {
	summary string
	refs    []evidence.Ref // beyond the behavior's list of signers
}

// judge gives the verdict of a cause that stands for failed checks of a signed request. Only the first check that fails explains what the
// viewer sees; others that fail too are true, and come next. A check that could not be made is no verdict on the request.
func judge(p *cause.Pass, checks []signed.Check, say func(*edge.SignedAccess, signed.CheckResult) words) cause.Verdict {
	s := p.Exchange().Signed
	step, _ := p.Trace.Step(stage)
	if s == nil {
		return notAsked(p, step)
	}
	for _, check := range checks {
		if r := s.Verdict.Result(check); r.Passed.No() {
			w := say(s, r)
			v := confirm(p, s, w.summary, append(step.Evidence, w.refs...))
			if check != s.Verdict.Failed {
				v = v.Explaining(false)
			}
			return v.WithDetail(detail(s, r))
		}
	}
	present := s.Verdict.Result(signed.Present)
	for _, check := range checks {
		r := s.Verdict.Result(check)
		switch {
		case r.Passed.Yes():
		case present.Passed.No():
			return cause.RuleOut("the request carries no complete signature that could be checked", step.Evidence...)
		case suspected(p, s, check):
			return cause.Possible(p.BehaviorName(p.Trace.Behavior), say(s, r).summary, "this could not be checked: "+r.Detail, step.Evidence...).Needing(s.Missing...)
		default:
			return cause.Need(r.Detail, s.Missing...)
		}
	}
	return cause.RuleOut("this part of the signature is right", step.Evidence...)
}

// suspected reports whether a check that could not be made is the first suspect: the viewer sees what it answers, no check is known to fail,
// and every check before it passes.
func suspected(p *cause.Pass, s *edge.SignedAccess, check signed.Check) bool {
	if p.Symptom.Code != 403 || s.Verdict.Failed != "" {
		return false
	}
	for _, r := range s.Verdict.Checks {
		if !r.Passed.Yes() {
			return r.Check == check
		}
	}
	return false
}

// notAsked is the verdict where no signature was checked.
func notAsked(p *cause.Pass, step edge.Step) cause.Verdict {
	if p.Trace.Reached(stage) {
		return cause.RuleOut("the behavior asks for no signature", step.Evidence...)
	}
	return cause.RuleOut("the request does not get as far as the check of signatures")
}

// confirm grades a failed check. A preflight request may be let through without a signature, which is not documented.
func confirm(p *cause.Pass, s *edge.SignedAccess, summary string, refs []evidence.Ref) cause.Verdict {
	resource := p.BehaviorName(p.Trace.Behavior)
	if p.Request.Method == "OPTIONS" && s.Credentials.From == "" {
		return cause.Likely(resource, summary, "CloudFront may let OPTIONS requests pass without a signature, which is not documented", refs...)
	}
	return cause.Confirm(resource, summary, refs...).WithBecause("the behavior's signers and the request's signature are both known")
}

// detail tells the technical side of a check, with the likely mistake where the signature shows one.
func detail(s *edge.SignedAccess, r signed.CheckResult) string {
	out := r.Detail
	if r.Got != "" {
		out += "; sent: " + r.Got
	}
	if r.Want != "" {
		out += "; wanted: " + r.Want
	}
	if s.Verdict.Hint != "" {
		out += "; " + s.Verdict.Hint
	}
	if s.Verdict.Code != "" {
		out += "; CloudFront's error code is " + s.Verdict.Code
	}
	return out
}

// keyRef points at the public key that the request names.
func keyRef(p *cause.Pass, s *edge.SignedAccess, note string) evidence.Ref {
	return account.PublicKey(s.Credentials.KeyPairID).In(p.World).Ref("PublicKey.PublicKeyConfig.EncodedKey").With(s.Credentials.KeyPairID, note)
}

// signAgain is the remedy that only the application which signs can carry out.
func signAgain(title, explanation string, steps ...string) fix.Fix {
	return fix.Fix{
		Title: title, Complexity: fix.Standard, Minutes: 60,
		Impact:      "None on other viewers: what is signed rightly goes on working",
		Explanation: explanation,
		Manual:      steps,
		Confidence:  fix.High,
	}
}

// keysByHand are the commands that show which keys there are and which of them the groups trust.
func keysByHand(groups []string) []fix.HandCall {
	out := []fix.HandCall{{Purpose: "See which public keys this account has, with their ids", Service: "cloudfront", Operation: "ListPublicKeys"}}
	for _, id := range groups {
		out = append(out, fix.HandCall{Purpose: "See which keys the key group " + id + " trusts", Service: "cloudfront", Operation: "GetKeyGroup",
			Params: []fix.HandParam{{Name: "Id", Value: id}}})
	}
	return out
}

// manual is why no command mends a signature.
const manual = "The application that signs the URL or sets the cookies has the private key, and only it can sign again."

const guide = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/"
