package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
)

const accountID = "123456789012"

// object is a member of a configuration.
type object = map[string]any

func items(list ...any) object { return object{"Quantity": len(list), "Items": list} }

func jsonOf(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(raw)
}

// s3Config is a distribution in front of a bucket, with an origin access control.
func (a *builder) s3Config(oac string) object {
	return object{
		"CallerReference": a.name, "Comment": "it's the site of " + a.name, "Enabled": true, "DefaultRootObject": "index.html", "PriceClass": "PriceClass_200",
		"Origins": items(object{
			"Id": "site", "DomainName": a.name + ".s3.us-east-1.amazonaws.com", "OriginPath": "", "OriginAccessControlId": oac,
			"CustomHeaders": items(object{"HeaderName": "x-from", "HeaderValue": "it's a \"secret\" $(id)"}), "S3OriginConfig": object{"OriginAccessIdentity": ""},
			"ConnectionAttempts": 3, "ConnectionTimeout": 10, "OriginShield": object{"Enabled": false},
		}),
		"DefaultCacheBehavior": object{
			"TargetOriginId": "site", "ViewerProtocolPolicy": "redirect-to-https", "Compress": true,
			"AllowedMethods": object{"Quantity": 2, "Items": []any{"HEAD", "GET"}, "CachedMethods": items("HEAD", "GET")},
			"CachePolicyId":  "658327ea-f89d-4fab-a63d-7e88639e58f6", "SmoothStreaming": false,
		},
		"CustomErrorResponses": items(object{"ErrorCode": 500, "ErrorCachingMinTTL": 5}),
	}
}

func (a *builder) bucket() {
	a.aws(nil, "s3api", "create-bucket", "--bucket", a.name)
	a.aws(nil, "s3api", "put-public-access-block", "--bucket", a.name, "--public-access-block-configuration",
		"BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true")
	page := filepath.Join(a.dir, "page.html")
	if err := os.WriteFile(page, []byte("<p>hello</p>"), 0o600); err != nil {
		a.t.Fatal(err)
	}
	for _, key := range []string{"index.html", "about.html"} {
		a.aws(nil, "s3api", "put-object", "--bucket", a.name, "--key", key, "--body", page)
	}
	a.alsoWatch("s3api", "get-bucket-policy", "--bucket", a.name)
}

func (a *builder) oac(originType, signing string) string {
	var made struct{ OriginAccessControl struct{ Id string } }
	a.aws(&made, "cloudfront", "create-origin-access-control", "--origin-access-control-config",
		jsonOf(object{"Name": a.name, "SigningProtocol": "sigv4", "SigningBehavior": signing, "OriginAccessControlOriginType": originType}))
	return made.OriginAccessControl.Id
}

// hostile is a statement of somebody else's, with a Sid that a shell would trip over.
func (a *builder) hostile() object {
	return object{"Sid": "It's \"mine\"; echo $(id) `id` \\", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
		"Resource": "arn:aws:s3:::" + a.name + "/*", "Condition": object{"Bool": object{"aws:SecureTransport": "false"}}}
}

func (a *builder) grant() object {
	return object{"Sid": "AllowCloudFront", "Effect": "Allow", "Principal": object{"Service": "cloudfront.amazonaws.com"}, "Action": "s3:GetObject",
		"Resource": "arn:aws:s3:::" + a.name + "/*", "Condition": object{"StringEquals": object{"AWS:SourceArn": target(a.id)}}}
}

func (a *builder) policy(statements ...any) {
	a.aws(nil, "s3api", "put-bucket-policy", "--bucket", a.name, "--policy", jsonOf(object{"Version": "2012-10-17", "Statement": statements}))
}

// site is a healthy private site, but for the edit.
func (a *builder) site(edit func(config object)) {
	a.bucket()
	config := a.s3Config(a.oac("s3", "always"))
	if edit != nil {
		edit(config)
	}
	a.distribution(config)
	a.policy(a.hostile(), a.grant())
}

func behavior(config object) object { return config["DefaultCacheBehavior"].(object) }
func origin(config object) object   { return config["Origins"].(object)["Items"].([]any)[0].(object) }

// onSite is a loop on a site with an edited configuration.
func onSite(cause, ask string, edit func(config object)) loop {
	return loop{cause, func(a *builder) {
		a.site(edit)
		a.ask = strings.Fields(ask)
	}}
}

func loops() []loop {
	out := []loop{
		onSite("DEFAULT_ROOT_OBJECT_MISSING", "--error-code 403 --request-path /", func(c object) { c["DefaultRootObject"] = "" }),
		onSite("DEFAULT_ROOT_OBJECT_INVALID", "--error-code 403 --request-path /", func(c object) { c["DefaultRootObject"] = "/index.html" }),
		onSite("VIEWER_PROTOCOL_HTTPS_ONLY", "--error-code 403 --request-path /about.html --scheme http", func(c object) {
			behavior(c)["ViewerProtocolPolicy"] = "https-only"
		}),
		onSite("VIEWER_HTTP_ALLOWED", "", func(c object) { behavior(c)["ViewerProtocolPolicy"] = "allow-all" }),
		onSite("GEO_RESTRICTION_BLOCK", "--error-code 403 --request-path /about.html --viewer-country BR", func(c object) {
			c["Restrictions"] = object{"GeoRestriction": object{"RestrictionType": "whitelist", "Quantity": 2, "Items": []any{"US", "CA"}}}
		}),
		onSite("ORIGIN_PATH_WRONG", "--error-code 403 --request-path /about.html", func(c object) { origin(c)["OriginPath"] = "/v2" }),
		onSite("DISTRIBUTION_DISABLED", "--error-code 403 --request-path /about.html", func(c object) { c["Enabled"] = false }),
		onSite("HOST_HEADER_FORWARDED_TO_S3", "--error-code 403 --request-path /about.html", func(c object) {
			behavior(c)["OriginRequestPolicyId"] = "216adef6-5c7f-47e4-b989-5492eafa07d3"
		}),
		onSite("PERF_COMPRESSION", "", func(c object) { behavior(c)["Compress"] = false }),
		onSite("PERF_HTTP_VERSION", "", func(c object) { c["HttpVersion"] = "http1.1" }),
		onSite("SECURITY_HEADERS_MISSING", "", nil),
		onSite("LOGGING_DISABLED", "", nil),
		onSite("BEHAVIOR_SHADOWED", "--request-path /images/a/logo.png", func(c object) {
			special := object{"PathPattern": "/images/a/*", "TargetOriginId": "site", "ViewerProtocolPolicy": "https-only", "Compress": true, "CachePolicyId": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"}
			wide := object{"PathPattern": "/images/*", "TargetOriginId": "site", "ViewerProtocolPolicy": "https-only", "Compress": true, "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6"}
			c["CacheBehaviors"] = items(wide, special)
		}),
	}
	return append(append(out, bucketLoops()...), otherLoops()...)
}

func about(a *builder) { a.ask = []string{"--error-code", "403", "--request-path", "/about.html"} }

// bucketLoops are about who may read a bucket.
func bucketLoops() []loop {
	return []loop{
		{"S3_NO_ORIGIN_ACCESS", func(a *builder) {
			a.bucket()
			a.distribution(a.s3Config(""))
			a.policy(a.hostile())
			about(a)
		}},
		{"S3_POLICY_MISSING_OAC_GRANT", func(a *builder) {
			a.site(nil)
			a.policy(a.hostile())
			about(a)
		}},
		{"S3_POLICY_WRONG_SOURCE_ARN", func(a *builder) {
			a.site(nil)
			wrong := a.grant()
			wrong["Condition"] = object{"StringEquals": object{"AWS:SourceArn": target("E2OLDDISTRIBUTION")}}
			a.policy(a.hostile(), wrong)
			about(a)
		}},
		{"S3_POLICY_RESOURCE_OR_ACTION_WRONG", func(a *builder) {
			a.site(nil)
			wrong := a.grant()
			wrong["Resource"] = "arn:aws:s3:::" + a.name
			a.policy(a.hostile(), wrong)
			about(a)
		}},
		{"S3_POLICY_EXPLICIT_DENY", func(a *builder) {
			a.site(nil)
			a.policy(a.grant(), object{"Sid": "It's \"office only\"", "Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::" + a.name + "/*",
				"Condition": object{"NotIpAddress": object{"aws:SourceIp": "192.0.2.0/24"}}})
			about(a)
		}},
		{"S3_POLICY_TOO_BROAD", func(a *builder) {
			a.site(nil)
			broad := a.grant()
			delete(broad, "Condition")
			a.policy(a.hostile(), broad)
		}},
		{"S3_OAC_NOT_SIGNING", func(a *builder) {
			a.bucket()
			a.distribution(a.s3Config(a.oac("s3", "never")))
			a.policy(a.hostile(), a.grant())
			about(a)
		}},
		{"S3_OAC_WRONG_TYPE", func(a *builder) {
			a.bucket()
			a.distribution(a.s3Config(a.oac("mediastore", "always")))
			a.policy(a.hostile(), a.grant())
			about(a)
		}},
		{"S3_KMS_KEY_POLICY", func(a *builder) {
			a.bucket()
			var key struct{ KeyMetadata struct{ KeyId, Arn string } }
			a.aws(&key, "kms", "create-key", "--policy", jsonOf(object{"Version": "2012-10-17", "Statement": []any{object{"Sid": "It's the \"account\"", "Effect": "Allow",
				"Principal": object{"AWS": "arn:aws:iam::" + accountID + ":root"}, "Action": "kms:*", "Resource": "*"}}}))
			a.aws(nil, "s3api", "put-bucket-encryption", "--bucket", a.name, "--server-side-encryption-configuration", jsonOf(object{"Rules": []any{object{
				"ApplyServerSideEncryptionByDefault": object{"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key.KeyMetadata.Arn}}}}))
			a.aws(nil, "s3api", "put-object", "--bucket", a.name, "--key", "about.html", "--body", filepath.Join(a.dir, "page.html"),
				"--server-side-encryption", "aws:kms", "--ssekms-key-id", key.KeyMetadata.Arn)
			a.distribution(a.s3Config(a.oac("s3", "always")))
			a.policy(a.hostile(), a.grant())
			a.alsoWatch("kms", "get-key-policy", "--key-id", key.KeyMetadata.KeyId, "--policy-name", "default")
			about(a)
		}},
	}
}

func (a *builder) write(name, content string) {
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		a.t.Fatal(err)
	}
}
