package render

import (
	"reflect"
	"strings"

	"cfdoctor/internal/evidence"
	"cfdoctor/internal/report"
)

// fixtures are the reports that every format is tested with.
func fixtures() map[string]*report.Report {
	return map[string]*report.Report{
		"single":   singleCause(),
		"nothing":  nothingExplains(),
		"healthy":  healthyReview(),
		"two":      twoCauses(),
		"hostile":  filledWith(func() string { return hostile }),
		"bare":     {Schema: report.SchemaVersion},
		"supplied": needsAPerson(),
	}
}

func frame() *report.Report {
	return &report.Report{
		Schema: report.SchemaVersion, GeneratedAt: "2026-11-20T10:00:00Z", CfdoctorVersion: "0.1.0",
		Source: report.Source{Kind: "bundle", Account: "111122223333", Detail: "account.json"},
		Tasks: []report.Task{
			{Step: 1, Title: "Verify dependencies", Status: "done"},
			{Step: 2, Title: "Validate the distribution and collect information", Status: "partial", Note: "41 calls, 1 denied"},
		},
		Distribution: report.Distribution{
			ID: "E2EXAMPLE1SHOP", ARN: "arn:aws:cloudfront::111122223333:distribution/E2EXAMPLE1SHOP", DomainName: "d111111abcdef8.cloudfront.net",
			Aliases: []string{"www.example.com"}, Status: "Deployed", Enabled: true, LastModified: "2026-11-18T08:12:44Z",
			Summary: []string{
				"Content comes from the S3 bucket example-shop-assets; it is private, and origin access control lets CloudFront in.",
				"Everything is served by one cache behavior; HTTP is redirected to HTTPS; GET and HEAD are allowed.",
				"No web ACL, no geographic restriction; the certificate is for www.example.com.",
				"Deployed and enabled; last changed on 2026-11-18.",
			},
			Origins:   []report.Origin{{ID: "s3-assets", DomainName: "example-shop-assets.s3.eu-west-1.amazonaws.com", Kind: "S3 bucket", Access: "origin access control"}},
			Behaviors: []report.Behavior{{PathPattern: "Default (*)", OriginID: "s3-assets", ViewerProtocolPolicy: "redirect-to-https", AllowedMethods: []string{"GET", "HEAD"}}},
			Security:  report.Security{GeoRestriction: "none", ViewerCertificate: "ACM, TLSv1.2_2021"},
		},
		Symptom: report.Symptom{ErrorCode: 403, Scheme: "https", Domain: "www.example.com", Path: "/images/logo.png", Query: "v=2", Method: "GET",
			Flags: []string{"--error-code", "403", "--request-path", "/images/logo.png?v=2"}},
		RuledOut: []report.RuledOut{
			{Cause: "WAF_RULE_BLOCK", Because: "the distribution has no web ACL"},
			{Cause: "GEO_BLOCKED", Because: "there is no geographic restriction"},
		},
		Monitoring: report.Monitoring{
			Metrics: []report.Metric{{Namespace: "AWS/CloudFront", Name: "4xxErrorRate", Statistic: "Average", Region: "us-east-1", Why: "shows refused requests within minutes",
				Dimensions: map[string]string{"DistributionId": "E2EXAMPLE1SHOP", "Region": "Global"}}},
			Alarms: []report.Alarm{{Name: "shop-4xx", Metric: "4xxErrorRate", Threshold: "above 5 % for 5 minutes", Why: "a lost permission shows here first",
				Command: report.Command{Purpose: "Make the alarm", AWSCLI: "aws cloudwatch put-metric-alarm --alarm-name shop-4xx", Mutates: true}}},
			Logs: []report.LogAdvice{{Log: "standard access log", State: "off", Command: report.Command{Purpose: "See whether it is on",
				AWSCLI: "aws cloudfront get-distribution --id E2EXAMPLE1SHOP --query Distribution.DistributionConfig.Logging"}}},
		},
		NextSteps: []report.NextStep{{Scenario: "If the error stays after the fix", Commands: []report.Command{{Purpose: "Empty the cache of errors",
			AWSCLI: "aws cloudfront create-invalidation --distribution-id E2EXAMPLE1SHOP --paths '/images/*'", Mutates: true}}}},
	}
}

func steps(stopped string) []report.Step {
	out := []report.Step{
		{Stage: "viewer-dns", Title: "DNS of the requested host", Verdict: "unknown", Summary: "The public DNS of www.example.com was not looked up."},
		{Stage: "viewer-connection", Title: "The viewer's connection", Verdict: "pass", Summary: "The certificate covers www.example.com."},
		{Stage: "viewer-protocol", Title: "HTTP or HTTPS", Verdict: "pass", Summary: "HTTPS is allowed."},
		{Stage: "geo-restriction", Title: "Geographic restriction", Verdict: "pass", Summary: "There is none."},
		{Stage: "cache-behavior", Title: "Choice of the cache behavior", Verdict: "pass", Summary: "Only the default behavior matches."},
		{Stage: "viewer-request-function", Title: "Function at the viewer", Verdict: "rewrite", Summary: "The function rewrites / to /index.html."},
		{Stage: "signed-access", Title: "Signed URLs and cookies", Verdict: "skipped", Summary: "Not in use."},
		{Stage: "cache-lookup", Title: "Cache", Verdict: "skipped", Summary: "Nothing can be known of the cache."},
		{Stage: "origin-access", Title: "The origin's permission", Verdict: "pass", Summary: "The bucket lets this distribution read."},
		{Stage: "origin-response", Title: "The origin's answer", Verdict: "pass", Summary: "The object is there."},
	}
	over := false
	for i := range out {
		if over {
			out[i].Verdict, out[i].Summary = "skipped", "Not reached."
		}
		if out[i].Stage == stopped {
			over = true
			out[i].Verdict, out[i].Status = "stop", 403
			out[i].Summary = "S3 refuses: no statement of the bucket policy lets this distribution read the object."
			out[i].Detail = "The only Allow for cloudfront.amazonaws.com is bound to another AWS:SourceArn."
			out[i].Evidence = []evidence.Ref{sourceARN()}
		}
	}
	return out
}

func sourceARN() evidence.Ref {
	return evidence.Ref{
		Call: "s3:GetBucketPolicy", Resource: "example-shop-assets", Field: `Policy.Statement[0].Condition.StringEquals["AWS:SourceArn"]`,
		Value: "arn:aws:cloudfront::111122223333:distribution/E1OLDSHOP", Note: "another distribution",
		Expected: "arn:aws:cloudfront::111122223333:distribution/E2EXAMPLE1SHOP",
	}
}

func policyFinding() report.Finding {
	return report.Finding{
		Cause: "S3_POLICY_WRONG_SOURCE_ARN", Title: "The bucket policy lets another distribution in, not this one", Severity: "critical", Likelihood: "confirmed",
		Because: "the policy is known in full and its only Allow cannot match", ExplainsSymptom: true, Stage: "origin-access",
		Resource: "arn:aws:s3:::example-shop-assets",
		Summary:  "The bucket keeps a list of who may read it, and the list names a different CloudFront distribution. So S3 turns this one away, and visitors see 403.",
		Detail:   "Statement[0] allows s3:GetObject to cloudfront.amazonaws.com under StringEquals AWS:SourceArn …/E1OLDSHOP; requests are signed by E2EXAMPLE1SHOP.",
		Evidence: []evidence.Ref{
			{Call: "cloudfront:GetDistribution", Resource: "E2EXAMPLE1SHOP", Field: "Origins.Items[0].OriginAccessControlId", Value: "E3OAC"},
			sourceARN(),
		},
		References: []string{"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html"},
		Fixes:      []string{"fix-1"},
	}
}

func policyFix() report.Fix {
	return report.Fix{
		ID: "fix-1", Title: "Name this distribution in the bucket policy", Causes: []string{"S3_POLICY_WRONG_SOURCE_ARN"}, Complexity: "quick",
		EstimatedMinutes: 5, Impact: "none; takes effect within seconds", Explanation: "Puts this distribution's ARN where the other one stands, so that S3 answers its requests.",
		Confidence: "high", SideEffects: []string{"The other distribution can no longer read the bucket."}, Touches: []string{"bucket-policy"},
		Diff: []report.DiffLine{{Resource: "example-shop-assets", Path: "Statement[0].Condition.StringEquals.AWS:SourceArn",
			Old: "arn:aws:cloudfront::111122223333:distribution/E1OLDSHOP", New: "arn:aws:cloudfront::111122223333:distribution/E2EXAMPLE1SHOP"}},
		Console: []string{"1. Open the S3 console and choose the bucket example-shop-assets.", "2. Open Permissions, then Bucket policy, then Edit.", "3. Replace the distribution in AWS:SourceArn and save."},
		Commands: []report.Command{{
			Purpose: "Write the policy", Mutates: true,
			AWSCLI:  "aws s3api get-bucket-policy --bucket example-shop-assets --query Policy --output text > policy.json\naws s3api put-bucket-policy --bucket example-shop-assets --policy file://policy.json",
			CallAWS: `call_aws(cli_command="aws s3api put-bucket-policy --bucket example-shop-assets --policy '{\"Version\":\"2012-10-17\"}'")`,
		}},
		Script:       "#!/bin/sh\nset -eu\ncat <<'EOF' > policy.json\n{}\nEOF\naws s3api put-bucket-policy --bucket example-shop-assets --policy file://policy.json\n",
		Verification: []report.Verification{{Purpose: "Ask again", AWSCLI: "curl -sS -o /dev/null -w '%{http_code}\\n' 'https://www.example.com/images/logo.png?v=2'", Expect: "200"}},
		Rollback:     []report.Command{{Purpose: "Put the old policy back", AWSCLI: "aws s3api put-bucket-policy --bucket example-shop-assets --policy file://old-policy.json", Mutates: true}},
		Proof:        report.Proof{Method: "simulated", Before: 403, After: 200, Because: "simulated again with the change made, the same request is answered with 200"},
	}
}

func singleCause() *report.Report {
	r := frame()
	yes, no := true, false
	r.Verdict = "S3 refuses the request, because the bucket policy names another distribution."
	r.Trace = report.Trace{
		Outcome: report.Outcome{Status: 403, Certainty: "certain", AnsweredBy: "s3"}, StoppedAt: "origin-access", Steps: steps("origin-access"),
		Alternatives: []report.Alternative{{Status: 200, If: "the object is still in the cache of the edge location"}, {Status: 0, If: "the name does not lead to CloudFront", Weak: true}},
	}
	r.Findings = []report.Finding{policyFinding(), {
		Cause: "S3_POLICY_EXPLICIT_DENY", Title: "A statement of the bucket policy denies plain HTTP", Severity: "low", Likelihood: "confirmed",
		Resource: "arn:aws:s3:::example-shop-assets", Summary: "It does not concern CloudFront, which uses HTTPS here.",
	}}
	r.Fixes = []report.Fix{policyFix(), {
		ID: "fix-2", Title: "Turn access logs on", Causes: []string{"LOGGING_OFF"}, Complexity: "standard", EstimatedMinutes: 20, Confidence: "high",
		Proof: report.Proof{Method: "none", Because: "logs answer no request"},
	}}
	r.Proactive = []report.Finding{{Cause: "LOGGING_OFF", Title: "Access logs are off", Severity: "medium", Likelihood: "confirmed", Summary: "Nobody can see later who was refused.",
		Resource: "distribution E2EXAMPLE1SHOP", Fixes: []string{"fix-2"}}}
	r.NotChecked = []report.NotChecked{{Cause: "KMS_KEY_POLICY", Because: "the key's policy could not be read: access denied", Needs: []string{"kms:GetKeyPolicy"}}}
	r.Compatibility = []report.Compatibility{
		{CloudFrontSetting: "Origin access", Current: "origin access control, always signs", OriginRequires: "signed requests from a distribution that the bucket policy names", OriginHas: "a policy for E1OLDSHOP", OK: &no, Origin: "s3-assets"},
		{CloudFrontSetting: "Origin protocol", Current: "HTTPS", OriginRequires: "HTTPS", OriginHas: "HTTPS only", OK: &yes, Origin: "s3-assets"},
		{CloudFrontSetting: "Encryption", Current: "–", OriginRequires: "kms:Decrypt where SSE-KMS is used", OriginHas: "not known", Origin: "s3-assets"},
	}
	return r
}

func nothingExplains() *report.Report {
	r := frame()
	r.Verdict = "As configured, this request should be answered with 200; what the viewer sees comes from something that was not read."
	r.Trace = report.Trace{Outcome: report.Outcome{Status: 200, Certainty: "likely", AnsweredBy: "s3"}, Steps: steps("")}
	r.NotChecked = []report.NotChecked{
		{Cause: "S3_OBJECT_ABSENT", Because: "the object was not looked up", Needs: []string{"s3:GetObject", "s3:ListBucket"}},
		{Cause: "KMS_KEY_POLICY", Because: "the key's policy could not be read: access denied", Needs: []string{"kms:GetKeyPolicy"}},
	}
	r.MissingPermissions = &report.Policy{Version: "2012-10-17", Statement: []report.Statement{
		{Sid: "CfdoctorMissingReads", Effect: "Allow", Action: []string{"kms:GetKeyPolicy"}, Resource: []string{"*"}},
	}}
	r.NextSteps = append(r.NextSteps, report.NextStep{Scenario: "If only some visitors see it", Commands: []report.Command{{Purpose: "Ask which edge location answers",
		AWSCLI: "curl -sSI 'https://www.example.com/images/logo.png?v=2'"}}})
	return r
}

func healthyReview() *report.Report {
	r := frame()
	r.Symptom.ErrorCode, r.Symptom.Flags = 0, r.Symptom.Flags[2:]
	r.Verdict = "Every request that was tried is answered as it should be."
	r.Trace = report.Trace{Outcome: report.Outcome{Status: 200, Certainty: "certain", AnsweredBy: "s3"}, Steps: steps("")}
	r.Tasks[1].Status = "done"
	return r
}

func twoCauses() *report.Report {
	r := singleCause()
	second := policyFinding()
	second.Cause, second.Title, second.Likelihood, second.Severity = "S3_OBJECT_ABSENT", "The object may not be there", "possible", "high"
	second.Summary, second.Because, second.Fixes = "Without permission to list, S3 answers 403 for what does not exist.", "the object could not be looked up", nil
	second.HumanMustAct = "Somebody has to upload the file."
	r.Findings = []report.Finding{r.Findings[0], second}
	r.Symptom.ErrorCode, r.Symptom.Flags = 0, r.Symptom.Flags[2:]
	return r
}

// needsAPerson has a fix without a script and an answer that is no HTTP.
func needsAPerson() *report.Report {
	r := frame()
	r.Symptom.ErrorCode, r.Symptom.Flags[1] = 502, "502"
	r.Trace = report.Trace{Outcome: report.Outcome{Certainty: "certain", AnsweredBy: "viewer-tls"}, StoppedAt: "viewer-connection", Steps: steps("viewer-connection")}
	f, fix := policyFinding(), policyFix()
	fix.Script, fix.Console = "", []string{"Ask for a certificate.", "Wait for the e-mail."}
	fix.Proof = report.Proof{Method: "none", Because: "a person has to act first"}
	fix.Commands = []report.Command{{Purpose: "Request it", CallAWS: `call_aws(cli_command="aws acm request-certificate --domain-name DOMAIN")`, Inputs: []string{"DOMAIN: the name"}, Mutates: true}}
	r.Findings, r.Fixes = []report.Finding{f}, []report.Fix{fix}
	return r
}

// hostile is what somebody could write into a comment, a key or a header: markup of every format, shell, escape sequences.
const hostile = "</code></pre><script>alert(1)</script>\"' onload=x javascript:y ``` | a\n# b\r\x1b[31m\x07\x9b2J\u202e @team #1 [x](https://evil.example) ![i](j) $(rm -rf ~) `id` \xff 表示 {0}"

// filledWith makes a report whose every text comes from a function and whose every list has two items.
func filledWith(text func() string) *report.Report {
	r := &report.Report{}
	populate(reflect.ValueOf(r).Elem(), text)
	r.Symptom.ErrorCode = 403
	r.Findings[0].ExplainsSymptom, r.Findings[0].Fixes = true, []string{"fix-1", "fix-2"}
	r.Findings[1].ExplainsSymptom = false
	r.Fixes[0].ID, r.Fixes[1].ID = "fix-1", "fix-2"
	r.Fixes[0].Proof.Method = "simulated"
	return r
}

func populate(v reflect.Value, text func() string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(text())
	case reflect.Int:
		v.SetInt(3)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			populate(v.Index(i), text)
		}
	case reflect.Map:
		v.Set(reflect.ValueOf(map[string]string{text(): text()}))
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				populate(v.Field(i), text)
			}
		}
	}
}

// commandLines collects every line of every command of a report, cleaned: what may be wider than the terminal.
func commandLines(r *report.Report) map[string]bool {
	out := map[string]bool{}
	add := func(text string) {
		for _, l := range cleanLines(text) {
			out[strings.TrimSpace(l)] = true
		}
	}
	c := &content{r: r}
	var commands []report.Command
	for _, f := range r.Fixes {
		add(f.Script)
		add(c.fixCommand(f.ID))
		commands = append(append(commands, f.Commands...), f.Rollback...)
		for _, v := range f.Verification {
			add(v.AWSCLI)
			add(v.CallAWS)
		}
	}
	add(c.fixCommand("ID"))
	for _, s := range r.NextSteps {
		commands = append(commands, s.Commands...)
	}
	for _, a := range r.Monitoring.Alarms {
		commands = append(commands, a.Command)
	}
	for _, l := range r.Monitoring.Logs {
		commands = append(commands, l.Command)
		add(l.Query)
	}
	for _, cmd := range commands {
		add(cmd.AWSCLI)
		add(cmd.CallAWS)
	}
	return out
}
