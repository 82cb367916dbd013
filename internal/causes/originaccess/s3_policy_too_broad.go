package originaccess

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/posture"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/fix"
	"cfdoctor/internal/policy"
)

var s3PolicyTooBroad = &cause.Cause{
	ID:        "S3_POLICY_TOO_BROAD",
	Title:     "The bucket's policy lets in more than this distribution",
	Stage:     "origin-access",
	Severity:  cause.Medium,
	Proactive: true,
	Doc: cause.Doc{
		Explain: `A grant to cloudfront.amazonaws.com without a condition on aws:SourceArn lets every distribution of every AWS account read the bucket: anybody can make one with this
bucket as its origin, past signed URLs, web ACL and geographic restriction. A grant to everybody lets the whole internet read it directly.`,
		Why:     "The condition was left out to make an error go away, or the bucket was a public website before it got a distribution.",
		Example: `A statement with Principal {"Service": "cloudfront.amazonaws.com"} and no Condition.`,
		References: []string{
			posture.Guide + "private-content-restricting-access-to-s3.html",
			"https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html",
			"https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
		},
		Since: "0.1",
	},
	Detect: detectBroad,
	Fixes:  fixBroad,
}

// broad is a statement that lets in too many.
type broad struct {
	origin *edge.Origin
	bucket *edge.BucketFacts
	index  int
	public bool
}

func detectBroad(p *cause.Pass) cause.Verdict {
	out := cause.RuleOut("no origin is a bucket's REST endpoint", p.Model.Ref("Origins.Items", "", ""))
	for _, o := range p.Model.Origins {
		b := p.Model.BucketFor(o)
		if b == nil || o.Endpoint.Kind == cloudfront.KindS3Website {
			continue // a website endpoint works with a public bucket only
		}
		v := judgeBroad(p, o, b)
		if v.Fires() {
			return v
		}
		if !out.IsNotChecked() {
			out = v
		}
	}
	return out
}

// stranger is a distribution of somebody else's account; AWS gives accounts no such number.
const stranger = "000000000000"

func judgeBroad(p *cause.Pass, o *edge.Origin, b *edge.BucketFacts) cause.Verdict {
	switch {
	case b.Policy.IsAbsent():
		return cause.RuleOut("the bucket has no policy", b.Policy.Ref("Policy"))
	case b.Document == nil:
		return cause.Need("the bucket's policy was not read", b.Policy)
	}
	ask := func(who policy.Principal, c policy.Context) policy.Decision {
		return b.Document.Evaluate(policy.Request{
			Principal: who, Action: "s3:GetObject", Resource: "arn:" + p.Model.Partition() + ":s3:::" + b.Name + "/index.html",
			Context: c.Set("aws:SecureTransport", "true"),
		})
	}
	foreign := policy.NewContext().Set("aws:SourceAccount", stranger).
		Set("aws:SourceArn", "arn:"+p.Model.Partition()+":cloudfront::"+stranger+":distribution/EXAMPLE")
	public, service := ask(policy.Principal{Kind: policy.Anonymous}, policy.NewContext().SetAbsent("aws:SourceArn", "aws:SourceAccount")), ask(policy.Service(cloudfront.ServicePrincipal), foreign)
	name := "arn:" + p.Model.Partition() + ":s3:::" + b.Name
	switch {
	case public.Allowed.Yes():
		return judgePublic(name, b, broad{o, b, public.Deciding.Index, true}, public.Deciding)
	case service.Allowed.Yes():
		ref := b.Policy.Ref("Policy."+service.Deciding.Field).With(service.Deciding.Sid, "no condition on aws:SourceArn").Want(`"StringEquals": {"AWS:SourceArn": "` + p.Model.ARN() + `"}`)
		return cause.Confirm(name, "The policy of the bucket "+b.Name+" lets every CloudFront distribution of every AWS account read it. Anybody can make one, and get past this distribution's own rules.", ref).
			WithBecause("the policy was evaluated for a distribution of another account").With(broad{o, b, service.Deciding.Index, false})
	case !service.Allowed.Known():
		return cause.Need("whether the policy lets other distributions in depends on what is not known of them")
	}
	return cause.RuleOut("the policy lets neither everybody nor other accounts' distributions read", b.Policy.Ref("Policy"))
}

func judgePublic(name string, b *edge.BucketFacts, found broad, m *policy.Match) cause.Verdict {
	ref := b.Policy.Ref("Policy."+m.Field).With(m.Sid, "lets everybody read")
	summary := "The policy of the bucket " + b.Name + " lets everybody read it directly. Whoever does gets past the distribution's own rules."
	switch {
	case b.RestrictsPublic().Yes():
		return cause.RuleOut("the policy is public, and Block Public Access keeps the public out all the same", ref)
	case b.RestrictsPublic().No():
		return cause.Confirm(name, summary, ref).WithBecause("the policy was evaluated, and Block Public Access does not hold it back").With(found)
	}
	return cause.Possible(name, summary, "it is so unless Block Public Access keeps the public out", ref).Needing(b.Block, b.AccountBlock).With(found)
}

func fixBroad(p *cause.Pass, v cause.Verdict) []fix.Fix {
	found, ok := v.Data.(broad)
	if !ok {
		return nil
	}
	bucket := found.bucket.Name
	f := fix.Fix{
		Title:       "Let this distribution in, and nobody else",
		Complexity:  fix.Quick,
		Minutes:     10,
		Impact:      "None for viewers of the distributions that are named",
		Explanation: "The statement asks for the distribution's ARN, which CloudFront sends with every request it signs",
		SideEffects: []string{"Whoever else reads the bucket by this statement no longer can: look in the bucket's access logs first"},
		Confidence:  fix.High,
	}
	statement, readable := statementOf(found.bucket, found.index)
	grants := fix.GrantDistribution(bucket, p.Model.Partition(), "", []string{"s3:GetObject"}, sharers(p, bucket)...)
	switch {
	case !readable, found.origin.OAI == "" && !hasOAC(found.origin), !found.public && !servicePrincipalOnly(statement):
		f.Title, f.Complexity, f.Minutes = "Narrow the statement down by hand", fix.Standard, 30
		f.Manual = []string{
			"Give the origin " + found.origin.ID + " an origin access control, where it has none yet",
			fmt.Sprintf(`Let the distribution in by a statement of its own, with the condition "StringEquals": {"AWS:SourceArn": %q}`, p.Model.ARN()),
			fmt.Sprintf("When that is deployed, take cloudfront.amazonaws.com or everybody out of statement %d of the policy of the bucket %s; the others that it names keep what they need", found.index, bucket),
		}
	case found.public && found.origin.OAI != "":
		f.Changes = nil
		f.Manual = []string{
			"See that the policy has a statement for the origin access identity " + found.origin.OAI,
			fmt.Sprintf("Then remove statement %d, which lets everybody read, from the policy of the bucket %s, and turn on Block Public Access", found.index, bucket),
		}
	case found.public:
		f.Changes = []fix.Change{fix.EditBucketPolicy(bucket, append(grants, fix.RemoveStatement(statement))...)}
		f.Manual = []string{"Turn on Block Public Access for the bucket " + bucket + " afterwards, so that it cannot become public again"}
	default:
		f.Changes = []fix.Change{fix.EditBucketPolicy(bucket, fix.ReplaceStatement(statement, narrowed(statement, sharers(p, bucket))))}
	}
	return []fix.Fix{f}
}

func hasOAC(o *edge.Origin) bool { return posture.Text(o.Config.OriginAccessControlId) != "" }

// sharers are the ARNs of this distribution and of the account's others that have the bucket as an origin.
func sharers(p *cause.Pass, bucket string) []string {
	arns := []string{p.Model.ARN()}
	list, _ := account.Distributions().In(p.World).Get()
	for _, d := range list.DistributionList.Items {
		if d.Origins == nil || slices.Contains(arns, posture.Text(d.ARN)) || posture.Text(d.ARN) == "" {
			continue
		}
		for _, o := range d.Origins.Items {
			if e := cloudfront.ClassifyEndpoint(posture.Text(o.DomainName)); e.IsS3() && e.Name == bucket {
				arns = append(arns, posture.Text(d.ARN))
				break
			}
		}
	}
	return arns
}

// statementOf is a statement of the bucket's policy as it is written.
func statementOf(b *edge.BucketFacts, index int) (map[string]any, bool) {
	out, _ := b.Policy.Get()
	var document struct{ Statement any }
	if json.Unmarshal([]byte(out.Policy), &document) != nil {
		return nil, false
	}
	list, isList := document.Statement.([]any)
	if !isList {
		list = []any{document.Statement}
	}
	if index >= len(list) {
		return nil, false
	}
	statement, ok := list[index].(map[string]any)
	return statement, ok
}

// servicePrincipalOnly reports whether a statement is for CloudFront alone, so that a condition on it concerns nobody else.
func servicePrincipalOnly(statement map[string]any) bool {
	principal, ok := statement["Principal"].(map[string]any)
	if !ok || len(principal) != 1 {
		return false
	}
	switch service := principal["Service"].(type) {
	case string:
		return strings.EqualFold(service, cloudfront.ServicePrincipal)
	case []any:
		return len(service) == 1 && service[0] == cloudfront.ServicePrincipal
	}
	return false
}

// narrowed is a statement with a condition on who CloudFront signs for, beside the conditions it has.
func narrowed(statement map[string]any, arns []string) map[string]any {
	out := maps.Clone(statement)
	var values any = arns
	if len(arns) == 1 {
		values = arns[0]
	}
	conditions, _ := statement["Condition"].(map[string]any)
	conditions = maps.Clone(conditions)
	if conditions == nil {
		conditions = map[string]any{}
	}
	equals, _ := conditions["StringEquals"].(map[string]any)
	equals = maps.Clone(equals)
	if equals == nil {
		equals = map[string]any{}
	}
	equals["AWS:SourceArn"] = values
	conditions["StringEquals"] = equals
	out["Condition"] = conditions
	return out
}
