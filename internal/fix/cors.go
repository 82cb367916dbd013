package fix

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
)

// CORSEdit edits a bucket's CORS rules and keeps the others.
type CORSEdit struct {
	Bucket string
	Edits  Edits
}

// EditBucketCORS edits a bucket's CORS rules; a bucket without any gets some.
func EditBucketCORS(bucket string, edits ...Edits) Change {
	c := CORSEdit{Bucket: bucket}
	for _, e := range edits {
		c.Edits = append(c.Edits, e...)
	}
	return c
}

// AddCORSRule lets pages of the given origins make requests with the given methods and headers; browsers keep the permission that many seconds.
func AddCORSRule(origins, methods, headers []string, maxAge int) Edits {
	rule := map[string]any{"AllowedOrigins": origins, "AllowedMethods": methods, "AllowedHeaders": headers, "MaxAgeSeconds": maxAge}
	return Edits{{Path: At("CORSRules"), Op: AddItem, New: rule, Label: "Add this to the list: " + text(mustTree(rule))}}
}

// Resource implements [Change].
func (c CORSEdit) Resource() string { return "CORS rules of bucket " + printable(c.Bucket) }

// Touches implements [Change].
func (c CORSEdit) Touches() string { return "bucket-cors" }

// Console implements [Change].
func (c CORSEdit) Console() []string {
	steps := []string{"Open the Amazon S3 console, choose the bucket " + show(c.Bucket) + ", and on the Permissions tab, under Cross-origin resource sharing (CORS), choose Edit"}
	for _, e := range c.Edits {
		steps = append(steps, e.Label)
	}
	return append(steps, "Choose Save changes")
}

func (c CORSEdit) before(w *evidence.World) (doc any, state evidence.State) {
	if w == nil {
		return nil, evidence.NotCaptured
	}
	read := account.BucketCORS(c.Bucket)
	fact := read.In(w)
	if fact.Missing() {
		return nil, fact.State()
	}
	if recorded, ok := recordedOutput(w, read.Call); ok {
		return map[string]any{"CORSRules": objectOf(recorded)["CORSRules"]}, fact.State()
	}
	answer := fact.Or(account.CORSOutput{})
	return objectOf(mustTree(answer)), fact.State()
}

func (c CORSEdit) after(w *evidence.World) (doc any, ok bool) {
	before, _ := c.before(w)
	if before == nil {
		return nil, false
	}
	doc, err := applyAll(before, c.Edits)
	return doc, err == nil
}

// Diff implements [Change].
func (c CORSEdit) Diff(w *evidence.World) []DiffLine {
	before, _ := c.before(w)
	after, ok := c.after(w)
	if !ok {
		return nil
	}
	return diffTrees(c.Resource(), "", before, after)
}

// Effect implements [Change].
func (c CORSEdit) Effect(w *evidence.World) {
	after, ok := c.after(w)
	var answer struct{ CORSRules []types.CORSRule }
	if ok && evidence.Decode([]byte(text(after)), &answer) == nil {
		account.BucketCORS(c.Bucket).Set(w, account.CORSOutput{CORSRules: answer.CORSRules})
	}
}

func (c CORSEdit) aws(s *Shell, verb string) string {
	return "aws s3api " + verb + "-bucket-cors " + s.arg("bucket", c.Bucket)
}

func (c CORSEdit) fetch(s *Shell, n int, name string) string {
	s.use("absent")
	return strings.Join([]string{
		"if " + c.aws(s, "get") + " --output json > " + file(n, name+".answer.json") + " 2> " + file(n, name+".error") + "; then",
		"  jq '{CORSRules}' " + file(n, name+".answer.json") + " > " + file(n, name+".json"),
		"else",
		"  absent NoSuchCORSConfiguration " + file(n, name+".error"),
		"  : > " + file(n, name+".none"),
		"  printf '%s\\n' '{}' > " + file(n, name+".json"),
		"fi",
	}, "\n")
}

// Plan implements [Change].
func (c CORSEdit) Plan(s *Shell) {
	document{
		name: c.Resource(), edit: programOf(c.Edits),
		read: func(n int) string { return c.fetch(s, n, "old") },
		write: func(n int) string {
			return c.aws(s, "put") + " " + fileOption("cors-configuration", n, "new.json")
		},
		again: func(n int) string { return c.fetch(s, n, "now") },
		undo: func(n int) []string {
			return []string{"if [ -e " + file(n, "old.none") + " ]; then", "  say " + quote("  "+c.aws(s, "delete")), "else",
				"  " + undoLine(c.aws(s, "put")+" --cors-configuration ", n, "old.json"), "fi"}
		},
	}.plan(s)
}

func (c CORSEdit) put(doc any) func(*Shell) string {
	return func(s *Shell) string { return c.aws(s, "put") + " --cors-configuration " + quote(text(doc)) }
}

// Commands implements [Change].
func (c CORSEdit) Commands(ctx Context) []Command {
	command := Command{Purpose: "Change the " + c.Resource() + ": read them, edit them, and write them back", AWSCLI: planned(c), Mutates: true}
	if after, ok := c.after(ctx.World); ok {
		command.CallAWS = callOf(c.put(after))
	}
	return []Command{command}
}

// Rollback implements [Change].
func (c CORSEdit) Rollback(ctx Context) []Command {
	before, state := c.before(ctx.World)
	if before == nil {
		return nil
	}
	write := c.put(before)
	if state == evidence.Absent {
		write = func(s *Shell) string { return c.aws(s, "delete") }
	}
	return []Command{{Purpose: "Give back the " + c.Resource() + " as they were read", AWSCLI: snippetOf(write), CallAWS: callOf(write), Mutates: true}}
}

// Checks implements [Change].
func (c CORSEdit) Checks(Context) []Check {
	get := func(s *Shell) string { return c.aws(s, "get") }
	expect := ""
	for _, e := range c.Edits {
		expect += e.Path.String() + ": " + e.describe()
	}
	return []Check{{Purpose: "Read the " + c.Resource() + " again", AWSCLI: snippetOf(get), CallAWS: callOf(get), Expect: expect}}
}
