// Package viewerprotocol holds the causes of the viewer-protocol stage.
package viewerprotocol

import "cfdoctor/internal/cause"

// Causes lists the package's causes.
func Causes() []*cause.Cause {
	return []*cause.Cause{
		viewerProtocolHTTPSOnly,
		viewerHTTPAllowed,
	}
}
