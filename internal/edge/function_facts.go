package edge

import (
	"strings"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/function"
	"cfdoctor/internal/tri"
)

// functionFacts is a CloudFront Function compiled with what its runs need.
type functionFacts struct {
	name    string
	code    evidence.Fact[account.FunctionCodeOutput]
	program *function.Program // nil where the code could not be read
	missing []evidence.Gap
	unknown []string // entries of the event that a request does not tell
	guessed bool     // the runtime is not known
}

// live is the stage of a function that CloudFront runs.
const live = "LIVE"

// compileFunction compiles a behavior's function for one event.
func (m *Model) compileFunction(b *Behavior, arn, event string) *functionFacts {
	f := &functionFacts{name: functionName(arn)}
	f.code = account.FunctionCode(f.name, live).In(m.World)
	code, ok := f.code.Get()
	if !ok {
		f.missing = append(f.missing, f.code)
		return f
	}
	summary := account.Function(f.name, live).In(m.World)
	c := function.Code{Name: f.name, Runtime: function.Runtime2, Source: string(code.FunctionCode)}
	var store *function.Store
	if config := summary.Or(account.FunctionOutput{}).FunctionSummary.FunctionConfig; config != nil {
		c.Runtime = string(config.Runtime)
		store = &function.Store{Complete: true}
		if a := config.KeyValueStoreAssociations; a != nil && len(a.Items) > 0 {
			store = m.keyValues(f, str(a.Items[0].KeyValueStoreARN))
		}
	} else {
		f.guessed = true
		f.missing = append(f.missing, summary)
	}
	f.program = m.programs.compile(c, store)
	if event == function.ViewerRequest {
		f.unknown = unknownHeaders(b)
	}
	return f
}

// keyValues reads a function's store; a function has one at most (DG/cloudfront-limits).
func (m *Model) keyValues(f *functionFacts, arn string) *function.Store {
	fact := account.KeyValues(arn).In(m.World)
	out, ok := fact.Get()
	if !ok {
		f.missing = append(f.missing, fact)
		return nil
	}
	store := &function.Store{ID: arn[strings.LastIndexByte(arn, '/')+1:], Items: make(map[string]string, len(out.Items)), Complete: true}
	for _, item := range out.Items {
		store.Items[item.Key] = item.Value
	}
	return store
}

// functionName takes the name out of a function's ARN, which ends in function/NAME.
func functionName(arn string) string {
	return arn[strings.LastIndexByte(arn, '/')+1:]
}

// Entries of the event that a request may tell or not.
const (
	viewerCountryPath = "request.headers.cloudfront-viewer-country"
	viewerIPPath      = "viewer.ip"
)

// unknownHeaders lists CloudFront's own headers that the behavior's policies add before the function runs (DG/adding-cloudfront-headers) and
// whose values a request does not tell.
func unknownHeaders(b *Behavior) []string {
	forwarding := b.Forwarding()
	var out []string
	for _, name := range [...]string{
		"viewer-country", "viewer-country-name", "viewer-country-region", "viewer-country-region-name", "viewer-city", "viewer-latitude",
		"viewer-longitude", "viewer-metro-code", "viewer-postal-code", "viewer-time-zone", "viewer-address", "viewer-asn", "viewer-tls",
		"viewer-http-version", "viewer-ja3-fingerprint", "viewer-ja4-fingerprint", "viewer-header-order", "viewer-header-count",
		"is-mobile-viewer", "is-tablet-viewer", "is-desktop-viewer", "is-smarttv-viewer", "is-ios-viewer", "is-android-viewer", "forwarded-proto",
	} {
		name = "cloudfront-" + name
		if tri.Or(forwarding.HeaderInKey(name), forwarding.HeaderToOrigin(name, "GET")) != tri.False {
			out = append(out, "request.headers."+name)
		}
	}
	return out
}
