package doctor

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestGuideIsUpToDate: the files and tests that docs/guide.md names are there, and every step of the guide has its rows.
func TestGuideIsUpToDate(t *testing.T) {
	raw, err := os.ReadFile("../../docs/guide.md")
	if err != nil {
		t.Fatal(err)
	}
	guide := string(raw)
	for _, m := range regexp.MustCompile("`(internal/[a-z0-9_./]+)`").FindAllStringSubmatch(guide, -1) {
		if _, err := os.Stat("../../" + m[1]); err != nil {
			t.Errorf("%s is not there", m[1])
		}
	}
	for _, m := range regexp.MustCompile("`([a-z0-9/]+)\\.(Test[A-Za-z0-9]+)`").FindAllStringSubmatch(guide, -1) {
		if !hasTest(t, "../"+m[1], m[2]) {
			t.Errorf("there is no test %s in internal/%s", m[2], m[1])
		}
	}
	for _, row := range regexp.MustCompile(`(?m)^\| \d\.\d+ \|.*$`).FindAllString(guide, -1) {
		if cells := strings.Split(row, "|"); !strings.Contains(cells[len(cells)-2], "`") {
			t.Errorf("no test shows: %s", row)
		}
	}
	// How many things the guide's eight steps ask for.
	for step, want := range []int{5, 7, 10, 10, 9, 8, 11, 9} {
		rows := regexp.MustCompile(`(?m)^\| `+string(rune('1'+step))+`\.\d+ \| (must|should) \|`).FindAllString(guide, -1)
		if len(rows) != want {
			t.Errorf("step %d has %d rows, want %d", step+1, len(rows), want)
		}
	}
}

func hasTest(t *testing.T, folder, name string) bool {
	t.Helper()
	files, err := filepath.Glob(folder + "/*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "\nfunc "+name+"(") {
			return true
		}
	}
	return false
}
