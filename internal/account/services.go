package account

import (
	"strings"

	"time"

	cloudwatch "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	logs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	kms "github.com/aws/aws-sdk-go-v2/service/kms/types"
	lambda "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	route53 "github.com/aws/aws-sdk-go-v2/service/route53/types"

	"cfdoctor/internal/evidence"
)

// CallerOutput is STS's GetCallerIdentity answer.
type CallerOutput struct{ Account, Arn, UserId string }

// Caller asks whose credentials these are.
func Caller() evidence.Read[CallerOutput] {
	return ask[CallerOutput]("sts:GetCallerIdentity", "", "the caller")
}

// KeyOutput is KMS's DescribeKey answer.
type KeyOutput struct{ KeyMetadata kms.KeyMetadata }

// KeyARN is the ARN of a KMS key as buckets name it: by ARN, key id, or alias ("alias/…"), the latter two in the bucket's Region and
// account. It is "" where the Region or the account is not known: asked of another Region, the key would seem not to exist.
func KeyARN(partition, region, owner, id string) string {
	switch {
	case strings.HasPrefix(id, "arn:"):
		return id
	case id == "" || region == "" || owner == "":
		return ""
	case !strings.HasPrefix(id, "alias/"):
		id = "key/" + id
	}
	return "arn:" + partition + ":kms:" + region + ":" + owner + ":" + id
}

// Key reads a KMS key by its ARN.
func Key(arn string) evidence.Read[KeyOutput] {
	return ask[KeyOutput]("kms:DescribeKey", RegionOf(arn), arn, "KeyId", arn)
}

// KeyPolicyOutput is KMS's GetKeyPolicy answer.
type KeyPolicyOutput struct{ Policy string }

// KeyPolicy reads a KMS key's policy. "default" is the only name a key policy can have (KMS API reference, GetKeyPolicy).
func KeyPolicy(arn string) evidence.Read[KeyPolicyOutput] {
	return ask[KeyPolicyOutput]("kms:GetKeyPolicy", RegionOf(arn), arn, "KeyId", arn, "PolicyName", "default")
}

// FunctionsOutput is Lambda's ListFunctions answer, all pages merged.
type FunctionsOutput struct {
	Functions []lambda.FunctionConfiguration
}

// Functions lists a Region's Lambda functions, to find the one behind a function URL: the URL does not name it.
func Functions(region string) evidence.Read[FunctionsOutput] {
	return ask[FunctionsOutput]("lambda:ListFunctions", region, "Lambda functions in "+region)
}

// FunctionURLsOutput is Lambda's ListFunctionUrlConfigs answer.
type FunctionURLsOutput struct{ FunctionUrlConfigs []lambda.FunctionUrlConfig }

// FunctionURLs reads the URLs of a Lambda function, of all its aliases.
func FunctionURLs(region, function string) evidence.Read[FunctionURLsOutput] {
	return ask[FunctionURLsOutput]("lambda:ListFunctionUrlConfigs", region, "Lambda function "+function, "FunctionName", function)
}

// LambdaPolicyOutput is Lambda's GetPolicy answer.
type LambdaPolicyOutput struct{ Policy, RevisionId string }

// LambdaPolicy reads a Lambda function's resource policy; absent means that it has none. Qualifier "" is the function itself.
func LambdaPolicy(region, function, qualifier string) evidence.Read[LambdaPolicyOutput] {
	pairs := []any{"FunctionName", function}
	if qualifier != "" {
		pairs = append(pairs, "Qualifier", qualifier)
	}
	return ask[LambdaPolicyOutput]("lambda:GetPolicy", region, "Lambda function "+function, pairs...)
}

// LambdaConfigurationOutput is Lambda's GetFunctionConfiguration answer.
type LambdaConfigurationOutput = lambda.FunctionConfiguration

// LambdaConfiguration reads a Lambda function's settings by its ARN, which may carry a version.
func LambdaConfiguration(arn string) evidence.Read[LambdaConfigurationOutput] {
	return ask[LambdaConfigurationOutput]("lambda:GetFunctionConfiguration", RegionOf(arn), arn, "FunctionName", arn)
}

// HostedZonesOutput is Route 53's ListHostedZones answer, all pages merged.
type HostedZonesOutput struct{ HostedZones []route53.HostedZone }

// HostedZones lists the account's DNS zones.
func HostedZones() evidence.Read[HostedZonesOutput] {
	return ask[HostedZonesOutput]("route53:ListHostedZones", "", "the account's hosted zones")
}

// RecordSetsOutput is Route 53's ListResourceRecordSets answer. A bundle may hold more of the zone than was asked for.
type RecordSetsOutput struct{ ResourceRecordSets []route53.ResourceRecordSet }

// RecordSets reads a zone's records from a name on. Zone ids may carry the "/hostedzone/" prefix that the API prints.
func RecordSets(zoneID, startName string) evidence.Read[RecordSetsOutput] {
	return ask[RecordSetsOutput]("route53:ListResourceRecordSets", "", "zone "+zoneID, "HostedZoneId", zoneID, "StartRecordName", startName)
}

// AlarmsOutput is CloudWatch's DescribeAlarms answer, all pages merged.
type AlarmsOutput struct {
	MetricAlarms    []cloudwatch.MetricAlarm
	CompositeAlarms []cloudwatch.CompositeAlarm
}

// Alarms lists a Region's alarms. CloudFront's metrics live in us-east-1 only.
func Alarms(region string) evidence.Read[AlarmsOutput] {
	return ask[AlarmsOutput]("cloudwatch:DescribeAlarms", region, "alarms in "+region)
}

// MetricDataOutput is CloudWatch's GetMetricData answer. Results are told apart by their Label.
type MetricDataOutput struct{ MetricDataResults []cloudwatch.MetricDataResult }

// Metric is one series to read; Label is the name it is found again by.
type Metric struct {
	Namespace, Name, Statistic, Label string
	Dimensions                        []Dimension
}

// Dimension narrows a metric down.
type Dimension struct{ Name, Value string }

// MetricData reads series over the 24 hours before now, in steps of one hour.
func MetricData(region string, now time.Time, metrics []Metric) evidence.Read[MetricDataOutput] {
	queries := make([]any, len(metrics))
	for i, m := range metrics {
		dimensions := make([]any, len(m.Dimensions))
		for j, d := range m.Dimensions {
			dimensions[j] = map[string]any{"Name": d.Name, "Value": d.Value}
		}
		queries[i] = map[string]any{
			"Id": "m" + string(rune('a'+i/26)) + string(rune('a'+i%26)), "Label": m.Label,
			"MetricStat": map[string]any{
				"Metric": map[string]any{"Namespace": m.Namespace, "MetricName": m.Name, "Dimensions": dimensions},
				"Period": 3600, "Stat": m.Statistic,
			},
		}
	}
	return ask[MetricDataOutput]("cloudwatch:GetMetricData", region, "metrics in "+region,
		"MetricDataQueries", queries,
		"StartTime", now.Add(-24*time.Hour).UTC().Format(time.RFC3339), "EndTime", now.UTC().Format(time.RFC3339))
}

// DeliverySourcesOutput is CloudWatch Logs' DescribeDeliverySources answer.
type DeliverySourcesOutput struct{ DeliverySources []logs.DeliverySource }

// DeliverySources lists what logs through vended delivery; standard logging (v2) of CloudFront is among it, in us-east-1.
func DeliverySources() evidence.Read[DeliverySourcesOutput] {
	return ask[DeliverySourcesOutput]("logs:DescribeDeliverySources", GlobalRegion, "log delivery sources")
}

// DeliveryDestinationsOutput is CloudWatch Logs' DescribeDeliveryDestinations answer.
type DeliveryDestinationsOutput struct{ DeliveryDestinations []logs.DeliveryDestination }

// DeliveryDestinations lists where vended logs can go.
func DeliveryDestinations() evidence.Read[DeliveryDestinationsOutput] {
	return ask[DeliveryDestinationsOutput]("logs:DescribeDeliveryDestinations", GlobalRegion, "log delivery destinations")
}

// DeliveriesOutput is CloudWatch Logs' DescribeDeliveries answer.
type DeliveriesOutput struct{ Deliveries []logs.Delivery }

// Deliveries lists which log sources are delivered where.
func Deliveries() evidence.Read[DeliveriesOutput] {
	return ask[DeliveriesOutput]("logs:DescribeDeliveries", GlobalRegion, "log deliveries")
}

// LogGroupsOutput is CloudWatch Logs' DescribeLogGroups answer.
type LogGroupsOutput struct{ LogGroups []logs.LogGroup }

// LogGroups lists log groups by prefix, such as /aws/cloudfront/function/.
func LogGroups(region, prefix string) evidence.Read[LogGroupsOutput] {
	return ask[LogGroupsOutput]("logs:DescribeLogGroups", region, "log groups "+prefix+"*", "logGroupNamePrefix", prefix)
}

// ChannelGroupsOutput is MediaPackage v2's ListChannelGroups answer.
type ChannelGroupsOutput struct{ Items []ChannelGroup }

// ChannelGroup is a MediaPackage channel group. Listings do not name its egress domain (MediaPackage v2 API/ChannelGroupListConfiguration).
type ChannelGroup struct{ ChannelGroupName, Arn string }

// ChannelGroups lists a Region's MediaPackage channel groups.
func ChannelGroups(region string) evidence.Read[ChannelGroupsOutput] {
	return ask[ChannelGroupsOutput]("mediapackagev2:ListChannelGroups", region, "MediaPackage channel groups in "+region)
}

// EndpointPolicyOutput is MediaPackage v2's GetOriginEndpointPolicy answer.
type EndpointPolicyOutput struct{ Policy string }

// EndpointPolicy reads a MediaPackage origin endpoint's policy.
func EndpointPolicy(region, group, channel, endpoint string) evidence.Read[EndpointPolicyOutput] {
	return ask[EndpointPolicyOutput]("mediapackagev2:GetOriginEndpointPolicy", region, "MediaPackage endpoint "+group+"/"+channel+"/"+endpoint,
		"ChannelGroupName", group, "ChannelName", channel, "OriginEndpointName", endpoint)
}

// ContainersOutput is MediaStore's ListContainers answer.
type ContainersOutput struct{ Containers []MediaContainer }

// MediaContainer is a MediaStore container, found by its endpoint.
type MediaContainer struct{ Name, Endpoint, ARN string }

// Containers lists a Region's MediaStore containers.
func Containers(region string) evidence.Read[ContainersOutput] {
	return ask[ContainersOutput]("mediastore:ListContainers", region, "MediaStore containers in "+region)
}

// ContainerPolicyOutput is MediaStore's GetContainerPolicy answer.
type ContainerPolicyOutput struct{ Policy string }

// ContainerPolicy reads a MediaStore container's policy; absent means that it has none.
func ContainerPolicy(region, name string) evidence.Read[ContainerPolicyOutput] {
	return ask[ContainerPolicyOutput]("mediastore:GetContainerPolicy", region, "MediaStore container "+name, "ContainerName", name)
}
