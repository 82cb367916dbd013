package distribution

import (
	"fmt"
	"strings"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/posture"
	"cfdoctor/internal/evidence"
)

var errorRateHigh = &cause.Cause{
	ID:        "ERROR_RATE_HIGH",
	Title:     "More requests than usual end in an error",
	Stage:     "distribution",
	Severity:  cause.Medium,
	Proactive: true,
	Doc: cause.Doc{
		Explain: `CloudFront's metrics say what part of the requests ended in a 4xx or 5xx status. A site that is well has next to no 5xx, and few 4xx: more than 1 % of the one or
5 % of the other means that viewers meet errors now, whether or not anybody has complained.`,
		Why:     "Something fails for part of the requests: an origin, a function, a missing object that pages link to, a rule of the web ACL, or a program that scans the site.",
		Example: "5xxErrorRate is 3.4 % over the last hours.",
		Manual:  "The rate is a symptom. Which requests fail is in the logs; diagnose one of them with its path and status.",
		References: []string{
			posture.Guide + "viewing-cloudfront-metrics.html",
			posture.Guide + "programming-cloudwatch-metrics.html",
		},
		Since: "0.1",
	},
	Detect: detectErrorRate,
}

// The rates in percent above which a distribution is not well, and the least number of requests that makes a rate worth a word.
const (
	high5xx       = 1
	high4xx       = 5
	fewestRequest = 100
)

func detectErrorRate(p *cause.Pass) cause.Verdict {
	fact := posture.Metrics(p)
	if fact.Missing() {
		return cause.Need("the metrics were not read", fact)
	}
	requests := posture.Recent(p, "Requests")
	if requests.Sum() < fewestRequest {
		return cause.RuleOut("there were too few requests in the last hours for a rate to mean anything", posture.MetricRef(p, "Requests", posture.Number(requests.Sum()), ""))
	}
	var words []string
	var refs []evidence.Ref
	for _, m := range [...]struct {
		label, name string
		limit       float64
	}{{"5xxErrorRate", "5xx", high5xx}, {"4xxErrorRate", "4xx", high4xx}} {
		rate, ok := weighted(posture.Recent(p, m.label), requests)
		if !ok || rate <= m.limit {
			continue
		}
		words = append(words, fmt.Sprintf("%s %% of the requests of the last hours ended in a %s status", posture.Number(rate), m.name))
		refs = append(refs, posture.MetricRef(p, m.label, posture.Number(rate), fmt.Sprintf("above %v %%", m.limit)))
	}
	if len(words) == 0 {
		return cause.RuleOut("the error rates of the last hours are low", fact.Ref("MetricDataResults"))
	}
	return cause.Confirm(p.DistributionName(), strings.Join(words, ", and ")+". Viewers meet these errors now, and more will if nobody looks.", refs...).
		WithBecause("CloudFront counted them").WithDetail("averages over the last six hours with data, by the number of requests in each")
}

// weighted is the mean of a rate, each point counting by the requests of its hour; ok is false without points.
func weighted(rate, requests account.Series) (mean float64, ok bool) {
	var sum, weight float64
	for _, r := range rate.Points {
		for _, n := range requests.Points {
			if n.Time.Equal(r.Time) {
				sum, weight = sum+r.Value*n.Value, weight+n.Value
			}
		}
	}
	if weight == 0 {
		return rate.Mean()
	}
	return sum / weight, true
}
