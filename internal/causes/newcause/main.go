// Command newcause writes the skeleton of a cause: the file, its cases, and the line in the stage's list.
//
//	go run ./internal/causes/newcause STAGE CAUSE_ID
package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"cfdoctor/internal/edge"
)

func main() {
	if len(os.Args) != 3 {
		fail(errors.New("usage: newcause STAGE CAUSE_ID, such as: newcause origin-access S3_NEW_CAUSE"))
	}
	if err := write(os.Args[1], os.Args[2]); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "newcause:", err)
	os.Exit(2)
}

var idForm = regexp.MustCompile(`^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$`)

func write(stage, id string) error {
	if !idForm.MatchString(id) {
		return fmt.Errorf("%q is not of the form UPPER_CASE_WORDS", id)
	}
	if !known(stage) {
		return fmt.Errorf("there is no stage %q; the stages are %s", stage, strings.Join(stageIDs(), ", "))
	}
	pkg := strings.ReplaceAll(stage, "-", "")
	dir := filepath.Join("internal", "causes", pkg)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	name := filepath.Join(dir, strings.ToLower(id))
	variable := camel(id)
	if err := create(name+".go", fmt.Sprintf(source, pkg, variable, id, stage)); err != nil {
		return err
	}
	if err := create(name+".txtar", cases); err != nil {
		return err
	}
	return addLine(dir, pkg, stage, variable)
}

func create(path, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

// addLine lists the cause in the stage's causes.go, which it makes where the stage had none; then the catalogue needs one more line.
func addLine(dir, pkg, stage, variable string) error {
	path := filepath.Join(dir, "causes.go")
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		fmt.Printf("new stage folder: add %s.Causes() to internal/causes/causes.go\n", pkg)
		text, err = fmt.Appendf(nil, list, pkg, stage), nil
	}
	if err != nil {
		return err
	}
	const end = "\n\t}\n}"
	at := strings.LastIndex(string(text), end)
	if at < 0 {
		return fmt.Errorf("%s has no list that ends in %q: add %s by hand", path, end, variable)
	}
	return os.WriteFile(path, []byte(string(text[:at])+"\n\t\t"+variable+","+string(text[at:])), 0o644)
}

func camel(id string) string {
	words := strings.Split(strings.ToLower(id), "_")
	for i, w := range words[1:] {
		words[i+1] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, "")
}

func known(stage string) bool {
	for _, id := range stageIDs() {
		if id == stage {
			return true
		}
	}
	return false
}

func stageIDs() []string {
	var out []string
	for _, s := range edge.Stages() {
		out = append(out, s.ID)
	}
	return out
}

const list = `// Package %s holds the causes of the %s stage.
package %[1]s

import "cfdoctor/internal/cause"

// Causes lists the package's causes.
func Causes() []*cause.Cause {
	return []*cause.Cause{
	}
}
`

const source = `package %s

import (
	"cfdoctor/internal/cause"
	"cfdoctor/internal/fix"
)

var %s = &cause.Cause{
	ID:       %q,
	Title:    "A claim in plain language, without a full stop",
	Stage:    %q,
	Symptoms: []int{403},
	Severity: cause.High,
	Doc: cause.Doc{
		Explain:    "What happens, for a newcomer.",
		Why:        "How it comes about.",
		References: []string{"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/"},
		Since:      "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		if !p.StoppedHere() {
			return cause.RuleOut("the request passes this stage")
		}
		step, _ := p.Trace.Step(p.Trace.StoppedAt)
		return cause.Confirm(p.DistributionName(), "What is wrong, in whole sentences.", step.Evidence...)
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		return nil
	},
}
`

const cases = `Sources: the AWS pages the cases rest on.

-- fires/the-usual-case --
world s3-oac
ask GET /about.html 403
want confirmed first explains 403
-- silent/healthy --
world s3-oac
ask GET /about.html
-- unknown/not-captured --
world s3-oac
forget s3:GetBucketPolicy
ask GET /about.html 403
`
