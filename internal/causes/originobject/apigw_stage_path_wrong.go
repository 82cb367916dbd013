package originobject

import (
	"fmt"
	"slices"
	"strings"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/passage"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
)

var apigwStagePathWrong = &cause.Cause{
	ID:        "APIGW_STAGE_PATH_WRONG",
	Title:     "The path at the API lacks its stage, or has it twice",
	Stage:     "origin-object",
	Symptoms:  []int{403, 404},
	Severity:  cause.Critical,
	OfRequest: true,
	Hides:     []string{"APIGW_ROUTE_MISSING"},
	Doc: cause.Doc{
		Explain: `An API's address begins with its stage: /prod/orders. CloudFront sends the origin path followed by the request's path. Where neither has the
stage, or both have it, API Gateway does not find the resource: a REST API answers 403 ("Forbidden" or "Missing Authentication Token"), an HTTP
API 404.`,
		Why: `The origin path was left empty because the API's own address was copied without its stage, or the stage is set as origin path while clients
send it too.`,
		Example: "Origin path empty, GET /orders, and the API has only the stage prod.",
		References: []string{
			"https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html",
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesOrigin.html",
			"https://repost.aws/knowledge-center/api-gateway-cloudfront-distribution",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		x := passage.Exchange(p)
		if u := x.Unmapped; u != nil && len(u.Bases) > 0 {
			return cause.Confirm(p.OriginName(x.Origin),
				fmt.Sprintf("CloudFront asks the custom domain name %s for %s, and its API mappings are for paths that begin with %s.", u.Name, u.Path, strings.Join(u.Bases, ", ")),
				originPathRef(p), u.Ref.With(strings.Join(u.Bases, ", "), "the path begins with none of them")).
				WithBecause("the origin path, the request's path and the name's mappings are known").Explaining(!p.Symptom.Given || p.Symptom.Code == 403 || p.Symptom.Code == 404).With(stageFound{nil, u.Bases})
		}
		a, why := apiOf(p)
		if a == nil {
			return why
		}
		path := originPathRef(p)
		names, refs, known := stagesOf(a)
		switch {
		case a.StageMissing.Yes() && len(names) > 0:
			return cause.Confirm(p.OriginName(x.Origin),
				fmt.Sprintf("CloudFront asks the API for %s, which does not begin with a stage of the API; it has %s.", x.Forwarded.Path, strings.Join(names, ", ")),
				path, refs.With(strings.Join(names, ", "), "the path begins with none of them")).
				WithBecause("the origin path, the request's path and the API's stages are known").With(stageFound{a, names})
		case a.StageMissing.No() && stageTwice(a, x):
			return cause.Confirm(p.OriginName(x.Origin),
				fmt.Sprintf("CloudFront asks the API for %s, in which the stage %s stands twice: in the origin path and in the request.", x.Forwarded.Path, a.Stage),
				path.With(*x.Origin.Config.OriginPath, "the request's path begins with the stage already")).
				WithBecause("the API has no resource below its stage that begins with the stage's name").With(stageFound{a, nil})
		case stageRepeated(a, x) && (a.REST.IsKnown() && a.Resources.Missing() || !a.REST.IsKnown() && a.Routes.Missing()):
			return cause.Need("whether the API has a resource named like its stage was not read", a.Resources, a.Routes)
		case !known && *originPath(x) == "" && passage.Suspected(p, 403, 404):
			return cause.Possible(p.OriginName(x.Origin), "The origin path is empty, and the API's address may have to begin with a stage.",
				"the API's stages were not read", path, refs).Needing(a.RESTStages, a.HTTPStages).With(stageFound{a, nil})
		case !known:
			return cause.Need("the API's stages were not read", a.RESTStages, a.HTTPStages)
		}
		return cause.RuleOut("the path at the API begins with a stage of the API, once", path, refs)
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		found, ok := v.Data.(stageFound)
		x := passage.Exchange(p)
		if !ok || x.Origin == nil {
			return nil
		}
		if found.names == nil && found.api != nil && found.api.StageMissing.No() {
			return []fix.Fix{stageFix(p, x.Origin, "", "Leave the stage to the request's path")}
		}
		var fixes []fix.Fix
		for _, name := range likelyFirst(found.names) {
			fixes = append(fixes, stageFix(p, x.Origin, "/"+name, "Put the stage "+name+" before every path"))
		}
		if len(fixes) == 0 {
			f := stageFix(p, x.Origin, "", "Put the API's stage before every path")
			f.Changes = nil
			f.Manual = []string{"Look the stage's name up in the API Gateway console, and set the origin path of " + x.Origin.ID + " to a slash and that name"}
			fixes = append(fixes, f)
		}
		return fixes[:min(len(fixes), 3)]
	},
}

type stageFound struct {
	api   *edge.APIRoute
	names []string
}

// apiOf returns the route through the API that the request was given, or why there is none to judge.
func apiOf(p *cause.Pass) (*edge.APIRoute, cause.Verdict) {
	x := passage.Exchange(p)
	switch {
	case len(x.UnreadAPI) > 0:
		return nil, cause.Need("which API the origin's name leads to was not read", x.UnreadAPI...)
	case x.API == nil:
		if unread := unreadName(x); len(unread) > 0 {
			return nil, cause.Need("whether the origin's name leads to an API was not read", unread...)
		}
		return nil, cause.RuleOut("the request does not get as far as an API")
	case x.API.REST.IsAbsent() && x.API.HTTP.IsAbsent():
		return nil, cause.Need("no API of this account has the origin's id")
	case !x.API.REST.IsKnown() && !x.API.HTTP.IsKnown():
		return nil, cause.Need("the API was not read", x.API.REST, x.API.HTTP)
	}
	return x.API, cause.Verdict{}
}

func originPath(x *edge.Exchange) *string {
	if x.Origin != nil && x.Origin.Config.OriginPath != nil {
		return x.Origin.Config.OriginPath
	}
	empty := ""
	return &empty
}

func originPathRef(p *cause.Pass) evidence.Ref {
	x := passage.Exchange(p)
	return p.Model.Ref(x.Origin.Field+".OriginPath", *originPath(x), "what CloudFront puts before the request's path")
}

// stagesOf lists the names of the API's stages.
func stagesOf(a *edge.APIRoute) (names []string, ref evidence.Ref, known bool) {
	if a.REST.IsKnown() {
		out, ok := a.RESTStages.Get()
		for _, s := range out.Item {
			if s.StageName != nil {
				names = append(names, *s.StageName)
			}
		}
		return names, a.RESTStages.Ref("item[].stageName"), ok
	}
	out, ok := a.HTTPStages.Get()
	for _, s := range out.Items {
		if s.StageName != nil {
			names = append(names, *s.StageName)
		}
	}
	return names, a.HTTPStages.Ref("Items[].StageName"), ok
}

// stageTwice reports a path whose rest, below the stage, begins with the stage again and leads to nothing.
func stageTwice(a *edge.APIRoute, x *edge.Exchange) bool {
	missing := a.REST.IsKnown() && a.Resources.IsKnown() && a.Method == nil || a.HTTP.IsKnown() && a.Routes.IsKnown() && a.Route == nil
	return missing && stageRepeated(a, x)
}

// stageRepeated reports a path in which the origin path's stage is followed by the stage's name again.
func stageRepeated(a *edge.APIRoute, x *edge.Exchange) bool {
	return a.Stage != "" && strings.TrimSuffix(*originPath(x), "/") == "/"+a.Stage &&
		(a.Path == "/"+a.Stage || strings.HasPrefix(a.Path, "/"+a.Stage+"/"))
}

// likelyFirst puts the names that people give to what is in production first.
func likelyFirst(names []string) []string {
	usual := []string{"prod", "production", "live", "main", "v1"}
	rank := func(name string) int {
		if i := slices.Index(usual, strings.ToLower(name)); i >= 0 {
			return i
		}
		return len(usual)
	}
	out := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return name == "$default" })
	slices.SortStableFunc(out, func(a, b string) int { return rank(a) - rank(b) })
	return out
}

func stageFix(p *cause.Pass, o *edge.Origin, path, title string) fix.Fix {
	return fix.Fix{
		Title:       title,
		Complexity:  fix.Quick,
		Minutes:     10,
		Impact:      "None while it deploys: requests fail until edge locations take the change up",
		Explanation: "With the right origin path, the origin path and the request's path together are the address of the resource at the API.",
		SideEffects: []string{"Every behavior that leads to this origin gets the new origin path"},
		Changes:     []fix.Change{fix.EditDistribution(p.Model.ID(), fix.SetOriginPath(o.ID, path))},
		Invalidate:  []string{"/*"},
		Confidence:  fix.High,
	}
}

// unreadName are the records that would tell what a name of somebody's own leads to.
func unreadName(x *edge.Exchange) []evidence.Gap {
	if x.Origin == nil || x.Origin.Endpoint.Kind != cloudfront.KindCustom {
		return nil
	}
	dns := x.Model.DNSFor(x.Origin)
	if dns.Seen || dns.Address.IsValid() || dns.Leads.Kind != cloudfront.KindCustom {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(dns.Gaps), func(g evidence.Gap) bool { return !g.Missing() })
}
