package e2e

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"cfdoctor/internal/source/sdk"
	"cfdoctor/internal/source/sourcetest"
)

const wireFile = "../internal/source/sdk/testdata/wire.json"

// TestWireRecordingIsFresh makes the shared account's calls once more and compares what goes over the wire with the recording that the
// SDK door's own test answers from. CFDOCTOR_UPDATE=1 writes it anew.
func TestWireRecordingIsFresh(t *testing.T) {
	setCredentials(t)
	dir := t.TempDir()
	bundle, wire := filepath.Join(dir, "account.json"), filepath.Join(dir, "wire.json")
	if err := os.WriteFile(bundle, sourcetest.Account(), 0o600); err != nil {
		t.Fatal(err)
	}
	url := startEndpoint(t, bundle, "--wire", wire)
	door, err := sdk.Open(t.Context(), sdk.Options{Region: "us-east-1", EndpointURL: url, MaxAttempts: 1})
	if err != nil {
		t.Fatal(err)
	}
	calls, err := sourcetest.Calls(sourcetest.Account())
	if err != nil {
		t.Fatal(err)
	}
	for _, call := range calls {
		_, _ = door.Do(t.Context(), call.Asks()) // what came of it is in the recording
	}
	_, _ = door.Do(t.Context(), sourcetest.Unrecorded)
	got, err := os.ReadFile(wire)
	if err != nil {
		t.Fatal(err)
	}
	if os.Getenv("CFDOCTOR_UPDATE") != "" {
		if err := os.WriteFile(wireFile, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(wireFile)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(lines(t, got), lines(t, want)) {
		t.Error("internal/source/sdk/testdata/wire.json is stale: run this test with CFDOCTOR_UPDATE=1")
	}
}

// lines brings a recording into canonical form.
func lines(t *testing.T, recording []byte) []byte {
	var out bytes.Buffer
	scanner := bufio.NewScanner(bytes.NewReader(recording))
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		line := jsontext.Value(scanner.Bytes()).Clone()
		if err := line.Canonicalize(); err != nil {
			t.Fatal(err)
		}
		out.Write(append(line, '\n'))
	}
	return out.Bytes()
}
