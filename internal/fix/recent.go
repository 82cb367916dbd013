package fix

import (
	"regexp"
	"slices"
	"strings"
)

// established are the members of a distribution's configuration, of web ACLs and of address lists that every aws program in use knows: those of
// the APIs in June 2020, each after the member that holds it. Lists' Items are left out, and kin goes by one name.
const established = `
Action.Allow Action.Block Action.Count Addresses AllowedMethods.CachedMethods AndStatement.Statements ByteMatchStatement.FieldToMatch
ByteMatchStatement.PositionalConstraint ByteMatchStatement.SearchString ByteMatchStatement.TextTransformations Cookies.Forward
Cookies.WhitelistedNames CustomErrorResponses.ErrorCachingMinTTL CustomErrorResponses.ErrorCode CustomErrorResponses.ResponseCode
CustomErrorResponses.ResponsePagePath CustomHeaders.HeaderName CustomHeaders.HeaderValue CustomOriginConfig.HTTPPort CustomOriginConfig.HTTPSPort
CustomOriginConfig.OriginKeepaliveTimeout CustomOriginConfig.OriginProtocolPolicy CustomOriginConfig.OriginReadTimeout
CustomOriginConfig.OriginSslProtocols DefaultAction DefaultAction.Allow DefaultAction.Block DefaultCacheBehavior.AllowedMethods
DefaultCacheBehavior.Compress DefaultCacheBehavior.DefaultTTL DefaultCacheBehavior.FieldLevelEncryptionId DefaultCacheBehavior.ForwardedValues
DefaultCacheBehavior.LambdaFunctionAssociations DefaultCacheBehavior.MaxTTL DefaultCacheBehavior.MinTTL DefaultCacheBehavior.PathPattern
DefaultCacheBehavior.SmoothStreaming DefaultCacheBehavior.TargetOriginId DefaultCacheBehavior.TrustedSigners DefaultCacheBehavior.ViewerProtocolPolicy
Description DistributionConfig.Aliases DistributionConfig.CacheBehaviors DistributionConfig.CallerReference DistributionConfig.Comment
DistributionConfig.CustomErrorResponses DistributionConfig.DefaultCacheBehavior DistributionConfig.DefaultRootObject DistributionConfig.Enabled
DistributionConfig.HttpVersion DistributionConfig.IsIPV6Enabled DistributionConfig.Logging DistributionConfig.OriginGroups DistributionConfig.Origins
DistributionConfig.PriceClass DistributionConfig.Restrictions DistributionConfig.ViewerCertificate DistributionConfig.WebACLId ExcludedRules.Name
FailoverCriteria.StatusCodes FieldToMatch.AllQueryArguments FieldToMatch.Body FieldToMatch.Method FieldToMatch.QueryString FieldToMatch.SingleHeader
FieldToMatch.SingleQueryArgument FieldToMatch.UriPath ForwardedValues.Cookies ForwardedValues.Headers ForwardedValues.QueryString
ForwardedValues.QueryStringCacheKeys GeoMatchStatement.CountryCodes GeoRestriction.RestrictionType IPSetReferenceStatement.ARN
LambdaFunctionAssociations.EventType LambdaFunctionAssociations.IncludeBody LambdaFunctionAssociations.LambdaFunctionARN Logging.Bucket
Logging.Enabled Logging.IncludeCookies Logging.Prefix ManagedRuleGroupStatement.ExcludedRules ManagedRuleGroupStatement.Name
ManagedRuleGroupStatement.VendorName Members.OriginId NotStatement.Statement OrStatement.Statements OriginGroups.FailoverCriteria OriginGroups.Id
OriginGroups.Members Origins.ConnectionAttempts Origins.ConnectionTimeout Origins.CustomHeaders Origins.CustomOriginConfig Origins.DomainName
Origins.Id Origins.OriginPath Origins.S3OriginConfig OverrideAction.Count OverrideAction.None RateBasedStatement.AggregateKeyType
RateBasedStatement.Limit RateBasedStatement.ScopeDownStatement RegexPatternSetReferenceStatement.ARN RegexPatternSetReferenceStatement.FieldToMatch
RegexPatternSetReferenceStatement.TextTransformations Restrictions.GeoRestriction RuleGroupReferenceStatement.ARN
RuleGroupReferenceStatement.ExcludedRules Rules Rules.Action Rules.Name Rules.OverrideAction Rules.Priority Rules.Statement Rules.VisibilityConfig
S3OriginConfig.OriginAccessIdentity SingleHeader.Name SingleQueryArgument.Name SizeConstraintStatement.ComparisonOperator
SizeConstraintStatement.FieldToMatch SizeConstraintStatement.Size SizeConstraintStatement.TextTransformations SqliMatchStatement.FieldToMatch
SqliMatchStatement.TextTransformations Statement.AndStatement Statement.ByteMatchStatement Statement.GeoMatchStatement
Statement.IPSetReferenceStatement Statement.ManagedRuleGroupStatement Statement.NotStatement Statement.OrStatement Statement.RateBasedStatement
Statement.RegexPatternSetReferenceStatement Statement.RuleGroupReferenceStatement Statement.SizeConstraintStatement Statement.SqliMatchStatement
Statement.XssMatchStatement TextTransformations.Priority TextTransformations.Type TrustedSigners.Enabled ViewerCertificate.ACMCertificateArn
ViewerCertificate.Certificate ViewerCertificate.CertificateSource ViewerCertificate.CloudFrontDefaultCertificate ViewerCertificate.IAMCertificateId
ViewerCertificate.MinimumProtocolVersion ViewerCertificate.SSLSupportMethod VisibilityConfig VisibilityConfig.CloudWatchMetricsEnabled
VisibilityConfig.MetricName VisibilityConfig.SampledRequestsEnabled XssMatchStatement.FieldToMatch XssMatchStatement.TextTransformations
`

// kin are members that hold the same kind of thing.
var kin = map[string]string{"CacheBehaviors": "DefaultCacheBehavior", "Statements": "Statement", "ScopeDownStatement": "Statement"}

// defaults are values that a service gives to members that are not sent, beside false, nothing and none (CloudFront API reference, S3OriginConfig
// and CustomOriginConfig; WAF API reference, RateBasedStatement). Without them an update is the same.
var defaults = map[string]any{"CustomOriginConfig.IpAddressType": "ipv4", "S3OriginConfig.OriginReadTimeout": 30.0, "RateBasedStatement.EvaluationWindowSec": 300.0}

// byAnyName are members whose own members are named by values: maps in the API.
var byAnyName = []string{"ChallengeJavascriptSdkInjection", "CustomResponseBodies", "RequestBody"}

var memberName = regexp.MustCompile(`^[A-Za-z0-9]+$`)

// recent lists the members that an aws program may be too old for: of a document, which such a program leaves out when it reads and would take
// away when it writes the whole back; and of what edits put in, which it would refuse. The root is the member that holds the document, "" for none.
func recent(root string, document any, edits ...ConfigEdit) []string {
	known := map[string]bool{}
	for name := range strings.FieldsSeq(established) {
		known[name] = true
	}
	var found []string
	var walk func(holder string, tree any, sent bool)
	walk = func(holder string, tree any, sent bool) {
		if list, ok := tree.([]any); ok {
			for _, item := range list {
				walk(holder, item, sent)
			}
		}
		for name, member := range objectOf(tree) {
			if name == "Items" {
				walk(holder, member, sent)
				continue
			}
			path := strings.TrimPrefix(holder+"."+name, ".")
			if !memberName.MatchString(name) || name == "Quantity" || !sent && byDefault(path, member) {
				continue
			}
			common := path
			if as, ok := kin[holder]; ok {
				common = as + "." + name
			}
			if !known[common] {
				if kin[holder] == "Statement" { // what a skeleton shows of a statement within a statement is empty
					path = common
				}
				found = append(found, path)
			}
			if !slices.Contains(byAnyName, name) {
				walk(name, member, sent)
			}
		}
	}
	walk(root, document, false)
	for _, e := range edits {
		tree := valueTree(e.New)
		for _, step := range slices.Backward(e.Path.steps) {
			if step.field != "" {
				tree = map[string]any{step.field: tree}
			}
		}
		if e.New != nil {
			walk(root, tree, true)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// byDefault reports whether a member is what it is without being sent.
func byDefault(path string, member any) bool {
	if value, ok := defaults[path]; ok && sameTree(member, value) {
		return true
	}
	switch v := member.(type) {
	case nil:
		return true
	case bool:
		return !v
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	case map[string]any:
		name := path[strings.LastIndexByte(path, '.')+1:]
		for inner, value := range v {
			if inner != "Quantity" && !byDefault(name+"."+inner, value) {
				return false
			}
		}
		return len(v) > 0 // an empty one says something, such as WAF's actions
	}
	return false
}

// mustKnow ends the script before its first change where the aws program does not know the members.
func (s *Shell) mustKnow(service, command string, members []string) {
	if len(members) == 0 {
		return
	}
	s.use("knows")
	s.reads = append(s.reads, "knows "+service+" "+command+" "+strings.Join(members, " "))
}
