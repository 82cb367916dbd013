package cli

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"cfdoctor/internal/blackbox"
	"cfdoctor/internal/causes"
	"cfdoctor/internal/signature"
	"cfdoctor/internal/signature/signaturetest"
	"cfdoctor/internal/standin"
	"cfdoctor/internal/ui"
)

// startEdge starts a stand-in and returns the flags that lead probes to it.
func startEdge(t *testing.T, o standin.Options) (*standin.Edge, []string) {
	t.Helper()
	e, err := standin.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	file := filepath.Join(t.TempDir(), "authority.pem")
	if err := os.WriteFile(file, e.Authority, 0o600); err != nil {
		t.Fatal(err)
	}
	flags := []string{"--ca-file", file, "--timeout", "20s"}
	for _, port := range []int{e.Port, e.PlainPort} {
		flags = append(flags, "--resolve", fmt.Sprintf("*:%d:127.0.0.1", port))
	}
	return e, flags
}

// run executes a command line and returns its exit status and what it wrote.
func run(t *testing.T, args ...string) (status int, out, errors string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	streams := &ui.Streams{In: strings.NewReader(""), Out: &stdout, Err: &stderr, Env: func(string) string { return "" }, Width: 80}
	status = Run(context.Background(), args, streams)
	return status, stdout.String(), stderr.String()
}

func probeJSON(t *testing.T, args ...string) (int, blackbox.Report) {
	t.Helper()
	status, out, errors := run(t, append([]string{"probe", "-o", "json"}, args...)...)
	var r blackbox.Report
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatalf("%v: %s%s", err, out, errors)
	}
	return status, r
}

// Every answer that a stand-in of CloudFront's edge gives is brought home to who made it.
func TestProbeClassifiesEveryRow(t *testing.T) {
	e, flags := startEdge(t, standin.Options{})
	for _, example := range signaturetest.Examples() {
		t.Run(example.Name, func(t *testing.T) {
			address := fmt.Sprintf("https://%s:%d/%s", standin.Host, e.Port, example.Name)
			if example.Answer.Status == 0 {
				address = fmt.Sprintf("https://%s:%d/", standin.Refused, e.Port)
			}
			status, r := probeJSON(t, append(flags, address)...)
			if r.Redirects[0].Location == "" && r.Answer.Signature != example.Row {
				t.Errorf("recognised as %q by %v, want %q", r.Answer.Signature, r.Answer.Reasons, example.Row)
			}
			if example.Answer.Status >= 400 && (status != exitFound || r.State != blackbox.Failing) {
				t.Errorf("exit status %d, state %s", status, r.State)
			}
		})
	}
}

// The causes that an answer points to are in the catalogue, so that "cfdoctor explain" knows them.
func TestSignaturesNameKnownCauses(t *testing.T) {
	known := map[string]bool{}
	for _, c := range causes.All() {
		known[c.ID] = true
	}
	for _, row := range signature.Table() {
		for _, id := range row.Causes {
			if !known[id] {
				t.Errorf("row %s names %s, which is no cause", row.ID, id)
			}
		}
	}
}
