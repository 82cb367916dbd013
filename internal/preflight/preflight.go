// Package preflight looks for the tools and doors that a diagnosis can use. It only looks: it runs no tool and calls no API.
package preflight

import (
	"os"
	"os/exec"
	"path/filepath"

	"cfdoctor/internal/report"
)

// Options say what the person chose.
type Options struct {
	From string // a bundle file, "" for an account
	Kind string // sdk, cli or mcp
	Env  func(string) string
}

// Look lists what is there and what is missing.
func Look(o Options) []report.Dependency {
	offline := o.From != ""
	return []report.Dependency{
		credentials(o, offline),
		program("aws", "running the commands and scripts of fixes", "https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html"),
		program("jq", "running the commands and scripts of fixes", "https://jqlang.org/download/"),
	}
}

// credentials looks where the AWS SDK looks first: the environment and the shared files. Roles of the machine cannot be seen by looking.
func credentials(o Options, offline bool) report.Dependency {
	d := report.Dependency{
		Name: "AWS credentials", State: "unknown", NeededFor: "reading the account",
		HowToGet: `run "aws configure" or "aws sso login", or read a recording with --from FILE`,
	}
	if offline {
		d.NeededFor = "reading an account; this diagnosis reads the recording " + o.From
	}
	if o.Env("AWS_ACCESS_KEY_ID") != "" || o.Env("AWS_PROFILE") != "" || o.Env("AWS_WEB_IDENTITY_TOKEN_FILE") != "" ||
		o.Env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") != "" || o.Env("AWS_CONTAINER_CREDENTIALS_FULL_URI") != "" || sharedFile(o.Env) {
		d.State = "present"
	}
	return d
}

func sharedFile(env func(string) string) bool {
	for variable, name := range map[string]string{"AWS_SHARED_CREDENTIALS_FILE": "credentials", "AWS_CONFIG_FILE": "config"} {
		path := env(variable)
		if path == "" {
			path = filepath.Join(env("HOME"), ".aws", name)
		}
		if _, err := os.Stat(path); err == nil {
			return true
		}
	}
	return false
}

func program(name, neededFor, howToGet string) report.Dependency {
	d := report.Dependency{Name: name, State: "missing", NeededFor: neededFor, HowToGet: howToGet}
	if _, err := exec.LookPath(name); err == nil {
		d.State = "present"
	}
	return d
}
