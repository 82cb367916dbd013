package doctor

import (
	"strings"
	"testing"

	"cfdoctor/internal/evidence"
	"cfdoctor/internal/report"
	"cfdoctor/internal/worldtest"
)

// one makes the distribution of the world have a single origin with this configuration.
func one(origin string) string {
	return "world s3-oac\n" +
		`set cloudfront:GetDistribution Distribution.DistributionConfig.Origins {"Quantity":1,"Items":[` + origin + "]}\n" +
		`set cloudfront:GetDistribution Distribution.DistributionConfig.DefaultCacheBehavior.TargetOriginId "o"` + "\n"
}

// custom is a custom origin.
func custom(domain, protocol, rest string) string {
	return one(`{"Id":"o","DomainName":"` + domain + `","OriginPath":"","CustomHeaders":{"Quantity":0},"CustomOriginConfig":{"HTTPPort":80,"HTTPSPort":443,` +
		`"OriginProtocolPolicy":"` + protocol + `","OriginSslProtocols":{"Quantity":1,"Items":["TLSv1.2"]},"OriginReadTimeout":30,"OriginKeepaliveTimeout":5}` + rest + `}`)
}

const (
	website     = "fernhill-web.s3-website.eu-central-1.amazonaws.com"
	functionURL = "abcdefghij.lambda-url.eu-west-1.on.aws"
	apiDomain   = "abcdefghij.execute-api.eu-west-1.amazonaws.com"
	balancer    = "web-1234567890.eu-west-1.elb.amazonaws.com"
	allViewer   = `set cloudfront:GetDistribution Distribution.DistributionConfig.DefaultCacheBehavior.OriginRequestPolicyId "216adef6-5c7f-47e4-b989-5492eafa07d3"` + "\n"
	publicRead  = `set s3:GetBucketPolicy Policy "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"s3:GetObject\",\"Resource\":\"arn:aws:s3:::fernhill-web/*\"}]}"` + "\n"
	blockOff    = `set s3:GetPublicAccessBlock PublicAccessBlockConfiguration {"BlockPublicAcls":false,"IgnorePublicAcls":false,"BlockPublicPolicy":false,"RestrictPublicBuckets":false}` + "\n"
	unsigned    = `set cloudfront:GetDistribution Distribution.DistributionConfig.Origins.Items[0].OriginAccessControlId ""` + "\n"

	functionARN = "arn:aws:lambda:eu-west-1:210987654321:function:thumbs"
	functions   = `add lambda:ListFunctions {} {"Functions":[{"FunctionName":"thumbs","FunctionArn":"` + functionARN + `"}]}` + "\n" +
		`add lambda:ListFunctionUrlConfigs {} {"FunctionUrlConfigs":[{"FunctionUrl":"https://` + functionURL + `/","FunctionArn":"` + functionARN +
		`","AuthType":"AWS_IAM","CreationTime":"2026-01-01T00:00:00Z","LastModifiedTime":"2026-01-01T00:00:00Z"}]}` + "\n"
	lambdaOAC = `add cloudfront:GetOriginAccessControl {"Id":"E2L"} {"ETag":"E","OriginAccessControl":{"Id":"E2L","OriginAccessControlConfig":{"Name":"l",` +
		`"SigningProtocol":"sigv4","SigningBehavior":"always","OriginAccessControlOriginType":"lambda"}}}` + "\n"

	balancerARN = "arn:aws:elasticloadbalancing:eu-west-1:210987654321:loadbalancer/app/web/0123456789abcdef"
	listenerARN = "arn:aws:elasticloadbalancing:eu-west-1:210987654321:listener/app/web/0123456789abcdef/0123456789abcdef"
	groupARN    = "arn:aws:elasticloadbalancing:eu-west-1:210987654321:targetgroup/web/0123456789abcdef"
	balancers   = `add elbv2:DescribeLoadBalancers {} {"LoadBalancers":[{"LoadBalancerArn":"` + balancerARN + `","DNSName":"` + balancer +
		`","Scheme":"internet-facing","Type":"application","State":{"Code":"active"},"VpcId":"vpc-1","AvailabilityZones":[],"SecurityGroups":[]}]}` + "\n" +
		`add elbv2:DescribeLoadBalancerAttributes {} {"Attributes":[{"Key":"idle_timeout.timeout_seconds","Value":"60"}]}` + "\n" +
		`add elbv2:DescribeTargetGroups {} {"TargetGroups":[{"TargetGroupArn":"` + groupARN + `"}]}` + "\n"
	targets = `add elbv2:DescribeTargetHealth {} {"TargetHealthDescriptions":[{"Target":{"Id":"i-1"},"TargetHealth":{"State":"healthy"}},` +
		`{"Target":{"Id":"i-2"},"TargetHealth":{"State":"unhealthy"}}]}` + "\n"
	plainListener = `add elbv2:DescribeListeners {} {"Listeners":[{"ListenerArn":"` + listenerARN + `","Port":80,"Protocol":"HTTP"}]}` + "\n" +
		`add elbv2:DescribeRules {} {"Rules":[{"Priority":"default","IsDefault":true,"Conditions":[],"Actions":[]}]}` + "\n"
)

func listener(policy, certificate string) string {
	return `add elbv2:DescribeListeners {} {"Listeners":[{"ListenerArn":"` + listenerARN + `","Port":443,"Protocol":"HTTPS","SslPolicy":"` + policy +
		`","Certificates":[{"CertificateArn":"arn:aws:acm:eu-west-1:210987654321:certificate/1"}]}]}` + "\n" +
		`add elbv2:DescribeListenerCertificates {} {"Certificates":[]}` + "\n" +
		`add acm:DescribeCertificate {"CertificateArn":"arn:aws:acm:eu-west-1:210987654321:certificate/1"} {"Certificate":{"DomainName":"` + certificate + `"}}` + "\n" +
		`add elbv2:DescribeRules {} {"Rules":[{"Priority":"1","Conditions":[{"Field":"host-header","Values":["www.*"]}],"Actions":[]}]}` + "\n"
}

func lambdaPolicy(actions ...string) string {
	var statements []string
	for _, action := range actions {
		statements = append(statements, `{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"cloudfront.amazonaws.com\"},\"Action\":\"`+action+`\",\"Resource\":\"`+functionARN+
			`\",\"Condition\":{\"ArnLike\":{\"AWS:SourceArn\":\"arn:aws:cloudfront::210987654321:distribution/E1HEALTHYS3OAC\"}}}`)
	}
	return `add lambda:GetPolicy {} {"Policy":"{\"Version\":\"2012-10-17\",\"Statement\":[` + strings.Join(statements, ",") + `]}"}` + "\n"
}

func TestCompatibility(t *testing.T) {
	for name, tc := range map[string]struct {
		text string
		want map[string]string // by setting: yes, no or ?
	}{
		"a healthy bucket":                       {"world s3-oac\n", map[string]string{"Access to the bucket": "yes", "Host header": "yes", "Origin access control type": "yes", "Compression": "yes"}},
		"no bucket policy":                       {"world s3-oac\nerror s3:GetBucketPolicy NoSuchBucketPolicy 404\n", map[string]string{"Access to the bucket": "no", "Host header": "yes"}},
		"a bucket policy that could not be read": {"world s3-oac\ndeny s3:GetBucketPolicy\n", map[string]string{"Access to the bucket": "?"}},
		"a bucket policy for one folder": {"world s3-oac\n" + `set s3:GetBucketPolicy Policy "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"cloudfront.amazonaws.com\"},` +
			`\"Action\":\"s3:GetObject\",\"Resource\":\"arn:aws:s3:::fernhill-web/public/*\"}]}"`, map[string]string{"Access to the bucket": "?"}},
		"the viewer's Host for a bucket": {"world s3-oac\n" + allViewer, map[string]string{"Host header": "no"}},
		"an origin access control for Lambda on a bucket": {"world s3-oac\n" +
			`set cloudfront:GetOriginAccessControl OriginAccessControl.OriginAccessControlConfig.OriginAccessControlOriginType "lambda"`, map[string]string{"Origin access control type": "no"}},
		"another Region's endpoint": {"world s3-oac\n" + `set s3:HeadBucket BucketRegion "us-west-2"`, map[string]string{"Bucket in the origin domain": "no"}},
		"unsigned and blocked":      {"world s3-oac\n" + unsigned + publicRead, map[string]string{"Access to the bucket": "no", "Block Public Access": "no"}},
		"unsigned and public":       {"world s3-oac\n" + unsigned + publicRead + blockOff, map[string]string{"Access to the bucket": "yes", "Block Public Access": "yes"}},
		"PUT without the permission": {"world s3-oac\n" + `set cloudfront:GetDistribution Distribution.DistributionConfig.DefaultCacheBehavior.AllowedMethods.Items ["GET","HEAD","PUT","POST","PATCH","OPTIONS","DELETE"]`,
			map[string]string{"Allowed methods": "no", "Access to the bucket": "yes"}},
		"the key that AWS manages": {"world s3-oac\n" + `set s3:GetBucketEncryption ServerSideEncryptionConfiguration {"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"aws:kms"}}]}`,
			map[string]string{"Encryption of the objects": "no"}},
		"a key whose policy is not known": {"world s3-oac\n" + `set s3:GetBucketEncryption ServerSideEncryptionConfiguration {"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"aws:kms","KMSMasterKeyID":"arn:aws:kms:eu-central-1:210987654321:key/1"}}]}`,
			map[string]string{"Encryption of the objects": "?"}},

		"HTTPS to a website endpoint": {custom(website, "https-only", "") + publicRead + blockOff + `add s3:GetBucketWebsite {"Bucket":"fernhill-web"} {"IndexDocument":{"Suffix":"index.html"}}`,
			map[string]string{"Protocol to the origin": "no", "Kind of S3 endpoint": "yes", "Access to the bucket": "yes"}},
		"a private website endpoint": {custom(website, "http-only", `,"OriginAccessControlId":"E2OACFERNHILL0"`) + `add s3:GetBucketWebsite {"Bucket":"fernhill-web"} error NoSuchWebsiteConfiguration 404`,
			map[string]string{"Protocol to the origin": "yes", "Origin access control type": "no", "Kind of S3 endpoint": "no", "Access to the bucket": "no"}},

		"a function URL": {custom(functionURL, "https-only", `,"OriginAccessControlId":"E2L"`) + functions + lambdaOAC + lambdaPolicy("lambda:InvokeFunctionUrl", "lambda:InvokeFunction"),
			map[string]string{"Protocol to the origin": "yes", "Origin access control type": "yes", "Signing": "yes", "Access to the function": "yes"}},
		"a function URL without signing": {custom(functionURL, "http-only", "") + functions + lambdaPolicy("lambda:InvokeFunctionUrl"),
			map[string]string{"Protocol to the origin": "no", "Signing": "no", "Access to the function": "?"}},
		"a function URL without a grant": {custom(functionURL, "https-only", `,"OriginAccessControlId":"E2L"`) + functions + lambdaOAC + lambdaPolicy("lambda:GetFunction"),
			map[string]string{"Access to the function": "no"}},
		"a function URL not read": {custom(functionURL, "https-only", ""), map[string]string{"Access to the function": "?"}},

		"an API without a stage": {custom(apiDomain, "https-only", "") + allViewer + `add apigatewayv2:GetApi {} {"ApiId":"abcdefghij"}` + "\n" + `add apigatewayv2:GetStages {} {"Items":[{"StageName":"prod"}]}`,
			map[string]string{"Origin path": "?", "Host header": "no", "Way to the API": "yes"}},
		"an API with another stage": {strings.Replace(custom(apiDomain, "https-only", ""), `"OriginPath":""`, `"OriginPath":"/dev"`, 1) +
			`add apigatewayv2:GetApi {} {"ApiId":"abcdefghij","DisableExecuteApiEndpoint":true}` + "\n" + `add apigatewayv2:GetStages {} {"Items":[{"StageName":"prod"}]}`,
			map[string]string{"Origin path": "no", "Way to the API": "no"}},
		"an API with its default stage": {custom(apiDomain, "https-only", "") + `add apigatewayv2:GetApi {} {"ApiId":"abcdefghij"}` + "\n" + `add apigatewayv2:GetStages {} {"Items":[{"StageName":"$default"}]}`,
			map[string]string{"Origin path": "yes", "Read timeout": "yes"}},

		"a load balancer that fits": {custom(balancer, "https-only", "") + allViewer + balancers + targets + listener("ELBSecurityPolicy-TLS13-1-2-2021-06", "*.fernhill.example"),
			map[string]string{"Protocol to the origin": "yes", "TLS versions to the origin": "yes", "Certificate of the origin": "yes", "Host header": "yes", "Targets": "yes", "Read timeout": "?"}},
		"a load balancer without a certificate for it": {custom(balancer, "https-only", "") + balancers + listener("ELBSecurityPolicy-TLS13-1-3-2021-06", "www.fernhill.example"),
			map[string]string{"TLS versions to the origin": "?", "Certificate of the origin": "no", "Host header": "?", "Targets": "?"}},
		"a load balancer without HTTPS": {custom(balancer, "https-only", "") + balancers + targets + plainListener, map[string]string{"Protocol to the origin": "no", "Host header": "yes"}},
		"a load balancer not read":      {custom(balancer, "https-only", ""), map[string]string{"Protocol to the origin": "?", "TLS to the origin": "?", "Host header": "?"}},

		"a server of one's own":     {custom("origin.example.net", "https-only", ""), map[string]string{"Origin domain": "yes", "Protocol to the origin": "?", "TLS to the origin": "?", "Host header": "?"}},
		"a URL as the domain":       {custom("https://origin.example.net/", "https-only", ""), map[string]string{"Origin domain": "no"}},
		"an origin without purpose": {strings.Replace(custom("origin.example.net", "https-only", ""), `TargetOriginId "o"`, `TargetOriginId "other"`, 1), map[string]string{"Use": "no"}},
	} {
		t.Run(name, func(t *testing.T) {
			rows := diagnosed(t, tc.text).Report.Compatibility
			for setting, want := range tc.want {
				if got := fitsOf(rows, setting); got != want {
					t.Errorf("%s: got %s, want %s\n%s", setting, got, want, describeRows(rows))
				}
			}
		})
	}
}

// fitsOf is the verdict of a setting's row; several rows of one setting have to agree.
func fitsOf(rows []report.Compatibility, setting string) string {
	out := ""
	for _, r := range rows {
		if r.CloudFrontSetting != setting {
			continue
		}
		word := map[bool]string{true: "yes", false: "no"}[r.OK != nil && *r.OK]
		if r.OK == nil {
			word = "?"
		}
		if out != "" && out != word {
			return out + " and " + word
		}
		out = word
	}
	return out
}

func describeRows(rows []report.Compatibility) string {
	var b strings.Builder
	for _, r := range rows {
		b.WriteString(fitsOf([]report.Compatibility{r}, r.CloudFrontSetting) + ": " + r.CloudFrontSetting + " | " + r.Current + " | " + r.OriginRequires + " | " + r.OriginHas + "\n")
	}
	return b.String()
}

func TestHealthyWorldsFit(t *testing.T) {
	for _, world := range worldtest.Worlds() {
		t.Run(world, func(t *testing.T) {
			for _, r := range diagnosed(t, "world "+world+"\n").Report.Compatibility {
				if r.OK != nil && !*r.OK {
					t.Errorf("a healthy world does not fit: %+v", r)
				}
				if r.CloudFrontSetting == "" || r.Current == "" || r.OriginRequires == "" || r.OriginHas == "" || r.Origin == "" {
					t.Errorf("a row has a gap: %+v", r)
				}
			}
		})
	}
}

// TestLosingKnowledgeKeepsTheMatrixHonest: without a fact a row may become unknown. It never turns round.
func TestLosingKnowledgeKeepsTheMatrixHonest(t *testing.T) {
	for name, text := range map[string]string{
		"bucket": "world s3-oac\n", "no policy": "world s3-oac\nerror s3:GetBucketPolicy NoSuchBucketPolicy 404\n",
		"public bucket": "world s3-oac\n" + unsigned + publicRead + blockOff,
		"balancer":      custom(balancer, "https-only", "") + balancers + targets + listener("ELBSecurityPolicy-TLS13-1-2-2021-06", "www.fernhill.example"),
		"function URL":  custom(functionURL, "https-only", `,"OriginAccessControlId":"E2L"`) + functions + lambdaOAC + lambdaPolicy("lambda:InvokeFunctionUrl", "lambda:InvokeFunction"),
	} {
		t.Run(name, func(t *testing.T) {
			full := diagnosed(t, text)
			for _, rec := range full.World.Records() {
				for how, less := range map[string]func(*evidence.World){"not captured": func(w *evidence.World) { w.Forget(rec.Call) }, "denied": func(w *evidence.World) { w.Deny(rec.Call) }} {
					world := full.World.Clone()
					less(world)
					m, err := compileAgain(world, full)
					if err != nil {
						continue // without the distribution there is no matrix
					}
					rows := compatibility(m)
					for _, before := range full.Report.Compatibility {
						was, is := fitsOf([]report.Compatibility{before}, before.CloudFrontSetting), fitsOf(rows, before.CloudFrontSetting)
						if was == "yes" && is == "no" || was == "no" && is == "yes" {
							t.Errorf("%s %s: %s turns from %s to %s", rec.Call.Name(), how, before.CloudFrontSetting, was, is)
						}
					}
				}
			}
		})
	}
}

// TestMatrixAgreesWithTheSimulation: the row on access says what the simulated request meets.
func TestMatrixAgreesWithTheSimulation(t *testing.T) {
	for name, text := range map[string]string{
		"healthy": "", "no policy": "error s3:GetBucketPolicy NoSuchBucketPolicy 404\n", "denied": "deny s3:GetBucketPolicy\n",
		"unsigned and blocked": unsigned + publicRead, "unsigned and public": unsigned + publicRead + blockOff,
	} {
		t.Run(name, func(t *testing.T) {
			c := diagnosed(t, "world s3-oac\nask GET /about.html\n"+text)
			access := c.Model.Simulate(requestOf(c)).Exchange.S3
			if access == nil {
				t.Fatal("the simulation does not get to the bucket")
			}
			got := map[string]string{"yes": "yes", "no": "no", "?": "unknown"}[fitsOf(c.Report.Compatibility, "Access to the bucket")]
			if want := access.Allowed.String(); got != want {
				t.Errorf("the matrix says %s, the simulation %s", got, want)
			}
		})
	}
}
