package edge

// viewerStages are the stages from the viewer's connection to the cache, in order.
func viewerStages() []*Stage {
	return []*Stage{
		viewerDNS,             // the host's name must lead to CloudFront
		viewerConnection,      // TLS before HTTP: what fails here has no status
		requestLimits,         // the request is parsed before anything in it is used
		distributionStage,     // the Host header picks the distribution
		enabledStage,          // and its switch
		geoRestriction,        // documented to come before the web ACL and functions
		cacheBehavior,         // what follows is set per behavior
		viewerProtocol,        // documented to come before functions; its place among the next three is not documented
		allowedMethods,        // place not documented
		signedAccess,          // observed to answer before the web ACL
		webACL,                // documented to come before functions
		fieldLevelEncryption,  // place not documented
		viewerRequestFunction, // before the cache key is made
		defaultRootObject,     // place not documented; functions are taken to see the root
		cacheLookup,           // what is not here is asked of the origin
	}
}
