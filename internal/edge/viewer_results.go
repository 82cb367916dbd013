package edge

import (
	"cfdoctor/internal/function"
)

// ViewerResults is what the stages before the origin found out, in the form that causes and the review read. A member is nil where its
// stage was not reached or has nothing to do. Members that only explain are filled by [Model.Simulate], not by [Model.Predict].
type ViewerResults struct {
	// ViewerDNS is where the requested host's name leads.
	ViewerDNS *ViewerDNS
	// ViewerTLS is the viewer's handshake with CloudFront; nil over http, and in predictions.
	ViewerTLS *ViewerTLS
	// SeenCertificate is what active validation saw of the edge's certificate; nil where nobody looked.
	SeenCertificate *SeenCertificate
	// Host is how the Host header leads to the distribution.
	Host *HostMatch
	// Routing is how the path leads to a cache behavior; nil in predictions.
	Routing *Routing
	// Signed is the check of the signed URL or cookie; nil where the behavior asks for none.
	Signed *SignedAccess
	// WAF is what the web ACL does; nil where none is attached, and in predictions.
	WAF *WebACLResult
	// Encryption is field-level encryption's part; nil where the behavior has none.
	Encryption *FieldEncryption
	// ViewerRequest is the function on the viewer-request event; nil where there is none.
	ViewerRequest *ViewerFunction
	// FunctionOrigin is the origin that the viewer-request function chose or changed; nil where it left it alone.
	FunctionOrigin *function.OriginOverride
	// Cache is the cache key and what may be kept under it; nil in predictions.
	Cache *CacheLookup
}

// compiledModel is what the stages before the origin compile once per model.
type compiledModel struct {
	hosts  remembered[*hostFacts] // by the requested host
	webACL lazy[*webACLFacts]
	geo    lazy[geoRule]
}

// compiledViewerBehavior is what the stages before the origin compile once per behavior.
type compiledViewerBehavior struct {
	methods  lazy[methodSet]
	signers  lazy[*signerFacts]
	function lazy[*functionFacts]
	fields   lazy[*encryptionFacts]
}
