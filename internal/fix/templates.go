package fix

import (
	"fmt"
	"maps"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"cfdoctor/internal/account"
)

// CloudFormation is the monitoring as a template, in JSON. It has to be deployed in us-east-1, where CloudFront's metrics are.
func (m Monitored) CloudFormation() string {
	resources := map[string]any{}
	if !m.HasMetrics {
		resources["AdditionalMetrics"] = map[string]any{
			"Type": "AWS::CloudFront::MonitoringSubscription",
			"Properties": map[string]any{
				"DistributionId": m.DistributionID,
				"MonitoringSubscription": map[string]any{
					"RealtimeMetricsSubscriptionConfig": map[string]any{"RealtimeMetricsSubscriptionStatus": "Enabled"}},
			},
		}
	}
	if m.deliversLogs() {
		maps.Copy(resources, m.logResources())
	}
	for i, a := range m.Alarms() {
		properties := map[string]any{
			"AlarmName": a.Name, "AlarmDescription": a.Description, "Namespace": a.Namespace, "MetricName": a.Metric, "Dimensions": a.Dimensions,
			"Period": a.Period, "EvaluationPeriods": a.Datapoints, "DatapointsToAlarm": a.Datapoints, "Threshold": a.Threshold,
			"ComparisonOperator": a.Comparison, "TreatMissingData": a.Missing,
			"AlarmActions": map[string]any{"Fn::If": []any{"HasTopic", []any{map[string]any{"Ref": "AlarmTopicArn"}}, map[string]any{"Ref": "AWS::NoValue"}}},
		}
		if a.Percentile != "" {
			properties["ExtendedStatistic"] = a.Percentile
		} else {
			properties["Statistic"] = a.Statistic
		}
		resources[fmt.Sprintf("Alarm%d%s", i+1, a.Metric)] = map[string]any{"Type": "AWS::CloudWatch::Alarm", "Properties": properties}
	}
	template := map[string]any{
		"AWSTemplateFormatVersion": "2010-09-09",
		"Description":              m.title(),
		"Parameters": map[string]any{"AlarmTopicArn": map[string]any{
			"Type": "String", "Default": m.Topic, "Description": "ARN of an SNS topic in us-east-1 that the alarms tell; empty for none"}},
		"Conditions": map[string]any{"HasTopic": map[string]any{"Fn::Not": []any{map[string]any{"Fn::Equals": []any{map[string]any{"Ref": "AlarmTopicArn"}, ""}}}}},
		"Resources":  resources,
	}
	raw, err := json.Marshal(template, jsontext.WithIndent("  "), json.Deterministic(true))
	if err != nil {
		panic(fmt.Sprintf("the template has no JSON form: %v", err))
	}
	return string(raw) + "\n"
}

// deliversLogs reports whether the templates turn logs on: those of a distribution whose ARN is known, and that delivers none yet.
func (m Monitored) deliversLogs() bool { return m.ARN != "" && !m.HasLogs }

// logRetention is how many days the templates keep logs.
const logRetention = 90

// logResources deliver standard logs (v2) to a log group, as [EnableLogging] does.
func (m Monitored) logResources() map[string]any {
	ref := func(name string) any { return map[string]any{"Ref": name} }
	resource := func(kind string, properties map[string]any) map[string]any {
		return map[string]any{"Type": "AWS::Logs::" + kind, "Properties": properties}
	}
	name := "cloudfront-" + m.DistributionID
	group := resource("LogGroup", map[string]any{"LogGroupName": m.logGroup(), "RetentionInDays": logRetention})
	group["DeletionPolicy"], group["UpdateReplacePolicy"] = "Retain", "Retain"
	return map[string]any{
		"LogGroup":  group,
		"LogSource": resource("DeliverySource", map[string]any{"Name": name, "ResourceArn": m.ARN, "LogType": "ACCESS_LOGS"}),
		"LogDestination": resource("DeliveryDestination", map[string]any{"Name": name, "OutputFormat": "json",
			"DestinationResourceArn": map[string]any{"Fn::Join": []any{"", []any{"arn:", ref("AWS::Partition"), ":logs:" + account.GlobalRegion + ":", ref("AWS::AccountId"),
				":log-group:", ref("LogGroup")}}}}),
		"LogDelivery": resource("Delivery", map[string]any{"DeliverySourceName": ref("LogSource"),
			"DeliveryDestinationArn": map[string]any{"Fn::GetAtt": []any{"LogDestination", "Arn"}}}),
	}
}

// Terraform is the monitoring as a Terraform file.
func (m Monitored) Terraform() string {
	var b strings.Builder
	fmt.Fprintf(&b, `# Monitoring of a CloudFront distribution: additional metrics, logs and alarms.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.90"
    }
  }
}

# CloudFront's metrics are in us-east-1.
provider "aws" {
  alias  = "us_east_1"
  region = "us-east-1"
}

variable "alarm_topic_arn" {
  description = "ARN of an SNS topic in us-east-1 that the alarms tell; empty for none"
  type        = string
  default     = %s
}
`, hcl(m.Topic))
	if !m.HasMetrics {
		fmt.Fprintf(&b, `
resource "aws_cloudfront_monitoring_subscription" "additional_metrics" {
  distribution_id = %s

  monitoring_subscription {
    realtime_metrics_subscription_config {
      realtime_metrics_subscription_status = "Enabled"
    }
  }
}
`, hcl(m.DistributionID))
	}
	if m.deliversLogs() {
		m.terraformLogs(&b)
	}
	for i, a := range m.Alarms() {
		statistic := "  statistic           = " + hcl(a.Statistic)
		if a.Percentile != "" {
			statistic = "  extended_statistic  = " + hcl(a.Percentile)
		}
		fmt.Fprintf(&b, `
resource "aws_cloudwatch_metric_alarm" "alarm_%d" {
  provider            = aws.us_east_1
  alarm_name          = %s
  alarm_description   = %s
  namespace           = %s
  metric_name         = %s
%s
  period              = %d
  evaluation_periods  = %d
  datapoints_to_alarm = %d
  threshold           = %s
  comparison_operator = %s
  treat_missing_data  = %s
  alarm_actions       = var.alarm_topic_arn == "" ? [] : [var.alarm_topic_arn]

  dimensions = {
`, i+1, hcl(a.Name), hcl(a.Description), hcl(a.Namespace), hcl(a.Metric), statistic, a.Period, a.Datapoints, a.Datapoints,
			text(a.Threshold), hcl(a.Comparison), hcl(a.Missing))
		width := 0
		for _, d := range a.Dimensions {
			width = max(width, len(d.Name))
		}
		for _, d := range a.Dimensions {
			fmt.Fprintf(&b, "    %-*s = %s\n", width, d.Name, hcl(d.Value))
		}
		b.WriteString("  }\n}\n")
	}
	return b.String()
}

func (m Monitored) terraformLogs(b *strings.Builder) {
	name := hcl("cloudfront-" + m.DistributionID)
	fmt.Fprintf(b, `
resource "aws_cloudwatch_log_group" "access_logs" {
  provider          = aws.us_east_1
  name              = %s
  retention_in_days = %d
}

resource "aws_cloudwatch_log_delivery_source" "access_logs" {
  provider     = aws.us_east_1
  name         = %s
  resource_arn = %s
  log_type     = "ACCESS_LOGS"
}

resource "aws_cloudwatch_log_delivery_destination" "access_logs" {
  provider      = aws.us_east_1
  name          = %s
  output_format = "json"

  delivery_destination_configuration {
    destination_resource_arn = aws_cloudwatch_log_group.access_logs.arn
  }
}

resource "aws_cloudwatch_log_delivery" "access_logs" {
  provider                 = aws.us_east_1
  delivery_source_name     = aws_cloudwatch_log_delivery_source.access_logs.name
  delivery_destination_arn = aws_cloudwatch_log_delivery_destination.access_logs.arn
}
`, hcl(m.logGroup()), logRetention, name, hcl(m.ARN), name)
}

// hcl writes a string of Terraform's language: quoted as in JSON, and templates made harmless.
func hcl(s string) string {
	return strings.NewReplacer("${", "$${", "%{", "%%{").Replace(text(printable(s)))
}
