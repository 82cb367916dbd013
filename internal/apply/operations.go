package apply

import (
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/mediapackagev2"
	"github.com/aws/aws-sdk-go-v2/service/mediastore"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/wafv2"

	"cfdoctor/internal/source/sdk"
)

// Operations are what the changes of package fix call, beside the reads of a diagnosis. Nothing else in cfdoctor can change an account.
func Operations() []sdk.Operation {
	return []sdk.Operation{
		// Reads.
		sdk.NewOperation("cloudfront", "ListOriginAccessControls", cloudfront.NewFromConfig, (*cloudfront.Client).ListOriginAccessControls),
		sdk.NewOperation("cloudfront", "ListVpcOrigins", cloudfront.NewFromConfig, (*cloudfront.Client).ListVpcOrigins),
		sdk.NewOperation("ec2", "DescribeSecurityGroupRules", ec2.NewFromConfig, (*ec2.Client).DescribeSecurityGroupRules),
		sdk.NewOperation("lambda", "GetFunctionUrlConfig", lambda.NewFromConfig, (*lambda.Client).GetFunctionUrlConfig),
		sdk.NewOperation("wafv2", "ListWebACLs", wafv2.NewFromConfig, (*wafv2.Client).ListWebACLs),
		// Changes.
		sdk.NewOperation("apigateway", "UpdateRestApi", apigateway.NewFromConfig, (*apigateway.Client).UpdateRestApi),
		sdk.NewOperation("apigateway", "UpdateStage", apigateway.NewFromConfig, (*apigateway.Client).UpdateStage),
		sdk.NewOperation("apigatewayv2", "UpdateApi", apigatewayv2.NewFromConfig, (*apigatewayv2.Client).UpdateApi),
		sdk.NewOperation("apigatewayv2", "UpdateStage", apigatewayv2.NewFromConfig, (*apigatewayv2.Client).UpdateStage),
		sdk.NewOperation("cloudfront", "AssociateAlias", cloudfront.NewFromConfig, (*cloudfront.Client).AssociateAlias),
		sdk.NewOperation("cloudfront", "CreateFunction", cloudfront.NewFromConfig, (*cloudfront.Client).CreateFunction),
		sdk.NewOperation("cloudfront", "CreateInvalidation", cloudfront.NewFromConfig, (*cloudfront.Client).CreateInvalidation),
		sdk.NewOperation("cloudfront", "CreateMonitoringSubscription", cloudfront.NewFromConfig, (*cloudfront.Client).CreateMonitoringSubscription),
		sdk.NewOperation("cloudfront", "CreateOriginAccessControl", cloudfront.NewFromConfig, (*cloudfront.Client).CreateOriginAccessControl),
		sdk.NewOperation("cloudfront", "CreateVpcOrigin", cloudfront.NewFromConfig, (*cloudfront.Client).CreateVpcOrigin),
		sdk.NewOperation("cloudfront", "DeleteFunction", cloudfront.NewFromConfig, (*cloudfront.Client).DeleteFunction),
		sdk.NewOperation("cloudfront", "DeleteMonitoringSubscription", cloudfront.NewFromConfig, (*cloudfront.Client).DeleteMonitoringSubscription),
		sdk.NewOperation("cloudfront", "DeleteOriginAccessControl", cloudfront.NewFromConfig, (*cloudfront.Client).DeleteOriginAccessControl),
		sdk.NewOperation("cloudfront", "DeleteVpcOrigin", cloudfront.NewFromConfig, (*cloudfront.Client).DeleteVpcOrigin),
		sdk.NewOperation("cloudfront", "PublishFunction", cloudfront.NewFromConfig, (*cloudfront.Client).PublishFunction),
		sdk.NewOperation("cloudfront", "UpdateConnectionGroup", cloudfront.NewFromConfig, (*cloudfront.Client).UpdateConnectionGroup),
		sdk.NewOperation("cloudfront", "UpdateContinuousDeploymentPolicy", cloudfront.NewFromConfig, (*cloudfront.Client).UpdateContinuousDeploymentPolicy),
		sdk.NewOperation("cloudfront", "UpdateDistribution", cloudfront.NewFromConfig, (*cloudfront.Client).UpdateDistribution),
		sdk.NewOperation("cloudfront", "UpdateDistributionTenant", cloudfront.NewFromConfig, (*cloudfront.Client).UpdateDistributionTenant),
		sdk.NewOperation("cloudfront", "UpdateFieldLevelEncryptionConfig", cloudfront.NewFromConfig, (*cloudfront.Client).UpdateFieldLevelEncryptionConfig),
		sdk.NewOperation("cloudfront", "UpdateFunction", cloudfront.NewFromConfig, (*cloudfront.Client).UpdateFunction),
		sdk.NewOperation("cloudfront", "UpdateKeyGroup", cloudfront.NewFromConfig, (*cloudfront.Client).UpdateKeyGroup),
		sdk.NewOperation("cloudwatch", "DeleteAlarms", cloudwatch.NewFromConfig, (*cloudwatch.Client).DeleteAlarms),
		sdk.NewOperation("cloudwatch", "PutMetricAlarm", cloudwatch.NewFromConfig, (*cloudwatch.Client).PutMetricAlarm),
		sdk.NewOperation("ec2", "AuthorizeSecurityGroupIngress", ec2.NewFromConfig, (*ec2.Client).AuthorizeSecurityGroupIngress),
		sdk.NewOperation("ec2", "RevokeSecurityGroupIngress", ec2.NewFromConfig, (*ec2.Client).RevokeSecurityGroupIngress),
		sdk.NewOperation("elbv2", "ModifyListener", elasticloadbalancingv2.NewFromConfig, (*elasticloadbalancingv2.Client).ModifyListener),
		sdk.NewOperation("elbv2", "ModifyLoadBalancerAttributes", elasticloadbalancingv2.NewFromConfig, (*elasticloadbalancingv2.Client).ModifyLoadBalancerAttributes),
		sdk.NewOperation("kms", "PutKeyPolicy", kms.NewFromConfig, (*kms.Client).PutKeyPolicy),
		sdk.NewOperation("lambda", "AddPermission", lambda.NewFromConfig, (*lambda.Client).AddPermission),
		sdk.NewOperation("lambda", "RemovePermission", lambda.NewFromConfig, (*lambda.Client).RemovePermission),
		sdk.NewOperation("lambda", "UpdateFunctionUrlConfig", lambda.NewFromConfig, (*lambda.Client).UpdateFunctionUrlConfig),
		sdk.NewOperation("logs", "CreateDelivery", cloudwatchlogs.NewFromConfig, (*cloudwatchlogs.Client).CreateDelivery),
		sdk.NewOperation("logs", "CreateLogGroup", cloudwatchlogs.NewFromConfig, (*cloudwatchlogs.Client).CreateLogGroup),
		sdk.NewOperation("logs", "DeleteDelivery", cloudwatchlogs.NewFromConfig, (*cloudwatchlogs.Client).DeleteDelivery),
		sdk.NewOperation("logs", "DeleteDeliveryDestination", cloudwatchlogs.NewFromConfig, (*cloudwatchlogs.Client).DeleteDeliveryDestination),
		sdk.NewOperation("logs", "DeleteDeliverySource", cloudwatchlogs.NewFromConfig, (*cloudwatchlogs.Client).DeleteDeliverySource),
		sdk.NewOperation("logs", "PutDeliveryDestination", cloudwatchlogs.NewFromConfig, (*cloudwatchlogs.Client).PutDeliveryDestination),
		sdk.NewOperation("logs", "PutDeliverySource", cloudwatchlogs.NewFromConfig, (*cloudwatchlogs.Client).PutDeliverySource),
		sdk.NewOperation("mediapackagev2", "DeleteOriginEndpointPolicy", mediapackagev2.NewFromConfig, (*mediapackagev2.Client).DeleteOriginEndpointPolicy),
		sdk.NewOperation("mediapackagev2", "PutOriginEndpointPolicy", mediapackagev2.NewFromConfig, (*mediapackagev2.Client).PutOriginEndpointPolicy),
		sdk.NewOperation("mediastore", "DeleteContainerPolicy", mediastore.NewFromConfig, (*mediastore.Client).DeleteContainerPolicy),
		sdk.NewOperation("mediastore", "PutContainerPolicy", mediastore.NewFromConfig, (*mediastore.Client).PutContainerPolicy),
		sdk.NewOperation("route53", "ChangeResourceRecordSets", route53.NewFromConfig, (*route53.Client).ChangeResourceRecordSets),
		sdk.NewOperation("s3", "CopyObject", sdk.NewS3, (*s3.Client).CopyObject),
		sdk.NewOperation("s3", "DeleteBucketCors", sdk.NewS3, (*s3.Client).DeleteBucketCors),
		sdk.NewOperation("s3", "DeleteBucketOwnershipControls", sdk.NewS3, (*s3.Client).DeleteBucketOwnershipControls),
		sdk.NewOperation("s3", "DeleteBucketPolicy", sdk.NewS3, (*s3.Client).DeleteBucketPolicy),
		sdk.NewOperation("s3", "DeleteObject", sdk.NewS3, (*s3.Client).DeleteObject),
		sdk.NewOperation("s3", "PutBucketCors", sdk.NewS3, (*s3.Client).PutBucketCors),
		sdk.NewOperation("s3", "PutBucketOwnershipControls", sdk.NewS3, (*s3.Client).PutBucketOwnershipControls),
		sdk.NewOperation("s3", "PutBucketPolicy", sdk.NewS3, (*s3.Client).PutBucketPolicy),
		sdk.NewOperation("s3", "PutBucketRequestPayment", sdk.NewS3, (*s3.Client).PutBucketRequestPayment),
		sdk.NewOperation("wafv2", "CreateWebACL", wafv2.NewFromConfig, (*wafv2.Client).CreateWebACL),
		sdk.NewOperation("wafv2", "DeleteWebACL", wafv2.NewFromConfig, (*wafv2.Client).DeleteWebACL),
		sdk.NewOperation("wafv2", "UpdateIPSet", wafv2.NewFromConfig, (*wafv2.Client).UpdateIPSet),
		sdk.NewOperation("wafv2", "UpdateWebACL", wafv2.NewFromConfig, (*wafv2.Client).UpdateWebACL),
	}
}
