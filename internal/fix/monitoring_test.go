package fix

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/account"
)

// CloudFront publishes each metric under one statistic, in us-east-1, with DistributionId and Region=Global.
func TestMonitoringMetrics(t *testing.T) {
	m := Monitored{DistributionID: distributionID, ReadTimeout: 60, Functions: []string{"redirect"}}
	for _, metric := range m.Metrics() {
		if metric.Region != "us-east-1" || metric.Namespace != "AWS/CloudFront" || !slices.Contains(metric.Dimensions, account.Dimension{Name: "Region", Value: "Global"}) {
			t.Errorf("%s is not where CloudFront publishes it", metric.Name)
		}
		if strings.HasPrefix(metric.Name, "Function") != (len(metric.Dimensions) == 3) {
			t.Errorf("%s has the dimensions %v", metric.Name, metric.Dimensions)
		}
	}
	for _, alarm := range m.Alarms() {
		if alarm.Metric == "OriginLatency" && (alarm.Threshold != 45_000 || alarm.Percentile != "p90" || !alarm.Additional) {
			t.Errorf("the alarm on latency is %+v", alarm)
		}
		if (alarm.Statistic == "") == (alarm.Percentile == "") {
			t.Errorf("%s needs one statistic", alarm.Name)
		}
	}
}

func TestMonitoringEffect(t *testing.T) {
	w := world(t)
	account.Alarms("us-east-1").SetAbsent(w)
	account.Deliveries().Set(w, account.DeliveriesOutput{})
	m := Monitored{DistributionID: distributionID, ARN: distributionARN}
	after := Fix{Changes: append(m.Fix().Changes, EnableLogging(m, "123456789012"))}.Apply(w)
	alarms, _ := account.Alarms("us-east-1").In(after).Get()
	if len(alarms.MetricAlarms) != len(m.Alarms()) {
		t.Errorf("%d alarms", len(alarms.MetricAlarms))
	}
	metrics, _ := account.MonitoringSubscription(distributionID).In(after).Get()
	if c := metrics.MonitoringSubscription.RealtimeMetricsSubscriptionConfig; c == nil || c.RealtimeMetricsSubscriptionStatus != types.RealtimeMetricsSubscriptionStatusEnabled {
		t.Errorf("additional metrics: %v", metrics)
	}
	if deliveries, _ := account.Deliveries().In(after).Get(); len(deliveries.Deliveries) != 1 {
		t.Errorf("deliveries: %v", deliveries)
	}
	if !account.DeliverySources().In(after).Missing() {
		t.Error("what nobody read became known")
	}
}

func TestTemplates(t *testing.T) {
	m := Monitored{DistributionID: `E"${x}%{y}`, Functions: []string{"f'\n"}}
	for name, got := range map[string]string{"cloudformation": m.CloudFormation(), "terraform": m.Terraform()} {
		if !strings.Contains(got, "OriginLatency") || !strings.Contains(got, "30000") && !strings.Contains(got, "22500") {
			t.Errorf("%s lacks the alarm on latency:\n%s", name, got)
		}
	}
	if got := m.Terraform(); strings.Contains(strings.ReplaceAll(got, "$${", ""), "${") || !strings.Contains(got, `E\"$${x}%%{y}`) {
		t.Errorf("a template of Terraform's is left alive:\n%s", got)
	}
	tree(t, m.CloudFormation())
}

// The templates turn on what is not on yet, and nothing that is.
func TestTemplatesLeaveOutWhatIsOn(t *testing.T) {
	m := Monitored{DistributionID: distributionID, ARN: distributionARN}
	marks := map[string][]string{"metrics": {"AWS::CloudFront::MonitoringSubscription", "aws_cloudfront_monitoring_subscription"},
		"logs": {"AWS::Logs::Delivery", "aws_cloudwatch_log_delivery"}}
	for _, on := range []string{"", "metrics", "logs"} {
		m.HasMetrics, m.HasLogs = on == "metrics", on == "logs"
		for i, text := range []string{m.CloudFormation(), m.Terraform()} {
			for what, words := range marks {
				if got := strings.Contains(text, words[i]); got != (what != on) {
					t.Errorf("with %q on already, the template has %s: %v", on, what, got)
				}
			}
		}
	}
}

// Terraform's blocks open and close, one statement a line: what "terraform fmt" leaves alone.
func TestTerraformIsWellFormed(t *testing.T) {
	depth := 0
	for line := range strings.Lines(Monitored{DistributionID: `E"${x}\n{`, ARN: distributionARN, Functions: []string{"f'\n{"}}.Terraform()) {
		body := strings.TrimRight(line, "\n")
		trimmed := strings.TrimLeft(body, " ")
		closes := strings.HasPrefix(trimmed, "}")
		if closes {
			depth--
		}
		if trimmed != "" && len(body)-len(trimmed) != 2*depth {
			t.Errorf("the indentation of %q is not %d", body, 2*depth)
		}
		if strings.HasSuffix(trimmed, "{") {
			depth++
		}
		if !closes && trimmed != "" && trimmed[0] != '#' && !strings.HasSuffix(trimmed, "{") && !strings.Contains(trimmed, " = ") {
			t.Errorf("%q is neither a block nor an assignment", body)
		}
	}
	if depth != 0 {
		t.Errorf("%d blocks are not closed", depth)
	}
}

func TestCertificate(t *testing.T) {
	request := RequestCertificate("www.example.com", "*.example.com")
	f := Fix{Title: "x", Inputs: []string{request.Input()}, Changes: []Change{request, EditDistribution(distributionID, SetViewerCertificate(request.ARN(), "TLSv1.2_2021"), AddAlias("shop.example.com"))}}
	r := Render(f, contextOf(t))
	if r.Script != "" {
		t.Error("there is a script, though a person has to validate the certificate")
	}
	last := r.Commands[2]
	if len(last.Inputs) != 1 || !strings.Contains(last.Inputs[0], request.ARN().Placeholder) {
		t.Errorf("the command does not say what to put in: %+v", last)
	}
	if strings.Contains(last.CallAWS, "s3cr3t") || last.CallAWS != "" {
		t.Errorf("the fixture has a secret header, and the command carries the whole configuration: %s", last.CallAWS)
	}
	answer, _ := account.Distribution(distributionID).In(f.Apply(world(t))).Get()
	if got := answer.Distribution.DistributionConfig.ViewerCertificate; *got.ACMCertificateArn != request.ARN().Placeholder || got.IAMCertificateId != nil {
		t.Errorf("the certificate is %v", got)
	}
}

func TestPolicyDiff(t *testing.T) {
	w := world(t)
	diff := EditBucketPolicy("site", GrantDistribution("site", "", "", []string{"s3:GetObject"}, distributionARN)...).Diff(w)
	if len(diff) != 1 || diff[0].Path != "Policy.Statement[1]" || diff[0].Old != "" {
		t.Errorf("%+v", diff)
	}
	diff = EditBucketPolicy("site", AddConditionValue("StringEquals", "AWS:SourceArn", oldARN, distributionARN)).Diff(w)
	if len(diff) != 1 || !strings.HasSuffix(diff[0].Path, "Condition.StringEquals.AWS:SourceArn") || diff[0].Old != oldARN {
		t.Errorf("%+v", diff)
	}
}
