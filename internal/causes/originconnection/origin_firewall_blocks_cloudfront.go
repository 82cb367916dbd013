package originconnection

import (
	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/originway"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/fix"
	"cfdoctor/internal/observed"
	"cfdoctor/internal/tri"
)

var originFirewallBlocksCloudFront = &cause.Cause{
	ID:       "ORIGIN_FIREWALL_BLOCKS_CLOUDFRONT",
	Title:    "A firewall in front of the origin drops CloudFront's connections",
	Stage:    stage,
	Symptoms: []int{504, 502},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `CloudFront connects to origins from address ranges of its own, which AWS publishes and keeps in the managed prefix list
com.amazonaws.global.cloudfront.origin-facing. A security group, network ACL or firewall that does not let them in drops the packets without a word; CloudFront waits, tries
again, and answers 504.`,
		Why: `The security group was opened for the office or for a fixed list of addresses that has changed since, the rule is for another port, or the origin
was locked down and CloudFront forgotten.`,
		Example: "A security group that admits 443 from 203.0.113.0/24 alone.",
		References: []string{
			guide + "http-504-gateway-timeout.html",
			guide + "LocationsOfEdgeServers.html",
			"https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict { return judge(p, judgeFirewall) },
	Fixes:  fixFirewall,
}

func judgeFirewall(w *originway.Way, c *edge.Connection) cause.Verdict {
	step := w.Step(stage)
	port := describe(c)
	switch {
	case c.Problem == edge.ProblemFirewall:
		return w.Confirm(unconnected(), groupName(w), "The security group in front of the origin does not let CloudFront in on "+port+", so its connections are dropped.",
			append(step.Evidence, portSetting(w))...).
			WithBecause("the security group's rules are known, and none covers CloudFront's addresses on the port").With(w)
	case c.Problem == edge.ProblemNetworkACL:
		return w.Confirm(unconnected(), w.Name(), "A network ACL on the origin's subnets drops CloudFront's connections to "+port+".", step.Evidence...).
			WithBecause("the network ACL's rules are known, and they do not let CloudFront's connections through").With(w)
	case w.Managed():
		return cause.RuleOut("AWS runs the endpoint, which takes connections from everywhere", w.Address(""))
	}
	n, known := network(w)
	if !known {
		return firewallElsewhere(w)
	}
	admitted := c.Firewall
	if c.Problem != "" && len(n.GroupIDs) > 0 {
		admitted = w.Model.AdmitsCloudFront(n, c.Port, false) // the way ends before the security group counts
	}
	acl := w.Model.ACLAdmits(n, c.Port)
	open := tri.And(admitted.Allowed, acl.Allowed)
	if len(n.GroupIDs) == 0 {
		open = acl.Allowed
	}
	refs := append(admitted.Evidence, acl.Evidence...)
	if len(refs) == 0 {
		refs = append(refs, n.NetworkACLs.Ref("NetworkAcls[].Entries"))
	}
	switch {
	case open.Yes():
		return cause.RuleOut("the security group and the network ACLs let CloudFront in on "+port, refs...)
	case !w.Suspected(504):
		return cause.Need("whether the firewall lets CloudFront in is not known", w.NetworkGaps()...)
	case len(n.GroupIDs) > 0 && !n.SecurityGroups.IsKnown():
		return cause.Likely(groupName(w), "The security group in front of the origin probably drops CloudFront's connections to "+port+".",
			"the security group could not be read; it is the usual cause of a 504 where the origin itself is reachable", refs...).
			Needing(w.NetworkGaps()...).Explaining(true).With(w)
	case admitted.Allowed.No():
		return cause.Likely(groupName(w), "The security group in front of the origin does not let CloudFront in on "+port+".", "something else stops the request first", refs...).
			Explaining(false).With(w)
	}
	return cause.Possible(w.Name(), "The firewall in front of the origin may leave out some of the addresses that CloudFront connects from.",
		"the rules let some addresses in, and whether they are all of CloudFront's could not be told", refs...).
		Needing(w.NetworkGaps()...).Explaining(true).With(w)
}

// firewallElsewhere judges a server that the account does not know: a firewall is the usual cause of a 504 there.
func firewallElsewhere(w *originway.Way) cause.Verdict {
	switch c := w.Connection; {
	case c.Seen == observed.Timeout && w.Suspected(504):
		return cause.Likely(w.Name(), "Nothing answers on "+describe(c)+" of "+w.Origin.Endpoint.Domain+": a firewall in front of it drops connections, CloudFront's probably among them.",
			"active validation got no answer there either; a firewall that admits CloudFront alone would do the same", c.SeenAt, portSetting(w)).Explaining(true).With(w)
	case c.Seen == observed.Timeout:
		return cause.Need("needs active validation from CloudFront's own addresses: nothing answers this computer on "+describe(c), w.Gaps()...)
	case c.Connected:
		return cause.RuleOut("active validation connected to "+describe(c)+", so that the firewall lets the internet in", c.SeenAt)
	}
	look := "see whether the firewall of " + w.Origin.Endpoint.Domain + " admits CloudFront's address ranges"
	if w.Unexplained(504) {
		return cause.Possible(w.Name(), "A firewall in front of "+w.Origin.Endpoint.Domain+" may drop CloudFront's connections.",
			"needs active validation, and a look at the firewall: nothing of it is in the account", w.Address(""), portSetting(w)).
			Needing(w.Gaps()...).Explaining(true).With(w)
	}
	return w.Unprobed(unconnected(), look, unseen(w)...)
}

// network is what stands in front of the origin's addresses, where the account tells.
func network(w *originway.Way) (n edge.NetworkFacts, known bool) {
	if b := w.Balancer(); b != nil {
		return b.Network, true
	}
	return n, false
}

func groupName(w *originway.Way) string {
	if n, ok := network(w); ok && len(n.GroupIDs) > 0 {
		return "security group " + n.GroupIDs[0]
	}
	return w.Name()
}

func fixFirewall(p *cause.Pass, v cause.Verdict) []fix.Fix {
	w, ok := v.Data.(*originway.Way)
	if !ok {
		return nil
	}
	c := w.Connection
	n, known := network(w)
	if known && len(n.GroupIDs) > 0 && (c.Problem == edge.ProblemFirewall || c.Firewall.Allowed.No()) {
		return []fix.Fix{{
			Title: "Let CloudFront's addresses through the security group", Complexity: fix.Quick, Minutes: 5,
			Impact:      "None on those who get in now; CloudFront gets in within seconds",
			Explanation: "A rule for CloudFront's managed prefix list admits exactly the addresses from which CloudFront connects, and AWS keeps them up to date.",
			SideEffects: []string{
				"Every CloudFront distribution, not only yours, can connect to the port: check a secret header at the origin where that matters",
				"The list counts as 55 rules against the security group's quota, which is 60 unless it was raised",
			},
			Changes:    []fix.Change{fix.AllowCloudFrontInSecurityGroup(n.GroupIDs[0], n.Region, c.Port, prefixList(n))},
			Confidence: fix.High,
		}}
	}
	return []fix.Fix{{
		Title: "Let CloudFront's addresses through the firewall", Complexity: fix.Standard, Minutes: 30,
		Impact:      "None on those who get in now",
		Explanation: "CloudFront connects from published ranges; a firewall that does not know them drops its connections.",
		Manual: []string{
			"Open the firewall, network ACL or security group in front of " + w.Origin.Endpoint.Domain + " for TCP " + describe(c) + ".",
			"Admit CloudFront's origin-facing addresses: in a VPC the managed prefix list " + fix.OriginFacingPrefixList +
				", elsewhere the ranges of CLOUDFRONT_ORIGIN_FACING in https://ip-ranges.amazonaws.com/ip-ranges.json, kept up to date. A network ACL takes no prefix list: allow the port from anywhere there, and the ports 1024-65535 back.",
		},
		Confidence: fix.Medium,
	}}
}

func prefixList(n edge.NetworkFacts) string {
	lists, _ := n.PrefixLists.Get()
	for _, list := range lists.PrefixLists {
		if deref(list.PrefixListName) == fix.OriginFacingPrefixList {
			return deref(list.PrefixListId)
		}
	}
	return ""
}
