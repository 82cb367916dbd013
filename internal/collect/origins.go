package collect

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cloudfront"
)

// origin asks for how CloudFront signs its requests to an origin, and for what answers there.
func (w *walk) origin(ctx context.Context, o types.Origin) {
	wantEach(ctx, w.c, account.OriginAccessControl, o.OriginAccessControlId)
	if o.S3OriginConfig != nil {
		if id := strings.TrimPrefix(aws.ToString(o.S3OriginConfig.OriginAccessIdentity), "origin-access-identity/cloudfront/"); id != "" {
			w.c.Want(ctx, account.OriginAccessIdentity(id))
		}
	}
	if c := o.CustomOriginConfig; c != nil && c.OriginMtlsConfig != nil {
		w.certificate(ctx, aws.ToString(c.OriginMtlsConfig.ClientCertificateArn))
	}
	if o.VpcOriginConfig != nil {
		w.vpcOrigin(ctx, aws.ToString(o.VpcOriginConfig.VpcOriginId))
		return
	}
	e := cloudfront.ClassifyEndpoint(aws.ToString(o.DomainName))
	if e.Kind != cloudfront.KindCustom {
		w.endpoint(ctx, o, e)
		return
	}
	// A name of the customer's own may lead to something in this account: a load balancer, an API, a bucket's website.
	then(ctx, w.c, account.HostedZones(), func(ctx context.Context, zones account.HostedZonesOutput) {
		lookup(ctx, w.c, zones, e.Domain, maxHops, func(ctx context.Context, target string) {
			w.endpoint(ctx, o, cloudfront.ClassifyEndpoint(target))
		})
	})
}

// tenantOrigins asks for the origins whose address holds parameters of the tenant that serves the request (DG/tenant-customization).
func (w *walk) tenantOrigins(ctx context.Context, t types.DistributionTenant) {
	if aws.ToString(t.DistributionId) != w.id {
		return
	}
	values := cloudfront.TenantParameters(w.config.TenantConfig, t.Parameters)
	for _, o := range w.origins() {
		if !cloudfront.Parametrised(o) {
			continue
		}
		if filled, missing := cloudfront.FillOrigin(o, values); len(missing) == 0 {
			w.origin(ctx, filled)
		}
	}
}

// endpoint asks for what an AWS name tells to look at. The origin may carry another name that leads to it.
func (w *walk) endpoint(ctx context.Context, o types.Origin, e cloudfront.Endpoint) {
	switch e.Kind {
	case cloudfront.KindS3Regional, cloudfront.KindS3Global, cloudfront.KindS3DualStack, cloudfront.KindS3FIPS,
		cloudfront.KindS3Accelerate, cloudfront.KindS3External, cloudfront.KindS3Website:
		w.bucket(ctx, o, e)
	case cloudfront.KindS3AccessPoint:
		w.accessPoint(ctx, o, e)
	case cloudfront.KindS3PathStyle:
		// An alias record to a website endpoint names no bucket: S3 takes the one that is named like the host (S3UG/website-hosting-custom-domain-walkthrough).
		if strings.HasPrefix(e.Domain, "s3-website") {
			e.Kind, e.Name = cloudfront.KindS3Website, cloudfront.NormalizeHost(aws.ToString(o.DomainName))
			w.bucket(ctx, o, e)
		}
	case cloudfront.KindLoadBalancer, cloudfront.KindNetworkBalancer:
		w.balancers(ctx, e.Region, byDNSName(e.Domain))
	case cloudfront.KindAPIGateway:
		w.api(ctx, o, e)
	case cloudfront.KindLambdaURL:
		w.functionURL(ctx, e)
	case cloudfront.KindEC2:
		w.instances(ctx, e)
	case cloudfront.KindCloudFront:
		w.c.Want(ctx, account.Distributions()) // what is behind the other distribution
	case cloudfront.KindMediaPackageV2:
		w.mediaPackage(ctx, o, e)
	case cloudfront.KindMediaStore:
		w.mediaStore(ctx, e)
	}
}

// vpcOrigin asks for a VPC origin, and for the load balancer behind it where it is this account's.
func (w *walk) vpcOrigin(ctx context.Context, id string) {
	if id == "" {
		return
	}
	then(ctx, w.c, account.VpcOrigin(id), func(ctx context.Context, out account.VpcOriginOutput) {
		config := out.VpcOrigin.VpcOriginEndpointConfig
		if config == nil {
			return
		}
		arn := strings.SplitN(aws.ToString(config.Arn), ":", 6)
		if len(arn) == 6 && arn[2] == "elasticloadbalancing" && arn[4] == w.account {
			w.balancers(ctx, arn[3], byARN(*config.Arn))
		}
	})
}

// accessPoint asks for an access point of this account, its policy, and the bucket behind it (S3UG/access-points).
func (w *walk) accessPoint(ctx context.Context, o types.Origin, e cloudfront.Endpoint) {
	if w.account == "" {
		return
	}
	then(ctx, w.c, account.AccessPoints(w.account, e.Region), func(ctx context.Context, out account.AccessPointsOutput) {
		for _, p := range out.AccessPointList {
			if e.Name != aws.ToString(p.Alias) && e.Name != aws.ToString(p.Name)+"-"+w.account {
				continue
			}
			w.c.Want(ctx, account.AccessPointPolicy(w.account, e.Region, aws.ToString(p.Name)))
			if e.Name = aws.ToString(p.Bucket); e.Name != "" {
				w.bucket(ctx, o, e)
			}
			return
		}
	})
}
