package cause

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"cfdoctor/internal/edge"
)

var idForm = regexp.MustCompile(`^[A-Z][A-Z0-9_]*[A-Z0-9]$`)

// Validate checks a whole catalogue: ids well formed and unique, documentation whole, stages and hidden causes that exist.
func Validate(catalogue []*Cause) error {
	stages := map[string]bool{}
	for _, s := range edge.Stages() {
		stages[s.ID] = true
	}
	seen := map[string]bool{}
	var errs []error
	complain := func(c *Cause, format string, args ...any) {
		errs = append(errs, fmt.Errorf("cause %s: %s", c.ID, fmt.Sprintf(format, args...)))
	}
	for _, c := range catalogue {
		if !idForm.MatchString(c.ID) {
			complain(c, "the id is not of the form UPPER_CASE")
		}
		if seen[c.ID] {
			complain(c, "the id is used twice")
		}
		seen[c.ID] = true
		if !stages[c.Stage] {
			complain(c, "there is no stage %q", c.Stage)
		}
		for _, problem := range docProblems(c) {
			complain(c, "%s", problem)
		}
	}
	for _, c := range catalogue {
		for _, id := range c.Hides {
			if !seen[id] {
				complain(c, "it hides %s, which does not exist", id)
			}
		}
	}
	return errors.Join(errs...)
}

func docProblems(c *Cause) []string {
	var out []string
	check := func(ok bool, problem string) {
		if !ok {
			out = append(out, problem)
		}
	}
	check(c.Title != "" && !strings.HasSuffix(c.Title, "."), "the title must be a claim without a full stop")
	check(c.Doc.Explain != "", "Doc.Explain is empty")
	check(c.Doc.Why != "", "Doc.Why is empty")
	check(c.Doc.Since != "", "Doc.Since is empty")
	check(len(c.Doc.References) > 0, "Doc.References is empty")
	for _, ref := range c.Doc.References {
		check(strings.HasPrefix(ref, "https://"), "reference "+ref+" is not an https address")
	}
	check(severityRank(c.Severity) >= 0, "the severity is not one of critical, high, medium, low")
	check(c.Detect != nil, "Detect is nil")
	check(c.Fixes != nil || c.Doc.Manual != "", "neither Fixes nor Doc.Manual says what to do")
	return out
}
