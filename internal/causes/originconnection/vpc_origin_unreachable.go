package originconnection

import (
	"strconv"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/originway"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
)

var vpcOriginUnreachable = &cause.Cause{
	ID:       "VPC_ORIGIN_UNREACHABLE",
	Title:    "CloudFront does not get through its VPC origin",
	Stage:    stage,
	Symptoms: []int{502, 504},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `A VPC origin is CloudFront's own way into a VPC: network interfaces in private subnets, from which it connects to a load balancer or instance. It has to be
deployed, the security group of the target has to admit it, and its ports and protocol have to be the target's.`,
		Why: `The VPC origin is still being created or failed, was deleted, or its protocol policy names a port without a listener; or the security group admits
addresses of the internet only, which CloudFront does not come from here.`,
		Example: "A VPC origin with status Failed, or a security group without CloudFront-VPCOrigins-Service-SG and without CloudFront's prefix list.",
		References: []string{
			guide + "private-content-vpc-origins.html",
			guide + "http-504-gateway-timeout.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		return originway.Each(p, func(w *originway.Way) cause.Verdict {
			switch {
			case !w.Private():
				return cause.RuleOut("the origin is reached over the internet, not through a VPC origin", w.Address(""))
			case w.Connection == nil:
				return notReached(w)
			}
			return judgeVPC(w, w.Connection)
		})
	},
	Fixes: fixVPC,
}

func judgeVPC(w *originway.Way, c *edge.Connection) cause.Verdict {
	fact := w.Model.VPCOriginFor(w.Origin)
	found := func(summary string) cause.Verdict {
		refs := append([]evidence.Ref{w.Setting("VpcOriginConfig.VpcOriginId", vpcID(w), "")}, w.Step(stage).Evidence...)
		return w.Confirm(unconnected(), w.Name(), summary, refs...).With(w).WithBecause("the VPC origin and what stands behind it are known")
	}
	port := describe(c)
	switch {
	case c.Problem == edge.ProblemVPCOrigin && fact.IsAbsent():
		return found("The VPC origin " + vpcID(w) + " that the origin " + w.Origin.ID + " goes through does not exist.")
	case c.Problem == edge.ProblemVPCOrigin:
		return found("The VPC origin " + vpcID(w) + " is not deployed, so CloudFront has no way into the VPC.")
	case c.Problem == edge.ProblemNoListener:
		return found("The VPC origin connects to " + port + ", and the load balancer has no listener there: it has " + portList(c.Balancer) + ".")
	case c.Problem == edge.ProblemFirewall:
		return found("The security group of the load balancer does not let CloudFront's VPC origin in on " + port + ".")
	case plainToTLS(c):
		return found("The VPC origin speaks plain HTTP to port " + strconv.Itoa(c.Port) + ", where the load balancer speaks " + string(c.Listener.Protocol) + ".")
	case w.TLS != nil && w.TLS.Problem == edge.TLSNotSpoken:
		return found("The VPC origin speaks HTTPS to port " + strconv.Itoa(c.Port) + ", where the load balancer speaks plain " + string(c.Listener.Protocol) + ".")
	case !fact.IsKnown():
		return suspectVPC(w, "The VPC origin "+vpcID(w)+" may not be deployed.", "the VPC origin could not be read", fact)
	case c.Firewall.Allowed.Yes() && c.Listener != nil:
		return cause.RuleOut("the VPC origin is deployed, and the load balancer listens on "+port+" and lets it in", append(c.Firewall.Evidence, fact.Ref("VpcOrigin.Status"))...)
	}
	return suspectVPC(w, "The security group of what stands behind the VPC origin may not let CloudFront in on "+port+".",
		"whether the target listens and admits CloudFront could not be told", append(w.Gaps(), w.NetworkGaps()...)...)
}

func suspectVPC(w *originway.Way, summary, because string, gaps ...evidence.Gap) cause.Verdict {
	if !w.Unexplained(unconnected()...) && !w.Suspected(504) {
		return cause.Need(because, gaps...)
	}
	return cause.Possible(w.Name(), summary, because, w.Setting("VpcOriginConfig.VpcOriginId", vpcID(w), "")).Needing(gaps...).Explaining(true).With(w)
}

func vpcID(w *originway.Way) string { return deref(w.Origin.Config.VpcOriginConfig.VpcOriginId) }

func fixVPC(p *cause.Pass, v cause.Verdict) []fix.Fix {
	w, ok := v.Data.(*originway.Way)
	if !ok {
		return nil
	}
	c := w.Connection
	if n, known := network(w); known && c.Problem == edge.ProblemFirewall {
		return []fix.Fix{{
			Title: "Let CloudFront through the security group", Complexity: fix.Quick, Minutes: 5,
			Impact:      "None on those who get in now; CloudFront gets in within seconds",
			Explanation: "A rule for CloudFront's managed prefix list admits the VPC origin's connections.",
			SideEffects: []string{"The list counts as 55 rules against the security group's quota; a rule for the security group CloudFront-VPCOrigins-Service-SG, where the VPC has it, does with one"},
			Changes:     []fix.Change{fix.AllowCloudFrontInSecurityGroup(n.GroupIDs[0], n.Region, c.Port, prefixList(n))},
			Confidence:  fix.High,
		}}
	}
	f := fix.Fix{
		Title: "Put the VPC origin in order", Complexity: fix.Standard, Minutes: 45,
		Impact:      "Requests through it fail until it is deployed",
		Explanation: "A VPC origin carries traffic only while it is deployed and its ports and protocol are those of the target.",
		Confidence:  fix.High,
		Manual: []string{
			"On the VPC origins page of the CloudFront console look at " + vpcID(w) + ": where its status is Deploying, wait; where it is Failed or it is gone, create it again with the ARN of the load balancer or instance.",
			"Set its protocol policy and ports to those of the target's listener.",
			"Let the target's security group admit CloudFront-VPCOrigins-Service-SG or the prefix list " + fix.OriginFacingPrefixList + " on that port; the VPC needs an internet gateway attached.",
		},
	}
	return []fix.Fix{f}
}
