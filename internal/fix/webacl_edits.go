package fix

import (
	"encoding/base64"
	"fmt"
)

// Rules of a web ACL are named by their names.

func wafRule(name string) Path { return At("Rules").Element("Name", name) }

func onRule(name, format string, args ...any) string {
	return "Rules tab: select " + show(name) + ", choose Edit; " + fmt.Sprintf(format, args...) + "; choose Save rule"
}

func action(name string) map[string]any { return map[string]any{name: map[string]any{}} }

// OverrideManagedRule makes one rule of a managed rule group count instead of its own action, and leaves the rest of the group at work.
// What it counts still gets its labels (WAF/web-acl-rule-group-override-options).
func OverrideManagedRule(rule, inner string) Edits {
	return override(rule, inner, managedGroup)
}

// OverrideGroupRule does the same in a rule group of one's own.
func OverrideGroupRule(rule, inner string) Edits {
	return override(rule, inner, "RuleGroupReferenceStatement")
}

func override(rule, inner, kind string) Edits {
	return Edits{{Path: wafRule(rule).Field("Statement", kind, "RuleActionOverrides"), Op: AddItem, Key: "Name",
		New:   map[string]any{"Name": inner, "ActionToUse": action("Count")},
		Label: onRule(rule, "for the rule %s choose Override to Count", show(inner))}}
}

// SetRuleAction sets what a rule of one's own does with a match: Allow, Block, Count, Captcha or Challenge.
func SetRuleAction(rule, what string) Edits {
	return Edits{{Path: wafRule(rule).Field("Action"), Op: Set, New: action(what), Label: onRule(rule, "set Action to %s", what)}}
}

// SetGroupToCount makes a whole rule group count only: for a look at what it would do, since it protects nothing then.
func SetGroupToCount(rule string) Edits {
	return Edits{{Path: wafRule(rule).Field("OverrideAction"), Op: Set, New: action("Count"),
		Label: onRule(rule, "choose Override rule group action to Count")}}
}

// SetDefaultAction sets what happens to requests that no rule decides: Allow or Block.
func SetDefaultAction(what string) Edits {
	return Edits{{Path: At("DefaultAction"), Op: Set, New: action(what),
		Label: "Rules tab: under Default web ACL action choose Edit, set " + what + ", and choose Save"}}
}

// AddRuleBefore puts a rule before another: it takes that one's priority, and those from there on move down by one.
func AddRuleBefore(before string, rule map[string]any) Edits {
	name, _ := rule["Name"].(string)
	return Edits{{Path: At("Rules"), Op: InsertRule, Key: "Name", Old: before, New: rule,
		Label: "Rules tab: choose Add rules, Add my own rules and rule groups, Rule JSON editor; enter " + text(mustTree(rule)) +
			"; then move " + show(name) + " above " + show(before) + " and choose Save"}}
}

// AllowRule is a rule that allows what a statement matches. The statement has the form of WAF's API; see [PathStartsWith].
func AllowRule(name string, statement map[string]any) map[string]any {
	return map[string]any{
		"Name": name, "Statement": statement, "Action": action("Allow"),
		"VisibilityConfig": map[string]any{"SampledRequestsEnabled": true, "CloudWatchMetricsEnabled": true, "MetricName": name},
	}
}

// PathStartsWith is a statement that matches paths by their beginning.
func PathStartsWith(prefix string) map[string]any {
	return map[string]any{"ByteMatchStatement": map[string]any{
		"SearchString":         base64.StdEncoding.EncodeToString([]byte(prefix)),
		"FieldToMatch":         map[string]any{"UriPath": map[string]any{}},
		"TextTransformations":  []any{map[string]any{"Priority": 0, "Type": "NONE"}},
		"PositionalConstraint": "STARTS_WITH",
	}}
}

// Not is a statement that matches what another does not.
func Not(statement map[string]any) map[string]any {
	return map[string]any{"NotStatement": map[string]any{"Statement": statement}}
}

// ScopeDownGroup makes a managed rule group look only at requests that meet a statement, besides what its scope-down statement asks already.
func ScopeDownGroup(rule string, statement map[string]any) Edits {
	return scopeDown(rule, managedGroup, statement)
}

// ScopeDownRate does the same for a rate-based rule.
func ScopeDownRate(rule string, statement map[string]any) Edits {
	return scopeDown(rule, "RateBasedStatement", statement)
}

func scopeDown(rule, kind string, statement map[string]any) Edits {
	return Edits{{Path: wafRule(rule).Field("Statement", kind, "ScopeDownStatement"), Op: Narrow, New: statement,
		Label: onRule(rule, "choose Only inspect requests that match a scope-down statement, and add to it (Rule JSON editor): %s", text(mustTree(statement)))}}
}

// SetRateLimit sets how many requests in the rule's evaluation window an address (or other key) may send: 10–2,000,000,000.
func SetRateLimit(rule string, limit int) Edits {
	return Edits{{Path: wafRule(rule).Field("Statement", "RateBasedStatement", "Limit"), Op: Set, New: limit,
		Label: onRule(rule, "set Rate limit to %d", limit)}}
}

// inserted puts a rule before another. A rule of its name that is there already is replaced and keeps its priority.
func inserted(rules []any, e ConfigEdit) ([]any, error) {
	rule := objectOf(valueTree(e.New))
	before, there := any(nil), any(nil)
	for _, r := range rules {
		switch name := objectOf(r)["Name"]; {
		case sameTree(name, rule["Name"]):
			there = r
		case sameTree(name, mustTree(e.Old)) && before == nil:
			before = r
		}
	}
	if there != nil {
		rule["Priority"] = priority(there)
		return put(rules, "Name", rule), nil
	}
	if before == nil {
		return nil, fmt.Errorf("there is no %s", wafRule(fmt.Sprint(e.Old)))
	}
	at := priority(before)
	for _, r := range rules {
		if p := priority(r); p >= at {
			objectOf(r)["Priority"] = p + 1
		}
	}
	rule["Priority"] = at
	return append(rules, rule), nil
}

func priority(rule any) float64 {
	p, _ := objectOf(rule)["Priority"].(float64)
	return p
}

func (e ConfigEdit) jqInsert(p *program) string {
	rule, before := p.value(e.New), p.value(e.Old)
	return fmt.Sprintf(`(if any(.[]; .Name == %[1]s.Name) then map(if .Name == %[1]s.Name then %[1]s + {Priority: (.Priority // 0)} else . end)
  elif any(.[]; .Name == %[2]s) then ((map(select(.Name == %[2]s))[0].Priority // 0) as $at
    | map(if (.Priority // 0) >= $at then .Priority = (.Priority // 0) + 1 else . end) + [%[1]s + {Priority: $at}])
  else error(%[3]s) end)`, rule, before, p.value("there is no "+wafRule(fmt.Sprint(e.Old)).String()))
}

// narrowed joins a statement to one that may be there.
func narrowed(old, also any) any {
	if old == nil || sameTree(old, also) {
		return also
	}
	if and := objectOf(objectOf(old)["AndStatement"]); and != nil {
		parts := listOf(and["Statements"])
		if !contains(parts, also) {
			and["Statements"] = append(parts, also)
		}
		return old
	}
	return map[string]any{"AndStatement": map[string]any{"Statements": []any{old, also}}}
}

func jqNarrow(also string) string {
	return fmt.Sprintf(`(if . == null or . == %[1]s then %[1]s
  elif .AndStatement then .AndStatement.Statements |= (if any(.[]; . == %[1]s) then . else . + [%[1]s] end)
  else {AndStatement: {Statements: [., %[1]s]}} end)`, also)
}
