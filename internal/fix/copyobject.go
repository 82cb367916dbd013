package fix

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
)

// MaxCopy is the size in bytes up to which one call copies an object (S3API/API_CopyObject): 5 GB.
const MaxCopy = 5 << 30

// ObjectCopy copies an object of a bucket to another key of it, unless there is one already.
type ObjectCopy struct{ Bucket, From, To string }

// CopyObject copies an object of a bucket to another key of it, with its metadata and tags, in the storage class STANDARD
// (S3API/API_CopyObject). An object that is under the new key already is left as it is. The source has [MaxCopy] bytes at the most.
func CopyObject(bucket, from, to string) ObjectCopy {
	return ObjectCopy{Bucket: bucket, From: from, To: to}
}

// source names the object to copy as the AWS CLI takes it, which encodes it by itself (botocore, handle_copy_source_param).
func (c ObjectCopy) source() string { return c.Bucket + "/" + c.From }

// encodedSource is the name as the API takes it: percent-encoded but for the slashes, a plus sign too, which S3 would take for a space
// (S3API/API_CopyObject, x-amz-copy-source).
func (c ObjectCopy) encodedSource() string {
	parts := strings.Split(c.source(), "/")
	for i := range parts {
		parts[i] = strings.ReplaceAll(url.QueryEscape(parts[i]), "+", "%20")
	}
	return strings.Join(parts, "/")
}

// Resource implements [Change].
func (c ObjectCopy) Resource() string {
	return "object " + printable(c.To) + " of bucket " + printable(c.Bucket)
}

// Touches implements [Change].
func (c ObjectCopy) Touches() string { return "object" }

func (c ObjectCopy) onKey(key, purpose, operation string, more ...param) call {
	return call{purpose: purpose, service: "s3", operation: operation, params: append([]param{{"Bucket", c.Bucket}, {"Key", key}}, more...)}
}

func (c ObjectCopy) copy() call {
	return c.onKey(c.To, "Copy the object to the other key", "CopyObject", param{"CopySource", c.source()})
}

func (c ObjectCopy) remove() call {
	return c.onKey(c.To, "Delete the copy again, if it was this fix that made it (where the bucket has versioning, the copy stays as a version that is not current)", "DeleteObject")
}

func (c ObjectCopy) head(key string) call {
	return c.onKey(key, "See whether the object is there", "HeadObject")
}

// Console implements [Change].
func (c ObjectCopy) Console() []string {
	return []string{
		"The Amazon S3 console copies objects under their own names only: use the commands (AWS CloudShell, in the Console's toolbar, has the aws program)",
		"In AWS CloudShell run: " + snippetOf(c.copy().write),
	}
}

// Diff implements [Change].
func (c ObjectCopy) Diff(*evidence.World) []DiffLine {
	return []DiffLine{{Resource: c.Resource(), New: "a copy of " + printable(c.From)}}
}

// Effect implements [Change].
func (c ObjectCopy) Effect(w *evidence.World) {
	source, _ := account.Object(c.Bucket, c.From).In(w).Get()
	source.StorageClass, source.VersionId = "", nil
	if source.ContentLength == nil {
		source.ContentLength = aws.Int64(0)
	}
	account.Object(c.Bucket, c.To).Set(w, source)
}

// Plan implements [Change]. Version 1 of the AWS CLI and older ones of version 2 have no --if-none-match for copies, so that a look comes first.
func (c ObjectCopy) Plan(s *Shell) {
	s.use("absent")
	s.use("check")
	n := s.number()
	made := fmt.Sprintf("copied%d", n)
	s.reads = append(s.reads, strings.Join([]string{
		"# " + c.Resource(),
		c.head(c.From).write(s) + " --output json > " + file(n, "from.json"),
		made + "=false",
		"if " + c.head(c.To).write(s) + " --output json > " + file(n, "old.json") + " 2> " + file(n, "old.error") + "; then",
		"  there" + made + "=true",
		"else",
		"  absent 404 " + file(n, "old.error"),
		"  there" + made + "=false",
		"fi",
	}, "\n"))
	s.writes = append(s.writes, strings.Join([]string{
		`if "$there` + made + `"; then`,
		"  say " + s.word(c.Resource()+": there already, left as it is"),
		"else",
		"  " + c.copy().write(s) + " --output json >/dev/null",
		"  " + made + "=true",
		"  say " + s.word(c.Resource()+": copied"),
		"fi",
	}, "\n"))
	s.checks = append(s.checks, "if "+c.head(c.To).write(s)+" --output json > "+file(n, "now.json")+
		"; then say PASS "+s.word(c.Resource())+"; else say FAIL "+s.word(c.Resource())+"; failed=1; fi")
	s.undo = append(s.undo, `if "$`+made+`"; then say `+quote("  "+c.remove().write(s))+"; fi")
}

// Prepare implements [Change].
func (c ObjectCopy) Prepare(ctx context.Context, p *Preparation) error {
	state := func(key string) Look {
		return Look{Call: c.head(key).api(), Keep: []string{"ContentLength", "ETag"}, Absent: []string{"404", "NotFound", "NoSuchKey"}}
	}
	from, _, err := p.look(ctx, state(c.From))
	if err != nil {
		return err
	}
	if from == nil {
		return errors.New("the object to copy is not there")
	}
	before, _, err := p.look(ctx, state(c.To))
	if err != nil {
		return err
	}
	m := Move{Resource: c.Resource(), Look: state(c.To), Before: before, After: before, Diff: c.Diff(nil)}
	if before == nil {
		step := c.copy().step()
		step.Call.Params["CopySource"] = c.encodedSource()
		step.Call.Params["IfNoneMatch"] = "*" // nobody's object of that key is written over
		m.Do, m.Undo = []Step{step}, []Step{c.remove().step()}
		m.After = map[string]any{"ContentLength": objectOf(from)["ContentLength"]}
	}
	p.Moves = append(p.Moves, m)
	return nil
}

// Commands implements [Change].
func (c ObjectCopy) Commands(Context) []Command {
	return []Command{{Purpose: c.copy().purpose + ", unless one is there", AWSCLI: planned(c), CallAWS: callOf(c.copy().write), Mutates: true}}
}

// Rollback implements [Change].
func (c ObjectCopy) Rollback(Context) []Command { return commands([]call{c.remove()}) }

// Checks implements [Change].
func (c ObjectCopy) Checks(Context) []Check {
	return []Check{{Purpose: "See that the object is there", AWSCLI: snippetOf(c.head(c.To).write), CallAWS: callOf(c.head(c.To).write),
		Expect: "an answer with the object's ContentLength, not 404"}}
}
