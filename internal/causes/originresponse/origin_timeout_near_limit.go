package originresponse

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/posture"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
)

var originTimeoutNearLimit = &cause.Cause{
	ID:        "ORIGIN_TIMEOUT_NEAR_LIMIT",
	Title:     "The origin answers so slowly that requests are about to time out",
	Stage:     stage,
	Severity:  cause.Medium,
	Proactive: true,
	Doc: cause.Doc{
		Explain: `CloudFront waits for an origin's answer for the response timeout, 30 seconds unless set otherwise, and then gives the viewer a 504. One in ten requests now
takes more than three quarters of that time. A little more load, and part of them fails.`,
		Why:     "The application does long work while the viewer waits, or grows slower with its data or its load.",
		Example: "OriginLatency (p90) is 26 seconds, and OriginReadTimeout is 30.",
		References: []string{
			guide + "DownloadDistValuesOrigin.html",
			guide + "http-504-gateway-timeout.html",
			guide + "viewing-cloudfront-metrics.html",
		},
		Since: "0.1",
	},
	Detect: detectNearLimit,
	Fixes:  fixNearLimit,
}

func detectNearLimit(p *cause.Pass) cause.Verdict {
	fact := posture.Metrics(p)
	if fact.Missing() {
		return cause.Need("the metrics were not read", fact)
	}
	highest, ok := posture.Recent(p, "OriginLatency").Max()
	if !ok {
		if on, known := posture.AdditionalMetrics(p); known && on {
			return cause.RuleOut("no request went to an origin in the last hours", posture.MetricRef(p, "OriginLatency", "", "no data"))
		}
		return cause.Need("the origin latency is one of the additional metrics, which are off or give no data")
	}
	slow, others := nearLimit(p, highest.Value)
	ref := posture.MetricRef(p, "OriginLatency", posture.Number(highest.Value)+" ms", "90th percentile, the highest of the last hours")
	if len(slow) == 0 {
		return cause.RuleOut("the origins answer well within their timeouts", ref)
	}
	refs := []evidence.Ref{ref}
	for _, o := range slow {
		refs = append(refs, p.Model.Ref(o.Field+"."+timeoutField(o), strconv.Itoa(o.ReadTimeout()), "seconds that CloudFront waits"))
	}
	summary := fmt.Sprintf("One in ten answers of the origin takes longer than %s seconds, and CloudFront waits %d. A little slower, and viewers get 504 errors.",
		seconds(highest.Value), slow[0].ReadTimeout())
	if others {
		return cause.Likely(p.OriginName(slow[0]), summary, "the metric is of all origins together, and others have a longer timeout", refs...)
	}
	return cause.Confirm(p.OriginName(slow[0]), summary, refs...).WithBecause("the latency was measured, and the timeout is known")
}

// nearLimit lists the origins whose timeout a latency (in milliseconds) comes near; others reports that it does not come near some origin's.
func nearLimit(p *cause.Pass, latency float64) (slow []*edge.Origin, others bool) {
	for _, o := range p.Model.Origins {
		switch {
		case len(posture.Users(p.Model, o)) == 0:
		case latency >= near*1000*float64(o.ReadTimeout()):
			slow = append(slow, o)
		default:
			others = true
		}
	}
	return slow, others
}

func timeoutField(o *edge.Origin) string {
	switch {
	case o.Config.VpcOriginConfig != nil:
		return "VpcOriginConfig.OriginReadTimeout"
	case o.Config.CustomOriginConfig != nil:
		return "CustomOriginConfig.OriginReadTimeout"
	}
	return "S3OriginConfig.OriginReadTimeout"
}

func fixNearLimit(p *cause.Pass, _ cause.Verdict) []fix.Fix {
	highest, _ := posture.Recent(p, "OriginLatency").Max()
	slow, _ := nearLimit(p, highest.Value)
	faster := fix.Fix{
		Title: "Make the origin answer sooner", Complexity: fix.Advanced, Minutes: 240, Impact: "None", Confidence: fix.Medium,
		Explanation: "What takes long is better started by one request and fetched by another, and cached where it is the same for all",
		Manual: []string{
			"Find the slow requests: time-taken and time-to-first-byte in CloudFront's logs, TargetResponseTime of the load balancer, traces of the application",
			"Speed up the query or call that takes long, give the origin more capacity, or cache its answers",
		},
	}
	most := int(cloudfront.MaxReadTimeout / time.Second)
	enough := min(most, 2*int(highest.Value/1000)+1)
	if near*1000*float64(enough) <= highest.Value || slices.ContainsFunc(slow, func(o *edge.Origin) bool { return o.Config.CustomOriginConfig == nil }) {
		return []fix.Fix{faster}
	}
	var edits []fix.Edits
	for _, o := range slow {
		edits = append(edits, fix.SetReadTimeout(o.ID, enough))
	}
	return []fix.Fix{{
		Title: "Wait " + strconv.Itoa(enough) + " seconds for the origin's answer", Complexity: fix.Quick, Minutes: 10, Confidence: fix.Medium,
		Impact:      "None while it deploys",
		Explanation: "Slow answers then still reach viewers. The origin's own timeouts, such as a load balancer's idle timeout of 60 seconds, have to be as long.",
		SideEffects: []string{"Where the origin hangs, viewers wait longer for the error"},
		Changes:     []fix.Change{fix.EditDistribution(p.Model.ID(), edits...)},
	}, faster}
}
