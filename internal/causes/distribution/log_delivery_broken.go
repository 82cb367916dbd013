package distribution

import (
	"cmp"
	"slices"
	"strings"

	s3 "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/posture"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
)

// deliveryAccount is the canonical user id of the account by which CloudFront writes the older standard logs, "" for a partition where it is not
// known (DG/standard-logging-legacy-s3, "Permissions required"; CloudFront in China has one of its own).
func deliveryAccount(partition string) string {
	switch partition {
	case "aws":
		return "c4c1ede66af53448b93c283ce9448c4ba468c9432aa01d700d3878632f77d2d0"
	case "aws-cn":
		return "a52cb28745c0c06e84ec548334e44bfa7fc2a85c54af20cd59e4969344b7af56"
	}
	return ""
}

var logDeliveryBroken = &cause.Cause{
	ID:        "LOG_DELIVERY_BROKEN",
	Title:     "Logging is on, and the logs cannot be delivered",
	Stage:     "distribution",
	Severity:  cause.Medium,
	Proactive: true,
	Doc: cause.Doc{
		Explain: `Logging is configured, and no log arrives. The older standard logs need a bucket that has access control lists turned on, with a grant of full control for
CloudFront's log delivery account; the newer ones need a delivery from the distribution's delivery source to a destination. Nothing reports the failure:
it is noticed when somebody looks for a log that was never written.`,
		Why: `The bucket's object ownership was set to "bucket owner enforced", which is the default of new buckets and the advice of security reviews; its ACL was replaced by
another tool; the bucket was deleted; or the last of the three steps of standard logging (v2) was forgotten.`,
		Example: "Logging.Bucket is fernhill-logs, whose ObjectOwnership is BucketOwnerEnforced.",
		References: []string{
			posture.Guide + "standard-logging-legacy-s3.html",
			posture.Guide + "standard-logging.html",
			"https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html",
		},
		Since: "0.1",
	},
	Detect: detectLogDelivery,
	Fixes:  fixLogDelivery,
}

// deliveryFault is why logs do not arrive.
type deliveryFault uint8

const (
	aclsOff deliveryFault = iota
	grantLost
	logBucketGone
	noDelivery
)

func detectLogDelivery(p *cause.Pass) cause.Verdict {
	l := logsOf(p)
	switch {
	case l.bucket == "" && l.begun.Yes() && l.delivered.No():
		return cause.Confirm(p.DistributionName(),
			"The distribution is set up as a source of logs, and nothing delivers them anywhere. The logs will be missing when they are needed.",
			l.sourceFact.Ref("deliverySources[].name").With(strings.Join(l.sources, ", "), "has no delivery"), l.deliveryFact.Ref("deliveries").With("", "none is from this source")).
			WithBecause("sources and deliveries were read").With(noDelivery)
	case l.bucket != "":
		return judgeLogBucket(p, l)
	case l.begun.Yes() && !l.delivered.Known():
		return cause.Need("whether the logs are delivered was not read", l.deliveryFact)
	case l.begun.Yes():
		return cause.RuleOut("standard logs (v2) are delivered", l.deliveryFact.Ref("deliveries"))
	case l.begun.No():
		return cause.RuleOut("no standard logging is on", p.Model.Ref("Logging.Enabled", "false", ""))
	}
	return cause.Need("whether standard logging (v2) is on was not read", l.sourceFact, l.deliveryFact)
}

// judgeLogBucket looks at the bucket of the older standard logs.
func judgeLogBucket(p *cause.Pass, l logs) cause.Verdict {
	bucket, ownership, acl := account.Bucket(l.bucket).In(p.World), account.OwnershipControls(l.bucket).In(p.World), account.BucketACL(l.bucket).In(p.World)
	here := p.Model.Ref("Logging.Bucket", posture.Text(p.Model.Config.Logging.Bucket), "standard logs go here")
	name, writer := "bucket "+l.bucket, deliveryAccount(p.Model.Partition())
	switch {
	case bucket.IsAbsent():
		return cause.Confirm(name, "The standard logs are meant for the bucket "+l.bucket+", which does not exist. They are lost, and whoever creates a bucket of that name could receive them.",
			here, bucket.Ref("")).WithBecause("S3 says that there is no such bucket").With(logBucketGone)
	case enforced(ownership):
		return cause.Confirm(name, "The standard logs cannot be delivered: the bucket "+l.bucket+" has its access control lists turned off, and CloudFront needs one to write there.",
			here, ownership.Ref("OwnershipControls.Rules[].ObjectOwnership").With("BucketOwnerEnforced", "turns ACLs off").Want("BucketOwnerPreferred")).
			WithBecause("the bucket's object ownership is known").With(aclsOff)
	case acl.IsKnown() && writer != "" && !grantsDelivery(acl, writer):
		return cause.Confirm(name, "The standard logs cannot be delivered: the bucket "+l.bucket+" no longer lets CloudFront's log delivery account write.",
			here, acl.Ref("Grants").With("", "no FULL_CONTROL for the account awslogsdelivery")).
			WithBecause("the bucket's ACL is known").With(grantLost)
	case ownership.Missing() || acl.Missing() || writer == "":
		return cause.Need("the bucket of the logs was not read", bucket, ownership, acl)
	}
	return cause.RuleOut("the bucket of the logs lets CloudFront's log delivery account write", acl.Ref("Grants"))
}

func enforced(fact evidence.Fact[account.OwnershipControlsOutput]) bool {
	out, _ := fact.Get()
	return slices.ContainsFunc(out.OwnershipControls.Rules, func(r s3.OwnershipControlsRule) bool {
		return r.ObjectOwnership == s3.ObjectOwnershipBucketOwnerEnforced
	})
}

func grantsDelivery(fact evidence.Fact[account.ACLOutput], writer string) bool {
	out, _ := fact.Get()
	return slices.ContainsFunc(out.Grants, func(g s3.Grant) bool {
		return g.Permission == s3.PermissionFullControl && g.Grantee != nil && posture.Text(g.Grantee.ID) == writer
	})
}

func fixLogDelivery(p *cause.Pass, v cause.Verdict) []fix.Fix {
	l := logsOf(p)
	fault, _ := v.Data.(deliveryFault)
	if fault == noDelivery {
		return []fix.Fix{{
			Title: "Add the missing delivery", Complexity: fix.Quick, Minutes: 10, Impact: "None for viewers", Confidence: fix.High,
			Explanation: "Standard logging (v2) needs a source, a destination and a delivery between the two; only then are logs written",
			SideEffects: []string{"What is delivered and kept costs money"},
			Manual: []string{
				"Choose the destination among those there are; without a fitting one, make one for a log group, a bucket or a Firehose stream in us-east-1",
				"Deliver the distribution's source " + l.sources[0] + " to it",
			},
			ByHand: deliverByHand(p, l.sources[0]),
		}}
	}
	v2 := enableLoggingFix(p, fix.EditDistribution(p.Model.ID(), legacyLoggingOff()))
	v2.Title = "Log the newer way instead: standard logging (v2) to CloudWatch Logs"
	v2.Explanation = "Standard logging (v2) needs no access control list. The older logging, which reaches nobody, is turned off"
	v2.SideEffects = append(v2.SideEffects, "Programs that read log files from the bucket "+l.bucket+" have to read the log group instead")
	fixes := []fix.Fix{v2}
	if fault == aclsOff {
		fixes = append(fixes, aclsOnFix(l.bucket))
	}
	return fixes
}

// legacyLoggingOff turns the older standard logging off; CloudFront wants all of its members all the same (API reference, LoggingConfig).
func legacyLoggingOff() fix.Edits {
	return fix.Edits{{Path: fix.At("Logging"), Op: fix.Set, New: map[string]any{"Enabled": false, "IncludeCookies": false, "Bucket": "", "Prefix": ""},
		Label: "Logging tab: delete the standard log delivery of the legacy kind"}}
}

// aclsOnFix is by hand: the ACL is CloudFront's to write, when the distribution's logging is saved anew.
func aclsOnFix(bucket string) fix.Fix {
	return fix.Fix{
		Title: "Turn the bucket's access control lists on again", Complexity: fix.Quick, Minutes: 15, Impact: "None for viewers", Confidence: fix.Medium,
		Explanation: "With ACLs on, CloudFront adds the grant for its log delivery account when logging is saved; the older standard logs arrive again",
		SideEffects: []string{"ACLs can give others access to single objects of the bucket: use a bucket for logs alone"},
		Manual: []string{
			"Set the object ownership of the bucket " + bucket + " to Bucket owner preferred",
			"Then turn the distribution's standard logging off and on again in the console, so that CloudFront writes the grant into the bucket's ACL",
		},
		ByHand: []fix.HandCall{
			fix.HandCall{Purpose: "Set the bucket's object ownership", Service: "s3", Operation: "PutBucketOwnershipControls", Mutates: true, Params: ownership(bucket, "BucketOwnerPreferred")}.
				WithBack("Turn the access control lists off again", "PutBucketOwnershipControls", ownership(bucket, "BucketOwnerEnforced")),
			{Purpose: "Once logging is saved anew, see that the ACL lets CloudFront's log delivery account write", Service: "s3", Operation: "GetBucketAcl",
				Params: []fix.HandParam{{Name: "Bucket", Value: bucket}}},
		},
	}
}

func ownership(bucket, setting string) []fix.HandParam {
	return []fix.HandParam{{Name: "Bucket", Value: bucket}, {Name: "OwnershipControls", Value: map[string]any{"Rules": []any{map[string]any{"ObjectOwnership": setting}}}}}
}

// deliverByHand are the calls of standard logging (v2), which are made in us-east-1 for every distribution (DG/standard-logging).
func deliverByHand(p *cause.Pass, source string) []fix.HandCall {
	resource := "arn:" + p.Model.Partition() + ":logs:us-east-1:" + cmp.Or(p.World.Account, "ACCOUNT_ID") + ":log-group:LOG_GROUP"
	return []fix.HandCall{
		{Purpose: "See which destinations there are", Service: "logs", Operation: "DescribeDeliveryDestinations", Region: account.GlobalRegion},
		fix.HandCall{Purpose: "Make a destination, where none fits", Service: "logs", Operation: "PutDeliveryDestination", Region: account.GlobalRegion, Mutates: true,
			Params: []fix.HandParam{{Name: "name", Value: source}, {Name: "outputFormat", Value: "json"},
				{Name: "deliveryDestinationConfiguration", Value: map[string]any{"destinationResourceArn": resource}}},
			Inputs: []string{"LOG_GROUP, the name of a log group in us-east-1; or another resource's ARN"}}.
			WithBack("Remove the destination again, if it was made for this", "DeleteDeliveryDestination", []fix.HandParam{{Name: "name", Value: source}}),
		fix.HandCall{Purpose: "Deliver the logs to the destination", Service: "logs", Operation: "CreateDelivery", Region: account.GlobalRegion, Mutates: true,
			Params: []fix.HandParam{{Name: "deliverySourceName", Value: source}, {Name: "deliveryDestinationArn", Value: "ARN_OF_THE_DESTINATION"}},
			Inputs: []string{"ARN_OF_THE_DESTINATION, the arn of the destination in the answers before"}}.
			WithBack("Stop the delivery", "DeleteDelivery", []fix.HandParam{{Name: "id", Value: "DELIVERY_ID"}}, "DELIVERY_ID, the delivery.id in the answer of create-delivery"),
	}
}
