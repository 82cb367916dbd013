package origindns

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/originway"
	"cfdoctor/internal/causes/passage"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/fix"
)

var originDomainInvalid = &cause.Cause{
	ID:       "ORIGIN_DOMAIN_INVALID",
	Title:    "The origin that the behavior leads to does not exist, or its domain name cannot be one",
	Stage:    "origin-dns",
	Symptoms: []int{502},
	Severity: cause.Critical,
	Hides:    []string{"ORIGIN_DNS_FAILURE"},
	Doc: cause.Doc{
		Explain: `Every cache behavior names an origin of the distribution, and every origin a domain name that public DNS can look up. A URL, a path, an IP address or a
name with characters that names do not have leads nowhere, and so does a behavior whose origin was removed.`,
		Why: `The value was pasted with https:// in front or a path behind it, an address was entered where a name is wanted, or a template named an origin
that another change removed.`,
		Example: "DomainName 192.0.2.10, or a behavior with TargetOriginId api where the origins are web and assets.",
		References: []string{
			guide + "DownloadDistValuesOrigin.html",
			guide + "http-502-bad-gateway.html",
		},
		Since: "0.1",
	},
	Detect: detectDomain,
	Fixes:  fixDomain,
}

func detectDomain(p *cause.Pass) cause.Verdict {
	b := passage.Behavior(p)
	if b == nil {
		return cause.RuleOut("no cache behavior takes the request")
	}
	if p.Exchange().FunctionOrigin == nil && passage.Origin(p) == nil {
		target := ""
		if b.Config.TargetOriginId != nil {
			target = *b.Config.TargetOriginId
		}
		reached := p.Trace.StoppedAt == "origin-selection"
		return cause.Confirm(p.BehaviorName(b), "The cache behavior "+b.PathPattern+" sends requests to the origin "+target+", which the distribution does not have.",
			p.Model.Ref(b.Field+".TargetOriginId", target, "no origin or origin group has this id")).
			WithBecause("the behavior's target and the list of origins are both known").With(b).
			Explaining(reached && (!p.Symptom.Given || p.Asked && originway.Shows(p, 502)))
	}
	return originway.Each(p, func(w *originway.Way) cause.Verdict {
		e := w.Origin.Endpoint
		if e.Kind != cloudfront.KindInvalid && e.Kind != cloudfront.KindIPAddress {
			return cause.RuleOut("the origin exists, and its address is a domain name", w.Address(""))
		}
		return w.Confirm([]int{502}, w.Name(), "The origin "+w.Origin.ID+" has the address "+e.Domain+", which is not a domain name that CloudFront can look up.",
			w.Address(e.Reason)).WithDetail(e.Reason).WithBecause("the origin's domain name is known").With(w.Origin)
	})
}

func fixDomain(p *cause.Pass, v cause.Verdict) []fix.Fix {
	if o, ok := v.Data.(*edge.Origin); ok {
		name := nameOrigin(o)
		if f, pasted := unpaste(p, o); pasted {
			return []fix.Fix{f, name}
		}
		return []fix.Fix{name}
	}
	b, ok := v.Data.(*edge.Behavior)
	if !ok {
		return nil
	}
	var fixes []fix.Fix
	if len(p.Model.Origins) == 1 {
		only := p.Model.Origins[0].ID
		fixes = append(fixes, fix.Fix{
			Title: "Send the behavior " + b.PathPattern + " to the origin " + only, Complexity: fix.Quick, Minutes: 10,
			Impact:      "None on other behaviors",
			Explanation: "The distribution has this one origin; the behavior names another that is not there.",
			SideEffects: []string{"Paths that only the missing origin knew are still not found"},
			Changes:     []fix.Change{fix.EditDistribution(p.Model.ID(), fix.SetTargetOrigin(passage.Key(b), only))},
			Invalidate:  []string{"/*"}, Confidence: fix.Medium,
		})
	}
	return append(fixes, fix.Fix{
		Title: "Choose an origin for the behavior " + b.PathPattern, Complexity: fix.Quick, Minutes: 15,
		Impact:      "Requests of this behavior fail until then",
		Explanation: "Which of the origins was meant, or what the missing one's domain name was, only a person knows.",
		Manual: []string{
			"On the Behaviors tab select " + b.PathPattern + ", choose Edit, and under Origin and origin groups choose the origin that was meant.",
			"Where none fits, create it on the Origins tab first.",
		},
		Confidence: fix.High,
	})
}

// unpaste is the remedy for the address of a page that was put where a domain name belongs: its parts go where they belong.
func unpaste(p *cause.Pass, o *edge.Origin) (fix.Fix, bool) {
	scheme, rest, isURL := strings.Cut(o.Endpoint.Domain, "://")
	host, path, _ := strings.Cut(rest, "/")
	c := o.Config.CustomOriginConfig
	if !isURL || c == nil || cloudfront.ClassifyEndpoint(host).Kind != cloudfront.KindCustom {
		return fix.Fix{}, false
	}
	edits := []fix.Edits{fix.SetOriginDomain(o.ID, host)}
	if path = strings.TrimRight(path, "/"); path != "" && (o.Config.OriginPath == nil || *o.Config.OriginPath == "") && !strings.ContainsAny(path, "?#") {
		edits = append(edits, fix.SetOriginPath(o.ID, "/"+path))
	}
	if scheme == "https" && c.OriginProtocolPolicy == types.OriginProtocolPolicyHttpOnly {
		edits = append(edits, fix.SetOriginProtocolPolicy(o.ID, string(types.OriginProtocolPolicyHttpsOnly)))
	}
	return fix.Fix{
		Title: "Take the origin's address " + o.Endpoint.Domain + " apart", Complexity: fix.Quick, Minutes: 10,
		Impact:      "Requests to this origin fail now",
		Explanation: "The address of a page is a protocol, a domain name and a path. CloudFront takes each in a field of its own.",
		SideEffects: []string{"See that the server is reached by that name, and wants the path in front of every request"},
		Changes:     []fix.Change{fix.EditDistribution(p.Model.ID(), edits...)},
		Invalidate:  []string{"/*"}, Confidence: fix.Medium,
	}, true
}

// nameOrigin is the remedy that needs the origin's name of somebody who knows it.
func nameOrigin(o *edge.Origin) fix.Fix {
	f := fix.Fix{
		Title: "Give the origin " + o.ID + " a domain name", Complexity: fix.Standard, Minutes: 20,
		Impact:      "Requests to this origin fail until then",
		Explanation: "CloudFront finds origins by public DNS names only. Which name the server has, or should get, is not in the account's configuration.",
		Manual: []string{
			"Find the public DNS name of the server; where it has an address only, create an A record for it.",
			"On the Origins tab of the distribution select " + o.ID + ", choose Edit, and set Origin domain to that name, without https://, path or port.",
		},
		Inputs: []string{"the origin's domain name"}, Invalidate: []string{"/*"}, Confidence: fix.High,
	}
	if o.Endpoint.Kind == cloudfront.KindIPAddress {
		f.ByHand = []fix.HandCall{{Purpose: "See whose address it is, and its public DNS name, where it is one of this account", Service: "ec2", Operation: "DescribeNetworkInterfaces",
			Region: account.GlobalRegion, Inputs: []string{"instead of " + account.GlobalRegion + " the Region of the server"},
			Params: []fix.HandParam{{Name: "Filters", Value: []any{map[string]any{"Name": "addresses.association.public-ip", "Values": []any{o.Endpoint.Domain}}}}}}}
	}
	return f
}
