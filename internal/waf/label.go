package waf

import (
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/wafv2/types"

	"cfdoctor/internal/tri"
)

// label is one that the request has or may have. A prefix stands for any label that begins with it.
type label struct {
	name    string
	certain bool
	prefix  bool
}

func (e *evaluation) addLabels(names []string, certain bool) {
	for _, n := range names {
		e.addLabel(n, certain)
	}
}

func (e *evaluation) addLabel(name string, certain bool) {
	for i := range e.labels {
		if l := &e.labels[i]; l.name == name && !l.prefix {
			l.certain = l.certain || certain
			return
		}
	}
	e.labels = append(e.labels, label{name: name, certain: certain})
}

// addPrefix adds labels whose names are not fully known; it is idle where no rule asks for labels.
func (e *evaluation) addPrefix(prefix string) {
	if !e.acl.readsLabels {
		return
	}
	for i := range e.labels {
		if l := &e.labels[i]; l.prefix && l.name == prefix {
			return
		}
	}
	e.labels = append(e.labels, label{name: prefix, prefix: true})
}

func (e *evaluation) certainLabels() []string {
	if len(e.labels) == 0 {
		return nil
	}
	var out []string
	for i := range e.labels {
		if l := &e.labels[i]; l.certain {
			out = append(out, l.name)
		}
	}
	return out
}

// labelNode matches a label or a namespace. A key without WAF's prefix means the labels of the entity that the
// statement itself belongs to (WAF/waf-rule-label-match).
type labelNode struct {
	key       string // as written, namespaces with a colon at the end
	context   string // namespace of the web ACL or rule group around the statement
	namespace bool
	qualified bool
}

func (c *compiler) label(s *types.LabelMatchStatement) node {
	c.acl.readsLabels = true
	n := labelNode{key: deref(s.Key), context: c.namespace, namespace: s.Scope == types.LabelMatchScopeNamespace}
	n.qualified = strings.HasPrefix(n.key, "awswaf:")
	if n.namespace && !strings.HasSuffix(n.key, ":") {
		n.key += ":"
	}
	if n.key == "" || !n.qualified && n.context == "" {
		return unknownNode{because: "the label it looks for cannot be told", hint: plain}
	}
	return n
}

func (n labelNode) eval(e *evaluation) match {
	out := no
	for i := range e.labels {
		l := &e.labels[i]
		if l.prefix {
			if n.reaches(l.name) {
				out = weakly
			}
			continue
		}
		if !n.has(l.name) {
			continue
		}
		if l.certain {
			return yes
		}
		out = weakly
	}
	return out
}

// has tells whether the statement means this label. Labels are case sensitive and compared part by part.
func (n labelNode) has(name string) bool {
	if n.qualified {
		if n.namespace {
			return strings.HasPrefix(name, n.key)
		}
		return name == n.key
	}
	rest, ok := strings.CutPrefix(name, n.context)
	if !ok {
		return false
	}
	if n.namespace {
		return strings.HasPrefix(rest, n.key) || strings.Contains(rest, ":"+n.key)
	}
	return rest == n.key || len(rest) > len(n.key) && strings.HasSuffix(rest, n.key) && rest[len(rest)-len(n.key)-1] == ':'
}

// reaches tells whether some label with the prefix could be meant.
func (n labelNode) reaches(prefix string) bool {
	want := n.context
	if n.qualified {
		want = n.key
	}
	return strings.HasPrefix(want, prefix) || strings.HasPrefix(prefix, want)
}

func (n labelNode) explain(_ *evaluation, is tri.Bool) string {
	what := "label "
	if n.namespace {
		what = "label in the namespace "
	}
	switch is {
	case tri.True:
		return "the request has the " + what + strconv.Quote(n.key)
	case tri.False:
		return "the request has no " + what + strconv.Quote(n.key)
	}
	return "whether an earlier rule gave the request the " + what + strconv.Quote(n.key) + " is not known"
}

// labelNamespace is the namespace of an own web ACL or rule group: what the API says, else what follows from its
// ARN (WAF/waf-rule-label-requirements). It ends with a colon, or is empty when it cannot be told.
func labelNamespace(given, arn string) string {
	if given != "" {
		if !strings.HasSuffix(given, ":") {
			given += ":"
		}
		return given
	}
	// arn:aws:wafv2:us-east-1:111122223333:global/webacl/name/id
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return ""
	}
	path := strings.Split(parts[5], "/")
	if len(path) < 3 {
		return ""
	}
	return "awswaf:" + parts[4] + ":" + path[1] + ":" + path[2] + ":"
}
