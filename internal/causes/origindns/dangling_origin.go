package origindns

import (
	"fmt"
	"slices"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/passage"
	"cfdoctor/internal/causes/posture"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
)

var danglingOrigin = &cause.Cause{
	ID:        "DANGLING_ORIGIN",
	Title:     "An origin names something that no longer exists, and that others could claim",
	Stage:     "origin-dns",
	Severity:  cause.Medium,
	Proactive: true,
	Doc: cause.Doc{
		Explain: `Bucket names and many service names are free for everybody once their owner has deleted them. A distribution that still has such a name as an origin hands its
visitors, under its own domain and certificate, to whoever takes the name next.`,
		Why:     "The bucket or load balancer was deleted, and the distribution that used it was forgotten, or kept the origin for a behavior that nobody visits.",
		Example: "Origin s3-old is old-campaign.s3.amazonaws.com, and HeadBucket says that there is no such bucket.",
		References: []string{
			guide + "http-404-not-found.html",
			"https://docs.aws.amazon.com/AmazonS3/latest/userguide/BucketRestrictions.html",
			"https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/protection-from-dangling-dns.html",
		},
		Since: "0.1",
	},
	Detect: detectDangling,
	Fixes:  fixDangling,
}

// detectDangling looks at the origins that the request does not go to: of a bucket or load balancer that it does go to, the causes of its
// failure say the same.
func detectDangling(p *cause.Pass) cause.Verdict {
	own := passage.Origin(p)
	var gaps []evidence.Gap
	for _, o := range p.Model.Origins {
		if v := goneService(p, o); v.Fires() {
			return v
		}
		gaps = append(gaps, serviceGaps(p, o)...)
		if own != nil && o.ID == own.ID {
			continue
		}
		name := p.Model.Ref(o.Field+".DomainName", o.Endpoint.Domain, "an origin of the distribution")
		if b := p.Model.BucketFor(o); b != nil {
			if b.Exists.No() {
				return cause.Confirm(p.OriginName(o), fmt.Sprintf("The origin %s is the bucket %s, which does not exist. Whoever creates a bucket of that name can serve content under this distribution's name.", o.ID, b.Name), name, b.Bucket.Ref("")).
					WithBecause("S3 says that there is no such bucket").With(o)
			}
			if !b.Exists.Known() {
				gaps = append(gaps, b.Bucket)
			}
			continue
		}
		if o.Config.VpcOriginConfig != nil {
			continue
		}
		d := p.Model.DNSFor(o)
		if !d.Resolves.Known() {
			gaps = append(gaps, d.Gaps...)
		}
		if d.GoneBalancer {
			return cause.Likely(p.OriginName(o), fmt.Sprintf("The origin %s leads to the load balancer %s, which this account does not have. Requests to it fail, or reach somebody else.", o.ID, d.Leads.Domain),
				"the load balancer may belong to another account", append([]evidence.Ref{name}, d.Evidence...)...).With(o)
		}
	}
	if len(gaps) > 0 {
		return cause.Need("whether all of the other origins exist was not read", gaps...)
	}
	return cause.RuleOut("no other origin of the distribution is known to lead nowhere", p.Model.Ref("Origins.Items", "", ""))
}

// goneService finds APIs and function URLs that the account does not have, of which no other cause tells: their names resolve all the same.
func goneService(p *cause.Pass, o *edge.Origin) cause.Verdict {
	var refs []evidence.Ref
	what := ""
	switch o.Endpoint.Kind {
	case cloudfront.KindAPIGateway:
		if api := p.Model.APIFor(o); api.REST.IsAbsent() && api.HTTP.IsAbsent() {
			what, refs = "API", []evidence.Ref{api.REST.Ref(""), api.HTTP.Ref("")}
		}
	case cloudfront.KindLambdaURL:
		if url := p.Model.LambdaURLFor(o).URL; url.IsAbsent() {
			what, refs = "function URL", []evidence.Ref{url.Ref("")}
		}
	}
	if what == "" {
		return cause.Verdict{}
	}
	refs = append(refs, p.Model.Ref(o.Field+".DomainName", o.Endpoint.Domain, "an origin of the distribution"))
	return cause.Likely(p.OriginName(o), fmt.Sprintf("The origin %s is the %s %s, which this account does not have. If it was deleted, requests to it fail.", o.ID, what, o.Endpoint.Domain),
		"it may belong to another account", refs...).With(o)
}

// serviceGaps are the reads that would tell of an API or a function URL.
func serviceGaps(p *cause.Pass, o *edge.Origin) []evidence.Gap {
	var all []evidence.Gap
	switch o.Endpoint.Kind {
	case cloudfront.KindAPIGateway:
		api := p.Model.APIFor(o)
		if api.REST.IsKnown() || api.HTTP.IsKnown() {
			return nil
		}
		all = []evidence.Gap{api.REST, api.HTTP}
	case cloudfront.KindLambdaURL:
		all = []evidence.Gap{p.Model.LambdaURLFor(o).URL}
	}
	return slices.DeleteFunc(all, func(g evidence.Gap) bool { return !g.Missing() })
}

func fixDangling(p *cause.Pass, v cause.Verdict) []fix.Fix {
	o, ok := v.Data.(*edge.Origin)
	if !ok {
		return nil
	}
	f := fix.Fix{
		Title:       "Take the origin out of the distribution",
		Complexity:  fix.Quick,
		Minutes:     10,
		Impact:      "None: nothing that works uses the origin",
		Explanation: "Without the origin, nobody who takes its name can serve content under the distribution's",
		SideEffects: []string{"Where the origin was only missing for a while, it has to be added again"},
		Confidence:  fix.High,
	}
	if len(posture.Users(p.Model, o)) == 0 && !inGroup(p.Model, o) {
		f.Changes = []fix.Change{fix.EditDistribution(p.Model.ID(), fix.Edits{{Path: fix.At("Origins"), Op: fix.RemoveItem, Key: "Id", Old: o.ID,
			Label: fmt.Sprintf("Origins tab: select %q and choose Delete", o.ID)}})}
		return []fix.Fix{f}
	}
	f.Manual = []string{
		"If the name is a bucket's that is still wanted, create it again in your own account at once, before somebody else does",
		"Otherwise let the behaviors and origin groups that go to " + o.ID + " go elsewhere or delete them, and then delete the origin",
	}
	f.Minutes, f.Impact = 30, "Paths that go to the origin fail now"
	return []fix.Fix{f}
}

func inGroup(m *edge.Model, o *edge.Origin) bool {
	for _, g := range m.Groups {
		if primary, secondary := g.Members(); primary == o.ID || secondary == o.ID {
			return true
		}
	}
	return false
}
