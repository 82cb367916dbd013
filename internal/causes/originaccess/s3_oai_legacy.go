package originaccess

import (
	"fmt"
	"slices"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/posture"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
)

var s3OAILegacy = &cause.Cause{
	ID:        "S3_OAI_LEGACY",
	Title:     "An origin still uses an origin access identity",
	Stage:     "origin-access",
	Severity:  cause.Low,
	Proactive: true,
	Doc: cause.Doc{
		Explain: `Origin access identities are the older way to let CloudFront alone into a bucket. They work, but know nothing of objects encrypted with KMS keys, of Regions opened since
2023 and of uploads, and AWS develops them no further. Origin access control does all of that with short-lived signatures, and is what AWS recommends.`,
		Why:     "The distribution is older than August 2022, when origin access control came, or was made from a template that is.",
		Example: "S3OriginConfig.OriginAccessIdentity is origin-access-identity/cloudfront/E127EXAMPLE51Z.",
		References: []string{
			posture.Guide + "private-content-restricting-access-to-s3.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		list := byIdentity(p)
		if len(list) == 0 {
			return cause.RuleOut("no origin uses an origin access identity", p.Model.Ref("Origins.Items", "", ""))
		}
		refs := make([]evidence.Ref, len(list))
		for i, o := range list {
			refs[i] = p.Model.Ref(o.Field+".S3OriginConfig.OriginAccessIdentity", o.OAI, "the older way in").Want("an origin access control")
		}
		return cause.Confirm(p.OriginName(list[0]),
			fmt.Sprintf("The origin %s lets CloudFront in by an origin access identity. It will fail as soon as objects are encrypted with a KMS key, and AWS develops it no further.", list[0].ID), refs...).
			WithBecause("the settings of all origins are known")
	},
	Fixes: func(p *cause.Pass, _ cause.Verdict) []fix.Fix {
		f := fix.Fix{
			Title:       "Move to origin access control",
			Complexity:  fix.Standard,
			Minutes:     30,
			Impact:      "None: the bucket lets both ways in until the change is deployed",
			Explanation: "The bucket's policy lets the distribution in first, then an origin access control takes the identity's place, and at last the identity's grant can go",
			SideEffects: []string{"The identity's statement stays in the policy until it is removed by hand"},
			Confidence:  fix.High,
		}
		creation := fix.CreateOAC("cfdoctor-"+p.Model.ID(), "s3", "always")
		var grants []fix.Change
		var edits []fix.Edits
		for _, o := range byIdentity(p) {
			edits = append(edits, fix.SetOriginAccessControl(o.ID, creation.ID()))
			b := p.Model.BucketFor(o)
			if b == nil {
				f.Manual = append(f.Manual, "Let the distribution read behind the origin "+o.ID+" too, whose policy is not known")
				continue
			}
			grants = append(grants, fix.EditBucketPolicy(b.Name, fix.GrantDistribution(b.Name, p.Model.Partition(), "", []string{"s3:GetObject"}, p.Model.ARN())...))
			f.Manual = append(f.Manual, fmt.Sprintf("When the change is deployed and no other distribution uses the identity %s, remove its statement from the policy of the bucket %s", o.OAI, b.Name))
		}
		f.Changes = append(slices.Concat(grants, []fix.Change{creation}), fix.EditDistribution(p.Model.ID(), edits...))
		return []fix.Fix{f}
	},
}

// byIdentity lists the origins that let CloudFront in by an origin access identity.
func byIdentity(p *cause.Pass) []*edge.Origin {
	return slices.DeleteFunc(slices.Clone(p.Model.Origins), func(o *edge.Origin) bool { return o.OAI == "" })
}
