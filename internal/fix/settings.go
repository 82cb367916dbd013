package fix

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	cloudfront "github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	s3 "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
)

// EnableMonitoringSubscription turns on CloudFront's additional metrics: cache hit rate, origin latency, error rates by status. They cost a
// fixed price a month for each distribution (DG/viewing-cloudfront-metrics).
func EnableMonitoringSubscription(distributionID string) Change {
	const enabled = `{"RealtimeMetricsSubscriptionConfig":{"RealtimeMetricsSubscriptionStatus":"Enabled"}}`
	id := func(s *Shell) string { return " " + s.arg("distribution-id", distributionID) }
	return simple{
		resource: "additional metrics of distribution " + printable(distributionID), touches: "monitoring",
		console: []string{"Open the CloudFront console, choose Monitoring under Telemetry, the distribution " + show(distributionID) +
			", View distribution metrics, Manage additional metrics; choose Enabled and Save changes"},
		calls: []call{{"Turn the additional metrics on", func(s *Shell) string {
			return "aws cloudfront create-monitoring-subscription" + id(s) + " --monitoring-subscription " + quote(enabled)
		}}},
		undo: []call{{"Turn the additional metrics off again", func(s *Shell) string { return "aws cloudfront delete-monitoring-subscription" + id(s) }}},
		check: call{"Read the subscription", func(s *Shell) string {
			return "aws cloudfront get-monitoring-subscription" + id(s)
		}},
		expect: "RealtimeMetricsSubscriptionStatus is Enabled",
		test:   `.MonitoringSubscription.RealtimeMetricsSubscriptionConfig.RealtimeMetricsSubscriptionStatus == "Enabled"`,
		diff: func(*evidence.World) []DiffLine {
			return []DiffLine{{Resource: "distribution " + printable(distributionID), Path: "MonitoringSubscription", New: "Enabled"}}
		},
		effect: func(w *evidence.World) {
			account.MonitoringSubscription(distributionID).Set(w, account.MonitoringSubscriptionOutput{MonitoringSubscription: cloudfront.MonitoringSubscription{
				RealtimeMetricsSubscriptionConfig: &cloudfront.RealtimeMetricsSubscriptionConfig{
					RealtimeMetricsSubscriptionStatus: cloudfront.RealtimeMetricsSubscriptionStatusEnabled}}})
		},
	}
}

// SetBucketOwnership sets a bucket's object ownership: BucketOwnerEnforced turns ACLs off and makes the bucket's owner the owner of every
// object (S3UG/about-object-ownership); BucketOwnerPreferred keeps ACLs for what needs them, such as the older standard logs. Old is what it
// was, "" where it is not known.
func SetBucketOwnership(bucket, ownership, old string) Change {
	name := func(s *Shell) string { return " " + s.arg("bucket", bucket) }
	set := func(value string) func(*Shell) string {
		return func(s *Shell) string {
			return "aws s3api put-bucket-ownership-controls" + name(s) + " --ownership-controls " +
				quote(text(mustTree(map[string]any{"Rules": []any{map[string]any{"ObjectOwnership": value}}})))
		}
	}
	var undo []call
	if old != "" {
		undo = []call{{"Give the bucket its old setting", set(old)}}
	}
	labels := map[string]string{"BucketOwnerEnforced": "ACLs disabled (recommended)", "BucketOwnerPreferred": "ACLs enabled, Bucket owner preferred",
		"ObjectWriter": "ACLs enabled, Object writer"}
	return simple{
		resource: "object ownership of bucket " + printable(bucket), touches: "bucket-ownership",
		console: []string{"Open the Amazon S3 console, choose the bucket " + show(bucket) + ", and on the Permissions tab, under Object Ownership, choose Edit; choose " +
			labels[ownership] + " and Save changes"},
		calls:  []call{{"Set the bucket's object ownership", set(ownership)}},
		undo:   undo,
		check:  call{"Read the bucket's object ownership", func(s *Shell) string { return "aws s3api get-bucket-ownership-controls" + name(s) }},
		expect: "ObjectOwnership is " + ownership,
		test:   ".OwnershipControls.Rules[0].ObjectOwnership == " + text(ownership),
		diff: func(*evidence.World) []DiffLine {
			return []DiffLine{{Resource: "bucket " + printable(bucket), Path: "ObjectOwnership", Old: printable(old), New: ownership}}
		},
		effect: func(w *evidence.World) {
			account.OwnershipControls(bucket).Set(w, account.OwnershipControlsOutput{OwnershipControls: s3.OwnershipControls{
				Rules: []s3.OwnershipControlsRule{{ObjectOwnership: s3.ObjectOwnership(ownership)}}}})
		},
	}
}

// SetLoadBalancerAttribute sets one attribute of a load balancer, such as idle_timeout.timeout_seconds; the others stay. Old is what it was.
func SetLoadBalancerAttribute(arn, key, value, old string) Change {
	set := func(value string) func(*Shell) string {
		return func(s *Shell) string {
			return "aws elbv2 modify-load-balancer-attributes " + s.arg("region", regionOf(arn)) + " " + s.arg("load-balancer-arn", arn) +
				" --attributes " + quote(text(mustTree([]any{map[string]any{"Key": key, "Value": value}})))
		}
	}
	var undo []call
	if old != "" {
		undo = []call{{"Give the attribute its old value", set(old)}}
	}
	return simple{
		resource: "attribute " + printable(key) + " of load balancer " + printable(arn), touches: "load-balancer",
		console: []string{"Open the Amazon EC2 console in the Region " + show(regionOf(arn)) + ", choose Load Balancers, the load balancer " + show(arn) +
			", and on the Attributes tab choose Edit; set " + show(key) + " to " + show(value) + " and choose Save changes"},
		calls: []call{{"Set the load balancer's attribute", set(value)}},
		undo:  undo,
		check: call{"Read the load balancer's attributes", func(s *Shell) string {
			return "aws elbv2 describe-load-balancer-attributes " + s.arg("region", regionOf(arn)) + " " + s.arg("load-balancer-arn", arn)
		}},
		expect: printable(key) + " is " + printable(value),
		test:   fmt.Sprintf("any(.Attributes[]; .Key == %s and .Value == %s)", text(key), text(value)),
		diff: func(*evidence.World) []DiffLine {
			return []DiffLine{{Resource: "load balancer " + printable(arn), Path: printable(key), Old: printable(old), New: printable(value)}}
		},
		effect: func(w *evidence.World) {
			read := account.LoadBalancerAttributes(arn)
			answer, known := read.In(w).Get()
			if !known {
				return
			}
			attributes := []elb.LoadBalancerAttribute{{Key: aws.String(key), Value: aws.String(value)}}
			for _, a := range answer.Attributes {
				if aws.ToString(a.Key) != key {
					attributes = append(attributes, a)
				}
			}
			answer.Attributes = attributes
			read.Set(w, answer)
		},
	}
}

// InvalidatePaths drops cached answers under paths; /* is everything. It is a change by itself where the only thing wrong is what is cached.
func InvalidatePaths(distributionID string, paths ...string) Change {
	return simple{
		resource: "cache of distribution " + printable(distributionID), touches: "invalidation",
		console: []string{"Open the CloudFront console, choose the distribution " + show(distributionID) +
			", and on the Invalidations tab choose Create invalidation; enter " + show(strings.Join(paths, " ")) + " and choose Create invalidation"},
		calls: []call{{"Drop the cached answers", func(s *Shell) string { return invalidateCommand(s, distributionID, paths) }}},
		check: call{"See that the invalidation is done", func(s *Shell) string {
			return "aws cloudfront list-invalidations " + s.arg("distribution-id", distributionID) + " --max-items 10"
		}},
		expect: "the newest invalidation is there, and is Completed after some minutes",
		test:   `.InvalidationList.Items[0].Status | . == "InProgress" or . == "Completed"`,
		diff: func(*evidence.World) []DiffLine {
			return []DiffLine{{Resource: "distribution " + printable(distributionID), Path: "Invalidation", New: printable(strings.Join(paths, " "))}}
		},
		effect: func(*evidence.World) {},
	}
}
