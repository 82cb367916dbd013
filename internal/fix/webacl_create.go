package fix

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/wafv2/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
)

// WebACLCreation creates a web ACL for distributions.
type WebACLCreation struct{ Name, Owner, Partition string }

// CreateWebACL creates a web ACL of the scope CLOUDFRONT that watches and answers nothing: AWS's managed groups for common attacks and known bad
// inputs, and a limit for single addresses, all of them counting (WAF API reference, CreateWebACL). Owner is the account's id. Names are
// unique in an account and scope: a web ACL that has the name already is taken as it is.
func CreateWebACL(name, owner, partition string) WebACLCreation {
	return WebACLCreation{Name: name, Owner: owner, Partition: partition}
}

// rateLimit is how many requests in five minutes from one address are counted by the limit.
const rateLimit = 2000

// ARN is the ARN that the web ACL gets.
func (c WebACLCreation) ARN() Output {
	return Output{
		Variable:    "web_acl_arn",
		Placeholder: fmt.Sprintf("arn:%s:wafv2:%s:%s:global/webacl/%s/ID_FROM_THE_ANSWER", c.Partition, account.GlobalRegion, c.Owner, c.Name),
		From:        "the Summary.ARN in the answer of create-web-acl",
		find:        c.find,
	}
}

// webACLID stands for the web ACL's id, in the only form that the API takes.
const webACLID = "00000000-0000-0000-0000-000000000000"

func (c WebACLCreation) call(purpose, operation string, params ...param) call {
	return call{purpose: purpose, service: "wafv2", operation: operation, region: account.GlobalRegion, params: append(params, param{"Scope", "CLOUDFRONT"})}
}

func (c WebACLCreation) list() call {
	return c.call("List the web ACLs", "ListWebACLs", param{"Limit", 100})
}

// find is shell that looks the web ACL up by its name.
func (c WebACLCreation) find() string {
	p := newProgram()
	p.steps = []string{fmt.Sprintf(`[.WebACLs[]? | select(.Name == %s)][0] | if . == null then "" else .ARN end`, p.value(c.Name))}
	return c.list().write(&Shell{}) + " --output json > \"$work/web-acls.json\"\n" +
		c.ARN().Variable + "=$(" + strings.Replace(p.command(), "jq ", "jq -r ", 1) + ` "$work/web-acls.json")`
}

func visibility(metric string) map[string]any {
	return map[string]any{"SampledRequestsEnabled": true, "CloudWatchMetricsEnabled": true, "MetricName": metric}
}

// countingRules watch for what most sites never need to let through.
func countingRules() []any {
	var rules []any
	for i, group := range []string{"AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet"} {
		rules = append(rules, map[string]any{"Name": group, "Priority": i, "OverrideAction": action("Count"), "VisibilityConfig": visibility(group),
			"Statement": map[string]any{managedGroup: map[string]any{"VendorName": "AWS", "Name": group}}})
	}
	return append(rules, map[string]any{"Name": "rate-limit", "Priority": len(rules), "Action": action("Count"), "VisibilityConfig": visibility("rate-limit"),
		"Statement": map[string]any{"RateBasedStatement": map[string]any{"Limit": rateLimit, "AggregateKeyType": "IP", "EvaluationWindowSec": 300}}})
}

const managedGroup = "ManagedRuleGroupStatement"

func (c WebACLCreation) create() call {
	return c.call("Create the "+c.Resource(), "CreateWebACL", param{"Name", c.Name}, param{"DefaultAction", action("Allow")}, param{"Rules", countingRules()},
		param{"VisibilityConfig", visibility(c.Name)})
}

// Resource implements [Change].
func (c WebACLCreation) Resource() string { return "web ACL " + printable(c.Name) }

// Touches implements [Change].
func (c WebACLCreation) Touches() string { return "web-acl" }

// Console implements [Change].
func (c WebACLCreation) Console() []string {
	return []string{
		"Open the AWS WAF & Shield console, choose Web ACLs (in the new console Resources & protection packs), the Region “Global (CloudFront)”, and Create web ACL; enter the name " + show(c.Name),
		"Choose Add rules, Add managed rule groups: AWS managed rule groups, Core rule set and Known bad inputs, each with Override rule group action to Count",
		fmt.Sprintf("Choose Add rules, Add my own rules and rule groups: a rate-based rule of %d requests in 5 minutes by source IP address, with the action Count", rateLimit),
		"Set Default web ACL action to Allow, and choose Create web ACL",
	}
}

// Diff implements [Change].
func (c WebACLCreation) Diff(*evidence.World) []DiffLine {
	return []DiffLine{{Resource: c.Resource(), Path: "Rules", New: text(mustTree(countingRules()))}}
}

// Effect implements [Change].
func (c WebACLCreation) Effect(w *evidence.World) {
	arn := c.ARN().Placeholder
	start := types.WebACL{ARN: aws.String(arn), Name: aws.String(c.Name), Id: aws.String("ID_FROM_THE_ANSWER"),
		DefaultAction: &types.DefaultAction{Allow: &types.AllowAction{}}}
	var acl types.WebACL
	if edited(start, &acl, Edits{{Path: At("Rules"), Op: Set, New: countingRules()}, {Path: At("VisibilityConfig"), Op: Set, New: visibility(c.Name)}}) {
		account.WebACL(arn).Set(w, account.WebACLOutput{WebACL: acl})
	}
}

// Plan implements [Change].
func (c WebACLCreation) Plan(s *Shell) {
	variable := c.ARN().Variable
	s.createUnlessThere(creation{
		resource: c.Resource(), id: c.ARN(), create: c.create().write(s), answer: "web-acl.json", path: ".Summary.ARN",
		created: "created as ", there: "there already as ",
	})
	token, remove := c.back(webACLID)
	for _, line := range []string{"token=$(" + token.write(s) + " --query LockToken --output text)", remove.write(s) + ` --lock-token "$token"`} {
		before, after, _ := strings.Cut(line, webACLID)
		s.undo = append(s.undo, "say "+quote("  "+before)+`"${`+variable+`##*/}"`+quote(after))
	}
}

// back are the calls that delete the web ACL of an id: one shows the LockToken that the other takes.
func (c WebACLCreation) back(id string) (token, remove call) {
	named := []param{{"Name", c.Name}, {"Id", id}}
	return c.call("Read the "+c.Resource()+" for its LockToken", "GetWebACL", named...),
		c.call("Delete the "+c.Resource()+", when no distribution uses it any more", "DeleteWebACL", named...)
}

// Prepare implements [Change].
func (c WebACLCreation) Prepare(ctx context.Context, p *Preparation) error {
	look := Look{Call: c.list().api(), Path: []string{"WebACLs"}, Only: "Name", Values: []string{c.Name}, Keep: []string{"Name", "Id", "ARN"}}
	state, _, err := p.look(ctx, look)
	if err != nil {
		return err
	}
	placeholder := c.ARN().Placeholder
	if named := listOf(state); len(named) > 0 {
		p.Values[placeholder], _ = objectOf(named[0])["ARN"].(string)
		return nil
	}
	token, remove := c.back(webACLID)
	create, at := c.create().step(), token.api()
	create.Outputs = map[string]string{placeholder: "Summary.ARN", webACLID: "Summary.Id"}
	p.Moves = append(p.Moves, Move{
		Resource: c.Resource(), Look: look, Before: []any{}, After: []any{map[string]any{"Name": c.Name}}, Diff: c.Diff(nil),
		Do:   []Step{create},
		Undo: []Step{{Call: remove.api(), Version: &Version{Param: "LockToken", Call: &at, Path: "LockToken"}}},
	})
	return nil
}

// Commands implements [Change].
func (c WebACLCreation) Commands(Context) []Command {
	return []Command{{
		Purpose: "Create the " + c.Resource() + "; the answer shows its ARN, which the commands after this one need",
		AWSCLI:  planned(c), CallAWS: callOf(c.create().write), Mutates: true,
	}}
}

// Rollback implements [Change].
func (c WebACLCreation) Rollback(Context) []Command {
	token, remove := c.back(webACLID)
	remove.params = append(remove.params, param{"LockToken", lockTokenPlaceholder})
	write := func(s *Shell) string {
		before, after, _ := strings.Cut(remove.write(s), webACLID)
		after = strings.Replace(after, lockTokenPlaceholder, `"$token"`, 1)
		ask, rest, _ := strings.Cut(token.write(s), webACLID)
		id := `"${` + c.ARN().Variable + `##*/}"`
		return "(\nset -eu\n" + basics + "\n" + c.find() + "\ntoken=$(" + ask + id + rest + " --query LockToken --output text)\n" + before + id + after + "\n)"
	}
	return []Command{{
		Purpose: remove.purpose, AWSCLI: snippetOf(write), CallAWS: callOf(remove.write), Mutates: true,
		Inputs: []string{"for call_aws: " + webACLID + ", the Id in the answer of create-web-acl, or of list-web-acls",
			"for call_aws: instead of " + lockTokenPlaceholder + ", the LockToken that get-web-acl shows at that moment"},
	}}
}

// Checks implements [Change]: the distribution that uses it is what matters.
func (c WebACLCreation) Checks(Context) []Check { return nil }
