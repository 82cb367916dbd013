package viewerrequestfunction

import (
	"strings"

	"github.com/go-json-experiment/json"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
	"cfdoctor/internal/request"
)

// commandsFor are the commands with which a function's author works on it: to get its live code, to run it with this very request, and to put
// changed code in its place.
func commandsFor(p *cause.Pass, name string) []fix.HandCall {
	named := fix.HandParam{Name: "Name", Value: name}
	stage := fix.HandParam{Name: "Stage", Value: live}
	const code = "function.js"
	etag := account.Function(name, live).In(p.World).Or(account.FunctionOutput{}).ETag
	test := fix.HandCall{Purpose: "Run the live code with this request (values of cookies and of credentials are left out)", Service: "cloudfront", Operation: "TestFunction"}
	if etag == "" {
		etag, test.Inputs = etagInput, []string{etagInput + ": the ETag in the answer of describe-function"}
	}
	test.Params = []fix.HandParam{named, stage, {Name: "IfMatch", Value: etag}, {Name: "EventObject", Value: fix.Blob(eventOf(p.Request, p.Model.DomainName()))}}
	return []fix.HandCall{
		{Purpose: "See the function's settings and its ETag", Service: "cloudfront", Operation: "DescribeFunction", Params: []fix.HandParam{named, stage}},
		{Purpose: "Save its live code as " + code, Service: "cloudfront", Operation: "GetFunction",
			Params: []fix.HandParam{named, stage, {Name: "FunctionCode", Value: fix.Saved(code)}}},
		test,
		{Purpose: "Put the changed code of " + code + " into development", Service: "cloudfront", Operation: "UpdateFunction", Mutates: true,
			Params: []fix.HandParam{named, {Name: "IfMatch", Value: etagInput}, {Name: "FunctionConfig", Value: configOf(p, name)}, {Name: "FunctionCode", Value: fix.File(code)}},
			Inputs: []string{etagInput + ": the ETag that describe-function shows for the stage DEVELOPMENT", code + ": the changed code"}},
		{Purpose: "Publish what is in development", Service: "cloudfront", Operation: "PublishFunction", Mutates: true,
			Params: []fix.HandParam{named, {Name: "IfMatch", Value: etagInput}},
			Inputs: []string{etagInput + ": the ETag in the answer of update-function"}},
	}
}

// etagInput stands for a version that an answer shows.
const etagInput = "ETAG"

// configOf are the settings that go with changed code: the live ones, as far as they are known.
func configOf(p *cause.Pass, name string) any {
	if config := account.Function(name, live).In(p.World).Or(account.FunctionOutput{}).FunctionSummary.FunctionConfig; config != nil {
		return config
	}
	return map[string]any{"Comment": "", "Runtime": "cloudfront-js-2.0"}
}

// entries are headers, cookies or query arguments as an event has them (DG/functions-event-structure).
type entries map[string]map[string]any

func (e entries) add(name, value string) {
	if at, there := e[name]; there {
		all, _ := at["multiValue"].([]any)
		if all == nil {
			all = []any{map[string]any{"value": at["value"]}}
		}
		at["multiValue"] = append(all, map[string]any{"value": value})
		return
	}
	e[name] = map[string]any{"value": value}
}

// leftOut stands for values that are no affair of whoever reads the command.
const leftOut = "LEFT_OUT"

// eventOf is the viewer's request as the event that test-function takes; without a host of its own it is one for the distribution's domain.
func eventOf(r request.Request, domain string) string {
	headers, cookies, query := entries{}, entries{}, entries{}
	if r.Host != "" {
		domain = r.Host
	}
	headers.add("host", domain)
	for _, h := range r.Headers {
		switch name := strings.ToLower(h.Name); {
		case name == "cookie":
		case evidence.IsSecretHeader(name):
			headers.add(name, leftOut)
		default:
			headers.add(name, h.Value)
		}
	}
	for _, c := range r.Cookies() {
		cookies.add(c.Name, leftOut)
	}
	for part := range strings.SplitSeq(evidence.RedactQuery(r.Query), "&") {
		if name, value, _ := strings.Cut(part, "="); name != "" {
			query.add(name, value)
		}
	}
	ip := "203.0.113.10" // an address for examples (RFC 5737), where the viewer's is not known
	if r.ClientIP.IsValid() {
		ip = r.ClientIP.String()
	}
	out, err := json.Marshal(map[string]any{
		"version": "1.0",
		"context": map[string]any{"eventType": "viewer-request"},
		"viewer":  map[string]any{"ip": ip},
		"request": map[string]any{"method": r.Method, "uri": r.Path, "querystring": query, "headers": headers, "cookies": cookies},
	}, json.Deterministic(true))
	if err != nil {
		return "{}" // a text that is no UTF-8
	}
	return string(out)
}
