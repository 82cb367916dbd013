package distribution

import (
	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/posture"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
)

var loggingDisabled = &cause.Cause{
	ID:        "LOGGING_DISABLED",
	Title:     "The distribution logs no requests",
	Stage:     "distribution",
	Severity:  cause.Medium,
	Proactive: true,
	Doc: cause.Doc{
		Explain: `CloudFront can log every request: as standard logs, in the older way to a bucket or in the newer one (v2) to CloudWatch Logs, Firehose or a bucket,
and as real-time logs. None of them is on. Metrics count errors, but only a log tells which path, viewer and edge result type an error had, and nothing
brings back the requests that went unlogged before a problem was noticed.`,
		Why:     "Logging is off unless somebody turns it on, and nobody misses it before the first incident.",
		Example: "Logging.Enabled is false, no behavior has a RealtimeLogConfigArn, and no delivery source names the distribution.",
		References: []string{
			posture.Guide + "logging.html",
			posture.Guide + "standard-logging.html",
		},
		Since: "0.1",
	},
	Detect: detectLoggingDisabled,
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		if v.Likelihood() != cause.GradeConfirmed {
			return nil // logging may be on: what is there has to be read first
		}
		return []fix.Fix{enableLoggingFix(p)}
	},
}

func enableLoggingFix(p *cause.Pass, before ...fix.Change) fix.Fix {
	return fix.Fix{
		Title:       "Turn on standard logging (v2) to CloudWatch Logs",
		Complexity:  fix.Quick,
		Minutes:     10,
		Impact:      "None for viewers",
		Explanation: "A delivery source, a log group and a delivery between them are made in us-east-1; from then on every request is logged with its result type, and can be queried",
		SideEffects: []string{"CloudWatch Logs charges for what is delivered and kept: set a retention on the log group", "Logs hold viewers' addresses, which data protection law may have rules for"},
		Changes:     append(before, fix.EnableLogging(posture.Monitored(p), posture.Account(p))),
		Confidence:  fix.High,
	}
}

func detectLoggingDisabled(p *cause.Pass) cause.Verdict {
	l := logsOf(p)
	legacy := p.Model.Ref("Logging.Enabled", "false", "the older standard logging is off").Want("true")
	switch {
	case l.bucket != "":
		return cause.RuleOut("standard logs go to a bucket", p.Model.Ref("Logging.Bucket", l.bucket, ""))
	case l.realtime != nil:
		return cause.RuleOut("a behavior has real-time logs", p.Model.Ref(l.realtime.Field+".RealtimeLogConfigArn", posture.Text(l.realtime.Config.RealtimeLogConfigArn), ""))
	case l.delivered.Yes():
		return cause.RuleOut("standard logs (v2) are delivered", l.deliveryFact.Ref("deliveries"))
	case l.begun.Yes() && l.delivered.No():
		return cause.RuleOut("logging is set up, though nothing is delivered", l.sourceFact.Ref("deliverySources"))
	case l.begun.Yes():
		return cause.Need("the distribution is a source of logs; whether they are delivered was not read", l.deliveryFact)
	case l.delivered.No():
		refs := []evidence.Ref{legacy, l.sourceFact.Ref("deliverySources").With("", "none is the distribution")}
		if l.sourceFact.Missing() {
			refs[1] = l.deliveryFact.Ref("deliveries").With("[]", "nothing is delivered at all")
		}
		return cause.Confirm(p.DistributionName(),
			"The distribution logs no requests. When viewers see errors, nothing will tell which requests failed and why.", refs...).
			WithBecause("standard logs, old and new, and real-time logs are all known to be off")
	}
	return cause.Possible(p.DistributionName(),
		"The distribution may log no requests: the older standard logs and real-time logs are off, and the newer kind could not be looked up.",
		"it is so unless standard logging (v2) is on", legacy, l.sourceFact.Ref("deliverySources")).Needing(l.sourceFact, l.deliveryFact)
}
