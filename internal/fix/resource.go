package fix

import (
	"context"
	"strings"

	"cfdoctor/internal/evidence"
	"cfdoctor/internal/source/awscommand"
)

// ResourceEdit edits one of CloudFront's resources beside the distribution: a key group, a continuous deployment policy, a field-level
// encryption configuration, a distribution tenant or a connection group. Each is written as a whole, guarded by its ETag, so that everything
// the edits do not name stays as it is at the moment of the change.
type ResourceEdit struct {
	ID    string
	Edits Edits

	on cloudFrontResource
}

// cloudFrontResource is how a kind of resource is read and written.
type cloudFrontResource struct {
	kind    string // for people
	touches string
	console string   // the page where it is edited
	get     call     // reads it
	path    []string // from the answer to what is edited
	update  string   // the operation that writes it
	member  string   // of the update's input, which takes it; "" where its members are the input's own
	members []string // of the input, where they are its own
	fixed   []string // then those of the answer that it does not take
	send    func(tree any) any
	jqSend  string // as send
	typed   func(*evidence.World) (any, bool)
	effect  func(*evidence.World, Edits)
}

// partOf is how the world knows a resource: as the part of an answer that is edited, nil where the answer lacks it.
func partOf[Answer, Part any](read evidence.Read[Answer], part func(*Answer) **Part) (typed func(*evidence.World) (any, bool), effect func(*evidence.World, Edits)) {
	typed = func(w *evidence.World) (any, bool) {
		answer, known := read.In(w).Get()
		if !known || *part(&answer) == nil {
			return nil, false
		}
		return **part(&answer), true
	}
	effect = func(w *evidence.World, edits Edits) {
		answer, known := read.In(w).Get()
		at := part(&answer)
		if !known || *at == nil {
			return
		}
		after := new(Part)
		if edited(**at, after, edits) {
			*at = after
			read.Set(w, answer)
		}
	}
	return typed, effect
}

func editResource(id string, edits []Edits, on cloudFrontResource) Change {
	c := ResourceEdit{ID: id, on: on}
	for _, e := range edits {
		c.Edits = append(c.Edits, e...)
	}
	return c
}

// Resource implements [Change].
func (c ResourceEdit) Resource() string { return c.on.kind + " " + printable(c.ID) }

// Touches implements [Change].
func (c ResourceEdit) Touches() string { return c.on.touches }

// Console implements [Change].
func (c ResourceEdit) Console() []string {
	steps := []string{c.on.console}
	for _, e := range c.Edits {
		if e.Label != "" {
			steps = append(steps, e.Label)
		}
	}
	return steps
}

func (c ResourceEdit) look() Look {
	return Look{Call: c.on.get.api(), Path: c.on.path, Keep: c.on.members, Fixed: c.on.fixed, Version: "ETag"}
}

// before is the resource as the world has it, with the ETag that guards its change.
func (c ResourceEdit) before(w *evidence.World) (tree any, etag string, known bool) {
	if w == nil {
		return nil, "", false
	}
	typed, known := c.on.typed(w)
	if !known {
		return nil, "", false
	}
	if recorded, ok := recordedOutput(w, c.on.get.api().Evidence()); ok {
		if len(c.look().strangers(recorded)) > 0 {
			return nil, "", false
		}
		etag, _ = objectOf(recorded)["ETag"].(string)
		if tree := c.look().State(recorded); tree != nil {
			return tree, etag, true
		}
	}
	return Look{Keep: c.on.members}.State(mustTree(typed)), "", true
}

func (c ResourceEdit) after(w *evidence.World) (before, after any, etag string, ok bool) {
	before, etag, ok = c.before(w)
	if !ok {
		return nil, nil, "", false
	}
	after, err := applyAll(before, c.Edits)
	return before, after, etag, err == nil
}

// Diff implements [Change].
func (c ResourceEdit) Diff(w *evidence.World) []DiffLine {
	before, after, _, ok := c.after(w)
	if !ok {
		return nil
	}
	return diffTrees(c.Resource(), "", before, after)
}

// Effect implements [Change].
func (c ResourceEdit) Effect(w *evidence.World) { c.on.effect(w, c.Edits) }

func (c ResourceEdit) aws(s *Shell, operation string) string {
	return "aws cloudfront " + awscommand.Kebab(operation) + " " + s.arg("id", c.ID)
}

// pick is jq that picks what is edited out of an answer; empty members stay behind, since an update refuses some of them.
func (c ResourceEdit) pick() string {
	path := "." + strings.Join(c.on.path, ".")
	if c.on.members == nil {
		return path
	}
	return path + " | " + c.look().noStrangers() + " | with_entries(select(.key as $k | " + text(mustTree(c.on.members)) + ` | index([$k]) != null) | select(.value | . != null and . != "" and . != [] and . != {}))`
}

// Plan implements [Change].
func (c ResourceEdit) Plan(s *Shell) {
	get := c.on.get.write(s)
	read := func(n int, name string) string {
		return get + " --output json > " + file(n, name+".answer.json") + "\n" +
			"jq " + quote(c.pick()) + " " + file(n, name+".answer.json") + " > " + file(n, name+".json")
	}
	update, send := c.aws(s, c.on.update)+` --if-match "$etag" --`, func(int, string, string) string { return "" }
	put, back, option := "new.json", "old.json", awscommand.Kebab(c.on.member)
	if c.on.member == "" {
		put, back, option = "put.json", "back.json", "cli-input-json"
		send = func(n int, from, to string) string {
			return "\njq " + quote(c.on.jqSend) + " " + file(n, from) + " > " + file(n, to)
		}
	}
	document{
		name: c.Resource(), edit: programOf(c.Edits),
		read: func(n int) string { return read(n, "old") + send(n, "old.json", back) },
		write: func(n int) string {
			return "etag=$(jq -r .ETag " + file(n, "old.answer.json") + ")" + send(n, "new.json", put) + "\n" +
				c.aws(s, c.on.update) + ` --if-match "$etag" ` + fileOption(option, n, put) + " --output json > " + file(n, "written.json")
		},
		again: func(n int) string { return read(n, "now") },
		undo: func(n int) []string {
			return []string{"say " + quote("  etag=$("+get+" --query ETag --output text)"), undoLine(update+option+" ", n, back)}
		},
	}.plan(s)
}

// put is the update with complete JSON.
func (c ResourceEdit) put(tree any, etag string) call {
	params := []param{{"Id", c.ID}, {"IfMatch", etag}}
	if c.on.member != "" {
		return call{service: "cloudfront", operation: c.on.update, params: append(params, param{c.on.member, tree})}
	}
	sent := objectOf(c.on.send(tree))
	for _, member := range c.on.members {
		if !empty(sent[member]) {
			params = append(params, param{member, sent[member]})
		}
	}
	return call{service: "cloudfront", operation: c.on.update, params: params}
}

// Commands implements [Change].
func (c ResourceEdit) Commands(ctx Context) []Command {
	command := Command{Purpose: "Change the " + c.Resource() + ": read it, edit it, and write it back unless somebody else changed it meanwhile", AWSCLI: planned(c), Mutates: true}
	if _, after, etag, ok := c.after(ctx.World); ok && etag != "" {
		command.CallAWS = callOf(c.put(after, etag).write)
	}
	return []Command{command}
}

// Rollback implements [Change]: the members that the edits set go back to what they were, and the rest stays as it is by then.
func (c ResourceEdit) Rollback(ctx Context) []Command {
	before, _, known := c.before(ctx.World)
	if !known {
		return nil
	}
	back := ResourceEdit{ID: c.ID, Edits: inverse(before, c.Edits), on: c.on}
	placeholder := "ETAG_FROM_" + strings.ToUpper(strings.ReplaceAll(awscommand.Kebab(c.on.get.operation), "-", "_"))
	return []Command{{
		Purpose: "Give the " + c.Resource() + " back the values it had", AWSCLI: planned(back), CallAWS: callOf(c.put(before, placeholder).write), Mutates: true,
		Inputs: []string{"for call_aws: " + placeholder + ", the ETag that " + awscommand.Kebab(c.on.get.operation) + " shows at that moment"},
	}}
}

// Checks implements [Change].
func (c ResourceEdit) Checks(Context) []Check {
	expect := make([]string, len(c.Edits))
	for i, e := range c.Edits {
		expect[i] = e.Path.String() + ": " + e.describe()
	}
	return []Check{{
		Purpose: "Read the " + c.Resource() + " again",
		AWSCLI: snippetOf(func(s *Shell) string {
			return c.on.get.write(s) + " --output json | jq ." + strings.Join(c.on.path, ".")
		}),
		CallAWS: callOf(c.on.get.write),
		Expect:  strings.Join(expect, "; "),
	}}
}

// Prepare implements [Change].
func (c ResourceEdit) Prepare(ctx context.Context, p *Preparation) error {
	return prepareWhole(ctx, p, wholeResource{
		name: c.Resource(), look: c.look(), guard: "IfMatch",
		put: func(doc any) APICall {
			write := c.put(doc, "").api()
			delete(write.Params, "IfMatch") // the version is put in at the time of the call
			return write
		},
		diff: func(before, after any) []DiffLine { return diffTrees(c.Resource(), "", before, after) },
	}, c.Edits)
}
