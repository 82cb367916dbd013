package account

import (
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	v2 "github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"cfdoctor/internal/evidence"
)

// RestAPIOutput is API Gateway's GetRestApi answer.
type RestAPIOutput = types.RestApi

// RestAPI reads a REST API; absent means that the id is no REST API of this account and Region.
func RestAPI(region, id string) evidence.Read[RestAPIOutput] {
	return ask[RestAPIOutput]("apigateway:GetRestApi", region, "REST API "+id, "restApiId", id)
}

// RestStagesOutput is API Gateway's GetStages answer.
type RestStagesOutput struct{ Item []types.Stage }

// RestStages reads a REST API's stages.
func RestStages(region, id string) evidence.Read[RestStagesOutput] {
	return ask[RestStagesOutput]("apigateway:GetStages", region, "stages of REST API "+id, "restApiId", id)
}

// RestResourcesOutput is API Gateway's GetResources answer, all pages merged.
type RestResourcesOutput struct{ Items []types.Resource }

// RestResources reads a REST API's resources with their methods.
func RestResources(region, id string) evidence.Read[RestResourcesOutput] {
	return ask[RestResourcesOutput]("apigateway:GetResources", region, "resources of REST API "+id, "restApiId", id, "embed", []any{"methods"})
}

// RestMethodOutput is API Gateway's GetMethod answer.
type RestMethodOutput = types.Method

// RestMethod reads one method of a resource.
func RestMethod(region, id, resourceID, method string) evidence.Read[RestMethodOutput] {
	return ask[RestMethodOutput]("apigateway:GetMethod", region, method+" of resource "+resourceID,
		"restApiId", id, "resourceId", resourceID, "httpMethod", method)
}

// RestAuthorizersOutput is API Gateway's GetAuthorizers answer.
type RestAuthorizersOutput struct{ Items []types.Authorizer }

// RestAuthorizers reads a REST API's authorizers.
func RestAuthorizers(region, id string) evidence.Read[RestAuthorizersOutput] {
	return ask[RestAuthorizersOutput]("apigateway:GetAuthorizers", region, "authorizers of REST API "+id, "restApiId", id)
}

// RestDomainNamesOutput is API Gateway's GetDomainNames answer.
type RestDomainNamesOutput struct{ Items []types.DomainName }

// RestDomainNames lists a Region's custom domain names of APIs.
func RestDomainNames(region string) evidence.Read[RestDomainNamesOutput] {
	return ask[RestDomainNamesOutput]("apigateway:GetDomainNames", region, "API domain names in "+region)
}

// BasePathMappingsOutput is API Gateway's GetBasePathMappings answer.
type BasePathMappingsOutput struct{ Items []types.BasePathMapping }

// BasePathMappings reads which APIs a custom domain name leads to.
func BasePathMappings(region, domain string) evidence.Read[BasePathMappingsOutput] {
	return ask[BasePathMappingsOutput]("apigateway:GetBasePathMappings", region, "mappings of "+domain, "domainName", domain)
}

// HTTPAPIOutput is API Gateway v2's GetApi answer, as far as it decides who may call.
type HTTPAPIOutput struct {
	ApiId                     *string
	Name                      *string
	ProtocolType              v2.ProtocolType
	ApiEndpoint               *string
	DisableExecuteApiEndpoint *bool
	CorsConfiguration         *v2.Cors
}

// HTTPAPI reads an HTTP or WebSocket API; absent means that the id is none of this account and Region.
func HTTPAPI(region, id string) evidence.Read[HTTPAPIOutput] {
	return ask[HTTPAPIOutput]("apigatewayv2:GetApi", region, "HTTP API "+id, "ApiId", id)
}

// HTTPStagesOutput is API Gateway v2's GetStages answer.
type HTTPStagesOutput struct{ Items []v2.Stage }

// HTTPStages reads an HTTP API's stages; "$default" serves paths without a stage.
func HTTPStages(region, id string) evidence.Read[HTTPStagesOutput] {
	return ask[HTTPStagesOutput]("apigatewayv2:GetStages", region, "stages of HTTP API "+id, "ApiId", id)
}

// HTTPRoutesOutput is API Gateway v2's GetRoutes answer.
type HTTPRoutesOutput struct{ Items []v2.Route }

// HTTPRoutes reads an HTTP API's routes.
func HTTPRoutes(region, id string) evidence.Read[HTTPRoutesOutput] {
	return ask[HTTPRoutesOutput]("apigatewayv2:GetRoutes", region, "routes of HTTP API "+id, "ApiId", id)
}

// HTTPDomainNamesOutput is API Gateway v2's GetDomainNames answer.
type HTTPDomainNamesOutput struct{ Items []v2.DomainName }

// HTTPDomainNames lists a Region's custom domain names of APIs, as version 2 of the API shows them.
func HTTPDomainNames(region string) evidence.Read[HTTPDomainNamesOutput] {
	return ask[HTTPDomainNamesOutput]("apigatewayv2:GetDomainNames", region, "API domain names in "+region)
}

// APIMappingsOutput is API Gateway v2's GetApiMappings answer.
type APIMappingsOutput struct{ Items []v2.ApiMapping }

// APIMappings reads which APIs a custom domain name leads to, as version 2 of the API shows them.
func APIMappings(region, domain string) evidence.Read[APIMappingsOutput] {
	return ask[APIMappingsOutput]("apigatewayv2:GetApiMappings", region, "mappings of "+domain, "DomainName", domain)
}
