package fix

import (
	"fmt"
	"strings"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
)

// PolicyChange edits a resource's policy and keeps its other statements.
type PolicyChange struct {
	Edits []PolicyEdit

	on policyHolder
}

// policyHolder is a resource that has a policy document: how it is read and written.
type policyHolder struct {
	resource, touches string
	service           string    // of the aws command
	options           []setting // that name the resource
	get, put, remove  string    // subcommands; remove is "" where a policy cannot be taken away
	absent            string    // the error code where there is no policy; "" where there always is one
	limit             int       // bytes
	limited           string    // whose limit it is
	console           []string  // the way to the policy's editor
	read              func(*evidence.World) (string, evidence.State)
	set               func(*evidence.World, string)
}

// setting is an option of the aws command with its value.
type setting struct{ name, value string }

// EditBucketPolicy edits a bucket's policy; a bucket without one gets one. S3 allows 20 KB (S3UG/bucket-policies).
func EditBucketPolicy(bucket string, edits ...PolicyEdit) Change {
	return PolicyChange{Edits: edits, on: policyHolder{
		resource: "bucket policy of " + printable(bucket), touches: "bucket-policy",
		service: "s3api", options: []setting{{"bucket", bucket}},
		get: "get-bucket-policy", put: "put-bucket-policy", remove: "delete-bucket-policy", absent: "NoSuchBucketPolicy",
		limit: 20 << 10, limited: "S3",
		console: []string{"Open the Amazon S3 console, choose the bucket " + show(bucket) + ", and on the Permissions tab, under Bucket policy, choose Edit"},
		read: func(w *evidence.World) (string, evidence.State) {
			f := account.BucketPolicy(bucket).In(w)
			return f.Or(account.BucketPolicyOutput{}).Policy, f.State()
		},
		set: func(w *evidence.World, policy string) {
			account.BucketPolicy(bucket).Set(w, account.BucketPolicyOutput{Policy: policy})
		},
	}}
}

// EditKeyPolicy edits a KMS key's policy by the key's ARN. Only customer managed keys have a policy that can be edited. KMS allows 32 KB
// (KMS/resource-limits).
func EditKeyPolicy(keyARN string, edits ...PolicyEdit) Change {
	return PolicyChange{Edits: edits, on: policyHolder{
		resource: "policy of KMS key " + printable(keyARN), touches: "key-policy",
		service: "kms", options: []setting{{"region", account.RegionOf(keyARN)}, {"key-id", keyARN}, {"policy-name", "default"}},
		get: "get-key-policy", put: "put-key-policy",
		limit: 32 << 10, limited: "KMS",
		console: []string{"Open the AWS KMS console in the Region " + show(account.RegionOf(keyARN)) + ", choose Customer managed keys, the key " + show(keyARN) +
			", and on the Key policy tab choose Switch to policy view and Edit"},
		read: func(w *evidence.World) (string, evidence.State) {
			f := account.KeyPolicy(keyARN).In(w)
			return f.Or(account.KeyPolicyOutput{}).Policy, f.State()
		},
		set: func(w *evidence.World, policy string) {
			account.KeyPolicy(keyARN).Set(w, account.KeyPolicyOutput{Policy: policy})
		},
	}}
}

// EditMediaStorePolicy edits a MediaStore container's policy.
func EditMediaStorePolicy(region, container string, edits ...PolicyEdit) Change {
	return PolicyChange{Edits: edits, on: policyHolder{
		resource: "policy of MediaStore container " + printable(container), touches: "media-policy",
		service: "mediastore", options: []setting{{"region", region}, {"container-name", container}},
		get: "get-container-policy", put: "put-container-policy", remove: "delete-container-policy", absent: "PolicyNotFoundException",
		limit: 8 << 10, limited: "MediaStore",
		console: []string{"Open the AWS Elemental MediaStore console, choose the container " + show(container) + ", and under Container policy choose Edit policy"},
		read: func(w *evidence.World) (string, evidence.State) {
			f := account.ContainerPolicy(region, container).In(w)
			return f.Or(account.ContainerPolicyOutput{}).Policy, f.State()
		},
		set: func(w *evidence.World, policy string) {
			account.ContainerPolicy(region, container).Set(w, account.ContainerPolicyOutput{Policy: policy})
		},
	}}
}

// EditMediaPackagePolicy edits the policy of a MediaPackage (v2) origin endpoint.
func EditMediaPackagePolicy(region, group, channel, endpoint string, edits ...PolicyEdit) Change {
	name := group + "/" + channel + "/" + endpoint
	return PolicyChange{Edits: edits, on: policyHolder{
		resource: "policy of MediaPackage endpoint " + printable(name), touches: "media-policy",
		service: "mediapackagev2", options: []setting{{"region", region}, {"channel-group-name", group}, {"channel-name", channel}, {"origin-endpoint-name", endpoint}},
		get: "get-origin-endpoint-policy", put: "put-origin-endpoint-policy", remove: "delete-origin-endpoint-policy", absent: "ResourceNotFoundException",
		console: []string{"Open the AWS Elemental MediaPackage v2 console, choose the origin endpoint " + show(name) + ", and under Endpoint policy choose Edit"},
		read: func(w *evidence.World) (string, evidence.State) {
			f := account.EndpointPolicy(region, group, channel, endpoint).In(w)
			return f.Or(account.EndpointPolicyOutput{}).Policy, f.State()
		},
		set: func(w *evidence.World, policy string) {
			account.EndpointPolicy(region, group, channel, endpoint).Set(w, account.EndpointPolicyOutput{Policy: policy})
		},
	}}
}

// Resource implements [Change].
func (c PolicyChange) Resource() string { return c.on.resource }

// Touches implements [Change].
func (c PolicyChange) Touches() string { return c.on.touches }

// Console implements [Change].
func (c PolicyChange) Console() []string {
	steps := append([]string{}, c.on.console...)
	for _, e := range c.Edits {
		steps = append(steps, e.console())
	}
	return append(steps, "Leave everything else in the policy as it is, and choose Save changes")
}

func (e PolicyEdit) console() string {
	switch {
	case e.op == grantStatement:
		return "Add this to the list Statement (where there is no policy yet, put it into {\"Version\":\"2012-10-17\",\"Statement\":[…]}): " + text(e.statement)
	case e.op == replaceStatement && e.statement == nil:
		return "Remove this statement: " + text(e.old)
	case e.op == replaceStatement:
		return "Replace the statement " + text(e.old) + " by " + text(e.statement)
	case e.keep:
		return fmt.Sprintf("Under Condition, %s, %s, add %s to %s, so that both stand there as a list", printable(e.operator), printable(e.key), text(e.to), text(e.from))
	}
	return fmt.Sprintf("Under Condition, %s, %s, replace %s by %s", printable(e.operator), printable(e.key), text(e.from), text(e.to))
}

// emptyPolicy is what a resource without a policy starts from.
const emptyPolicy = `{"Version":"2012-10-17","Statement":[]}`

// before is the policy in the world. A resource that is known to have none has the empty one.
func (c PolicyChange) before(w *evidence.World) (doc any, state evidence.State) {
	if w == nil {
		return nil, evidence.NotCaptured
	}
	policy, state := c.on.read(w)
	if state == evidence.Absent && c.on.absent != "" {
		policy = emptyPolicy
	} else if state != evidence.Known {
		return nil, state
	}
	doc, err := parseTree([]byte(policy))
	if err != nil {
		return nil, evidence.Failed
	}
	return doc, state
}

func (c PolicyChange) after(w *evidence.World) (doc any, ok bool) {
	before, _ := c.before(w)
	if before == nil {
		return nil, false
	}
	doc, err := applyAll(before, c.Edits)
	return doc, err == nil
}

// Diff implements [Change].
func (c PolicyChange) Diff(w *evidence.World) []DiffLine {
	before, state := c.before(w)
	after, ok := c.after(w)
	if !ok {
		return nil
	}
	if state == evidence.Absent {
		return []DiffLine{{Resource: c.on.resource, Path: "Policy", New: text(after)}}
	}
	return diffPolicies(c.on.resource, before, after)
}

// Effect implements [Change].
func (c PolicyChange) Effect(w *evidence.World) {
	if after, ok := c.after(w); ok {
		c.on.set(w, text(after))
	}
}

func (c PolicyChange) aws(s *Shell, subcommand string) string {
	words := []string{"aws", c.on.service, subcommand}
	for _, o := range c.on.options {
		words = append(words, s.arg(o.name, o.value))
	}
	return strings.Join(words, " ")
}

// Plan implements [Change].
func (c PolicyChange) Plan(s *Shell) {
	document{
		name: c.on.resource, edit: programOf(c.Edits), limit: c.on.limit, limited: c.on.limited,
		read: func(n int) string { return c.fetch(s, n, "old") },
		write: func(n int) string {
			return "jq -c . " + file(n, "new.json") + " > " + file(n, "put.json") + "\n" +
				c.aws(s, c.on.put) + " " + fileOption("policy", n, "put.json")
		},
		again: func(n int) string { return c.fetch(s, n, "now") },
		undo: func(n int) []string {
			restore := undoLine(c.aws(s, c.on.put)+" --policy ", n, "old.json")
			if c.on.remove == "" {
				return []string{restore}
			}
			return []string{fmt.Sprintf("if [ -e %s ]; then", file(n, "old.none")),
				"  say " + quote("  "+c.aws(s, c.on.remove)), "else", "  " + restore, "fi"}
		},
	}.plan(s)
}

func (c PolicyChange) fetch(s *Shell, n int, name string) string {
	get := c.aws(s, c.on.get) + " --output json > " + file(n, name+".answer.json")
	parse := "jq '.Policy | fromjson' " + file(n, name+".answer.json") + " > " + file(n, name+".json")
	if c.on.absent == "" {
		return get + "\n" + parse
	}
	s.use("absent")
	return strings.Join([]string{
		"if " + get + " 2> " + file(n, name+".error") + "; then",
		"  " + parse,
		"else",
		"  absent " + c.on.absent + " " + file(n, name+".error"),
		"  : > " + file(n, name+".none"),
		"  printf '%s\\n' " + quote(emptyPolicy) + " > " + file(n, name+".json"),
		"fi",
	}, "\n")
}

// Commands implements [Change].
func (c PolicyChange) Commands(ctx Context) []Command {
	command := Command{Purpose: "Change the " + c.on.resource + ": read it, edit it, and write it back with its other statements", AWSCLI: planned(c), Mutates: true}
	if after, ok := c.after(ctx.World); ok {
		command.Purpose += " (call_aws: the whole policy as it was read, with the change in it; read it again first if it may have changed since)"
		command.CallAWS = callOf(func(s *Shell) string { return c.aws(s, c.on.put) + " --policy " + quote(text(after)) })
	}
	return []Command{command}
}

// Rollback implements [Change].
func (c PolicyChange) Rollback(ctx Context) []Command {
	before, state := c.before(ctx.World)
	if before == nil {
		return nil
	}
	write := func(s *Shell) string { return c.aws(s, c.on.put) + " --policy " + quote(text(before)) }
	purpose := "Give back the " + c.on.resource + " as it was read"
	if state == evidence.Absent {
		write = func(s *Shell) string { return c.aws(s, c.on.remove) }
		purpose = "Take away the " + c.on.resource + ", which was not there before"
	}
	return []Command{{Purpose: purpose, AWSCLI: snippetOf(write), CallAWS: callOf(write), Mutates: true}}
}

// Checks implements [Change].
func (c PolicyChange) Checks(Context) []Check {
	get := func(s *Shell) string { return c.aws(s, c.on.get) }
	expect := "the policy has:"
	for _, e := range c.Edits {
		switch {
		case e.op == conditionValue:
			expect += " " + text(e.to)
		case e.statement != nil:
			expect += " " + text(e.statement)
		default:
			expect = "the statement is gone: " + text(e.old)
		}
	}
	return []Check{{
		Purpose: "Read the " + c.on.resource + " again",
		AWSCLI:  snippetOf(func(s *Shell) string { return get(s) + " --output json | jq '.Policy | fromjson'" }),
		CallAWS: callOf(get),
		Expect:  expect,
	}}
}
