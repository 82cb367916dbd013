package doctor

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/report"
	"cfdoctor/internal/worldtest"
)

// needy is a cause that could not be judged for want of reads.
func needy() *cause.Cause {
	return &cause.Cause{ID: "NEEDY", Title: "It needs reads", Stage: "origin-access", Detect: func(p *cause.Pass) cause.Verdict {
		return cause.Need("not known", account.BucketPolicy("other").In(p.World), account.Key("arn:aws:kms:eu-west-1:1:key/1").In(p.World))
	}}
}

// found is a cause that explains whatever is seen.
func found() *cause.Cause {
	return &cause.Cause{ID: "FOUND", Title: "It is found", Stage: "origin-access", Severity: cause.High, Detect: func(p *cause.Pass) cause.Verdict {
		return cause.Confirm("r", "It is so.", p.Model.Ref("Enabled", "true", "")).Explaining(true)
	}}
}

// scenario finds the step whose situation begins so.
func scenario(r *report.Report, begin string) (report.NextStep, int) {
	i := slices.IndexFunc(r.NextSteps, func(s report.NextStep) bool { return strings.HasPrefix(s.Scenario, begin) })
	if i < 0 {
		return report.NextStep{}, i
	}
	return r.NextSteps[i], i
}

func commandText(s report.NextStep) string {
	var b strings.Builder
	for _, c := range s.Commands {
		b.WriteString(c.AWSCLI + "\n")
	}
	return b.String()
}

func TestUnexplainedComesFirst(t *testing.T) {
	r := diagnosed(t, "world s3-oac\nask GET /about.html 403\n").Report
	if _, at := scenario(r, "Nothing that was read explains the 403: by this configuration the request is answered with 200"); at != 0 {
		t.Errorf("the unexplained symptom is not first: %v", r.NextSteps[0].Scenario)
	}
	if _, at := scenario(r, "If the error stays after the fix"); at >= 0 {
		t.Error("there is no fix, and a step after it")
	}
	if _, at := scenario(r, "To see who answers"); at >= 0 {
		t.Error("the same commands come twice")
	}
}

func TestExplainedStartsWithTheFix(t *testing.T) {
	r := diagnosed(t, "world s3-oac\nask GET /about.html 403\n", found()).Report
	if s, at := scenario(r, "If the error stays after the fix"); at != 0 || !strings.Contains(commandText(s), "aws cloudfront get-distribution --id E1HEALTHYS3OAC") {
		t.Errorf("first comes %q with\n%s", r.NextSteps[0].Scenario, commandText(s))
	}
	if _, at := scenario(r, "Nothing that was read"); at >= 0 {
		t.Error("the symptom is explained and called unexplained")
	}
}

func TestReviewOfAHealthyWorldClaimsNothing(t *testing.T) {
	r := diagnosed(t, "world s3-oac\n").Report
	for _, begin := range []string{"Nothing that was read", "It would be explained", "If the error stays"} {
		if _, at := scenario(r, begin); at >= 0 {
			t.Errorf("a step %q without a symptom", begin)
		}
	}
}

func TestMissingPermissionsComeLast(t *testing.T) {
	r := diagnosed(t, "world s3-oac\nask GET /about.html 403\n", needy()).Report
	last := r.NextSteps[len(r.NextSteps)-1]
	if !strings.HasPrefix(last.Scenario, "To check what could not be checked") || len(last.Commands) != 2 {
		t.Fatalf("last comes %+v", last)
	}
	_, document, _ := strings.Cut(last.Commands[0].AWSCLI, "--policy-document ")
	var policy struct{ Statement []struct{ Action []string } }
	if err := json.Unmarshal([]byte(strings.Trim(document, "'")), &policy); err != nil {
		t.Fatal(err)
	}
	if got := policy.Statement[0].Action; !slices.Equal(got, []string{"kms:DescribeKey", "s3:GetBucketPolicy"}) {
		t.Errorf("the policy allows %v", got)
	}
	if !strings.Contains(last.Commands[1].AWSCLI, "attach-role-policy --role-name ops ") {
		t.Errorf("it is attached with %s", last.Commands[1].AWSCLI)
	}
}

const (
	groupLogs = `set logs:DescribeDeliverySources deliverySources [{"name":"src","logType":"ACCESS_LOGS","service":"cloudfront","resourceArns":["arn:aws:cloudfront::210987654321:distribution/E1HEALTHYS3OAC"]},` +
		`{"name":"other","logType":"ACCESS_LOGS","resourceArns":["arn:aws:cloudfront::210987654321:distribution/EOTHER"]}]` + "\n" +
		`set logs:DescribeDeliveryDestinations deliveryDestinations [{"arn":"arn:d1","outputFormat":"json","deliveryDestinationConfiguration":{"destinationResourceArn":"arn:aws:logs:us-east-1:210987654321:log-group:web-logs:*"}},` +
		`{"arn":"arn:d2","deliveryDestinationConfiguration":{"destinationResourceArn":"arn:aws:s3:::other-logs"}}]` + "\n" +
		`set logs:DescribeDeliveries deliveries [{"deliverySourceName":"src","deliveryDestinationArn":"arn:d1"},{"deliverySourceName":"other","deliveryDestinationArn":"arn:d2"}]` + "\n"
	noLegacy = `set cloudfront:GetDistribution Distribution.DistributionConfig.Logging {"Enabled":true,"IncludeCookies":true,"Bucket":"","Prefix":""}` + "\n"
)

func TestLogs(t *testing.T) {
	for name, tc := range map[string]struct {
		text, begin, want string
		not               string
	}{
		"legacy": {"", "To read the logs: look", "aws s3api list-objects-v2 --bucket fernhill-logs --prefix www/E1HEALTHYS3OAC.2026-11-20", "put-delivery-source"},
		"a log group": {noLegacy + groupLogs, "To read the logs: look",
			`aws logs filter-log-events --log-group-name web-logs --filter-pattern '"/about.html" "403"' --start-time `, "other-logs"},
		"none":       {noLegacy, "To have logs", "aws logs put-delivery-source --region us-east-1 --name cloudfront-E1HEALTHYS3OAC", "list-objects"},
		"not known":  {noLegacy + "deny logs:DescribeDeliverySources\n", "To read the logs: whether", "aws logs describe-delivery-sources", "put-delivery-source"},
		"a Firehose": {noLegacy + strings.Replace(groupLogs, "arn:aws:logs:us-east-1:210987654321:log-group:web-logs:*", "arn:aws:firehose:us-east-1:210987654321:deliverystream/web", 1), "To read the logs: look", "--delivery-stream-name web", "put-delivery-source"},
	} {
		t.Run(name, func(t *testing.T) {
			// Without a path that is unexplained, every topic has its own step.
			r := diagnosed(t, "world s3-oac\nask GET /about.html 403\n"+tc.text, found()).Report
			s, at := scenario(r, tc.begin)
			if got := commandText(s); at < 0 || !strings.Contains(got, tc.want) || strings.Contains(got, tc.not) {
				t.Errorf("step %d:\n%s", at, got)
			}
		})
	}
}

func TestOriginChecks(t *testing.T) {
	for name, tc := range map[string]struct{ text, want string }{
		"bucket":   {"world s3-oac\n", "aws s3api head-object --bucket fernhill-web --key about.html --region eu-central-1"},
		"no Host":  {custom("origin.example.net", "http-only", ""), "--url http://origin.example.net/about.html"},
		"any port": {strings.Replace(custom("origin.example.net", "https-only", ""), `"HTTPSPort":443`, `"HTTPSPort":8443`, 1), "openssl s_client -connect origin.example.net:8443 -servername origin.example.net"},
		"the viewer's Host": {custom("origin.example.net", "https-only", "") + allViewer,
			"--connect-to www.fernhill.example:443:origin.example.net:443 --url https://www.fernhill.example/about.html"},
		"load balancer": {custom(balancer, "https-only", "") + balancers + targets + plainListener, "aws elbv2 describe-target-health --target-group-arn " + groupARN + " --region eu-west-1"},
		"API":           {custom(apiDomain, "https-only", ""), "aws apigateway get-stages --rest-api-id abcdefghij --region eu-west-1"},
		"function URL":  {custom(functionURL, "https-only", "") + functions + lambdaPolicy("lambda:GetFunction"), "aws lambda get-policy --function-name " + functionARN},
	} {
		t.Run(name, func(t *testing.T) {
			r := diagnosed(t, tc.text+"ask GET /about.html 403\n", found()).Report
			s, at := scenario(r, "To check the origin")
			if got := commandText(s); at < 0 || !strings.Contains(got, tc.want) {
				t.Errorf("step %d lacks %s:\n%s", at, tc.want, got)
			}
		})
	}
}

const acl = `set cloudfront:GetDistribution Distribution.DistributionConfig.WebACLId "arn:aws:wafv2:us-east-1:210987654321:global/webacl/site/1"` + "\n" +
	`add wafv2:GetWebACL {} {"WebACL":{"Name":"site","Id":"1","ARN":"arn:aws:wafv2:us-east-1:210987654321:global/webacl/site/1","DefaultAction":{"Allow":{}},` +
	`"VisibilityConfig":{"MetricName":"site","SampledRequestsEnabled":true,"CloudWatchMetricsEnabled":true},"Rules":[` +
	`{"Name":"block","Priority":1,"Action":{"Block":{}},"Statement":{"GeoMatchStatement":{"CountryCodes":["KP"]}},"VisibilityConfig":{"MetricName":"blocked","SampledRequestsEnabled":true,"CloudWatchMetricsEnabled":true}},` +
	`{"Name":"count","Priority":2,"Action":{"Count":{}},"Statement":{"GeoMatchStatement":{"CountryCodes":["KP"]}},"VisibilityConfig":{"MetricName":"counted","SampledRequestsEnabled":true,"CloudWatchMetricsEnabled":true}}]}}` + "\n" +
	`add wafv2:GetLoggingConfiguration {} {"LoggingConfiguration":{"ResourceArn":"x","LogDestinationConfigs":["arn:aws:logs:us-east-1:210987654321:log-group:aws-waf-logs-site"]}}` + "\n"

func TestFirewallSamples(t *testing.T) {
	r := diagnosed(t, "world s3-oac\nask GET /about.html 403\n"+acl, found()).Report
	s, at := scenario(r, "To see whether the firewall")
	got := commandText(s)
	if at < 0 || !strings.Contains(got, "--rule-metric-name blocked --scope CLOUDFRONT --time-window StartTime=2026-11-20T07:01:00Z,EndTime=2026-11-20T10:00:00Z") {
		t.Errorf("step %d:\n%s", at, got)
	}
	if strings.Contains(got, "counted") {
		t.Error("a rule that only counts is asked about")
	}
	if !strings.Contains(got, "--log-group-name aws-waf-logs-site") {
		t.Errorf("the web ACL's log is not searched:\n%s", got)
	}
}

const viewerFunction = `set cloudfront:GetDistribution Distribution.DistributionConfig.DefaultCacheBehavior.FunctionAssociations {"Quantity":1,"Items":[` +
	`{"FunctionARN":"arn:aws:cloudfront::210987654321:function/rewrite","EventType":"viewer-request"}]}` + "\n" +
	`add cloudfront:DescribeFunction {} {"ETag":"EFUNCTION","FunctionSummary":{"Name":"rewrite","FunctionConfig":{"Comment":"","Runtime":"cloudfront-js-2.0"},"FunctionMetadata":{"FunctionARN":"a","Stage":"LIVE"}}}` + "\n" +
	`add cloudfront:GetFunction {} {"ETag":"EFUNCTION","ContentType":"application/octet-stream","FunctionCode":"ZnVuY3Rpb24gaGFuZGxlcihlKSB7IHJldHVybiBlLnJlcXVlc3Q7IH0="}` + "\n"

func TestFunctionsAreTried(t *testing.T) {
	r := diagnosed(t, "world s3-oac\nask GET /about.html?a=1&Signature=secret 403\nheader Cookie: session=secret\n"+viewerFunction, found()).Report
	s, at := scenario(r, "To try the functions")
	if at < 0 {
		t.Fatal("there is no step for the function")
	}
	var test report.Command
	for _, c := range s.Commands {
		if strings.Contains(c.AWSCLI, "test-function") {
			test = c
		}
	}
	if !strings.Contains(test.CallAWS, "--if-match EFUNCTION") || !strings.Contains(test.AWSCLI, "fileb://$event") || strings.Contains(test.CallAWS, "fileb://") {
		t.Errorf("got %+v", test)
	}
	_, rest, _ := strings.Cut(test.AWSCLI, "printf '%s' '")
	document, _, _ := strings.Cut(rest, "' >")
	var event struct {
		Context struct{ EventType string }
		Request struct {
			Method, Uri string
			Querystring map[string]struct{ Value string }
		}
	}
	if err := json.Unmarshal([]byte(document), &event, json.MatchCaseInsensitiveNames(true)); err != nil {
		t.Fatalf("%v in %s", err, document)
	}
	if event.Context.EventType != "viewer-request" || event.Request.Uri != "/about.html" || event.Request.Method != "GET" || event.Request.Querystring["a"].Value != "1" {
		t.Errorf("the event is %s", document)
	}
}

// TestNoSecretsInAdvice: neither what the viewer may use to get in nor what the origin checks.
func TestNoSecretsInAdvice(t *testing.T) {
	text := strings.Replace(custom("origin.example.net", "https-only", ""), `"CustomHeaders":{"Quantity":0}`,
		`"CustomHeaders":{"Quantity":1,"Items":[{"HeaderName":"X-Origin-Verify","HeaderValue":"s3cr3t"}]}`, 1)
	r := diagnosed(t, text+"ask GET /about.html?Policy=s3cr3t&Signature=s3cr3t&Key-Pair-Id=K1 403\nheader Authorization: Bearer s3cr3t\nheader Cookie: id=s3cr3t\n"+viewerFunction).Report
	header := false
	for _, c := range allCommands(r) {
		if strings.Contains(c.AWSCLI+c.CallAWS+c.Purpose+strings.Join(c.Inputs, " "), "s3cr3t") {
			t.Errorf("a secret is shown: %+v", c)
		}
		header = header || strings.Contains(c.AWSCLI, "X-Origin-Verify: VALUE") && len(c.Inputs) > 0
	}
	if !header {
		t.Error("no command says that the origin wants its custom header")
	}
}

// everything is a world in which every kind of advice is given.
const everything = "world s3-oac\nask POST /about.html 403\n" + acl + viewerFunction + groupLogs

func TestCommandsAreWhole(t *testing.T) {
	texts := []string{everything, custom(balancer, "https-only", "") + balancers + targets + plainListener + "ask GET / 504\n",
		custom(functionURL, "https-only", "") + functions + "ask GET / 403\n", custom(apiDomain, "https-only", "") + "ask GET / 403\n"}
	for _, world := range worldtest.Worlds() {
		texts = append(texts, "world "+world+"\n", "world "+world+"\nask GET /x 403\n")
	}
	for _, text := range texts {
		for _, catalogue := range [][]*cause.Cause{{needy()}, {found()}} {
			for _, c := range allCommands(diagnosed(t, text, catalogue...).Report) {
				checkCommand(t, c)
			}
		}
	}
}

func checkCommand(t *testing.T, c report.Command) {
	t.Helper()
	if c.Purpose == "" || c.AWSCLI == "" || c.Inputs == nil {
		t.Errorf("a command without purpose, text or inputs: %+v", c)
	}
	isAWS := strings.HasPrefix(c.AWSCLI, "aws ") || strings.Contains(c.AWSCLI, "\naws ")
	if isAWS != (c.CallAWS != "") || isAWS == strings.Contains(c.Purpose, terminalOnly) {
		t.Errorf("call_aws is for AWS commands, and for all of them: %+v", c)
	}
	if !isAWS {
		return
	}
	line, ok := strings.CutPrefix(c.CallAWS, `call_aws(cli_command="`)
	line, closed := strings.CutSuffix(line, `")`)
	words := strings.Fields(line)
	if !ok || !closed || len(words) < 3 || words[0] != "aws" || strings.Contains(line, "\n") {
		t.Fatalf("not one command: %s", c.CallAWS)
	}
	verb, _, _ := strings.Cut(words[2], "-")
	changes := slices.Contains([]string{"create", "put", "update", "delete", "attach"}, verb)
	if changes != c.Mutates {
		t.Errorf("%s says mutates=%v", words[2], c.Mutates)
	}
}

// TestHostileNames runs every command for a shell in one, with stand-ins for the programs: whatever an account calls its things, nothing of it
// is ever run.
func TestHostileNames(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no sh on this machine")
	}
	// No spaces, so that it stands in a path; single quotes end a careless quotation, the rest runs in a missing one.
	const evil = "x';touch${IFS}canary;'$(touch${IFS}canary)`touch${IFS}canary`;touch${IFS}canary;'"
	text := everything
	for _, name := range []string{"/about.html", "function/rewrite", "log-group:web-logs", "EFUNCTION", "aws-waf-logs-site", "MetricName\":\"blocked", "webacl/site"} {
		text = strings.ReplaceAll(text, name, name+evil)
	}
	text += `set cloudfront:GetDistribution Distribution.DistributionConfig.Aliases.Items ["www.fernhill.example` + evil + `"]` + "\n" +
		`set cloudfront:GetDistribution Distribution.DomainName "d1` + evil + `"` + "\n" +
		`set cloudfront:GetDistribution Distribution.DistributionConfig.Logging {"Enabled":true,"Bucket":"logs.s3.amazonaws.com","Prefix":"www/` + evil + `"}` + "\n" +
		`set cloudfront:GetDistribution Distribution.DistributionConfig.Origins.Items[0].OriginPath "/` + evil + `"` + "\n"
	bin, work := t.TempDir(), t.TempDir()
	for _, name := range []string{"aws", "curl", "dig", "openssl", "gzip", "awk", "cfdoctor"} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\ncat >/dev/null 2>&1 </dev/null\nexit 0\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	r := diagnosed(t, text).Report
	if n := len(allCommands(r)); n < 20 {
		t.Fatalf("only %d commands", n)
	}
	hostile := 0
	for _, c := range allCommands(r) {
		if strings.Contains(c.AWSCLI, "canary") {
			hostile++
		}
		cmd := exec.Command(sh, "-c", c.AWSCLI)
		cmd.Dir, cmd.Env = work, []string{"PATH=" + bin + ":" + os.Getenv("PATH"), "TMPDIR=" + work}
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v: %s\n%s", err, c.AWSCLI, out)
		}
		if _, err := os.Stat(filepath.Join(work, "canary")); err == nil {
			t.Fatalf("a name was run: %s", c.AWSCLI)
		}
	}
	if hostile < 10 {
		t.Errorf("only %d commands have a hostile name in them", hostile)
	}
}
