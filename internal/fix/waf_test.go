package fix

import (
	"strings"
	"testing"

	"cfdoctor/internal/account"
)

func wafEdits() map[string]Edits {
	return map[string]Edits{
		"override":         OverrideManagedRule("common", "SizeRestrictions_BODY"),
		"override again":   OverrideManagedRule("common", "NoUserAgent_HEADER"),
		"action":           SetRuleAction("admin", "Count"),
		"group":            SetGroupToCount("common"),
		"default":          SetDefaultAction("Block"),
		"before the first": AddRuleBefore("admin", AllowRule("letIn", PathStartsWith(`/it's "in"`))),
		"before another":   AddRuleBefore("common", AllowRule("letIn", PathStartsWith("/x"))),
		"before none":      AddRuleBefore("none", AllowRule("letIn", PathStartsWith("/x"))),
		"again":            AddRuleBefore("admin", AllowRule("rate", PathStartsWith("/x"))),
		"scope":            ScopeDownGroup("common", Not(PathStartsWith("/upload"))),
		"scope of rate":    ScopeDownRate("rate", Not(PathStartsWith("/x"))),
		"rate":             SetRateLimit("rate", 2000),
		"two":              append(ScopeDownGroup("common", Not(PathStartsWith("/a"))), ScopeDownGroup("common", Not(PathStartsWith("/b")))...),
		"no such rule":     SetRuleAction("none", "Count"),
	}
}

func TestWAFEditsAgreeWithJQ(t *testing.T) {
	needJQ(t)
	doc := tree(t, string(fixture(t, "web-acl.json")))
	for name, edits := range wafEdits() {
		t.Run(name, func(t *testing.T) { sameInBoth(t, doc, edits) })
	}
	three := append(ScopeDownGroup("common", Not(PathStartsWith("/a"))), ScopeDownGroup("common", Not(PathStartsWith("/b")))...)
	three = append(three, ScopeDownGroup("common", Not(PathStartsWith("/c")))...)
	sameInBoth(t, doc, three)
	set := tree(t, `{"Addresses":["192.0.2.0/24"],"Name":"x"}`)
	sameInBoth(t, set, AddAddress("198.51.100.7/32"))
	sameInBoth(t, set, RemoveAddress("192.0.2.0/24"))
}

func TestWAFEffect(t *testing.T) {
	for name, edits := range wafEdits() {
		w := world(t)
		change := EditWebACL(aclARN, edits)
		before, _ := account.WebACL(aclARN).In(w).Get()
		diff := change.Diff(w)
		change.Effect(w)
		after, _ := account.WebACL(aclARN).In(w).Get()
		if changed := !sameTree(mustTree(before), mustTree(after)); changed != (len(diff) > 0) {
			t.Errorf("%s: the effect changes something: %v, the diff: %v", name, changed, diff)
		}
	}
}

// An override adds to those that are there, and call_aws gets search strings as text.
func TestWAFCommand(t *testing.T) {
	w := world(t)
	change := EditWebACL(aclARN, OverrideManagedRule("common", "SizeRestrictions_BODY"))
	change.Effect(w)
	acl, _ := account.WebACL(aclARN).In(w).Get()
	if got := acl.WebACL.Rules[1].Statement.ManagedRuleGroupStatement.RuleActionOverrides; len(got) != 2 || *got[0].Name != "NoUserAgent_HEADER" {
		t.Errorf("the overrides are %v", got)
	}
	call := change.Commands(Context{World: world(t)})[0].CallAWS
	for _, want := range []string{`/admin?'\"'\"'`, "--lock-token token-1", "--scope CLOUDFRONT", "--region us-east-1", "SizeRestrictions_BODY", "--token-domains"} {
		if !strings.Contains(call, want) {
			t.Errorf("%s is not in %s", want, call)
		}
	}
	// After an effect nothing is recorded any more: required members come back from the types.
	call = change.Commands(Context{World: w})[0].CallAWS
	for _, want := range []string{`\"Priority\":0`, `\"SampledRequestsEnabled\":false`} {
		if !strings.Contains(call, want) {
			t.Errorf("%s is not in %s", want, call)
		}
	}
}
