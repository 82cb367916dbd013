package edge

import (
	"strings"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/tri"
)

// APIMapping is how a custom domain name of API Gateway leads a path to an API (APIGW/rest-api-mappings, APIGW/http-api-mappings).
type APIMapping struct {
	Domain string // the custom domain name, as it is set up
	Base   string // the mapped path without slashes at its ends; "" is the whole domain
	API    string // the API's id
	Stage  string // "" where the path after the base names the stage
	Rest   string // the path below the base
	Ref    evidence.Ref
}

// UnmappedDomain is a custom domain name none of whose mappings takes a path.
type UnmappedDomain struct {
	Name, Path string
	// Bases are what the paths of its mappings begin with, without slashes around.
	Bases []string
	Ref   evidence.Ref
}

// customDomain is a custom domain name of the account's APIs that takes a host.
type customDomain struct {
	name     string // "" where none takes the host
	complete bool   // both lists of names were read
	listed   evidence.Ref
	mappings []APIMapping
	read     bool // the mappings were read
	missing  evidence.Gap
}

// customDomainOf finds the custom domain name that takes a host, and its mappings. Version 2 of the API lists those of REST APIs too, but not the
// names that only version 1 has set up, so both are asked.
func (m *Model) customDomainOf(host, region string) customDomain {
	v1, v2 := account.RestDomainNames(region).In(m.World), account.HTTPDomainNames(region).In(m.World)
	d := customDomain{complete: !v1.Missing() && !v2.Missing(), listed: v1.Ref("Items[].DomainName")}
	for _, item := range v1.Or(account.RestDomainNamesOutput{}).Items {
		if cloudfront.AliasMatches(str(item.DomainName), host) {
			d.name, d.listed = str(item.DomainName), v1.Ref("Items[].DomainName").With(str(item.DomainName), "")
		}
	}
	for _, item := range v2.Or(account.HTTPDomainNamesOutput{}).Items {
		if cloudfront.AliasMatches(str(item.DomainName), host) {
			d.name, d.listed = str(item.DomainName), v2.Ref("Items[].DomainName").With(str(item.DomainName), "")
		}
	}
	if d.name != "" {
		m.readMappings(&d, region)
	}
	return d
}

func (m *Model) readMappings(d *customDomain, region string) {
	newer := account.APIMappings(region, d.name).In(m.World)
	if out, ok := newer.Get(); ok {
		d.read = true
		for _, i := range out.Items {
			d.mappings = append(d.mappings, APIMapping{
				Domain: d.name, Base: basePath(str(i.ApiMappingKey)), API: str(i.ApiId), Stage: str(i.Stage), Ref: newer.Ref("Items[].ApiMappingKey").With(str(i.ApiMappingKey), "API "+str(i.ApiId)),
			})
		}
	}
	older := account.BasePathMappings(region, d.name).In(m.World)
	if out, ok := older.Get(); ok && len(d.mappings) == 0 {
		d.read = true
		for _, i := range out.Items {
			d.mappings = append(d.mappings, APIMapping{
				Domain: d.name, Base: basePath(str(i.BasePath)), API: str(i.RestApiId), Stage: str(i.Stage), Ref: older.Ref("Items[].BasePath").With(str(i.BasePath), "API "+str(i.RestApiId)),
			})
		}
	}
	d.missing = newer
	if !older.Missing() {
		d.missing = older
	}
}

// basePath reads a mapping's key. Version 1 writes "(none)" for the whole domain (API reference of BasePathMapping).
func basePath(key string) string {
	if key == "(none)" {
		return ""
	}
	return strings.Trim(key, "/")
}

// choose returns the mapping with the longest base that the path begins with, segment by segment.
func (d *customDomain) choose(path string) *APIMapping {
	var best *APIMapping
	path = strings.TrimPrefix(path, "/")
	for i := range d.mappings {
		m := d.mappings[i]
		rest, ok := strings.CutPrefix(path, m.Base)
		if !ok || m.Base != "" && rest != "" && rest[0] != '/' || best != nil && len(m.Base) < len(best.Base) {
			continue
		}
		m.Rest = "/" + strings.TrimPrefix(rest, "/")
		best = &m
	}
	return best
}

// throughDomain takes the request through the custom domain name that its Host header names. It is not done where no such name is known.
func (x *Exchange) throughDomain(d *customDomain, region string) (step Step, done bool) {
	if d.name == "" {
		return Step{}, false
	}
	chosen := d.choose(x.Forwarded.Path)
	switch {
	case !d.read:
		x.UnreadAPI = []evidence.Gap{d.missing}
		return x.Unsure(Alternative{Status: 403, If: "the custom domain name's mappings lead to no API for this path"},
			"API Gateway has the custom domain name of the Host header, and its mappings were not read").WithEvidence(d.listed, d.missing.Ref("")), true
	case chosen == nil:
		x.Unmapped = &UnmappedDomain{Name: d.name, Path: x.Forwarded.Path, Ref: d.missing.Ref("Items")}
		for _, m := range d.mappings {
			x.Unmapped.Bases = append(x.Unmapped.Bases, m.Base)
		}
		// The Host header is one that API Gateway knows, so this is not the ForbiddenException of a foreign one.
		return x.Stop(403, ByAPIGateway, "The custom domain name %s has no API mapping for %s", quoted(d.name), quoted(x.Forwarded.Path)).
			WithEvidence(d.listed, d.missing.Ref("Items")), true
	}
	a := &APIRoute{APIFacts: x.Model.apiByID(region, chosen.API), Mapping: chosen}
	x.API = a
	if a.Stage, a.Path = chosen.Stage, chosen.Rest; a.Stage != "" {
		a.StageMissing = tri.False
	} else {
		a.matchStage(restStageNames(a.RESTStages), chosen.Rest, false)
	}
	return x.judgeAPI(a).WithEvidence(chosen.Ref), true
}
