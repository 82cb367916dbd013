package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cfdoctor/internal/report"
)

// account is one emulated AWS account with the programs that work on it.
type emulated struct {
	t   *testing.T
	env []string
	dir string
}

// startMoto starts an empty account. Every program started through it sees that account and no other.
func startMoto(t *testing.T) *emulated {
	t.Helper()
	python(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	_, port, _ := net.SplitHostPort(address)
	server := exec.Command(filepath.Join(".venv", "bin", "moto_server"), "-H", "127.0.0.1", "-p", port)
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	venv, err := filepath.Abs(filepath.Join(".venv", "bin"))
	if err != nil {
		t.Fatal(err)
	}
	e := &emulated{t: t, dir: t.TempDir(), env: append(os.Environ(),
		"PATH="+venv+":"+os.Getenv("PATH"), "AWS_ENDPOINT_URL=http://"+address, "AWS_EC2_METADATA_DISABLED=true", "AWS_PAGER=",
		"AWS_ACCESS_KEY_ID=testing", "AWS_SECRET_ACCESS_KEY=testing", "AWS_DEFAULT_REGION=us-east-1", "AWS_REGION=us-east-1",
		"AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null",
	)}
	e.await("http://" + address + "/moto-api/")
	return e
}

// await waits until the emulator answers, for at most a minute.
func (e *emulated) await(url string) {
	e.t.Helper()
	for range 600 {
		if res, err := http.Get(url); err == nil {
			res.Body.Close()
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	e.t.Fatal("moto did not start")
}

// run runs a program in the account and returns its standard output and whether it exited with 0.
func (e *emulated) run(name string, args ...string) (string, bool) {
	e.t.Helper()
	cmd := exec.Command(name, args...)
	for _, v := range e.env {
		if path, ok := strings.CutPrefix(v, "PATH="); ok && name == "aws" {
			cmd.Path = filepath.Join(strings.SplitN(path, ":", 2)[0], "aws")
			cmd.Err = nil
		}
	}
	cmd.Env, cmd.Dir = e.env, e.dir
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if err != nil {
		e.t.Logf("%s %s: %v\n%s", name, strings.Join(args, " "), err, errs.String())
	}
	return out.String(), err == nil
}

// aws runs the aws program and decodes what it prints.
func (e *emulated) aws(into any, args ...string) {
	e.t.Helper()
	out, ok := e.run("aws", append(args, "--output", "json")...)
	if !ok {
		e.t.Fatalf("aws %s failed", strings.Join(args, " "))
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal([]byte(out), into); err != nil {
		e.t.Fatalf("aws %s: %v", strings.Join(args, " "), err)
	}
}

// diagnose runs the real program on the account through the AWS SDK.
func (e *emulated) diagnose(args ...string) *report.Report {
	e.t.Helper()
	program, err := filepath.Abs(filepath.Join("..", "bin", "cfdoctor"))
	if err != nil {
		e.t.Fatal(err)
	}
	out, _ := e.run(program, append(append([]string{"diagnose"}, args...), "-o", "json", "--quiet", "--fail-on", "never")...)
	var r report.Report
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		e.t.Fatalf("cfdoctor diagnose %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return &r
}

// site makes a private bucket with two objects and a distribution in front of it, with edits to its configuration.
func (e *emulated) site(bucket string, edit func(config map[string]any)) (id string) {
	e.t.Helper()
	e.aws(nil, "s3api", "create-bucket", "--bucket", bucket)
	e.aws(nil, "s3api", "put-public-access-block", "--bucket", bucket, "--public-access-block-configuration",
		"BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true")
	page := filepath.Join(e.dir, "page.html")
	if err := os.WriteFile(page, []byte("<p>hello</p>"), 0o600); err != nil {
		e.t.Fatal(err)
	}
	for _, key := range []string{"index.html", "about.html", "docs/index.html"} {
		e.aws(nil, "s3api", "put-object", "--bucket", bucket, "--key", key, "--body", page)
	}
	config := map[string]any{
		"CallerReference": bucket, "Comment": "the site of " + bucket, "Enabled": true, "DefaultRootObject": "index.html",
		"Origins": map[string]any{"Quantity": 1, "Items": []any{map[string]any{
			"Id": "site", "DomainName": bucket + ".s3.us-east-1.amazonaws.com", "OriginPath": "",
			"CustomHeaders": map[string]any{"Quantity": 0}, "S3OriginConfig": map[string]any{"OriginAccessIdentity": ""},
		}}},
		"DefaultCacheBehavior": map[string]any{
			"TargetOriginId": "site", "ViewerProtocolPolicy": "redirect-to-https", "Compress": true,
			"AllowedMethods":  map[string]any{"Quantity": 2, "Items": []any{"HEAD", "GET"}, "CachedMethods": map[string]any{"Quantity": 2, "Items": []any{"HEAD", "GET"}}},
			"CachePolicyId":   "658327ea-f89d-4fab-a63d-7e88639e58f6",
			"ForwardedValues": map[string]any{"QueryString": false, "Cookies": map[string]any{"Forward": "none"}},
			"MinTTL":          0,
		},
	}
	if edit != nil {
		edit(config)
	}
	text, err := json.Marshal(config)
	if err != nil {
		e.t.Fatal(err)
	}
	var made struct {
		Distribution struct{ Id string }
	}
	e.aws(&made, "cloudfront", "create-distribution", "--distribution-config", string(text))
	return made.Distribution.Id
}

// target names a distribution by its ARN: the emulator's ids begin with any letter, and one with d would be taken for a domain.
func target(id string) string { return "arn:aws:cloudfront::123456789012:distribution/" + id }

// TestPrivateBucketWithoutOriginAccess is the first vertical with real components: the aws program builds the account, cfdoctor reads it
// through the SDK.
func TestPrivateBucketWithoutOriginAccess(t *testing.T) {
	e := startMoto(t)
	id := e.site("e2e-private-site", nil)
	r := e.diagnose(target(id), "--error-code", "403", "--request-path", "/about.html")
	if len(r.Findings) == 0 || r.Findings[0].Cause != "S3_NO_ORIGIN_ACCESS" || r.Findings[0].Likelihood != "confirmed" || !r.Findings[0].ExplainsSymptom {
		t.Fatalf("the first finding is not S3_NO_ORIGIN_ACCESS, confirmed: %+v", r.Findings)
	}
	if r.Trace.Outcome.Status != 403 {
		t.Errorf("the predicted status is %d, want 403", r.Trace.Outcome.Status)
	}
	if len(r.Findings[0].Evidence) == 0 {
		t.Error("the finding cites no evidence")
	}
	if r.Source.Kind != "sdk" || r.Source.Account == "" {
		t.Errorf("source %+v, want sdk with the account", r.Source)
	}
}

// loop is one broken account that a fix's own script heals.
type loop struct {
	cause string
	edit  func(config map[string]any)
	ask   []string
}

// TestScriptsHeal closes the loop: the aws program builds the broken account, cfdoctor diagnoses it, the emitted script runs with the real aws
// program and jq, the cause is gone, and nothing else in the distribution has changed.
func TestScriptsHeal(t *testing.T) {
	behavior := func(config map[string]any) map[string]any { return config["DefaultCacheBehavior"].(map[string]any) }
	loops := []loop{
		{"DEFAULT_ROOT_OBJECT_MISSING", func(c map[string]any) { c["DefaultRootObject"] = "" }, []string{"--error-code", "403", "--request-path", "/"}},
		{"VIEWER_PROTOCOL_HTTPS_ONLY", func(c map[string]any) { behavior(c)["ViewerProtocolPolicy"] = "https-only" },
			[]string{"--error-code", "403", "--request-path", "/about.html", "--scheme", "http"}},
		{"GEO_RESTRICTION_BLOCK", func(c map[string]any) {
			c["Restrictions"] = map[string]any{"GeoRestriction": map[string]any{"RestrictionType": "whitelist", "Quantity": 1, "Items": []any{"US"}}}
		}, []string{"--error-code", "403", "--request-path", "/about.html", "--viewer-country", "BR"}},
		{"ORIGIN_PATH_WRONG", func(c map[string]any) {
			c["Origins"].(map[string]any)["Items"].([]any)[0].(map[string]any)["OriginPath"] = "/v2"
		}, []string{"--error-code", "403", "--request-path", "/about.html"}},
	}
	e := startMoto(t)
	ran, healed, lost := 0, 0, 0
	for i, l := range loops {
		t.Run(l.cause, func(t *testing.T) {
			e := &emulated{t: t, env: e.env, dir: e.dir}
			id := e.site(fmt.Sprintf("e2e-loop-%d", i), l.edit)
			before := e.diagnose(append([]string{target(id)}, l.ask...)...)
			f := fixFor(before, l.cause)
			if f == nil {
				t.Fatalf("no fix with a script for %s; findings: %s", l.cause, causesOf(before))
			}
			old := e.config(id)
			if _, ok := e.run("sh", "-c", f.Script); !ok {
				t.Fatalf("the script of %q failed", f.Title)
			}
			ran++
			after := e.diagnose(append([]string{target(id)}, l.ask...)...)
			if slices.Contains(causesOf(after), l.cause) {
				t.Errorf("%s is still there", l.cause)
			} else {
				healed++
			}
			for _, member := range changedMembers(old, e.config(id)) {
				if !slices.ContainsFunc(f.Diff, func(d report.DiffLine) bool { return strings.Contains(d.Path, lastWord(member)) }) {
					lost++
					t.Errorf("the script changed %s, which the fix does not name", member)
				}
			}
		})
	}
	t.Logf("closed loop: %d causes with a script, %d scripts ran, %d causes gone, %d fields lost", len(loops), ran, healed, lost)
}

func fixFor(r *report.Report, cause string) *report.Fix {
	for i, f := range r.Fixes {
		if slices.Contains(f.Causes, cause) && f.Script != "" {
			return &r.Fixes[i]
		}
	}
	return nil
}

func causesOf(r *report.Report) []string {
	var out []string
	for _, f := range slices.Concat(r.Findings, r.Proactive) {
		out = append(out, f.Cause)
	}
	return out
}

func (e *emulated) config(id string) map[string]any {
	e.t.Helper()
	var out struct{ DistributionConfig map[string]any }
	e.aws(&out, "cloudfront", "get-distribution-config", "--id", id)
	return out.DistributionConfig
}

// changedMembers lists the paths at which two configurations differ.
func changedMembers(a, b map[string]any) []string {
	var r pathReporter
	cmp.Equal(a, b, cmp.Reporter(&r))
	return r.paths
}

type pathReporter struct {
	path  cmp.Path
	paths []string
}

func (r *pathReporter) PushStep(ps cmp.PathStep) { r.path = append(r.path, ps) }
func (r *pathReporter) PopStep()                 { r.path = r.path[:len(r.path)-1] }
func (r *pathReporter) Report(rs cmp.Result) {
	if !rs.Equal() {
		var words []string
		for _, step := range r.path {
			if index, ok := step.(cmp.MapIndex); ok {
				words = append(words, index.Key().String())
			}
		}
		r.paths = append(r.paths, strings.Join(words, "."))
	}
}

// lastWord is the member's own name; of a {Quantity, Items} list it is the list's.
func lastWord(path string) string {
	words := strings.Split(path, ".")
	for len(words) > 1 && (words[len(words)-1] == "Quantity" || words[len(words)-1] == "Items") {
		words = words[:len(words)-1]
	}
	return words[len(words)-1]
}
