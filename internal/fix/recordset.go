package fix

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	route53 "github.com/aws/aws-sdk-go-v2/service/route53/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
)

// AliasRecords lead a name to a distribution.
type AliasRecords struct {
	Zone, Name, Target string
	Types              []string // A, AAAA
	China              bool
}

// PointAtDistribution makes the address records of a name aliases of a distribution's domain name, in a public hosted zone of Route 53: A, and
// AAAA where the distribution takes IPv6 (R53/routing-to-cloudfront-distribution). What other address records the name has (A, AAAA, CNAME) go
// in the same batch, which Route 53 makes whole or not at all, and only while they are as they were read (API reference,
// ChangeResourceRecordSets). Records that answer by weight, place or health are not touched: the change refuses. Zone is the hosted zone's id.
func PointAtDistribution(zone, name, target string, ipv6, china bool) AliasRecords {
	c := AliasRecords{Zone: strings.TrimPrefix(zone, "/hostedzone/"), Name: name, Target: target, Types: []string{"A"}, China: china}
	if ipv6 {
		c.Types = append(c.Types, "AAAA")
	}
	return c
}

// The hosted zones that aliases of distributions name (API reference of Route 53, AliasTarget; China's from the China user guide).
const (
	distributionZone      = "Z2FDTNDATAQYW2"
	distributionZoneChina = "Z3RFFRIM2A3IF5"
)

// wanted are the records as Route 53 prints them.
func (c AliasRecords) wanted() []any {
	zone := distributionZone
	if c.China {
		zone = distributionZoneChina
	}
	var out []any
	for _, kind := range c.Types {
		out = append(out, map[string]any{"Name": c.Name + ".", "Type": kind,
			"AliasTarget": map[string]any{"HostedZoneId": zone, "DNSName": c.Target + ".", "EvaluateTargetHealth": false}})
	}
	return out
}

func isAddress(record any) bool {
	kind, _ := objectOf(record)["Type"].(string)
	return slices.Contains([]string{"A", "AAAA", "CNAME"}, kind)
}

// batch is what leads from one list of a name's records to another; empty where they are the same already.
func batch(from, to []any) []any {
	var out []any
	for _, step := range []struct {
		action     string
		list, base []any
	}{{"DELETE", from, to}, {"CREATE", to, from}} {
		for _, record := range step.list {
			if isAddress(record) && !slices.ContainsFunc(step.base, func(other any) bool { return sameTree(record, other) }) {
				out = append(out, map[string]any{"Action": step.action, "ResourceRecordSet": record})
			}
		}
	}
	return out
}

func (c AliasRecords) change(changes any) call {
	return call{purpose: "Change the " + c.Resource(), service: "route53", operation: "ChangeResourceRecordSets",
		params: []param{{"HostedZoneId", c.Zone}, {"ChangeBatch", map[string]any{"Changes": changes}}}}
}

// read asks for the records at the name; what follows it in the zone is let alone.
func (c AliasRecords) read() call {
	return call{purpose: "Read the " + c.Resource(), service: "route53", operation: "ListResourceRecordSets",
		params: []param{{"HostedZoneId", c.Zone}, {"StartRecordName", c.Name}}}
}

// Resource implements [Change].
func (c AliasRecords) Resource() string {
	return "address records of " + printable(c.Name) + " in the hosted zone " + printable(c.Zone)
}

// Touches implements [Change].
func (c AliasRecords) Touches() string { return "record-set" }

// Console implements [Change].
func (c AliasRecords) Console() []string {
	return []string{
		"Open the Route 53 console, choose Hosted zones and the zone " + show(c.Zone) + "; note the records of " + show(c.Name) + " of the types A, AAAA and CNAME down",
		"For each of the record types " + strings.Join(c.Types, " and ") + " select the record and choose Edit record, or choose Create record with that name and type where there is none; turn Alias on, choose Alias to CloudFront distribution and " +
			show(c.Target) + ", and save",
		"A CNAME of the name has to be deleted before that, and until the new records are there the name has no address: the commands change all in one batch",
	}
}

// known are the name's records in the world.
func (c AliasRecords) known(w *evidence.World) (records []any, known bool) {
	for _, read := range c.reads() {
		if answer, ok := read.In(w).Get(); ok {
			for _, set := range answer.ResourceRecordSets {
				if tree, err := treeOf(set); err == nil && strings.EqualFold(strings.TrimSuffix(aws.ToString(set.Name), "."), c.Name) {
					records = append(records, withHealth(tree))
				}
			}
			return records, true
		}
	}
	return nil, false
}

// withHealth says of an alias whether it looks at its target's health, which Route 53 wants to be told.
func withHealth(record any) any {
	if target := objectOf(objectOf(record)["AliasTarget"]); target != nil && target["EvaluateTargetHealth"] == nil {
		target["EvaluateTargetHealth"] = false
	}
	return record
}

// reads are the forms in which the name's records may have been asked for.
func (c AliasRecords) reads() []evidence.Read[account.RecordSetsOutput] {
	var out []evidence.Read[account.RecordSetsOutput]
	for _, zone := range []string{"/hostedzone/" + c.Zone, c.Zone} {
		for _, name := range []string{c.Name, c.Name + "."} {
			out = append(out, account.RecordSets(zone, name))
		}
	}
	return out
}

// Diff implements [Change].
func (c AliasRecords) Diff(w *evidence.World) []DiffLine {
	if w == nil {
		w = &evidence.World{}
	}
	records, _ := c.known(w)
	return c.lines(batch(records, c.wanted()))
}

func (c AliasRecords) lines(changes []any) []DiffLine {
	var out []DiffLine
	for _, change := range changes {
		record := objectOf(objectOf(change)["ResourceRecordSet"])
		line := DiffLine{Resource: c.Resource(), Path: fmt.Sprint(record["Type"])}
		if objectOf(change)["Action"] == "DELETE" {
			line.Old = text(record)
		} else {
			line.New = text(record)
		}
		out = append(out, line)
	}
	return out
}

// Effect implements [Change].
func (c AliasRecords) Effect(w *evidence.World) {
	var sets []route53.ResourceRecordSet
	if evidence.Decode([]byte(text(c.wanted())), &sets) != nil {
		return
	}
	for _, read := range c.reads() {
		answer, known := read.In(w).Get()
		if !known {
			continue
		}
		answer.ResourceRecordSets = slices.DeleteFunc(slices.Clone(answer.ResourceRecordSets), func(r route53.ResourceRecordSet) bool {
			return strings.EqualFold(strings.TrimSuffix(aws.ToString(r.Name), "."), c.Name) && isAddress(map[string]any{"Type": string(r.Type)})
		})
		answer.ResourceRecordSets = append(answer.ResourceRecordSets, sets...)
		read.Set(w, answer)
	}
}

// Plan implements [Change].
func (c AliasRecords) Plan(s *Shell) {
	s.use("check")
	n := s.number()
	p := newProgram()
	name, wanted := p.value(c.Name+"."), p.value(c.wanted())
	p.steps = []string{fmt.Sprintf(`[.ResourceRecordSets[] | select((.Name | ascii_downcase) == %s and (.Type | . == "A" or . == "AAAA" or . == "CNAME"))]
| if any(.[]; .SetIdentifier) then error(%s) else . end`, name, p.value(routed)),
		fmt.Sprintf(`. as $have | %s as $want | {back: [(($want - $have)[] | {Action: "DELETE", ResourceRecordSet: .}), (($have - $want)[] | {Action: "CREATE", ResourceRecordSet: .})],
  go: [(($have - $want)[] | {Action: "DELETE", ResourceRecordSet: .}), (($want - $have)[] | {Action: "CREATE", ResourceRecordSet: .})]}`, wanted)}
	read := func(to string) string { return c.read().write(s) + " --output json > " + file(n, to+".json") }
	s.reads = append(s.reads, strings.Join([]string{
		"# " + c.Resource(), read("old"), fmt.Sprintf("changes_%d() {\n%s \"$1\"\n}", n, p.command()),
		fmt.Sprintf("changes_%d %s > %s", n, file(n, "old.json"), file(n, "changes.json")),
		"jq '{Changes: .go}' " + file(n, "changes.json") + " > " + file(n, "go.json"),
		"jq '{Changes: .back}' " + file(n, "changes.json") + " > " + file(n, "back.json"),
	}, "\n"))
	write := "aws route53 change-resource-record-sets " + s.arg("hosted-zone-id", c.Zone) + " "
	s.writes = append(s.writes, strings.Join([]string{
		"if jq -e '.Changes == []' " + file(n, "go.json") + " >/dev/null; then", "  say " + s.word(c.Resource()+": already as wanted"), "else",
		"  " + write + fileOption("change-batch", n, "go.json") + " --output json > " + file(n, "written.json"), "  say " + s.word(c.Resource()+": changed"), "fi",
	}, "\n"))
	s.wait("if [ -e " + file(n, "written.json") + " ]; then aws route53 wait resource-record-sets-changed --id \"$(jq -r .ChangeInfo.Id " + file(n, "written.json") + ")\"; fi")
	s.checks = append(s.checks, strings.Join([]string{
		read("now"), fmt.Sprintf("changes_%d %s > %s", n, file(n, "now.json"), file(n, "left.json")),
		"if jq -e '.go == []' " + file(n, "left.json") + " >/dev/null; then say PASS " + s.word(c.Resource()) + "; else say FAIL " + s.word(c.Resource()) + "; failed=1; fi",
	}, "\n"))
	s.undo = append(s.undo, undoLine(write+"--change-batch ", n, "back.json"))
}

const routed = "a record of the name answers by weight, place or health (it has a SetIdentifier): a person has to decide what becomes of it"

// Prepare implements [Change].
func (c AliasRecords) Prepare(ctx context.Context, p *Preparation) error {
	look := Look{Call: c.read().api(), Path: []string{"ResourceRecordSets"}, Only: "Name", Values: []string{c.Name + "."}}
	state, _, err := p.look(ctx, look)
	if err != nil {
		return err
	}
	records := listOf(state)
	m := Move{Resource: c.Resource(), Look: look, Before: records}
	after := slices.Clone(c.wanted())
	for _, record := range records {
		switch {
		case !isAddress(record):
			after = append(after, record)
		case objectOf(record)["SetIdentifier"] != nil:
			return errors.New(routed)
		}
	}
	changes := batch(records, c.wanted())
	if m.After, m.Diff = any(after), c.lines(changes); len(changes) > 0 {
		m.Do = []Step{c.change(changes).step()}
		m.Undo = []Step{c.change(batch(c.wanted(), records)).step()}
	}
	p.Moves = append(p.Moves, m)
	return nil
}

// Commands implements [Change].
func (c AliasRecords) Commands(ctx Context) []Command {
	command := Command{Purpose: "Change the " + c.Resource() + ": read them, and replace them in one batch unless somebody else changed them meanwhile", AWSCLI: planned(c), Mutates: true}
	if records, known := c.known(ctx.World); known {
		if changes := batch(records, c.wanted()); len(changes) > 0 {
			command.CallAWS = callOf(c.change(changes).write)
		}
	}
	return []Command{command}
}

// Rollback implements [Change].
func (c AliasRecords) Rollback(ctx Context) []Command {
	records, known := c.known(ctx.World)
	if !known {
		return nil
	}
	back := c.change(batch(c.wanted(), records))
	back.purpose = "Give the name its old address records"
	return commands([]call{back})
}

// Checks implements [Change].
func (c AliasRecords) Checks(Context) []Check {
	return []Check{{Purpose: "Read the " + c.Resource() + " again", AWSCLI: snippetOf(c.read().write), CallAWS: callOf(c.read().write),
		Expect: "records " + strings.Join(c.Types, " and ") + " of " + printable(c.Name) + " with an AliasTarget whose DNSName is " + printable(c.Target) + "."}}
}
