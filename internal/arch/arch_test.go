// Package arch holds the rules of the architecture as tests: which package may import which (docs/architecture.md, "Rooms").
package arch

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// rooms lists the packages from the top down: a package may import what stands below it, never what stands above or beside it
// in the list. A name covers the folders below it.
var rooms = []string{
	"cmd/cfdoctor",
	"internal/cli",
	"internal/mcpserver",
	"internal/apply",
	"internal/plainwords",
	"bench",
	"e2e",
	"internal/preflight",
	"internal/doctor",
	"internal/render",
	"internal/ui",
	"internal/report",
	"internal/worldtest",
	"internal/standin",
	"internal/causes",
	"internal/cause",
	"internal/fix",
	"internal/blackbox",
	"internal/active",
	"internal/edge",
	"internal/function",
	"internal/waf",
	"internal/policy",
	"internal/probe",
	"internal/collect",
	"internal/source",
	"internal/cloudfront",
	"internal/account",
	"internal/signature",
	"internal/observed",
	"internal/request",
	"internal/evidence",
	"internal/tri",
	"internal/arch",
	"docs",
}

// pure lists the rooms that must give the same answer for the same evidence: no client, no network, no files, no clock.
var pure = []string{
	"internal/evidence", "internal/account", "internal/observed", "internal/signature", "internal/blackbox", "internal/active", "internal/request", "internal/tri", "internal/cloudfront", "internal/policy", "internal/waf",
	"internal/function", "internal/edge", "internal/cause", "internal/causes", "internal/fix", "internal/report",
}

type pkg struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", "cfdoctor/...")
	cmd.Stderr = nil
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var list []pkg
	for d := json.NewDecoder(out); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	return list
}

// room finds a package's place in the list, -1 for packages of other modules.
func room(path string) int {
	local, ok := strings.CutPrefix(path, "cfdoctor/")
	if !ok {
		return -1
	}
	return slices.IndexFunc(rooms, func(r string) bool { return local == r || strings.HasPrefix(local, r+"/") })
}

func TestArrowsPointOneWay(t *testing.T) {
	for _, p := range packages(t) {
		from := room(p.ImportPath)
		if from < 0 {
			t.Errorf("%s is in no room: add it to the list", p.ImportPath)
			continue
		}
		for _, imported := range p.Imports {
			if to := room(imported); to >= 0 && to < from {
				t.Errorf("%s imports %s, which stands above it", p.ImportPath, imported)
			}
		}
	}
}

func TestPureRoomsStayPure(t *testing.T) {
	const services = "github.com/aws/aws-sdk-go-v2/service/"
	for _, p := range packages(t) {
		local := strings.TrimPrefix(p.ImportPath, "cfdoctor/")
		if local == "internal/causes/newcause" { // a command beside the catalogue, which writes files
			continue
		}
		if !slices.ContainsFunc(pure, func(r string) bool { return local == r || strings.HasPrefix(local, r+"/") }) {
			continue
		}
		for _, imported := range p.Imports {
			client := strings.HasPrefix(imported, services) && !strings.HasSuffix(imported, "/types")
			if client || slices.Contains([]string{"net", "net/http", "os", "os/exec", "text/template", "html/template"}, imported) {
				t.Errorf("%s is pure and imports %s", p.ImportPath, imported)
			}
		}
	}
}
