package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"cfdoctor/internal/fix"
	"cfdoctor/internal/worldtest"
)

// TestMonitoringTemplatesPassCfnLint holds the CloudFormation templates against CloudFormation's own resource schemas.
func TestMonitoringTemplatesPassCfnLint(t *testing.T) {
	python(t)
	templates := map[string]fix.Monitored{"functions": {DistributionID: "E2EXAMPLE", ARN: target("E2EXAMPLE"), Functions: []string{"it's ${mine}"}, Topic: "arn:aws:sns:us-east-1:123456789012:ops"}}
	for _, name := range worldtest.Worlds() {
		c, err := worldtest.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		if d, err := diagnoseBundle(c, c.Bundle()); err == nil {
			templates[name] = d.Monitored()
		}
	}
	var files []string
	dir := t.TempDir()
	for name, m := range templates {
		file := filepath.Join(dir, name+".json")
		if err := os.WriteFile(file, []byte(m.CloudFormation()), 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	cmd := exec.Command(filepath.Join(".venv-cfn-lint", "bin", "cfn-lint"), append([]string{"--regions", "us-east-1", "--"}, files...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("cfn-lint: %v\n%s", err, out)
	}
	t.Logf("cfn-lint takes %d templates", len(files))
}
