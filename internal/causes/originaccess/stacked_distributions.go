package originaccess

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	cf "github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/passage"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
)

var stackedDistributions = &cause.Cause{
	ID:       "STACKED_DISTRIBUTIONS",
	Title:    "The origin is itself behind CloudFront",
	Stage:    "origin-access",
	Symptoms: []int{403},
	Severity: cause.High,
	Doc: cause.Doc{
		Explain: `The origin's name leads to another CloudFront distribution, or to an edge-optimized API, which has a distribution of its own in front. CloudFront refuses
chains of more than two distributions, and a distribution that is its own origin, with 403; the second distribution also refuses a Host header that
is not among its alternate domain names.`,
		Why:     "A site was moved behind a new distribution and the old one's name was kept as origin, or an edge-optimized API was put behind CloudFront.",
		Example: "Origin d111111abcdef8.cloudfront.net, whose own origin is a third distribution.",
		References: []string{
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/http-403-permission-denied.html",
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html",
			"https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-endpoint-types.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		o := passage.Origin(p)
		if o == nil {
			return cause.RuleOut("the request leads to no origin")
		}
		if o.Endpoint.Kind == cloudfront.KindAPIGateway {
			return edgeOptimized(p, o)
		}
		name := behindCloudFront(p, o)
		ref := p.Model.Ref(o.Field+".DomainName", o.Endpoint.Domain, "leads to CloudFront")
		switch {
		case name == "" && o.Endpoint.Kind == cloudfront.KindCustom && !p.Model.DNSFor(o).Resolves.Known():
			return cause.Need("where the origin's name leads was not read")
		case name == "":
			return cause.RuleOut("the origin is not behind CloudFront")
		case isOwn(p, name):
			return cause.Confirm(p.OriginName(o), "The distribution is its own origin, so requests would go round in a circle.", ref).
				WithBecause("the origin's name leads to this distribution").AtSeverity(cause.Critical).Explaining(p.Symptom.Code == 403 || !p.Symptom.Given)
		}
		return chained(p, o, name, ref)
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		if o := passage.Origin(p); o != nil && o.Endpoint.Kind == cloudfront.KindAPIGateway {
			return []fix.Fix{makeRegional(o)}
		}
		return unstack(p)
	},
}

// makeRegional is by hand: the API may have other callers, and custom domain names of its own.
func makeRegional(o *edge.Origin) fix.Fix {
	api := fix.HandParam{Name: "restApiId", Value: o.Endpoint.Name}
	return fix.Fix{
		Title:       "Make the API Regional",
		Complexity:  fix.Standard,
		Minutes:     45,
		Impact:      "None for this distribution; the API's address stays",
		Explanation: "A Regional API has no distribution of its own in front, so that requests take one way less.",
		SideEffects: []string{"Viewers who call the API directly reach it in its Region from then on", "An edge-optimized custom domain name of the API has to be made Regional too"},
		Manual:      []string{"API Gateway console, the API, API settings: choose Edit, set API endpoint type to Regional, and choose Save changes."},
		ByHand: []fix.HandCall{
			{Purpose: "See the API's type of endpoint", Service: "apigateway", Operation: "GetRestApi", Region: o.Endpoint.Region, Params: []fix.HandParam{api}},
			fix.HandCall{Purpose: "Make the API Regional", Service: "apigateway", Operation: "UpdateRestApi", Region: o.Endpoint.Region, Mutates: true,
				Params: []fix.HandParam{api, endpointType("EDGE", "REGIONAL")}}.
				WithBack("Make the API edge-optimized again", "UpdateRestApi", []fix.HandParam{api, endpointType("REGIONAL", "EDGE")}),
		},
		Confidence: fix.Medium,
	}
}

// unstack points the origin at what is behind the second distribution: by command where that is known to do nothing but hand requests on to one
// server, else by hand.
func unstack(p *cause.Pass) []fix.Fix {
	f := fix.Fix{
		Title:       "Point the origin at the server itself",
		Complexity:  fix.Standard,
		Minutes:     45,
		Impact:      "None if the new origin serves the same content",
		Explanation: "One distribution is enough: with the origin of the second one as its own origin, requests take one way less and no chain can be refused.",
		SideEffects: []string{"What the second distribution does (functions, headers, access rules) has to be set up in this one"},
		Manual:      []string{"Look up the origin of the distribution that this origin leads to, and set it as Origin domain, with the same access settings (a bucket's policy has to let this distribution in)"},
		Invalidate:  []string{"/*"},
		Confidence:  fix.Medium,
	}
	o := passage.Origin(p)
	if o == nil {
		return []fix.Fix{f}
	}
	inner := innerDistribution(p, behindCloudFront(p, o))
	if server := plainServer(inner); server != nil && o.Config.CustomOriginConfig != nil {
		c := server.CustomOriginConfig
		f.Manual = nil
		f.Changes = []fix.Change{fix.EditDistribution(p.Model.ID(),
			fix.SetOriginDomain(o.ID, text(server.DomainName)),
			fix.SetOriginPath(o.ID, text(server.OriginPath)+text(o.Config.OriginPath)),
			fix.SetOriginProtocolPolicy(o.ID, string(c.OriginProtocolPolicy)),
			fix.SetOriginPorts(o.ID, int(*c.HTTPPort), int(*c.HTTPSPort)),
			fix.SetOriginSSLProtocols(o.ID, protocols(c)...))}
		return []fix.Fix{f}
	}
	if inner != nil {
		f.ByHand = []fix.HandCall{{Purpose: "See the origins and behaviors of the second distribution", Service: "cloudfront", Operation: "GetDistributionConfig",
			Params: []fix.HandParam{{Name: "Id", Value: text(inner.Id)}}}}
	} else {
		f.ByHand = []fix.HandCall{{Purpose: "See which of your distributions has that domain name", Service: "cloudfront", Operation: "ListDistributions"}}
	}
	return []fix.Fix{f}
}

// innerDistribution is another distribution of the account by its domain name, nil where the account is not known to have it.
func innerDistribution(p *cause.Pass, domain string) *cf.DistributionSummary {
	for _, d := range account.Distributions().In(p.World).Or(account.DistributionsOutput{}).DistributionList.Items {
		if domain != "" && strings.EqualFold(text(d.DomainName), domain) && text(d.Id) != p.Model.ID() {
			return &d
		}
	}
	return nil
}

// plainServer is the one origin of a distribution that hands all requests on to it as they are: a custom origin without headers of its own to
// tell CloudFront by, behind one behavior without functions. nil where the distribution does more.
func plainServer(d *cf.DistributionSummary) *cf.Origin {
	if d == nil || d.Origins == nil || len(d.Origins.Items) != 1 || d.DefaultCacheBehavior == nil || d.CacheBehaviors != nil && len(d.CacheBehaviors.Items) > 0 {
		return nil
	}
	b, o := d.DefaultCacheBehavior, d.Origins.Items[0]
	c := o.CustomOriginConfig
	switch {
	case b.FunctionAssociations != nil && len(b.FunctionAssociations.Items) > 0,
		b.LambdaFunctionAssociations != nil && len(b.LambdaFunctionAssociations.Items) > 0,
		c == nil, c.HTTPPort == nil, c.HTTPSPort == nil, c.OriginSslProtocols == nil,
		o.CustomHeaders != nil && len(o.CustomHeaders.Items) > 0,
		cloudfront.ClassifyEndpoint(text(o.DomainName)).Kind == cloudfront.KindCloudFront:
		return nil
	}
	return &o
}

func protocols(c *cf.CustomOriginConfig) []string {
	var out []string
	for _, p := range c.OriginSslProtocols.Items {
		out = append(out, string(p))
	}
	return out
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// behindCloudFront is the CloudFront domain name that an origin leads to, "" where it leads elsewhere as far as is known.
func behindCloudFront(p *cause.Pass, o *edge.Origin) string {
	if o.Endpoint.Kind == cloudfront.KindCloudFront {
		return o.Endpoint.Domain
	}
	if d := p.Model.DNSFor(o); d.Leads.Kind == cloudfront.KindCloudFront {
		return d.Leads.Domain
	}
	return ""
}

func isOwn(p *cause.Pass, name string) bool { return strings.EqualFold(name, p.Model.DomainName()) }

// chained judges an origin that is another distribution: what that one does is known where it is in the account.
func chained(p *cause.Pass, o *edge.Origin, name string, ref evidence.Ref) cause.Verdict {
	list := account.Distributions().In(p.World)
	resource := p.OriginName(o)
	for _, d := range list.Or(account.DistributionsOutput{}).DistributionList.Items {
		if d.DomainName == nil || !strings.EqualFold(*d.DomainName, name) {
			continue
		}
		if d.Origins != nil {
			for _, next := range d.Origins.Items {
				if next.DomainName != nil && cloudfront.ClassifyEndpoint(*next.DomainName).Kind == cloudfront.KindCloudFront {
					return cause.Likely(resource, fmt.Sprintf("The origin is the distribution %s, which has a third distribution (%s) as an origin: CloudFront refuses such chains.", *d.Id, *next.DomainName),
						"which of its origins the second distribution asks depends on its behaviors", ref, list.Ref("DistributionList.Items[].Origins").With(*next.DomainName, "a third distribution")).
						Explaining(passage.Suspected(p, 403))
				}
			}
		}
	}
	summary := "The origin is another distribution (" + name + "), so every miss goes through CloudFront twice."
	if passage.Suspected(p, 403) {
		return cause.Possible(resource, summary, "CloudFront refuses chains of more than two distributions, and the second one may refuse the request by its own rules", ref).Explaining(true)
	}
	return cause.Possible(resource, summary, "it works as long as the second distribution does not have a third one behind it", ref).AtSeverity(cause.Low).Explaining(false)
}

// edgeOptimized: such an API has a distribution of API Gateway's in front of it.
func edgeOptimized(p *cause.Pass, o *edge.Origin) cause.Verdict {
	f := p.Model.APIFor(o)
	api, known := f.REST.Get()
	switch {
	case !known && f.HTTP.IsKnown():
		return cause.RuleOut("HTTP APIs are always Regional", f.HTTP.Ref(""))
	case !known:
		return cause.Need("the API's type of endpoint was not read", f.REST)
	}
	ref := f.REST.Ref("endpointConfiguration.types")
	if api.EndpointConfiguration != nil {
		for _, kind := range api.EndpointConfiguration.Types {
			if kind != types.EndpointTypeEdge {
				continue
			}
			verdict := cause.Possible(p.OriginName(o), "The origin is an edge-optimized API, which has a distribution of its own in front: every request goes through CloudFront twice.",
				"two distributions in a row work, at the price of a detour", ref.With("EDGE", "").Want("REGIONAL"))
			if passage.Suspected(p, 403) {
				return verdict.Explaining(true)
			}
			return verdict.AtSeverity(cause.Low).Explaining(false)
		}
	}
	return cause.RuleOut("the API is not edge-optimized", ref)
}

// endpointType replaces one type of an API's endpoint by another (API Gateway API reference, UpdateRestApi).
func endpointType(from, to string) fix.HandParam {
	return fix.HandParam{Name: "patchOperations", Value: []any{map[string]any{"op": "replace", "path": "/endpointConfiguration/types/" + from, "value": to}}}
}
