package customerrorresponse

import (
	"strconv"
	"strings"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
)

var customErrorPageUnreachable = &cause.Cause{
	ID:       "CUSTOM_ERROR_PAGE_UNREACHABLE",
	Title:    "The error page itself cannot be fetched",
	Stage:    "custom-error-response",
	Symptoms: []int{403, 404, 502, 503, 504},
	Severity: cause.High,
	Doc: cause.Doc{
		Explain: `CloudFront fetches an error page like any object: the cache behavior for its path picks the origin. Where that origin does not have the page or does not let
CloudFront in, viewers get the status of the page's own error instead of the page, and the real error is hidden behind it.`,
		Why: `The page was never uploaded, lies in another folder than the origin path says, or falls to the behavior of the application that is just failing. Pages are best
kept in a bucket of their own, with a behavior for their path.`,
		Example: "ResponsePagePath /errors/500.html, and no object errors/500.html in the bucket.",
		References: []string{
			guide + "GeneratingCustomErrorResponses.html",
			guide + "creating-custom-error-pages.html",
		},
		Since: "0.1",
	},
	Detect: detectUnreachable,
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		found, ok := v.Data.(lost)
		if !ok {
			return nil
		}
		upload := fix.Fix{
			Title: "Put the page where CloudFront looks for it", Complexity: fix.Quick, Minutes: 15,
			Impact:      "None",
			Explanation: "The page has to be at " + found.page + " at the origin of the behavior that takes this path, readable for CloudFront.",
			Manual: []string{
				"Upload the page as the object for " + found.page + " (with the origin path in front), or add a cache behavior for its folder that leads to a bucket which has it.",
				"Fetch " + found.page + " through CloudFront and see that it answers 200.",
			},
			Invalidate: []string{found.page}, Confidence: fix.High,
		}
		remove := fix.Fix{
			Title: "Do without the error page for " + strconv.Itoa(found.code), Complexity: fix.Quick, Minutes: 10,
			Impact:      "Viewers see the error itself as edge locations take the change up",
			Explanation: "Without the custom error response the real status shows, which is better than the status of a page that is not there.",
			SideEffects: []string{"Viewers see CloudFront's or the origin's own plain error page"},
			Changes:     []fix.Change{fix.EditDistribution(p.Model.ID(), fix.RemoveCustomErrorResponse(found.code))},
			Invalidate:  []string{"/*"}, Confidence: fix.High,
		}
		return []fix.Fix{upload, remove}
	},
}

// lost is an error page that cannot be fetched.
type lost struct {
	code int
	page string
}

func detectUnreachable(p *cause.Pass) cause.Verdict {
	if page := p.Exchange().ErrorPage; page != nil && page.Path != "" && page.Reached.No() {
		if f := page.Fetch; f != nil && f.Origin != nil && p.Trace.Origin != nil && f.Origin.ID == p.Trace.Origin.ID && page.Original == page.Status && !(f.S3 != nil && f.S3.Exists.No()) {
			return cause.RuleOut("the error page comes from the origin that fails, and is missing for the same reason")
		}
		ref := p.Model.Ref(page.Field+".ResponsePagePath", page.Path, "fetching it ends in "+strconv.Itoa(page.Status))
		refs := append([]evidence.Ref{ref}, whyLost(p.Try(page.Path))...)
		return cause.Confirm(p.DistributionName(), "The request fails with "+strconv.Itoa(page.Original)+", and the error page "+page.Path+
			" for that cannot be fetched either: viewers get "+strconv.Itoa(page.Status)+".", refs...).With(lost{page.Original, page.Path}).
			WithBecause("the simulated request for the page fails too").Explaining(p.Reproduced())
	}
	if p.Model.Config.CustomErrorResponses == nil {
		return cause.RuleOut("the distribution has no error pages")
	}
	if p.Fails() && p.Trace.StoppedAt == "origin-access" {
		return cause.RuleOut("no error page is fetched for this answer, or it fails for the same reason")
	}
	var unsure bool
	var fine []evidence.Ref
	for i, entry := range p.Model.Config.CustomErrorResponses.Items {
		if entry.ResponsePagePath == nil || *entry.ResponsePagePath == "" || entry.ErrorCode == nil {
			continue
		}
		page, code := *entry.ResponsePagePath, int(*entry.ErrorCode)
		t := p.Try(page)
		ref := p.Model.Ref("CustomErrorResponses.Items["+strconv.Itoa(i)+"].ResponsePagePath", page, "")
		switch {
		case failsAtOrigin(t) && t.Outcome.Certainty == edge.Certain:
			ref.Note = "fetching it ends in " + strconv.Itoa(original(t))
			return cause.Confirm(p.DistributionName(), "The error page "+page+" for the status "+strconv.Itoa(code)+" cannot be fetched: its origin answers "+strconv.Itoa(original(t))+".",
				append([]evidence.Ref{ref}, whyLost(t)...)...).With(lost{code, page}).Explaining(false).AtSeverity(cause.Medium).
				WithBecause("the page's origin and what it has are known")
		case failsAtOrigin(t) || t.Outcome.Certainty != edge.Certain && doubtful(t):
			unsure = true
		}
		fine = append(fine, ref)
	}
	switch {
	case len(fine) == 0:
		return cause.RuleOut("the distribution has no error pages")
	case unsure:
		return cause.Need("whether the error pages can be fetched is not known", gaps(p)...)
	}
	return cause.RuleOut("the error pages can be fetched", fine...)
}

// failsAtOrigin reports whether a page's request ends in an error at its origin: what stops viewers before does not stop CloudFront's own fetch.
func failsAtOrigin(t *edge.Trace) bool {
	return strings.HasPrefix(t.StoppedAt, "origin-") && original(t) >= 400
}

func doubtful(t *edge.Trace) bool {
	for _, a := range t.Alternatives {
		if !a.Weak && strings.HasPrefix(a.Stage, "origin-") {
			return true
		}
	}
	return false
}

func original(t *edge.Trace) int {
	if t.Outcome.Original != 0 {
		return t.Outcome.Original
	}
	return t.Outcome.Status
}

func whyLost(t *edge.Trace) []evidence.Ref {
	step, _ := t.Step(t.StoppedAt)
	return step.Evidence
}

// gaps are the unread facts that leave a page's answer open.
func gaps(p *cause.Pass) []evidence.Gap {
	var out []evidence.Gap
	for _, entry := range p.Model.Config.CustomErrorResponses.Items {
		if entry.ResponsePagePath == nil || *entry.ResponsePagePath == "" {
			continue
		}
		for _, step := range p.Try(*entry.ResponsePagePath).Steps {
			for _, ref := range step.Evidence {
				if gap, missing := ref.Gap(); missing {
					out = append(out, gap)
				}
			}
		}
	}
	return out
}
