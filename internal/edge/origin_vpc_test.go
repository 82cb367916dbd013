package edge

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	ec2 "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	lambda "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	wafv2 "github.com/aws/aws-sdk-go-v2/service/wafv2/types"

	"cfdoctor/internal/account"
)

// newVPCWorld is an internal load balancer behind a VPC origin.
func newVPCWorld() *originWorld {
	w := newBalancerWorld()
	w.origin().CustomOriginConfig = nil
	w.origin().VpcOriginConfig = &types.VpcOriginConfig{VpcOriginId: ptr("vo_1")}
	w.balancer(func(b *elb.LoadBalancer) { b.Scheme = elb.LoadBalancerSchemeEnumInternal })
	w.vpcOrigin("Deployed")
	return w
}

func (w *originWorld) vpcOrigin(status string) {
	account.VpcOrigin("vo_1").Set(w.World, account.VpcOriginOutput{VpcOrigin: types.VpcOrigin{
		Status: ptr(status), VpcOriginEndpointConfig: &types.VpcOriginEndpointConfig{
			Arn: ptr(testALB), HTTPPort: ptr(int32(80)), HTTPSPort: ptr(int32(443)), OriginProtocolPolicy: types.OriginProtocolPolicyHttpsOnly,
		},
	}})
}

// TestVPCOrigin follows DG/private-content-vpc-origins.
func TestVPCOrigin(t *testing.T) {
	groupPair := ec2.IpPermission{IpProtocol: ptr("tcp"), FromPort: ptr(int32(443)), ToPort: ptr(int32(443)), UserIdGroupPairs: []ec2.UserIdGroupPair{{GroupId: ptr("sg-cf")}}}
	cases := map[string]struct {
		edit func(*originWorld)
		want want
	}{
		"deployed":              {func(*originWorld) {}, want{200, Likely, ""}},
		"deploying":             {func(w *originWorld) { w.vpcOrigin("Deploying") }, want{502, Uncertain, "origin-connection"}},
		"gone":                  {func(w *originWorld) { account.VpcOrigin("vo_1").SetAbsent(w.World) }, want{502, Uncertain, "origin-connection"}},
		"not read":              {func(w *originWorld) { w.Forget(account.VpcOrigin("vo_1").Call) }, want{200, Likely, ""}},
		"closed to CloudFront":  {func(w *originWorld) { w.group(from(443, "10.0.0.0/8")) }, want{504, Uncertain, "origin-connection"}},
		"open to another group": {func(w *originWorld) { w.group(groupPair) }, want{200, Likely, ""}},
		"no internet route":     {func(w *originWorld) { w.routes("nat-1") }, want{200, Likely, ""}},
		"no listener":           {func(w *originWorld) { w.listener(func(l *elb.Listener) { l.Port = ptr(int32(8443)) }) }, want{502, Uncertain, "origin-connection"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := newVPCWorld()
			c.edit(w)
			w.expect(t, c.want)
		})
	}
}

// TestRegionalWAF: the balancer's own web ACL sees what CloudFront sends, such as its User-Agent (DG/RequestAndResponseBehaviorCustomOrigin).
func TestRegionalWAF(t *testing.T) {
	w := newBalancerWorld()
	account.WebACLForResource(testALB, "eu-west-1").Set(w.World, account.ResourceWebACLOutput{WebACL: &wafv2.WebACL{
		ARN: ptr("arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/own/1"), Name: ptr("own"), DefaultAction: &wafv2.DefaultAction{Allow: &wafv2.AllowAction{}},
		Rules: []wafv2.Rule{{
			Name: ptr("no-cdn"), Action: &wafv2.RuleAction{Block: &wafv2.BlockAction{}},
			Statement: &wafv2.Statement{ByteMatchStatement: &wafv2.ByteMatchStatement{
				SearchString: []byte("Amazon CloudFront"), PositionalConstraint: wafv2.PositionalConstraintExactly,
				FieldToMatch:        &wafv2.FieldToMatch{SingleHeader: &wafv2.SingleHeader{Name: ptr("user-agent")}},
				TextTransformations: []wafv2.TextTransformation{{Type: wafv2.TextTransformationTypeNone}},
			}},
		}},
	}})
	tr := w.expect(t, want{403, Certain, "origin-access"})
	if tr.Outcome.AnsweredBy != ByWAF || tr.Exchange.LoadBalancer.Block.Result.Rule.Name != "no-cdn" {
		t.Errorf("answered by %s, %+v", tr.Outcome.AnsweredBy, tr.Exchange.LoadBalancer.Block)
	}
	w.forward("b689b0a8-53d0-40ab-baf2-68738e2966ac") // sends the viewer's own User-Agent
	w.expect(t, want{200, Likely, ""})
}

// TestLambdaEdge follows DG/lambda-at-edge-function-restrictions.
func TestLambdaEdge(t *testing.T) {
	const version = "arn:aws:lambda:us-east-1:111122223333:function:edge:3"
	cases := map[string]struct {
		arn  string
		edit func(*originWorld)
		want want
	}{
		"a version":      {version, func(*originWorld) {}, want{200, Likely, ""}},
		"$LATEST":        {"arn:aws:lambda:us-east-1:111122223333:function:edge:$LATEST", func(*originWorld) {}, want{503, Certain, "origin-request-function"}},
		"another Region": {"arn:aws:lambda:eu-west-1:111122223333:function:edge:3", func(*originWorld) {}, want{503, Certain, "origin-request-function"}},
		"deleted":        {version, func(w *originWorld) { account.LambdaConfiguration(version).SetAbsent(w.World) }, want{503, Certain, "origin-request-function"}},
		"failed": {version, func(w *originWorld) {
			account.LambdaConfiguration(version).Set(w.World, account.LambdaConfigurationOutput{State: lambda.StateFailed})
		}, want{503, Certain, "origin-request-function"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := newBucketWorld()
			w.config.DefaultCacheBehavior.LambdaFunctionAssociations = &types.LambdaFunctionAssociations{Items: []types.LambdaFunctionAssociation{
				{EventType: types.EventTypeOriginRequest, LambdaFunctionARN: ptr(c.arn)},
			}}
			c.edit(w)
			w.expect(t, c.want)
		})
	}
}

// TestMedia follows DG/private-content-restricting-access-to-mediapackage and DG/private-content-restricting-access-to-mediastore.
func TestMedia(t *testing.T) {
	const domain = "abc.egress.xyz.mediapackagev2.eu-west-1.amazonaws.com"
	const group = "arn:aws:mediapackagev2:eu-west-1:111122223333:channelGroup/news"
	sign := func(w *originWorld, kind string) {
		account.OriginAccessControl(testOAC).Set(w.World, account.OriginAccessControlOutput{OriginAccessControl: types.OriginAccessControl{
			OriginAccessControlConfig: &types.OriginAccessControlConfig{
				OriginAccessControlOriginType: types.OriginAccessControlOriginTypes(kind), SigningBehavior: "always", SigningProtocol: "sigv4",
			},
		}})
	}
	build := func(source string) *originWorld {
		w := newLambdaWorld()
		w.origin().DomainName = ptr(domain)
		sign(w, "mediapackagev2")
		w.req.SetPath("/out/v1/news/live/hls/index.m3u8")
		account.ChannelGroups("eu-west-1").Set(w.World, account.ChannelGroupsOutput{Items: []account.ChannelGroup{{ChannelGroupName: "news", Arn: group}}})
		account.EndpointPolicy("eu-west-1", "news", "live", "hls").Set(w.World, account.EndpointPolicyOutput{
			Policy: grant(cloudFrontService, "mediapackagev2:GetObject", group+"/channel/live/originEndpoint/hls", source),
		})
		return w
	}
	build(originARN).expect(t, want{200, Likely, ""})
	build(originARN+"X").expect(t, want{403, Certain, "origin-access"})
	w := build(originARN)
	account.EndpointPolicy("eu-west-1", "news", "live", "hls").SetAbsent(w.World)
	w.expect(t, want{403, Certain, "origin-access"})
	w = build(originARN)
	sign(w, "s3")
	w.expect(t, want{403, Uncertain, "origin-access"})
}
