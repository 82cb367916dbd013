package main

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"cfdoctor/internal/standin"
)

// TestMain lets the scripts run this binary as the command cfdoctor.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"cfdoctor": main})
}

// TestScripts drives the real program: exit statuses, standard output, standard error.
func TestScripts(t *testing.T) {
	examples, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	edge, err := standin.New(standin.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(edge.Close)
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			authority := filepath.Join(env.WorkDir, "authority.pem")
			if err := os.WriteFile(authority, edge.Authority, 0o600); err != nil {
				return err
			}
			env.Setenv("EDGE_CA", authority)
			env.Setenv("EDGE_PORT", strconv.Itoa(edge.Port))
			env.Setenv("EXAMPLES", examples+"/../../examples")
			env.Setenv("AWS_EC2_METADATA_DISABLED", "true")
			return nil
		},
	})
}
