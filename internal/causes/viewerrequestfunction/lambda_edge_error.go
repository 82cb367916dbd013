package viewerrequestfunction

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/go-json-experiment/json"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/posture"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/fix"
)

var lambdaEdgeError = &cause.Cause{
	ID:       "LAMBDA_EDGE_ERROR",
	Title:    "The Lambda@Edge function fails, takes too long, is throttled, or returns what CloudFront does not accept",
	Stage:    stage,
	Symptoms: []int{502, 503},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `A Lambda@Edge function that throws, exceeds its time, or meets the limit of its Region is answered with 503; one that returns an invalid or too large
result with 502. The error page and the header x-cache say so: LambdaExecutionError, LambdaValidationError, LambdaLimitExceeded.`,
		Why: `The code takes for granted what not every request has, waits for a service that is slow, sets a read-only header, returns a status as a number in the
wrong form or a body over 40 KB (viewer events) or 1 MB (origin events).`,
		Example: "An origin-request function calls an authorization service that times out at peak.",
		Manual:  "The code of Lambda functions is not read: what it does wrong is in its logs.",
		References: []string{
			guide + "http-502-bad-gateway.html",
			guide + "http-503-service-unavailable.html",
			guide + "lambda-edge-testing-debugging.html",
			guide + "edge-functions-logs.html",
		},
		Since: "0.1",
	},
	Detect: detectLambdaError,
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		return []fix.Fix{{
			Title: "Find the error in the function's logs, and publish a version that handles it", Complexity: fix.Standard, Minutes: 90,
			Impact:      "The new version runs as edge locations take the change up",
			Explanation: "The logs name the error and the request. They lie in the Region nearest to the viewer, not in us-east-1 alone.",
			Manual: []string{
				"CloudFront console, Monitoring, Lambda@Edge tab: see which of execution errors, invalid responses and throttles rises, and follow View logs into the Region.",
				"In CloudWatch Logs of that Region open the group /aws/lambda/us-east-1.FUNCTION; invalid results are in /aws/cloudfront/LambdaEdge/" + p.Model.ID() + ".",
				"Mend the code, publish a version, and name its ARN in the behavior; where requests are throttled, ask for a higher quota or do the work in a CloudFront Function.",
			},
			ByHand:     append(lambdaLogs(p), lambdaByHand(p)...),
			Confidence: fix.Medium,
		}}
	},
}

// lambdaMetrics are CloudFront's counts of failures, by the status that viewers get (DG/viewing-cloudfront-metrics).
var lambdaMetrics = []struct {
	label, what string
	status      int
}{
	{"LambdaExecutionError", "fails", 503},
	{"LambdaLimitExceededErrors", "is throttled", 503},
	{"LambdaValidationError", "returns what CloudFront does not accept", 502},
}

func detectLambdaError(p *cause.Pass) cause.Verdict {
	list := lambdas(p)
	if len(list) == 0 {
		return cause.RuleOut("the behavior has no Lambda@Edge function")
	}
	f := list[0]
	for _, f := range list {
		if f.Problem != "" {
			return cause.RuleOut("the function cannot run at all: " + f.Problem)
		}
	}
	metrics := posture.Metrics(p)
	code := p.Symptom.Code
	if !p.Symptom.Given || code != 502 && code != 503 {
		return cause.Need("the code of Lambda@Edge functions is not run here, and no error of theirs was reported")
	}
	if p.Reproduced() && p.Trace.Outcome.Certainty == edge.Certain {
		return cause.RuleOut("the simulation explains the answer without the function's code")
	}
	resource := p.BehaviorName(p.Trace.Behavior)
	name := shortARN(f.ARN)
	ref := p.Model.Ref(f.Field, f.ARN, "its code is not run here")
	out, known := metrics.Get()
	for _, m := range lambdaMetrics {
		series, found := out.Series(m.label)
		if sum := series.Sum(); known && found && sum > 0 && m.status == code {
			return cause.Likely(resource, "The Lambda@Edge function "+name+" "+m.what+" for some requests, and viewers get "+fmt.Sprint(code)+".",
				"CloudFront counts such errors, and whether this request is one of them is not known",
				ref, metrics.Ref(m.label).With(fmt.Sprintf("%.0f", sum), "errors in the period read")).Explaining(true)
		}
	}
	return cause.Possible(resource, "A Lambda@Edge function, "+name+", runs for this request; if it fails, viewers get "+fmt.Sprint(code)+".",
		"the code of Lambda@Edge functions is not run here; its logs tell", ref).Needing(metrics).Explaining(!p.Reproduced())
}

// shortARN is a Lambda function's name and version.
func shortARN(arn string) string {
	if _, name, ok := strings.Cut(arn, ":function:"); ok {
		return name
	}
	return arn
}

func roleName(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// policyText is a policy document as text: IAM gives it URL-encoded, the AWS CLI as an object.
func policyText(document any) string {
	if text, ok := document.(string); ok {
		if plain, err := url.QueryUnescape(text); err == nil {
			return plain
		}
		return text
	}
	text, err := json.Marshal(document)
	if document == nil || err != nil {
		return ""
	}
	return string(text)
}
