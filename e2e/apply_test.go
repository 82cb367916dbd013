package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestApplyAndRollback applies fixes through the AWS SDK and takes them back: the cause is gone, then everything is as it was, field by field.
func TestApplyAndRollback(t *testing.T) {
	e := startMoto(t)
	names := []string{"S3_NO_ORIGIN_ACCESS", "DEFAULT_ROOT_OBJECT_MISSING", "WAF_RULE_BLOCKED", "ORIGIN_FIREWALL_BLOCKS_CLOUDFRONT", "S3_KMS_KEY_POLICY", "LOGGING_DISABLED",
		"FUNCTION_NOT_PUBLISHED"}
	for i, l := range loops() {
		if !slices.Contains(names, l.cause) {
			continue
		}
		t.Run(l.cause, func(t *testing.T) {
			a := &builder{emulated: &emulated{t: t, env: e.env, dir: t.TempDir()}, name: fmt.Sprintf("e2e-apply-%d", i)}
			l.build(a)
			ask := append([]string{target(a.id)}, a.ask...)
			f := a.fixFor(a.diagnose(ask...), l.cause)
			if f == nil {
				t.Fatal("there is no fix")
			}
			old, saved := a.watched(), filepath.Join(a.dir, "old.json")
			out, ok := a.run(built(t), append(append([]string{"fix"}, ask...), "--fix", f.ID, "--apply", "--yes", "--rollback-file", saved)...)
			if !ok || !strings.Contains(out, "all is as wanted") {
				t.Fatalf("it was not applied:\n%s", out)
			}
			if info, err := os.Stat(saved); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("the rollback file: %v %v", info, err)
			}
			if found := causesOf(a.diagnose(ask...)); slices.Contains(found, l.cause) {
				t.Errorf("%s is still there: %v", l.cause, found)
			}
			if len(changedMembers(old, a.watched())) == 0 && l.cause != "LOGGING_DISABLED" && l.cause != "FUNCTION_NOT_PUBLISHED" {
				t.Error("nothing has changed")
			}
			out, ok = a.run(built(t), "fix", "--rollback", saved, "--yes")
			if l.cause == "FUNCTION_NOT_PUBLISHED" {
				if ok {
					t.Error("CloudFront cannot unpublish a function, and cfdoctor says that it did")
				}
				return
			}
			if !ok {
				t.Fatalf("it was not taken back:\n%s", out)
			}
			for _, member := range changedMembers(old, a.watched()) {
				t.Errorf("taken back, %s is not what it was", member)
			}
			if found := causesOf(a.diagnose(ask...)); !slices.Contains(found, l.cause) {
				t.Errorf("taken back, the cause is not there again: %v", found)
			}
		})
	}
}

// built is cfdoctor as it was built.
func built(t *testing.T) string {
	t.Helper()
	name, err := filepath.Abs(filepath.Join("..", "bin", "cfdoctor"))
	if err != nil {
		t.Fatal(err)
	}
	return name
}
