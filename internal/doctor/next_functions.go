package doctor

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
	"cfdoctor/internal/report"
)

func (a *adviser) functions() {
	a.once("functions", "To try the functions on the way with this request", a.testFunctions())
}

// behavior is the cache behavior that takes the request.
func (a *adviser) behavior() *edge.Behavior {
	if b := a.shown.Trace.Behavior; b != nil {
		return b
	}
	return a.m.BehaviorFor(a.shown.Request.Path)
}

// testFunctions runs each CloudFront Function of the behavior on the request, and shows the logs of the Lambda@Edge functions.
func (a *adviser) testFunctions() []report.Command {
	b := a.behavior()
	if b == nil {
		return nil
	}
	var out []report.Command
	if f := b.Config.FunctionAssociations; f != nil {
		for _, association := range f.Items {
			arn := text(association.FunctionARN)
			name := arn[strings.LastIndexByte(arn, '/')+1:]
			out = append(out, a.testFunction(name, association.EventType)...)
			out = append(out, filterEvents("/aws/cloudfront/function/"+name, account.GlobalRegion, a.now).
				to("Show what function "+show(name)+" printed in the last three hours")...)
		}
	}
	if f := b.Config.LambdaFunctionAssociations; f != nil {
		for _, association := range f.Items {
			name := functionOf(text(association.LambdaFunctionARN))
			out = append(out, filterEvents("/aws/lambda/us-east-1."+name, "REGION", a.now, "ERROR").
				needing("REGION: the AWS Region nearest the viewer, where Lambda@Edge writes its log").
				to("Show the errors of Lambda@Edge function "+show(name)+" in the last three hours")...)
		}
	}
	return out
}

// testFunction is the test of one function at its LIVE stage, which is what viewers meet. It finds exceptions and wrong answers; it does not
// find forbidden headers and changes of the origin that CloudFront refuses (DG/test-function, DG/http-502-bad-gateway).
//
// The event is a blob, which versions 1 and 2 of the AWS CLI take differently on the command line and alike from a file, so the shell makes a
// file; call_aws has none and is made of version 1, which takes the text as it is (AWS CLI User Guide, "cli_binary_format").
func (a *adviser) testFunction(name string, event types.EventType) []report.Command {
	document := jsonText(a.event(event))
	etag := "ETAG_FROM_DESCRIBE_FUNCTION"
	fact := account.Function(name, "LIVE").In(a.m.World)
	describe := awsCommand("cloudfront", "describe-function").opt("name", name).opt("stage", "LIVE").opt("query", "ETag").opt("output", "text").
		to("Get the function's version for the test")
	if len(describe) == 0 || !fix.FitToShow(document) {
		return nil
	}
	var inputs []string
	if out, ok := fact.Get(); ok && out.ETag != "" && fix.FitToShow(out.ETag) {
		etag = out.ETag
	} else {
		inputs = []string{"for call_aws: ETAG_FROM_DESCRIBE_FUNCTION, the answer of the command before"}
	}
	const options = "--query 'TestResult.{Error:FunctionErrorMessage,Output:FunctionOutput,Logs:FunctionExecutionLogs,Utilization:ComputeUtilization}' --output json"
	test := "aws cloudfront test-function --name " + fix.Quote(name) + " --stage LIVE "
	shell := strings.Join([]string{
		"event=$(mktemp)",
		"printf '%s' " + fix.Quote(document) + ` >"$event"`,
		"etag=$(" + describe[0].AWSCLI + ")",
		test + `--if-match "$etag" --event-object "fileb://$event" ` + options,
		`rm -f "$event"`,
	}, "\n")
	call := fix.CallAWS(test + "--if-match " + fix.Quote(etag) + " --event-object " + fix.Quote(document) + " " + options)
	return append(describe, report.Command{
		Purpose: "Run function " + show(name) + " on this request, without a viewer noticing", AWSCLI: shell, CallAWS: call, Inputs: list(inputs),
	})
}

// event is the function's event for the request (DG/functions-event-structure). What carries a right of access is left out.
func (a *adviser) event(event types.EventType) map[string]any {
	r := a.shown.Request
	host := r.Host
	if host == "" {
		host = a.m.DomainName()
	}
	headers := map[string]any{"host": map[string]any{"value": host}}
	for _, h := range r.Headers {
		if name := strings.ToLower(h.Name); !evidence.IsSecretHeader(name) {
			headers[name] = map[string]any{"value": h.Value}
		}
	}
	query := map[string]any{}
	for part := range strings.SplitSeq(evidence.RedactQuery(r.Query), "&") {
		if name, value, _ := strings.Cut(part, "="); name != "" {
			query[name] = map[string]any{"value": value}
		}
	}
	ip := "192.0.2.1" // an address for documentation, where the viewer's is not known
	if r.ClientIP.IsValid() {
		ip = r.ClientIP.String()
	}
	out := map[string]any{
		"version": "1.0",
		"context": map[string]any{
			"distributionDomainName": a.m.DomainName(), "distributionId": a.m.ID(), "eventType": string(event), "requestId": "cfdoctor-test-request",
		},
		"viewer":  map[string]any{"ip": ip},
		"request": map[string]any{"method": r.Method, "uri": r.Path, "querystring": query, "headers": headers, "cookies": map[string]any{}},
	}
	if event == types.EventTypeViewerResponse {
		out["response"] = map[string]any{"statusCode": max(a.q.Code, 200), "statusDescription": "", "headers": map[string]any{}, "cookies": map[string]any{}}
	}
	return out
}
