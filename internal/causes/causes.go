// Package causes is the catalogue of root causes.
//
// A cause is one file in the folder of the stage where it bites, named after its id, with its cases beside it in a .txtar of the same name.
// The folder's causes.go lists it. docs/adding-a-cause.md leads through one. The harness in this package's tests proves for every cause,
// unasked, that it fires and cites evidence, stays silent on healthy worlds, never turns unknown into fine or broken, and that its fix cures.
package causes

import (
	"slices"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/allowedmethods"
	"cfdoctor/internal/causes/cachebehavior"
	"cfdoctor/internal/causes/cachelookup"
	"cfdoctor/internal/causes/customerrorresponse"
	"cfdoctor/internal/causes/defaultrootobject"
	"cfdoctor/internal/causes/distribution"
	"cfdoctor/internal/causes/enabled"
	"cfdoctor/internal/causes/errorcaching"
	"cfdoctor/internal/causes/failover"
	"cfdoctor/internal/causes/fieldlevelencryption"
	"cfdoctor/internal/causes/georestriction"
	"cfdoctor/internal/causes/originaccess"
	"cfdoctor/internal/causes/originconnection"
	"cfdoctor/internal/causes/origindns"
	"cfdoctor/internal/causes/originobject"
	"cfdoctor/internal/causes/originrequest"
	"cfdoctor/internal/causes/originresponse"
	"cfdoctor/internal/causes/originselection"
	"cfdoctor/internal/causes/origintls"
	"cfdoctor/internal/causes/requestlimits"
	"cfdoctor/internal/causes/responseheaders"
	"cfdoctor/internal/causes/signedaccess"
	"cfdoctor/internal/causes/viewerconnection"
	"cfdoctor/internal/causes/viewerdns"
	"cfdoctor/internal/causes/viewerprotocol"
	"cfdoctor/internal/causes/viewerrequestfunction"
	"cfdoctor/internal/causes/webacl"
)

// All returns the whole catalogue, in the order of the stages.
func All() []*cause.Cause {
	return slices.Concat(
		viewerdns.Causes(),
		viewerconnection.Causes(),
		requestlimits.Causes(),
		distribution.Causes(),
		enabled.Causes(),
		georestriction.Causes(),
		cachebehavior.Causes(),
		viewerprotocol.Causes(),
		allowedmethods.Causes(),
		signedaccess.Causes(),
		webacl.Causes(),
		fieldlevelencryption.Causes(),
		viewerrequestfunction.Causes(),
		defaultrootobject.Causes(),
		cachelookup.Causes(),
		originselection.Causes(),
		origindns.Causes(),
		originrequest.Causes(),
		originconnection.Causes(),
		origintls.Causes(),
		originaccess.Causes(),
		originobject.Causes(),
		originresponse.Causes(),
		failover.Causes(),
		errorcaching.Causes(),
		customerrorresponse.Causes(),
		responseheaders.Causes(),
	)
}
