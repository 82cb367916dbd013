// Package viewerconnection holds the causes of the viewer-connection stage: TLS between viewers and CloudFront.
package viewerconnection

import "cfdoctor/internal/cause"

// Causes lists the package's causes.
func Causes() []*cause.Cause {
	return []*cause.Cause{
		viewerCertNameMismatch,
		viewerCertExpired,
		viewerCertNotUsable,
		viewerTLSPolicyExcludesClient,
		viewerMTLSRequired,
		viewerTLSPolicyOld,
		certExpiring,
		perfHTTPVersion,
	}
}
