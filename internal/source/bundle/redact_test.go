package bundle

import (
	"bytes"
	"encoding/base64"
	"regexp"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"cfdoctor/internal/evidence"
)

// secrets must not be in a bundle. They are put together here so that no scanner takes this file for a leak.
var secrets = map[string]string{
	"HEADER":    "origin-verify-5Zt8q",
	"OTHER":     "an-older-value-77",
	"ENV":       "postgres://app:hunter2@db",
	"KEYID":     "AKIA" + "ABCDEFGHIJKLMNOP",
	"TOKEN":     "eyJ" + "hbGciOiJIUzI1NiJ9.eyJ" + "zdWIiOiIxIn0.c2lnbmF0dXJl",
	"COOKIE":    "s3ss10n",
	"BEARER":    "b34r3r",
	"SIGNATURE": "nitfHRCrtziwO2",
	"PASSWORD":  "correct horse",
	"PEM":       "-----BEGIN RSA PRIVATE KEY-----\\nMIIE\\n-----END RSA PRIVATE KEY-----",
}

// fill puts the secrets into a text, for their names in braces. {HEADER64} is in base64.
func fill(text string) string {
	for name, value := range secrets {
		text = strings.ReplaceAll(text, "{"+name+"}", value)
		text = strings.ReplaceAll(text, "{"+name+"64}", base64.StdEncoding.EncodeToString([]byte(value)))
	}
	return text
}

func known(service, operation, output string) evidence.Record {
	return evidence.Record{Call: evidence.Call{Service: service, Operation: operation}, State: evidence.Known, Output: jsontext.Value(fill(output))}
}

func leaky() Recording {
	return Recording{
		CapturedAt: noon,
		Records: []evidence.Record{
			known("cloudfront", "GetDistribution", `{"Distribution":{"DistributionConfig":{"Origins":{"Items":[{"CustomHeaders":{"Quantity":2,"Items":[
				{"HeaderName":"X-Origin-Verify","HeaderValue":"{HEADER}"},{"HeaderName":"Referer","HeaderValue":"{HEADER}"}]}}]}}}}`),
			known("elbv2", "DescribeRules", `{"Rules":[{"Conditions":[{"Field":"http-header","HttpHeaderConfig":{"HttpHeaderName":"x-origin-verify","Values":["{HEADER}","*{OTHER}*"]}},
				{"Field":"http-header","HttpHeaderConfig":{"HttpHeaderName":"x-forwarded-proto","Values":["https"]}}]}]}`),
			known("wafv2", "GetWebACL", `{"WebACL":{"Rules":[{"Priority":0,"Statement":{"ByteMatchStatement":{"SearchString":"{HEADER64}","FieldToMatch":{"SingleHeader":{"Name":"x-origin-verify"}}}}},
				{"Priority":1,"Statement":{"ByteMatchStatement":{"SearchString":"L2FkbWlu","FieldToMatch":{"UriPath":{}}}}}]}}`),
			known("wafv2", "GetSampledRequests", `{"SampledRequests":[{"Request":{"URI":"/a?Expires=1&Signature={SIGNATURE}&Key-Pair-Id=K1","Headers":[
				{"Name":"Cookie","Value":"theme=dark; sid={COOKIE}"},{"Name":"Authorization","Value":"Bearer {BEARER}"},{"Name":"User-Agent","Value":"curl/8"},
				{"Name":"X-Amzn-Trace","Value":"{TOKEN}"}]}}]}`),
			known("s3", "GetBucketPolicy", `{"Policy":"{\"Condition\":{\"StringEquals\":{\"aws:Referer\":\"{HEADER}\"}}}"}`),
			known("lambda", "GetFunctionConfiguration", `{"Environment":{"Variables":{"DATABASE":"{ENV}"}},"Role":"arn:aws:iam::123456789012:role/secret-reader"}`),
			known("cloudfront-keyvaluestore", "ListKeys", `{"Items":[{"Key":"admin_password","Value":"{PASSWORD}"},{"Key":"/old","Value":"/new"}]}`),
			known("cloudfront", "ListTagsForResource", `{"Tags":{"Items":[{"Key":"note","Value":"deployed by {KEYID}"},{"Key":"pem","Value":"{PEM}"}]}}`),
			known("cloudfront", "GetFunction", `{"FunctionCode":"aGFuZGxlcg==","Count":12345678901234567890}`),
			{Call: evidence.Call{Service: "iam", Operation: "GetRole"}, State: evidence.Denied, Problem: &evidence.Problem{Code: "AccessDenied", Message: fill("the key {KEYID} may not")}},
			known("probe", "HTTP", `{"url":"https://x/?X-Amz-Signature={SIGNATURE}&a=b","request":{"Authorization":"Basic {BEARER}","Cookie":["sid={COOKIE}"]},"password":"{PASSWORD}"}`),
		},
	}
}

func TestNoSecretIsWritten(t *testing.T) {
	var out bytes.Buffer
	summary, err := Write(&out, leaky())
	if err != nil {
		t.Fatal(err)
	}
	text := out.String()
	for name, secret := range secrets {
		for _, form := range []string{secret, base64.StdEncoding.EncodeToString([]byte(secret))} {
			if strings.Contains(text, form) {
				t.Errorf("%s is in the bundle:\n%s", name, text)
			}
		}
	}
	if want := len(secrets) + 1; summary.Redacted != want { // the cookie "theme" too
		t.Errorf("%d secrets replaced, want %d", summary.Redacted, want)
	}
	for _, kept := range []string{
		`"X-Origin-Verify"`, `"x-forwarded-proto","Values":["https"]`, "L2FkbWlu", "Expires=1&Signature=", "&Key-Pair-Id=K1", "theme=", "sid=", "Bearer ",
		"curl/8", "role/secret-reader", `"/new"`, "aGFuZGxlcg==", "12345678901234567890", `"Priority":0`, "&a=b",
	} {
		if !strings.Contains(text, kept) {
			t.Errorf("%s is lost:\n%s", kept, text)
		}
	}
	if _, err := Parse(&out, "x", MaxSize); err != nil {
		t.Error(err)
	}
}

// TestEqualSecretsStayEqual: what a distribution sends still fits what the load balancer, the web ACL and the bucket policy want.
func TestEqualSecretsStayEqual(t *testing.T) {
	text := write(t, leaky())
	sent := regexp.MustCompile(`"HeaderValue":"(REDACTED-\d+)"`).FindStringSubmatch(text)
	if sent == nil {
		t.Fatalf("no redacted header:\n%s", text)
	}
	for _, want := range []string{
		`"Values":["` + sent[1] + `",`,
		base64.StdEncoding.EncodeToString([]byte(sent[1])),
		`\"aws:Referer\":\"` + sent[1] + `\"`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is missing:\n%s", want, text)
		}
	}
	if other := regexp.MustCompile(`"\*(REDACTED-\d+)\*"`).FindStringSubmatch(text); other == nil || other[1] == sent[1] {
		t.Errorf("a different value has the same placeholder, or lost its wildcards:\n%s", text)
	}
}

// TestRedactedBundleIsNotRedactedAgain: a recording of a bundle keeps its placeholders, and new secrets get new numbers.
func TestRedactedBundleIsNotRedactedAgain(t *testing.T) {
	headers := func(values ...string) Recording {
		items := make([]string, len(values))
		for i, v := range values {
			items[i] = `{"HeaderName":"X-Key","HeaderValue":"` + v + `"}`
		}
		return Recording{CapturedAt: noon, Records: []evidence.Record{known("cloudfront", "GetDistribution", `{"Items":[`+strings.Join(items, ",")+`]}`)}}
	}
	text := write(t, headers("REDACTED-1", "new", "REDACTED-4"))
	if want := `"REDACTED-1"},{"HeaderName":"X-Key","HeaderValue":"REDACTED-5"},{"HeaderName":"X-Key","HeaderValue":"REDACTED-4"}`; !strings.Contains(text, want) {
		t.Errorf("got %s", text)
	}
}
