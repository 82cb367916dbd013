package fix

import (
	"cmp"
	"encoding/base64"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/wafv2/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/source/awscommand"
)

// WAFEdit edits a resource of AWS WAF that is written as a whole, guarded by its LockToken: a web ACL or an address list.
type WAFEdit struct {
	ARN   string
	Edits Edits

	on wafResource
}

// wafResource is how a kind of resource is read and written.
type wafResource struct {
	kind    string // for people
	touches string
	noun    string   // in the names of commands
	member  string   // of the answer
	members []string // that the update takes; what is there of them is written back
	fixed   []string // that it does not take
	console string
	before  func(*evidence.World, string) (resource any, lockToken string, known bool)
	effect  func(*evidence.World, string, Edits)
}

// EditWebACL edits a web ACL by its ARN. The members are those of UpdateWebACL's input (WAF API reference).
func EditWebACL(arn string, edits ...Edits) Change {
	return wafEdit(arn, edits, wafResource{
		kind: "web ACL", touches: "web-acl", noun: "web-acl", member: "WebACL", console: "Web ACLs (in the new console Resources & protection packs)",
		members: []string{"DefaultAction", "Description", "Rules", "VisibilityConfig", "DataProtectionConfig", "CustomResponseBodies",
			"CaptchaConfig", "ChallengeConfig", "TokenDomains", "AssociationConfig", "OnSourceDDoSProtectionConfig", "ApplicationConfig"},
		fixed: []string{"Name", "Id", "ARN", "Capacity", "LabelNamespace", "ManagedByFirewallManager", "RetrofittedByFirewallManager",
			"PreProcessFirewallManagerRuleGroups", "PostProcessFirewallManagerRuleGroups"},
		before: func(w *evidence.World, arn string) (any, string, bool) {
			read := account.WebACL(arn)
			answer, known := read.In(w).Get()
			return wafTree(w, read.Call, "WebACL", answer.WebACL), answer.LockToken, known
		},
		effect: func(w *evidence.World, arn string, edits Edits) {
			answer, known := account.WebACL(arn).In(w).Get()
			var acl types.WebACL
			if known && edited(answer.WebACL, &acl, edits) {
				answer.WebACL = acl
				account.WebACL(arn).Set(w, answer)
			}
		},
	})
}

// EditResourceWebACL edits the regional web ACL of a load balancer, an API's stage or another resource, as GetWebACLForResource showed it. The
// web ACL may protect other resources too.
func EditResourceWebACL(resource, region, arn string, edits ...Edits) Change {
	c, _ := EditWebACL(arn, edits...).(WAFEdit)
	read := account.WebACLForResource(resource, region)
	c.on.before = func(w *evidence.World, arn string) (any, string, bool) {
		answer, known := read.In(w).Get()
		if !known || answer.WebACL == nil {
			return nil, "", false
		}
		return wafTree(w, read.Call, "WebACL", *answer.WebACL), "", true
	}
	c.on.effect = func(w *evidence.World, arn string, edits Edits) {
		answer, known := read.In(w).Get()
		var acl types.WebACL
		if known && answer.WebACL != nil && edited(*answer.WebACL, &acl, edits) {
			read.Set(w, account.ResourceWebACLOutput{WebACL: &acl})
		}
	}
	return c
}

// EditIPSet edits an address list by its ARN.
func EditIPSet(arn string, edits ...Edits) Change {
	return wafEdit(arn, edits, wafResource{
		kind: "IP set", touches: "ip-set", noun: "ip-set", member: "IPSet", console: "IP sets",
		members: []string{"Description", "Addresses"},
		fixed:   []string{"Name", "Id", "ARN", "IPAddressVersion"},
		before: func(w *evidence.World, arn string) (any, string, bool) {
			read := account.IPSet(arn)
			answer, known := read.In(w).Get()
			return wafTree(w, read.Call, "IPSet", answer.IPSet), answer.LockToken, known
		},
		effect: func(w *evidence.World, arn string, edits Edits) {
			answer, known := account.IPSet(arn).In(w).Get()
			var set types.IPSet
			if known && edited(answer.IPSet, &set, edits) {
				answer.IPSet = set
				account.IPSet(arn).Set(w, answer)
			}
		},
	})
}

// AddAddress adds an address range to an IP set, in CIDR notation.
func AddAddress(cidr string) Edits {
	return Edits{{Path: At("Addresses"), Op: AddItem, New: cidr, Label: "Choose Add IP address, enter " + show(cidr) + ", and choose Add"}}
}

// RemoveAddress removes a range from an IP set, as it stands there.
func RemoveAddress(cidr string) Edits {
	return Edits{{Path: At("Addresses"), Op: RemoveItem, Old: cidr, Label: "Select " + show(cidr) + " and choose Delete"}}
}

func wafEdit(arn string, edits []Edits, on wafResource) Change {
	c := WAFEdit{ARN: arn, on: on}
	for _, e := range edits {
		c.Edits = append(c.Edits, e...)
	}
	return c
}

// wafTree is a resource's JSON: as recorded, or from its type, where members that WAF requires are zero and so have been left out.
func wafTree(w *evidence.World, call evidence.Call, member string, typed any) any {
	if recorded, ok := recordedOutput(w, call); ok {
		if tree, ok := objectOf(recorded)[member]; ok {
			return tree
		}
	}
	return completed("", mustTree(typed))
}

func completed(name string, tree any) any {
	switch v := tree.(type) {
	case []any:
		for _, item := range v {
			object := objectOf(item)
			if (name == "Rules" || name == "TextTransformations") && object != nil && object["Priority"] == nil {
				object["Priority"] = 0.0
			}
			completed("", item)
		}
	case map[string]any:
		if name == "VisibilityConfig" {
			for _, required := range []string{"SampledRequestsEnabled", "CloudWatchMetricsEnabled"} {
				if v[required] == nil {
					v[required] = false
				}
			}
		}
		for member, value := range v {
			completed(member, value)
		}
	}
	return tree
}

// wafName is what the commands need of an ARN: arn:PARTITION:wafv2:REGION:ACCOUNT:global|regional/KIND/NAME/ID.
type wafName struct{ region, scope, name, id string }

func parseWAF(arn string) wafName {
	n := wafName{region: account.RegionOf(arn), scope: "REGIONAL"}
	_, resource, _ := strings.Cut(arn, ":wafv2:")
	path := strings.Split(resource[strings.LastIndex(resource, ":")+1:], "/")
	if path[0] == "global" {
		n.region, n.scope = account.GlobalRegion, "CLOUDFRONT"
	}
	if len(path) == 4 {
		n.name, n.id = path[2], path[3]
	}
	return n
}

// Resource implements [Change].
func (c WAFEdit) Resource() string { return c.on.kind + " " + printable(parseWAF(c.ARN).name) }

// Touches implements [Change].
func (c WAFEdit) Touches() string { return c.on.touches }

// Console implements [Change].
func (c WAFEdit) Console() []string {
	n := parseWAF(c.ARN)
	region := "Global (CloudFront)"
	if n.scope == "REGIONAL" {
		region = n.region
	}
	steps := []string{"Open the AWS WAF & Shield console, choose " + c.on.console + ", the Region " + show(region) + ", and " + show(n.name)}
	for _, e := range c.Edits {
		steps = append(steps, e.Label)
	}
	return steps
}

func (c WAFEdit) after(w *evidence.World) (before, after any, lockToken string, ok bool) {
	if w == nil {
		return nil, nil, "", false
	}
	before, lockToken, ok = c.on.before(w, c.ARN)
	if !ok {
		return nil, nil, "", false
	}
	after, err := applyAll(before, c.Edits)
	return before, after, lockToken, err == nil
}

func (c WAFEdit) look() Look {
	n := parseWAF(c.ARN)
	get := APICall{Service: "wafv2", Operation: "Get" + c.on.member, Region: n.region, Params: map[string]any{"Name": n.name, "Scope": n.scope, "Id": n.id}}
	return Look{Call: get, Path: []string{c.on.member}, Keep: c.on.members, Fixed: c.on.fixed, Version: "LockToken"}
}

// Diff implements [Change].
func (c WAFEdit) Diff(w *evidence.World) []DiffLine {
	before, after, _, ok := c.after(w)
	if !ok {
		return nil
	}
	return diffTrees(c.Resource(), "", before, after)
}

// Effect implements [Change].
func (c WAFEdit) Effect(w *evidence.World) { c.on.effect(w, c.ARN, c.Edits) }

func (c WAFEdit) aws(s *Shell, verb string) string {
	n := parseWAF(c.ARN)
	return strings.Join([]string{"aws wafv2", verb + "-" + c.on.noun, s.arg("name", n.name), s.arg("scope", n.scope), s.arg("id", n.id), s.arg("region", n.region)}, " ")
}

// searchStrings is jq that makes the base64 of version 2 of the AWS CLI the raw text that version 1 wants for SearchString, which is what
// version 1 itself prints as base64: both print it so, and they differ in what they take (AWS CLI User Guide, "cli_binary_format").
const searchStrings = `def raw: . as $old | @base64d | if @base64 == $old then . else
  error("a SearchString is not text, which version 1 of the AWS CLI cannot write: use version 2") end;
if $version1 then walk(if type == "object" and (.SearchString | type) == "string" then .SearchString |= raw else . end) else . end`

// Plan implements [Change].
func (c WAFEdit) Plan(s *Shell) {
	s.use("version1")
	read := func(n int, name string) string {
		return c.aws(s, "get") + " --output json > " + file(n, name+".answer.json") + "\n" +
			"jq " + quote("."+c.on.member+" | "+c.look().noStrangers()) + " " + file(n, name+".answer.json") + " > " + file(n, name+".json")
	}
	update := c.aws(s, "update")
	if before, _, _, known := c.after(s.world); known {
		s.mustKnow("wafv2", "update-"+c.on.noun, recent("", Look{Keep: c.on.members}.State(before), c.Edits...))
	}
	input := func(n int, from, answer, to string) string {
		return "jq --argjson version1 \"$version1\" --slurpfile answer " + file(n, answer) + " " +
			quote(searchStrings+"\n| "+c.input()) + " " + file(n, from) + " > " + file(n, to)
	}
	document{
		name: c.Resource(), edit: programOf(c.Edits), quotas: touched(addressQuotas, c.Edits),
		read: func(n int) string {
			return read(n, "old") + "\n" + input(n, "old.json", "old.answer.json", "back.json")
		},
		write: func(n int) string {
			return input(n, "new.json", "old.answer.json", "put.json") + "\n" + `set --
"$version1" || set -- --cli-binary-format base64
` + update + " " + fileOption("cli-input-json", n, "put.json") + ` "$@" --output json > ` + file(n, "written.json")
		},
		again: func(n int) string { return read(n, "now") },
		undo: func(n int) []string {
			return []string{"say " + quote("  token=$("+c.aws(&Shell{}, "get")+" --query LockToken --output text)"),
				undoLine(update+` --lock-token "$token" --cli-input-json `, n, "back.json")}
		},
	}.plan(s)
}

// input is jq that picks what the update takes, of what is there. WAF refuses empty members, which some of its answers have.
func (c WAFEdit) input() string {
	return "with_entries(select(.key as $k | " + text(mustTree(c.on.members)) + " | index([$k]) != null) | select(.value | . != null and . != \"\" and . != [] and . != {})) + {LockToken: $answer[0].LockToken}"
}

// Commands implements [Change].
func (c WAFEdit) Commands(ctx Context) []Command {
	command := Command{Purpose: "Change the " + c.Resource() + ": read it, edit it, and write it back unless somebody else changed it meanwhile", AWSCLI: plannedIn(ctx.World, c), Mutates: true}
	if _, after, lockToken, ok := c.after(ctx.World); ok {
		if lockToken == "" {
			command.Inputs = []string{c.tokenInput()}
		}
		command.CallAWS = c.call(after, cmp.Or(lockToken, lockTokenPlaceholder))
	}
	return []Command{command}
}

// call is the update with complete JSON. The tool takes parameters as version 1 of the AWS CLI does: SearchString as raw text.
func (c WAFEdit) call(resource any, lockToken string) string {
	object := objectOf(copyTree(resource))
	if !rawSearchStrings(object) || len(c.look().strangers(map[string]any{c.on.member: object})) > 0 {
		return ""
	}
	return callOf(func(s *Shell) string {
		words := []string{c.aws(s, "update"), s.arg("lock-token", lockToken)}
		for _, member := range c.on.members {
			value := object[member]
			if value == nil || sameTree(value, "") || sameTree(value, []any{}) || sameTree(value, map[string]any{}) {
				continue
			}
			if plain, isText := value.(string); isText {
				words = append(words, s.arg(awscommand.Kebab(member), plain))
			} else {
				words = append(words, "--"+awscommand.Kebab(member)+" "+quote(text(value)))
			}
		}
		return strings.Join(words, " ")
	})
}

// rawSearchStrings decodes every SearchString; false where one is not text.
func rawSearchStrings(tree any) bool {
	switch v := tree.(type) {
	case []any:
		for _, item := range v {
			if !rawSearchStrings(item) {
				return false
			}
		}
	case map[string]any:
		for name, member := range v {
			if encoded, ok := member.(string); ok && name == "SearchString" {
				raw, err := base64.StdEncoding.DecodeString(encoded)
				if err != nil || !utf8.Valid(raw) {
					return false
				}
				v[name] = string(raw)
			} else if !rawSearchStrings(member) {
				return false
			}
		}
	}
	return true
}

// lockTokenPlaceholder has the form of a LockToken, without which the AWS CLI and the tool refuse the command before anybody can fill it in.
const lockTokenPlaceholder = "00000000-0000-0000-0000-000000000000"

func (c WAFEdit) tokenInput() string {
	return "for call_aws: instead of " + lockTokenPlaceholder + ", the LockToken that get-" + c.on.noun + " shows at that moment"
}

// Rollback implements [Change]: the edited members get the values that were read; what else has changed by then stays.
func (c WAFEdit) Rollback(ctx Context) []Command {
	before, _, _, ok := c.after(ctx.World)
	if !ok {
		return nil
	}
	back := c
	back.Edits = nil
	seen := map[string]bool{}
	for _, e := range c.Edits {
		if field := e.Path.steps[0].field; !seen[field] {
			seen[field] = true
			back.Edits = append(back.Edits, ConfigEdit{Path: At(field), Op: Set, New: objectOf(before)[field]})
		}
	}
	return []Command{{
		Purpose: "Give the " + c.Resource() + " back what it had",
		AWSCLI:  plannedIn(ctx.World, back),
		CallAWS: c.call(before, lockTokenPlaceholder),
		Mutates: true,
		Inputs:  []string{c.tokenInput()},
	}}
}

// Checks implements [Change].
func (c WAFEdit) Checks(Context) []Check {
	expect := make([]string, len(c.Edits))
	for i, e := range c.Edits {
		expect[i] = e.Path.String() + ": " + e.describe()
	}
	get := func(s *Shell) string { return c.aws(s, "get") }
	return []Check{{
		Purpose: "Read the " + c.Resource() + " again",
		AWSCLI:  snippetOf(func(s *Shell) string { return get(s) + " --output json | jq ." + c.on.member }),
		CallAWS: callOf(get),
		Expect:  strings.Join(expect, "; "),
	}}
}
