package failover

import (
	"slices"
	"strconv"
	"strings"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/originway"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
)

var originGroupNoFailover = &cause.Cause{
	ID:        "ORIGIN_GROUP_NO_FAILOVER",
	Title:     "The primary origin fails, and the origin group does not help",
	Stage:     "failover",
	Symptoms:  []int{400, 403, 404, 416, 429, 500, 502, 503, 504},
	Severity:  cause.High,
	OfRequest: true,
	Doc: cause.Doc{
		Explain: `An origin group asks its second origin only where the first one's status is among those that the group lists, and only for GET, HEAD and cached OPTIONS requests. A
connection that fails counts as 503, an answer that does not come in time as 504. And the second origin has to be able to answer.`,
		Why:     `The list has 500 and 502 only, say, and the origin answers 503 or 403; the request is a POST; or the second origin was set up once and never tried.`,
		Example: "Failover on 500 and 502, and a bucket that answers 403.",
		References: []string{
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/high_availability_origin_failover.html",
		},
		Since: "0.1",
	},
	Detect: detectNoFailover,
	Fixes:  fixNoFailover,
}

// noFailover is the group, and the status on which it should have failed over.
type noFailover struct {
	group  *edge.OriginGroup
	counts int
	codes  []int
}

func detectNoFailover(p *cause.Pass) cause.Verdict {
	t := p.Model.Beyond(p.Trace)
	if t == nil {
		return cause.RuleOut("the distribution sends the request to no origin")
	}
	group, f := t.Exchange.Group, t.Exchange.Failover
	if group == nil || f == nil {
		return cause.RuleOut("the behavior leads to an origin, not to an origin group")
	}
	codes := p.Model.Ref(group.Field+".FailoverCriteria.StatusCodes.Items", words(f.Codes), "")
	n := noFailover{group: group, counts: f.Counts, codes: f.Codes}
	explains := t == p.Trace && (!p.Symptom.Given && p.Fails() || p.Symptom.Given && p.Asked && p.Reproduced())
	found := func(summary string, refs ...evidence.Ref) cause.Verdict {
		v := cause.Confirm(p.DistributionName()+" / origin group "+group.ID, summary, append(refs, codes)...).With(n).
			WithBecause("how the primary origin fails and what the group fails over on are both known")
		if t == p.Trace {
			v = v.Explaining(explains)
		}
		return v
	}
	switch {
	case missing(t.Exchange) && missing(f.Attempt):
		return cause.RuleOut("neither of the two origins has the object: failover works, and finds nothing", codes)
	case f.Status >= 400 && f.Attempt != nil && f.Attempt.Response.Status >= 400:
		return found("The primary origin of the group " + group.ID + " fails with " + strconv.Itoa(f.Status) + ", and the second origin " + f.Attempt.Origin.ID +
			" that is asked then fails too, with " + strconv.Itoa(f.Attempt.Response.Status) + ".").WithDetail(reasons(t, f))
	case f.Attempt != nil:
		return cause.RuleOut("the group fails over, and the second origin answers", codes)
	case f.Status >= 400 && !slices.Contains(f.Codes, f.Counts):
		return found("The primary origin of the group "+group.ID+" fails with "+strconv.Itoa(f.Counts)+", which is not among the statuses on which the group asks its second origin ("+words(f.Codes)+").",
			codes.With(words(f.Codes), strconv.Itoa(f.Counts)+" is not among them"))
	case f.Status >= 400:
		return found("The primary origin of the group " + group.ID + " fails, and the second origin is not asked: " + f.Reason + ".")
	}
	return unknownPrimary(p, n, codes)
}

// reasons says what stops the request at each of the two origins.
func reasons(t *edge.Trace, f *edge.Failover) string {
	var out []string
	for _, way := range []struct {
		origin *edge.Origin
		steps  []edge.Step
	}{{f.Primary, t.Steps}, {f.Attempt.Origin, f.Steps}} {
		if i := slices.IndexFunc(way.steps, func(s edge.Step) bool { return strings.HasPrefix(s.Stage, "origin-") && s.Verdict == edge.Stop }); i >= 0 && way.origin != nil {
			out = append(out, way.origin.ID+": "+way.steps[i].Summary)
		}
	}
	return strings.Join(out, "; ")
}

// missing reports whether an exchange ends at an object that its bucket does not have.
func missing(x *edge.Exchange) bool { return x != nil && x.S3 != nil && x.S3.Exists.No() }

// unknownPrimary judges a group whose primary origin is not known to fail.
func unknownPrimary(p *cause.Pass, n noFailover, codes evidence.Ref) cause.Verdict {
	code := p.Symptom.Code
	if ways := originway.Of(p); p.Symptom.Given && code >= 400 && len(ways) > 0 && ways[0].Unexplained(code) {
		n.counts = code
		summary := "The origin group " + n.group.ID + " may not fail over for " + strconv.Itoa(code) + ", which is not among its statuses (" + words(n.codes) + ")."
		because := "what the primary origin answers is not known"
		if slices.Contains(n.codes, code) {
			summary = "The origin group " + n.group.ID + " fails over for " + strconv.Itoa(code) + "; where viewers see it, the second origin may fail too."
		}
		return cause.Possible(p.DistributionName()+" / origin group "+n.group.ID, summary, because, codes).Explaining(false).With(n)
	}
	if p.Trace.Outcome.Certainty == edge.Uncertain || slices.ContainsFunc(p.Trace.Alternatives, func(a edge.Alternative) bool { return !a.Weak }) {
		return cause.Need("whether the primary origin fails is not known")
	}
	return cause.RuleOut("nothing known makes the primary origin fail", codes)
}

func words(codes []int) string {
	if len(codes) == 0 {
		return "none"
	}
	list := make([]string, len(codes))
	for i, code := range codes {
		list[i] = strconv.Itoa(code)
	}
	return strings.Join(list, ", ")
}

func fixNoFailover(p *cause.Pass, v cause.Verdict) []fix.Fix {
	n, ok := v.Data.(noFailover)
	if !ok {
		return nil
	}
	var fixes []fix.Fix
	// The statuses that the API takes (DG/high_availability_origin_failover).
	if allowed := []int{400, 403, 404, 416, 429, 500, 502, 503, 504}; slices.Contains(allowed, n.counts) && !slices.Contains(n.codes, n.counts) {
		list := append(slices.Clone(n.codes), n.counts)
		slices.Sort(list)
		edit := fix.ConfigEdit{
			Path: fix.At("OriginGroups").Item("Id", n.group.ID).Field("FailoverCriteria", "StatusCodes"), Op: fix.SetItems, New: list,
			Label: "Origins tab: select the origin group, choose Edit; under Failover criteria select " + words(list) + "; choose Save changes",
		}
		change := fix.EditDistribution(p.Model.ID(), fix.Edits{edit})
		if cause.Works(p.With(change)) {
			fixes = append(fixes, fix.Fix{
				Title: "Fail over on " + strconv.Itoa(n.counts) + " too", Complexity: fix.Quick, Minutes: 10,
				Impact:      "None while it deploys",
				Explanation: "CloudFront then asks the second origin where the first one answers with " + strconv.Itoa(n.counts) + ".",
				SideEffects: []string{"Each such request asks two origins, and takes longer for it"},
				Changes:     []fix.Change{change}, Invalidate: []string{"/*"}, Confidence: fix.High,
			})
		}
	}
	return append(fixes, fix.Fix{
		Title: "Make one of the two origins answer", Complexity: fix.Standard, Minutes: 60,
		Impact:      "None",
		Explanation: "Failover is a help for the time in which the primary origin is repaired; requests that write are never tried at the second one.",
		Manual: []string{
			"Put the primary origin in order: what is wrong with it is a finding of its own.",
			"Ask the second origin for the same path directly, with the Host header that CloudFront would send, and let it hold what the first one holds.",
		},
		Confidence: fix.Medium,
	})
}
