// Package customerrorresponse holds the causes of the custom-error-response stage: error pages.
package customerrorresponse

import "cfdoctor/internal/cause"

// Causes lists the package's causes.
func Causes() []*cause.Cause {
	return []*cause.Cause{
		customErrorMasks,
		customErrorPageUnreachable,
	}
}

const guide = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/"
