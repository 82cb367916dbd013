package render

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cfdoctor/internal/report"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func render(t testing.TB, format string, r *report.Report, o Options) string {
	t.Helper()
	var out bytes.Buffer
	if err := Write(&out, format, r, o); err != nil {
		t.Fatalf("Write(%s): %v", format, err)
	}
	return out.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (go test ./internal/render -update writes it)", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got); go test ./internal/render -update accepts it:\n%s", path, diff)
	}
}

func TestGolden(t *testing.T) {
	reports := fixtures()
	tests := []struct {
		fixture, format, suffix string
		options                 Options
	}{
		{"single", "text", "80.txt", Options{Width: 80}},
		{"single", "text", "140.txt", Options{Width: 140}},
		{"single", "text", "80.color", Options{Width: 80, Color: true}},
		{"single", "text", "80.verbose", Options{Width: 80, Verbose: true}},
		{"nothing", "text", "80.txt", Options{Width: 80}},
		{"nothing", "text", "140.txt", Options{Width: 140}},
		{"healthy", "text", "80.txt", Options{Width: 80}},
		{"two", "text", "80.txt", Options{Width: 80}},
		{"two", "text", "140.txt", Options{Width: 140}},
		{"supplied", "text", "80.txt", Options{Width: 80}},
		{"hostile", "text", "80.txt", Options{Width: 80}},
		{"bare", "text", "80.txt", Options{Width: 80}},
		{"single", "json", "json", Options{}},
		{"bare", "json", "json", Options{}},
		{"single", "markdown", "md", Options{}},
		{"nothing", "markdown", "md", Options{}},
		{"hostile", "markdown", "md", Options{}},
		{"single", "html", "html", Options{}},
		{"hostile", "html", "html", Options{}},
		{"single", "sarif", "sarif", Options{}},
		{"healthy", "sarif", "sarif", Options{}},
	}
	for _, test := range tests {
		name := test.fixture + "." + test.suffix
		t.Run(name, func(t *testing.T) {
			golden(t, name, render(t, test.format, reports[test.fixture], test.options))
		})
	}
}

func TestTraceGolden(t *testing.T) {
	for format, name := range map[string]string{"text": "trace.80.txt", "json": "trace.json"} {
		var out bytes.Buffer
		if err := Trace(&out, format, singleCause(), Options{Width: 80}); err != nil {
			t.Fatal(err)
		}
		golden(t, name, out.String())
	}
}
