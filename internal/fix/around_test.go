package fix

import "testing"

const (
	balancerARN = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/web/0123456789abcdef"
	listenerARN = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/web/0123456789abcdef/fedcba9876543210"
)

// around are changes of resources around CloudFront that no scenario runs.
func around() []Change {
	return []Change{
		SetListenerSSLPolicy(balancerARN, listenerARN, "ELBSecurityPolicy-TLS13-1-2-Res-2021-06", "ELBSecurityPolicy-2016-08"),
		SetFunctionURLAuth("it's", "eu-west-1", "live", "AWS_IAM", "NONE"), EnableRESTEndpoint("eu-west-1", "r1", "prod", "d1"), EnableHTTPEndpoint("eu-west-1", "h1", "$default", "d1"),
	}
}

// scenariosAround are fixes of resources around CloudFront.
func scenariosAround(title string) map[string]scenario {
	oac := CreateOAC("thumbs-"+distributionID, "lambda", "always")
	vpc := CreateVPCOrigin("cfdoctor-"+distributionID, balancerARN, 80, 443, "https-only", []string{"TLSv1.2"})
	acl := CreateWebACL("cfdoctor-"+distributionID, "123456789012", "aws")
	return map[string]scenario{
		"copy-object": {Fix{Title: title, Changes: []Change{CopyObject("site", "img/it's.png", "Img/it's.png")}}, "object.Img_it's.png", "s3api copy-object"},
		"function-url": {Fix{Title: title, Changes: []Change{AddLambdaPermission("thumbs", "eu-west-1", "", []string{distributionARN}), oac,
			EditDistribution(distributionID, SetOriginAccessControl("s3-site", oac.ID())), SetFunctionURLAuth("thumbs", "eu-west-1", "", "AWS_IAM", "NONE")}}, "config.json",
			"lambda add-permission, lambda add-permission, cloudfront create-origin-access-control, cloudfront update-distribution, lambda update-function-url-config"},
		"record-set": {Fix{Title: title, Changes: []Change{PointAtDistribution("/hostedzone/Z1", "www.example.com", "d1.cloudfront.net", true, false)}}, "records.json",
			"route53 change-resource-record-sets"},
		"vpc-origin": {Fix{Title: title, Changes: []Change{vpc, EditDistribution(distributionID, SetVPCOrigin(hostileOrigin, vpc.ID(), 30, 5))}}, "config.json",
			"cloudfront create-vpc-origin, cloudfront update-distribution"},
		"web-acl-new": {Fix{Title: title, Changes: []Change{acl, EditDistribution(distributionID, SetWebACL(acl.ARN()))}}, "config.json",
			"wafv2 create-web-acl, cloudfront update-distribution"},
	}
}

// skeleton has the members of a configuration that a present-day AWS CLI knows.
func skeleton(t *testing.T) any {
	t.Helper()
	config := tree(t, string(fixture(t, "distribution-config.json")))
	origin := objectOf(itemsOf(objectOf(config)["Origins"], false)[0])
	origin["VpcOriginConfig"] = map[string]any{"VpcOriginId": "", "OriginReadTimeout": 0, "OriginKeepaliveTimeout": 0}
	return config
}
