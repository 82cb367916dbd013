package originaccess

import (
	"slices"

	rest "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	v2 "github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/passage"
	"cfdoctor/internal/causes/posture"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/fix"
)

func fixAPI(p *cause.Pass, _ cause.Verdict) []fix.Fix {
	x := passage.Exchange(p)
	var fixes []fix.Fix
	if change, ok := endpointOn(x.API); ok {
		fixes = append(fixes, fix.Fix{
			Title: "Switch the API's default endpoint on again", Complexity: fix.Quick, Minutes: 10,
			Impact:      "None: the request is refused now",
			Explanation: "The origin is the API's default endpoint, which answers no more since it was switched off.",
			SideEffects: []string{"Whoever knows the default endpoint's name can ask the API past CloudFront and past the API's own domain names: keep it closed to them with an API key or a secret header that CloudFront adds",
				"Where the endpoint goes on refusing, deploy the API to the stage: that publishes what has been changed in it since the last deployment too"},
			Changes:    []fix.Change{change},
			Invalidate: []string{"/*"}, Confidence: fix.Medium,
		})
	}
	return append(fixes, fix.Fix{
		Title:       "Let the API accept what CloudFront sends",
		Complexity:  fix.Standard,
		Minutes:     30,
		Impact:      "None: the request is refused now",
		Explanation: "Either the API's rule changes, or CloudFront sends what the rule asks for.",
		SideEffects: []string{"What the rule kept out may get in: keep the API closed to those who go around CloudFront, with a secret header or an API key that CloudFront adds"},
		Manual: []string{
			"Private API: CloudFront cannot reach it over the internet; make it Regional, or put an internal load balancer in front and use a VPC origin",
			"Default endpoint switched off: point the origin at the API's custom domain name, or switch the endpoint on again",
			"Resource policy: it sees CloudFront's addresses; let the request in by another condition, such as none for a public API with an API key",
			"API key: add x-api-key with the key to the origin's custom headers, or forward the viewer's with the origin request policy AllViewerExceptHostHeader",
			"IAM authorization: sign the request in a Lambda@Edge function at origin request, or let viewers sign for the API's own host",
		},
		ByHand:     lookAtAPI(x.API),
		Invalidate: []string{"/*"},
		Confidence: fix.Medium,
	})
}

// endpointOn switches the default endpoint of the API on, where it is off and the origin asks by it.
func endpointOn(a *edge.APIRoute) (change fix.Change, ok bool) {
	if a == nil || a.Mapping != nil || a.Stage == "" {
		return nil, false
	}
	if api, known := a.REST.Get(); known && api.DisableExecuteApiEndpoint {
		stages, _ := a.RESTStages.Get()
		i := slices.IndexFunc(stages.Item, func(s rest.Stage) bool {
			return posture.Text(s.StageName) == a.Stage && posture.Text(s.DeploymentId) != ""
		})
		if i < 0 {
			return nil, false
		}
		return fix.EnableRESTEndpoint(a.Region, a.ID, a.Stage, posture.Text(stages.Item[i].DeploymentId)), true
	}
	if api, known := a.HTTP.Get(); known && api.DisableExecuteApiEndpoint != nil && *api.DisableExecuteApiEndpoint {
		stages, _ := a.HTTPStages.Get()
		i := slices.IndexFunc(stages.Items, func(s v2.Stage) bool { return posture.Text(s.StageName) == a.Stage })
		switch {
		case i < 0:
		case stages.Items[i].AutoDeploy != nil && *stages.Items[i].AutoDeploy:
			return fix.EnableHTTPEndpoint(a.Region, a.ID, a.Stage, ""), true
		case posture.Text(stages.Items[i].DeploymentId) != "":
			return fix.EnableHTTPEndpoint(a.Region, a.ID, a.Stage, posture.Text(stages.Items[i].DeploymentId)), true
		}
	}
	return nil, false
}

// lookAtAPI are the reads that show what the API asks for.
func lookAtAPI(a *edge.APIRoute) []fix.HandCall {
	if a == nil {
		return nil
	}
	call := func(service, purpose, operation string, params ...fix.HandParam) fix.HandCall {
		return fix.HandCall{Purpose: purpose, Service: service, Operation: operation, Region: a.Region, Params: params}
	}
	if a.HTTP.IsKnown() {
		id := fix.HandParam{Name: "ApiId", Value: a.ID}
		return []fix.HandCall{call("apigatewayv2", "Read the API", "GetApi", id), call("apigatewayv2", "See the routes and who may ask them", "GetRoutes", id),
			call("apigatewayv2", "See the Region's custom domain names", "GetDomainNames")}
	}
	id := fix.HandParam{Name: "restApiId", Value: a.ID}
	return []fix.HandCall{
		call("apigateway", "Read the API: its endpoint types, its resource policy, whether the default endpoint is off", "GetRestApi", id),
		call("apigateway", "See the methods and who may ask them", "GetResources", id, fix.HandParam{Name: "embed", Value: []string{"methods"}}),
		call("apigateway", "See the Region's custom domain names", "GetDomainNames"),
		call("apigateway", "See which API keys there are, without their values", "GetApiKeys"),
	}
}
