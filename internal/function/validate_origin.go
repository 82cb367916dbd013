package function

import (
	"fmt"
	"strings"
)

// originRule is what viewers see if a function names an impossible origin.
const originRule = "The CloudFront function returned an invalid value for origin rewrite."

// origin reads the last call of an origin helper (DG/helper-functions-origin-modification).
func (c *checker) origin(calls [][]string) (*OriginOverride, *violation) {
	if len(calls) == 0 {
		return nil, nil
	}
	if len(calls) > 1 {
		c.doubt("the function calls origin helpers %d times", len(calls))
	}
	call, err := decodeCall(calls[len(calls)-1])
	if err != nil {
		return nil, &violation{originRule, "the arguments of the origin helper cannot be read", false}
	}
	call.first, call.second = c.whole(call.first, 1), c.whole(call.second, 1)
	out := &OriginOverride{Method: call.method}
	switch call.method {
	case "selectRequestOriginById":
		if !call.first.is("string") {
			return nil, &violation{originRule, "selectRequestOriginById is called with " + call.first.article() + " instead of an origin ID", false}
		}
		out.OriginIDs = []string{call.first.text}
		return out, c.settings(call.second, &out.Settings)
	case "createRequestOriginGroup":
		return out, c.group(call.first, out)
	}
	if !call.first.is("object") {
		return nil, &violation{originRule, "updateRequestOrigin is called with " + call.first.article() + " instead of settings", false}
	}
	return out, c.settings(call.first, &out.Settings)
}

type helperCall struct {
	method        string
	first, second value
}

func decodeCall(parts []string) (helperCall, error) {
	if len(parts) != 3 {
		return helperCall{}, fmt.Errorf("the call of an origin helper has %d parts", len(parts))
	}
	first, err := decodeValue(parts[1])
	if err != nil {
		return helperCall{}, err
	}
	second, err := decodeValue(parts[2])
	return helperCall{parts[0], first, second}, err
}

func (c *checker) settings(v value, out *OriginSettings) *violation {
	out.DomainName = textOf(v.get("domainName"))
	out.OriginPath = textOf(v.get("originPath"))
	out.HostHeader = textOf(v.get("hostHeader"))
	custom := v.get("customOriginConfig")
	out.Protocol = textOf(custom.get("protocol"))
	if port := custom.get("port"); port.finite() {
		number := int(port.number)
		out.Port = &number
	}
	if headers := v.get("customHeaders"); headers.is("object") {
		out.CustomHeaders = []Pair{}
		for _, p := range headers.props {
			out.CustomHeaders = append(out.CustomHeaders, Pair{p.name, p.value.text})
		}
	}
	if access := v.get("originAccessControlConfig"); access.is("object") {
		out.AccessControl = &AccessControl{
			Enabled:         access.get("enabled").truth,
			SigningBehavior: access.get("signingBehavior").text,
			SigningProtocol: access.get("signingProtocol").text,
			OriginType:      access.get("originType").text,
		}
	}
	return domainRule(out.DomainName)
}

func domainRule(domain *string) *violation {
	switch {
	case domain == nil:
		return nil
	case len(*domain) > 253:
		return &violation{originRule, "updateRequestOrigin names a domain longer than 253 characters", true}
	case strings.Contains(*domain, ":"):
		return &violation{originRule, fmt.Sprintf("updateRequestOrigin names the domain %q, and a domain cannot contain a colon", *domain), true}
	case *domain == "" || strings.Contains(*domain, "/"):
		return &violation{originRule, fmt.Sprintf("updateRequestOrigin names the domain %q, which is no domain name", *domain), false}
	}
	return nil
}

func (c *checker) group(v value, out *OriginOverride) *violation {
	for _, p := range v.get("originIds").props {
		out.OriginIDs = append(out.OriginIDs, p.value.get("originId").text)
	}
	for _, p := range v.get("failoverCriteria").get("statusCodes").props {
		if p.value.finite() {
			out.FailoverStatus = append(out.FailoverStatus, int(p.value.number))
		}
	}
	if len(out.OriginIDs) != 2 {
		return &violation{originRule, fmt.Sprintf("createRequestOriginGroup names %d origins, and a group has two", len(out.OriginIDs)), true}
	}
	if len(out.FailoverStatus) == 0 {
		return &violation{originRule, "createRequestOriginGroup names no status codes for failover", false}
	}
	return nil
}

// textOf returns a string's text, nil for any other value.
func textOf(v value) *string {
	if !v.is("string") {
		return nil
	}
	return &v.text
}
