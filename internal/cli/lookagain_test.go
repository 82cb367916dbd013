package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cfdoctor/internal/source/bundle"
	"cfdoctor/internal/ui"
	"cfdoctor/internal/worldtest"
)

// After a fix, what is seen from outside is told with who answered, and an error with the advice to wait for the cache.
func TestLookAgain(t *testing.T) {
	const cached = "An answer of before may still be cached"
	tests := []struct {
		path, says string
		hint       bool
	}{
		{"/s3-AccessDenied", "Seen from outside now: 403 from s3 (https://", true},
		{"/", "Seen from outside now: 200 from ", false},
	}
	for _, test := range tests {
		c, _ := diagnoseLive(t, "s3-oac", test.path, 0)
		var recorded bytes.Buffer
		if _, err := bundle.Write(&recorded, bundle.Recording{CapturedAt: c.World.Now, Account: c.World.Account, Records: c.World.Records()}); err != nil {
			t.Fatal(err)
		}
		out, warned := lookAgainIn(t, recorded.Bytes(), c.Model.ID(), test.path)
		if !strings.Contains(out, test.says) || strings.Contains(out, cached) != test.hint {
			t.Errorf("%s: it says %q (%q)", test.path, out, warned)
		}
	}
}

// Where nothing could be seen, that is said, and that the fix is made.
func TestLookAgainSeesNothing(t *testing.T) {
	w, err := worldtest.Load("s3-oac")
	if err != nil {
		t.Fatal(err)
	}
	out, warned := lookAgainIn(t, w.Bundle(), w.Target, "/")
	if strings.Contains(out, "Seen from outside") || !strings.Contains(warned, "the fix is made; CloudFront's answer could not be seen from outside") {
		t.Errorf("it says %q (%q)", out, warned)
	}
}

// lookAgainIn looks again in a recording, whose probes stand for the world outside.
func lookAgainIn(t *testing.T, recording []byte, target, path string) (out, warned string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "recording.json")
	if err := os.WriteFile(file, recording, 0o600); err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	streams := &ui.Streams{In: strings.NewReader(""), Out: &stdout, Err: &stderr, Env: func(string) string { return "" }, Width: 80}
	o := &fixOptions{active: activeFlags{on: true}}
	o.source.from, o.source.timeout, o.request.path = file, time.Minute, path
	if err := o.lookAgain(context.Background(), streams, target); err != nil {
		t.Fatal(err)
	}
	return stdout.String(), stderr.String()
}
