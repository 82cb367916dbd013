package fix

import (
	"context"

	"cfdoctor/internal/evidence"
	"cfdoctor/internal/observed"
)

// Complexity says how much work a fix is.
type Complexity string

// The complexities, by the time that a practised person needs.
const (
	Quick    Complexity = "quick"    // up to 15 minutes
	Standard Complexity = "standard" // within an hour or two
	Advanced Complexity = "advanced" // a project of its own: code, certificates, migrations
)

// Confidence says how likely a fix resolves the error.
type Confidence string

// The confidences.
const (
	High   Confidence = "high"
	Medium Confidence = "medium"
	Low    Confidence = "low"
)

// Fix is one remedy. Several fixes of a finding are alternatives, simplest first; a simpler one that gives something up may come after them.
type Fix struct {
	Title       string // a verb phrase: "Let the distribution read the bucket"
	Complexity  Complexity
	Minutes     int    // until the error is gone, deployment included
	Impact      string // what viewers notice while it takes effect
	Explanation string // what it accomplishes, and why that helps
	SideEffects []string
	Compromise  bool       // it cures by giving something up, such as protection or a purpose; its side effects say what
	Changes     []Change   // in order; none where a person must act
	Manual      []string   // what only a person can do, and why; shown among the Console steps
	ByHand      []HandCall // commands for those steps: reads to decide on, and changes that wait for a value
	Inputs      []string   // values that only a person can supply; with any, there is no script
	Verify      []Check    // beyond what the changes verify by themselves
	Invalidate  []string   // paths to invalidate afterwards, where errors are cached: "/*", or the request's path
	Confidence  Confidence // likelihood of resolving the error
}

// Change is an edit of one resource. The package's constructors make all of them.
type Change interface {
	// Resource names what is edited, for people.
	Resource() string
	// Touches is the kind of resource: distribution, bucket-policy, key-policy, web-acl, ip-set, lambda-permission, security-group, oac, …
	Touches() string
	// Console lists the steps in the AWS Management Console, without numbers.
	Console() []string
	// Diff lists what changes, as far as the world knows the state before.
	Diff(w *evidence.World) []DiffLine
	// Effect makes the change in a (cloned) world. What the world does not know stays unknown.
	Effect(w *evidence.World)
	// Plan adds the change to a script.
	Plan(s *Shell)
	// Prepare adds the change to what is applied through the API: it reads what is there and works the moves out.
	Prepare(ctx context.Context, p *Preparation) error
	// Commands are the change as separate commands: AWSCLI runs as it stands, CallAWS carries complete JSON from the known world.
	Commands(ctx Context) []Command
	// Rollback undoes the change, from what the world knows of the state before.
	Rollback(ctx Context) []Command
	// Checks read the resource again.
	Checks(ctx Context) []Check
}

// Command is one step of a fix, to copy. Either form may be empty where the step cannot be written in it.
type Command struct {
	Purpose string
	AWSCLI  string   // a POSIX shell snippet with aws and jq
	CallAWS string   // call_aws(cli_command="…"): one command, no shell
	Mutates bool     // whether it changes anything
	Inputs  []string // values to put in by hand, such as one from the answer before
}

// Check is a read that shows whether a fix worked.
type Check struct {
	Purpose, AWSCLI, CallAWS, Expect string
}

// DiffLine is one member that changes. Old is "" where it was not there or is not known; New is "" where it goes away.
type DiffLine struct {
	Resource, Path, Old, New string
}

// Context is what rendering needs besides the fix.
type Context struct {
	World          *evidence.World // the known account, for complete JSON; nil is an empty one
	DistributionID string
	ARN            string // the distribution's
	Domain         string // the distribution's own domain name
	RequestURL     string // the failing request, "" when there is none
	Partition      string // aws, aws-cn, …; "" is aws
}

// Rendered is a fix in all its forms.
type Rendered struct {
	Console      []string // numbered
	Commands     []Command
	Script       string // a whole POSIX shell script; "" where a person must supply something or nothing can be changed by command
	Verification []Check
	Rollback     []Command
	Diff         []DiffLine
}

// Apply returns the world as the fix would make it. What active validation saw of the edge is not part of it: the edge was seen without the fix.
func (f Fix) Apply(w *evidence.World) *evidence.World {
	out := w.Clone()
	for _, change := range f.Changes {
		change.Effect(out)
	}
	if len(f.Changes) > 0 {
		out.ForgetWhere(observed.OfViewer)
	}
	return out
}

// Touches lists the kinds of resources that the fix edits, without repetition, in order.
func (f Fix) Touches() []string {
	var out []string
	seen := map[string]bool{}
	for _, change := range f.Changes {
		if kind := change.Touches(); !seen[kind] {
			seen[kind] = true
			out = append(out, kind)
		}
	}
	return out
}
