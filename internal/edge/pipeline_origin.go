package edge

// originStages run from the choice of an origin to its response; again, whole, for a failover attempt and for an error page.
func originStages() []*Stage {
	return []*Stage{
		originSelection,       // which origin the behavior, its origin group or a function names
		originDNS,             // the origin's name leads somewhere (before the function: DG/lambda-at-edge-function-restrictions)
		originRequestFunction, // Lambda@Edge on a cache miss
		originRequest,         // what CloudFront sends: Host, path, headers, signature
		originConnection,      // a TCP connection to the origin's port
		originTLS,             // the handshake, over https
		originAccess,          // the origin lets CloudFront in
		originObject,          // the object or route is there
		originResponse,        // what the origin answers
		originResponseFunction,
	}
}
