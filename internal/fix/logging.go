package fix

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
)

// LoggingSetup turns on standard logging (v2) of a distribution into a log group in us-east-1.
type LoggingSetup struct {
	Monitored Monitored
	Account   string // twelve digits: the owner of the log group
}

// EnableLogging turns on standard logging (v2): a delivery source, a destination and the delivery between them, all in us-east-1
// (DG/standard-logging). Logs go to a log group, where [Monitored.LogQueries] can be asked.
func EnableLogging(m Monitored, accountID string) Change {
	return LoggingSetup{Monitored: m, Account: accountID}
}

func (c LoggingSetup) name() string { return "cloudfront-" + c.Monitored.DistributionID }

func (c LoggingSetup) partition() string {
	if parts := strings.SplitN(c.Monitored.ARN, ":", 3); len(parts) == 3 {
		return parts[1]
	}
	return "aws"
}

func (c LoggingSetup) logs(resource string) string {
	return "arn:" + c.partition() + ":logs:" + account.GlobalRegion + ":" + c.Account + ":" + resource
}

func (c LoggingSetup) destination() string { return c.logs("delivery-destination:" + c.name()) }

// Resource implements [Change].
func (c LoggingSetup) Resource() string {
	return "standard logging (v2) of distribution " + printable(c.Monitored.DistributionID)
}

// Touches implements [Change].
func (c LoggingSetup) Touches() string { return "logging" }

// Console implements [Change].
func (c LoggingSetup) Console() []string {
	return []string{"Open the CloudFront console, choose the distribution " + show(c.Monitored.DistributionID) +
		", and on the Logging tab, under Standard log destinations, choose Add and Amazon CloudWatch Logs; enter the log group " +
		show(c.Monitored.logGroup()) + ", the output format JSON, and choose Submit"}
}

// Diff implements [Change].
func (c LoggingSetup) Diff(*evidence.World) []DiffLine {
	return []DiffLine{{Resource: c.Resource(), Path: "Delivery", New: "to the log group " + printable(c.Monitored.logGroup())}}
}

// Effect implements [Change].
func (c LoggingSetup) Effect(w *evidence.World) {
	name, destination := c.name(), c.destination()
	if fact := account.DeliverySources().In(w); !fact.Missing() {
		answer := fact.Or(account.DeliverySourcesOutput{})
		answer.DeliverySources = append(append([]types.DeliverySource{}, answer.DeliverySources...), types.DeliverySource{
			Name: aws.String(name), LogType: aws.String("ACCESS_LOGS"), ResourceArns: []string{c.Monitored.ARN}, Service: aws.String("cloudfront")})
		account.DeliverySources().Set(w, answer)
	}
	if fact := account.DeliveryDestinations().In(w); !fact.Missing() {
		answer := fact.Or(account.DeliveryDestinationsOutput{})
		answer.DeliveryDestinations = append(append([]types.DeliveryDestination{}, answer.DeliveryDestinations...), types.DeliveryDestination{
			Name: aws.String(name), Arn: aws.String(destination), DeliveryDestinationType: types.DeliveryDestinationTypeCwl, OutputFormat: types.OutputFormatJson,
			DeliveryDestinationConfiguration: &types.DeliveryDestinationConfiguration{DestinationResourceArn: aws.String(c.logs("log-group:" + c.Monitored.logGroup()))}})
		account.DeliveryDestinations().Set(w, answer)
	}
	if fact := account.Deliveries().In(w); !fact.Missing() {
		answer := fact.Or(account.DeliveriesOutput{})
		answer.Deliveries = append(append([]types.Delivery{}, answer.Deliveries...), types.Delivery{
			DeliverySourceName: aws.String(name), DeliveryDestinationArn: aws.String(destination), DeliveryDestinationType: types.DeliveryDestinationTypeCwl})
		account.Deliveries().Set(w, answer)
	}
}

// calls are the steps. All but the first and last can be repeated.
func (c LoggingSetup) calls() (group, source, destination, delivery call) {
	api := func(purpose, operation string, params ...param) call {
		return call{purpose: purpose, service: "logs", operation: operation, region: account.GlobalRegion, params: params}
	}
	group = api("Create the log group", "CreateLogGroup", param{"logGroupName", c.Monitored.logGroup()})
	group.accept = []string{"ResourceAlreadyExistsException"}
	source = api("Make the distribution a source of logs", "PutDeliverySource",
		param{"name", c.name()}, param{"resourceArn", c.Monitored.ARN}, param{"logType", "ACCESS_LOGS"})
	destination = api("Make the log group a destination of logs", "PutDeliveryDestination", param{"name", c.name()}, param{"outputFormat", "json"},
		param{"deliveryDestinationConfiguration", map[string]any{"destinationResourceArn": c.logs("log-group:" + c.Monitored.logGroup())}})
	delivery = api("Deliver the logs from the one to the other", "CreateDelivery",
		param{"deliverySourceName", c.name()}, param{"deliveryDestinationArn", c.destination()})
	return group, source, destination, delivery
}

func (c LoggingSetup) describe(*Shell) string {
	return "aws logs describe-deliveries --region " + account.GlobalRegion
}

// Plan implements [Change]. CloudFront has one delivery source for a distribution and log type: one that is there under another name is left alone.
func (c LoggingSetup) Plan(s *Shell) {
	n := s.number()
	group, source, destination, delivery := c.calls()
	p := newProgram()
	p.steps = []string{fmt.Sprintf(`[.deliverySources[]? | select(.logType == "ACCESS_LOGS" and (.resourceArns // [] | index([%s]) != null) and .name != %s)] == []`,
		p.value(c.Monitored.ARN), p.value(c.name()))}
	d := newProgram()
	d.steps = []string{fmt.Sprintf(`any(.deliveries[]?; .deliverySourceName == %s and .deliveryDestinationArn == %s)`, d.value(c.name()), d.value(c.destination()))}
	delivered := strings.Replace(d.command(), "jq ", "jq -e ", 1)
	s.use("exists")
	s.reads = append(s.reads, strings.Join([]string{"# " + c.Resource(),
		"aws logs describe-delivery-sources --region " + account.GlobalRegion + " --output json > " + file(n, "sources.json"),
		strings.Replace(p.command(), "jq ", "jq -e ", 1) + " " + file(n, "sources.json") + " >/dev/null || fail " +
			quote("The distribution is a source of logs already, under another name. Nothing has been changed."),
		c.describe(s) + " --output json > " + file(n, "old.json"),
	}, "\n"))
	s.writes = append(s.writes, strings.Join([]string{
		"if " + delivered + " " + file(n, "old.json") + " >/dev/null; then",
		"  say " + s.word(c.Resource()+": on already"),
		"else",
		"  " + group.write(s) + " 2> " + file(n, "group.error") + " || exists ResourceAlreadyExistsException " + file(n, "group.error"),
		"  " + source.write(s) + " --output json >/dev/null",
		"  " + destination.write(s) + " --output json >/dev/null",
		"  " + delivery.write(s) + " --output json > " + file(n, "delivery.json"),
		"  say " + s.word(c.Resource()+": on"),
		"fi",
	}, "\n"))
	s.use("check")
	s.checks = append(s.checks, c.describe(s)+" --output json > "+file(n, "now.json")+"\n"+
		"if "+delivered+" "+file(n, "now.json")+" >/dev/null; then say PASS "+s.word(c.Resource())+"; else say FAIL "+s.word(c.Resource())+"; failed=1; fi")
	s.undo = append(s.undo, "if [ -e "+file(n, "delivery.json")+" ]; then",
		"  say '  aws logs delete-delivery --region "+account.GlobalRegion+" --id' \"$(jq -r .delivery.id "+file(n, "delivery.json")+")\"",
		"  say "+quote("  "+c.remove(s, "source")), "  say "+quote("  "+c.remove(s, "destination")), "fi")
}

func (c LoggingSetup) remove(s *Shell, what string) string {
	return "aws logs delete-delivery-" + what + " --region " + account.GlobalRegion + " " + s.arg("name", c.name())
}

// Commands implements [Change].
func (c LoggingSetup) Commands(Context) []Command {
	group, source, destination, delivery := c.calls()
	out := commands([]call{group, source, destination, delivery})
	out[0].Purpose += " (call_aws: an answer that it exists already is fine)"
	program := newProgram()
	program.steps = []string{"any(.logGroups[]?; .logGroupName == " + program.value(c.Monitored.logGroup()) + ")"}
	out[0].AWSCLI = snippetOf(func(s *Shell) string {
		return group.write(s) + " ||\n  aws logs describe-log-groups --region " + account.GlobalRegion + " " + s.arg("log-group-name-prefix", c.Monitored.logGroup()) +
			" --output json | " + strings.Replace(program.command(), "jq ", "jq -e ", 1)
	})
	return out
}

// Rollback implements [Change].
func (c LoggingSetup) Rollback(Context) []Command {
	const placeholder = "DELIVERYIDFROMTHEANSWER"
	program := newProgram()
	program.steps = []string{fmt.Sprintf(".deliveries[] | select(.deliverySourceName == %s) | .id", program.value(c.name()))}
	first := Command{
		Purpose: "Stop the delivery", Mutates: true,
		AWSCLI: snippetOf(func(s *Shell) string {
			return c.describe(s) + " --output json | " + strings.Replace(program.command(), "jq ", "jq -r ", 1) +
				" | while read -r id; do aws logs delete-delivery --region " + account.GlobalRegion + ` --id "$id"; done`
		}),
		CallAWS: callAWS("aws logs delete-delivery --region " + account.GlobalRegion + " --id " + placeholder),
		Inputs:  []string{"for call_aws: " + placeholder + ", the delivery.id in the answer of create-delivery"},
	}
	return append([]Command{first}, commands([]call{
		{purpose: "Remove the source", shell: func(s *Shell) string { return c.remove(s, "source") }},
		{purpose: "Remove the destination", shell: func(s *Shell) string { return c.remove(s, "destination") }},
	})...)
}

// Checks implements [Change].
func (c LoggingSetup) Checks(Context) []Check {
	return []Check{{Purpose: "Read the deliveries", AWSCLI: snippetOf(c.describe), CallAWS: callOf(c.describe),
		Expect: "a delivery from " + printable(c.name()) + " to " + printable(c.destination())}}
}
