package originaccess

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	ec2 "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	lambda "github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/posture"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/fix"
)

// closeFunction lets a function URL take CloudFront's signed requests only. Every step leaves the distribution working: the grant and the
// signature count for nothing as long as the URL asks nobody, and it asks once both are deployed.
func closeFunction(p *cause.Pass, o *edge.Origin, url lambda.FunctionUrlConfig) bypass {
	name, region, qualifier, ok := functionOf(url)
	if !ok || takesBodies(p, o) {
		return bypass{
			steps: []string{
				"Viewers that send bodies with PUT or POST have to send the header x-amz-content-sha256 with the body's SHA-256 from then on: change them first",
				"Create an origin access control of the type lambda, let the distribution invoke the function by a permission with its ARN (lambda:InvokeFunctionUrl and lambda:InvokeFunction), and choose the control on the origin",
				"When that is deployed, set the function URL's AuthType to AWS_IAM",
			},
			byHand: lambdaByHand(p, name, region, qualifier),
		}
	}
	oac := fix.CreateOAC(o.Endpoint.Name[:min(20, len(o.Endpoint.Name))]+"-"+p.Model.ID(), "lambda", "always")
	return bypass{changes: []fix.Change{
		fix.AddLambdaPermission(name, region, qualifier, []string{p.Model.ARN()}),
		oac, fix.EditDistribution(p.Model.ID(), fix.SetOriginAccessControl(o.ID, oac.ID())),
		fix.SetFunctionURLAuth(name, region, qualifier, string(lambda.FunctionUrlAuthTypeAwsIam), string(url.AuthType)),
	}}
}

// takesBodies reports whether a behavior may send the origin requests with a body, whose hash a signature needs from the viewer
// (DG/private-content-restricting-access-to-lambda). Origins in groups get none: only reads fail over.
func takesBodies(p *cause.Pass, o *edge.Origin) bool {
	return slices.ContainsFunc(p.Model.Behaviors, func(b *edge.Behavior) bool {
		return posture.Text(b.Config.TargetOriginId) == o.ID && b.Config.AllowedMethods != nil &&
			(slices.Contains(b.Config.AllowedMethods.Items, types.MethodPost) || slices.Contains(b.Config.AllowedMethods.Items, types.MethodPut))
	})
}

// lambdaByHand lets the distribution call a function, where its name may not be known.
func lambdaByHand(p *cause.Pass, name, region, qualifier string) []fix.HandCall {
	var inputs []string
	if name == "" {
		name, inputs = "FUNCTION", []string{"FUNCTION, the name or ARN of the function whose URL the origin is"}
	}
	with := func(more ...fix.HandParam) []fix.HandParam {
		params := []fix.HandParam{{Name: "FunctionName", Value: name}}
		if qualifier != "" {
			params = append(params, fix.HandParam{Name: "Qualifier", Value: qualifier})
		}
		return append(params, more...)
	}
	change := func(purpose, operation string, params []fix.HandParam) fix.HandCall {
		return fix.HandCall{Purpose: purpose, Service: "lambda", Operation: operation, Region: region, Mutates: true, Inputs: inputs, Params: params}
	}
	grant := func(sid, action string) fix.HandCall {
		statement := fix.HandParam{Name: "StatementId", Value: sid}
		return change("Grant "+action+" to the distribution, and to nobody else", "AddPermission", with(statement, fix.HandParam{Name: "Action", Value: action},
			fix.HandParam{Name: "Principal", Value: "cloudfront.amazonaws.com"}, fix.HandParam{Name: "SourceArn", Value: p.Model.ARN()})).
			WithBack("Take "+action+" away again", "RemovePermission", with(statement), inputs...)
	}
	auth := func(kind lambda.FunctionUrlAuthType) []fix.HandParam {
		return with(fix.HandParam{Name: "AuthType", Value: string(kind)})
	}
	return []fix.HandCall{
		grant("AllowCloudFrontUrl", "lambda:InvokeFunctionUrl"), grant("AllowCloudFrontInvoke", "lambda:InvokeFunction"),
		change("When the distribution signs its requests and is deployed, let the function URL take signed requests only", "UpdateFunctionUrlConfig",
			auth(lambda.FunctionUrlAuthTypeAwsIam)).
			WithBack("Let the function URL take unsigned requests again, if it did before", "UpdateFunctionUrlConfig", auth(lambda.FunctionUrlAuthTypeNone), inputs...),
	}
}

// closeBalancer lets the load balancer's security group admit CloudFront alone. Who else uses the load balancer is not known, so that a person
// makes the changes.
func closeBalancer(p *cause.Pass, group, region string, open ec2.IpPermission) bypass {
	where := []fix.HandParam{{Name: "GroupId", Value: group}}
	ports := map[string]any{"IpProtocol": posture.Text(open.IpProtocol)}
	if open.FromPort != nil && open.ToPort != nil {
		ports["FromPort"], ports["ToPort"] = *open.FromPort, *open.ToPort
	}
	permission := func(member string, value any) fix.HandParam {
		one := map[string]any{member: value}
		for name, member := range ports {
			one[name] = member
		}
		return fix.HandParam{Name: "IpPermissions", Value: []any{one}}
	}
	var everybody []fix.HandCall
	for _, r := range open.IpRanges {
		if posture.Text(r.CidrIp) == "0.0.0.0/0" {
			rule := append(slices.Clone(where), permission("IpRanges", []any{map[string]any{"CidrIp": "0.0.0.0/0"}}))
			everybody = append(everybody, fix.HandCall{Purpose: "Then take the rule for all addresses away", Service: "ec2", Operation: "RevokeSecurityGroupIngress", Region: region, Mutates: true,
				Params: rule}.WithBack("Let all addresses in again, as before", "AuthorizeSecurityGroupIngress", rule))
		}
	}
	for _, r := range open.Ipv6Ranges {
		if posture.Text(r.CidrIpv6) == "::/0" {
			rule := append(slices.Clone(where), permission("Ipv6Ranges", []any{map[string]any{"CidrIpv6": "::/0"}}))
			everybody = append(everybody, fix.HandCall{Purpose: "Then take the rule for all IPv6 addresses away", Service: "ec2", Operation: "RevokeSecurityGroupIngress", Region: region, Mutates: true,
				Params: rule}.WithBack("Let all IPv6 addresses in again, as before", "AuthorizeSecurityGroupIngress", rule))
		}
	}
	cloudFront := append(slices.Clone(where), permission("PrefixListIds", []any{map[string]any{"PrefixListId": "PREFIX_LIST_ID"}}))
	return bypass{
		steps: []string{
			"Add a rule to the security group " + group + " in " + region + " that lets in the prefix list com.amazonaws.global.cloudfront.origin-facing on the origin's port, and then remove the rule for all addresses; the prefix list counts as 55 rules",
			"That lets every distribution in, of other accounts too: let CloudFront send a secret header to the origin as well, and let the listener's rules forward only requests that have it",
			"Or move the load balancer into private subnets, and reach it as a VPC origin",
		},
		byHand: append([]fix.HandCall{
			{Purpose: "Find the id of CloudFront's prefix list", Service: "ec2", Operation: "DescribeManagedPrefixLists", Region: region,
				Params: []fix.HandParam{{Name: "Filters", Value: []any{map[string]any{"Name": "prefix-list-name", "Values": []any{"com.amazonaws.global.cloudfront.origin-facing"}}}}}},
			fix.HandCall{Purpose: "Let CloudFront in", Service: "ec2", Operation: "AuthorizeSecurityGroupIngress", Region: region, Mutates: true,
				Params: cloudFront, Inputs: []string{"PREFIX_LIST_ID, the PrefixListId in the answer before"}}.
				WithBack("Take CloudFront's rule away again", "RevokeSecurityGroupIngress", cloudFront, "PREFIX_LIST_ID, the PrefixListId in the answer of describe-managed-prefix-lists"),
		}, everybody...),
	}
}
