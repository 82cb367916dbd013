package edge

import (
	"strings"

	rest "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	v2 "github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/tri"
)

// routeAPI finds the stage, route and method, and what they ask of the caller.
func (x *Exchange) routeAPI(a *APIRoute) Step {
	switch {
	case a.REST.IsKnown():
		return x.routeREST(a)
	case a.HTTP.IsKnown():
		return x.routeHTTP(a)
	}
	return x.Unsure(Alternative{Status: 403, If: "the API has no such stage or route", Weak: true}, "The API's routes were not read").WithEvidence(a.Resources.Ref(""))
}

func (x *Exchange) routeREST(a *APIRoute) Step {
	if a.StageMissing.Yes() {
		names, _ := restStageNames(a.RESTStages).Get()
		return x.apiStop("ForbiddenException", "The path at the API does not begin with one of its stages ("+listWords(names)+")").
			WithEvidence(x.originRef("OriginPath", str(x.Origin.Config.OriginPath), ""), a.RESTStages.Ref("Item[].StageName").With(listWords(names), ""))
	}
	resources, ok := a.Resources.Get()
	if !ok || !a.StageMissing.Known() {
		return x.Unsure(Alternative{Status: 403, If: "the API has no such stage or route", Weak: true}, "The API's routes were not read").
			WithEvidence(a.RESTStages.Ref(""), a.Resources.Ref(""))
	}
	a.Resource = matchResource(resources.Items, a.Path)
	if a.Resource != nil {
		a.Method = methodOf(a.Resource, x.Forwarded.Method)
	}
	if a.Method == nil {
		return x.apiStop("MissingAuthenticationTokenException", "The API has no "+x.Forwarded.Method+" method at "+quoted(a.Path)+", which it answers with \"Missing Authentication Token\"").
			WithEvidence(a.Resources.Ref("Items[].Path").With(listWords(resourcePaths(resources.Items)), ""))
	}
	return x.authorizeREST(a)
}

func resourcePaths(list []rest.Resource) []string {
	var out []string
	for _, r := range list {
		out = append(out, str(r.Path))
	}
	return out
}

// matchResource finds the resource of a path: fixed segments go before {variables}, and those before a greedy {proxy+}
// (APIGW/api-gateway-method-settings-method-request).
func matchResource(list []rest.Resource, path string) *rest.Resource {
	var best *rest.Resource
	bestRank := ""
	for i := range list {
		rank, ok := rankPath(str(list[i].Path), path)
		if ok && (best == nil || rank < bestRank) {
			best, bestRank = &list[i], rank
		}
	}
	return best
}

// rankPath matches a path against a template and ranks it: one letter a segment, the more specific the smaller.
func rankPath(template, path string) (rank string, ok bool) {
	want, got := segments(template), segments(path)
	for i, segment := range want {
		if strings.HasPrefix(segment, "{") && strings.HasSuffix(segment, "+}") {
			return rank + "c", i < len(got)
		}
		switch {
		case i >= len(got):
			return "", false
		case strings.HasPrefix(segment, "{"):
			rank += "b"
		case segment == got[i]:
			rank += "a"
		default:
			return "", false
		}
	}
	return rank, len(want) == len(got)
}

func segments(path string) []string {
	path = strings.Trim(path, "/")
	if path == "" {
		return nil
	}
	return strings.Split(path, "/")
}

func methodOf(r *rest.Resource, method string) *rest.Method {
	for _, name := range []string{method, "ANY"} {
		if m, ok := r.ResourceMethods[name]; ok {
			return &m
		}
	}
	return nil
}

// authorizeREST judges the method's API key and authorization. A listing without the methods' settings leaves them to GetMethod.
func (x *Exchange) authorizeREST(a *APIRoute) Step {
	method := *a.Method
	fact := account.RestMethod(a.Region, a.ID, str(a.Resource.Id), str(method.HttpMethod)).In(x.Model.World)
	if full, ok := fact.Get(); ok {
		method = full
	}
	ref := a.Resources.Ref("Items[" + str(a.Resource.Path) + "].ResourceMethods")
	if deref(method.ApiKeyRequired) {
		if x.Forwarded.Sends("x-api-key").No() {
			return x.apiStop("ForbiddenException", "The method wants an API key (x-api-key), and none reaches the API").WithEvidence(ref.With("ApiKeyRequired: true", ""))
		}
	}
	return x.authorize(str(method.AuthorizationType), ref)
}

// authorize judges what a route asks of the caller. CloudFront drops the viewer's Authorization header unless told otherwise.
func (x *Exchange) authorize(kind string, ref evidence.Ref) Step {
	sent := x.Forwarded.Sends("Authorization") != tri.False
	ref = ref.With("AuthorizationType: "+kind, "")
	switch {
	case kind == "NONE" || kind == "":
		return x.Pass("The API has a method for the request, open to everybody").WithEvidence(ref)
	case kind == "AWS_IAM" && !sent:
		return x.apiStop("MissingAuthenticationTokenException", "The method wants requests signed with AWS credentials, and no signature reaches the API").WithEvidence(ref)
	case !sent && (kind == "COGNITO_USER_POOLS" || kind == "JWT"):
		step := x.Guess(401, ByAPIGateway, "The method wants a token, and no Authorization header reaches the API").WithEvidence(ref)
		x.Response.Code = "UnauthorizedException"
		return step
	}
	status := 401
	if kind == "AWS_IAM" {
		status = 403
	}
	return x.Unsure(Alternative{Status: status, If: "the API's authorizer refuses the caller"}, "The method has an authorizer (%s), whose answer is not known", kind).WithEvidence(ref)
}

func (x *Exchange) routeHTTP(a *APIRoute) Step {
	notFound := func(summary string, refs ...evidence.Ref) Step {
		return x.Stop(404, ByAPIGateway, "%s", summary).WithEvidence(refs...)
	}
	if a.StageMissing.Yes() {
		names, _ := httpStageNames(a.HTTPStages).Get()
		return notFound("The path at the API does not begin with one of its stages ("+listWords(names)+"), and it has no $default stage",
			a.HTTPStages.Ref("Items[].StageName").With(listWords(names), ""))
	}
	routes, ok := a.Routes.Get()
	if !ok || !a.StageMissing.Known() {
		return x.Unsure(Alternative{Status: 404, If: "the API has no such stage or route", Weak: true}, "The API's routes were not read").
			WithEvidence(a.HTTPStages.Ref(""), a.Routes.Ref(""))
	}
	a.Route = matchRoute(routes.Items, x.Forwarded.Method, a.Path)
	if a.Route == nil {
		if preflight := x.apiPreflight(a); preflight != tri.False {
			return x.Pass("The API answers CORS preflights itself").WithEvidence(a.HTTP.Ref("CorsConfiguration"))
		}
		return notFound("The API has no route for "+x.Forwarded.Method+" "+quoted(a.Path), a.Routes.Ref("Items[].RouteKey").With(listWords(routeKeys(routes.Items)), ""))
	}
	return x.authorize(string(a.Route.AuthorizationType), a.Routes.Ref("Items["+str(a.Route.RouteKey)+"]"))
}

// apiPreflight: an HTTP API with CORS settings answers OPTIONS without a route (APIGW/http-api-cors).
func (x *Exchange) apiPreflight(a *APIRoute) tri.Bool {
	api, _ := a.HTTP.Get()
	return tri.Of(x.Forwarded.Method == "OPTIONS" && api.CorsConfiguration != nil)
}

func routeKeys(list []v2.Route) []string {
	var out []string
	for _, r := range list {
		out = append(out, str(r.RouteKey))
	}
	return out
}

// matchRoute: a full match goes before one with a greedy variable, and $default takes what is left; of equal paths the exact method
// goes before ANY (APIGW/http-api-develop-routes).
func matchRoute(list []v2.Route, method, path string) *v2.Route {
	var best *v2.Route
	bestRank := ""
	for i := range list {
		rank, ok := "z", str(list[i].RouteKey) == "$default"
		if routeMethod, template, isPath := strings.Cut(str(list[i].RouteKey), " "); isPath && (routeMethod == method || routeMethod == "ANY") {
			rank, ok = rankPath(template, path)
			rank += "0"
			if routeMethod == "ANY" {
				rank += "1"
			}
		}
		if ok && (best == nil || rank < bestRank) {
			best, bestRank = &list[i], rank
		}
	}
	return best
}
