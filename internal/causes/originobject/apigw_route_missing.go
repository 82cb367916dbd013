package originobject

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/passage"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
)

var apigwRouteMissing = &cause.Cause{
	ID:        "APIGW_ROUTE_MISSING",
	Title:     "The API has no route or method for the request",
	Stage:     "origin-object",
	Symptoms:  []int{403, 404},
	Severity:  cause.Critical,
	OfRequest: true,
	Doc: cause.Doc{
		Explain: `The stage is right, but the API has no resource for the path, or the resource has no such method. A REST API answers 403 with the misleading
message "Missing Authentication Token", an HTTP API 404 "Not Found".`,
		Why: `The API was never deployed with this resource, the client has the wrong path or method, or the path of the cache behavior (such as /api)
reaches an API that does not know it.`,
		Example: "DELETE /orders/7, and the resource /orders/{id} has GET only.",
		Manual:  "Whether the API is to get the route or the client another path, only its developers know.",
		References: []string{
			"https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html",
			"https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		a, why := apiOf(p)
		if a == nil {
			return why
		}
		x := passage.Exchange(p)
		switch {
		case a.StageMissing.Yes():
			return cause.RuleOut("the path does not even begin with a stage of the API")
		case !a.StageMissing.Known():
			return cause.Need("the API's stages were not read", a.RESTStages, a.HTTPStages)
		case stageTwice(a, x):
			return cause.RuleOut("the stage stands in the path twice")
		}
		missing, what, ref, gap := routeMissing(a, x)
		switch {
		case gap != nil:
			return cause.Need("the API's routes were not read", gap)
		case !p.StoppedHere() && missing, x.Response.By != edge.ByAPIGateway && missing:
			return cause.RuleOut("the API answers the request before it looks for a route", ref)
		case missing:
			return cause.Confirm(p.OriginName(x.Origin), fmt.Sprintf("The API has no route for %s %s: %s.", x.Forwarded.Method, a.Path, what), ref).
				WithBecause("the API's routes are known").
				WithDetail("what is listed is the API as it is configured; a REST API answers by its last deployment").With(a)
		}
		return cause.RuleOut("the API has a route for the request", ref)
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		a, ok := v.Data.(*edge.APIRoute)
		if !ok {
			return nil
		}
		method := passage.Exchange(p).Forwarded.Method
		return []fix.Fix{{
			Title:       "Give the API the route, or send the request to the one that is meant",
			Complexity:  fix.Standard,
			Minutes:     30,
			Impact:      "None: the path cannot be served now",
			Explanation: "The path at the API is the origin path and the request's path together, without the stage. The API needs a resource and method for it.",
			SideEffects: []string{"A new route is open to whomever the distribution serves, unless it has an authorizer"},
			Manual: []string{
				fmt.Sprintf("If the route is to exist: in the API Gateway console, API %s, create %s %s, and deploy the API to the stage %s", a.ID, method, a.Path, a.Stage),
				"If the client has the wrong path or method: correct it",
				"If the path begins with a prefix that only CloudFront knows (such as /api): let a CloudFront Function at viewer request take it off",
			},
			ByHand:     makeRoute(a, method),
			Invalidate: []string{p.Request.Path},
			Confidence: fix.Medium,
		}}
	},
}

// makeRoute shows the API's routes, and makes the missing one of an HTTP API, which an integration has to stand behind.
func makeRoute(a *edge.APIRoute, method string) []fix.HandCall {
	if a.REST.IsKnown() {
		id := fix.HandParam{Name: "restApiId", Value: a.ID}
		return []fix.HandCall{
			{Purpose: "See the API's resources and their methods", Service: "apigateway", Operation: "GetResources", Region: a.Region, Params: []fix.HandParam{id, {Name: "embed", Value: []string{"methods"}}}},
			{Purpose: "Once the resource and its method are there, deploy the API to the stage", Service: "apigateway", Operation: "CreateDeployment", Region: a.Region, Mutates: true,
				Params: []fix.HandParam{id, {Name: "stageName", Value: a.Stage}}},
		}
	}
	id := fix.HandParam{Name: "ApiId", Value: a.ID}
	return []fix.HandCall{
		{Purpose: "See the API's routes", Service: "apigatewayv2", Operation: "GetRoutes", Region: a.Region, Params: []fix.HandParam{id}},
		{Purpose: "See what can stand behind a route", Service: "apigatewayv2", Operation: "GetIntegrations", Region: a.Region, Params: []fix.HandParam{id}},
		fix.HandCall{Purpose: "Make the route", Service: "apigatewayv2", Operation: "CreateRoute", Region: a.Region, Mutates: true,
			Params: []fix.HandParam{id, {Name: "RouteKey", Value: method + " " + a.Path}, {Name: "Target", Value: "integrations/INTEGRATION_ID"}},
			Inputs: []string{"INTEGRATION_ID, the IntegrationId of what is to answer, in the answer before"}}.
			WithBack("Delete the route again", "DeleteRoute", []fix.HandParam{id, {Name: "RouteId", Value: "ROUTE_ID"}}, "ROUTE_ID, the RouteId in the answer of create-route"),
	}
}

// routeMissing reports whether the API lacks a route, and what it has instead; gap is what was not read.
func routeMissing(a *edge.APIRoute, x *edge.Exchange) (missing bool, what string, ref evidence.Ref, gap evidence.Gap) {
	if a.REST.IsKnown() {
		ref = a.Resources.Ref("items[].path")
		out, ok := a.Resources.Get()
		switch {
		case !ok:
			return false, "", ref, a.Resources
		case a.Method != nil:
			return false, "", ref, nil
		case a.Resource != nil:
			methods := slices.Sorted(maps.Keys(a.Resource.ResourceMethods))
			return true, fmt.Sprintf("the resource %s has %s", *a.Resource.Path, listed(methods)), ref.With(listed(methods), "no "+x.Forwarded.Method), nil
		}
		var paths []string
		for _, r := range out.Items {
			if r.Path != nil {
				paths = append(paths, *r.Path)
			}
		}
		return true, "its resources are " + listed(paths), ref.With(listed(paths), "none fits "+a.Path), nil
	}
	ref = a.Routes.Ref("Items[].RouteKey")
	out, ok := a.Routes.Get()
	if !ok {
		return false, "", ref, a.Routes
	}
	var keys []string
	for _, r := range out.Items {
		if r.RouteKey != nil {
			keys = append(keys, *r.RouteKey)
		}
	}
	preflight := a.HTTP.Or(account.HTTPAPIOutput{}).CorsConfiguration != nil && x.Forwarded.Method == "OPTIONS"
	return a.Route == nil && !preflight, "its routes are " + listed(keys), ref.With(listed(keys), ""), nil
}

func listed(values []string) string {
	if len(values) == 0 {
		return "none"
	}
	return strings.Join(values, ", ")
}
