// Package e2e holds tests that need programs besides Go: run setup.sh first. Without it they are skipped.
package e2e

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// startEndpoint starts the endpoint that answers from a bundle, and returns its URL.
func startEndpoint(t *testing.T, bundle string, args ...string) string {
	t.Helper()
	cmd := exec.Command(python(t), append([]string{"endpoint/endpoint.py", "--bundle", bundle}, args...)...)
	cmd.Stderr = os.Stderr
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
	url, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the endpoint did not start: %v", err)
	}
	return strings.TrimSpace(url)
}

// python is the interpreter that setup.sh installed. `make test` is hermetic: these tests run only where run.sh asks for them.
func python(t *testing.T) string {
	if os.Getenv("CFDOCTOR_E2E") == "" {
		t.Skip("make e2e runs this test")
	}
	path := filepath.Join(".venv", "bin", "python")
	if _, err := os.Stat(path); err != nil {
		t.Fatal("run e2e/setup.sh for this test")
	}
	return path
}
