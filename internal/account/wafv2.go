package account

import (
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/wafv2/types"

	"cfdoctor/internal/evidence"
)

// wafName is what WAF's reads need of an ARN: arn:PARTITION:wafv2:REGION:ACCOUNT:global|regional/KIND/NAME/ID.
type wafName struct{ region, scope, name, id string }

// parseWAFARN takes a WAF ARN apart. CloudFront's resources are global, and their API answers in us-east-1.
func parseWAFARN(arn string) wafName {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return wafName{region: GlobalRegion, scope: "CLOUDFRONT", id: arn}
	}
	n := wafName{region: parts[3], scope: "REGIONAL"}
	path := strings.Split(parts[5], "/")
	if path[0] == "global" {
		n.region, n.scope = GlobalRegion, "CLOUDFRONT"
	}
	if len(path) >= 4 {
		n.name, n.id = path[2], path[3]
	}
	return n
}

// WebACLOutput is GetWebACL's answer.
type WebACLOutput struct {
	WebACL    types.WebACL
	LockToken string
}

// WebACL reads a web ACL by its ARN.
func WebACL(arn string) evidence.Read[WebACLOutput] {
	return askWAF[WebACLOutput]("wafv2:GetWebACL", arn)
}

// RuleGroupOutput is GetRuleGroup's answer.
type RuleGroupOutput struct{ RuleGroup types.RuleGroup }

// RuleGroup reads a customer's rule group by its ARN.
func RuleGroup(arn string) evidence.Read[RuleGroupOutput] {
	return askWAF[RuleGroupOutput]("wafv2:GetRuleGroup", arn)
}

// IPSetOutput is GetIPSet's answer.
type IPSetOutput struct {
	IPSet     types.IPSet
	LockToken string
}

// IPSet reads an address list by its ARN.
func IPSet(arn string) evidence.Read[IPSetOutput] { return askWAF[IPSetOutput]("wafv2:GetIPSet", arn) }

// RegexPatternSetOutput is GetRegexPatternSet's answer.
type RegexPatternSetOutput struct{ RegexPatternSet types.RegexPatternSet }

// RegexPatternSet reads a pattern set by its ARN.
func RegexPatternSet(arn string) evidence.Read[RegexPatternSetOutput] {
	return askWAF[RegexPatternSetOutput]("wafv2:GetRegexPatternSet", arn)
}

func askWAF[T any](operation, arn string) evidence.Read[T] {
	n := parseWAFARN(arn)
	return ask[T](operation, n.region, arn, "Name", n.name, "Scope", n.scope, "Id", n.id)
}

// ManagedRuleGroupOutput is DescribeManagedRuleGroup's answer.
type ManagedRuleGroupOutput struct {
	VersionName     string
	Capacity        int64
	Rules           []types.RuleSummary
	LabelNamespace  string
	AvailableLabels []types.LabelSummary
}

// ManagedRuleGroup reads the rules of a managed rule group; version "" is the default version. Scope is CLOUDFRONT or REGIONAL.
func ManagedRuleGroup(vendor, name, version, scope, region string) evidence.Read[ManagedRuleGroupOutput] {
	pairs := []any{"VendorName", vendor, "Name", name, "Scope", scope}
	if version != "" {
		pairs = append(pairs, "VersionName", version)
	}
	return ask[ManagedRuleGroupOutput]("wafv2:DescribeManagedRuleGroup", region, "managed rule group "+vendor+" "+name, pairs...)
}

// SampledRequestsOutput is GetSampledRequests' answer.
type SampledRequestsOutput struct {
	SampledRequests []types.SampledHTTPRequest
	PopulationSize  int64
	TimeWindow      *types.TimeWindow
}

// SampledRequests reads requests that a rule saw in the three hours before now, which is as far as WAF keeps them
// (API reference of GetSampledRequests).
func SampledRequests(aclARN, metric string, now time.Time) evidence.Read[SampledRequestsOutput] {
	n := parseWAFARN(aclARN)
	window := map[string]any{
		"StartTime": now.Add(-3 * time.Hour).UTC().Format(time.RFC3339),
		"EndTime":   now.UTC().Format(time.RFC3339),
	}
	return ask[SampledRequestsOutput]("wafv2:GetSampledRequests", n.region, "samples of "+metric,
		"WebAclArn", aclARN, "RuleMetricName", metric, "Scope", n.scope, "TimeWindow", window, "MaxItems", 500)
}

// RateKeysOutput is GetRateBasedStatementManagedKeys' answer.
type RateKeysOutput struct {
	ManagedKeysIPV4 types.RateBasedStatementManagedKeysIPSet
	ManagedKeysIPV6 types.RateBasedStatementManagedKeysIPSet
}

// RateKeys reads the addresses that a rate-based rule blocks at this moment.
func RateKeys(aclARN, rule string) evidence.Read[RateKeysOutput] {
	n := parseWAFARN(aclARN)
	return ask[RateKeysOutput]("wafv2:GetRateBasedStatementManagedKeys", n.region, "rule "+rule,
		"Scope", n.scope, "WebACLName", n.name, "WebACLId", n.id, "RuleName", rule)
}

// WAFLoggingOutput is GetLoggingConfiguration's answer.
type WAFLoggingOutput struct {
	LoggingConfiguration types.LoggingConfiguration
}

// WAFLogging reads where a web ACL logs; absent means nowhere.
func WAFLogging(aclARN string) evidence.Read[WAFLoggingOutput] {
	return ask[WAFLoggingOutput]("wafv2:GetLoggingConfiguration", parseWAFARN(aclARN).region, aclARN, "ResourceArn", aclARN)
}

// ResourceWebACLOutput is GetWebACLForResource's answer; without a web ACL the member is missing.
type ResourceWebACLOutput struct{ WebACL *types.WebACL }

// WebACLForResource reads the regional web ACL of a load balancer or API stage.
func WebACLForResource(resourceARN, region string) evidence.Read[ResourceWebACLOutput] {
	return ask[ResourceWebACLOutput]("wafv2:GetWebACLForResource", region, resourceARN, "ResourceArn", resourceARN)
}
