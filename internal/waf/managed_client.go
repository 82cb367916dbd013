package waf

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/wafv2/types"

	"cfdoctor/internal/tri"
)

// Groups that judge the client rather than the request: by lists of addresses, behavior over time or data that WAF
// alone has. A request says little about them, so their rules are weakly unknown unless it does.

func hidden(because string) node { return unknownNode{because: because} }

// reputationRules is the Amazon IP reputation list (WAF/aws-managed-rule-groups-ip-rep).
func reputationRules() managedTable {
	list := hidden("AWS does not publish which addresses are on its reputation lists")
	return managedTable{namespace: awsNamespace + "amazon-ip-list:", rules: []managedRule{
		{"AWSManagedIPReputationList", "AWSManagedIPReputationList", Block, list},
		{"AWSManagedReconnaissanceList", "AWSManagedReconnaissanceList", Block, list},
		{"AWSManagedIPDDoSList", "AWSManagedIPDDoSList", Count, list},
	}}
}

// anonymousRules is the anonymous IP list (WAF/aws-managed-rule-groups-ip-rep).
func anonymousRules() managedTable {
	list := hidden("AWS does not publish which addresses it takes for proxies, VPNs, Tor nodes or hosting providers")
	return managedTable{namespace: awsNamespace + "anonymous-ip-list:", rules: []managedRule{
		{"AnonymousIPList", "AnonymousIPList", Block, list},
		{"HostingProviderIPList", "HostingProviderIPList", Block, list},
	}}
}

// floodRules is the anti-DDoS group, which acts during events that it detects itself.
func floodRules() managedTable {
	event := hidden("the rule acts only during a denial-of-service event that AWS detects")
	return managedTable{namespace: awsNamespace + "anti-ddos:", rules: []managedRule{
		{"ChallengeAllDuringEvent", "", Challenge, event},
		{"ChallengeDDoSRequests", "", Challenge, event},
		{"DDoSRequests", "", Block, event},
	}}
}

// fraudRules stands for account takeover prevention and account creation fraud prevention, which inspect requests to
// the configured pages (WAF/aws-managed-rule-groups-atp, WAF/aws-managed-rule-groups-acfp).
func fraudRules(s *types.ManagedRuleGroupStatement) managedTable {
	var paths []string
	pattern := false
	for i := range s.ManagedRuleGroupConfigs {
		k := &s.ManagedRuleGroupConfigs[i]
		if a := k.AWSManagedRulesATPRuleSet; a != nil {
			paths, pattern = append(paths, deref(a.LoginPath)), pattern || a.EnableRegexInPath
		}
		if a := k.AWSManagedRulesACFPRuleSet; a != nil {
			paths, pattern = append(paths, deref(a.CreationPath), deref(a.RegistrationPagePath)), pattern || a.EnableRegexInPath
		}
		if p := deref(k.LoginPath); p != "" {
			paths = append(paths, p)
		}
	}
	because := hidden("what the group finds in sign-in and sign-up requests is not public")
	t := managedTable{namespace: awsNamespace + lowercase(strings.TrimSuffix(strings.TrimPrefix(deref(s.Name), "AWSManagedRules"), "RuleSet")) + ":"}
	t.onEntry = (*evaluation).labelToken
	when := because
	if len(paths) > 0 && !pattern {
		when = pathGate{paths, because}
	}
	t.rules = []managedRule{{"", "", ActionUnknown, when}}
	return t
}

// pathGate limits a statement to certain paths.
type pathGate struct {
	paths []string
	node
}

func (n pathGate) eval(e *evaluation) match {
	for _, p := range n.paths {
		if p != "" && strings.HasPrefix(e.req.Path, p) {
			return n.node.eval(e)
		}
	}
	return no
}

func (n pathGate) explain(e *evaluation, is tri.Bool) string {
	if is == tri.False {
		return "the path is not one of the pages that the group protects"
	}
	return n.node.explain(e, is)
}

// labelToken adds the label that token-aware groups give every request (WAF/aws-managed-rule-groups-bot).
func (e *evaluation) labelToken() {
	const prefix = "awswaf:managed:token:"
	switch e.token() {
	case tri.True:
		e.addLabel(prefix+"accepted", true)
	case tri.False:
		if e.req.Token == tri.False {
			e.addPrefix(prefix) // absent or rejected
			return
		}
		e.addLabel(prefix+"absent", true)
	default:
		e.addPrefix(prefix)
	}
}
