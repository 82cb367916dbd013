package originaccess

import (
	"slices"
	"strconv"
	"strings"

	ec2 "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	lambda "github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/posture"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
	"cfdoctor/internal/observed"
)

var originBypassable = &cause.Cause{
	ID:        "ORIGIN_BYPASSABLE",
	Title:     "The origin answers everybody, not only CloudFront",
	Stage:     "origin-access",
	Severity:  cause.Medium,
	Proactive: true,
	Doc: cause.Doc{
		Explain: `Whoever knows the origin's own name can ask it directly, past the web ACL, geographic restriction, signed URLs, functions and cache of the distribution. Names of
load balancers, function URLs and APIs are no secrets: they stand in DNS, certificates and error pages.`,
		Why: `A load balancer is open to all addresses so that CloudFront gets in, instead of to CloudFront's own ranges, a function URL has no authentication, or a website endpoint
is public because it cannot be otherwise.`,
		Example: "The load balancer's security group has 0.0.0.0/0 on port 443, and the origin gets no secret header.",
		References: []string{
			posture.Guide + "restrict-access-to-load-balancer.html",
			posture.Guide + "LocationsOfEdgeServers.html",
			posture.Guide + "private-content-restricting-access-to-lambda.html",
			posture.Guide + "private-content-vpc-origins.html",
		},
		Since: "0.1",
	},
	Detect: detectBypass,
	Fixes: func(_ *cause.Pass, v cause.Verdict) []fix.Fix {
		found, ok := v.Data.(bypass)
		if !ok {
			return nil
		}
		return []fix.Fix{{
			Title:       "Let the origin answer CloudFront only",
			Complexity:  fix.Standard,
			Minutes:     60,
			Impact:      "None for viewers of the distribution; whoever uses the origin's own name is shut out",
			Explanation: "Requests that go around the distribution are refused, so that its rules hold for all",
			SideEffects: []string{"Monitoring, partners and applications that use the origin's own name have to use the distribution's: look in the origin's access logs first"},
			Changes:     found.changes,
			Manual:      found.steps,
			ByHand:      found.byHand,
			Confidence:  fix.High,
		}}
	},
}

// bypass is what there is to do about an origin: changes that a machine makes, or a person's steps with commands for them.
type bypass struct {
	changes []fix.Change
	steps   []string
	byHand  []fix.HandCall
}

func detectBypass(p *cause.Pass) cause.Verdict {
	var best, open cause.Verdict
	for _, o := range p.Model.Origins {
		v := judgeBypass(p, o)
		switch {
		case v.Fires() && v.Likelihood() == cause.GradeConfirmed:
			return v
		case v.Fires() && !best.Fires():
			best = v
		case v.IsNotChecked() && !open.IsNotChecked():
			open = v
		}
	}
	switch {
	case best.Fires():
		return best
	case open.IsNotChecked():
		return open
	}
	return cause.RuleOut("no origin is known to answer without CloudFront", p.Model.Ref("Origins.Items", "", ""))
}

func judgeBypass(p *cause.Pass, o *edge.Origin) cause.Verdict {
	address := p.Model.Ref(o.Field+".DomainName", o.Endpoint.Domain, "")
	switch {
	case o.Config.VpcOriginConfig != nil:
		return cause.RuleOut("the origin lies in a VPC that only CloudFront reaches")
	case o.Endpoint.Kind == cloudfront.KindS3Website:
		return bypassWebsite(p, o, address)
	case o.Endpoint.IsS3():
		return cause.RuleOut("who reads a bucket is its policy's matter")
	case o.Endpoint.Kind == cloudfront.KindLambdaURL:
		return bypassFunction(p, o, address)
	}
	if v, ok := seenBypass(p, o, address); ok {
		return v
	}
	switch {
	case posture.HasCustomHeaders(o):
		return cause.RuleOut("CloudFront sends the origin a header of its own, by which it can tell CloudFront from others", address)
	}
	if f := p.Model.BalancerFor(o); f != nil {
		return bypassBalancer(p, o, f, address)
	}
	return cause.Need("whether the origin " + o.ID + " answers without CloudFront needs a request to it")
}

// seenBypass judges by the answer that the origin gave to active validation, which came from outside and without the headers that CloudFront adds.
func seenBypass(p *cause.Pass, o *edge.Origin, address evidence.Ref) (v cause.Verdict, ok bool) {
	x := p.Exchange()
	if p.Trace.Origin != o || x.Seen == nil || x.DNS != nil && x.DNS.A.Or(observed.DNSAnswer{}).Resolver == observed.Given {
		return v, false
	}
	a, known := x.Seen.HTTP.Get()
	ref := x.Seen.HTTP.Ref("Status").With(strconv.Itoa(a.Status), "to this computer")
	switch {
	case !known || a.Status == 0:
		return v, false
	case a.Refuses():
		return cause.RuleOut("the origin refuses whoever does not come through CloudFront", ref), true
	case a.Status >= 400 || posture.HasCustomHeaders(o) && len(a.Withheld) == 0:
		return v, false
	}
	how := ""
	if len(a.Withheld) > 0 {
		how = " It does so without the header " + strings.Join(a.Withheld, ", ") + " too, which CloudFront adds."
	}
	return cause.Confirm(p.OriginName(o), "The origin "+o.Endpoint.Domain+" answers everybody who asks it directly, past the distribution's rules."+how, ref, address).
		WithBecause("active validation asked it from outside and got an answer").
		With(bypass{steps: []string{
			"Let CloudFront send a secret header to the origin (origin custom headers), and let the origin's server refuse requests without it",
			"Let the origin's firewall admit CloudFront's addresses only: the list CLOUDFRONT_ORIGIN_FACING in AWS's ip-ranges.json",
		}}), true
}

func bypassWebsite(p *cause.Pass, o *edge.Origin, address evidence.Ref) cause.Verdict {
	b := p.Model.BucketFor(o)
	switch {
	case posture.HasCustomHeaders(o):
		return cause.RuleOut("CloudFront sends a header of its own, which the bucket's policy can ask for", address)
	case b == nil || !b.PolicyPublic.Known() || !b.RestrictsPublic().Known():
		return cause.Need("whether the bucket is public was not read", gapsOf(b)...)
	case b.PolicyPublic.No() || b.RestrictsPublic().Yes():
		return cause.RuleOut("the bucket is not public", b.Policy.Ref("Policy"))
	}
	address.Note = "a website endpoint, which anybody can ask"
	return cause.Confirm(p.OriginName(o), "Everybody can read the website endpoint "+o.Endpoint.Domain+" directly, past the distribution's rules and its HTTPS.", address, b.Policy.Ref("Policy")).
		WithBecause("the bucket's policy is public, and Block Public Access does not hold it back").AtSeverity(cause.Low).
		With(bypass{steps: []string{
			"Use the bucket's REST endpoint with an origin access control instead, a CloudFront Function for the index documents of folders, and turn on Block Public Access",
			"Or let CloudFront send a secret Referer header to the origin, and let the bucket's policy ask for it (aws:Referer)",
		}})
}

func gapsOf(b *edge.BucketFacts) []evidence.Gap {
	if b == nil {
		return nil
	}
	return []evidence.Gap{b.Policy, b.Block, b.AccountBlock}
}

func bypassFunction(p *cause.Pass, o *edge.Origin, address evidence.Ref) cause.Verdict {
	url := p.Model.LambdaURLFor(o).URL
	out, ok := url.Get()
	switch {
	case !ok:
		return cause.Need("the function URL's settings were not read", url)
	case out.AuthType != lambda.FunctionUrlAuthTypeNone:
		return cause.RuleOut("the function URL wants signed requests", url.Ref("FunctionUrlConfigs[].AuthType").With(string(out.AuthType), ""))
	case posture.HasCustomHeaders(o):
		return cause.RuleOut("CloudFront sends the function a header of its own, by which it can tell CloudFront from others", address)
	}
	return cause.Confirm(p.OriginName(o), "Everybody can call the function URL "+o.Endpoint.Domain+" directly, past the distribution's rules, and run up its costs.",
		url.Ref("FunctionUrlConfigs[].AuthType").With(string(out.AuthType), "anybody may call it").Want("AWS_IAM"), address).
		WithBecause("the function URL has no authentication").
		With(closeFunction(p, o, out))
}

func bypassBalancer(p *cause.Pass, o *edge.Origin, f *edge.BalancerFacts, address evidence.Ref) cause.Verdict {
	b, ok := f.Balancer.Get()
	switch {
	case !ok:
		return cause.Need("the load balancer was not read", f.Balancer)
	case b.Scheme == elb.LoadBalancerSchemeEnumInternal:
		return cause.RuleOut("the load balancer is internal", f.Balancer.Ref("LoadBalancers[].Scheme").With(string(b.Scheme), ""))
	case len(f.Network.GroupIDs) == 0:
		return cause.Need("the load balancer has no security group: what its targets let in was not read")
	case f.Network.SecurityGroups.Missing():
		return cause.Need("the load balancer's security groups were not read", f.Network.SecurityGroups)
	}
	groups, _ := f.Network.SecurityGroups.Get()
	for _, g := range groups.SecurityGroups {
		if !slices.Contains(f.Network.GroupIDs, posture.Text(g.GroupId)) {
			continue
		}
		for _, rule := range g.IpPermissions {
			if cidr, open := toEverybody(rule); open {
				return cause.Confirm(p.OriginName(o), "The load balancer "+posture.Text(b.LoadBalancerName)+" is open to all addresses, and CloudFront sends it no header that others do not know. Anybody can get past the distribution's rules.",
					f.Network.SecurityGroups.Ref("SecurityGroups["+posture.Text(g.GroupId)+"].IpPermissions").With(cidr, "lets everybody in").Want("CloudFront's prefix list"), address,
					p.Model.Ref(o.Field+".CustomHeaders.Quantity", "0", "no secret header")).
					WithBecause("the security group's rules and the origin's settings are known").With(closeBalancer(p, posture.Text(g.GroupId), f.Region, rule))
			}
		}
	}
	return cause.RuleOut("the load balancer's security groups do not let everybody in", f.Network.SecurityGroups.Ref("SecurityGroups[].IpPermissions"))
}

// toEverybody reports whether a rule lets all addresses connect by TCP.
func toEverybody(rule ec2.IpPermission) (cidr string, open bool) {
	if protocol := posture.Text(rule.IpProtocol); protocol != "-1" && !strings.EqualFold(protocol, "tcp") && protocol != "6" {
		return "", false
	}
	for _, r := range rule.IpRanges {
		if posture.Text(r.CidrIp) == "0.0.0.0/0" {
			return "0.0.0.0/0", true
		}
	}
	for _, r := range rule.Ipv6Ranges {
		if posture.Text(r.CidrIpv6) == "::/0" {
			return "::/0", true
		}
	}
	return "", false
}
