package originselection

import (
	"fmt"
	"slices"
	"strings"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/posture"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
)

var perfOriginShield = &cause.Cause{
	ID:        "PERF_ORIGIN_SHIELD",
	Title:     "Many requests for cacheable objects still reach the origin, and it has no Origin Shield",
	Stage:     "origin-selection",
	Severity:  cause.Low,
	Proactive: true,
	Doc: cause.Doc{
		Explain: `Edge locations fetch what they miss through regional caches, each of which asks the origin by itself. With Origin Shield all of them ask one regional cache near the
origin first, so that an object is fetched from the origin once, not once for every part of the world. It pays where viewers are spread widely, the origin is slow or
dear, and many requests miss.`,
		Why:     "Origin Shield costs extra for each request, and is off unless somebody turns it on.",
		Example: "A cache hit rate of 62 % with 30,000 requests an hour, and OriginShield.Enabled false.",
		References: []string{
			posture.Guide + "origin-shield.html",
		},
		Since: "0.1",
	},
	Detect: detectShield,
	Fixes:  fixShield,
}

// The least traffic in the last hours, and the highest cache hit rate in percent, with which a shield is worth a thought. The documentation
// gives no numbers: these are cautious ones of our own.
const (
	busy    = 10_000
	lowRate = 80
)

func detectShield(p *cause.Pass) cause.Verdict {
	bare := unshielded(p.Model)
	if len(bare) == 0 {
		return cause.RuleOut("no origin whose answers are kept is without Origin Shield", p.Model.Ref("Origins.Items", "", ""))
	}
	fact := posture.Metrics(p)
	if fact.Missing() {
		return cause.Need("the metrics were not read", fact)
	}
	requests := posture.Recent(p, "Requests").Sum()
	rate, ok := posture.Recent(p, "CacheHitRate").Mean()
	refs := []evidence.Ref{posture.MetricRef(p, "Requests", posture.Number(requests), "in the last hours")}
	switch {
	case requests < busy:
		return cause.RuleOut("there is too little traffic for a shield to matter", refs...)
	case !ok:
		return cause.Need("the cache hit rate is one of the additional metrics, which are off or give no data")
	}
	refs = append(refs, posture.MetricRef(p, "CacheHitRate", posture.Number(rate), "percent, mean of the last hours"))
	if rate >= lowRate {
		return cause.RuleOut("the caches answer most requests already", refs...)
	}
	refs = append(refs, p.Model.Ref(bare[0].Field+".OriginShield.Enabled", "false", ""))
	return cause.Possible(p.OriginName(bare[0]),
		fmt.Sprintf("Only %s %% of the requests are answered from the cache. Where viewers are spread over the world, Origin Shield would spare the origin %s many of the others.", posture.Number(rate), bare[0].ID),
		"whether viewers are spread so that several regional caches ask for the same objects is not known", refs...)
}

// unshielded lists the origins without Origin Shield to which some behavior goes that keeps answers.
func unshielded(m *edge.Model) []*edge.Origin {
	return slices.DeleteFunc(slices.Clone(m.Origins), func(o *edge.Origin) bool {
		shield := o.Config.OriginShield
		on := shield != nil && shield.Enabled != nil && *shield.Enabled
		return on || !slices.ContainsFunc(posture.Users(m, o), func(b *edge.Behavior) bool { return b.Forwarding().CachingDisabled().No() })
	})
}

// shieldRegion is the Region for an origin's shield: its own, or the one that the documentation recommends for it (DG/origin-shield, "Choosing
// the AWS Region"); "" where that is not known.
func shieldRegion(region string) string {
	if slices.Contains(strings.Fields("us-east-1 us-east-2 us-west-2 ap-south-1 ap-northeast-1 ap-northeast-2 ap-southeast-1 ap-southeast-2 eu-central-1 eu-west-1 eu-west-2 sa-east-1"), region) {
		return region
	}
	return map[string]string{
		"us-west-1": "us-west-2", "af-south-1": "eu-west-1", "ap-east-1": "ap-southeast-1", "ca-central-1": "us-east-1",
		"eu-south-1": "eu-central-1", "eu-west-3": "eu-west-2", "eu-north-1": "eu-west-2", "me-south-1": "ap-south-1",
	}[region]
}

// regionOf is where an origin is, "" where neither its name nor the account's records tell.
func regionOf(m *edge.Model, o *edge.Origin) string {
	if b := m.BucketFor(o); b != nil && b.Region != "" {
		return b.Region
	}
	if o.Endpoint.Region != "" {
		return o.Endpoint.Region
	}
	return m.DNSFor(o).Leads.Region
}

func fixShield(p *cause.Pass, _ cause.Verdict) []fix.Fix {
	f := fix.Fix{
		Title:       "Turn Origin Shield on, near the origin",
		Complexity:  fix.Quick,
		Minutes:     10,
		Impact:      "None: more requests are answered without the origin",
		Explanation: "All regional caches ask one cache in the origin's Region, which asks the origin once for each object",
		SideEffects: []string{"Each request that goes through Origin Shield costs extra: compare with what the origin saves"},
		Confidence:  fix.Medium,
	}
	var edits []fix.Edits
	for _, o := range unshielded(p.Model) {
		if region := shieldRegion(regionOf(p.Model, o)); region != "" {
			edits = append(edits, fix.SetOriginShield(o.ID, region))
			continue
		}
		f.Manual = append(f.Manual, "Enable Origin Shield for the origin "+o.ID+" in the Region with the lowest latency to it")
	}
	if len(f.Manual) == 0 {
		f.Changes = []fix.Change{fix.EditDistribution(p.Model.ID(), edits...)}
	}
	return []fix.Fix{f}
}
