package fix

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The Terraform file has the resources, blocks and arguments of the provider's schema, and all that it requires. The schema is the AWS
// provider's own, as `sh e2e/terraform/setup.sh schema` records it.
func TestTerraformFitsTheProvider(t *testing.T) {
	schema := objectOf(tree(t, string(fixture(t, "terraform-schema.json"))))["resources"]
	for _, m := range monitoredKinds() {
		for _, problem := range misfits(schema, m.Terraform()) {
			t.Error(problem)
		}
	}
	whole := monitoredKinds()[0].Terraform()
	for _, test := range []struct{ old, with, want string }{
		{"  metric_name ", "  metric_nam ", "aws_cloudwatch_metric_alarm has no argument metric_nam"},
		{"  resource_arn", "  # resource_arn", "aws_cloudwatch_log_delivery_source lacks resource_arn"},
		{"realtime_metrics_subscription_config {", "realtime_metrics {", "monitoring_subscription has no block realtime_metrics"},
		{`"aws_cloudwatch_log_delivery" `, `"aws_cloudwatch_delivery" `, "there is no resource aws_cloudwatch_delivery"},
		{"  name              = ", "  arn = ", "aws_cloudwatch_log_group has no argument arn"},
	} {
		if got := misfits(schema, strings.ReplaceAll(whole, test.old, test.with)); !slices.Contains(got, test.want) {
			t.Errorf("%q in the place of %q: got %q, want %q", test.with, test.old, got, test.want)
		}
	}
}

// monitoredKinds are the shapes that the templates have: the first has everything.
func monitoredKinds() []Monitored {
	all := Monitored{DistributionID: distributionID, ARN: distributionARN, Functions: []string{"it's ${mine}"}, Topic: "arn:aws:sns:us-east-1:123456789012:ops"}
	some := all
	some.HasLogs, some.Topic = true, ""
	none := some
	none.HasMetrics, none.Functions = true, nil
	return []Monitored{all, some, none}
}

var (
	resourceLine = regexp.MustCompile(`^resource "(\w+)" "\w+" \{$`)
	argumentLine = regexp.MustCompile(`^(\w+) += (.*)$`)
	blockLine    = regexp.MustCompile(`^(\w+) \{$`)
)

// block is what a block of the file has.
type block struct {
	name   string
	schema map[string]any
	has    map[string]int
}

// misfits reads a file as [Monitored.Terraform] writes it, one argument or block a line, and says where the schema is another.
func misfits(schema any, file string) []string {
	var out []string
	var open []block
	inMap := false
	for line := range strings.Lines(file) {
		line = strings.TrimSpace(line)
		argument, inner := argumentLine.FindStringSubmatch(line), blockLine.FindStringSubmatch(line)
		switch at := len(open) - 1; {
		case resourceLine.MatchString(line):
			name := resourceLine.FindStringSubmatch(line)[1]
			known := objectOf(objectOf(schema)[name])
			if known == nil {
				out = append(out, "there is no resource "+name)
			} else {
				open = []block{{name, known, map[string]int{}}}
			}
		case at < 0 || inMap && line != "}":
		case inMap:
			inMap = false
		case line == "}":
			out = append(out, open[at].lacks()...)
			open = open[:at]
		case argument != nil:
			name := argument[1]
			open[at].has[name]++
			if inMap = argument[2] == "{"; name != "provider" && objectOf(objectOf(open[at].schema["attributes"])[name])["settable"] != true {
				out = append(out, fmt.Sprintf("%s has no argument %s", open[at].name, name))
			}
		case inner != nil:
			open[at].has[inner[1]]++
			known := objectOf(objectOf(open[at].schema["blocks"])[inner[1]])
			if known == nil {
				out = append(out, fmt.Sprintf("%s has no block %s", open[at].name, inner[1]))
			}
			open = append(open, block{inner[1], known, map[string]int{}})
		}
	}
	return out
}

// lacks lists what a block requires and has not, and what it has too often.
func (b block) lacks() []string {
	var out []string
	attributes, blocks := objectOf(b.schema["attributes"]), objectOf(b.schema["blocks"])
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		if b.has[name] == 0 && objectOf(attributes[name])["required"] == true {
			out = append(out, b.name+" lacks "+name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(blocks)) {
		least, most := objectOf(blocks[name])["least"].(float64), objectOf(blocks[name])["most"].(float64)
		if float64(b.has[name]) < least || most > 0 && float64(b.has[name]) > most {
			out = append(out, fmt.Sprintf("%s has %d of %s", b.name, b.has[name], name))
		}
	}
	return out
}
