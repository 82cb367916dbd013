// Package pages knows which operations answer in pages, and puts the pages of one answer together: all doors merge the same ones.
package pages

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// pages says how an operation's answer goes on.
type pages struct {
	input   string   // the param that asks for the next page
	output  string   // the member that holds its value; dots lead into objects
	members []string // the lists that go on from page to page
}

// Size is how much one page of an operation holds that is read by its first page alone: the API's own default, also where a program would go on
// by itself. Ok is false for every other operation.
//
// ListObjectsV2: 1,000 keys from a prefix on tell enough. ListResourceRecordSets is asked from a name on, and the records of that name come
// first. Of ListInvalidations, the newest come first.
func Size(name string) (n int, ok bool) {
	first, ok := firstPages[name]
	return first.size, ok
}

// SetTruncated writes into the answer of such an operation whether there is more, for programs that leave that out.
func SetTruncated(name string, page map[string]any, more bool) {
	if first, ok := firstPages[name]; ok {
		set(page, first.truncated, more)
	}
}

// firstPages has the default page sizes of the API references of S3, Route 53 and CloudFront, and the members that tell whether there is more.
var firstPages = map[string]struct {
	size      int
	truncated string
}{
	"s3:ListObjectsV2":               {1000, "IsTruncated"},
	"route53:ListResourceRecordSets": {300, "IsTruncated"},
	"cloudfront:ListInvalidations":   {100, "InvalidationList.IsTruncated"},
}

// Operations lists the operations whose pages are merged, sorted.
func Operations() []string { return slices.Sorted(maps.Keys(paging)) }

// paging lists the operations whose answers come in pages. The AWS CLI merges the same ones.
// Left out on purpose: those of [Size], and GetSampledRequests.
var paging = map[string]pages{
	"acm:ListCertificates":               {"NextToken", "NextToken", []string{"CertificateSummaryList"}},
	"apigateway:GetAuthorizers":          {"position", "position", []string{"items"}},
	"apigateway:GetBasePathMappings":     {"position", "position", []string{"items"}},
	"apigateway:GetDomainNames":          {"position", "position", []string{"items"}},
	"apigateway:GetResources":            {"position", "position", []string{"items"}},
	"apigatewayv2:GetApiMappings":        {"NextToken", "NextToken", []string{"Items"}},
	"apigatewayv2:GetDomainNames":        {"NextToken", "NextToken", []string{"Items"}},
	"apigatewayv2:GetRoutes":             {"NextToken", "NextToken", []string{"Items"}},
	"apigatewayv2:GetStages":             {"NextToken", "NextToken", []string{"Items"}},
	"cloudfront:ListConflictingAliases":  {"Marker", "ConflictingAliasesList.NextMarker", []string{"ConflictingAliasesList.Items"}},
	"cloudfront:ListConnectionGroups":    {"Marker", "NextMarker", []string{"ConnectionGroups"}},
	"cloudfront:ListDistributionTenants": {"Marker", "NextMarker", []string{"DistributionTenantList"}},
	"cloudfront:ListDistributions":       {"Marker", "DistributionList.NextMarker", []string{"DistributionList.Items"}},
	"cloudfront:ListDomainConflicts":     {"Marker", "NextMarker", []string{"DomainConflicts"}},
	"cloudfront-keyvaluestore:ListKeys":  {"NextToken", "NextToken", []string{"Items"}},
	"cloudwatch:DescribeAlarms":          {"NextToken", "NextToken", []string{"MetricAlarms", "CompositeAlarms"}},
	"cloudwatch:GetMetricData":           {"NextToken", "NextToken", []string{"MetricDataResults", "Messages"}},
	"ec2:DescribeInstances":              {"NextToken", "NextToken", []string{"Reservations"}},
	"ec2:DescribeInternetGateways":       {"NextToken", "NextToken", []string{"InternetGateways"}},
	"ec2:DescribeManagedPrefixLists":     {"NextToken", "NextToken", []string{"PrefixLists"}},
	"ec2:DescribeNetworkAcls":            {"NextToken", "NextToken", []string{"NetworkAcls"}},
	"ec2:DescribeRouteTables":            {"NextToken", "NextToken", []string{"RouteTables"}},
	"ec2:DescribeSecurityGroups":         {"NextToken", "NextToken", []string{"SecurityGroups"}},
	"ec2:DescribeSubnets":                {"NextToken", "NextToken", []string{"Subnets"}},
	"ec2:GetManagedPrefixListEntries":    {"NextToken", "NextToken", []string{"Entries"}},
	"elbv2:DescribeListenerCertificates": {"Marker", "NextMarker", []string{"Certificates"}},
	"elbv2:DescribeListeners":            {"Marker", "NextMarker", []string{"Listeners"}},
	"elbv2:DescribeLoadBalancers":        {"Marker", "NextMarker", []string{"LoadBalancers"}},
	"elbv2:DescribeRules":                {"Marker", "NextMarker", []string{"Rules"}},
	"elbv2:DescribeTargetGroups":         {"Marker", "NextMarker", []string{"TargetGroups"}},
	"iam:ListServerCertificates":         {"Marker", "Marker", []string{"ServerCertificateMetadataList"}},
	"lambda:ListFunctionUrlConfigs":      {"Marker", "NextMarker", []string{"FunctionUrlConfigs"}},
	"lambda:ListFunctions":               {"Marker", "NextMarker", []string{"Functions"}},
	"logs:DescribeDeliveries":            {"nextToken", "nextToken", []string{"deliveries"}},
	"logs:DescribeDeliveryDestinations":  {"nextToken", "nextToken", []string{"deliveryDestinations"}},
	"logs:DescribeDeliverySources":       {"nextToken", "nextToken", []string{"deliverySources"}},
	"logs:DescribeLogGroups":             {"nextToken", "nextToken", []string{"logGroups"}},
	"mediapackagev2:ListChannelGroups":   {"NextToken", "NextToken", []string{"Items"}},
	"mediastore:ListContainers":          {"NextToken", "NextToken", []string{"Containers"}},
	"route53:ListHostedZones":            {"Marker", "NextMarker", []string{"HostedZones"}},
	"s3control:ListAccessPoints":         {"NextToken", "NextToken", []string{"AccessPointList"}},
}

// Merger puts the pages of one answer together.
type Merger struct {
	// Merged is the last page, with the lists of all pages so far.
	Merged map[string]any

	pages
	token string
	count int
}

// Merge begins the answer of an operation, named "service:Operation".
func Merge(name string) *Merger { return &Merger{pages: paging[name]} }

// Input is the param that asks for the next page, "" for an operation without pages.
func (m *Merger) Input() string { return m.input }

// Token is the value of [Merger.Input] that leads on from a page, "" on the last one.
func (m *Merger) Token(page map[string]any) string {
	if m.input == "" {
		return ""
	}
	token, _ := member(page, m.output).(string)
	return token
}

// Add puts a page behind those before it. Token is what leads on from it, "" from the last one; a page that leads to itself is an error.
func (m *Merger) Add(page map[string]any, token string) error {
	m.count++
	for _, path := range m.members {
		if before, _ := member(m.Merged, path).([]any); before != nil {
			now, _ := member(page, path).([]any)
			setList(page, path, append(before, now...))
		}
	}
	m.Merged = page
	if token != "" && token == m.token {
		return fmt.Errorf("page %d of the answer leads to itself", m.count)
	}
	m.token = token
	return nil
}

// Tree decodes an answer into what [Merger] works on. Numbers stay as they are written.
func Tree(answer jsontext.Value) (map[string]any, error) {
	var tree map[string]any
	err := json.Unmarshal(answer, &tree, treeOptions)
	return tree, err
}

var treeOptions = json.JoinOptions(jsontext.AllowDuplicateNames(true), json.WithUnmarshalers(json.UnmarshalFromFunc(func(d *jsontext.Decoder, v *any) error {
	if d.PeekKind() != '0' {
		return errors.ErrUnsupported // leave it to the default
	}
	raw, err := d.ReadValue()
	*v = raw.Clone()
	return err
})))

// member follows a dotted path into an answer.
func member(tree map[string]any, path string) any {
	first, rest, deeper := strings.Cut(path, ".")
	if !deeper {
		return tree[first]
	}
	inner, _ := tree[first].(map[string]any)
	return member(inner, rest)
}

// setList puts a merged list at its path, with the Quantity that CloudFront keeps beside its lists.
func setList(tree map[string]any, path string, list []any) {
	around := set(tree, path, list)
	if _, ok := around["Quantity"]; ok {
		around["Quantity"] = len(list)
	}
}

// set puts a value at a dotted path, and returns the object that holds it.
func set(tree map[string]any, path string, value any) map[string]any {
	first, rest, deeper := strings.Cut(path, ".")
	if !deeper {
		tree[first] = value
		return tree
	}
	inner, ok := tree[first].(map[string]any)
	if !ok {
		inner = map[string]any{}
		tree[first] = inner
	}
	return set(inner, rest, value)
}
