package fix

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
)

const (
	distributionID  = "E2FIXTURE12345"
	distributionARN = "arn:aws:cloudfront::123456789012:distribution/" + distributionID
	aclARN          = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/site/11111111-2222-3333-4444-555555555555"
)

// needJQ skips a test on a machine without jq.
func needJQ(t testing.TB) {
	t.Helper()
	if _, err := exec.LookPath("jq"); err != nil {
		t.Skip("jq is not installed")
	}
}

// runJQ runs the command that a program is written as, the way that a script runs it.
func runJQ(p *program, input any) (any, error) {
	cmd := exec.Command("sh", "-c", p.command())
	cmd.Stdin = bytes.NewReader([]byte(text(input)))
	out, err := cmd.Output()
	if err != nil {
		return nil, err
	}
	return parseTree(out)
}

// sameInBoth checks that edits do the same in Go and in jq, and that a second time changes nothing.
func sameInBoth[E edit](t interface{ Fatalf(string, ...any) }, doc any, edits []E) {
	inGo, goErr := applyAll(doc, edits)
	p := programOf(edits)
	inJQ, jqErr := runJQ(p, doc)
	if (goErr == nil) != (jqErr == nil) {
		t.Fatalf("Go: %v, jq: %v\nprogram: %s\ninput: %s", goErr, jqErr, p.command(), text(doc))
	}
	if goErr != nil {
		return
	}
	if !sameTree(inGo, inJQ) {
		t.Fatalf("Go and jq differ\nprogram: %s\ninput: %s\nGo: %s\njq: %s", p.command(), text(doc), text(inGo), text(inJQ))
	}
	if again, err := applyAll(inGo, edits); err != nil || !sameTree(again, inGo) {
		t.Fatalf("a second time it changes again (%v)\nfirst:  %s\nsecond: %s", err, text(inGo), text(again))
	}
}

func fixture(t testing.TB, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func tree(t testing.TB, raw string) any {
	t.Helper()
	out, err := parseTree([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// world is an account with the fixture distribution, a bucket with a policy, a web ACL and a function without a policy.
func world(t testing.TB) *evidence.World {
	t.Helper()
	w := evidence.NewWorld(time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC), "123456789012")
	store := func(q evidence.Query, output []byte) {
		q.Store(w, evidence.Record{Call: q.Asks(), State: evidence.Known, Output: jsontext.Value(output)})
	}
	config := fixture(t, "distribution-config.json")
	store(account.Distribution(distributionID), []byte(`{"ETag":"E1ETAG","Distribution":{"Id":"`+distributionID+`","ARN":"`+distributionARN+
		`","Status":"Deployed","DomainName":"d111111abcdef8.cloudfront.net","InProgressInvalidationBatches":0,"LastModifiedTime":"2026-11-01T00:00:00Z","DistributionConfig":`+string(config)+`}}`))
	store(account.BucketPolicy("site"), []byte(`{"Policy":`+text(string(fixture(t, "bucket-policy.json")))+`}`))
	store(account.WebACL(aclARN), []byte(`{"LockToken":"token-1","WebACL":`+string(fixture(t, "web-acl.json"))+`}`))
	store(account.KeyGroup("kg-1"), []byte(`{"ETag":"V1","KeyGroup":{"Id":"kg-1","LastModifiedTime":"2026-11-01T00:00:00Z","KeyGroupConfig":`+string(fixture(t, "key-group.json"))+`}}`))
	store(account.TenantByDomain("north.example.com"), []byte(`{"ETag":"V1","DistributionTenant":`+string(fixture(t, "tenant.json"))+`}`))
	account.LambdaPolicy("eu-west-1", "thumbs", "").SetAbsent(w)
	account.BucketPolicy("bare").SetAbsent(w)
	return w
}
