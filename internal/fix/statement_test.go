package fix

import (
	"testing"

	"pgregory.net/rapid"
)

const oldARN = "arn:aws:cloudfront::123456789012:distribution/EOLD12345678"

func policyEdits(t testing.TB) map[string][]PolicyEdit {
	t.Helper()
	deny := tree(t, `{"Sid":"it's","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"StringNotEquals":{"aws:SourceVpce":"vpce-1"}}}`)
	plain := tree(t, `{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`)
	beside, err := ExceptFromDeny(deny, distributionARN)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ExceptFromDeny(tree(t, `{"Effect":"Deny","Condition":{"StringNotEquals":"x"}}`), distributionARN); err == nil {
		t.Error("a condition that is no object is written over")
	}
	except, err := ExceptFromDeny(plain, distributionARN)
	if err != nil {
		t.Fatal(err)
	}
	staging := distributionARN + "STAGING"
	return map[string][]PolicyEdit{
		"read":           GrantDistribution("site", "", "", []string{"s3:GetObject"}, distributionARN),
		"read and write": GrantDistribution("site", "aws-cn", "/img/", []string{"s3:GetObject", "s3:PutObject"}, distributionARN, staging),
		"list":           GrantDistribution("site", "", "", []string{"s3:GetObject", "s3:ListBucket"}, distributionARN),
		"key":            GrantKey(false, distributionARN),
		"key to upload":  GrantKey(true, distributionARN),
		"beside":         {AddConditionValue("StringEquals", "AWS:SourceArn", oldARN, distributionARN)},
		"instead":        {ReplaceConditionValue("StringEquals", "AWS:SourceArn", oldARN, distributionARN)},
		"replaced":       {ReplaceStatement(deny, plain)},
		"removed":        {RemoveStatement(deny)},
		"excepted":       {except},
		"excepted too":   {beside},
	}
}

func TestPolicyEditsAgreeWithJQ(t *testing.T) {
	needJQ(t)
	documents := []string{
		emptyPolicy, `{}`, `{"Version":"2012-10-17"}`, string(fixture(t, "bucket-policy.json")),
		`{"Statement":[{"Sid":"it's","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"StringNotEquals":{"aws:SourceVpce":"vpce-1"}}},{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}`,
		`{"Statement":{"Sid":"AllowCloudFrontServicePrincipalReadOnlyE2FIXTURE12345","Effect":"Allow","Principal":{"Service":"cloudfront.amazonaws.com"},"Action":["s3:GetObject"],"Resource":"arn:aws:s3:::site/img/*","Condition":{"StringEquals":{"AWS:SourceArn":"` + oldARN + `"}}}}`,
		`{"Statement":[{"Sid":"AllowCloudFrontServicePrincipalReadOnlyE2FIXTURE12345","Effect":"Deny"}]}`,
		`{"Statement":[{"Sid":"AllowCloudFrontServicePrincipalReadOnlyE2FIXTURE12345","Effect":"Allow","Principal":{"Service":"cloudfront.amazonaws.com"},"Condition":{"Bool":{"aws:SecureTransport":"true"},"StringEquals":{"AWS:SourceArn":"x"}}}]}`,
	}
	for name, edits := range policyEdits(t) {
		for _, raw := range documents {
			t.Run(name, func(t *testing.T) { sameInBoth(t, tree(t, raw), edits) })
		}
	}
}

// Random policies: Go and jq agree, and every statement that an edit does not name is there afterwards, unchanged and in its place.
func TestGrantKeepsOtherStatements(t *testing.T) {
	needJQ(t)
	word := rapid.SampledFrom([]string{"a", "it's", `"$(x)"`, "é", "*", oldARN, distributionARN})
	words := rapid.OneOf(rapid.Custom(func(t *rapid.T) any { return word.Draw(t, "one") }),
		rapid.Custom(func(t *rapid.T) any { return listOf(mustTree(rapid.SliceOfN(word, 1, 3).Draw(t, "list"))) }))
	statement := rapid.Custom(func(t *rapid.T) any {
		return map[string]any{
			"Sid": word.Draw(t, "sid"), "Effect": rapid.SampledFrom([]string{"Allow", "Deny"}).Draw(t, "effect"), "Principal": map[string]any{"AWS": words.Draw(t, "principal")},
			"Action": words.Draw(t, "action"), "Resource": words.Draw(t, "resource"),
			"Condition": map[string]any{"StringEquals": map[string]any{"AWS:SourceArn": words.Draw(t, "arn")}},
		}
	})
	edits := policyEdits(t)
	rapid.Check(t, func(t *rapid.T) {
		statements := rapid.SliceOfN(statement, 0, 4).Draw(t, "statements")
		doc := map[string]any{"Version": "2008-10-17", "Id": word.Draw(t, "id"), "Statement": statements}
		name := rapid.SampledFrom([]string{"read", "list", "beside", "instead"}).Draw(t, "edit")
		sameInBoth(t, doc, edits[name])
		if name != "read" && name != "list" {
			return
		}
		after, err := applyAll(doc, edits[name])
		if err != nil {
			t.Fatal(err)
		}
		got := listOf(objectOf(after)["Statement"])
		if len(got) != len(statements)+len(edits[name]) || !sameTree(got[:len(statements)], append([]any{}, statements...)) {
			t.Fatalf("%s became %s", text(doc), text(after))
		}
		delete(objectOf(after), "Statement")
		delete(doc, "Statement")
		if !sameTree(after, any(doc)) {
			t.Fatalf("the policy's other members changed: %s, %s", text(doc), text(after))
		}
	})
}

func TestExceptFromDenyKeepsWhatIsSpared(t *testing.T) {
	for there, want := range map[string]string{
		`{"aws:sourcearn":"` + oldARN + `"}`: `{"aws:sourcearn":["` + oldARN + `","` + distributionARN + `"]}`,
		`{"AWS:SourceArn":["a","b"]}`:        `{"AWS:SourceArn":["a","b","` + distributionARN + `"]}`,
		`{"aws:SourceVpce":"vpce-1"}`:        `{"aws:SourceVpce":"vpce-1","aws:SourceArn":"` + distributionARN + `"}`,
	} {
		deny := tree(t, `{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"StringNotEquals":`+there+`}}`)
		edit, err := ExceptFromDeny(deny, distributionARN)
		if err != nil {
			t.Fatal(err)
		}
		got, err := edit.apply(tree(t, `{"Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"StringNotEquals":`+there+`}}]}`))
		if err != nil {
			t.Fatal(err)
		}
		expect := tree(t, `{"Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"StringNotEquals":`+want+`}}]}`)
		if !sameTree(got, expect) {
			t.Errorf("%s: got %v", there, got)
		}
	}
}
