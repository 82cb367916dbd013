package viewerrequestfunction

import (
	"strings"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/fix"
)

// lambdaNames are the names of the behavior's Lambda@Edge functions, each once and without its version, and how the log groups at the edge name
// them. All of them are in us-east-1 (DG/lambda-at-edge-function-restrictions).
func lambdaNames(p *cause.Pass) []string {
	var out []string
	seen := map[string]bool{}
	for _, f := range lambdas(p) {
		name, _, _ := strings.Cut(shortARN(f.ARN), ":")
		if name != "" && !strings.Contains(name, "/") && !seen[name] {
			seen[name] = true
			out = append(out, name)
		}
	}
	return out
}

// lambdaByHand are the commands to look at the behavior's Lambda@Edge functions and to publish what is put right.
func lambdaByHand(p *cause.Pass) []fix.HandCall {
	var out []fix.HandCall
	for _, name := range lambdaNames(p) {
		params := []fix.HandParam{{Name: "FunctionName", Value: name}}
		out = append(out,
			fix.HandCall{Purpose: "See the settings of what would be published of " + name, Service: "lambda", Operation: "GetFunctionConfiguration", Region: account.GlobalRegion, Params: params},
			fix.HandCall{Purpose: "See the versions of " + name, Service: "lambda", Operation: "ListVersionsByFunction", Region: account.GlobalRegion, Params: params},
			fix.HandCall{Purpose: "Publish " + name + " once it is put right; the answer shows the ARN that the behavior has to name", Service: "lambda", Operation: "PublishVersion",
				Region: account.GlobalRegion, Mutates: true, Params: params})
	}
	for _, f := range lambdas(p) {
		if config, known := f.Fact.Get(); known && roleName(value(config.Role)) != "" {
			out = append(out, fix.HandCall{Purpose: "See whom the function's role trusts", Service: "iam", Operation: "GetRole",
				Params: []fix.HandParam{{Name: "RoleName", Value: roleName(value(config.Role))}}})
			break
		}
	}
	return out
}

// lambdaLogs are the commands to read what the functions logged. A copy logs in the Region in which it ran.
func lambdaLogs(p *cause.Pass) []fix.HandCall {
	where := []string{"instead of " + account.GlobalRegion + " the Region nearest to the viewer: the copy that ran there logs there"}
	logs := func(purpose, group, pattern string) fix.HandCall {
		params := []fix.HandParam{{Name: "logGroupName", Value: group}, {Name: "limit", Value: 20}}
		if pattern != "" {
			params = append(params, fix.HandParam{Name: "filterPattern", Value: pattern})
		}
		return fix.HandCall{Purpose: purpose, Service: "logs", Operation: "FilterLogEvents", Region: account.GlobalRegion, Params: params, Inputs: where}
	}
	var out []fix.HandCall
	for _, name := range lambdaNames(p) {
		out = append(out, logs("See the errors that "+name+" logged", "/aws/lambda/us-east-1."+name, "?ERROR ?Error ?\"Task timed out\""))
	}
	return append(out, logs("See the results that CloudFront did not accept", "/aws/cloudfront/LambdaEdge/"+p.Model.ID(), ""))
}
