package originaccess

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	lambda "github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/passage"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/fix"
)

var lambdaURLPermissionMissing = &cause.Cause{
	ID:       "LAMBDA_URL_PERMISSION_MISSING",
	Title:    "The Lambda function URL does not let this distribution in",
	Stage:    "origin-access",
	Symptoms: []int{403},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `A function URL with the authorization type AWS_IAM takes signed requests only: CloudFront has to sign them with an origin access control of type
lambda, and the function's policy has to let cloudfront.amazonaws.com use the URL (lambda:InvokeFunctionUrl) and invoke the function
(lambda:InvokeFunction) for this distribution. Where either is missing, Lambda answers 403.`,
		Why: `The permissions are not made along with the origin access control: they take commands of their own. The second one is asked for since late 2025, so
older guides leave it out. A new distribution needs statements with its own ARN.`,
		Example: "The origin signs with an origin access control, and the function has no policy.",
		References: []string{
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-lambda.html",
			"https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		x := passage.Exchange(p)
		a := x.LambdaURL
		if a == nil {
			return cause.RuleOut("the request does not get as far as a function URL")
		}
		name := p.OriginName(x.Origin)
		step, _ := p.Trace.Step("origin-access")
		url, known := a.URL.Get()
		switch {
		case a.BodyHashMissing.Yes():
			return cause.RuleOut("the function's policy lets this distribution in", a.Policy.Ref("Policy"))
		case known && x.Response.By == edge.ByLambdaURL && p.Trace.StoppedAt == "origin-access":
			return cause.Confirm(name, step.Summary+".", step.Evidence...).WithBecause("the URL's type of authorization, how CloudFront signs and the function's policy are known").
				WithDetail(lambdaDetail(a, url)).With(lambdaFound{a, url})
		case known && a.InvokeURL.Allowed.Yes() && a.Invoke.Allowed.Yes():
			return cause.RuleOut("the function's policy lets this distribution in", a.Policy.Ref("Policy"))
		case passage.Suspected(p, 403):
			return cause.Likely(name, "The function's policy may not let this distribution use the function URL.", step.Summary, step.Evidence...).
				Needing(a.URL, a.Policy, x.Origin.OAC).With(lambdaFound{a, url}).Explaining(true)
		case known && a.InvokeURL.Allowed.Yes() && a.Invoke.Allowed.No():
			return cause.Possible(name, "The function's policy lets CloudFront use the URL and not invoke the function, which newer URLs want too.",
				"URLs made before the second permission was asked for may do without it", step.Evidence...).AtSeverity(cause.Medium).With(lambdaFound{a, url})
		}
		return cause.Need("whether the function's policy lets this distribution in is not known", a.URL, a.Policy, x.Origin.OAC)
	},
	Fixes: lambdaFixes,
}

type lambdaFound struct {
	access *edge.LambdaURLAccess
	url    lambda.FunctionUrlConfig
}

func lambdaDetail(a *edge.LambdaURLAccess, url lambda.FunctionUrlConfig) string {
	return fmt.Sprintf("AuthType %s; lambda:InvokeFunctionUrl: %s; lambda:InvokeFunction: %s", url.AuthType, a.InvokeURL.Reason, a.Invoke.Reason)
}

func lambdaFixes(p *cause.Pass, v cause.Verdict) []fix.Fix {
	found, ok := v.Data.(lambdaFound)
	x := passage.Exchange(p)
	if !ok || x.Origin == nil {
		return nil
	}
	f := fix.Fix{
		Title:       "Let this distribution call the function",
		Complexity:  fix.Quick,
		Minutes:     10,
		Impact:      "None: the function's policy gains statements and counts at once",
		Explanation: "It lets cloudfront.amazonaws.com use the function's URL and invoke the function, for this distribution only.",
		SideEffects: []string{"The function runs, and costs, for whomever the distribution serves"},
		Invalidate:  []string{"/*"},
		Confidence:  fix.High,
	}
	name, region, qualifier, ok := functionOf(found.url)
	if !ok || found.access.Policy.Missing() || found.url.AuthType != lambda.FunctionUrlAuthTypeAwsIam {
		f.Confidence = fix.Medium
		f.Manual = []string{
			"Give the function URL the authorization type AWS_IAM, and its origin an origin access control of type lambda that always signs",
			"Let the distribution use the function's URL and invoke the function, by the permissions lambda:InvokeFunctionUrl and lambda:InvokeFunction for its ARN",
		}
		f.ByHand = lambdaByHand(p, name, region, qualifier)
		return []fix.Fix{f}
	}
	f.Changes = []fix.Change{fix.AddLambdaPermission(name, region, qualifier, []string{p.Model.ARN()})}
	if !signsFor(x.Origin, types.OriginAccessControlOriginTypesLambda) {
		f.Title = "Sign requests to the function URL, and let this distribution call the function"
		f.Explanation += " CloudFront signs its requests with a new origin access control."
		creation := fix.CreateOAC(x.Origin.Endpoint.Name[:min(20, len(x.Origin.Endpoint.Name))]+"-"+p.Model.ID(), "lambda", "always")
		f.Changes = append(f.Changes, creation, fix.EditDistribution(p.Model.ID(), fix.SetOriginAccessControl(x.Origin.ID, creation.ID())))
	}
	return []fix.Fix{f}
}

// signsFor reports whether an origin's access control always signs, for that kind of origin.
func signsFor(o *edge.Origin, kind types.OriginAccessControlOriginTypes) bool {
	config, ok := o.OAC.Get()
	return ok && config.OriginAccessControlOriginType == kind && config.SigningBehavior == types.OriginAccessControlSigningBehaviorsAlways
}

// functionOf takes name, Region and alias out of the ARN that a URL belongs to.
func functionOf(url lambda.FunctionUrlConfig) (name, region, qualifier string, ok bool) {
	if url.FunctionArn == nil {
		return "", "", "", false
	}
	parts := strings.Split(*url.FunctionArn, ":")
	if len(parts) < 7 {
		return "", "", "", false
	}
	if len(parts) > 7 {
		qualifier = parts[7]
	}
	return parts[6], parts[3], qualifier, true
}
