package account

import (
	"slices"

	"cfdoctor/internal/evidence"
)

// Operation is one API operation that cfdoctor may call. All of them only read.
type Operation struct {
	Service    string // AWS's endpoint name
	Name       string // the API's name
	Permission string // the IAM action that allows it
	NeededFor  string // what a diagnosis loses without it
}

// Operations lists every read, by service.
func Operations() []Operation { return slices.Clone(operations) }

var byName = func() map[string]Operation {
	m := make(map[string]Operation, len(operations))
	for _, op := range operations {
		m[op.Service+":"+op.Name] = op
	}
	return m
}()

var operations = []Operation{
	{"acm", "DescribeCertificate", "acm:DescribeCertificate", "the names, dates and state of viewer and listener certificates"},
	{"acm", "ListCertificates", "acm:ListCertificates", "a certificate that already covers an alias"},
	{"apigateway", "GetAuthorizers", "apigateway:GET", "the authorizers of a REST API"},
	{"apigateway", "GetBasePathMappings", "apigateway:GET", "the APIs behind a custom domain name"},
	{"apigateway", "GetDomainNames", "apigateway:GET", "API custom domain names"},
	{"apigateway", "GetMethod", "apigateway:GET", "API key and authorization of a REST API's method"},
	{"apigateway", "GetResources", "apigateway:GET", "the routes of a REST API"},
	{"apigateway", "GetRestApi", "apigateway:GET", "endpoint type and resource policy of a REST API"},
	{"apigateway", "GetStages", "apigateway:GET", "the stages of a REST API"},
	{"apigatewayv2", "GetApi", "apigateway:GET", "an HTTP API's settings"},
	{"apigatewayv2", "GetApiMappings", "apigateway:GET", "the APIs behind a custom domain name"},
	{"apigatewayv2", "GetDomainNames", "apigateway:GET", "API custom domain names"},
	{"apigatewayv2", "GetRoutes", "apigateway:GET", "the routes of an HTTP API"},
	{"apigatewayv2", "GetStages", "apigateway:GET", "the stages of an HTTP API"},
	{"cloudfront", "DescribeFunction", "cloudfront:DescribeFunction", "runtime and stage of CloudFront Functions"},
	{"cloudfront", "GetCachePolicy", "cloudfront:GetCachePolicy", "cache keys and TTLs"},
	{"cloudfront", "GetCloudFrontOriginAccessIdentity", "cloudfront:GetCloudFrontOriginAccessIdentity", "the identity an S3 origin signs with"},
	{"cloudfront", "GetConnectionGroup", "cloudfront:GetConnectionGroup", "where a tenant's domains must point"},
	{"cloudfront", "GetContinuousDeploymentPolicy", "cloudfront:GetContinuousDeploymentPolicy", "the share of traffic that goes to a staging distribution"},
	{"cloudfront", "GetDistribution", "cloudfront:GetDistribution", "everything: the distribution itself"},
	{"cloudfront", "GetDistributionTenantByDomain", "cloudfront:GetDistributionTenantByDomain", "the tenant that serves a domain"},
	{"cloudfront", "GetFieldLevelEncryption", "cloudfront:GetFieldLevelEncryptionConfig", "field-level encryption"},
	{"cloudfront", "GetFieldLevelEncryptionProfile", "cloudfront:GetFieldLevelEncryptionProfile", "field-level encryption"},
	{"cloudfront", "GetFunction", "cloudfront:GetFunction", "the code of CloudFront Functions"},
	{"cloudfront", "GetInvalidation", "cloudfront:GetInvalidation", "the paths of recent invalidations"},
	{"cloudfront", "GetKeyGroup", "cloudfront:GetKeyGroup", "which keys may sign URLs and cookies"},
	{"cloudfront", "GetMonitoringSubscription", "cloudfront:GetMonitoringSubscription", "whether additional metrics are on"},
	{"cloudfront", "GetOriginAccessControl", "cloudfront:GetOriginAccessControl", "how CloudFront signs its requests to the origin"},
	{"cloudfront", "GetOriginRequestPolicy", "cloudfront:GetOriginRequestPolicy", "what the origin receives"},
	{"cloudfront", "GetPublicKey", "cloudfront:GetPublicKey", "the public keys that verify signed URLs and cookies"},
	{"cloudfront", "GetRealtimeLogConfig", "cloudfront:GetRealtimeLogConfig", "real-time logs"},
	{"cloudfront", "GetResponseHeadersPolicy", "cloudfront:GetResponseHeadersPolicy", "headers added to or removed from responses"},
	{"cloudfront", "GetTrustStore", "cloudfront:GetTrustStore", "the authorities trusted for client certificates"},
	{"cloudfront", "GetVpcOrigin", "cloudfront:GetVpcOrigin", "VPC origins"},
	{"cloudfront", "ListConflictingAliases", "cloudfront:ListConflictingAliases", "other distributions that hold an alias"},
	{"cloudfront", "ListConnectionGroups", "cloudfront:ListConnectionGroups", "routing endpoints of distribution tenants"},
	{"cloudfront", "ListDistributionTenants", "cloudfront:ListDistributionTenants", "tenants of a multi-tenant distribution"},
	{"cloudfront", "ListDistributions", "cloudfront:ListDistributions", "finding a distribution by domain, and near misses of a mistyped id"},
	{"cloudfront", "ListDomainConflicts", "cloudfront:ListDomainConflicts", "other distributions or tenants that hold a domain"},
	{"cloudfront", "ListInvalidations", "cloudfront:ListInvalidations", "recent invalidations"},
	{"cloudfront-keyvaluestore", "ListKeys", "cloudfront-keyvaluestore:ListKeys", "the values that functions look up"},
	{"cloudwatch", "DescribeAlarms", "cloudwatch:DescribeAlarms", "alarms on the distribution"},
	{"cloudwatch", "GetMetricData", "cloudwatch:GetMetricData", "error rates, latency and traffic"},
	{"ec2", "DescribeInstances", "ec2:DescribeInstances", "EC2 origins"},
	{"ec2", "DescribeInternetGateways", "ec2:DescribeInternetGateways", "whether a load balancer can be reached from the internet"},
	{"ec2", "DescribeManagedPrefixLists", "ec2:DescribeManagedPrefixLists", "CloudFront's address ranges as security groups name them"},
	{"ec2", "DescribeNetworkAcls", "ec2:DescribeNetworkAcls", "network ACLs before an origin"},
	{"ec2", "DescribeRouteTables", "ec2:DescribeRouteTables", "whether an origin's subnets reach the internet"},
	{"ec2", "DescribeSecurityGroups", "ec2:DescribeSecurityGroups", "whether CloudFront may connect to the origin"},
	{"ec2", "DescribeSubnets", "ec2:DescribeSubnets", "the subnets of a load balancer"},
	{"ec2", "GetManagedPrefixListEntries", "ec2:GetManagedPrefixListEntries", "customer prefix lists in security groups"},
	{"elbv2", "DescribeListenerCertificates", "elasticloadbalancing:DescribeListenerCertificates", "the certificates of load balancer listeners"},
	{"elbv2", "DescribeListeners", "elasticloadbalancing:DescribeListeners", "ports and protocols of load balancers"},
	{"elbv2", "DescribeLoadBalancerAttributes", "elasticloadbalancing:DescribeLoadBalancerAttributes", "idle timeout and header handling of load balancers"},
	{"elbv2", "DescribeLoadBalancers", "elasticloadbalancing:DescribeLoadBalancers", "load balancer origins"},
	{"elbv2", "DescribeRules", "elasticloadbalancing:DescribeRules", "listener rules"},
	{"elbv2", "DescribeTargetGroups", "elasticloadbalancing:DescribeTargetGroups", "target groups behind load balancers"},
	{"elbv2", "DescribeTargetHealth", "elasticloadbalancing:DescribeTargetHealth", "health of targets behind load balancers"},
	{"iam", "GetRole", "iam:GetRole", "whether Lambda@Edge may assume a function's role"},
	{"iam", "ListServerCertificates", "iam:ListServerCertificates", "viewer certificates in IAM"},
	{"kms", "DescribeKey", "kms:DescribeKey", "the KMS key of encrypted objects"},
	{"kms", "GetKeyPolicy", "kms:GetKeyPolicy", "whether CloudFront may decrypt objects"},
	{"lambda", "GetFunctionConfiguration", "lambda:GetFunctionConfiguration", "Lambda@Edge settings"},
	{"lambda", "GetPolicy", "lambda:GetPolicy", "whether CloudFront may invoke a function URL"},
	{"lambda", "ListFunctionUrlConfigs", "lambda:ListFunctionUrlConfigs", "the function behind a function URL, and its authorization"},
	{"lambda", "ListFunctions", "lambda:ListFunctions", "the function behind a function URL"},
	{"logs", "DescribeDeliveries", "logs:DescribeDeliveries", "standard logging (v2)"},
	{"logs", "DescribeDeliveryDestinations", "logs:DescribeDeliveryDestinations", "standard logging (v2)"},
	{"logs", "DescribeDeliverySources", "logs:DescribeDeliverySources", "standard logging (v2)"},
	{"logs", "DescribeLogGroups", "logs:DescribeLogGroups", "log groups of functions"},
	{"mediapackagev2", "GetOriginEndpointPolicy", "mediapackagev2:GetOriginEndpointPolicy", "whether CloudFront may read a MediaPackage endpoint"},
	{"mediapackagev2", "ListChannelGroups", "mediapackagev2:ListChannelGroups", "MediaPackage origins"},
	{"mediastore", "GetContainerPolicy", "mediastore:GetContainerPolicy", "whether CloudFront may read a MediaStore container"},
	{"mediastore", "ListContainers", "mediastore:ListContainers", "MediaStore origins"},
	{"route53", "ListHostedZones", "route53:ListHostedZones", "the DNS zones of aliases"},
	{"route53", "ListResourceRecordSets", "route53:ListResourceRecordSets", "where aliases and origins point"},
	{"s3", "GetBucketAcl", "s3:GetBucketAcl", "ACL grants of a bucket"},
	{"s3", "GetBucketCors", "s3:GetBucketCORS", "a bucket's CORS rules"},
	{"s3", "GetBucketEncryption", "s3:GetEncryptionConfiguration", "a bucket's default encryption"},
	{"s3", "GetBucketLocation", "s3:GetBucketLocation", "a bucket's Region"},
	{"s3", "GetBucketOwnershipControls", "s3:GetBucketOwnershipControls", "object ownership"},
	{"s3", "GetBucketPolicy", "s3:GetBucketPolicy", "whether CloudFront may read a bucket"},
	{"s3", "GetBucketPolicyStatus", "s3:GetBucketPolicyStatus", "whether a bucket is public"},
	{"s3", "GetBucketRequestPayment", "s3:GetBucketRequestPayment", "requester pays"},
	{"s3", "GetBucketWebsite", "s3:GetBucketWebsite", "static website hosting"},
	{"s3", "GetObjectAcl", "s3:GetObjectAcl", "the owner and grants of an object"},
	{"s3", "GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock", "a bucket's Block Public Access settings"},
	{"s3", "HeadBucket", "s3:ListBucket", "whether a bucket exists"},
	{"s3", "HeadObject", "s3:GetObject", "whether the requested object exists, and how it is encrypted"},
	{"s3", "ListObjectsV2", "s3:ListBucket", "whether an object exists, perhaps under another spelling"},
	{"s3control", "GetAccessPointPolicy", "s3:GetAccessPointPolicy", "whether CloudFront may use an S3 access point"},
	{"s3control", "GetPublicAccessBlock", "s3:GetAccountPublicAccessBlock", "the account's Block Public Access settings"},
	{"s3control", "ListAccessPoints", "s3:ListAccessPoints", "the bucket behind an S3 access point"},
	{"sts", "GetCallerIdentity", "sts:GetCallerIdentity", "the account that is being read"},
	{"wafv2", "DescribeManagedRuleGroup", "wafv2:DescribeManagedRuleGroup", "the rules of managed rule groups"},
	{"wafv2", "GetIPSet", "wafv2:GetIPSet", "address lists of a web ACL"},
	{"wafv2", "GetLoggingConfiguration", "wafv2:GetLoggingConfiguration", "web ACL logs"},
	{"wafv2", "GetRateBasedStatementManagedKeys", "wafv2:GetRateBasedStatementManagedKeys", "addresses that a rate-based rule blocks now"},
	{"wafv2", "GetRegexPatternSet", "wafv2:GetRegexPatternSet", "patterns of a web ACL"},
	{"wafv2", "GetRuleGroup", "wafv2:GetRuleGroup", "rule groups of a web ACL"},
	{"wafv2", "GetSampledRequests", "wafv2:GetSampledRequests", "requests that a web ACL blocked"},
	{"wafv2", "GetWebACL", "wafv2:GetWebACL", "the web ACL"},
	{"wafv2", "GetWebACLForResource", "wafv2:GetWebACLForResource", "the web ACL of a load balancer or API behind CloudFront"},
}

// Reads reports whether a call is one of an operation in the table.
func Reads(call evidence.Call) bool {
	_, ok := byName[call.Name()]
	return ok
}
