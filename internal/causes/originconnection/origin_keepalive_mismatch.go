package originconnection

import (
	"strconv"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/originway"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
)

var originKeepaliveMismatch = &cause.Cause{
	ID:       "ORIGIN_KEEPALIVE_MISMATCH",
	Title:    "CloudFront keeps idle connections longer than the origin does",
	Stage:    stage,
	Symptoms: []int{502},
	Severity: cause.High,
	Doc: cause.Doc{
		Explain: `CloudFront keeps a connection to a custom origin open for the keep-alive timeout, to use it again. An origin that closes idle connections earlier may
close one in the moment in which CloudFront sends a request on it, and now and then a request ends in 502.`,
		Why: `The keep-alive timeout was raised for speed, beyond the idle timeout of the load balancer or the keep-alive setting of the web server. CloudFront's
default of 5 seconds is below that of nearly every server.`,
		Example: "OriginKeepaliveTimeout 75, and a load balancer with an idle timeout of 60 seconds.",
		References: []string{
			guide + "DownloadDistValuesOrigin.html",
			"https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		return originway.Each(p, func(w *originway.Way) cause.Verdict {
			if w.Origin.Endpoint.IsS3() || w.Managed() {
				return cause.RuleOut("AWS runs the endpoint, and CloudFront's connections to it", w.Address(""))
			}
			return judgeKeepalive(w)
		})
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		found, ok := v.Data.(keepalive)
		if !ok {
			return nil
		}
		f := fix.Fix{
			Title: "Let CloudFront give idle connections up first", Complexity: fix.Quick, Minutes: 10,
			Impact:      "None on viewers; CloudFront opens connections to the origin a little more often",
			SideEffects: []string{"More connections are opened at the origin, each with a TLS handshake where it is asked over HTTPS"},
			Explanation: "With a keep-alive timeout below the origin's, CloudFront is always the side that closes an idle connection.",
			Confidence:  fix.Medium,
		}
		if seconds := min(found.idle-1, 5); seconds > 0 && found.way.Origin.Config.CustomOriginConfig != nil {
			f.Changes = []fix.Change{fix.EditDistribution(p.Model.ID(), fix.SetKeepaliveTimeout(found.way.Origin.ID, seconds))}
		} else {
			f.Manual = []string{"On the Origins tab select " + found.way.Origin.ID + ", choose Edit, and set Keep-alive timeout below the origin's idle timeout."}
		}
		return []fix.Fix{f}
	},
}

// keepalive is what both sides are set to, in seconds.
type keepalive struct {
	way        *originway.Way
	kept, idle int
}

func judgeKeepalive(w *originway.Way) cause.Verdict {
	kept := keptSeconds(w.Origin)
	setting := w.Custom("OriginKeepaliveTimeout", strconv.Itoa(kept), "seconds that CloudFront keeps an idle connection")
	if w.Private() {
		setting = w.Setting("VpcOriginConfig.OriginKeepaliveTimeout", strconv.Itoa(kept), "seconds that CloudFront keeps an idle connection")
	}
	b := w.Balancer()
	if b == nil {
		return w.Unprobed([]int{502}, "see whether "+w.Origin.Endpoint.Domain+" keeps idle connections longer than "+strconv.Itoa(kept)+" seconds", w.Gaps()...)
	}
	balancer, _ := b.Balancer.Get()
	fact := account.LoadBalancerAttributes(deref(balancer.LoadBalancerArn)).In(w.Pass.World)
	out, known := fact.Get()
	if !known {
		return cause.Need("the load balancer's idle timeout is not known", fact)
	}
	for _, a := range out.Attributes {
		if deref(a.Key) != "idle_timeout.timeout_seconds" {
			continue
		}
		idle, err := strconv.Atoi(deref(a.Value))
		if err != nil {
			break
		}
		ref := fact.Ref("Attributes[idle_timeout.timeout_seconds]").With(deref(a.Value), "seconds after which the load balancer closes an idle connection")
		if kept < idle {
			return cause.RuleOut("CloudFront gives idle connections up before the load balancer does", setting, ref)
		}
		return keepaliveFound(w, keepalive{w, kept, idle}, setting, ref)
	}
	return cause.RuleOut("the load balancer has no idle timeout that could be shorter", fact.Ref("Attributes"))
}

func keepaliveFound(w *originway.Way, k keepalive, refs ...evidence.Ref) cause.Verdict {
	summary := "CloudFront keeps idle connections to the origin for " + strconv.Itoa(k.kept) + " seconds, and the load balancer closes them after " + strconv.Itoa(k.idle) +
		": now and then a request is sent on a connection that is just being closed."
	because := "both timeouts are known; that a request was lost this way shows in no setting"
	if w.Unexplained(502) {
		return cause.Likely(w.Name(), summary, because, refs...).Explaining(true).With(k)
	}
	return cause.Possible(w.Name(), summary, because, refs...).Explaining(false).AtSeverity(cause.Medium).With(k)
}

// keptSeconds is how long CloudFront keeps an idle connection; 5 where it is not set (DG/DownloadDistValuesOrigin).
func keptSeconds(o *edge.Origin) int {
	const unset = 5
	var set *int32
	switch {
	case o.Config.CustomOriginConfig != nil:
		set = o.Config.CustomOriginConfig.OriginKeepaliveTimeout
	case o.Config.VpcOriginConfig != nil:
		set = o.Config.VpcOriginConfig.OriginKeepaliveTimeout
	}
	if set == nil || *set == 0 {
		return unset
	}
	return int(*set)
}
