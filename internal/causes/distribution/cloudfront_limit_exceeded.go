package distribution

import (
	"strconv"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/originway"
	"cfdoctor/internal/causes/posture"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/fix"
)

var cloudFrontLimitExceeded = &cause.Cause{
	ID:       "CLOUDFRONT_LIMIT_EXCEEDED",
	Title:    "The distribution gets more requests than its quota, or than an edge location has room for",
	Stage:    "distribution",
	Symptoms: []int{503},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `A distribution may get 250,000 requests a second, and transfer 150 gigabits a second, unless its quotas were raised. Beyond them CloudFront answers 503 itself;
X-Cache then says LimitExceeded, and the logs LimitExceeded or CapacityExceeded. Error pages are not used for it.`,
		Why:     "A launch, a live event or a load test brings more traffic than was announced, or most of it from one place.",
		Example: "A load test from one region with 300,000 requests a second.",
		Manual:  "Only AWS can raise the quota, on request.",
		References: []string{
			posture.Guide + "cloudfront-limits.html",
			posture.Guide + "http-503-service-unavailable.html",
			posture.Guide + "load-testing.html",
		},
		Since: "0.1",
	},
	Detect: detectLimit,
	Fixes: func(*cause.Pass, cause.Verdict) []fix.Fix {
		return []fix.Fix{{
			Title: "Ask for a larger quota, and spread the traffic", Complexity: fix.Standard, Minutes: 60,
			Impact:      "None",
			Explanation: "AWS raises the request rate and the data transfer rate of a distribution on request, and plans capacity for announced events.",
			Manual: []string{
				"In the Service Quotas console (CloudFront, us-east-1) request an increase of requests per second and data transfer rate per distribution; for an event tell AWS Support beforehand.",
				"Spread a load test over many client addresses and regions, and raise it slowly.",
			},
			ByHand: []fix.HandCall{
				quotaCall("See CloudFront's quotas, and the code and adjustability of each", "ListServiceQuotas"),
				quotaCall("See what has been asked for already", "ListRequestedServiceQuotaChangeHistory"),
				{Purpose: "Ask for more", Service: "service-quotas", Operation: "RequestServiceQuotaIncrease", Region: account.GlobalRegion, Mutates: true,
					Params: []fix.HandParam{{Name: "ServiceCode", Value: "cloudfront"}, {Name: "QuotaCode", Value: "QUOTA-CODE"}, {Name: "DesiredValue", Value: 2 * cloudfront.MaxRequestsPerSecond}},
					Inputs: []string{"QUOTA-CODE, the QuotaCode of the quota in the first answer", strconv.Itoa(2*cloudfront.MaxRequestsPerSecond) + ", the number that you want instead, above the present Value"}},
			},
			Confidence: fix.Medium,
		}}
	},
}

func quotaCall(purpose, operation string) fix.HandCall {
	return fix.HandCall{Purpose: purpose, Service: "service-quotas", Operation: operation, Region: account.GlobalRegion, Params: []fix.HandParam{{Name: "ServiceCode", Value: "cloudfront"}}}
}

// busy is the part of the quota from which the mean of an hour says that peaks go beyond it.
const busy = 0.25

func detectLimit(p *cause.Pass) cause.Verdict {
	if p.Symptom.Given && !originway.Shows(p, 503) {
		return cause.RuleOut("beyond a quota CloudFront answers 503, and viewers see " + strconv.Itoa(p.Symptom.Code))
	}
	metrics := posture.Metrics(p)
	highest, known := posture.Recent(p, "Requests").Max()
	if !known {
		return cause.Need("how many requests the distribution gets is not known", metrics)
	}
	rate := highest.Value / 3600
	ref := posture.MetricRef(p, "Requests", posture.Number(highest.Value), "in the busiest of the last hours: "+posture.Number(rate)+" a second")
	if rate < busy*cloudfront.MaxRequestsPerSecond {
		return cause.RuleOut("the distribution gets "+posture.Number(rate)+" requests a second, far fewer than the quota of "+strconv.Itoa(cloudfront.MaxRequestsPerSecond), ref)
	}
	summary := "The distribution gets " + posture.Number(rate) + " requests a second on average over an hour; the quota, unless raised, is " + strconv.Itoa(cloudfront.MaxRequestsPerSecond) + "."
	if p.Symptom.Given && p.Asked && !p.Reproduced() {
		return cause.Likely(p.DistributionName(), summary, "peaks within the hour are higher, and whether the quota was raised is not known", ref).Explaining(true)
	}
	return cause.Possible(p.DistributionName(), summary, "peaks within the hour are higher, and whether the quota was raised is not known", ref).Explaining(false).AtSeverity(cause.Medium)
}
