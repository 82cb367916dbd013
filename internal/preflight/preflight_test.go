package preflight

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cfdoctor/internal/report"
)

// machine is a made-up computer: a home directory, programs on PATH, and variables of the environment.
type machine struct {
	t         *testing.T
	dir       string
	variables map[string]string
}

func newMachine(t *testing.T) *machine {
	m := &machine{t: t, dir: t.TempDir(), variables: map[string]string{}}
	m.variables["HOME"] = m.path("home")
	m.variables["PATH"] = m.path("bin")
	m.write("sys/class/dmi/id/sys_vendor", "ACME\n")
	return m
}

func (m *machine) path(name string) string { return filepath.Join(m.dir, filepath.FromSlash(name)) }

func (m *machine) write(name, text string) {
	m.t.Helper()
	if err := os.MkdirAll(filepath.Dir(m.path(name)), 0o755); err != nil {
		m.t.Fatal(err)
	}
	if err := os.WriteFile(m.path(name), []byte(text), 0o644); err != nil {
		m.t.Fatal(err)
	}
}

// program puts a program on PATH that leaves a trace when it is run.
func (m *machine) program(name string) {
	m.write(name, "#!/bin/sh\ntouch "+m.path("ran")+"\n")
	if err := os.Chmod(m.path(name), 0o755); err != nil {
		m.t.Fatal(err)
	}
}

func (m *machine) look(o Options) []report.Dependency {
	m.t.Helper()
	o.Env = func(name string) string { return m.variables[name] }
	o.Root = m.dir
	o.Now = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	deps := Look(o)
	if _, err := os.Stat(m.path("ran")); err == nil {
		m.t.Error("a program was run")
	}
	for _, d := range deps {
		if d.NeededFor == "" || d.State == Missing && d.HowToGet == "" {
			m.t.Errorf("%s is %s, and the list does not say what it is for or how to get it: %+v", d.Name, d.State, d)
		}
	}
	return deps
}

func dependency(t *testing.T, deps []report.Dependency, name string) report.Dependency {
	t.Helper()
	i := slices.IndexFunc(deps, func(d report.Dependency) bool { return d.Name == name })
	if i < 0 {
		t.Fatalf("there is no %q in %+v", name, deps)
	}
	return deps[i]
}

// TestBareMachine has nothing at all: everything is missing but cfdoctor's own task list, and only what the chosen door needs is required.
func TestBareMachine(t *testing.T) {
	cases := []struct {
		options            Options
		required, optional []string
	}{
		{Options{}, []string{"AWS credentials"}, []string{"aws", "jq", CallAWS, Suggest}},
		{Options{Kind: "cli"}, []string{"AWS credentials", "aws"}, []string{"jq", CallAWS, Suggest}},
		{Options{Kind: "mcp"}, []string{"MCP server"}, []string{"AWS credentials", "aws", "jq"}},
		{Options{Kind: "mcp", MCPCommand: "uvx awslabs.aws-api-mcp-server@latest"}, []string{"MCP server"}, []string{"AWS credentials", "aws", "jq"}},
		{Options{From: "account.json", Kind: "cli"}, nil, []string{"AWS credentials", "aws", "jq", CallAWS, Suggest}},
	}
	for _, c := range cases {
		deps := newMachine(t).look(c.options)
		if got := MissingRequired(deps); !slices.Equal(got, c.required) {
			t.Errorf("%+v: required and missing: %v, want %v", c.options, got, c.required)
		}
		if got := MissingOptional(deps); !slices.Equal(got, c.optional) {
			t.Errorf("%+v: missing besides: %v, want %v", c.options, got, c.optional)
		}
		if d := dependency(t, deps, "task list"); d.State != Present {
			t.Errorf("the task list is %s", d.State)
		}
	}
}

func TestPrograms(t *testing.T) {
	m := newMachine(t)
	m.program("bin/aws")
	m.program("bin/jq")
	deps := m.look(Options{Kind: "cli"})
	if d := dependency(t, deps, "aws"); d.State != Present || !d.Required || !strings.Contains(d.Detail, "version unknown") {
		t.Errorf("aws: %+v", d)
	}
	if d := dependency(t, deps, "jq"); d.State != Present || d.Required {
		t.Errorf("jq: %+v", d)
	}
	if err := os.Chmod(m.path("bin/jq"), 0o644); err != nil {
		t.Fatal(err)
	}
	if d := dependency(t, m.look(Options{}), "jq"); d.State != Missing {
		t.Errorf("a jq that nobody may run is %s", d.State)
	}
	t.Chdir(m.path("bin"))
	m.variables["PATH"] = "."
	if d := dependency(t, m.look(Options{}), "aws"); d.State != Missing {
		t.Errorf("an aws in the working directory is %s", d.State)
	}
}

func TestVersionOfAWS(t *testing.T) {
	cases := []struct {
		name  string
		files []string // below the machine; the first is the program
		link  string   // a symbolic link to it, where people call it by that
		head  string   // first line
		want  string
	}{
		{"the installer of version 2", []string{"usr/local/aws-cli/v2/2.31.4/dist/aws"}, "bin/aws", "\x7fELF", "2.31.4"},
		{"Homebrew", []string{"opt/Cellar/awscli/2.30.1/bin/aws"}, "bin/aws", "#!/bin/sh", "2.30.1"},
		{"Homebrew with a revision", []string{"opt/Cellar/awscli/2.30.1_1/bin/aws"}, "bin/aws", "#!/bin/sh", "2.30.1"},
		{"Nix", []string{"nix/store/abc-awscli2-2.28.0/bin/aws"}, "bin/aws", "#!/bin/sh", "2.28.0"},
		{"pip in a virtual environment", []string{"venv/bin/aws", "venv/lib/python3.12/site-packages/awscli-1.42.9.dist-info/METADATA"}, "bin/aws", "#!/usr/bin/env python3", "1.42.9"},
		{"pip elsewhere, by the interpreter", []string{"bin/aws", "py/lib/python3.11/site-packages/awscli-1.40.0.dist-info/METADATA"}, "", "#!DIR/py/bin/python3", "1.40.0"},
		{"Debian", []string{"usr/bin/aws", "usr/lib/python3/dist-packages/awscli-2.9.19.egg-info/PKG-INFO"}, "", "#!/usr/bin/python3", "2.9.19"},
		{"two Pythons", []string{"v/bin/aws", "v/lib/python3.11/site-packages/awscli-1.40.0.dist-info/M", "v/lib/python3.12/site-packages/awscli-1.41.0.dist-info/M"}, "", "#!/bin/sh", ""},
		{"a wrapper of somebody's own", []string{"bin/aws"}, "", "#!/bin/sh", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m := newMachine(t)
			for _, file := range c.files {
				m.write(file, strings.ReplaceAll(c.head, "DIR", m.dir)+"\n")
			}
			program := m.path(c.files[0])
			if c.link != "" {
				if err := os.MkdirAll(m.path("bin"), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.Symlink(program, m.path(c.link)); err != nil {
					t.Fatal(err)
				}
				program = m.path(c.link)
			}
			if got := awsVersion(program); got != c.want {
				t.Errorf("version %q, want %q", got, c.want)
			}
		})
	}
	if got := awsVersion("/no/such/aws"); got != "" {
		t.Errorf("an aws that is not there has version %q", got)
	}
}
