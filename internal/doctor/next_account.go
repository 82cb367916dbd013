package doctor

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/report"
)

// changes asks CloudTrail what was changed lately, from just before the errors rose where the metrics tell.
func (a *adviser) changes() {
	t := telemetryOf(a.m)
	since, what := a.now.Add(-7*24*time.Hour), "in the last week"
	for _, label := range []string{"4xxErrorRate", "5xxErrorRate"} {
		if shift, ok := t.series(label).Shift(rise); ok && shift.Up() && (a.q.Code == 0 || label[0] == strconv.Itoa(a.q.Code)[0]) {
			since, what = shift.At.Add(-2*time.Hour), "since shortly before the "+label+" rose at "+t.clock(shift.At)
		}
	}
	events := func(key, value, region, purpose string) []report.Command {
		return awsCommand("cloudtrail", "lookup-events").opt("lookup-attributes", "AttributeKey="+key+",AttributeValue="+value).
			opt("start-time", since.Format(time.RFC3339)).opt("max-items", "50").in(region).
			opt("query", "Events[?ReadOnly!='true'].[EventTime,EventName,Username]").opt("output", "text").to(purpose)
	}
	commands := [][]report.Command{events("EventSource", "cloudfront.amazonaws.com", account.GlobalRegion, "List changes to CloudFront "+what)}
	if text(a.m.Config.WebACLId) != "" {
		commands = append(commands, events("EventSource", "wafv2.amazonaws.com", account.GlobalRegion, "List changes to AWS WAF "+what))
	}
	if a.origin != nil && a.origin.Endpoint.IsS3() {
		region := a.origin.Endpoint.Region
		if b := a.m.BucketFor(a.origin); b != nil && b.Region != "" {
			region = b.Region
		}
		commands = append(commands, events("EventName", "PutBucketPolicy", region, "List changes to bucket policies "+what))
	}
	a.step("If it worked before: see what was changed, and by whom", commands...)
}

// permissions lists the reads that were missing as one policy, last of all.
func (a *adviser) permissions(result cause.Result) {
	policy := missingPermissions(a.m.World, a.m.Partition(), result)
	if policy == nil {
		return
	}
	needs := map[string]bool{}
	for _, s := range policy.Statement {
		for _, action := range s.Action {
			needs[action] = true
		}
	}
	arn := "arn:" + a.m.Partition() + ":iam::" + accountOf(a.m) + ":policy/cfdoctor-missing-reads"
	a.step(fmt.Sprintf("To check what could not be checked: attach a policy with the %s to whoever runs cfdoctor, and diagnose again", count(len(needs), "read that is missing", "reads that are missing")),
		awsCommand("iam", "create-policy").opt("policy-name", "cfdoctor-missing-reads").opt("policy-document", jsonText(policy)).changing().
			to("Create the policy: it only allows reading"),
		a.attach(arn))
}

// attach gives the policy to the caller's role or user, as far as it is known.
func (a *adviser) attach(arn string) []report.Command {
	caller, _ := account.Caller().In(a.m.World).Get()
	_, name, _ := strings.Cut(caller.Arn, "/")
	switch {
	case strings.Contains(caller.Arn, ":assumed-role/") && !strings.HasPrefix(name, "AWSReservedSSO_"):
		name, _, _ = strings.Cut(name, "/")
		return awsCommand("iam", "attach-role-policy").opt("role-name", name).opt("policy-arn", arn).changing().to("Attach it to the role that read the account")
	case strings.Contains(caller.Arn, ":user/"):
		name = name[strings.LastIndexByte(name, '/')+1:]
		return awsCommand("iam", "attach-user-policy").opt("user-name", name).opt("policy-arn", arn).changing().to("Attach it to the user who read the account")
	}
	// Roles of IAM Identity Center are changed through their permission set.
	return awsCommand("iam", "attach-role-policy").opt("role-name", "ROLE_NAME").opt("policy-arn", arn).changing().
		needing("ROLE_NAME: the role that cfdoctor runs with; for a role of IAM Identity Center, add the policy to its permission set instead").
		to("Attach it to the role that cfdoctor runs with")
}
