package originobject

import (
	"slices"
	"strconv"

	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/originway"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
)

var originUnhealthy = &cause.Cause{
	ID:       "ORIGIN_UNHEALTHY",
	Title:    "Nothing behind the origin's address is there to answer",
	Stage:    "origin-object",
	Symptoms: []int{502, 503, 504},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `A load balancer answers 503 itself where the target group has no registered target in use. Where targets are registered and none passes its health check,
it sends requests to all of them all the same, and what fails there comes back as 502 or 504. An instance that is stopped answers nothing.`,
		Why: `A deployment or scaling to zero took the targets away, the application does not start, or the health check asks for a path or a status that the
application does not give.`,
		Example: "A target group without registered targets after a service was scaled to zero.",
		Manual:  "Why targets are missing or fail is in the application: a person has to look at it.",
		References: []string{
			guide + "http-503-service-unavailable.html",
			"https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html",
			"https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict { return originway.Each(p, judgeHealth) },
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		name, ok := v.Data.(string)
		if !ok {
			return nil
		}
		var reads []fix.HandCall
		for _, group := range unhealthyGroups(p) {
			reads = append(reads, fix.HandCall{Purpose: "See the targets, and why each is unhealthy", Service: "elbv2", Operation: "DescribeTargetHealth", Region: account.RegionOf(group),
				Params: []fix.HandParam{{Name: "TargetGroupArn", Value: group}}},
				fix.HandCall{Purpose: "See the health check: its port, path and the status that it expects", Service: "elbv2", Operation: "DescribeTargetGroups", Region: account.RegionOf(group),
					Params: []fix.HandParam{{Name: "TargetGroupArns", Value: []string{group}}}},
				fix.HandCall{Purpose: "Register a target where nothing does", Service: "elbv2", Operation: "RegisterTargets", Region: account.RegionOf(group), Mutates: true,
					Params: []fix.HandParam{{Name: "TargetGroupArn", Value: group}, {Name: "Targets", Value: []any{map[string]any{"Id": "TARGET_ID"}}}},
					Inputs: []string{"TARGET_ID, the id of an instance, an IP address, or the ARN of a function or load balancer, as the group's TargetType says"}}.
					WithBack("Take the target out again", "DeregisterTargets", []fix.HandParam{{Name: "TargetGroupArn", Value: group}, {Name: "Targets", Value: []any{map[string]any{"Id": "TARGET_ID"}}}},
						"TARGET_ID, the target that was registered"))
		}
		return []fix.Fix{{
			Title: "Bring healthy targets behind the origin", Complexity: fix.Standard, Minutes: 30,
			Impact:      "None on what works now",
			Explanation: "As soon as one target of " + name + " passes its health check, it gets the requests.",
			Manual: []string{
				"Start the application again (scale the service or group up, start the instances), and register its targets with " + name + " where nothing registers them.",
				"Look at the reason that the load balancer gives for each unhealthy target: Target.Timeout and Target.FailedHealthChecks point at its security group, port or health check path, Target.ResponseCodeMismatch at the status that the check expects.",
			},
			ByHand:     reads,
			Invalidate: []string{"/*"}, Confidence: fix.High,
		}}
	},
}

const guide = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/"

func judgeHealth(w *originway.Way) cause.Verdict {
	statuses := []int{502, 503, 504}
	switch {
	case w.Bucket() || w.Managed():
		return cause.RuleOut("AWS runs what answers at this endpoint", w.Address(""))
	case w.Connection != nil && w.Connection.Problem == edge.ProblemNotRunning:
		return w.Confirm(statuses, w.Name(), "What stands behind the origin's address does not run.", w.Step("origin-connection").Evidence...).
			WithBecause("its state is known").With("the origin")
	}
	b := w.Balancer()
	if b == nil {
		if w.Origin.Endpoint.Kind == cloudfront.KindEC2 && w.Connection != nil && w.Connection.Firewall.Allowed.Known() {
			return cause.RuleOut("the instance runs", w.Connection.Firewall.Evidence...)
		}
		if a, ok := w.SeenHTTP().Get(); ok && a.Status != 0 && a.Status < 500 {
			return cause.RuleOut("the origin answers", w.SeenHTTP().Ref("Status").With(strconv.Itoa(a.Status), ""))
		}
		return w.Unprobed(statuses, "see whether "+w.Origin.Endpoint.Domain+" answers", append(w.Gaps(), w.SeenHTTP())...)
	}
	if l := w.LoadBalancer; l != nil && l.Action != nil && len(l.TargetGroups) == 0 {
		return cause.RuleOut("the load balancer answers this request itself, without a target", l.Rules.Ref("Rules"))
	}
	return judgeTargets(w, groups(w, b), b)
}

// unhealthyGroups are the target groups that the request can go to, three at the most.
func unhealthyGroups(p *cause.Pass) []string {
	var out []string
	for _, w := range originway.Of(p) {
		if b := w.Balancer(); b != nil {
			out = append(out, groups(w, b)...)
		}
	}
	slices.Sort(out)
	out = slices.Compact(out)
	return out[:min(3, len(out))]
}

// groups are the target groups that the request can go to: those of the rule that takes it, or all of the load balancer's.
func groups(w *originway.Way, b *edge.BalancerFacts) []string {
	if w.LoadBalancer != nil && len(w.LoadBalancer.TargetGroups) > 0 {
		return w.LoadBalancer.TargetGroups
	}
	var out []string
	list, _ := b.Targets.Get()
	for _, g := range list.TargetGroups {
		if g.TargetGroupArn != nil {
			out = append(out, *g.TargetGroupArn)
		}
	}
	return out
}

// health is what is known of the targets of several groups.
type health struct {
	empty, sick, well int
	refs              []evidence.Ref
	gaps              []evidence.Gap
	name              string // of a group without a healthy target
}

func judgeTargets(w *originway.Way, groups []string, b *edge.BalancerFacts) cause.Verdict {
	h := readHealth(w, groups)
	if len(groups) == 0 {
		h.gaps = append(h.gaps, b.Targets)
	}
	certain := w.LoadBalancer != nil && w.LoadBalancer.Rule != nil // the rule that takes the request is known
	statuses := []int{502, 503, 504}
	switch {
	case (len(groups) == 0 || len(h.gaps) > 0 && h.empty+h.sick == 0) && w.Suspected(statuses...):
		return cause.Possible(w.Name(), "The targets behind the load balancer may be unhealthy or missing.", "their health was not read").Needing(h.gaps...).Explaining(true)
	case len(groups) == 0 || len(h.gaps) > 0 && h.empty+h.sick == 0:
		return cause.Need("the health of the load balancer's targets is not known", h.gaps...)
	case h.empty == len(groups) && certain:
		return w.Confirm([]int{503}, h.name, "The target group "+h.name+" has no target in use, so the load balancer answers 503 itself.", h.refs...).
			WithBecause("the rule that takes the request and its target group's targets are both known").With(h.name)
	case h.empty+h.sick > 0 && w.Suspected(statuses...):
		return cause.Likely(h.name, "No target of the target group "+h.name+" passes its health check.",
			"the load balancer sends requests to unhealthy targets where it has no others, and some may answer", h.refs...).Needing(h.gaps...).Explaining(true).With(h.name)
	case h.empty+h.sick > 0 && w.Pass.Symptom.Given:
		return cause.Possible(h.name, "No target of the target group "+h.name+" passes its health check.", "the reported status is another one, or something else gives it",
			h.refs...).Explaining(false).With(h.name)
	case h.empty+h.sick > 0:
		return cause.Likely(h.name, "No target of the target group "+h.name+" passes its health check.",
			"the load balancer sends requests to unhealthy targets where it has no others, and some may answer", h.refs...).Explaining(false).With(h.name)
	}
	return cause.RuleOut("the load balancer has healthy targets for the request", h.refs...)
}

func readHealth(w *originway.Way, groups []string) health {
	var h health
	for _, arn := range groups {
		fact := account.TargetHealth(arn).In(w.Pass.World)
		out, ok := fact.Get()
		if !ok {
			h.gaps = append(h.gaps, fact)
			continue
		}
		used, healthy := count(out.TargetHealthDescriptions)
		ref := fact.Ref("TargetHealthDescriptions").With(strconv.Itoa(healthy)+" healthy of "+strconv.Itoa(len(out.TargetHealthDescriptions)), reasons(out.TargetHealthDescriptions))
		h.refs = append(h.refs, ref)
		switch {
		case used == 0:
			h.empty++
			h.name = arn
		case healthy == 0:
			h.sick++
			h.name = arn
		default:
			h.well++
		}
	}
	return h
}

// count counts the targets that take requests and the healthy ones; those not in use or draining take none.
func count(list []elb.TargetHealthDescription) (used, healthy int) {
	for _, d := range list {
		if d.TargetHealth == nil || d.TargetHealth.State == elb.TargetHealthStateEnumUnused || d.TargetHealth.State == elb.TargetHealthStateEnumDraining {
			continue
		}
		used++
		if d.TargetHealth.State == elb.TargetHealthStateEnumHealthy {
			healthy++
		}
	}
	return used, healthy
}

// reasons says why the first target that fails does.
func reasons(list []elb.TargetHealthDescription) string {
	if len(list) == 0 {
		return "no target is registered"
	}
	for _, d := range list {
		if d.TargetHealth != nil && d.TargetHealth.Reason != "" {
			return string(d.TargetHealth.Reason)
		}
	}
	return ""
}
