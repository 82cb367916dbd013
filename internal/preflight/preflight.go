// Package preflight looks for the tools and doors that a diagnosis can use: step 1 of every diagnosis.
//
// It only looks, at the environment, at files and at PATH. It runs no program, starts no MCP server and calls no API, so that what looking
// cannot tell stays "unknown".
package preflight

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"cfdoctor/internal/report"
)

// The states of a dependency.
const (
	Present = "present"
	Missing = "missing"
	Unknown = "unknown"
)

// The names of the tools that an MCP server of AWS has, as AWS publishes them (github.com/awslabs/mcp, aws-api-mcp-server).
const (
	CallAWS = "call_aws"
	Suggest = "suggest_aws_commands"
)

// Options say what the person chose, and where to look.
type Options struct {
	From       string // a bundle file, "" for an account
	Kind       string // the door: sdk, cli or mcp
	Profile    string // as in --profile, "" where none was named
	MCPCommand string // the command line of the server for the door mcp, "" where none was named
	MCPURL     string // its address, "" where none was named
	// Env looks a variable of the environment up: HOME, PATH and AWS's own count.
	Env func(string) string
	// Dir is the folder whose MCP client files count besides those in HOME, "" for none.
	Dir string
	// Root is where the machine's own files are, "/" but in tests.
	Root string
	// Now is the clock against which the end of a sign-in is held.
	Now time.Time
}

// Look lists what is there and what is missing, what each is needed for, and how to get it. Required marks what the chosen door cannot do without.
func Look(o Options) []report.Dependency {
	if o.Kind == "" {
		o.Kind = "sdk"
	}
	if o.Root == "" {
		o.Root = "/"
	}
	out := []report.Dependency{o.credentials(), o.aws(), o.jq()}
	if o.Kind == "mcp" && o.From == "" {
		out = append(out, o.server())
	}
	out = append(out, o.tools()...)
	return append(out, report.Dependency{
		Name: "task list", State: Present, Detail: "cfdoctor keeps its own: \"tasks\" in the report", NeededFor: "showing how far the eight steps are",
	})
}

// MissingRequired names what is missing although the chosen door needs it.
func MissingRequired(deps []report.Dependency) []string {
	return names(deps, func(d report.Dependency) bool { return d.State == Missing && d.Required })
}

// MissingOptional names what else is missing.
func MissingOptional(deps []report.Dependency) []string {
	return names(deps, func(d report.Dependency) bool { return d.State == Missing && !d.Required })
}

func names(deps []report.Dependency, want func(report.Dependency) bool) []string {
	var out []string
	for _, d := range deps {
		if want(d) {
			out = append(out, d.Name)
		}
	}
	return out
}

// WithTools settles what looking could not tell, once a server has said which tools it has. Gateways put a prefix before the names, as the
// managed AWS MCP server does (aws___call_aws).
func WithTools(deps []report.Dependency, tools []string) []report.Dependency {
	out := slices.Clone(deps)
	for i := range out {
		name := out[i].Name
		if name != CallAWS && name != Suggest {
			continue
		}
		out[i].State, out[i].Detail = Missing, "the connected server does not have it"
		if at := slices.IndexFunc(tools, func(t string) bool { return t == name || strings.HasSuffix(t, "_"+name) }); at >= 0 {
			out[i].State, out[i].Detail = Present, "the connected server has it as "+tools[at]
		}
	}
	return out
}

func (o Options) aws() report.Dependency {
	d := report.Dependency{
		Name: "aws", State: Missing, NeededFor: "running the commands and scripts of fixes", Required: o.Kind == "cli" && o.From == "",
		HowToGet: "https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html",
	}
	if d.Required {
		d.NeededFor = "reading the account through --source cli, and running the commands and scripts of fixes"
	}
	if path := o.find("aws"); path != "" {
		version := awsVersion(path)
		if version == "" {
			version = "unknown, as seen from its files"
		}
		d.State, d.Detail = Present, path+", version "+version
	}
	return d
}

func (o Options) jq() report.Dependency {
	d := report.Dependency{Name: "jq", State: Missing, NeededFor: "running the scripts of fixes", HowToGet: "https://jqlang.org/download/"}
	if path := o.find("jq"); path != "" {
		d.State, d.Detail = Present, path
	}
	return d
}

// find looks a program up on PATH, without running it. "" where there is none.
func (o Options) find(program string) string {
	if strings.ContainsRune(program, filepath.Separator) {
		path, _ := exec.LookPath(program)
		return path
	}
	for _, folder := range filepath.SplitList(o.Env("PATH")) {
		if !filepath.IsAbs(folder) { // as os/exec does, a program in the working directory does not count
			continue
		}
		if path, err := exec.LookPath(filepath.Join(folder, program)); err == nil {
			return path
		}
	}
	return ""
}

// home is a path below the person's home directory, "" where that is not known.
func (o Options) home(parts ...string) string {
	home := o.Env("HOME")
	if home == "" {
		home = o.Env("USERPROFILE")
	}
	if home == "" {
		return ""
	}
	return filepath.Join(append([]string{home}, parts...)...)
}

func exists(path string) bool {
	if path == "" {
		return false
	}
	_, err := os.Stat(path)
	return err == nil
}
