package doctor

import (
	"slices"
	"strconv"
	"strings"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/observed"
	"cfdoctor/internal/signature"
)

// sharpen weighs findings against who was seen to give the answer. What is confirmed by facts stays as it is. Of the rest, a cause of which such an
// answer usually comes becomes likelier; one that another producer would have answered for is ruled out.
func sharpen(result cause.Result, m *edge.Model, q Question) cause.Result {
	seen := m.ViewerSeen(q.Request)
	v, ok := seen.Verdict()
	if !ok || v.Sure != signature.Certain || v.Masked || !v.IsError() || !v.ThroughCloudFront {
		return result
	}
	status := strconv.Itoa(seen.HTTP.Or(observed.Answer{}).Status)
	because := "active validation saw " + status + " from " + string(v.Producer) + ": " + v.Error
	var kept []cause.Finding
	raised := false
	for _, f := range result.Findings {
		grade := f.Verdict.Likelihood()
		switch {
		case !f.Explains || grade == cause.GradeConfirmed:
		case slices.Contains(v.Causes, f.Cause.ID):
			if grade == cause.GradePossible {
				f.Verdict, raised = f.Verdict.Graded(cause.GradeLikely, because), true
			}
			f.Verdict.Evidence = append(slices.Clone(f.Verdict.Evidence), seen.HTTP.Ref("Status").With(status, strings.Join(v.Reasons, "; ")))
		case !answers(f.Cause.Stage, v.Producer):
			result.RuledOut = append(result.RuledOut, cause.RuledOut{Cause: f.Cause, Because: because + ", which this does not give"})
			continue
		}
		kept = append(kept, f)
	}
	if raised {
		slices.SortStableFunc(kept, func(a, b cause.Finding) int { return rankOf(a) - rankOf(b) })
	}
	result.Findings = kept
	return result
}

// rankOf puts what explains the symptom first, the likeliest before the others.
func rankOf(f cause.Finding) int {
	rank := slices.Index([]cause.Likelihood{cause.GradeConfirmed, cause.GradeLikely, cause.GradePossible}, f.Verdict.Likelihood())
	if !f.Explains {
		rank += 10
	}
	return rank
}

// answers reports whether a stage's errors can come from a producer. Where it is not clear the answer is yes.
func answers(stage string, by signature.Producer) bool {
	atEdge := by == signature.CloudFront || by == signature.WAF || by == signature.Function || by == signature.LambdaEdge
	switch stage {
	case "web-acl":
		return by == signature.WAF
	case "geo-restriction", "signed-access", "allowed-methods", "request-limits":
		return by == signature.CloudFront
	case "origin-dns", "origin-connection", "origin-tls":
		return by == signature.CloudFront
	case "origin-object":
		return !atEdge
	case "origin-access":
		return !atEdge || by == signature.WAF // a load balancer's own web ACL shows the same header
	}
	return true
}
