package cloudfront

import (
	"fmt"
	"strings"
)

// PartitionOf is the AWS partition of a Region: aws-cn for China, aws-us-gov for GovCloud, aws-eusc for the European
// Sovereign Cloud, else aws. The isolated partitions have no CloudFront.
func PartitionOf(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	case strings.HasPrefix(region, "eusc-"):
		return "aws-eusc"
	}
	return "aws"
}

// DistributionARN is a distribution's ARN, the value of aws:SourceArn in the requests that CloudFront signs. It has
// no Region (DG/private-content-restricting-access-to-s3).
func DistributionARN(partition, account, id string) string {
	return "arn:" + partition + ":cloudfront::" + account + ":distribution/" + id
}

// Distribution is what a distribution's ARN names.
type Distribution struct {
	Partition, Account, ID string
}

// ParseDistributionARN reads a distribution's ARN. Wildcards, as policies have them, are no ARN of one distribution
// and are refused.
func ParseDistributionARN(arn string) (Distribution, error) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" || parts[2] != "cloudfront" || parts[3] != "" {
		return Distribution{}, fmt.Errorf("%q is not an ARN of a CloudFront resource", arn)
	}
	id, ok := strings.CutPrefix(parts[5], "distribution/")
	if !ok || id == "" || len(id) > 32 || !onlyOf(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") {
		return Distribution{}, fmt.Errorf("%q does not name a distribution", arn)
	}
	if parts[1] != "aws" && !strings.HasPrefix(parts[1], "aws-") {
		return Distribution{}, fmt.Errorf("%q is in an unknown partition", arn)
	}
	if len(parts[4]) != 12 || !onlyOf(parts[4], "0123456789") {
		return Distribution{}, fmt.Errorf("%q has no 12-digit account", arn)
	}
	return Distribution{Partition: parts[1], Account: parts[4], ID: id}, nil
}

// IsDistributionID reports whether s has the form of a distribution's id: capital letters and digits, E first and 13 or 14
// in all in every id seen. AWS documents neither, and emulators begin with any of them, so any 8 to 32 are taken. Letters alone are an id
// only at a length that ids have: a random id can come without a digit, and a shorter or longer word is more likely a mistake in typing.
func IsDistributionID(s string) bool {
	if len(s) < 8 || len(s) > 32 || !onlyOf(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") {
		return false
	}
	return strings.ContainsAny(s, "0123456789") || len(s) == 13 || len(s) == 14
}

// ServicePrincipal is the principal that resource policies grant to CloudFront
// (DG/private-content-restricting-access-to-s3).
const ServicePrincipal = "cloudfront.amazonaws.com"
