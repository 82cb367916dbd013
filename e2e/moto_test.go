package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

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
func startMoto(t *testing.T) *emulated { return startMotoWith(t, ".venv") }

// startMotoWith starts one with the aws program of an environment that setup.sh made.
func startMotoWith(t *testing.T, environment string) *emulated {
	t.Helper()
	python(t)
	dir := t.TempDir()
	socket := filepath.Join(dir, "aws.sock")
	server := background(t, filepath.Join(".venv", "bin", "python"), filepath.Join("emulator", "server.py"))
	version := background(t, filepath.Join(environment, "bin", "python"), filepath.Join("emulator", "awsd.py"), socket)
	programs, err := filepath.Abs("emulator")
	if err != nil {
		t.Fatal(err)
	}
	return &emulated{t: t, dir: dir, env: append(os.Environ(),
		"PATH="+programs+":"+os.Getenv("PATH"), "AWSD_SOCKET="+socket, "AWSD_VERSION="+version, "AWS_ENDPOINT_URL="+server, "AWS_EC2_METADATA_DISABLED=true", "AWS_PAGER=",
		"AWS_ACCESS_KEY_ID=testing", "AWS_SECRET_ACCESS_KEY=testing", "AWS_DEFAULT_REGION=us-east-1", "AWS_REGION=us-east-1",
		"AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null", "TMPDIR="+dir,
	)}
}

// background starts a program that says one line when it is ready, and returns that line. The program ends with the test.
func background(t *testing.T, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("%s %s did not start: %v", name, strings.Join(args, " "), err)
	}
	return strings.TrimSpace(line)
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

func causesOf(r *report.Report) []string {
	var out []string
	for _, f := range slices.Concat(r.Findings, r.Proactive) {
		out = append(out, f.Cause)
	}
	return out
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
