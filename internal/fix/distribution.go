package fix

import (
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
)

// DistributionEdit edits a distribution's configuration.
type DistributionEdit struct {
	ID    string
	Edits Edits
}

// EditDistribution edits a distribution by its id. Everything that the edits do not name stays as it is at the moment of the change.
func EditDistribution(id string, edits ...Edits) Change {
	d := DistributionEdit{ID: id}
	for _, e := range edits {
		d.Edits = append(d.Edits, e...)
	}
	return d
}

// Resource implements [Change].
func (d DistributionEdit) Resource() string { return "distribution " + printable(d.ID) }

// Touches implements [Change].
func (d DistributionEdit) Touches() string { return "distribution" }

// Console implements [Change].
func (d DistributionEdit) Console() []string {
	steps := []string{"Open the CloudFront console, choose Distributions, and choose " + show(d.ID)}
	for _, e := range d.Edits {
		if e.Label != "" {
			steps = append(steps, e.Label)
		}
	}
	return append(steps, "On the General tab, wait until Last modified shows a date and time instead of Deploying")
}

// before is the configuration as the world has it, with the ETag that guards its change.
func (d DistributionEdit) before(w *evidence.World) (config any, etag string, known bool) {
	if w == nil {
		return nil, "", false
	}
	read := account.Distribution(d.ID)
	answer, known := read.In(w).Get()
	if !known {
		return nil, "", false
	}
	if recorded, ok := recordedOutput(w, read.Call); ok {
		if config, ok := objectOf(objectOf(recorded)["Distribution"])["DistributionConfig"]; ok {
			return config, answer.ETag, true
		}
	}
	config, err := treeOf(answer.Distribution.DistributionConfig)
	return config, answer.ETag, err == nil
}

// recordedOutput is an answer as it was recorded: with every member, also those that the SDK's types do not know.
func recordedOutput(w *evidence.World, call evidence.Call) (any, bool) {
	key := call.Key()
	for _, record := range w.Records() {
		if len(record.Output) == 0 || record.Call.Key() != key {
			continue
		}
		tree, err := parseTree(record.Output)
		return tree, err == nil
	}
	return nil, false
}

// Diff implements [Change].
func (d DistributionEdit) Diff(w *evidence.World) []DiffLine {
	before, after, known := d.after(w)
	if !known {
		return nil
	}
	return diffTrees(d.Resource(), "", before, after)
}

// after is the config as the world knows it, and as it will be.
func (d DistributionEdit) after(w *evidence.World) (before, after any, known bool) {
	before, _, known = d.before(w)
	if !known {
		return nil, nil, false
	}
	after, err := applyAll(before, d.Edits)
	return before, after, err == nil
}

// Effect implements [Change].
func (d DistributionEdit) Effect(w *evidence.World) {
	read := account.Distribution(d.ID)
	answer, known := read.In(w).Get()
	if !known || answer.Distribution.DistributionConfig == nil {
		return
	}
	var config types.DistributionConfig
	if !edited(answer.Distribution.DistributionConfig, &config, d.Edits) {
		return
	}
	answer.Distribution.DistributionConfig = &config
	read.Set(w, answer)
	d.effectOnList(w)
}

// effectOnList makes the change in the list of distributions too, as far as the list shows it.
func (d DistributionEdit) effectOnList(w *evidence.World) {
	read := account.Distributions()
	answer, known := read.In(w).Get()
	if !known {
		return
	}
	items := make([]types.DistributionSummary, len(answer.DistributionList.Items))
	copy(items, answer.DistributionList.Items)
	for i, item := range items {
		if item.Id == nil || *item.Id != d.ID {
			continue
		}
		tree := objectOf(mustTree(item))
		var shownThere Edits
		for _, e := range d.Edits {
			if _, ok := tree[e.Path.steps[0].field]; ok {
				shownThere = append(shownThere, e)
			}
		}
		var summary types.DistributionSummary
		if edited(item, &summary, shownThere) {
			items[i] = summary
		}
	}
	answer.DistributionList.Items = items
	read.Set(w, answer)
}

// edited edits a value of the SDK's types by way of its JSON.
func edited[E edit](from, into any, edits []E) bool {
	tree, err := treeOf(from)
	if err != nil {
		return false
	}
	if tree, err = applyAll(tree, edits); err != nil {
		return false
	}
	return evidence.Decode([]byte(text(tree)), into) == nil
}

func (d DistributionEdit) get(s *Shell) string {
	return "aws cloudfront get-distribution-config " + s.arg("id", d.ID) + " --output json"
}

// Plan implements [Change].
func (d DistributionEdit) Plan(s *Shell) {
	read := func(n int, name string) string {
		return d.get(s) + " > " + file(n, name+".answer.json") + "\n" +
			"jq .DistributionConfig " + file(n, name+".answer.json") + " > " + file(n, name+".json")
	}
	update := "aws cloudfront update-distribution " + s.arg("id", d.ID)
	if before, _, known := d.before(s.world); known {
		s.mustKnow("cloudfront", "update-distribution", recent("DistributionConfig", before, d.Edits...))
	}
	document{
		name: d.Resource(), quotas: touched(distributionQuotas, d.Edits),
		edit: programOf(d.Edits),
		read: func(n int) string { return read(n, "old") },
		write: func(n int) string {
			return "etag=$(jq -r .ETag " + file(n, "old.answer.json") + ")\n" +
				update + ` --if-match "$etag" ` + fileOption("distribution-config", n, "new.json") + " --output json > " + file(n, "written.json")
		},
		again: func(n int) string { return read(n, "now") },
		undo: func(n int) []string {
			return []string{
				"say " + quote("  etag=$(aws cloudfront get-distribution-config "+option("id", d.ID)+" --query ETag --output text)"),
				undoLine(update+` --if-match "$etag" --distribution-config `, n, "old.json"),
			}
		},
	}.plan(s)
	s.wait("say 'Waiting for CloudFront to deploy the change; this can take some minutes.'\naws cloudfront wait distribution-deployed " + s.arg("id", d.ID))
}

// Commands implements [Change].
func (d DistributionEdit) Commands(ctx Context) []Command {
	return []Command{
		d.command(ctx, "Change "+d.Resource()+": read its configuration, edit it, and write it back unless somebody else changed it meanwhile"),
		{
			Purpose: "Wait until the change is deployed (call_aws: repeat until the answer is Deployed)",
			AWSCLI:  snippetOf(func(s *Shell) string { return "aws cloudfront wait distribution-deployed " + s.arg("id", d.ID) }),
			CallAWS: callOf(func(s *Shell) string {
				return "aws cloudfront get-distribution " + s.arg("id", d.ID) + " --query Distribution.Status"
			}),
		},
	}
}

func (d DistributionEdit) command(ctx Context, purpose string) Command {
	c := Command{Purpose: purpose, AWSCLI: plannedIn(ctx.World, d), Mutates: true}
	before, etag, known := d.before(ctx.World)
	if !known {
		return c
	}
	after, err := applyAll(before, d.Edits)
	if err != nil || etag == "" {
		return c
	}
	c.Inputs = outputInputs(programOf(d.Edits).outputs)
	if hasSecretHeaders(after) {
		c.Purpose += noCallAWS
		return c
	}
	c.CallAWS = callOf(func(s *Shell) string {
		return "aws cloudfront update-distribution " + s.arg("id", d.ID) + " " + s.arg("if-match", etag) + " --distribution-config " + quote(text(after))
	})
	return c
}

// Rollback implements [Change]: the members that the edits set go back to what they were, and the rest stays as it is by then.
func (d DistributionEdit) Rollback(ctx Context) []Command {
	before, _, known := d.before(ctx.World)
	if !known {
		return nil
	}
	back := DistributionEdit{ID: d.ID, Edits: inverse(before, d.Edits)}
	c := Command{Purpose: "Give " + d.Resource() + " back the values it had", AWSCLI: plannedIn(ctx.World, back), Mutates: true}
	if hasSecretHeaders(before) {
		c.Purpose += noCallAWS
		return []Command{c}
	}
	c.CallAWS = callOf(func(s *Shell) string {
		return "aws cloudfront update-distribution " + s.arg("id", d.ID) +
			" --if-match ETAG_FROM_GET_DISTRIBUTION_CONFIG --distribution-config " + quote(text(before))
	})
	c.Inputs = []string{"for call_aws: ETAG_FROM_GET_DISTRIBUTION_CONFIG, the ETag that get-distribution-config shows at that moment"}
	return []Command{c}
}

// noCallAWS says why a command has no call_aws form: that form carries the whole configuration.
const noCallAWS = " (not as call_aws: the whole configuration holds values of origin custom headers, which are secrets and not written here)"

// hasSecretHeaders reports whether a configuration holds values of origin custom headers. Often they are the secrets by which an origin knows
// CloudFront; in a recording they are redacted, and writing them back would break the origin.
func hasSecretHeaders(config any) bool {
	switch v := config.(type) {
	case map[string]any:
		for name, member := range v {
			if name == "HeaderValue" && member != "" || hasSecretHeaders(member) {
				return true
			}
		}
	case []any:
		for _, item := range v {
			if hasSecretHeaders(item) {
				return true
			}
		}
	}
	return false
}

// Checks implements [Change].
func (d DistributionEdit) Checks(Context) []Check {
	var out []Check
	for _, e := range d.Edits {
		if e.Op != Set || e.New == nil {
			continue
		}
		if output, ok := e.New.(Output); ok {
			out = append(out, d.check(e.Path, output.From))
			continue
		}
		out = append(out, d.check(e.Path, shown(mustTree(e.New))))
	}
	if len(out) == 0 && len(d.Edits) > 0 {
		for _, e := range d.Edits {
			out = append(out, d.check(e.Path, "after the change: "+e.describe()))
		}
	}
	return out
}

func (d DistributionEdit) check(path Path, expect string) Check {
	p := newProgram()
	p.steps = []string{".DistributionConfig | " + p.path(path)}
	return Check{
		Purpose: path.String() + " of " + d.Resource(),
		AWSCLI:  snippetOf(func(s *Shell) string { return d.get(s) + " | " + p.command() }),
		CallAWS: callOf(func(s *Shell) string { return "aws cloudfront get-distribution-config " + s.arg("id", d.ID) }),
		Expect:  expect,
	}
}
