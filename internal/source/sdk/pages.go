package sdk

import (
	"fmt"
	"strings"
)

// pages says how an operation's answer goes on.
type pages struct {
	input   string   // the param that asks for the next page
	output  string   // the member that holds its value; dots lead into objects
	members []string // the lists that go on from page to page
}

// paging lists the operations whose answers come in pages. The AWS CLI merges the same ones.
//
// Left out on purpose, although they have pages: ListObjectsV2 (1,000 keys from a prefix on tell enough), ListResourceRecordSets
// (it is asked from a name on, and the records of that name come first), ListInvalidations (the newest come first) and GetSampledRequests.
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
}

// merger puts the pages of one answer together.
type merger struct {
	pages
	merged map[string]any // the last page, with the lists of all pages so far
	token  string
	count  int
}

// add takes a page and sets the params to those of the next one. It reports whether there is a next one.
func (m *merger) add(page, params map[string]any) (bool, error) {
	m.count++
	for _, path := range m.members {
		if before, _ := member(m.merged, path).([]any); before != nil {
			now, _ := member(page, path).([]any)
			setList(page, path, append(before, now...))
		}
	}
	m.merged = page
	if m.input == "" {
		return false, nil
	}
	token, _ := member(page, m.output).(string)
	if token == "" {
		return false, nil
	}
	if token == m.token {
		return false, fmt.Errorf("page %d of the answer leads to itself", m.count)
	}
	m.token, params[m.input] = token, token
	return true, nil
}

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
	first, rest, deeper := strings.Cut(path, ".")
	if deeper {
		inner, ok := tree[first].(map[string]any)
		if !ok {
			inner = map[string]any{}
			tree[first] = inner
		}
		setList(inner, rest, list)
		return
	}
	tree[first] = list
	if _, ok := tree["Quantity"]; ok {
		tree["Quantity"] = len(list)
	}
}
