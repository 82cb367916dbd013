package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"cfdoctor/internal/causes"
	"cfdoctor/internal/collect"
	"cfdoctor/internal/doctor"
	"cfdoctor/internal/fix"
	"cfdoctor/internal/source/bundle"
	"cfdoctor/internal/worldtest"
)

// golden is the first case of a cause that fires.
type golden struct {
	cause string
	c     *worldtest.Case
}

func goldens(t *testing.T) []golden {
	t.Helper()
	files, err := filepath.Glob("../internal/causes/*/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	var out []golden
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range txtar.Parse(raw).Files {
			if !strings.HasPrefix(file.Name, "fires/") {
				continue
			}
			c, err := worldtest.Parse(string(file.Data))
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, golden{strings.ToUpper(strings.TrimSuffix(filepath.Base(name), ".txtar")), c})
			break
		}
	}
	return out
}

// diagnoseBundle runs a question over a recording, as the command line does.
func diagnoseBundle(c *worldtest.Case, raw []byte) (*doctor.Case, error) {
	b, err := bundle.Parse(bytes.NewReader(raw), c.World, 1<<22)
	if err != nil {
		return nil, err
	}
	at, err := collect.ParseTarget(c.Target)
	if err != nil {
		return nil, err
	}
	d := &doctor.Doctor{Catalogue: causes.All(), Version: "test"}
	return d.Diagnose(context.Background(), b, b.CapturedAt, doctor.Question{
		Target: at, Request: c.Request, PathGiven: c.Asked, Code: c.Code, Proactive: true,
	})
}

// figures are counted over all cases.
type figures struct {
	mu     sync.Mutex
	counts map[string]int
}

func (f *figures) add(what string, by int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.counts[what] += by
}

// TestEmittedCommands runs what the fixes of every cause emit in the cause's own account: each command passes the AWS CLI's checks of its
// parameters, each script heals what it is for and touches nothing else, and each rollback leaves what was there before.
func TestEmittedCommands(t *testing.T) { emittedCommands(t, startMoto(t), nil) }

// emittedCommands runs them with one version of the aws program, for which some commands are too new.
func emittedCommands(t *testing.T, e *emulated, newer []string) {
	f := &figures{counts: map[string]int{}}
	t.Run("causes", func(t *testing.T) {
		for _, g := range goldens(t) {
			t.Run(g.cause, func(t *testing.T) {
				t.Parallel()
				d, err := diagnoseBundle(g.c, g.c.Bundle())
				if err != nil {
					t.Fatal(err)
				}
				for _, p := range d.Plan {
					if slices.Contains(p.Causes, g.cause) {
						w := &workplace{emulated: &emulated{t: t, env: e.env, dir: t.TempDir()}, figures: f, golden: g, newer: newer}
						w.work(d, p)
					}
				}
			})
		}
	})
	t.Logf("commands of %d fixes: %d snippets and %d scripts ran, with %d calls that the AWS CLI's checks passed and %d that they refused", f.counts["fixes"], f.counts["snippets"],
		f.counts["scripts"], f.counts["calls"], f.counts["refused"])
	if len(newer) > 0 {
		t.Logf("newer than this version of the aws program: %d snippets and scripts, because of %s; %d that refuse to lose members that it does not know", f.counts["newer"],
			strings.Join(newer, ", "), f.counts["refused for members"])
	}
	t.Logf("closed loops on recorded accounts: %d scripts healed, %d left the cause, %d fields lost; %d rollbacks ran, %d left a trace", f.counts["healed"], f.counts["ill"], f.counts["lost"],
		f.counts["rollbacks"], f.counts["traces"])
}

// workplace is one fix in its account, which is a file.
type workplace struct {
	*emulated
	figures *figures
	golden  golden
	newer   []string // commands that this version of the program does not have
	byHand  bool     // whether the commands go with a person's work: what they read may not be there
	excused []int    // the calls in the log that stopped for want of a person's value
	account string
	log     string
}

// reset makes the account what it was recorded as.
func (w *workplace) reset() map[string]any {
	w.t.Helper()
	w.account, w.log = filepath.Join(w.dir, "account.json"), filepath.Join(w.dir, "log")
	raw := w.golden.c.Bundle()
	if err := os.WriteFile(w.account, raw, 0o600); err != nil {
		w.t.Fatal(err)
	}
	return w.state()
}

func (w *workplace) state() map[string]any {
	raw, err := os.ReadFile(w.account)
	if err != nil {
		w.t.Fatal(err)
	}
	var recorded struct {
		Calls []struct {
			Service, Operation string
			Params, Output     map[string]any
			Error              any
		}
	}
	if err := json.Unmarshal(raw, &recorded); err != nil {
		w.t.Fatal(err)
	}
	out := map[string]any{}
	for _, c := range recorded.Calls {
		name, _ := json.Marshal([]any{c.Service, c.Operation, c.Params})
		if c.Output != nil && !strings.HasSuffix(c.Operation, "Invalidation") && c.Operation != "ListInvalidations" { // no settings: they stay made
			out[string(name)] = plain(c.Output)
		}
	}
	return out
}

// shell runs a snippet in the account.
func (w *workplace) shell(snippet string) (string, bool) {
	w.t.Helper()
	in := &emulated{t: w.t, dir: w.dir, env: append(slices.Clone(w.env), "AWSD_ACCOUNT="+w.account, "AWSD_LOG="+w.log, "AWSD_STRICT=1", "TMPDIR="+w.dir)}
	return in.run("sh", "-c", "exec 2>&1\n"+snippet)
}

// work runs one fix in all its forms.
func (w *workplace) work(d *doctor.Case, p doctor.Planned) {
	t := w.t
	w.figures.add("fixes", 1)
	old := w.reset()
	defer w.count()
	if p.Rendered.Script == "" {
		w.byHand = true
		for _, c := range p.Rendered.Commands {
			w.snippet(c.AWSCLI, slices.Concat(c.Inputs, p.Fix.Inputs))
		}
		return
	}
	w.figures.add("scripts", 1)
	if out, ok := w.shell(p.Rendered.Script); !ok && w.tooNew(out) {
		return
	} else if !ok {
		t.Errorf("the script of %q failed:\n%s", p.Fix.Title, out)
		return
	}
	raw, err := os.ReadFile(w.account)
	if err != nil {
		t.Fatal(err)
	}
	after, err := diagnoseBundle(w.golden.c, raw)
	if err != nil {
		t.Fatal(err)
	}
	w.compare(p, d, after, old)
	for _, c := range p.Rendered.Verification {
		w.snippet(c.AWSCLI, nil)
	}
	w.back(p, old)
}

// compare looks at the healed account.
func (w *workplace) compare(p doctor.Planned, before, after *doctor.Case, old map[string]any) {
	if still := likelihood(after, w.golden.cause); still != "" && still == likelihood(before, w.golden.cause) {
		w.figures.add("ill", 1)
		w.t.Errorf("after the script of %q, %s is still there", p.Fix.Title, w.golden.cause)
	} else {
		w.figures.add("healed", 1)
	}
	now := w.given(w.state())
	old = w.given(old)
	maps.DeleteFunc(now, func(call string, _ any) bool { return old[call] == nil }) // what is new has taken nothing away
	for _, member := range changedMembers(old, now) {
		if !inDiff(p.Rendered.Diff, member) {
			w.figures.add("lost", 1)
			w.t.Errorf("the script of %q changed %s, which it does not name", p.Fix.Title, member)
		}
	}
}

// byDefault are members newer than version 2.9.19, with the values that AWS gives them where they are not sent.
var byDefault = map[string]any{"GrpcConfig": object{"Enabled": false}, "IpAddressType": "ipv4", "OriginReadTimeout": 30.0, "EvaluationWindowSec": 300.0}

// unknownMember is how the program's own checks refuse those that a fix sends, before anything is changed.
var unknownMember = regexp.MustCompile(`Unknown parameter in [^:]*: "(GrpcConfig|IpAddressType|OriginReadTimeout|EvaluationWindowSec|KeyValueStoreAssociations)", must be one of: [^"]*$`)

// given is a state without them, for a program that does not know them.
func (w *workplace) given(state map[string]any) map[string]any {
	var strip func(tree any)
	strip = func(tree any) {
		switch v := tree.(type) {
		case map[string]any:
			maps.DeleteFunc(v, func(name string, member any) bool {
				return byDefault[name] != nil && cmp.Equal(byDefault[name], member)
			})
			for _, member := range v {
				strip(member)
			}
		case []any:
			for _, item := range v {
				strip(item)
			}
		}
	}
	if len(w.newer) > 0 {
		strip(state)
	}
	return state
}

func likelihood(d *doctor.Case, id string) string {
	for _, f := range slices.Concat(d.Result.Findings, d.Result.Proactive) {
		if f.Cause.ID == id {
			return string(f.Verdict.Likelihood())
		}
	}
	return ""
}

// inDiff reports whether the fix says that it changes a member: by its whole path, or as a part of an item that it adds or takes away.
func inDiff(diff []fix.DiffLine, member string) bool {
	return slices.ContainsFunc(diff, func(d fix.DiffLine) bool { return touches(d.Path, member) })
}

// selector is what tells an item of a list apart in the path of a difference; paths of members have none.
var selector = regexp.MustCompile(`\[[^\]]*\]`)

// reads are where the changes show that are no edit of a document: part of the difference's path, to part of the member's.
var reads = map[string]string{"timeout_seconds": "DescribeLoadBalancerAttributes", "Delivery": "deliver", "LIVE": `"Stage":"LIVE"`, "A": "ResourceRecordSets", "AAAA": "ResourceRecordSets", "": "MetricAlarms"}

func touches(path, member string) bool {
	if where, ok := reads[path[strings.LastIndexByte(path, '.')+1:]]; ok && strings.Contains(member, where) {
		return true
	}
	path = selector.ReplaceAllString(path, "")
	return path != "" && strings.Contains("."+member+".", "."+path+".")
}

// back runs the rollback and compares with what was there.
func (w *workplace) back(p doctor.Planned, old map[string]any) {
	if len(p.Rendered.Rollback) == 0 {
		return
	}
	w.figures.add("rollbacks", 1)
	for _, c := range p.Rendered.Rollback {
		if c.AWSCLI != "" && !w.snippet(c.AWSCLI, nil) {
			return
		}
	}
	now := w.given(w.state())
	old = w.given(old)
	maps.DeleteFunc(now, func(call string, _ any) bool { return old[call] == nil })
	for _, member := range changedMembers(old, now) {
		w.figures.add("traces", 1)
		w.t.Errorf("the rollback of %q leaves %s changed", p.Fix.Title, member)
	}
}

// snippet runs one command; one that needs a person's value may stop there. It reports false where this version of the program is too old for it.
func (w *workplace) snippet(command string, inputs []string) bool {
	byHand := slices.ContainsFunc(inputs, func(in string) bool { return !strings.HasPrefix(in, "for call_aws:") })
	if !strings.Contains(command, "aws ") {
		return true
	}
	w.figures.add("snippets", 1)
	out, ok := w.shell(command)
	if !ok && w.tooNew(out) {
		return false
	}
	if !ok && byHand {
		w.excused = append(w.excused, len(w.noted())-1)
	}
	if !ok && !byHand && !(w.byHand && strings.Contains(out, "An error occurred (")) {
		w.t.Errorf("a command failed:\n%s\n%s", command, out)
	}
	return true
}

// noted is what the log says of one call.
type noted struct {
	Service, Operation string
	Invalid            string // why the program's checks refuse it
	Misused            bool   // whether the program has no such command or option
}

func (w *workplace) noted() []noted {
	raw, _ := os.ReadFile(w.log)
	var out []noted
	for line := range strings.Lines(string(raw)) {
		var entry noted
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			w.t.Fatal(err)
		}
		out = append(out, entry)
	}
	return out
}

// tooNew reports whether a command stopped at what this version of the program does not have: a command, or a member that it would lose, which
// the fix's own check refuses before anything is changed. It is counted.
func (w *workplace) tooNew(printed string) bool {
	all := w.noted()
	switch {
	case len(w.newer) == 0:
		return false
	case strings.Contains(printed, "The aws program here is too old"):
		w.figures.add("refused for members", 1)
	case len(all) > 1 && unknownMember.MatchString(all[len(all)-2].Invalid): // counted with the log
	case len(all) > 0 && w.isNewer(all[len(all)-1]):
		w.figures.add("newer", 1)
	default:
		return false
	}
	return true
}

func (w *workplace) isNewer(n noted) bool {
	return n.Misused && slices.Contains(w.newer, n.Service+" "+n.Operation)
}

// count sums the log up.
func (w *workplace) count() {
	all := w.noted()
	for i, n := range all {
		switch {
		case n.Misused && slices.Contains(w.excused, i):
		case w.isNewer(n) || n.Misused && i > 0 && all[i-1].Invalid != "":
		case len(w.newer) > 0 && unknownMember.MatchString(n.Invalid):
			w.figures.add("refused for members", 1)
		case n.Misused:
			w.figures.add("refused", 1)
			w.t.Errorf("the AWS CLI does not take a command of %s %s", n.Service, n.Operation)
		case n.Invalid != "":
			w.figures.add("refused", 1)
			w.t.Errorf("the AWS CLI refuses a call of %s %s: %s", n.Service, n.Operation, n.Invalid)
		default:
			w.figures.add("calls", 1)
		}
	}
}
