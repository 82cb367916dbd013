package origindns

import (
	"fmt"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/passage"
	"cfdoctor/internal/causes/posture"
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

// detectDangling looks at the origins that the request does not go to: for its own, the causes of its failure say the same.
func detectDangling(p *cause.Pass) cause.Verdict {
	own := passage.Origin(p)
	var gaps []evidence.Gap
	for _, o := range p.Model.Origins {
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
