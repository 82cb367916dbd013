package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"cfdoctor/internal/fix"
)

// TestTerraformTakesTemplates has OpenTofu and the AWS provider read the Terraform file: it is formatted, valid, and can be planned in an account.
// A file with a misspelt argument is refused.
func TestTerraformTakesTemplates(t *testing.T) {
	python(t)
	there, err := filepath.Abs(".terraform")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(there, "tofurc")); err != nil {
		t.Skip("make terraform builds OpenTofu and the AWS provider for this test")
	}
	e := startMoto(t)
	e.env = append(e.env, "TF_CLI_CONFIG_FILE="+filepath.Join(there, "tofurc"), "CHECKPOINT_DISABLE=1", "HOME="+e.dir)
	tofu := func(dir string, args ...string) (string, error) {
		cmd := exec.Command(filepath.Join(there, "bin", "tofu"), args...)
		cmd.Dir, cmd.Env = dir, e.env
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	all := fix.Monitored{DistributionID: "E2EXAMPLE", ARN: target("E2EXAMPLE"), Functions: []string{"it's ${mine} %{x}"}, Topic: "arn:aws:sns:us-east-1:123456789012:ops"}
	some := all
	some.HasMetrics, some.Functions, some.Topic = true, nil, ""
	for name, m := range map[string]fix.Monitored{"all": all, "some": some} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(m.Terraform()), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, args := range [][]string{{"fmt", "-check", "-diff"}, {"validate", "-no-color"}, {"plan", "-no-color", "-input=false"}} {
			out, err := tofu(dir, args...)
			if err != nil {
				t.Errorf("%s: tofu %s: %v\n%s", name, args[0], err, out)
			}
			if args[0] == "plan" {
				if want := strings.Count(m.Terraform(), "\nresource "); !strings.Contains(out, "Plan: "+strconv.Itoa(want)+" to add, 0 to change, 0 to destroy.") {
					t.Errorf("%s: the plan does not add %d resources:\n%s", name, want, out)
				} else {
					t.Logf("%s: formatted, valid, and planned: %d resources to add", name, want)
				}
			}
		}
		wrong := strings.Replace(m.Terraform(), "  metric_name ", "  metric_nam  ", 1)
		if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(wrong), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := tofu(dir, "validate", "-no-color"); err == nil || !strings.Contains(out, `An argument named "metric_nam" is not expected here`) {
			t.Errorf("%s: a misspelt argument passes (%v):\n%s", name, err, out)
		}
	}
}
