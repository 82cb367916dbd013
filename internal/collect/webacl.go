package collect

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/wafv2/types"

	"cfdoctor/internal/account"
)

// maxSampledRules bounds for how many rules of a web ACL samples are read. A web ACL of ordinary capacity has fewer.
const maxSampledRules = 50

// webACL asks for CloudFront's web ACL. What is no ARN is a web ACL of WAF Classic, which has another API.
func (w *walk) webACL(ctx context.Context, arn string) {
	if !strings.HasPrefix(arn, "arn:") {
		return
	}
	w.c.Want(ctx, account.WAFLogging(arn))
	then(ctx, w.c, account.WebACL(arn), func(ctx context.Context, out account.WebACLOutput) {
		w.samples(ctx, arn, out.WebACL)
		w.rules(ctx, out.WebACL, "CLOUDFRONT", account.GlobalRegion)
		for _, rule := range out.WebACL.Rules {
			if s := rule.Statement; s != nil && s.RateBasedStatement != nil && countsAddresses(s.RateBasedStatement) {
				w.c.Want(ctx, account.RateKeys(arn, aws.ToString(rule.Name)))
			}
		}
	})
}

// countsAddresses reports whether WAF tells which keys a rate-based rule limits: for addresses it does, for custom keys the call is an
// error (API reference of GetRateBasedStatementManagedKeys).
func countsAddresses(s *types.RateBasedStatement) bool {
	return s.AggregateKeyType == types.RateBasedStatementAggregateKeyTypeIp || s.AggregateKeyType == types.RateBasedStatementAggregateKeyTypeForwardedIp
}

// regionalACL asks for the web ACL of a load balancer or an API's stage, and for what its rules refer to.
func (w *walk) regionalACL(ctx context.Context, resourceARN, region string) {
	then(ctx, w.c, account.WebACLForResource(resourceARN, region), func(ctx context.Context, out account.ResourceWebACLOutput) {
		if out.WebACL != nil {
			w.rules(ctx, *out.WebACL, "REGIONAL", region)
		}
	})
}

// samples asks for requests that the web ACL's rules saw. Which name stands for the default action is not documented; the web ACL's
// own metric and "Default_Action" are both in use.
func (w *walk) samples(ctx context.Context, arn string, acl types.WebACL) {
	metrics := []string{metricName(acl.VisibilityConfig), "Default_Action"}
	for _, rule := range acl.Rules {
		metrics = append(metrics, metricName(rule.VisibilityConfig))
	}
	for i, metric := range metrics {
		if metric != "" && i < maxSampledRules {
			w.c.Want(ctx, account.SampledRequests(arn, metric, w.c.world.Now))
		}
	}
}

func metricName(v *types.VisibilityConfig) string {
	if v == nil {
		return ""
	}
	return aws.ToString(v.MetricName)
}

// rules asks for what a web ACL's rules refer to, those that Firewall Manager put before and after them included.
func (w *walk) rules(ctx context.Context, acl types.WebACL, scope, region string) {
	r := references{w.c, scope, region}
	for _, rule := range acl.Rules {
		r.statement(ctx, rule.Statement)
	}
	for _, groups := range [][]types.FirewallManagerRuleGroup{acl.PreProcessFirewallManagerRuleGroups, acl.PostProcessFirewallManagerRuleGroups} {
		for _, g := range groups {
			if s := g.FirewallManagerStatement; s != nil {
				r.statement(ctx, &types.Statement{
					ManagedRuleGroupStatement: s.ManagedRuleGroupStatement, RuleGroupReferenceStatement: s.RuleGroupReferenceStatement,
				})
			}
		}
	}
}

// references asks for what statements refer to.
type references struct {
	c             *Collector
	scope, region string // of the web ACL
}

func (r references) statement(ctx context.Context, s *types.Statement) {
	if s == nil {
		return
	}
	if ref := s.IPSetReferenceStatement; ref != nil {
		wantEach(ctx, r.c, account.IPSet, ref.ARN)
	}
	if ref := s.RegexPatternSetReferenceStatement; ref != nil {
		wantEach(ctx, r.c, account.RegexPatternSet, ref.ARN)
	}
	if ref := s.RuleGroupReferenceStatement; ref != nil && aws.ToString(ref.ARN) != "" {
		then(ctx, r.c, account.RuleGroup(*ref.ARN), func(ctx context.Context, out account.RuleGroupOutput) {
			for _, rule := range out.RuleGroup.Rules {
				r.statement(ctx, rule.Statement)
			}
		})
	}
	if m := s.ManagedRuleGroupStatement; m != nil {
		r.c.Want(ctx, account.ManagedRuleGroup(aws.ToString(m.VendorName), aws.ToString(m.Name), aws.ToString(m.Version), r.scope, r.region))
		r.statement(ctx, m.ScopeDownStatement)
	}
	r.nested(ctx, s)
}

// nested goes into the statements that a statement is made of.
func (r references) nested(ctx context.Context, s *types.Statement) {
	if s.RateBasedStatement != nil {
		r.statement(ctx, s.RateBasedStatement.ScopeDownStatement)
	}
	if s.NotStatement != nil {
		r.statement(ctx, s.NotStatement.Statement)
	}
	if s.AndStatement != nil {
		for i := range s.AndStatement.Statements {
			r.statement(ctx, &s.AndStatement.Statements[i])
		}
	}
	if s.OrStatement != nil {
		for i := range s.OrStatement.Statements {
			r.statement(ctx, &s.OrStatement.Statements[i])
		}
	}
}
