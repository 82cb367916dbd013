// Package originresponse holds the causes of the origin-response stage: what the origin answers, and how long it takes.
package originresponse

import "cfdoctor/internal/cause"

// Causes lists the package's causes.
func Causes() []*cause.Cause {
	return []*cause.Cause{
		originReadTimeout,
		redirectLoop,
		originBadResponse,
		originReturnsError,
		originTimeoutNearLimit,
	}
}

const (
	stage = "origin-response"
	guide = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/"
)
