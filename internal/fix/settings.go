package fix

import (
	"fmt"

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
	enabled := map[string]any{"RealtimeMetricsSubscriptionConfig": map[string]any{"RealtimeMetricsSubscriptionStatus": "Enabled"}}
	api := func(purpose, operation string, more ...param) call {
		return call{purpose: purpose, service: "cloudfront", operation: operation, params: append([]param{{"DistributionId", distributionID}}, more...)}
	}
	set := func(subscription any) call {
		return api("Turn the additional metrics on", "CreateMonitoringSubscription", param{"MonitoringSubscription", subscription})
	}
	off := api("Turn the additional metrics off again", "DeleteMonitoringSubscription")
	return simple{
		resource: "additional metrics of distribution " + printable(distributionID), touches: "monitoring",
		console: []string{"Open the CloudFront console, choose Monitoring under Telemetry, the distribution " + show(distributionID) +
			", View distribution metrics, Manage additional metrics; choose Enabled and Save changes"},
		calls:  []call{set(enabled)},
		undo:   []call{off},
		check:  api("Read the subscription", "GetMonitoringSubscription"),
		expect: "RealtimeMetricsSubscriptionStatus is Enabled",
		test:   `.MonitoringSubscription.RealtimeMetricsSubscriptionConfig.RealtimeMetricsSubscriptionStatus == "Enabled"`,
		look:   Look{Path: []string{"MonitoringSubscription"}, Absent: []string{"NoSuchMonitoringSubscription"}},
		want:   enabled,
		back: func(before any) []call {
			if before == nil {
				return []call{off}
			}
			return []call{set(before)}
		},
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
	api := func(purpose, operation string, more ...param) call {
		return call{purpose: purpose, service: "s3", operation: operation, params: append([]param{{"Bucket", bucket}}, more...)}
	}
	controls := func(value string) any {
		return map[string]any{"Rules": []any{map[string]any{"ObjectOwnership": value}}}
	}
	set := func(purpose string, controls any) call {
		return api(purpose, "PutBucketOwnershipControls", param{"OwnershipControls", controls})
	}
	undo := []call{api("Take the setting away again, where the bucket had none before", "DeleteBucketOwnershipControls")}
	if old != "" {
		undo = []call{set("Give the bucket its old setting", controls(old))}
	}
	labels := map[string]string{"BucketOwnerEnforced": "ACLs disabled (recommended)", "BucketOwnerPreferred": "ACLs enabled, Bucket owner preferred",
		"ObjectWriter": "ACLs enabled, Object writer"}
	return simple{
		resource: "object ownership of bucket " + printable(bucket), touches: "bucket-ownership",
		console: []string{"Open the Amazon S3 console, choose the bucket " + show(bucket) + ", and on the Permissions tab, under Object Ownership, choose Edit; choose " +
			labels[ownership] + " and Save changes"},
		calls: []call{set("Set the bucket's object ownership", controls(ownership))},
		undo:  undo,
		check: api("Read the bucket's object ownership", "GetBucketOwnershipControls"),
		look:  Look{Path: []string{"OwnershipControls"}, Absent: []string{"OwnershipControlsNotFoundError"}},
		want:  controls(ownership),
		back: func(before any) []call {
			if before == nil {
				return []call{api("Take the setting away again", "DeleteBucketOwnershipControls")}
			}
			return []call{set("Give the bucket its old setting", before)}
		},
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

// SetRequestPayer sets who pays for requests to a bucket: BucketOwner or Requester (S3UG/RequesterPaysBuckets). Old is who does now.
func SetRequestPayer(bucket, payer, old string) Change {
	api := func(purpose, operation string, more ...param) call {
		return call{purpose: purpose, service: "s3", operation: operation, params: append([]param{{"Bucket", bucket}}, more...)}
	}
	set := func(purpose, payer string) call {
		return api(purpose, "PutBucketRequestPayment", param{"RequestPaymentConfiguration", map[string]any{"Payer": payer}})
	}
	choice := map[string]string{"BucketOwner": "Disable", "Requester": "Enable"}
	return simple{
		resource: "Requester Pays of bucket " + printable(bucket), touches: "bucket-payment",
		console: []string{"Open the Amazon S3 console, choose the bucket " + show(bucket) + ", and on the Properties tab, under Requester pays, choose Edit; choose " +
			choice[payer] + " and Save changes"},
		calls:  []call{set("Set who pays for requests to the bucket", payer)},
		undo:   []call{set("Let those pay again who did", old)},
		check:  api("Read who pays", "GetBucketRequestPayment"),
		expect: "Payer is " + payer,
		test:   ".Payer == " + text(payer),
		look:   Look{Keep: []string{"Payer"}},
		want:   map[string]any{"Payer": payer},
		diff: func(*evidence.World) []DiffLine {
			return []DiffLine{{Resource: "bucket " + printable(bucket), Path: "Payer", Old: printable(old), New: payer}}
		},
		effect: func(w *evidence.World) {
			account.RequestPayment(bucket).Set(w, account.RequestPaymentOutput{Payer: s3.Payer(payer)})
		},
	}
}

// SetLoadBalancerAttribute sets one attribute of a load balancer, such as idle_timeout.timeout_seconds; the others stay. Old is what it was.
func SetLoadBalancerAttribute(arn, key, value, old string) Change {
	api := func(purpose, operation string, more ...param) call {
		return call{purpose: purpose, service: "elbv2", operation: operation, region: account.RegionOf(arn), params: append([]param{{"LoadBalancerArn", arn}}, more...)}
	}
	attribute := func(value string) any { return []any{map[string]any{"Key": key, "Value": value}} }
	set := func(purpose string, attributes any) call {
		return api(purpose, "ModifyLoadBalancerAttributes", param{"Attributes", attributes})
	}
	var undo []call
	if old != "" {
		undo = []call{set("Give the attribute its old value", attribute(old))}
	}
	return simple{
		resource: "attribute " + printable(key) + " of load balancer " + printable(arn), touches: "load-balancer",
		console: []string{"Open the Amazon EC2 console in the Region " + show(account.RegionOf(arn)) + ", choose Load Balancers, the load balancer " + show(arn) +
			", and on the Attributes tab choose Edit; set " + show(key) + " to " + show(value) + " and choose Save changes"},
		calls:  []call{set("Set the load balancer's attribute", attribute(value))},
		undo:   undo,
		check:  api("Read the load balancer's attributes", "DescribeLoadBalancerAttributes"),
		look:   Look{Path: []string{"Attributes"}, Only: "Key", Values: []string{key}},
		want:   attribute(value),
		back:   func(before any) []call { return []call{set("Give the attribute its old value", before)} },
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
