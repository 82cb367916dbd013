package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"cfdoctor/internal/report"
)

// loop is one broken account that a fix's own script heals.
type loop struct {
	cause string
	build func(a *builder) // builds the account with the real aws program
}

// builder is one account in the making; names in it are its own, so that loops share an emulator.
type builder struct {
	*emulated
	name  string     // of buckets and such
	id    string     // the distribution's
	ask   []string   // how the diagnosis is asked
	watch [][]string // reads, as arguments of the aws program, whose answers are compared before and after
	title string     // part of the title of the fix to run; "" is the first with a script
}

// alsoWatch compares one more read, field by field.
func (a *builder) alsoWatch(args ...string) { a.watch = append(a.watch, args) }

// distribution makes the distribution.
func (a *builder) distribution(config map[string]any) {
	text, err := json.Marshal(config)
	if err != nil {
		a.t.Fatal(err)
	}
	var made struct{ Distribution struct{ Id string } }
	a.aws(&made, "cloudfront", "create-distribution", "--distribution-config", string(text))
	a.id = made.Distribution.Id
	a.alsoWatch("cloudfront", "get-distribution-config", "--id", a.id)
}

// TestScriptsHeal closes the loop: the aws program builds the broken account, cfdoctor diagnoses it through the SDK, the emitted script runs with
// the real aws program and jq, the cause is gone, and nothing that the fix does not name has changed.
func TestScriptsHeal(t *testing.T) { scriptsHeal(t, startMoto(t), loops()) }

// scriptsHeal closes loops in an account, with its version of the aws program.
func scriptsHeal(t *testing.T, e *emulated, all []loop) {
	var count tally
	t.Run("loops", func(t *testing.T) {
		for i, l := range all {
			t.Run(l.cause, func(t *testing.T) {
				t.Parallel()
				a := &builder{emulated: &emulated{t: t, env: e.env, dir: t.TempDir()}, name: fmt.Sprintf("e2e-loop-%d", i)}
				l.build(a)
				a.close(l.cause, &count)
			})
		}
	})
	t.Logf("closed loop: %d causes with a script, %d scripts ran, %d causes gone, %d fields lost", count.scripts, count.ran, count.gone, count.lost)
}

// tally counts over all loops.
type tally struct {
	mu                       sync.Mutex
	scripts, ran, gone, lost int
}

func (c *tally) add(n *int, by int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	*n += by
}

// close diagnoses, runs the script, and diagnoses again.
func (a *builder) close(cause string, count *tally) {
	t := a.t
	t.Helper()
	before := a.diagnose(append([]string{target(a.id)}, a.ask...)...)
	f := a.fixFor(before, cause)
	if f == nil {
		t.Fatalf("no fix with a script for %s; findings: %s", cause, strings.Join(causesOf(before), " "))
	}
	count.add(&count.scripts, 1)
	old := a.watched()
	if out, ok := a.run("sh", "-c", f.Script); !ok {
		t.Fatalf("the script of %q failed\n%s", f.Title, out)
	}
	count.add(&count.ran, 1)
	after := a.diagnose(append([]string{target(a.id)}, a.ask...)...)
	if slices.Contains(causesOf(after), cause) {
		t.Errorf("%s is still there", cause)
	} else {
		count.add(&count.gone, 1)
	}
	for _, member := range changedMembers(old, a.watched()) {
		if !named(f, member) {
			count.add(&count.lost, 1)
			t.Errorf("the script changed %s, which the fix does not name: %+v", member, f.Diff)
		}
	}
}

func (a *builder) fixFor(r *report.Report, cause string) *report.Fix {
	for i, f := range r.Fixes {
		if slices.Contains(f.Causes, cause) && f.Script != "" && strings.Contains(f.Title, a.title) {
			return &r.Fixes[i]
		}
	}
	return nil
}

// named reports whether the fix's difference names a member that changed.
func named(f *report.Fix, member string) bool {
	return slices.ContainsFunc(f.Diff, func(d report.DiffLine) bool { return touches(d.Path, member) })
}

// watched is the state of everything that is compared, without what tells versions apart.
func (a *builder) watched() map[string]any {
	out := map[string]any{}
	for _, args := range a.watch {
		text, ok := a.run("aws", append(args, "--output", "json")...)
		var tree any
		if ok && json.Unmarshal([]byte(text), &tree) != nil {
			a.t.Fatalf("aws %s printed no JSON: %s", strings.Join(args, " "), text)
		}
		out[args[1]] = plain(tree)
	}
	return out
}

// plain takes versions off, and reads policies that are text.
func plain(tree any) any {
	switch v := tree.(type) {
	case map[string]any:
		maps.DeleteFunc(v, func(name string, _ any) bool { return name == "ETag" || name == "LockToken" || name == "RevisionId" })
		for name, member := range v {
			text, ok := member.(string)
			var policy any
			if ok && name == "Policy" && json.Unmarshal([]byte(text), &policy) == nil {
				member = policy
			}
			v[name] = plain(member)
			if list, ok := member.([]any); ok && len(list) == 0 {
				delete(v, name) // none is the same as an empty list
			}
		}
	case []any:
		for i, item := range v {
			v[i] = plain(item)
		}
	}
	return tree
}
