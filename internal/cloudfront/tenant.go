package cloudfront

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
)

// TenantParameters are the values of a multi-tenant distribution's parameters for one tenant: the tenant's own, and the defaults of those it
// does not set. Either may be nil (DG/tenant-customization, API reference of ParameterDefinition).
func TenantParameters(config *types.TenantConfig, given []types.Parameter) map[string]string {
	values := map[string]string{}
	if config != nil {
		for _, d := range config.ParameterDefinitions {
			if d.Name != nil && d.Definition != nil && d.Definition.StringSchema != nil && d.Definition.StringSchema.DefaultValue != nil {
				values[*d.Name] = *d.Definition.StringSchema.DefaultValue
			}
		}
	}
	for _, p := range given {
		if p.Name != nil && p.Value != nil {
			values[*p.Name] = *p.Value
		}
	}
	return values
}

// Parametrised reports whether an origin's domain name or path holds a parameter of the tenant, "{{name}}". No other part of a distribution can
// (DG/tenant-customization).
func Parametrised(o types.Origin) bool {
	return o.DomainName != nil && strings.Contains(*o.DomainName, "{{") || o.OriginPath != nil && strings.Contains(*o.OriginPath, "{{")
}

// FillOrigin returns the origin with the parameters replaced, and the names of those that have no value.
func FillOrigin(o types.Origin, values map[string]string) (filled types.Origin, missing []string) {
	for _, text := range []**string{&o.DomainName, &o.OriginPath} {
		if *text != nil {
			out, without := fillParameters(**text, values)
			*text = &out
			missing = append(missing, without...)
		}
	}
	return o, missing
}

func fillParameters(text string, values map[string]string) (filled string, missing []string) {
	var b strings.Builder
	for {
		before, rest, opened := strings.Cut(text, "{{")
		name, after, closed := strings.Cut(rest, "}}")
		if !opened || !closed {
			b.WriteString(text)
			return b.String(), missing
		}
		b.WriteString(before)
		name = strings.TrimSpace(name)
		value, ok := values[name]
		if !ok {
			missing = append(missing, name)
		}
		b.WriteString(value)
		text = after
	}
}
