package e2e

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"cfdoctor/internal/policy"
)

// policyCase is one question to a resource policy. It is also the line that iam_oracle.mjs reads.
type policyCase struct {
	Policy    json.RawMessage     `json:"policy"`
	Principal string              `json:"principal"` // a service name, an ARN, or empty for an anonymous caller
	Action    string              `json:"action"`
	Resource  string              `json:"resource"`
	Context   map[string][]string `json:"context"` // complete: keys not listed are absent
}

// decide is cfdoctor's own answer.
func (c policyCase) decide(t *testing.T) policy.Decision {
	t.Helper()
	document, err := policy.Parse(string(c.Policy))
	if err != nil {
		t.Fatalf("%v\n%s", err, c.Policy)
	}
	ctx := policy.NewContext()
	for key, values := range c.Context {
		ctx.Set(key, values...)
	}
	return document.Evaluate(policy.Request{Principal: c.caller(), Action: c.Action, Resource: c.Resource, Context: ctx.Close()})
}

func (c policyCase) caller() policy.Principal {
	switch {
	case c.Principal == "":
		return policy.Principal{Kind: policy.Anonymous}
	case strings.HasPrefix(c.Principal, "arn:"):
		return policy.Principal{Kind: policy.AWSPrincipal, ID: c.Principal}
	}
	return policy.Service(c.Principal)
}

// The generator keeps to what the services know: real actions, resources and condition keys. It leaves out origin access identities, which
// the oracle takes for users of a foreign account and denies; internal/policy tests those with AWS's own examples.
const (
	ourDistribution   = "arn:aws:cloudfront::111122223333:distribution/E1EXAMPLE"
	otherDistribution = "arn:aws:cloudfront::444455556666:distribution/E2"
	ourUser           = "arn:aws:iam::111122223333:user/ann"
	foreignUser       = "arn:aws:iam::444455556666:user/bob"
)

// attached is a resource with a policy, and what requests to it look like.
type attached struct {
	actions, resources []string
	actionForms        []any // values of Action
	resourceForms      []any // values of Resource
	keys               map[string][]string
}

var commonKeys = map[string][]string{
	"aws:SourceArn":             {ourDistribution, ourDistribution, otherDistribution},
	"aws:SourceAccount":         {"111122223333", "444455556666"},
	"aws:SecureTransport":       {"true", "false"},
	"aws:SourceIp":              {"192.0.2.7", "198.51.100.7", "2001:db8::7", "2001:db9::1"},
	"aws:SourceVpce":            {"vpce-1a2b3c4d", "vpce-9"},
	"aws:Referer":               {"https://www.example.com/a", "https://example.org/"},
	"aws:UserAgent":             {"Amazon CloudFront", "curl/8.1"},
	"aws:CurrentTime":           {"2024-05-01T00:00:00Z", "2026-01-01T12:30:00Z"},
	"aws:EpochTime":             {"1714521600", "1767270600"},
	"aws:PrincipalIsAWSService": {"true", "false"},
	"aws:PrincipalOrgID":        {"o-example123", "o-other12345"},
	"aws:PrincipalOrgPaths":     {"o-example123/r-ab12/ou-ab12-1/", "o-other12345/r-x/"}, // many values
}

var policyTargets = []attached{
	{
		actions:   []string{"s3:GetObject", "s3:GetObject", "s3:PutObject"},
		resources: []string{"arn:aws:s3:::example-bucket/index.html", "arn:aws:s3:::example-bucket/assets/logo.png"},
		actionForms: []any{"s3:*", "*", "s3:GetObject", "S3:getobject", "s3:Get*", "s3:?etObject",
			[]string{"s3:PutObject", "s3:List*"}, []string{"s3:GetObject", "s3:PutObject"}},
		resourceForms: []any{"arn:aws:s3:::example-bucket/*", "arn:aws:s3:::example-bucket", "arn:aws:s3:::example-bucket/assets/*", "*",
			[]string{"arn:aws:s3:::example-bucket", "arn:aws:s3:::example-bucket/*"}, "arn:aws:s3:::example-bucket/*.htm?", "arn:aws:s3:::*"},
		keys: map[string][]string{"s3:TlsVersion": {"1.1", "1.2", "1.3"}, "s3:ExistingObjectTag/stage": {"live", "Test", "home"}},
	},
	{
		actions:       []string{"kms:Decrypt"},
		resources:     []string{"arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"},
		actionForms:   []any{"kms:*", "kms:Decrypt", []string{"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*"}, "kms:Describe*"},
		resourceForms: []any{"*", "*", "arn:aws:kms:us-east-1:111122223333:key/*", "arn:aws:kms:eu-west-1:111122223333:key/*"},
		keys:          map[string][]string{"kms:ViaService": {"s3.us-east-1.amazonaws.com", "s3.eu-west-1.amazonaws.com"}},
	},
	{
		actions:     []string{"lambda:InvokeFunctionUrl"},
		resources:   []string{"arn:aws:lambda:us-east-1:111122223333:function:app"},
		actionForms: []any{"lambda:InvokeFunctionUrl", "lambda:Invoke*", "lambda:InvokeFunction", "lambda:*"},
		resourceForms: []any{"arn:aws:lambda:us-east-1:111122223333:function:app", "arn:aws:lambda:*:111122223333:function:*",
			"arn:aws:lambda:us-east-1:111122223333:function:other", "*"},
		keys: map[string][]string{"lambda:FunctionUrlAuthType": {"AWS_IAM", "NONE"}},
	},
	{
		actions:     []string{"execute-api:Invoke"},
		resources:   []string{"arn:aws:execute-api:us-east-1:111122223333:a1b2c3d4e5/prod/GET/orders"},
		actionForms: []any{"execute-api:Invoke", "execute-api:*", "*"},
		resourceForms: []any{"arn:aws:execute-api:us-east-1:111122223333:a1b2c3d4e5/*", "arn:aws:execute-api:us-east-1:111122223333:a1b2c3d4e5/*/GET/*",
			"arn:aws:execute-api:us-east-1:111122223333:a1b2c3d4e5/test/*", "*"},
	},
}

var policyPrincipals = []any{
	"*", "*", map[string]any{"AWS": "*"}, map[string]any{"Service": "cloudfront.amazonaws.com"}, map[string]any{"Service": "cloudfront.amazonaws.com"},
	map[string]any{"Service": []string{"s3.amazonaws.com", "cloudfront.amazonaws.com"}},
	map[string]any{"AWS": "arn:aws:iam::111122223333:root"}, map[string]any{"AWS": "444455556666"},
	map[string]any{"AWS": []string{ourUser, "arn:aws:iam::111122223333:root"}}, map[string]any{"AWS": foreignUser},
	map[string]any{"AWS": "arn:aws:iam::111122223333:root", "Service": "cloudfront.amazonaws.com"},
}

// conditionForm is a key with operators and values that fit it.
type conditionForm struct {
	key    string
	ops    []string
	values []any
}

var conditionForms = []conditionForm{
	{"AWS:SourceArn", []string{"StringEquals", "StringLike", "ArnEquals", "ArnLike", "StringNotEquals", "ArnNotLike", "ArnNotEquals", "StringNotLike"},
		[]any{ourDistribution, ourDistribution, "arn:aws:cloudfront::111122223333:distribution/*", "arn:*:distribution/E?", "arn:aws:cloudfront::*:*",
			"arn:aws:cloudfront::${aws:SourceAccount}:distribution/*", []string{ourDistribution, otherDistribution}, "*"}},
	{"aws:SourceAccount", []string{"StringEquals", "StringNotEquals", "NumericEquals", "NumericNotEquals"}, []any{"111122223333", []string{"444455556666", "111122223333"}}},
	{"aws:SecureTransport", []string{"Bool"}, []any{"true", "false", false, "True"}},
	{"aws:SourceIp", []string{"IpAddress", "NotIpAddress"},
		[]any{"192.0.2.0/24", "198.51.100.7", []string{"2001:db8::/32", "10.0.0.0/8"}, "2001:db8::7", "0.0.0.0/0", []string{"198.51.100.7/32", "::/0"}}},
	{"aws:SourceVpce", []string{"StringEquals", "StringNotEquals", "Null"}, []any{"vpce-1a2b3c4d", []string{"vpce-8", "vpce-9"}}},
	{"aws:Referer", []string{"StringLike", "StringNotLike"}, []any{"https://www.example.com/*", []string{"http*://*.org/", "*.net"}, "*", "*.*.*", ""}},
	{"aws:UserAgent", []string{"StringEquals", "StringLike", "StringEqualsIgnoreCase"}, []any{"Amazon CloudFront", "amazon cloudfront", "Amazon*"}},
	{"aws:CurrentTime", []string{"DateLessThan", "DateGreaterThanEquals", "DateEquals", "DateNotEquals", "DateLessThanEquals", "DateGreaterThan"},
		[]any{"2025-01-01T00:00:00Z", "2026-01-01T12:30:00Z", "2025-06-01", "1735689600"}},
	{"aws:EpochTime", []string{"NumericLessThan", "NumericGreaterThanEquals"}, []any{"1735689600", "1767270600", 1735689600}},
	{"aws:EpochTime", []string{"DateGreaterThan", "DateLessThan"}, []any{"1735689600", "2025-01-01T00:00:00Z"}},
	{"aws:PrincipalIsAWSService", []string{"Bool"}, []any{"true", "false"}},
	{"aws:PrincipalOrgID", []string{"StringEquals", "StringNotEquals", "StringNotLike"}, []any{"o-example123", "o-ex*"}},
	{"aws:PrincipalOrgPaths", []string{"ForAnyValue:StringLike", "ForAllValues:StringLike", "ForAnyValue:StringNotLike", "ForAllValues:StringNotLike", "ForAllValues:StringEquals"},
		[]any{"o-example123/*", "o-other12345/r-x/", []string{"o-example123/r-ab12/ou-ab12-1/*", "o-z/*"}}},
	{"s3:TlsVersion", []string{"NumericLessThan", "NumericGreaterThanEquals", "NumericNotEquals", "NumericEquals", "NumericLessThanEquals", "NumericGreaterThan"}, []any{"1.2", 1.3}},
	{"s3:ExistingObjectTag/stage", []string{"StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringEquals", "StringLike", "Null"},
		[]any{"LIVE", "test", "l${*}", "${aws:PrincipalOrgID}", "${aws:PrincipalOrgID, 'live'}", "?ive", "L?VE"}},
	{"kms:ViaService", []string{"StringEquals", "StringLike", "ForAnyValue:StringEquals"}, []any{"s3.us-east-1.amazonaws.com", "s3.*.amazonaws.com"}},
	{"lambda:FunctionUrlAuthType", []string{"StringEquals", "StringNotEquals"}, []any{"AWS_IAM", "NONE"}},
}

func newPolicyCase(t *testing.T, r *rand.Rand) policyCase {
	target := policyTargets[0]
	if r.IntN(3) == 0 {
		target = choose(r, policyTargets)
	}
	var list []any
	for range 1 + r.IntN(3) {
		list = append(list, newStatement(r, target))
	}
	text, err := json.Marshal(map[string]any{"Version": policy.Version2012, "Statement": list})
	if err != nil {
		t.Fatal(err)
	}
	c := policyCase{
		Policy:    text,
		Principal: choose(r, []string{"cloudfront.amazonaws.com", "cloudfront.amazonaws.com", ourUser, foreignUser, ""}),
		Action:    choose(r, target.actions), Resource: choose(r, target.resources), Context: map[string][]string{},
	}
	keys := maps.Clone(commonKeys)
	maps.Copy(keys, target.keys)
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		switch values := keys[key]; {
		case c.Action == "s3:PutObject" && key == "s3:ExistingObjectTag/stage": // a new object has no tags yet
		case r.IntN(4) == 0:
		case key == "aws:PrincipalOrgPaths" && r.IntN(2) == 0:
			c.Context[key] = values
		default:
			c.Context[key] = []string{choose(r, values)}
		}
	}
	return c
}

func newStatement(r *rand.Rand, target attached) map[string]any {
	s := map[string]any{"Effect": choose(r, []string{"Allow", "Allow", "Deny"})}
	who := choose(r, policyPrincipals)
	name := negated(r, "Principal", s["Effect"] == "Deny")
	if name == "NotPrincipal" && (who == "*" || who.(map[string]any)["AWS"] == "*") {
		who = map[string]any{"Service": "cloudfront.amazonaws.com"} // nobody but everybody is no policy that AWS takes
	}
	s[name] = who
	s[negated(r, "Action", true)] = choose(r, target.actionForms)
	s[negated(r, "Resource", true)] = choose(r, target.resourceForms)
	if conditions := newConditions(r, target); len(conditions) > 0 {
		s["Condition"] = conditions
	}
	return s
}

func newConditions(r *rand.Rand, target attached) map[string]any {
	out := map[string]any{}
	for range r.IntN(3) {
		f := choose(r, conditionForms)
		if _, common := commonKeys["aws:"+f.key[len("aws:"):]]; !common && target.keys[f.key] == nil {
			continue // a key of another service
		}
		op, value := choose(r, f.ops), choose(r, f.values)
		if op == "Null" {
			value = choose(r, []any{"true", "false"})
		} else if r.IntN(4) == 0 {
			op += "IfExists"
		}
		out[op] = map[string]any{f.key: value}
	}
	return out
}

func choose[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

func negated(r *rand.Rand, element string, may bool) string {
	if may && r.IntN(7) == 0 {
		return "Not" + element
	}
	return element
}
