// Package viewerdns holds the causes of the viewer-dns stage: where the requested host's name leads.
package viewerdns

import "cfdoctor/internal/cause"

// Causes lists the package's causes.
func Causes() []*cause.Cause {
	return []*cause.Cause{
		aliasDNSNotPointing,
		ipv6Misconfigured,
		danglingAlias,
	}
}

const guide = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/"
