package e2e

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cfdoctor/internal/source"
	"cfdoctor/internal/source/awscli"
)

// version2 is the environment with version 2 of the aws program, as old as Debian's.
func version2(t *testing.T) string {
	t.Helper()
	python(t)
	const environment = ".awscli2"
	if _, err := os.Stat(filepath.Join(environment, "bin", "aws")); err != nil {
		t.Skip("there is no version 2 of the aws program: e2e/setup.sh says why")
	}
	return environment
}

// newerThanVersion2 are the commands that came after version 2.9.19 of January 2023.
var newerThanVersion2 = []string{
	"cloudfront get-distribution-tenant-by-domain", "cloudfront list-domain-conflicts", "cloudfront list-vpc-origins", "cloudfront update-domain-association",
	"elbv2 describe-trust-stores",
	"logs describe-delivery-sources", "mediapackagev2 get-origin-endpoint-policy",
}

// TestEmittedCommandsVersion2 runs what the fixes emit with version 2.
func TestEmittedCommandsVersion2(t *testing.T) {
	emittedCommands(t, startMotoWith(t, version2(t)), newerThanVersion2)
}

// TestScriptsHealVersion2 closes the loops with version 2, but for those that need a newer one.
func TestScriptsHealVersion2(t *testing.T) {
	newer := []string{"LOGGING_DISABLED"} // logs describe-delivery-sources
	scriptsHeal(t, startMotoWith(t, version2(t)), slices.DeleteFunc(loops(), func(l loop) bool { return slices.Contains(newer, l.cause) }))
}

// openCLI2 opens the door through version 2.
func openCLI2(t *testing.T, url string) source.Source { return openProgram(t, url, version2(t)) }

// TestOldVersion2IsNamed: what a program is too old to know it leaves out of its answers, so the door says that it is old.
func TestOldVersion2IsNamed(t *testing.T) {
	setCredentials(t)
	door, ok := openCLI2(t, "http://127.0.0.1:1").(*awscli.Source)
	if !ok {
		t.Fatal("the door is no aws program's")
	}
	if notes := door.Notes(t.Context()); len(notes) != 1 || !strings.Contains(notes[0], "before April 2025") {
		t.Errorf("it says %q of itself", notes)
	}
}
