package sdk

import (
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfrontkeyvaluestore"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/mediapackagev2"
	"github.com/aws/aws-sdk-go-v2/service/mediastore"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3control"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/wafv2"
)

// operation is one read of the API that this door can make.
type operation struct {
	service, name string
	caller
}

// operations is the list of account.Operations with the client and the method of each. A typed line an operation, not a method looked up by
// its name: reflection by name would keep every method of every client in the binary.
var operations = []operation{
	{"acm", "DescribeCertificate", read(acm.NewFromConfig, (*acm.Client).DescribeCertificate)},
	{"acm", "ListCertificates", read(acm.NewFromConfig, (*acm.Client).ListCertificates)},
	{"apigateway", "GetAuthorizers", read(apigateway.NewFromConfig, (*apigateway.Client).GetAuthorizers)},
	{"apigateway", "GetBasePathMappings", read(apigateway.NewFromConfig, (*apigateway.Client).GetBasePathMappings)},
	{"apigateway", "GetDomainNames", read(apigateway.NewFromConfig, (*apigateway.Client).GetDomainNames)},
	{"apigateway", "GetMethod", read(apigateway.NewFromConfig, (*apigateway.Client).GetMethod)},
	{"apigateway", "GetResources", read(apigateway.NewFromConfig, (*apigateway.Client).GetResources)},
	{"apigateway", "GetRestApi", read(apigateway.NewFromConfig, (*apigateway.Client).GetRestApi)},
	{"apigateway", "GetStages", read(apigateway.NewFromConfig, (*apigateway.Client).GetStages)},
	{"apigatewayv2", "GetApi", read(apigatewayv2.NewFromConfig, (*apigatewayv2.Client).GetApi)},
	{"apigatewayv2", "GetApiMappings", read(apigatewayv2.NewFromConfig, (*apigatewayv2.Client).GetApiMappings)},
	{"apigatewayv2", "GetDomainNames", read(apigatewayv2.NewFromConfig, (*apigatewayv2.Client).GetDomainNames)},
	{"apigatewayv2", "GetRoutes", read(apigatewayv2.NewFromConfig, (*apigatewayv2.Client).GetRoutes)},
	{"apigatewayv2", "GetStages", read(apigatewayv2.NewFromConfig, (*apigatewayv2.Client).GetStages)},
	{"cloudfront", "DescribeFunction", read(cloudfront.NewFromConfig, (*cloudfront.Client).DescribeFunction)},
	{"cloudfront", "GetCachePolicy", read(cloudfront.NewFromConfig, (*cloudfront.Client).GetCachePolicy)},
	{"cloudfront", "GetCloudFrontOriginAccessIdentity", read(cloudfront.NewFromConfig, (*cloudfront.Client).GetCloudFrontOriginAccessIdentity)},
	{"cloudfront", "GetConnectionGroup", read(cloudfront.NewFromConfig, (*cloudfront.Client).GetConnectionGroup)},
	{"cloudfront", "GetContinuousDeploymentPolicy", read(cloudfront.NewFromConfig, (*cloudfront.Client).GetContinuousDeploymentPolicy)},
	{"cloudfront", "GetDistribution", read(cloudfront.NewFromConfig, (*cloudfront.Client).GetDistribution)},
	{"cloudfront", "GetDistributionTenantByDomain", read(cloudfront.NewFromConfig, (*cloudfront.Client).GetDistributionTenantByDomain)},
	{"cloudfront", "GetFieldLevelEncryption", read(cloudfront.NewFromConfig, (*cloudfront.Client).GetFieldLevelEncryption)},
	{"cloudfront", "GetFieldLevelEncryptionProfile", read(cloudfront.NewFromConfig, (*cloudfront.Client).GetFieldLevelEncryptionProfile)},
	{"cloudfront", "GetFunction", read(cloudfront.NewFromConfig, (*cloudfront.Client).GetFunction)},
	{"cloudfront", "GetInvalidation", read(cloudfront.NewFromConfig, (*cloudfront.Client).GetInvalidation)},
	{"cloudfront", "GetKeyGroup", read(cloudfront.NewFromConfig, (*cloudfront.Client).GetKeyGroup)},
	{"cloudfront", "GetMonitoringSubscription", read(cloudfront.NewFromConfig, (*cloudfront.Client).GetMonitoringSubscription)},
	{"cloudfront", "GetOriginAccessControl", read(cloudfront.NewFromConfig, (*cloudfront.Client).GetOriginAccessControl)},
	{"cloudfront", "GetOriginRequestPolicy", read(cloudfront.NewFromConfig, (*cloudfront.Client).GetOriginRequestPolicy)},
	{"cloudfront", "GetPublicKey", read(cloudfront.NewFromConfig, (*cloudfront.Client).GetPublicKey)},
	{"cloudfront", "GetRealtimeLogConfig", read(cloudfront.NewFromConfig, (*cloudfront.Client).GetRealtimeLogConfig)},
	{"cloudfront", "GetResponseHeadersPolicy", read(cloudfront.NewFromConfig, (*cloudfront.Client).GetResponseHeadersPolicy)},
	{"cloudfront", "GetTrustStore", read(cloudfront.NewFromConfig, (*cloudfront.Client).GetTrustStore)},
	{"cloudfront", "GetVpcOrigin", read(cloudfront.NewFromConfig, (*cloudfront.Client).GetVpcOrigin)},
	{"cloudfront", "ListConflictingAliases", read(cloudfront.NewFromConfig, (*cloudfront.Client).ListConflictingAliases)},
	{"cloudfront", "ListConnectionGroups", read(cloudfront.NewFromConfig, (*cloudfront.Client).ListConnectionGroups)},
	{"cloudfront", "ListDistributionTenants", read(cloudfront.NewFromConfig, (*cloudfront.Client).ListDistributionTenants)},
	{"cloudfront", "ListDistributions", read(cloudfront.NewFromConfig, (*cloudfront.Client).ListDistributions)},
	{"cloudfront", "ListDomainConflicts", read(cloudfront.NewFromConfig, (*cloudfront.Client).ListDomainConflicts)},
	{"cloudfront", "ListInvalidations", read(cloudfront.NewFromConfig, (*cloudfront.Client).ListInvalidations)},
	{"cloudfront-keyvaluestore", "ListKeys", read(cloudfrontkeyvaluestore.NewFromConfig, (*cloudfrontkeyvaluestore.Client).ListKeys)},
	{"cloudwatch", "DescribeAlarms", read(cloudwatch.NewFromConfig, (*cloudwatch.Client).DescribeAlarms)},
	{"cloudwatch", "GetMetricData", read(cloudwatch.NewFromConfig, (*cloudwatch.Client).GetMetricData)},
	{"ec2", "DescribeInstances", read(ec2.NewFromConfig, (*ec2.Client).DescribeInstances)},
	{"ec2", "DescribeInternetGateways", read(ec2.NewFromConfig, (*ec2.Client).DescribeInternetGateways)},
	{"ec2", "DescribeManagedPrefixLists", read(ec2.NewFromConfig, (*ec2.Client).DescribeManagedPrefixLists)},
	{"ec2", "DescribeNetworkAcls", read(ec2.NewFromConfig, (*ec2.Client).DescribeNetworkAcls)},
	{"ec2", "DescribeRouteTables", read(ec2.NewFromConfig, (*ec2.Client).DescribeRouteTables)},
	{"ec2", "DescribeSecurityGroups", read(ec2.NewFromConfig, (*ec2.Client).DescribeSecurityGroups)},
	{"ec2", "DescribeSubnets", read(ec2.NewFromConfig, (*ec2.Client).DescribeSubnets)},
	{"ec2", "GetManagedPrefixListEntries", read(ec2.NewFromConfig, (*ec2.Client).GetManagedPrefixListEntries)},
	{"elbv2", "DescribeListenerCertificates", read(elasticloadbalancingv2.NewFromConfig, (*elasticloadbalancingv2.Client).DescribeListenerCertificates)},
	{"elbv2", "DescribeListeners", read(elasticloadbalancingv2.NewFromConfig, (*elasticloadbalancingv2.Client).DescribeListeners)},
	{"elbv2", "DescribeLoadBalancerAttributes", read(elasticloadbalancingv2.NewFromConfig, (*elasticloadbalancingv2.Client).DescribeLoadBalancerAttributes)},
	{"elbv2", "DescribeLoadBalancers", read(elasticloadbalancingv2.NewFromConfig, (*elasticloadbalancingv2.Client).DescribeLoadBalancers)},
	{"elbv2", "DescribeRules", read(elasticloadbalancingv2.NewFromConfig, (*elasticloadbalancingv2.Client).DescribeRules)},
	{"elbv2", "DescribeTargetGroups", read(elasticloadbalancingv2.NewFromConfig, (*elasticloadbalancingv2.Client).DescribeTargetGroups)},
	{"elbv2", "DescribeTargetHealth", read(elasticloadbalancingv2.NewFromConfig, (*elasticloadbalancingv2.Client).DescribeTargetHealth)},
	{"iam", "GetRole", read(iam.NewFromConfig, (*iam.Client).GetRole)},
	{"iam", "ListServerCertificates", read(iam.NewFromConfig, (*iam.Client).ListServerCertificates)},
	{"kms", "DescribeKey", read(kms.NewFromConfig, (*kms.Client).DescribeKey)},
	{"kms", "GetKeyPolicy", read(kms.NewFromConfig, (*kms.Client).GetKeyPolicy)},
	{"lambda", "GetFunctionConfiguration", read(lambda.NewFromConfig, (*lambda.Client).GetFunctionConfiguration)},
	{"lambda", "GetPolicy", read(lambda.NewFromConfig, (*lambda.Client).GetPolicy)},
	{"lambda", "ListFunctionUrlConfigs", read(lambda.NewFromConfig, (*lambda.Client).ListFunctionUrlConfigs)},
	{"lambda", "ListFunctions", read(lambda.NewFromConfig, (*lambda.Client).ListFunctions)},
	{"logs", "DescribeDeliveries", read(cloudwatchlogs.NewFromConfig, (*cloudwatchlogs.Client).DescribeDeliveries)},
	{"logs", "DescribeDeliveryDestinations", read(cloudwatchlogs.NewFromConfig, (*cloudwatchlogs.Client).DescribeDeliveryDestinations)},
	{"logs", "DescribeDeliverySources", read(cloudwatchlogs.NewFromConfig, (*cloudwatchlogs.Client).DescribeDeliverySources)},
	{"logs", "DescribeLogGroups", read(cloudwatchlogs.NewFromConfig, (*cloudwatchlogs.Client).DescribeLogGroups)},
	{"mediapackagev2", "GetOriginEndpointPolicy", read(mediapackagev2.NewFromConfig, (*mediapackagev2.Client).GetOriginEndpointPolicy)},
	{"mediapackagev2", "ListChannelGroups", read(mediapackagev2.NewFromConfig, (*mediapackagev2.Client).ListChannelGroups)},
	{"mediastore", "GetContainerPolicy", read(mediastore.NewFromConfig, (*mediastore.Client).GetContainerPolicy)},
	{"mediastore", "ListContainers", read(mediastore.NewFromConfig, (*mediastore.Client).ListContainers)},
	{"route53", "ListHostedZones", read(route53.NewFromConfig, (*route53.Client).ListHostedZones)},
	{"route53", "ListResourceRecordSets", read(route53.NewFromConfig, (*route53.Client).ListResourceRecordSets)},
	{"s3", "GetBucketAcl", read(newS3, (*s3.Client).GetBucketAcl)},
	{"s3", "GetBucketCors", read(newS3, (*s3.Client).GetBucketCors)},
	{"s3", "GetBucketEncryption", read(newS3, (*s3.Client).GetBucketEncryption)},
	{"s3", "GetBucketLocation", read(newS3, (*s3.Client).GetBucketLocation)},
	{"s3", "GetBucketOwnershipControls", read(newS3, (*s3.Client).GetBucketOwnershipControls)},
	{"s3", "GetBucketPolicy", read(newS3, (*s3.Client).GetBucketPolicy)},
	{"s3", "GetBucketPolicyStatus", read(newS3, (*s3.Client).GetBucketPolicyStatus)},
	{"s3", "GetBucketRequestPayment", read(newS3, (*s3.Client).GetBucketRequestPayment)},
	{"s3", "GetBucketWebsite", read(newS3, (*s3.Client).GetBucketWebsite)},
	{"s3", "GetObjectAcl", read(newS3, (*s3.Client).GetObjectAcl)},
	{"s3", "GetPublicAccessBlock", read(newS3, (*s3.Client).GetPublicAccessBlock)},
	{"s3", "HeadBucket", read(newS3, (*s3.Client).HeadBucket)},
	{"s3", "HeadObject", read(newS3, (*s3.Client).HeadObject)},
	{"s3", "ListObjectsV2", read(newS3, (*s3.Client).ListObjectsV2)},
	{"s3control", "GetAccessPointPolicy", read(s3control.NewFromConfig, (*s3control.Client).GetAccessPointPolicy)},
	{"s3control", "GetPublicAccessBlock", read(s3control.NewFromConfig, (*s3control.Client).GetPublicAccessBlock)},
	{"s3control", "ListAccessPoints", read(s3control.NewFromConfig, (*s3control.Client).ListAccessPoints)},
	{"sts", "GetCallerIdentity", read(sts.NewFromConfig, (*sts.Client).GetCallerIdentity)},
	{"wafv2", "DescribeManagedRuleGroup", read(wafv2.NewFromConfig, (*wafv2.Client).DescribeManagedRuleGroup)},
	{"wafv2", "GetIPSet", read(wafv2.NewFromConfig, (*wafv2.Client).GetIPSet)},
	{"wafv2", "GetLoggingConfiguration", read(wafv2.NewFromConfig, (*wafv2.Client).GetLoggingConfiguration)},
	{"wafv2", "GetRateBasedStatementManagedKeys", read(wafv2.NewFromConfig, (*wafv2.Client).GetRateBasedStatementManagedKeys)},
	{"wafv2", "GetRegexPatternSet", read(wafv2.NewFromConfig, (*wafv2.Client).GetRegexPatternSet)},
	{"wafv2", "GetRuleGroup", read(wafv2.NewFromConfig, (*wafv2.Client).GetRuleGroup)},
	{"wafv2", "GetSampledRequests", read(wafv2.NewFromConfig, (*wafv2.Client).GetSampledRequests)},
	{"wafv2", "GetWebACL", read(wafv2.NewFromConfig, (*wafv2.Client).GetWebACL)},
	{"wafv2", "GetWebACLForResource", read(wafv2.NewFromConfig, (*wafv2.Client).GetWebACLForResource)},
}
