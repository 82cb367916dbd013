// Package originaccess holds the causes of the origin-access stage: what makes an origin refuse CloudFront.
package originaccess

import "cfdoctor/internal/cause"

// Causes lists the package's causes.
func Causes() []*cause.Cause {
	return []*cause.Cause{
		hostHeaderForwardedToS3,
		s3BucketNotFound,
		s3GlobalEndpointRedirect,
		s3OACNotSigning,
		s3OACWrongType,
		s3NoOriginAccess,
		s3PolicyMissingOACGrant,
		s3PolicyWrongSourceARN,
		s3PolicyResourceOrActionWrong,
		s3PolicyExplicitDeny,
		s3OAINotGranted,
		s3WebsiteEndpointNotPublic,
		s3BlockPublicAccess,
		s3ObjectOwnedByOtherAccount,
		s3RequesterPays,
		s3KMSKeyPolicy,
		s3KMSWithOAI,
		hostHeaderForwardedToService,
		hostHeaderNotForwarded,
		apigwDenies,
		lambdaURLPermissionMissing,
		lambdaURLBodyHashMissing,
		albRuleRejects,
		mediaOriginPolicyMissing,
		customOriginDenies,
		webSocketOrGRPCNotSupported,
		stackedDistributions,
		s3OAILegacy,
		s3PolicyTooBroad,
		originBypassable,
	}
}
