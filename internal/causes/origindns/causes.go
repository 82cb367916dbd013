// Package origindns holds the causes of the origin-dns stage: the origin's name.
package origindns

import "cfdoctor/internal/cause"

// Causes lists the package's causes.
func Causes() []*cause.Cause {
	return []*cause.Cause{
		originDomainInvalid,
		originDNSFailure,
		danglingOrigin,
	}
}

const guide = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/"
