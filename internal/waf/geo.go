package waf

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/wafv2/types"

	"cfdoctor/internal/tri"
)

// geoNode matches the country of an address.
type geoNode struct {
	codes []string
	from  *forwarded
	// combined: the statement is one of several, and WAF may not get to it once the others decide.
	combined bool
}

func (c *compiler) geo(s *types.GeoMatchStatement) node {
	n := geoNode{from: newForwarded(s.ForwardedIPConfig), combined: c.combined > 0}
	for _, code := range s.CountryCodes {
		n.codes = append(n.codes, string(code))
	}
	if n.combined {
		c.geos = append(c.geos, n)
	}
	return n
}

// labelled evaluates a rule's geo match statements for their labels before the rule itself, because the evaluation
// here skips what no longer matters.
type labelled struct {
	node
	geos []geoNode
}

func (n labelled) eval(e *evaluation) match {
	for _, g := range n.geos {
		g.eval(e)
	}
	return n.node.eval(e)
}

// eval adds the labels that a geo match statement gives a request whether it matches or not
// (WAF/waf-rule-statement-type-geo-match).
func (n geoNode) eval(e *evaluation) match {
	prefix := "awswaf:clientip:geo:"
	if n.from != nil {
		prefix = "awswaf:forwardedip:geo:"
		list, present, valid := n.from.addresses(e)
		switch {
		case !present:
			return no
		case !valid:
			return n.from.fallen()
		case list[0] != e.req.ClientIP.Unmap():
			n.label(e, prefix, "")
			return weakly
		}
	}
	n.label(e, prefix, e.req.Country)
	if e.req.Country == "" {
		return weakly
	}
	return match{is: tri.Of(slices.ContainsFunc(n.codes, func(c string) bool { return equalFold(c, e.req.Country) }))}
}

// label writes each label once per request; only the first statement pays for it.
func (n geoNode) label(e *evaluation, prefix, country string) {
	done := &e.geoLabels[0]
	if n.from != nil {
		done = &e.geoLabels[1]
	}
	if *done >= 1 && n.combined || *done == 2 {
		return
	}
	*done = 2
	if n.combined {
		*done = 1
	}
	if country == "" {
		e.addPrefix(prefix)
		return
	}
	country = strings.ToUpper(country)
	e.addLabel(prefix+"country:"+country, !n.combined)
	if e.acl.readsLabels {
		e.addPrefix(prefix + "region:" + country + "-")
	}
}

func (n geoNode) explain(e *evaluation, is tri.Bool) string {
	if is == tri.Unknown {
		if n.from != nil {
			return "the country of " + n.from.String() + " is not known"
		}
		return "the viewer's country is not known"
	}
	if n.from != nil {
		return "by " + n.from.String() + " the country " + map[tri.Bool]string{tri.True: "is", tri.False: "is not"}[is] + " listed"
	}
	if is == tri.True {
		return "the viewer's country " + quote(e.req.Country) + " is listed"
	}
	return "the viewer's country " + quote(e.req.Country) + " is not among those listed"
}
