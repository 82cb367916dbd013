// Package originway is what the causes between CloudFront and an origin's answer share: which origins a request asks, what is known of each,
// and whether a status that a person saw is worth a suspicion.
package originway

import (
	"slices"
	"strconv"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/passage"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/observed"
)

// Way is one origin that a request asks, with what the stages found out on the way there.
type Way struct {
	*edge.Exchange
	Pass   *cause.Pass
	Origin *edge.Origin
	// Actual is false where an earlier stage answers, and the way is what would come then.
	Actual bool
	// Final is false for the primary origin of a group whose second origin answers.
	Final bool

	steps        []edge.Step
	alternatives []edge.Alternative
}

// Of lists the origins that the request asks: one, or both of a group that fails over, the one that answers first.
func Of(p *cause.Pass) []*Way {
	t := p.Model.Beyond(p.Trace)
	if t == nil || t.Origin == nil {
		return nil
	}
	w := &Way{Exchange: t.Exchange, Pass: p, Origin: t.Origin, Actual: t == p.Trace, Final: true, steps: t.Steps, alternatives: t.Alternatives}
	f := t.Exchange.Failover
	if f == nil || f.Attempt == nil {
		return []*Way{w}
	}
	w.Origin, w.Final = f.Primary, false
	second := &Way{Exchange: f.Attempt, Pass: p, Origin: f.Attempt.Origin, Actual: w.Actual, Final: true, steps: f.Steps, alternatives: t.Alternatives}
	return []*Way{second, w}
}

// Each judges every origin that the request asks, and takes what fires, else what cannot be told, else why it is ruled out.
func Each(p *cause.Pass, judge func(*Way) cause.Verdict) cause.Verdict {
	ways := Of(p)
	if len(ways) == 0 {
		return cause.RuleOut("the distribution sends the request to no origin")
	}
	var open, out cause.Verdict
	for _, w := range ways {
		switch v := judge(w); {
		case v.Fires():
			return v
		case v.IsNotChecked() && !open.IsNotChecked():
			open = v
		case v.IsRuledOut() && !out.IsRuledOut():
			out = v
		}
	}
	if open.IsNotChecked() {
		return open
	}
	return out
}

// Name is how findings name the origin.
func (w *Way) Name() string { return w.Pass.OriginName(w.Origin) }

// Step is what a stage did; the zero Step where the way does not get there.
func (w *Way) Step(stage string) edge.Step {
	for _, s := range w.steps {
		if s.Stage == stage {
			return s
		}
	}
	return edge.Step{}
}

// Blocked names the first of the origin stages that ends the way before the named one, "" where none does.
func (w *Way) Blocked(stage string) string {
	for _, s := range w.steps {
		if s.Stage == stage {
			return ""
		}
		if s.Verdict == edge.Stop || s.Verdict == edge.Unknown && s.Status != 0 {
			return s.Stage
		}
	}
	return ""
}

// Confirm is a fault at this origin that known facts show. It explains the symptom where the request really ends here with one of the statuses;
// where a second origin answers instead, it is no emergency.
func (w *Way) Confirm(statuses []int, resource, summary string, refs ...evidence.Ref) cause.Verdict {
	v := cause.Confirm(resource, summary, refs...)
	switch {
	case !w.Actual:
		return v
	case !w.Final:
		return v.Explaining(false).AtSeverity(cause.Medium)
	case w.Pass.Symptom.Given:
		return v.Explaining(w.Pass.Asked && Shows(w.Pass, statuses...) && (w.Pass.Fails() || w.Pass.Reproduced()) && !behindPage(w.Pass))
	}
	return v.Explaining(w.Pass.Fails())
}

// behindPage reports whether what viewers see is an error page's status, not the error's own: then the page accounts for it.
func behindPage(p *cause.Pass) bool {
	o := p.Trace.Outcome
	return o.Original != 0 && o.Original != o.Status && o.Status == p.Symptom.Code
}

// Shows reports whether the reported status is one of those, or what an error page makes of one.
func Shows(p *cause.Pass, statuses ...int) bool {
	code := p.Symptom.Code
	if !p.Symptom.Given {
		return false
	}
	if slices.Contains(statuses, code) {
		return true
	}
	if p.Model.Config.CustomErrorResponses == nil {
		return false
	}
	return slices.ContainsFunc(statuses, func(status int) bool {
		rule, ok := cloudfront.FindErrorRule(p.Model.Config.CustomErrorResponses.Items, status)
		return ok && rule.Replaces() && rule.ResponseCode == code
	})
}

// Unexplained reports whether one of the statuses was reported for a request that really asks this origin, while neither the simulation nor an
// unread fact says who gives it.
func (w *Way) Unexplained(statuses ...int) bool {
	p := w.Pass
	if !w.Actual || !w.Final || !Shows(p, statuses...) || !passage.Suspected(p, p.Symptom.Code) || p.Reproduced() {
		return false
	}
	return !slices.ContainsFunc(p.Trace.Alternatives, func(a edge.Alternative) bool { return !a.Weak && a.Status != 0 && Shows(p, a.Status) })
}

// Suspected reports whether one of the statuses was reported for a request that really asks this origin, and the simulation does not find for
// certain who gives it.
func (w *Way) Suspected(statuses ...int) bool {
	p := w.Pass
	return w.Actual && w.Final && Shows(p, statuses...) && p.Asked && (p.Trace.Outcome.Status != p.Symptom.Code || p.Trace.Outcome.Certainty == edge.Uncertain)
}

// Unprobed is the verdict where only a look at the origin itself could tell: it is excluded where viewers see another status than the ones that
// this cause gives.
func (w *Way) Unprobed(statuses []int, look string, gaps ...evidence.Gap) cause.Verdict {
	if w.Pass.Symptom.Given && w.Pass.Asked && !Shows(w.Pass, statuses...) {
		return cause.RuleOut("viewers see " + strconv.Itoa(w.Pass.Symptom.Code) + ", which this does not give")
	}
	return cause.Need("needs active validation: "+look, gaps...)
}

// SeenTLS is the handshake that active validation made with the origin; SeenHTTP the answer that it got to this very request. Where nobody looked
// they are missing facts, which say so.
func (w *Way) SeenTLS() (fact evidence.Fact[observed.Handshake]) {
	if w.Seen != nil {
		fact = w.Seen.TLS
	}
	return fact
}

// SeenHTTP is the answer beside [Way.SeenTLS].
func (w *Way) SeenHTTP() (fact evidence.Fact[observed.Answer]) {
	if w.Seen != nil {
		fact = w.Seen.HTTP
	}
	return fact
}

// Managed reports whether AWS runs what answers at the origin's address, its ports and certificates included.
func (w *Way) Managed() bool {
	e := w.Origin.Endpoint
	if w.Origin.Config.VpcOriginConfig != nil {
		return false
	}
	if d := w.Model.DNSFor(w.Origin); d != nil && e.Kind == cloudfront.KindCustom {
		return false // a name of one's own in front: its certificate is one's own too
	}
	return e.IsS3() || e.ServesHTTPS().Yes()
}

// Bucket reports whether the origin is an S3 endpoint of any form.
func (w *Way) Bucket() bool { return w.Origin.Endpoint.IsS3() }

// Private reports whether the origin is reached through a VPC origin.
func (w *Way) Private() bool { return w.Origin.Config.VpcOriginConfig != nil }

// Balancer is what is known of the load balancer behind the origin; nil where none is known.
func (w *Way) Balancer() *edge.BalancerFacts {
	if b := w.Model.BalancerFor(w.Origin); b != nil && b.Balancer.IsKnown() {
		return b
	}
	return nil
}

// Gaps are the unread facts that would tell what stands behind the origin's address.
func (w *Way) Gaps() []evidence.Gap {
	if w.Private() {
		gaps := []evidence.Gap{w.Model.VPCOriginFor(w.Origin)}
		if b := w.Model.BalancerFor(w.Origin); b != nil {
			gaps = append(gaps, balancerGaps(b)...)
		}
		return gaps
	}
	gaps := slices.Clone(w.Model.DNSFor(w.Origin).Gaps)
	if b := w.Model.BalancerFor(w.Origin); b != nil {
		gaps = append(gaps, balancerGaps(b)...)
	}
	if e := w.Origin.Endpoint; e.Kind == cloudfront.KindEC2 {
		gaps = append(gaps, account.InstancesByDNSName(e.Region, e.Domain).In(w.Pass.World))
	}
	return gaps
}

func balancerGaps(b *edge.BalancerFacts) []evidence.Gap {
	if !b.Balancer.IsKnown() {
		return []evidence.Gap{b.Balancer}
	}
	return []evidence.Gap{b.Listeners}
}

// NetworkGaps are the unread facts about what lets CloudFront's packets through.
func (w *Way) NetworkGaps() []evidence.Gap {
	b := w.Balancer()
	if b == nil {
		return w.Gaps()
	}
	n := b.Network
	return []evidence.Gap{n.SecurityGroups, n.PrefixLists, n.RouteTables, n.NetworkACLs}
}

// Setting points at a member of the origin's configuration.
func (w *Way) Setting(member, value, note string) evidence.Ref {
	return w.Model.Ref(w.Origin.Field+"."+member, value, note)
}

// Custom points at a member of the origin's settings as a custom origin.
func (w *Way) Custom(member, value, note string) evidence.Ref {
	return w.Setting("CustomOriginConfig."+member, value, note)
}

// Address points at the origin's domain name.
func (w *Way) Address(note string) evidence.Ref {
	return w.Setting("DomainName", w.Origin.Endpoint.Domain, note)
}
