package policy

import (
	"encoding/json"
	"fmt"
	"testing"

	"cfdoctor/internal/tri"

	"pgregory.net/rapid"
)

// The generators draw from small pools, so that statements often meet requests.
var (
	poolKeys       = []string{"aws:SourceArn", "aws:SourceIp", "aws:SecureTransport", "aws:username", "s3:max-keys", "aws:CurrentTime", "aws:TagKeys"}
	poolValues     = []string{testSourceARN, "192.0.2.7", "2001:db8::7", "true", "false", "ann", "a*", "10", "2020-01-01T00:00:00Z", "QUI=", ""}
	poolWanted     = append([]string{"*", "arn:aws:cloudfront::111122223333:distribution/*", "192.0.2.0/24", "2001:db8::1", "${aws:username}", "${aws:username, 'ann'}", "a${*}", "${broken"}, poolValues...)
	poolOperators  = []string{"StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike", "StringNotLike", "ArnEquals", "ArnNotLike", "NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericGreaterThanEquals", "DateLessThanEquals", "DateNotEquals", "Bool", "BinaryEquals", "IpAddress", "NotIpAddress", "Null", "Novel"}
	poolPrincipals = []string{`"*"`, `{"AWS":"*"}`, `{"AWS":"arn:aws:iam::111122223333:root"}`, `{"AWS":["444455556666","arn:aws:iam::111122223333:user/ann"]}`, `{"Service":"cloudfront.amazonaws.com"}`, `{"CanonicalUser":"abc"}`, `{"Federated":"x"}`, `{"Robot":"r"}`}
	poolActions    = []string{`"*"`, `"s3:*"`, `"s3:GetObject"`, `["s3:PutObject","S3:List*"]`}
	poolResources  = []string{`"*"`, `"arn:aws:s3:::example-bucket/*"`, `"arn:aws:s3:::example-bucket"`, `["arn:aws:s3:::other/*","arn:aws:s3:::example-bucket/${aws:username}.html"]`, `"execute-api:/prod/*"`}
	poolCallers    = []Principal{Service("cloudfront.amazonaws.com"), {Kind: Anonymous}, OriginAccessIdentity("E1", "abc"), {Kind: AWSPrincipal, ID: "arn:aws:iam::111122223333:user/ann"}, {Kind: CanonicalUser, ID: "abc"}}
)

func drawCondition(t *rapid.T) string {
	conditions := map[string]map[string][]string{}
	for range rapid.IntRange(0, 2).Draw(t, "conditions") {
		op := rapid.SampledFrom([]string{"", "", "ForAllValues:", "ForAnyValue:"}).Draw(t, "set") +
			rapid.SampledFrom(poolOperators).Draw(t, "operator") +
			rapid.SampledFrom([]string{"", "", "IfExists"}).Draw(t, "ifExists")
		key := rapid.SampledFrom(poolKeys).Draw(t, "key")
		values := rapid.SliceOfN(rapid.SampledFrom(poolWanted), 1, 3).Draw(t, "values")
		if conditions[op] == nil {
			conditions[op] = map[string][]string{}
		}
		conditions[op][key] = values
	}
	text, err := json.Marshal(conditions)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func drawStatement(t *rapid.T, effect Effect) string {
	not := func(name string) string {
		return rapid.SampledFrom([]string{"", "", "Not"}).Draw(t, "not") + name
	}
	return fmt.Sprintf(`{"Effect":%q,%q:%s,%q:%s,%q:%s,"Condition":%s}`, effect,
		not("Principal"), rapid.SampledFrom(poolPrincipals).Draw(t, "principal"),
		not("Action"), rapid.SampledFrom(poolActions).Draw(t, "action"),
		not("Resource"), rapid.SampledFrom(poolResources).Draw(t, "resource"),
		drawCondition(t))
}

func drawStatements(t *rapid.T) string {
	list := ""
	for i := range rapid.IntRange(1, 3).Draw(t, "statements") {
		if i > 0 {
			list += ","
		}
		list += drawStatement(t, rapid.SampledFrom([]Effect{Allow, Allow, Deny}).Draw(t, "effect"))
	}
	return list
}

// drawRequest leaves some things unknown.
func drawRequest(t *rapid.T) Request {
	r := Request{
		Principal: rapid.SampledFrom(append([]Principal{{}}, poolCallers...)).Draw(t, "caller"),
		Action:    rapid.SampledFrom([]string{"", "s3:GetObject", "s3:ListBucket"}).Draw(t, "action"),
		Resource:  rapid.SampledFrom([]string{"", testObject, "arn:aws:s3:::example-bucket/ann.html", "arn:aws:s3:::example-bucket"}).Draw(t, "resource"),
		Context:   NewContext(),
	}
	for _, k := range poolKeys {
		drawKey(t, r.Context, k, []string{"unknown", "absent", "known"})
	}
	return r
}

func drawKey(t *rapid.T, ctx Context, key string, states []string) {
	switch rapid.SampledFrom(states).Draw(t, key) {
	case "absent":
		ctx.SetAbsent(key)
	case "known":
		ctx.Set(key, rapid.SliceOfN(rapid.SampledFrom(poolValues), 1, 2).Draw(t, "values")...)
	}
}

// refine makes everything unknown known, somehow.
func refine(t *rapid.T, r Request) Request {
	r.Context = r.Context.Clone()
	for _, k := range poolKeys {
		if _, known := r.Context.Get(k); !known {
			drawKey(t, r.Context, k, []string{"absent", "known"})
		}
	}
	if r.Principal.Kind == UnknownPrincipal {
		r.Principal = rapid.SampledFrom(poolCallers).Draw(t, "refined caller")
	}
	if r.Action == "" {
		r.Action = rapid.SampledFrom([]string{"s3:GetObject", "s3:ListBucket", "kms:Decrypt"}).Draw(t, "refined action")
	}
	if r.Resource == "" {
		r.Resource = rapid.SampledFrom([]string{testObject, "arn:aws:s3:::example-bucket/ann.html"}).Draw(t, "refined resource")
	}
	return r
}

func TestKnowingMoreNeverContradicts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		document := statements(drawStatements(t))
		d, err := Parse(document)
		if err != nil {
			t.Fatal(err)
		}
		r := drawRequest(t)
		before, after := d.Evaluate(r), d.Evaluate(refine(t, r))
		if before.Allowed.Known() && before.Allowed != after.Allowed {
			t.Fatalf("%v became %v\n%s\n%+v", before.Allowed, after.Allowed, document, r)
		}
		for i := range before.Matches {
			b, a := before.Matches[i], after.Matches[i]
			for name, pair := range map[string][2]tri.Bool{
				"principal": {b.Principal, a.Principal}, "action": {b.Action, a.Action},
				"resource": {b.Resource, a.Resource}, "condition": {b.Condition, a.Condition},
			} {
				if pair[0].Known() && pair[0] != pair[1] {
					t.Fatalf("%s %v became %v\n%s\n%+v", name, pair[0], pair[1], document, r)
				}
			}
		}
	})
}

// rank orders decisions by how much they allow.
func rank(b tri.Bool) int {
	switch b {
	case tri.False:
		return 0
	case tri.True:
		return 2
	}
	return 1
}

func TestDenyNeverAllowsMoreAndAllowNeverLess(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list, r := drawStatements(t), drawRequest(t)
		evaluate := func(list string) Decision {
			d, err := Parse(statements(list))
			if err != nil {
				t.Fatal(err)
			}
			return d.Evaluate(r)
		}
		base := evaluate(list)
		if denied := evaluate(list + "," + drawStatement(t, Deny)); rank(denied.Allowed) > rank(base.Allowed) {
			t.Fatalf("a deny turned %v into %v", base.Allowed, denied.Allowed)
		}
		if allowed := evaluate(list + "," + drawStatement(t, Allow)); rank(allowed.Allowed) < rank(base.Allowed) {
			t.Fatalf("an allow turned %v into %v", base.Allowed, allowed.Allowed)
		}
	})
}

// checkDecision states what must hold of every decision.
func checkDecision(t interface{ Fatalf(string, ...any) }, d *Document, got Decision) {
	if len(got.Matches) != len(d.Statements) {
		t.Fatalf("%d matches for %d statements", len(got.Matches), len(d.Statements))
	}
	for _, m := range got.Matches {
		if want := tri.And(m.Principal, m.Action, m.Resource, m.Condition); m.Applies != want {
			t.Fatalf("applies %v, elements say %v", m.Applies, want)
		}
		if (m.Applies == tri.True) != (len(m.Failed) == 0) {
			t.Fatalf("applies %v with mismatches %+v", m.Applies, m.Failed)
		}
	}
	switch got.Reason {
	case AllowMatched:
		if got.Allowed != tri.True || got.Deciding.Effect != Allow || got.Deciding.Applies != tri.True {
			t.Fatalf("allowed by %+v", got.Deciding)
		}
	case ExplicitDeny:
		if got.Allowed != tri.False || got.Deciding.Effect != Deny || got.Deciding.Applies != tri.True {
			t.Fatalf("denied by %+v", got.Deciding)
		}
	case ImplicitDeny:
		if got.Allowed != tri.False || got.Deciding != nil {
			t.Fatalf("implicitly denied by %+v", got.Deciding)
		}
	default:
		if got.Allowed != tri.Unknown || got.Deciding.Applies != tri.Unknown {
			t.Fatalf("undecided by %+v", got.Deciding)
		}
	}
}

func TestDecisionsAreConsistent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, err := Parse(statements(drawStatements(t)))
		if err != nil {
			t.Fatal(err)
		}
		checkDecision(t, d, d.Evaluate(drawRequest(t)))
	})
}
