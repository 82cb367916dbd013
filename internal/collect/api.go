package collect

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	apigateway "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cloudfront"
)

// Bounds for APIs with many stages, and for paths that many resources take.
const (
	maxStages    = 8
	maxResources = 6
)

// api asks for the API behind an execute-api name. The name tells neither whether it is a REST or an HTTP API nor whether the host that
// CloudFront sends is a custom domain name of it, so both are asked.
func (w *walk) api(ctx context.Context, o types.Origin, e cloudfront.Endpoint) {
	if !strings.HasPrefix(e.Name, "d-") {
		w.apiByID(ctx, o, e.Region, e.Name)
	}
	hosts := []string{cloudfront.NormalizeHost(aws.ToString(o.DomainName)), cloudfront.NormalizeHost(w.req.Host)}
	if w.config.Aliases != nil {
		for _, alias := range w.config.Aliases.Items {
			hosts = append(hosts, cloudfront.NormalizeHost(alias))
		}
	}
	then(ctx, w.c, account.RestDomainNames(e.Region), func(ctx context.Context, out account.RestDomainNamesOutput) {
		for _, d := range out.Items {
			if name := aws.ToString(d.DomainName); leadsHere(e, hosts, name, aws.ToString(d.RegionalDomainName)) {
				then(ctx, w.c, account.BasePathMappings(e.Region, name), func(ctx context.Context, out account.BasePathMappingsOutput) {
					for _, m := range out.Items {
						w.apiByID(ctx, o, e.Region, aws.ToString(m.RestApiId))
					}
				})
			}
		}
	})
	then(ctx, w.c, account.HTTPDomainNames(e.Region), func(ctx context.Context, out account.HTTPDomainNamesOutput) {
		for _, d := range out.Items {
			endpoints := make([]string, 0, len(d.DomainNameConfigurations))
			for _, c := range d.DomainNameConfigurations {
				endpoints = append(endpoints, aws.ToString(c.ApiGatewayDomainName))
			}
			if name := aws.ToString(d.DomainName); leadsHere(e, hosts, name, endpoints...) {
				then(ctx, w.c, account.APIMappings(e.Region, name), func(ctx context.Context, out account.APIMappingsOutput) {
					for _, m := range out.Items {
						w.apiByID(ctx, o, e.Region, aws.ToString(m.ApiId))
					}
				})
			}
		}
	})
}

// leadsHere reports whether a custom domain name of APIs has to do with the origin: it is one of the hosts, or its endpoint is the origin's.
func leadsHere(e cloudfront.Endpoint, hosts []string, name string, endpoints ...string) bool {
	return slices.Contains(hosts, cloudfront.NormalizeHost(name)) ||
		slices.ContainsFunc(endpoints, func(endpoint string) bool { return strings.EqualFold(endpoint, e.Domain) })
}

// apiByID asks for an API in both of API Gateway's versions: one of them does not know the id.
func (w *walk) apiByID(ctx context.Context, o types.Origin, region, id string) {
	if id == "" {
		return
	}
	w.c.Want(ctx, account.HTTPAPI(region, id), account.HTTPStages(region, id), account.HTTPRoutes(region, id),
		account.RestAPI(region, id), account.RestAuthorizers(region, id))
	then(ctx, w.c, account.RestStages(region, id), func(ctx context.Context, out account.RestStagesOutput) {
		for i, s := range out.Item {
			if i < maxStages {
				w.regionalACL(ctx, stageARN(w.partition, region, id, aws.ToString(s.StageName)), region)
			}
		}
	})
	then(ctx, w.c, account.RestResources(region, id), func(ctx context.Context, out account.RestResourcesOutput) {
		path := aws.ToString(o.OriginPath) + w.req.Path
		asked := 0
		for _, r := range out.Items {
			if asked == maxResources || !resourceTakes(aws.ToString(r.Path), path) {
				continue
			}
			asked++
			w.methods(ctx, region, id, r)
		}
	})
}

// stageARN is the ARN by which WAF knows a REST API's stage (WAF API reference, AssociateWebACL).
func stageARN(partition, region, id, stage string) string {
	return "arn:" + partition + ":apigateway:" + region + "::/restapis/" + id + "/stages/" + stage
}

// methods asks for the methods of a resource that could take the request.
func (w *walk) methods(ctx context.Context, region, id string, r apigateway.Resource) {
	for _, method := range []string{w.req.Method, "ANY"} {
		if _, ok := r.ResourceMethods[method]; ok {
			w.c.Want(ctx, account.RestMethod(region, id, aws.ToString(r.Id), method))
		}
	}
}

// resourceTakes reports whether a resource, such as /pets/{id} or /files/{proxy+}, may take a path, with the stage or base path that may
// stand before it or without.
func resourceTakes(resource, path string) bool {
	template, parts := segments(resource), segments(path)
	return segmentsMatch(template, parts) || len(parts) > 0 && segmentsMatch(template, parts[1:])
}

func segments(path string) []string {
	return strings.FieldsFunc(path, func(r rune) bool { return r == '/' })
}

func segmentsMatch(template, parts []string) bool {
	for i, t := range template {
		switch {
		case strings.HasPrefix(t, "{") && strings.HasSuffix(t, "+}"):
			return i < len(parts)
		case i >= len(parts):
			return false
		case strings.HasPrefix(t, "{") && strings.HasSuffix(t, "}"), t == parts[i]:
		default:
			return false
		}
	}
	return len(template) == len(parts)
}
