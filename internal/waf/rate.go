package waf

import (
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/wafv2/types"

	"cfdoctor/internal/tri"
)

// rateNode is a rate-based rule's statement. One request does not show a rate, so it never certainly matches. It
// certainly does not when the request is outside its scope or lacks a part of the key it counts by
// (WAF/waf-rule-statement-type-rate-based).
type rateNode struct {
	scope   node // nil: all requests
	from    *forwarded
	needs   []int // slots of components without which a request is not counted
	because string
}

func (c *compiler) rate(s *types.RateBasedStatement) node {
	n := &rateNode{}
	if s.ScopeDownStatement != nil {
		n.scope = c.statement(s.ScopeDownStatement)
	}
	per := "client address"
	switch s.AggregateKeyType {
	case types.RateBasedStatementAggregateKeyTypeForwardedIp:
		n.from = newForwarded(s.ForwardedIPConfig)
		per = "forwarded address"
	case types.RateBasedStatementAggregateKeyTypeConstant:
		per = "all requests in scope"
	case types.RateBasedStatementAggregateKeyTypeCustomKeys:
		per = c.customKeys(n, s)
	}
	window := s.EvaluationWindowSec
	if window == 0 {
		window = 300
	}
	n.because = "applies when the rate exceeds " + strconv.FormatInt(deref(s.Limit), 10) + " requests in " +
		strconv.FormatInt(window, 10) + " s, counted per " + per
	return n
}

// customKeys lists the parts of the key in words, and remembers those that a request may lack.
func (c *compiler) customKeys(n *rateNode, s *types.RateBasedStatement) string {
	var parts []string
	for i := range s.CustomKeys {
		k := &s.CustomKeys[i]
		var field *types.FieldToMatch
		switch {
		case k.Header != nil:
			field = &types.FieldToMatch{SingleHeader: &types.SingleHeader{Name: k.Header.Name}}
			parts = append(parts, "header "+quote(deref(k.Header.Name)))
		case k.QueryArgument != nil:
			field = &types.FieldToMatch{SingleQueryArgument: &types.SingleQueryArgument{Name: k.QueryArgument.Name}}
			parts = append(parts, "query argument "+quote(deref(k.QueryArgument.Name)))
		case k.Cookie != nil:
			field = &types.FieldToMatch{Cookies: &types.Cookies{
				MatchPattern: &types.CookieMatchPattern{IncludedCookies: []string{deref(k.Cookie.Name)}},
				MatchScope:   types.MapMatchScopeKey,
			}}
			parts = append(parts, "cookie "+quote(deref(k.Cookie.Name)))
		case k.ForwardedIP != nil:
			n.from = newForwarded(s.ForwardedIPConfig)
			parts = append(parts, "forwarded address")
		default:
			parts = append(parts, plainKey(k))
		}
		if field != nil {
			if spec, because := newField(field, nil); because == "" {
				n.needs = append(n.needs, c.slot(spec))
			}
		}
	}
	return strings.Join(parts, " and ")
}

// plainKey names the parts of a key that every request has, or of which that cannot be told.
func plainKey(k *types.RateBasedStatementCustomKey) string {
	switch {
	case k.IP != nil:
		return "client address"
	case k.HTTPMethod != nil:
		return "method"
	case k.QueryString != nil:
		return "query string"
	case k.UriPath != nil:
		return "path"
	case k.LabelNamespace != nil:
		return "label in " + quote(deref(k.LabelNamespace.Namespace))
	case k.ASN != nil:
		return "autonomous system"
	case k.JA3Fingerprint != nil, k.JA4Fingerprint != nil:
		return "TLS fingerprint"
	}
	return "a key that is not known"
}

func (n *rateNode) eval(e *evaluation) match {
	if n.scope != nil && n.scope.eval(e).is == tri.False {
		return no
	}
	if n.from != nil {
		_, present, valid := n.from.addresses(e)
		if !present || !valid && n.from.fallback == tri.False {
			return no
		}
		if !valid && n.from.fallback == tri.True {
			return possibly
		}
	}
	for _, slot := range n.needs {
		if c := e.component(slot); len(c.values) == 0 && !c.partial && !c.forced.Known() {
			return no
		}
	}
	return weakly
}

func (n *rateNode) explain(e *evaluation, is tri.Bool) string {
	if is == tri.Unknown {
		return n.because
	}
	if n.scope != nil && n.scope.eval(e).is == tri.False {
		return "the request is outside the rule's scope: " + n.scope.explain(e, tri.False)
	}
	return "the request lacks a part of the key that the rule counts by"
}
