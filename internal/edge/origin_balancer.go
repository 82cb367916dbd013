package edge

import (
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/tri"
)

// LoadBalancerRoute is what a load balancer does with one request.
type LoadBalancerRoute struct {
	*BalancerFacts
	Listener elb.Listener
	Rules    evidence.Fact[account.RulesOutput]
	// Rule is the rule that applies, nil where that cannot be told. Default says that it is the listener's default rule.
	Rule    *elb.Rule
	Default bool
	// Missed are the rules before it that did not match, with the condition that failed: what a request would have to look like.
	Missed []RuleMiss
	// Action is the last action of the rule: what answers.
	Action *elb.Action
	// TargetGroups are the groups that the action forwards to.
	TargetGroups []string
	// Misfit is the first of them that does not take what CloudFront speaks, nil where none is known.
	Misfit *MisfitTarget
	// Block is what the balancer's own web ACL says.
	Block *RegionalWAF
}

// RuleMiss is a rule that did not apply, and why.
type RuleMiss struct {
	Rule      elb.Rule
	Condition string // the field of the first condition that failed: host-header, path-pattern, http-header, …
	Header    string // of an http-header condition
	Values    []string
	Got       string
}

// accessBalancer lets the balancer's web ACL and rules decide (ELB/listener-rules, ELB/rule-condition-types).
func (x *Exchange) accessBalancer() Step {
	r := &LoadBalancerRoute{BalancerFacts: x.Connection.Balancer, Listener: *x.Connection.Listener}
	x.LoadBalancer = r
	b, _ := r.Balancer.Get()
	if b.Type == elb.LoadBalancerTypeEnumNetwork {
		return x.Skip("A Network Load Balancer has no rules")
	}
	block, step, done := x.regionalWAF(str(b.LoadBalancerArn), r.Region)
	r.Block = block
	if done {
		return step
	}
	r.Rules = account.ListenerRules(str(r.Listener.ListenerArn)).In(x.Model.World)
	rules, ok := r.Rules.Get()
	if !ok {
		return x.Unsure(Alternative{If: "a rule of the load balancer answers the request itself", Weak: true}, "The load balancer's rules were not read").WithEvidence(r.Rules.Ref(""))
	}
	sorted := slices.Clone(rules.Rules)
	slices.SortStableFunc(sorted, func(a, b elb.Rule) int { return rulePriority(a) - rulePriority(b) })
	for i := range sorted {
		matched, miss := x.ruleMatches(&sorted[i])
		switch matched {
		case tri.True:
			r.Rule, r.Default = &sorted[i], deref(sorted[i].IsDefault)
			return x.ruleAction(r)
		case tri.Unknown:
			return x.Unsure(Alternative{Status: fixedStatus(sorted[i]), If: "the load balancer's rule " + str(sorted[i].Priority) + " matches"},
				"Whether a rule of the load balancer matches could not be told").WithEvidence(r.Rules.Ref("Rules[" + str(sorted[i].Priority) + "].Conditions"))
		}
		r.Missed = append(r.Missed, miss)
	}
	return x.Pass("No rule of the load balancer applies but its default action").WithEvidence(r.Rules.Ref("Rules"))
}

// rulePriority orders rules; the default rule comes last.
func rulePriority(r elb.Rule) int {
	if n, err := strconv.Atoi(str(r.Priority)); err == nil {
		return n
	}
	return 1 << 30
}

func fixedStatus(r elb.Rule) int {
	for _, a := range r.Actions {
		if a.FixedResponseConfig != nil {
			n, _ := strconv.Atoi(str(a.FixedResponseConfig.StatusCode))
			return n
		}
	}
	return 0
}

// ruleMatches: all conditions must hold.
func (x *Exchange) ruleMatches(r *elb.Rule) (tri.Bool, RuleMiss) {
	all := tri.True
	for _, c := range r.Conditions {
		holds, miss := x.conditionHolds(c)
		if holds.No() {
			miss.Rule = *r
			return tri.False, miss
		}
		all = tri.And(all, holds)
	}
	return all, RuleMiss{}
}

// conditionHolds judges one condition by the request that CloudFront really sends.
func (x *Exchange) conditionHolds(c elb.RuleCondition) (tri.Bool, RuleMiss) {
	f := &x.Forwarded
	miss := RuleMiss{Condition: str(c.Field), Values: c.Values}
	match := func(got string, values, regexes []string, fold bool) (tri.Bool, RuleMiss) {
		miss.Got = got
		if len(values) > 0 {
			miss.Values = values
		}
		return tri.Or(globAny(miss.Values, got, fold), regexAny(append(slices.Clone(regexes), c.RegexValues...), got)), miss
	}
	switch str(c.Field) {
	case "host-header":
		config := deref(c.HostHeaderConfig)
		return match(f.Host, config.Values, config.RegexValues, true)
	case "path-pattern":
		config := deref(c.PathPatternConfig)
		return match(f.Path, config.Values, config.RegexValues, false)
	case "http-header":
		config := deref(c.HttpHeaderConfig)
		miss.Header = str(config.HttpHeaderName)
		value, _ := f.Header(miss.Header)
		holds, miss := match(value, config.Values, config.RegexValues, true)
		return tri.And(f.Sends(miss.Header), holds), miss
	case "http-request-method":
		return match(f.Method, deref(c.HttpRequestMethodConfig).Values, nil, false)
	case "query-string":
		miss.Got = f.Query
		return queryHolds(deref(c.QueryStringConfig).Values, f.Query), miss
	case "source-ip":
		miss.Values = append(miss.Values, deref(c.SourceIpConfig).Values...)
		return sourceHolds(miss.Values), miss
	}
	return tri.Unknown, miss
}

// globAny matches with * for any characters and ? for one (ELB/rule-condition-types).
func globAny(patterns []string, got string, fold bool) tri.Bool {
	if fold {
		got = strings.ToLower(got)
	}
	for _, p := range patterns {
		if fold {
			p = strings.ToLower(p)
		}
		if globMatch(p, got) {
			return tri.True
		}
	}
	return tri.False
}

// globMatch is a wildcard match in time linear in the text for each asterisk.
func globMatch(pattern, s string) bool {
	star, mark := -1, 0
	p, i := 0, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, i
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == s[i]):
			p++
			i++
		case star >= 0:
			p, mark = star+1, mark+1
			i = mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// regexAny: ELB's regular expressions are RE2's. What does not compile is unknown.
func regexAny(patterns []string, got string) tri.Bool {
	out := tri.False
	for _, p := range patterns {
		re, err := regexp.Compile(p)
		if err != nil {
			out = tri.Or(out, tri.Unknown)
			continue
		}
		out = tri.Or(out, tri.Of(re.MatchString(got)))
	}
	return out
}

func queryHolds(pairs []elb.QueryStringKeyValuePair, query string) tri.Bool {
	for _, want := range pairs {
		for part := range strings.SplitSeq(query, "&") {
			name, value, _ := strings.Cut(part, "=")
			keyFits := want.Key == nil || globMatch(strings.ToLower(str(want.Key)), strings.ToLower(name))
			if part != "" && keyFits && globMatch(strings.ToLower(str(want.Value)), strings.ToLower(value)) {
				return tri.True
			}
		}
	}
	return tri.False
}

// sourceHolds: the balancer sees CloudFront's address, not the viewer's. Private addresses are never CloudFront's.
func sourceHolds(cidrs []string) tri.Bool {
	for _, c := range cidrs {
		p, err := netip.ParsePrefix(c)
		if err != nil {
			return tri.Unknown
		}
		if p.Bits() == 0 {
			return tri.True
		}
		if isPublicBlock(p.Masked()) || p.Addr().Is6() {
			return tri.Unknown
		}
	}
	return tri.False
}

// ruleAction judges what the rule does. Authentication answers browsers with a redirect to sign in.
func (x *Exchange) ruleAction(r *LoadBalancerRoute) Step {
	ref := r.Rules.Ref("Rules[" + str(r.Rule.Priority) + "].Actions")
	for i := range r.Rule.Actions {
		a := &r.Rule.Actions[i]
		r.Action = a
		switch a.Type {
		case elb.ActionTypeEnumFixedResponse:
			return x.fixedResponse(r, a).WithEvidence(ref)
		case elb.ActionTypeEnumRedirect:
			return x.balancerRedirect(a).WithEvidence(ref)
		case elb.ActionTypeEnumForward:
			r.TargetGroups = forwardGroups(a)
		default:
			return x.Unsure(Alternative{Status: 302, If: "the load balancer asks the viewer to sign in"},
				"The load balancer authenticates the viewer first (%s)", string(a.Type)).WithEvidence(ref)
		}
	}
	return x.Pass("The load balancer forwards the request to its targets").WithEvidence(ref)
}

func forwardGroups(a *elb.Action) []string {
	var out []string
	if a.ForwardConfig != nil {
		for _, g := range a.ForwardConfig.TargetGroups {
			if g.Weight == nil || *g.Weight > 0 {
				out = append(out, str(g.TargetGroupArn))
			}
		}
	}
	if len(out) == 0 && a.TargetGroupArn != nil {
		out = append(out, *a.TargetGroupArn)
	}
	return out
}

func (x *Exchange) fixedResponse(r *LoadBalancerRoute, a *elb.Action) Step {
	config := deref(a.FixedResponseConfig)
	status, err := strconv.Atoi(str(config.StatusCode))
	if err != nil {
		return x.Unsure(Alternative{If: "the load balancer answers itself"}, "A rule of the load balancer answers with a status that could not be read")
	}
	kind := "A rule"
	if r.Default {
		kind = "The default rule"
	}
	return x.Stop(status, ByALB, "%s of the load balancer answers this request itself, with %s", kind, x.digits(status))
}

// balancerRedirect fills in the redirect's placeholders (ELB/rule-action-types).
func (x *Exchange) balancerRedirect(a *elb.Action) Step {
	config := deref(a.RedirectConfig)
	status := 302
	if config.StatusCode == elb.RedirectActionStatusCodeEnumHttp301 {
		status = 301
	}
	location := redirectLocation(config, &x.Forwarded)
	step := x.Stop(status, ByALB, "The load balancer redirects to %s", quoted(location))
	x.Response.SetHeader("Location", location)
	return step
}

func redirectLocation(c elb.RedirectActionConfig, f *OriginRequest) string {
	fill := func(value *string, own string) string {
		if value == nil || *value == "" {
			return own
		}
		host := f.Host
		return strings.NewReplacer("#{protocol}", f.Scheme, "#{host}", host, "#{port}", strconv.Itoa(f.Port),
			"#{path}", strings.TrimPrefix(f.Path, "/"), "#{query}", f.Query).Replace(*value)
	}
	scheme := strings.ToLower(fill(c.Protocol, f.Scheme))
	out := scheme + "://" + fill(c.Host, f.Host)
	port := fill(c.Port, strconv.Itoa(f.Port))
	if scheme == "https" && port != "443" || scheme == "http" && port != "80" {
		out += ":" + port
	}
	out += fill(c.Path, f.Path)
	if query := fill(c.Query, f.Query); query != "" {
		out += "?" + query
	}
	return out
}

// targets: without targets in use a group answers 503; with unhealthy targets only, requests go to all of them (ELB/target-group-health-checks).
func (x *Exchange) targets(r *LoadBalancerRoute) Step {
	if len(r.TargetGroups) == 0 {
		return x.Skip("No target group is known for the request")
	}
	if step, done := x.targetProtocol(r); done {
		return step
	}
	empty, sick := 0, 0
	var refs []evidence.Ref
	for _, arn := range r.TargetGroups {
		fact := account.TargetHealth(arn).In(x.Model.World)
		out, ok := fact.Get()
		if !ok {
			refs = append(refs, fact.Ref(""))
			continue
		}
		used, healthy := countTargets(out.TargetHealthDescriptions)
		switch {
		case used == 0:
			empty++
			refs = append(refs, fact.Ref("TargetHealthDescriptions").With(strconv.Itoa(len(out.TargetHealthDescriptions)), "no registered target is in use"))
		case healthy == 0:
			sick++
			refs = append(refs, fact.Ref("TargetHealthDescriptions[].TargetHealth.State").With(string(out.TargetHealthDescriptions[0].TargetHealth.State), "no target is healthy"))
		default:
			refs = append(refs, fact.Ref("TargetHealthDescriptions").With(strconv.Itoa(healthy)+" healthy", ""))
		}
	}
	return x.judgeTargets(r, empty, sick, refs)
}

func (x *Exchange) judgeTargets(r *LoadBalancerRoute, empty, sick int, refs []evidence.Ref) Step {
	switch {
	case empty == len(r.TargetGroups):
		return x.Stop(503, ByALB, "The load balancer has no targets in use, so it answers 503").WithEvidence(refs...)
	case empty > 0:
		return x.Unsure(Alternative{Status: 503, If: "the request goes to the target group without targets"}, "One of the target groups has no targets in use").WithEvidence(refs...)
	case sick > 0:
		return x.Unsure(Alternative{Status: 502, If: "the targets, none of which passes its health check, fail"},
			"No target passes its health check; the load balancer sends requests to them all the same").WithEvidence(refs...)
	case len(refs) > 0 && refs[0].Note != "":
		return x.Unsure(Alternative{Status: 503, If: "the load balancer has no targets in use", Weak: true}, "The targets' health was not read").WithEvidence(refs...)
	}
	return x.Pass("The load balancer has healthy targets").WithEvidence(refs...)
}

// countTargets counts the targets that take part, and the healthy ones. Targets in state unused or draining take no new requests; those
// still being registered count as there.
func countTargets(list []elb.TargetHealthDescription) (used, healthy int) {
	for _, d := range list {
		if d.TargetHealth == nil {
			continue
		}
		switch d.TargetHealth.State {
		case elb.TargetHealthStateEnumUnused, elb.TargetHealthStateEnumDraining:
			continue
		case elb.TargetHealthStateEnumHealthy:
			healthy++
		}
		used++
	}
	return used, healthy
}
