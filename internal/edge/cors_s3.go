package edge

import (
	"slices"
	"strings"

	s3 "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/request"
	"cfdoctor/internal/tri"
)

// corsRules reads a bucket's CORS rules; a bucket without any has none.
func (m *Model) corsRules(bucket string) evidence.Fact[account.CORSOutput] {
	return account.BucketCORS(bucket).In(m.World)
}

// firstCORSRule finds the first rule that fits the origin, the method and every requested header (S3UG/cors).
func firstCORSRule(fact evidence.Fact[account.CORSOutput], origin, method, headers string) (s3.CORSRule, tri.Bool) {
	if fact.IsAbsent() {
		return s3.CORSRule{}, tri.False
	}
	out, ok := fact.Get()
	if !ok {
		return s3.CORSRule{}, tri.Unknown
	}
	for _, rule := range out.CORSRules {
		if fitsAny(rule.AllowedOrigins, origin) && slices.Contains(rule.AllowedMethods, method) && coversHeaders(rule.AllowedHeaders, headers) {
			return rule, tri.True
		}
	}
	return s3.CORSRule{}, tri.False
}

// fitsAny: a value may hold one asterisk.
func fitsAny(patterns []string, value string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return starMatch(p, value) })
}

// starMatch takes only the asterisk for a wildcard.
func starMatch(pattern, value string) bool {
	prefix, suffix, wild := strings.Cut(pattern, "*")
	if !wild {
		return pattern == value
	}
	return len(value) >= len(prefix)+len(suffix) && strings.HasPrefix(value, prefix) && strings.HasSuffix(value, suffix)
}

// coversHeaders reports whether every header that a browser asks for is allowed; names are compared without regard to case.
func coversHeaders(allowed []string, requested string) bool {
	for name := range strings.SplitSeq(requested, ",") {
		name = strings.ToLower(strings.TrimSpace(name))
		if name == "" {
			continue
		}
		if !slices.ContainsFunc(allowed, func(p string) bool { return starMatch(strings.ToLower(p), name) }) {
			return false
		}
	}
	return true
}

// corsRuleHeaders is what S3 adds for a rule. Only a rule with a bare asterisk answers with one; others echo the origin.
func corsRuleHeaders(rule s3.CORSRule, origin, requested string) []request.Header {
	allow, credentials := origin, true
	if slices.Contains(rule.AllowedOrigins, "*") {
		allow, credentials = "*", false
	}
	headers := []request.Header{
		{Name: "Access-Control-Allow-Origin", Value: allow},
		{Name: "Access-Control-Allow-Methods", Value: strings.Join(rule.AllowedMethods, ", ")},
	}
	if requested != "" {
		headers = append(headers, request.Header{Name: "Access-Control-Allow-Headers", Value: requested})
	}
	if len(rule.ExposeHeaders) > 0 {
		headers = append(headers, request.Header{Name: "Access-Control-Expose-Headers", Value: strings.Join(rule.ExposeHeaders, ", ")})
	}
	if credentials {
		headers = append(headers, request.Header{Name: "Access-Control-Allow-Credentials", Value: "true"})
	}
	return headers
}
