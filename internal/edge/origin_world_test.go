package edge

import (
	"testing"
	"time"

	acm "github.com/aws/aws-sdk-go-v2/service/acm/types"
	rest "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	v2 "github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	ec2 "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	lambda "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	route53 "github.com/aws/aws-sdk-go-v2/service/route53/types"
	s3 "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/request"
)

const (
	originID       = "E2ORIGINEXAMPLE"
	originDomain   = "d111111abcdef8.cloudfront.net"
	originARN      = "arn:aws:cloudfront::111122223333:distribution/" + originID
	testBucket     = "site-bucket"
	testBucketHost = testBucket + ".s3.eu-central-1.amazonaws.com"
	testOAC        = "E3OACEXAMPLE"
	testKey        = "arn:aws:kms:eu-central-1:111122223333:key/00000000-0000-4000-8000-000000000003"
	testALB        = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/web/1111111111111111"
	testALBName    = "web-1234567890.eu-west-1.elb.amazonaws.com"
	testListener   = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/web/1111111111111111/2222222222222222"
	testTargets    = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/3333333333333333"
	testOriginCert = "arn:aws:acm:eu-west-1:111122223333:certificate/00000000-0000-4000-8000-000000000004"
	testAPI        = "abcdefghij"
	testAPIHost    = testAPI + ".execute-api.eu-west-1.amazonaws.com"
	testURL        = "abcdefghijabcdefghijabcdefghij12"
	testURLHost    = testURL + ".lambda-url.eu-west-1.on.aws"
	testFunctionFn = "arn:aws:lambda:eu-west-1:111122223333:function:thumb"
)

// grant is the policy that the DG gives for origin access control, with a resource and action of one's own.
func grant(principal, action, resource, source string) string {
	return `{"Version":"2012-10-17","Statement":[{"Sid":"Grant","Effect":"Allow","Principal":` + principal + `,"Action":"` + action +
		`","Resource":"` + resource + `","Condition":{"StringEquals":{"AWS:SourceArn":"` + source + `"}}}]}`
}

const cloudFrontService = `{"Service":"cloudfront.amazonaws.com"}`

// originWorld is a distribution with one origin and everything that the account tells about it.
type originWorld struct {
	*evidence.World
	config types.DistributionConfig
	req    request.Request
}

func newOriginWorld(origin types.Origin) *originWorld {
	w := &originWorld{World: evidence.NewWorld(testNow(), "111122223333"), req: request.New(originDomain, "/img/logo.png")}
	origin.Id = ptr("o")
	w.config = types.DistributionConfig{
		Enabled: ptr(true), Origins: &types.Origins{Items: []types.Origin{origin}},
		DefaultCacheBehavior: &types.DefaultCacheBehavior{
			TargetOriginId: ptr("o"), ViewerProtocolPolicy: types.ViewerProtocolPolicyAllowAll,
			CachePolicyId:  ptr("658327ea-f89d-4fab-a63d-7e88639e58f6"), // Managed-CachingOptimized
			AllowedMethods: &types.AllowedMethods{Items: []types.Method{"GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"}},
		},
	}
	return w
}

// forward sets the behavior's origin request policy.
func (w *originWorld) forward(id string) {
	w.config.DefaultCacheBehavior.OriginRequestPolicyId = ptr(id)
}

func (w *originWorld) origin() *types.Origin { return &w.config.Origins.Items[0] }

func (w *originWorld) model(t testing.TB) *Model {
	t.Helper()
	account.Distribution(originID).Set(w.World, account.DistributionOutput{Distribution: types.Distribution{
		Id: ptr(originID), ARN: ptr(originARN), DomainName: ptr(originDomain), Status: ptr("Deployed"), DistributionConfig: &w.config,
	}})
	m, err := Compile(w.World, originID)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// want is what a case expects of the trace.
type want struct {
	status    int
	certainty Certainty
	at        string
}

func (w *originWorld) expect(t *testing.T, want want) *Trace {
	t.Helper()
	tr := w.model(t).Simulate(w.req)
	got := tr.Outcome
	if got.Status != want.status || got.Certainty != want.certainty || tr.StoppedAt != want.at {
		t.Errorf("got %d %s at %q, want %d %s at %q; %s", got.Status, got.Certainty, tr.StoppedAt, want.status, want.certainty, want.at, doing(tr))
	}
	return tr
}

// doing tells the steps of a trace that matter, for messages.
func doing(tr *Trace) string {
	out := ""
	for _, s := range tr.Steps {
		if s.Verdict == Stop || s.Verdict == Unknown {
			out += s.Stage + ": " + s.Summary + "; "
		}
	}
	for _, a := range tr.Alternatives {
		if !a.Weak {
			out += "or if " + a.If + "; "
		}
	}
	return out
}

// newBucketWorld is a private bucket with origin access control, granted as the DG says, holding img/logo.png and index.html.
func newBucketWorld() *originWorld {
	w := newOriginWorld(types.Origin{DomainName: ptr(testBucketHost), OriginAccessControlId: ptr(testOAC), S3OriginConfig: &types.S3OriginConfig{OriginAccessIdentity: ptr("")}})
	account.OriginAccessControl(testOAC).Set(w.World, account.OriginAccessControlOutput{OriginAccessControl: types.OriginAccessControl{
		OriginAccessControlConfig: &types.OriginAccessControlConfig{
			OriginAccessControlOriginType: "s3", SigningBehavior: "always", SigningProtocol: "sigv4",
		},
	}})
	account.Bucket(testBucket).Set(w.World, account.HeadBucketOutput{BucketRegion: "eu-central-1"})
	w.policy(grant(cloudFrontService, "s3:GetObject", "arn:aws:s3:::"+testBucket+"/*", originARN))
	on := ptr(true)
	account.PublicAccessBlock(testBucket).Set(w.World, account.PublicAccessBlockOutput{
		PublicAccessBlockConfiguration: s3.PublicAccessBlockConfiguration{BlockPublicAcls: on, BlockPublicPolicy: on, IgnorePublicAcls: on, RestrictPublicBuckets: on},
	})
	account.AccountPublicAccessBlock("111122223333").SetAbsent(w.World)
	account.OwnershipControls(testBucket).Set(w.World, account.OwnershipControlsOutput{
		OwnershipControls: s3.OwnershipControls{Rules: []s3.OwnershipControlsRule{{ObjectOwnership: s3.ObjectOwnershipBucketOwnerEnforced}}},
	})
	account.BucketCORS(testBucket).SetAbsent(w.World)
	account.BucketWebsite(testBucket).SetAbsent(w.World)
	account.RequestPayment(testBucket).Set(w.World, account.RequestPaymentOutput{Payer: s3.PayerBucketOwner})
	w.object("img/logo.png", account.ObjectOutput{ServerSideEncryption: s3.ServerSideEncryptionAes256})
	w.object("index.html", account.ObjectOutput{ServerSideEncryption: s3.ServerSideEncryptionAes256})
	return w
}

func (w *originWorld) policy(text string) {
	account.BucketPolicy(testBucket).Set(w.World, account.BucketPolicyOutput{Policy: text})
}

func (w *originWorld) object(key string, out account.ObjectOutput) {
	account.Object(testBucket, key).Set(w.World, out)
}

func (w *originWorld) missing(key string) { account.Object(testBucket, key).SetAbsent(w.World) }

// newBalancerWorld is origin.example.com, an alias for a load balancer with an HTTPS listener, open to CloudFront's prefix list.
func newBalancerWorld() *originWorld {
	w := newOriginWorld(types.Origin{DomainName: ptr("origin.example.com"), CustomOriginConfig: &types.CustomOriginConfig{
		HTTPPort: ptr(int32(80)), HTTPSPort: ptr(int32(443)), OriginProtocolPolicy: types.OriginProtocolPolicyHttpsOnly,
		OriginSslProtocols: &types.OriginSslProtocols{Items: []types.SslProtocol{types.SslProtocolTLSv12}},
	}})
	w.zone(route53.ResourceRecordSet{Name: ptr("origin.example.com."), Type: route53.RRTypeA, AliasTarget: &route53.AliasTarget{DNSName: ptr("dualstack." + testALBName + ".")}})
	w.balancer(func(*elb.LoadBalancer) {})
	w.listener(func(*elb.Listener) {})
	w.rules(forwardRule("default", testTargets))
	w.group(ec2.IpPermission{IpProtocol: ptr("tcp"), FromPort: ptr(int32(443)), ToPort: ptr(int32(443)), PrefixListIds: []ec2.PrefixListId{{PrefixListId: ptr("pl-1")}}})
	w.certificate(func(*acm.CertificateDetail) {})
	account.PrefixLists("eu-west-1").Set(w.World, account.PrefixListsOutput{PrefixLists: []ec2.ManagedPrefixList{
		{PrefixListId: ptr("pl-1"), PrefixListName: ptr(cloudFrontPrefixList)}, {PrefixListId: ptr("pl-2"), PrefixListName: ptr("office")},
		{PrefixListId: ptr("pl-3"), PrefixListName: ptr("com.amazonaws.eu-west-1.s3"), OwnerId: ptr("AWS")},
	}})
	account.PrefixListEntries("eu-west-1", "pl-1").Set(w.World, account.PrefixListEntriesOutput{Entries: []ec2.PrefixListEntry{{Cidr: ptr("130.176.0.0/17")}, {Cidr: ptr("64.252.64.0/18")}}})
	account.ListenerCertificates(testListener).Set(w.World, account.ListenerCertificatesOutput{Certificates: []elb.Certificate{{CertificateArn: ptr(testOriginCert)}}})
	account.WebACLForResource(testALB, "eu-west-1").Set(w.World, account.ResourceWebACLOutput{})
	w.health(elb.TargetHealthStateEnumHealthy)
	return w
}

func (w *originWorld) zone(sets ...route53.ResourceRecordSet) {
	account.HostedZones().Set(w.World, account.HostedZonesOutput{HostedZones: []route53.HostedZone{{Id: ptr("/hostedzone/Z1"), Name: ptr("example.com.")}}})
	sets = append(sets, route53.ResourceRecordSet{Name: ptr("example.com."), Type: route53.RRTypeSoa})
	account.RecordSets("/hostedzone/Z1", "origin.example.com").Set(w.World, account.RecordSetsOutput{ResourceRecordSets: sets})
}

// zoneInParts has no record from the origin's name on, and answers for the wildcard above it apart.
func (w *originWorld) zoneInParts(wildcards []route53.ResourceRecordSet) {
	w.zone()
	account.RecordSets("/hostedzone/Z1", "origin.example.com").Set(w.World, account.RecordSetsOutput{})
	account.RecordSets("/hostedzone/Z1", "*.example.com").Set(w.World, account.RecordSetsOutput{ResourceRecordSets: wildcards})
}

func (w *originWorld) balancer(edit func(*elb.LoadBalancer)) {
	b := elb.LoadBalancer{
		LoadBalancerArn: ptr(testALB), DNSName: ptr(testALBName), Scheme: elb.LoadBalancerSchemeEnumInternetFacing, Type: elb.LoadBalancerTypeEnumApplication,
		VpcId: ptr("vpc-1"), SecurityGroups: []string{"sg-1"}, AvailabilityZones: []elb.AvailabilityZone{{SubnetId: ptr("subnet-1")}},
	}
	edit(&b)
	account.LoadBalancers("eu-west-1").Set(w.World, account.LoadBalancersOutput{LoadBalancers: []elb.LoadBalancer{b}})
}

func (w *originWorld) listener(edit func(*elb.Listener)) {
	l := elb.Listener{
		ListenerArn: ptr(testListener), Port: ptr(int32(443)), Protocol: elb.ProtocolEnumHttps, SslPolicy: ptr("ELBSecurityPolicy-TLS13-1-2-2021-06"),
		Certificates: []elb.Certificate{{CertificateArn: ptr(testOriginCert)}},
	}
	edit(&l)
	account.Listeners(testALB).Set(w.World, account.ListenersOutput{Listeners: []elb.Listener{l}})
}

func (w *originWorld) rules(rules ...elb.Rule) {
	account.ListenerRules(testListener).Set(w.World, account.RulesOutput{Rules: rules})
}

func forwardRule(priority, group string, conditions ...elb.RuleCondition) elb.Rule {
	return elb.Rule{
		Priority: ptr(priority), IsDefault: ptr(priority == "default"), Conditions: conditions,
		Actions: []elb.Action{{Type: elb.ActionTypeEnumForward, TargetGroupArn: ptr(group)}},
	}
}

func fixedRule(priority, status string, conditions ...elb.RuleCondition) elb.Rule {
	return elb.Rule{
		Priority: ptr(priority), IsDefault: ptr(priority == "default"), Conditions: conditions,
		Actions: []elb.Action{{Type: elb.ActionTypeEnumFixedResponse, FixedResponseConfig: &elb.FixedResponseActionConfig{StatusCode: ptr(status)}}},
	}
}

func (w *originWorld) group(permissions ...ec2.IpPermission) {
	account.SecurityGroups("eu-west-1", "sg-1").Set(w.World, account.SecurityGroupsOutput{SecurityGroups: []ec2.SecurityGroup{{GroupId: ptr("sg-1"), IpPermissions: permissions}}})
}

func (w *originWorld) certificate(edit func(*acm.CertificateDetail)) {
	c := acm.CertificateDetail{
		SubjectAlternativeNames: []string{"*.example.com"}, Status: acm.CertificateStatusIssued, Type: acm.CertificateTypeAmazonIssued,
		NotBefore: ptr(testNow().Add(-24 * time.Hour)), NotAfter: ptr(testNow().Add(90 * 24 * time.Hour)),
	}
	edit(&c)
	account.Certificate(testOriginCert).Set(w.World, account.CertificateOutput{Certificate: c})
}

func (w *originWorld) health(states ...elb.TargetHealthStateEnum) {
	out := account.TargetHealthOutput{}
	for _, s := range states {
		out.TargetHealthDescriptions = append(out.TargetHealthDescriptions, elb.TargetHealthDescription{TargetHealth: &elb.TargetHealth{State: s}})
	}
	account.TargetHealth(testTargets).Set(w.World, out)
}

func apiOrigin(path string) types.Origin {
	return types.Origin{DomainName: ptr(testAPIHost), OriginPath: ptr(path), CustomOriginConfig: &types.CustomOriginConfig{OriginProtocolPolicy: types.OriginProtocolPolicyHttpsOnly}}
}

// newRESTWorld is a REST API with the stage prod in the origin path, and the resources /items, /items/{id} and /files/{proxy+}.
func newRESTWorld() *originWorld {
	w := newOriginWorld(apiOrigin("/prod"))
	w.req.SetPath("/items")
	account.RestAPI("eu-west-1", testAPI).Set(w.World, rest.RestApi{EndpointConfiguration: &rest.EndpointConfiguration{Types: []rest.EndpointType{rest.EndpointTypeRegional}}})
	account.HTTPAPI("eu-west-1", testAPI).SetAbsent(w.World)
	account.RestStages("eu-west-1", testAPI).Set(w.World, account.RestStagesOutput{Item: []rest.Stage{{StageName: ptr("prod")}}})
	w.resources(func(string) rest.Method { return rest.Method{HttpMethod: ptr("GET"), AuthorizationType: ptr("NONE")} })
	return w
}

func (w *originWorld) resources(method func(path string) rest.Method) {
	out := account.RestResourcesOutput{}
	for _, path := range []string{"/items", "/items/{id}", "/files/{proxy+}"} {
		m := method(path)
		out.Items = append(out.Items, rest.Resource{Id: ptr("id" + path), Path: ptr(path), ResourceMethods: map[string]rest.Method{str(m.HttpMethod): m}})
	}
	account.RestResources("eu-west-1", testAPI).Set(w.World, out)
}

// newHTTPWorld is an HTTP API with the $default stage and three routes.
func newHTTPWorld() *originWorld {
	w := newOriginWorld(apiOrigin(""))
	w.req.SetPath("/items")
	account.RestAPI("eu-west-1", testAPI).SetAbsent(w.World)
	account.HTTPAPI("eu-west-1", testAPI).Set(w.World, account.HTTPAPIOutput{ApiId: ptr(testAPI)})
	account.HTTPStages("eu-west-1", testAPI).Set(w.World, account.HTTPStagesOutput{Items: []v2.Stage{{StageName: ptr("$default")}}})
	account.HTTPRoutes("eu-west-1", testAPI).Set(w.World, account.HTTPRoutesOutput{Items: []v2.Route{
		{RouteKey: ptr("GET /items"), AuthorizationType: v2.AuthorizationTypeNone}, {RouteKey: ptr("ANY /items/{id}")},
		{RouteKey: ptr("POST /orders"), AuthorizationType: v2.AuthorizationTypeJwt},
	}})
	return w
}

// newLambdaWorld is a function URL with IAM authorization, signed for by CloudFront, with both permissions.
func newLambdaWorld() *originWorld {
	w := newOriginWorld(types.Origin{DomainName: ptr(testURLHost), OriginAccessControlId: ptr(testOAC), CustomOriginConfig: &types.CustomOriginConfig{OriginProtocolPolicy: types.OriginProtocolPolicyHttpsOnly}})
	account.OriginAccessControl(testOAC).Set(w.World, account.OriginAccessControlOutput{OriginAccessControl: types.OriginAccessControl{
		OriginAccessControlConfig: &types.OriginAccessControlConfig{OriginAccessControlOriginType: "lambda", SigningBehavior: "always", SigningProtocol: "sigv4"},
	}})
	account.Functions("eu-west-1").Set(w.World, account.FunctionsOutput{Functions: []lambda.FunctionConfiguration{{FunctionName: ptr("thumb"), FunctionArn: ptr(testFunctionFn)}}})
	w.url(lambda.FunctionUrlAuthTypeAwsIam, "2026-01-01T00:00:00Z")
	w.lambdaPolicy("lambda:InvokeFunctionUrl", "lambda:InvokeFunction")
	return w
}

func (w *originWorld) url(auth lambda.FunctionUrlAuthType, created string) {
	account.FunctionURLs("eu-west-1", "thumb").Set(w.World, account.FunctionURLsOutput{FunctionUrlConfigs: []lambda.FunctionUrlConfig{{
		AuthType: auth, FunctionArn: ptr(testFunctionFn), FunctionUrl: ptr("https://" + testURLHost + "/"), CreationTime: ptr(created),
	}}})
}

func (w *originWorld) lambdaPolicy(actions ...string) {
	text := ""
	for i, action := range actions {
		if i > 0 {
			text += ","
		}
		text += `{"Effect":"Allow","Principal":` + cloudFrontService + `,"Action":"` + action + `","Resource":"` + testFunctionFn +
			`","Condition":{"ArnLike":{"AWS:SourceArn":"` + originARN + `"}}}`
	}
	account.LambdaPolicy("eu-west-1", "thumb", "").Set(w.World, account.LambdaPolicyOutput{Policy: `{"Version":"2012-10-17","Statement":[` + text + `]}`})
}
