package fix

import (
	"fmt"
	"strings"
)

// Path leads to one place in an API's JSON. Paths are built, not parsed: the names of fields are ours, the values of selectors come from an
// account and are never text of a program.
//
// CloudFront's lists are objects of Quantity and Items; [Path.Item] steps into those. WAF's and IAM's lists are plain; [Path.Element] steps
// into those.
type Path struct{ steps []step }

// step is a field, or the items of a list whose member key equals value.
type step struct {
	field string
	key   string
	value any
	plain bool // the list is plain, not {Quantity, Items}
}

// At begins a path with fields.
func At(fields ...string) Path { return Path{}.Field(fields...) }

// Field goes on to members.
func (p Path) Field(names ...string) Path {
	out := Path{steps: append([]step{}, p.steps...)}
	for _, name := range names {
		out.steps = append(out.steps, step{field: name})
	}
	return out
}

// Item goes on to the item of a {Quantity, Items} list whose member key is value (a string or an int).
func (p Path) Item(key string, value any) Path {
	return Path{steps: append(append([]step{}, p.steps...), step{key: key, value: value})}
}

// Element goes on to the element of a plain list whose member key is value.
func (p Path) Element(key string, value any) Path {
	return Path{steps: append(append([]step{}, p.steps...), step{key: key, value: value, plain: true})}
}

// String shows the path to people: Origins.Items[Id=s3-site].OriginPath.
func (p Path) String() string {
	var b strings.Builder
	for i, s := range p.steps {
		switch {
		case s.key == "":
			if i > 0 {
				b.WriteByte('.')
			}
			b.WriteString(s.field)
		case s.plain:
			fmt.Fprintf(&b, "[%s=%v]", s.key, s.value)
		default:
			fmt.Fprintf(&b, ".Items[%s=%v]", s.key, s.value)
		}
	}
	return printable(b.String())
}

// last is the last step.
func (p Path) last() step { return p.steps[len(p.steps)-1] }
