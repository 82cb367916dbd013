package policy

import (
	"strings"

	"cfdoctor/internal/tri"
)

// resourcePattern is one entry of Resource or NotResource. A star crosses colons and slashes alike
// (IAM/reference_policies_elements_resource).
type resourcePattern struct {
	pattern
	// stagePath: written in API Gateway's short form "execute-api:/stage/method/path", which stands for the
	// path behind the API's own ARN (APIGW/apigateway-resource-policies-examples).
	stagePath bool
}

func newResourcePattern(s string, vars bool) resourcePattern {
	rest, short := strings.CutPrefix(s, "execute-api:/")
	p := resourcePattern{newPattern(rest, wildcards|withVariables(vars)), short}
	if !short && variableBeforeResourcePart(p.tokens) {
		p.malformed = true
	}
	return p
}

// variableBeforeResourcePart reports a variable before an ARN's fifth colon, where AWS does not substitute
// (IAM/reference_policies_variables).
func variableBeforeResourcePart(tokens []token) bool {
	colons := 0
	for _, t := range tokens {
		if t.isVariable() {
			return colons < arnSections-1
		}
		colons += strings.Count(t.text, ":")
	}
	return false
}

func (p *resourcePattern) matches(resource string, ctx Context) outcome {
	if p.stagePath {
		if !strings.Contains(resource, ":execute-api:") {
			return outcome{match: tri.False}
		}
		_, resource, _ = strings.Cut(resource, "/")
	}
	return p.pattern.matches(resource, ctx)
}

func matchResources(patterns []resourcePattern, resource string, ctx Context) outcome {
	total := outcome{match: tri.False}
	for i := range patterns {
		p := &patterns[i]
		if resource == "" { // unknown: only "*" is certain
			if p.glob == nil || !p.glob.universal() || p.stagePath {
				total.match = tri.Or(total.match, tri.Unknown)
				total.unresolved = total.unresolved || p.glob == nil || p.malformed
				continue
			}
		}
		o := p.matches(resource, ctx)
		total.match = tri.Or(total.match, o.match)
		total.unresolved = total.unresolved || o.unresolved
	}
	return total
}
