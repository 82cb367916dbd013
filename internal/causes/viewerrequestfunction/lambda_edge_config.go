package viewerrequestfunction

import (
	"strings"

	cf "github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	lambda "github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
)

var lambdaEdgeConfig = &cause.Cause{
	ID:       "LAMBDA_EDGE_CONFIG",
	Title:    "The Lambda function cannot run at the edge as it is set up",
	Stage:    stage,
	Symptoms: []int{502, 503},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `Lambda@Edge runs numbered versions of functions in us-east-1 whose role lets both lambda.amazonaws.com and edgelambda.amazonaws.com assume it. It knows
no VPC, no environment variables, no layers, no ARM, no container images, and origin events do not work with VPC origins. A function that cannot run is answered with 503.`,
		Why: `CloudFront refuses most of this when a function is associated, and not what changes later: the role's trust policy is rewritten, the version or the
function is deleted, an origin is exchanged for a VPC origin.`,
		Example: "The role's trust policy lost edgelambda.amazonaws.com when it was brought under Terraform.",
		Manual:  "A function's settings can be changed in its unpublished version only; a new version has to be published and associated.",
		References: []string{
			guide + "lambda-at-edge-function-restrictions.html",
			guide + "lambda-edge-permissions.html",
			guide + "http-503-service-unavailable.html",
			guide + "private-content-vpc-origins.html",
		},
		Since: "0.1",
	},
	Detect: detectLambdaConfig,
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		return []fix.Fix{{
			Title: "Make the function fit for the edge, and associate a new version", Complexity: fix.Standard, Minutes: 45,
			Impact:      "The new version runs as edge locations take the change up",
			Explanation: "CloudFront runs exactly the version that the behavior names; what is wrong with it has to be put right in a new one.",
			Manual: []string{
				"What is wrong: " + v.Because + ".",
				"Role: in IAM, let the trust policy name lambda.amazonaws.com and edgelambda.amazonaws.com for sts:AssumeRole.",
				"Settings: in Lambda, us-east-1, take off VPC, environment variables, layers, ARM, dead-letter queue and X-Ray, then publish a version.",
				"CloudFront console, Behaviors tab: select the behavior, choose Edit, and under Function associations name the new version's ARN.",
			},
			ByHand:     lambdaByHand(p),
			Confidence: fix.High,
		}}
	},
}

// lambdas lists the Lambda@Edge functions of the request's behavior.
func lambdas(p *cause.Pass) []*edge.LambdaEdge {
	var out []*edge.LambdaEdge
	if p.Trace.Behavior == nil {
		return nil
	}
	for _, event := range []cf.EventType{cf.EventTypeViewerRequest, cf.EventTypeOriginRequest, cf.EventTypeOriginResponse, cf.EventTypeViewerResponse} {
		if f, ok := p.Model.LambdaEdgeFor(p.Trace.Behavior, event); ok {
			out = append(out, f)
		}
	}
	return out
}

func detectLambdaConfig(p *cause.Pass) cause.Verdict {
	list := lambdas(p)
	if len(list) == 0 {
		return cause.RuleOut("the behavior has no Lambda@Edge function")
	}
	resource := p.BehaviorName(p.Trace.Behavior)
	explains := p.Reproduced() || p.Symptom.Code == 502 || p.Symptom.Code == 503
	var gaps []evidence.Gap
	for _, f := range list {
		name := shortARN(f.ARN)
		ref := p.Model.Ref(f.Field, f.ARN, f.Problem)
		if f.Problem != "" {
			return cause.Confirm(resource, "The Lambda@Edge function "+name+" cannot run: "+f.Problem+".", ref, f.Fact.Ref("")).
				WithBecause(f.Problem).Explaining(explains)
		}
		if p.Trace.Origin != nil && p.Trace.Origin.Config.VpcOriginConfig != nil && originEvent(f.Event) {
			return cause.Likely(resource, "The Lambda@Edge function "+name+" runs before a VPC origin, which does not support functions on origin events.",
				"CloudFront documents that this does not work, and not what the viewer gets", ref,
				p.Model.Ref(p.Trace.Origin.Field+".VpcOriginConfig", "", "")).Explaining(explains && !p.Reproduced())
		}
		config, ok := f.Fact.Get()
		if !ok {
			gaps = append(gaps, f.Fact)
			continue
		}
		if why := unsupported(config); why != "" {
			return cause.Likely(resource, "The Lambda@Edge function "+name+" uses what Lambda@Edge does not support: "+why+".",
				why+", which CloudFront does not let functions be associated with", ref, f.Fact.Ref("").With("", why)).Explaining(explains && !p.Reproduced())
		}
		role := account.Role(roleName(value(config.Role))).In(p.World)
		switch trusted, known := trustsEdge(role); {
		case role.IsAbsent():
			return cause.Confirm(resource, "The role of the Lambda@Edge function "+name+" does not exist, so that nobody may run it.", ref, role.Ref("")).
				WithBecause("IAM has no such role").Explaining(explains && !p.Reproduced())
		case !known:
			gaps = append(gaps, role)
		case !trusted:
			return cause.Likely(resource, "The role of the Lambda@Edge function "+name+" does not let the edge run it: its trust policy lacks edgelambda.amazonaws.com.",
				"the trust policy lacks edgelambda.amazonaws.com, which Lambda@Edge needs; copies made before may go on running for a while",
				ref, role.Ref("Role.AssumeRolePolicyDocument").With("", "edgelambda.amazonaws.com may not assume it").Want("lambda.amazonaws.com, edgelambda.amazonaws.com")).
				Explaining(explains && !p.Reproduced())
		}
	}
	if len(gaps) > 0 {
		return cause.Need("the settings of a Lambda@Edge function were not read", gaps...)
	}
	return cause.RuleOut("the Lambda@Edge functions are set up as the edge needs", p.Model.Ref(list[0].Field, list[0].ARN, ""))
}

func originEvent(e cf.EventType) bool {
	return e == cf.EventTypeOriginRequest || e == cf.EventTypeOriginResponse
}

// unsupported names the first setting that Lambda@Edge does not know (DG/lambda-at-edge-function-restrictions).
func unsupported(c account.LambdaConfigurationOutput) string {
	switch {
	case c.VpcConfig != nil && value(c.VpcConfig.VpcId) != "":
		return "it is connected to a VPC"
	case c.Environment != nil && len(c.Environment.Variables) > 0:
		return "it has environment variables"
	case len(c.Layers) > 0:
		return "it has layers"
	case c.PackageType == lambda.PackageTypeImage:
		return "it is a container image"
	case len(c.Architectures) == 1 && c.Architectures[0] == lambda.ArchitectureArm64:
		return "it is built for ARM"
	case c.DeadLetterConfig != nil && value(c.DeadLetterConfig.TargetArn) != "":
		return "it has a dead-letter queue"
	}
	return ""
}

// trustsEdge reports whether a role's trust policy names the service that runs functions at the edge (DG/lambda-edge-permissions).
func trustsEdge(role evidence.Fact[account.RoleOutput]) (trusted, known bool) {
	out, ok := role.Get()
	if !ok {
		return false, false
	}
	text := policyText(out.Role.AssumeRolePolicyDocument)
	return strings.Contains(text, "edgelambda.amazonaws.com"), text != ""
}
