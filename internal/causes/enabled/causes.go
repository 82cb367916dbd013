// Package enabled holds the causes of the enabled stage: the distribution's switch, and changes that are on their way.
package enabled

import "cfdoctor/internal/cause"

// Causes lists the package's causes.
func Causes() []*cause.Cause {
	return []*cause.Cause{
		distributionDisabled,
		deploymentInProgress,
	}
}

const guide = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/"
