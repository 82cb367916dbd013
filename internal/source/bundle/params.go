package bundle

import (
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// params are a call's params in a form in which equal values are equal texts: numbers by value, members sorted, and lists of strings
// sorted, for wherever AWS takes a list of ids or names their order means nothing.
type params map[string]string

// paramsOf brings a request's params into comparable form.
func paramsOf(values map[string]any) (params, error) {
	out := make(params, len(values))
	for name, value := range values {
		raw, err := json.Marshal(value, json.Deterministic(true))
		if err != nil {
			return nil, fmt.Errorf("param %s: %w", name, err)
		}
		if out[name], err = comparable(raw); err != nil {
			return nil, fmt.Errorf("param %s: %w", name, err)
		}
	}
	return out, nil
}

// comparable returns the text of a value that equal values share.
func comparable(raw jsontext.Value) (string, error) {
	var tree any
	if err := json.Unmarshal(raw, &tree); err != nil {
		return "", err
	}
	text, err := json.Marshal(sorted(tree), json.Deterministic(true))
	return string(text), err
}

// sorted sorts the lists of strings within a value.
func sorted(tree any) any {
	switch v := tree.(type) {
	case map[string]any:
		for name, inner := range v {
			v[name] = sorted(inner)
		}
	case []any:
		texts := make([]string, 0, len(v))
		for i, inner := range v {
			v[i] = sorted(inner)
			if s, ok := inner.(string); ok {
				texts = append(texts, s)
			}
		}
		if len(texts) == len(v) {
			slices.Sort(texts)
			return texts
		}
	}
	return tree
}

// answer reports whether a call recorded with these params answers a request.
func (p params) answer(request params) bool {
	for name, value := range p {
		asked, ok := request[name]
		if !ok || asked != value && !sameThing(asked, value) {
			return false
		}
	}
	return true
}

// sameThing reports whether one of two values is the other's short form: the id or name at the end of an ARN, a hosted zone's id without the
// path that Route 53 prints before it. Two ARNs are never the same thing, however they end.
func sameThing(a, b string) bool {
	return a == shortForm(b) || b == shortForm(a)
}

// shortForms are what an ARN's or path's resource part may begin with, where the API takes the rest for the whole: KMS keys, Lambda functions,
// hosted zones.
var shortForms = []string{":key/", ":function:", "/hostedzone/"}

// shortForm returns a JSON string without its long form's beginning, "" where it has none.
func shortForm(text string) string {
	for _, marker := range shortForms {
		before, rest, ok := strings.Cut(text, marker)
		if ok && (strings.HasPrefix(before, `"arn:`) || before == `"`) && !strings.Contains(rest, ":") {
			return `"` + rest
		}
	}
	return ""
}

// equivalentForms returns a recorded call's params and, where the API offers a second way to name the same resource, those of that way:
// WAF's GetWebACL and GetRuleGroup take an ARN, or what the ARN is made of; GetRealtimeLogConfig takes an ARN or a name.
func equivalentForms(name string, p params) []params {
	forms := []params{p}
	switch name {
	case "wafv2:GetWebACL", "wafv2:GetRuleGroup":
		if form := wafForm(p["ARN"]); form != nil {
			forms = append(forms, form)
		}
	}
	return forms
}

// wafForm takes Name, Scope and Id out of arn:PARTITION:wafv2:REGION:ACCOUNT:global|regional/KIND/NAME/ID.
func wafForm(arn string) params {
	parts := strings.SplitN(strings.Trim(arn, `"`), ":", 6)
	if len(parts) < 6 {
		return nil
	}
	path := strings.Split(parts[5], "/")
	if len(path) != 4 {
		return nil
	}
	scope := "REGIONAL"
	if path[0] == "global" {
		scope = "CLOUDFRONT"
	}
	return params{"Name": `"` + path[2] + `"`, "Scope": `"` + scope + `"`, "Id": `"` + path[3] + `"`}
}
