package cloudfront

import (
	"strings"
	"testing"

	"cfdoctor/internal/tri"
)

func TestClassifyEndpoint(t *testing.T) {
	tests := []struct {
		domain       string
		kind         EndpointKind
		name, region string
		partition    string
	}{
		{"b.s3.eu-west-1.amazonaws.com", KindS3Regional, "b", "eu-west-1", "aws"},
		{"My.Bucket.S3.eu-west-1.amazonaws.com.", KindS3Regional, "my.bucket", "eu-west-1", "aws"},
		{"b.s3-us-west-2.amazonaws.com", KindS3Regional, "b", "us-west-2", "aws"},
		{"b.s3.cn-north-1.amazonaws.com.cn", KindS3Regional, "b", "cn-north-1", "aws-cn"},
		{"b.s3.us-gov-west-1.amazonaws.com", KindS3Regional, "b", "us-gov-west-1", "aws-us-gov"},
		{"b.s3.eusc-de-east-1.amazonaws.eu", KindS3Regional, "b", "eusc-de-east-1", "aws-eusc"},
		{"b.s3.amazonaws.com", KindS3Global, "b", "", "aws"},
		{"a.b.s3.amazonaws.com", KindS3Global, "a.b", "", "aws"},
		{"b.s3.dualstack.us-east-1.amazonaws.com", KindS3DualStack, "b", "us-east-1", "aws"},
		{"b.s3-fips.us-east-1.amazonaws.com", KindS3FIPS, "b", "us-east-1", "aws"},
		{"b.s3-fips.dualstack.us-east-1.amazonaws.com", KindS3FIPS, "b", "us-east-1", "aws"},
		{"b.s3-accelerate.amazonaws.com", KindS3Accelerate, "b", "", "aws"},
		{"b.s3-accelerate.dualstack.amazonaws.com", KindS3Accelerate, "b", "", "aws"},
		{"b.s3-external-1.amazonaws.com", KindS3External, "b", "us-east-1", "aws"},
		{"s3.eu-west-1.amazonaws.com", KindS3PathStyle, "", "eu-west-1", "aws"},
		{"s3-eu-west-1.amazonaws.com", KindS3PathStyle, "", "eu-west-1", "aws"},
		{"s3.amazonaws.com", KindS3PathStyle, "", "", "aws"},
		{"b.s3-website-us-east-1.amazonaws.com", KindS3Website, "b", "us-east-1", "aws"},
		{"www.b.com.s3-website.eu-central-1.amazonaws.com", KindS3Website, "www.b.com", "eu-central-1", "aws"},
		{"b.s3-website.cn-north-1.amazonaws.com.cn", KindS3Website, "b", "cn-north-1", "aws-cn"},
		{"ap-123456789012.s3-accesspoint.us-east-1.amazonaws.com", KindS3AccessPoint, "ap-123456789012", "us-east-1", "aws"},
		{"ap-x1-s3alias.s3.us-east-1.amazonaws.com", KindS3AccessPoint, "ap-x1-s3alias", "us-east-1", "aws"},
		{"ap-x1--ol-s3.s3.us-east-1.amazonaws.com", KindS3ObjectLambda, "ap-x1--ol-s3", "us-east-1", "aws"},
		{"ap-123456789012.s3-object-lambda.us-east-1.amazonaws.com", KindS3ObjectLambda, "ap-123456789012", "us-east-1", "aws"},
		{"mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com", KindS3MultiRegion, "mfzwi23gnjvgw.mrap", "", "aws"},
		{"abc123.lambda-url.us-east-1.on.aws", KindLambdaURL, "abc123", "us-east-1", "aws"},
		{"a1b2c3d4e5.execute-api.us-east-1.amazonaws.com", KindAPIGateway, "a1b2c3d4e5", "us-east-1", "aws"},
		{"x.appsync-api.us-east-1.amazonaws.com", KindAppSync, "x", "us-east-1", "aws"},
		{"my-alb-1234567890.us-east-1.elb.amazonaws.com", KindLoadBalancer, "my-alb", "us-east-1", "aws"},
		{"dualstack.my-alb-1234567890.us-east-1.elb.amazonaws.com", KindLoadBalancer, "my-alb", "us-east-1", "aws"},
		{"my-alb-1234567890.cn-north-1.elb.amazonaws.com.cn", KindLoadBalancer, "my-alb", "cn-north-1", "aws-cn"},
		{"internal-my-alb-12345.eu-west-1.elb.amazonaws.com", KindLoadBalancer, "my-alb", "eu-west-1", "aws"},
		{"my-nlb-0123456789abcdef.elb.us-east-1.amazonaws.com", KindNetworkBalancer, "my-nlb", "us-east-1", "aws"},
		{"ch.egress.g.mediapackagev2.us-west-2.amazonaws.com", KindMediaPackageV2, "ch", "us-west-2", "aws"},
		{"x.mediapackage.us-west-2.amazonaws.com", KindMediaPackage, "x", "us-west-2", "aws"},
		{"x.data.mediastore.us-west-2.amazonaws.com", KindMediaStore, "x", "us-west-2", "aws"},
		{"d111111abcdef8.cloudfront.net", KindCloudFront, "d111111abcdef8", "", "aws"},
		{"ec2-203-0-113-5.eu-west-1.compute.amazonaws.com", KindEC2, "ec2-203-0-113-5", "eu-west-1", "aws"},
		{"ec2-203-0-113-5.compute-1.amazonaws.com", KindEC2, "ec2-203-0-113-5", "us-east-1", "aws"},
		{"x.us-east-1.awsapprunner.com", KindAppRunner, "x", "us-east-1", "aws"},
		{"main.d1.amplifyapp.com", KindAmplify, "main", "", "aws"},
		{"env.eu-west-1.elasticbeanstalk.com", KindElasticBeanstalk, "env", "eu-west-1", "aws"},
		{"svc.x1.us-east-1.cs.amazonlightsail.com", KindLightsail, "svc", "us-east-1", "aws"},
		{"a1.awsglobalaccelerator.com", KindGlobalAccelerator, "a1", "", "aws"},
		{"origin.example.com", KindCustom, "", "", ""},
		{"amazonaws.com", KindCustom, "", "", ""},
		{"x.sqs.us-east-1.amazonaws.com", KindCustom, "", "us-east-1", "aws"},
		{"s3.eu-west-1.amazonaws.com.evil.org", KindCustom, "", "", ""},
		{"203.0.113.5", KindIPAddress, "", "", ""},
		{"[2001:db8::1]:443", KindIPAddress, "", "", ""},
		{"", KindInvalid, "", "", ""},
		{"https://b.s3.amazonaws.com", KindInvalid, "", "", ""},
	}
	for _, tt := range tests {
		e := ClassifyEndpoint(tt.domain)
		if e.Kind != tt.kind || e.Name != tt.name || e.Region != tt.region || e.Partition != tt.partition {
			t.Errorf("ClassifyEndpoint(%q) = %+v, want %v %q %q %q", tt.domain, e, tt.kind, tt.name, tt.region, tt.partition)
		}
	}
}

func TestEndpointTraits(t *testing.T) {
	website := ClassifyEndpoint("b.s3-website-us-east-1.amazonaws.com")
	if website.ServesHTTPS() != tri.False || website.OriginAccessControlType() != "" || !website.IsS3() || !website.Dash {
		t.Errorf("website endpoint: %+v", website)
	}
	if !ClassifyEndpoint("internal-x-1.eu-west-1.elb.amazonaws.com").Internal {
		t.Error("internal- is not seen")
	}
	if ClassifyEndpoint("example.com").NeedsOwnHost() != tri.Unknown {
		t.Error("a custom name tells nothing about hosts")
	}
	for domain, want := range map[string]string{
		"b.s3.eu-west-1.amazonaws.com": "s3", "abc.lambda-url.us-east-1.on.aws": "lambda",
		"x.data.mediastore.us-west-2.amazonaws.com": "mediastore", "example.com": "",
		"c.egress.g.mediapackagev2.us-west-2.amazonaws.com": "mediapackagev2",
	} {
		if got := ClassifyEndpoint(domain).OriginAccessControlType(); got != want {
			t.Errorf("%s: origin access control type %q, want %q", domain, got, want)
		}
	}
}

func TestEndpointNamesRoundTrip(t *testing.T) {
	for _, region := range []string{"us-east-1", "eu-central-1", "us-gov-west-1", "us-gov-east-1", "cn-north-1", "eusc-de-east-1"} {
		e := ClassifyEndpoint(RegionalEndpoint("my.bucket", region))
		if e.Kind != KindS3Regional || e.Name != "my.bucket" || e.Region != region || e.Partition != PartitionOf(region) {
			t.Errorf("RegionalEndpoint in %s: %+v", region, e)
		}
		w := ClassifyEndpoint(WebsiteEndpoint("my.bucket", region))
		if w.Kind != KindS3Website || w.Name != "my.bucket" || w.Region != region {
			t.Errorf("WebsiteEndpoint in %s: %+v", region, w)
		}
	}
	if got := WebsiteEndpoint("b", "us-east-1"); got != "b.s3-website-us-east-1.amazonaws.com" {
		t.Error(got)
	}
	if AcceptsSignatureV2("eu-central-1") || !AcceptsSignatureV2("eu-west-1") {
		t.Error("Signature Version 2 Regions")
	}
}

func TestValidateOriginDomain(t *testing.T) {
	for domain, want := range map[string]string{
		"https://example.com": "scheme", "example.com/path": "path", "example.com:8080": "port", "192.0.2.1": "IP address",
		"exa mple.com": "white space", "*.example.com": "wildcard", "u@example.com": "user", "example..com": "empty label",
		".example.com": "empty label", "-a.example.com": "hyphen", "localhost": "single label", "": "empty",
		strings.Repeat("a", 64) + ".com": "64", strings.Repeat("a.", 130) + "com": "more than 253", "exämple.com": "character",
	} {
		err := ValidateOriginDomain(domain)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ValidateOriginDomain(%q) = %v, want it to say %q", domain, err, want)
		}
	}
	for _, ok := range []string{"example.com", "a_b.example.com", "xn--exmple-cua.com", "example.com.", "A.B"} {
		if err := ValidateOriginDomain(ok); err != nil {
			t.Errorf("ValidateOriginDomain(%q): %v", ok, err)
		}
	}
}

func TestParseDistributionARN(t *testing.T) {
	want := Distribution{"aws", "111122223333", "EDFDVBD6EXAMPLE"}
	arn := DistributionARN(want.Partition, want.Account, want.ID)
	if got, err := ParseDistributionARN(arn); err != nil || got != want {
		t.Errorf("ParseDistributionARN(%q) = %+v, %v", arn, got, err)
	}
	for _, bad := range []string{
		"", "arn:aws:s3:::b", "arn:aws:cloudfront::1:distribution/EDFDVBD6EXAMPLE", "arn:aws:cloudfront::111122223333:distribution/*",
		"arn:aws:cloudfront::111122223333:function/x", "arn:aws:cloudfront:us-east-1:111122223333:distribution/EDFDVBD6EXAMPLE",
		"arn:azure:cloudfront::111122223333:distribution/EDFDVBD6EXAMPLE",
	} {
		if got, err := ParseDistributionARN(bad); err == nil {
			t.Errorf("ParseDistributionARN(%q) = %+v", bad, got)
		}
	}
}

func FuzzClassifyEndpoint(f *testing.F) {
	for _, s := range []string{"b.s3.eu-west-1.amazonaws.com", ".amazonaws.com", "dualstack.elb.us-east-1.amazonaws.com", "a.on.aws", "ec2-1.compute.amazonaws.com"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, domain string) {
		e := ClassifyEndpoint(domain)
		invalid := e.Kind == KindInvalid || e.Kind == KindIPAddress
		if invalid != (ValidateOriginDomain(domain) != nil) || invalid != (e.Reason != "") {
			t.Fatalf("ClassifyEndpoint(%q) = %+v disagrees with ValidateOriginDomain", domain, e)
		}
		if !invalid && ClassifyEndpoint(e.Domain) != e {
			t.Fatalf("ClassifyEndpoint(%q) is not stable", domain)
		}
	})
}
