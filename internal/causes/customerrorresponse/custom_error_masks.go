package customerrorresponse

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/passage"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
)

var customErrorMasks = &cause.Cause{
	ID:       "CUSTOM_ERROR_MASKS",
	Title:    "An error page hides the real status of the answer",
	Stage:    "custom-error-response",
	Symptoms: []int{200},
	Severity: cause.High,
	Doc: cause.Doc{
		Explain: `A custom error response replaces an error by a page, and may turn its status into 200. It holds for the whole distribution: what is meant for the routes of a
single-page application also catches the errors of an API, of the web ACL and of missing scripts. Clients then get HTML and a 200 where they would have to learn of an error.`,
		Why:     `403 and 404 were mapped to /index.html with status 200 for a single-page application, and later the distribution got an API or other behaviors.`,
		Example: "An API says 404 for an unknown route, and the viewer gets the application's index.html with status 200.",
		References: []string{
			guide + "custom-error-pages-response-code.html",
			guide + "GeneratingCustomErrorResponses.html",
		},
		Since: "0.1",
	},
	Detect: detectMask,
	Fixes:  fixMask,
}

func detectMask(p *cause.Pass) cause.Verdict {
	masks := maskingRules(p.Model)
	page := p.Exchange().ErrorPage
	switch {
	case page != nil && page.Path != "" && page.Original >= 400 && page.Status < 400:
		return masked(p, page)
	case len(masks) == 0:
		return cause.RuleOut("no custom error response turns an error into a success")
	}
	refs := make([]evidence.Ref, 0, len(masks))
	statuses := make([]int, 0, len(masks))
	codes := ""
	for _, m := range masks {
		refs = append(refs, p.Model.Ref(m.field+".ResponseCode", strconv.Itoa(m.rule.ResponseCode), "for "+strconv.Itoa(m.rule.Code)+", for every behavior"))
		statuses = append(statuses, m.rule.Code)
		if codes != "" {
			codes += " and "
		}
		codes += strconv.Itoa(m.rule.Code)
	}
	b := passage.Behavior(p)
	dynamic := b != nil && !ownPage(p, b, masks[0].rule.PagePath)
	summary := "Errors with the status " + codes + " come back as a page with status 200, for every behavior of the distribution: clients of an API or of scripts do not learn of them."
	if dynamic && p.Symptom.Given && p.Asked && p.Symptom.Code < 300 && !p.Fails() && p.Trace.Outcome.Certainty != edge.Certain {
		return cause.Likely(p.DistributionName(), summary, "what the origin answers is not known; if it is one of these errors, the viewer does not see it", refs...).
			Explaining(true).With(statuses)
	}
	if others := otherOrigins(p.Model, masks[0].rule.PagePath); others != "" && !p.Symptom.Given {
		return cause.Possible(p.DistributionName(), summary, "it hurts where an error of "+others+" is hidden this way", refs...).Explaining(false).AtSeverity(cause.Medium).With(statuses)
	}
	if !p.Trace.Outcome.NoHTTP && p.Trace.Outcome.Certainty != edge.Certain && p.Symptom.Given && p.Symptom.Code < 300 {
		return cause.Need("whether the origin answers with an error that the page hides is not known")
	}
	return cause.RuleOut("this answer is not one that an error page hides", refs...)
}

// masked judges an error that the simulation shows to be hidden.
func masked(p *cause.Pass, page *edge.ErrorPage) cause.Verdict {
	ref := p.Model.Ref(page.Field+".ResponseCode", strconv.Itoa(page.Status), "the error was "+strconv.Itoa(page.Original)+", at "+p.Trace.StoppedAt)
	refs := []evidence.Ref{ref, p.Model.Ref(page.Field+".ResponsePagePath", page.Path, "")}
	if routeOfApplication(p, page) {
		return cause.RuleOut("the page is meant for this: the path is a route of the application that "+page.Path+" holds", refs...)
	}
	if step, ok := p.Trace.Step(p.Trace.StoppedAt); ok {
		refs = append(refs, step.Evidence...)
	}
	summary := "The real answer is " + strconv.Itoa(page.Original) + " (" + p.Trace.StoppedAt + "), and the error page " + page.Path + " hides it: viewers get that page with status " +
		strconv.Itoa(page.Status) + "."
	explains := !p.Symptom.Given || p.Asked && p.Symptom.Code == page.Status
	if p.Trace.Outcome.Certainty == edge.Uncertain {
		return cause.Likely(p.DistributionName(), summary, "the real status is the likelier of several", refs...).Explaining(explains).With([]int{page.Original})
	}
	return cause.Confirm(p.DistributionName(), summary, refs...).Explaining(explains).With([]int{page.Original}).
		WithBecause("the simulated request ends in the error, and the error page's settings are known")
}

// routeOfApplication reports whether a single-page application works as it should: an object that is not there, under a path without an
// extension, from the origin that also has the page.
func routeOfApplication(p *cause.Pass, page *edge.ErrorPage) bool {
	missing := p.Trace.StoppedAt == "origin-object" && p.Exchange().S3 != nil && p.Exchange().S3.Exists.No()
	return missing && path.Ext(p.Request.Path) == "" && !programmatic(p.Request.Path) && p.Trace.Behavior != nil && ownPage(p, p.Trace.Behavior, page.Path)
}

// programmatic reports whether a path looks like one that programs ask for, not a page of an application.
func programmatic(requested string) bool {
	for part := range strings.SplitSeq(strings.ToLower(requested), "/") {
		if slices.Contains([]string{"api", "apis", "graphql", "rest", "rpc", ".well-known"}, part) {
			return true
		}
	}
	return false
}

// ownPage reports whether a behavior's origin is the one that has the error page too.
func ownPage(p *cause.Pass, b *edge.Behavior, pagePath string) bool {
	own := p.Model.BehaviorFor(pagePath)
	return own != nil && own.Config.TargetOriginId != nil && b.Config.TargetOriginId != nil && *own.Config.TargetOriginId == *b.Config.TargetOriginId
}

// otherOrigins names a behavior whose errors are its own business, "" for none.
func otherOrigins(m *edge.Model, pagePath string) string {
	own := m.BehaviorFor(pagePath)
	for _, b := range m.Behaviors {
		if own != nil && b.Config.TargetOriginId != nil && own.Config.TargetOriginId != nil && *b.Config.TargetOriginId != *own.Config.TargetOriginId {
			return "the behavior " + b.PathPattern
		}
	}
	return ""
}

// mask is a custom error response that turns an error into a success.
type mask struct {
	rule  cloudfront.ErrorRule
	field string
}

func maskingRules(m *edge.Model) []mask {
	if m.Config.CustomErrorResponses == nil {
		return nil
	}
	var out []mask
	for i, entry := range m.Config.CustomErrorResponses.Items {
		if entry.ErrorCode == nil {
			continue
		}
		if rule, ok := cloudfront.FindErrorRule(m.Config.CustomErrorResponses.Items, int(*entry.ErrorCode)); ok && rule.Masks() {
			out = append(out, mask{rule, "CustomErrorResponses.Items[" + strconv.Itoa(i) + "]"})
		}
	}
	return out
}

func fixMask(p *cause.Pass, v cause.Verdict) []fix.Fix {
	statuses, ok := v.Data.([]int)
	if !ok {
		return nil
	}
	var edits []fix.Edits
	list := ""
	slices.Sort(statuses)
	for _, status := range statuses {
		edits = append(edits, fix.RemoveCustomErrorResponse(status))
		if list != "" {
			list += " and "
		}
		list += strconv.Itoa(status)
	}
	route := fix.Fix{
		Title: "Send the application's routes to its page with a function, and take the error page off", Complexity: fix.Standard, Minutes: 45,
		Impact:      "None while it deploys, where the function is associated before the error page is removed",
		Explanation: "A viewer-request function on the application's behavior alone rewrites paths without an extension to the page; errors of everything else stay what they are.",
		Manual: []string{
			"Create a CloudFront Function for the viewer-request event: if the last part of request.uri has no dot, set request.uri to the page (/index.html); return request. Publish it and associate it with the application's behavior only.",
			"When it works, remove the error response for " + list + " on the Error pages tab.",
		},
		Confidence: fix.High,
	}
	remove := fix.Fix{
		Title: "Let viewers see the status " + list, Complexity: fix.Quick, Minutes: 10,
		Impact:      "Errors show as errors, for every behavior, as edge locations take the change up",
		Explanation: "Without the custom error response CloudFront passes the error on as it is.",
		SideEffects: []string{"A single-page application that relies on the page for its routes answers deep links with the error: give it a function first (the other fix)"},
		Changes:     []fix.Change{fix.EditDistribution(p.Model.ID(), edits...)},
		Invalidate:  []string{"/*"}, Confidence: fix.High,
	}
	return []fix.Fix{remove, route}
}
