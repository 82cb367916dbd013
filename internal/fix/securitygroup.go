package fix

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
)

// OriginFacingPrefixList names AWS's list of the addresses from which CloudFront connects to origins (DG/LocationsOfEdgeServers).
const OriginFacingPrefixList = "com.amazonaws.global.cloudfront.origin-facing"

// SecurityGroupRule lets CloudFront connect to what a security group protects.
type SecurityGroupRule struct {
	Group, Region string
	Port          int
	PrefixListID  string // of [OriginFacingPrefixList] in that Region; "" where it is not known
}

// AllowCloudFrontInSecurityGroup lets CloudFront's addresses, and no others, connect to a TCP port. The list counts as 55 rules against the
// security group's quota of 60 (DG/LocationsOfEdgeServers): a group with more than a few rules needs a larger quota, or a group of its own.
func AllowCloudFrontInSecurityGroup(group, region string, port int, prefixListID string) Change {
	return SecurityGroupRule{Group: group, Region: region, Port: port, PrefixListID: prefixListID}
}

// prefixListPlaceholder stands for the list's id where it is not known.
const prefixListPlaceholder = "PREFIX_LIST_ID_FROM_THE_ANSWER"

// Resource implements [Change].
func (c SecurityGroupRule) Resource() string { return "security group " + printable(c.Group) }

// Touches implements [Change].
func (c SecurityGroupRule) Touches() string { return "security-group" }

// Console implements [Change].
func (c SecurityGroupRule) Console() []string {
	kind := fmt.Sprintf("Custom TCP with the port range %d", c.Port)
	switch c.Port {
	case 80:
		kind = "HTTP"
	case 443:
		kind = "HTTPS"
	}
	return []string{
		"Open the Amazon VPC console in the Region " + show(c.Region) + ", choose Security groups, and " + show(c.Group),
		"On the Inbound rules tab choose Edit inbound rules, Add rule; set Type to " + kind + ", Source to Custom, and as the source choose the prefix list " +
			OriginFacingPrefixList + "; choose Save rules",
	}
}

func (c SecurityGroupRule) permission(list string) map[string]any {
	return map[string]any{"IpProtocol": "tcp", "FromPort": c.Port, "ToPort": c.Port,
		"PrefixListIds": []any{map[string]any{"PrefixListId": list, "Description": "CloudFront"}}}
}

// Diff implements [Change].
func (c SecurityGroupRule) Diff(*evidence.World) []DiffLine {
	return []DiffLine{{Resource: c.Resource(), Path: "IpPermissions", New: fmt.Sprintf("tcp %d from %s", c.Port, c.list())}}
}

func (c SecurityGroupRule) list() string {
	if c.PrefixListID == "" {
		return OriginFacingPrefixList
	}
	return printable(c.PrefixListID)
}

// Effect implements [Change]: in every answer that shows the group.
func (c SecurityGroupRule) Effect(w *evidence.World) {
	list := c.PrefixListID
	if list == "" {
		list = prefixListPlaceholder
	}
	for _, record := range w.Records() {
		if record.Call.Service != "ec2" || record.Call.Operation != "DescribeSecurityGroups" || record.Call.Region != c.Region {
			continue
		}
		var ids []string
		for _, id := range listOf(record.Call.Params["GroupIds"]) {
			ids = append(ids, fmt.Sprint(id))
		}
		read := account.SecurityGroups(c.Region, ids...)
		answer, known := read.In(w).Get()
		if !known {
			continue
		}
		groups := make([]types.SecurityGroup, len(answer.SecurityGroups))
		copy(groups, answer.SecurityGroups)
		for i, group := range groups {
			if aws.ToString(group.GroupId) == c.Group {
				groups[i].IpPermissions = append(append([]types.IpPermission{}, group.IpPermissions...), types.IpPermission{
					IpProtocol: aws.String("tcp"), FromPort: aws.Int32(int32(c.Port)), ToPort: aws.Int32(int32(c.Port)),
					PrefixListIds: []types.PrefixListId{{PrefixListId: aws.String(list)}},
				})
			}
		}
		answer.SecurityGroups = groups
		read.Set(w, answer)
	}
}

func (c SecurityGroupRule) lookup(s *Shell) string {
	return "aws ec2 describe-managed-prefix-lists " + s.arg("region", c.Region) + " --filters Name=prefix-list-name,Values=" + OriginFacingPrefixList
}

func (c SecurityGroupRule) describe(s *Shell) string {
	return "aws ec2 describe-security-groups " + s.arg("region", c.Region) + " " + s.arg("group-ids", c.Group)
}

func (c SecurityGroupRule) change(s *Shell, verb string) string {
	return "aws ec2 " + verb + "-security-group-ingress " + s.arg("region", c.Region) + " " + s.arg("group-id", c.Group)
}

// find is shell that puts the list's id into $list, and the group into a file.
func (c SecurityGroupRule) find(s *Shell, n int) string {
	find := "list=$(jq -r '.PrefixLists[0].PrefixListId // \"\"' " + file(n, "lists.json") + ")\n" +
		`[ -n "$list" ] || fail ` + quote("The Region has no prefix list "+OriginFacingPrefixList+". Nothing has been changed.")
	return c.lookup(s) + " --output json > " + file(n, "lists.json") + "\n" + find + "\n" + c.describe(s) + " --output json > " + file(n, "old.json")
}

// has is jq that tells whether the rule is there.
func (c SecurityGroupRule) has(file string) string {
	return fmt.Sprintf(`jq -e --arg list "$list" --argjson port %d `, c.Port) + quote(
		`any(.SecurityGroups[0].IpPermissions[]?; (.IpProtocol == "-1" or .IpProtocol == "tcp" and .FromPort <= $port and $port <= .ToPort)
  and any(.PrefixListIds[]?; .PrefixListId == $list))`) + " " + file + " >/dev/null"
}

// permissionFile is shell that writes the rule to a file.
func (c SecurityGroupRule) permissionFile(n int) string {
	return fmt.Sprintf(`jq -n --arg list "$list" --argjson port %d `, c.Port) +
		quote(`[{IpProtocol: "tcp", FromPort: $port, ToPort: $port, PrefixListIds: [{PrefixListId: $list, Description: "CloudFront"}]}]`) +
		" > " + file(n, "rule.json")
}

// Plan implements [Change].
func (c SecurityGroupRule) Plan(s *Shell) {
	n := s.number()
	s.reads = append(s.reads, "# "+c.Resource()+"\n"+c.find(s, n)+"\n"+c.permissionFile(n))
	name := s.word(c.Resource())
	s.writes = append(s.writes, strings.Join([]string{
		"if " + c.has(file(n, "old.json")) + "; then",
		"  say " + name + "': already as wanted'",
		"else",
		"  " + c.change(s, "authorize") + " " + fileOption("ip-permissions", n, "rule.json") + " --output json >/dev/null",
		"  say " + name + "': changed'",
		"fi",
	}, "\n"))
	s.use("check")
	s.checks = append(s.checks, c.describe(s)+" --output json > "+file(n, "now.json")+"\n"+
		"if "+c.has(file(n, "now.json"))+"; then say PASS "+name+"; else say FAIL "+name+"; failed=1; fi")
	s.undo = append(s.undo, undoLine(c.change(s, "revoke")+" --ip-permissions ", n, "rule.json"))
}

// Commands implements [Change].
func (c SecurityGroupRule) Commands(Context) []Command {
	var out []Command
	list := c.PrefixListID
	if list == "" {
		list = prefixListPlaceholder
		out = append(out, Command{Purpose: "Find the id of CloudFront's prefix list in the Region", AWSCLI: snippetOf(c.lookup), CallAWS: callOf(c.lookup)})
	}
	command := Command{
		Purpose: fmt.Sprintf("Let CloudFront, and nobody else, connect to port %d", c.Port),
		AWSCLI:  planned(c),
		CallAWS: callOf(func(s *Shell) string { return c.change(s, "authorize") + " " + c.ipPermissions(list) }),
		Mutates: true,
	}
	if c.PrefixListID == "" {
		command.Inputs = []string{"for call_aws: " + list + ", the PrefixListId in the answer of describe-managed-prefix-lists"}
	}
	return append(out, command)
}

func (c SecurityGroupRule) ipPermissions(list string) string {
	return "--ip-permissions " + quote(text(mustTree([]any{c.permission(list)})))
}

// Rollback implements [Change].
func (c SecurityGroupRule) Rollback(Context) []Command {
	if c.PrefixListID == "" {
		return []Command{{
			Purpose: "Take the rule away again", Mutates: true,
			AWSCLI: snippetOf(func(s *Shell) string {
				return "(\nset -eu\n" + basics + "\n" + c.find(s, 1) + "\n" + c.permissionFile(1) + "\n" + c.change(s, "revoke") + " " +
					fileOption("ip-permissions", 1, "rule.json") + "\n)"
			}),
			CallAWS: callOf(func(s *Shell) string { return c.change(s, "revoke") + " " + c.ipPermissions(prefixListPlaceholder) }),
			Inputs:  []string{"for call_aws: " + prefixListPlaceholder + ", the PrefixListId in the answer of describe-managed-prefix-lists"},
		}}
	}
	write := func(s *Shell) string { return c.change(s, "revoke") + " " + c.ipPermissions(c.PrefixListID) }
	return []Command{{Purpose: "Take the rule away again", AWSCLI: snippetOf(write), CallAWS: callOf(write), Mutates: true}}
}

// Checks implements [Change].
func (c SecurityGroupRule) Checks(Context) []Check {
	return []Check{{
		Purpose: "Read the " + c.Resource() + " again", AWSCLI: snippetOf(c.describe), CallAWS: callOf(c.describe),
		Expect: fmt.Sprintf("IpPermissions lets %s connect to tcp %d", c.list(), c.Port),
	}}
}

// Prepare implements [Change].
func (c SecurityGroupRule) Prepare(ctx context.Context, p *Preparation) error {
	ec2 := func(operation string, params map[string]any) APICall {
		return APICall{Service: "ec2", Operation: operation, Region: c.Region, Params: params}
	}
	filter := func(name, value string) []any { return []any{map[string]any{"Name": name, "Values": []any{value}}} }
	list := c.PrefixListID
	if list == "" {
		answer, _, err := p.look(ctx, Look{Call: ec2("DescribeManagedPrefixLists", map[string]any{"Filters": filter("prefix-list-name", OriginFacingPrefixList)}),
			Path: []string{"PrefixLists", "0", "PrefixListId"}})
		if err != nil {
			return err
		}
		if list, _ = answer.(string); list == "" {
			return errors.New("the Region has no prefix list " + OriginFacingPrefixList)
		}
	}
	look := Look{Call: ec2("DescribeSecurityGroupRules", map[string]any{"Filters": filter("group-id", c.Group)}), Path: []string{"SecurityGroupRules"},
		Only: "PrefixListId", Values: []string{list}, Keep: []string{"IsEgress", "IpProtocol", "FromPort", "ToPort", "PrefixListId"}}
	before, _, err := p.look(ctx, look)
	if err != nil {
		return err
	}
	m := Move{Resource: c.Resource(), Look: look, Before: before, After: before}
	if !slices.ContainsFunc(listOf(before), c.covers) {
		params := map[string]any{"GroupId": c.Group, "IpPermissions": []any{mustTree(c.permission(list))}}
		m.After = append(slices.Clone(listOf(before)), map[string]any{"IpProtocol": "tcp", "FromPort": float64(c.Port), "ToPort": float64(c.Port), "PrefixListId": list})
		m.Do = []Step{{Call: ec2("AuthorizeSecurityGroupIngress", params), Accept: []string{"InvalidPermission.Duplicate"}}}
		m.Undo = []Step{{Call: ec2("RevokeSecurityGroupIngress", params), Accept: []string{"InvalidPermission.NotFound"}}}
		m.Diff = c.Diff(nil)
	}
	p.Moves = append(p.Moves, m)
	return nil
}

// covers reports whether a rule lets the list in on the port already.
func (c SecurityGroupRule) covers(rule any) bool {
	r := objectOf(rule)
	from, _ := r["FromPort"].(float64)
	to, _ := r["ToPort"].(float64)
	port := float64(c.Port)
	return r["IsEgress"] != true && (r["IpProtocol"] == "-1" || r["IpProtocol"] == "tcp" && from <= port && port <= to)
}
