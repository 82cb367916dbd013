package causes

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the generated files instead of comparing")

const docs = "../../docs/causes"

// TestGeneratedPages holds docs/causes against the catalogue: one page a cause and an index, none left over.
func TestGeneratedPages(t *testing.T) {
	want := map[string]string{"README.md": index()}
	for _, c := range All() {
		want[c.ID+".md"] = Markdown(c)
	}
	if *update {
		writePages(t, want)
	}
	for name, text := range want {
		got, err := os.ReadFile(filepath.Join(docs, name))
		if err != nil || string(got) != text {
			t.Errorf("docs/causes/%s is stale: run make generate", name)
		}
	}
	files, err := filepath.Glob(docs + "/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if _, ok := want[filepath.Base(file)]; !ok {
			t.Errorf("docs/causes/%s belongs to no cause: run make generate", filepath.Base(file))
		}
	}
}

func writePages(t *testing.T, pages map[string]string) {
	t.Helper()
	if err := os.RemoveAll(docs); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(docs, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range pages {
		if err := os.WriteFile(filepath.Join(docs, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func index() string {
	var b strings.Builder
	b.WriteString("# Causes\n\nGenerated from the catalogue. `cfdoctor explain CAUSE` prints the same pages.\n")
	stage := ""
	for _, c := range All() {
		if c.Stage != stage {
			stage = c.Stage
			b.WriteString("\n## " + stage + "\n\n| cause | viewers see | what is wrong |\n|---|---|---|\n")
		}
		b.WriteString("| [" + c.ID + "](" + c.ID + ".md) | " + symptoms(c) + " | " + c.Title + " |\n")
	}
	return b.String()
}
