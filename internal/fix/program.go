package fix

import (
	"fmt"
	"strings"
)

// program is a jq program in the making. Values go in as variables, never as text of the program.
type program struct {
	args    []string          // options of jq: --arg and --argjson with their values
	known   map[string]string // value as JSON, to its variable
	outputs []Output          // the outputs that the program needs
	defs    map[string]bool   // the definitions that it uses
	steps   []string
}

func newProgram() *program { return &program{known: map[string]string{}, defs: map[string]bool{}} }

// programOf is the program of a list of edits.
func programOf[E edit](edits []E) *program {
	p := newProgram()
	for _, e := range edits {
		p.steps = append(p.steps, e.jq(p))
	}
	return p
}

// value makes a value a variable and returns the variable.
func (p *program) value(v any) string {
	if out, ok := v.(Output); ok {
		p.outputs = append(p.outputs, out)
		return p.variable("output "+out.Variable, func(name string) string {
			return "--arg " + name + ` "$` + out.Variable + `"`
		})
	}
	tree := mustTree(v)
	return p.variable(text(tree), func(name string) string {
		if s, ok := tree.(string); ok && checkPlain(s) == nil {
			return "--arg " + name + " " + quote(s)
		}
		return "--argjson " + name + " " + quote(text(tree))
	})
}

func (p *program) variable(identity string, write func(name string) string) string {
	if name, ok := p.known[identity]; ok {
		return name
	}
	name := fmt.Sprintf("v%d", len(p.known)+1)
	p.args = append(p.args, write(name))
	p.known[identity] = "$" + name
	return "$" + name
}

// use marks a definition as used and returns its name.
func (p *program) use(name string) string {
	p.defs[name] = true
	return name
}

// definitions in the order in which they may build on each other.
var definitions = []struct{ name, text string }{
	{"listed", `def listed: if . == null then [] elif type == "array" then . else [.] end;`},
	{"grown", `def grown($more): . as $old | listed as $o
  | ($more | listed | reduce .[] as $x ($o; if any(.[]; . == $x) then . else . + [$x] end)) as $n
  | if $n == $o then $old else $n end;`},
	{"items", `def items($new): (. // {}) + {Quantity: ($new | length), Items: $new} | if $new == [] then del(.Items) else . end;`},
	{"statements", `def statements: .Statement | if . == null then [] elif type == "array" then . else [.] end;`},
	{"scalar", `def scalar: if length == 1 then .[0] else . end;`},
}

// source is the program's text.
func (p *program) source() string {
	var b strings.Builder
	for _, d := range definitions {
		if p.defs[d.name] {
			b.WriteString(d.text + "\n")
		}
	}
	if len(p.steps) == 0 {
		b.WriteString(".")
	}
	b.WriteString(strings.Join(p.steps, "\n| "))
	return b.String()
}

// command is the whole jq command, without its input.
func (p *program) command() string {
	parts := append([]string{"jq"}, p.args...)
	return strings.Join(parts, " ") + " " + quote(p.source())
}

// path writes a path as jq does. Selectors that find nothing are caught by [program.guard].
func (p *program) path(path Path) string {
	var b strings.Builder
	for i, s := range path.steps {
		switch {
		case s.key == "":
			b.WriteString("." + s.field)
		case s.plain:
			b.WriteString("[]? | select(." + s.key + " == " + p.value(s.value) + ")")
		default:
			b.WriteString(".Items[]? | select(." + s.key + " == " + p.value(s.value) + ")")
		}
		if s.key != "" && i < len(path.steps)-1 {
			b.WriteString(" | ")
		}
	}
	return b.String()
}

// guard stops the program where a selector on the path finds nothing: jq would edit nothing, silently.
func (p *program) guard(path Path) string {
	var b strings.Builder
	for i, s := range path.steps {
		if s.key == "" {
			continue
		}
		found := Path{steps: path.steps[:i+1]}
		fmt.Fprintf(&b, "if any(%s; true) then . else error(%s) end\n| ", p.path(found), p.value("there is no "+found.String()))
	}
	return b.String()
}

// jq implements [edit].
func (e ConfigEdit) jq(p *program) string {
	path := "(" + p.path(e.Path) + ")"
	guard := p.guard(e.Path)
	switch e.Op {
	case Set:
		if e.New == nil {
			return guard + "del" + path
		}
		return guard + path + " = " + p.value(e.New)
	case SetPresent:
		return guard + "(" + p.path(e.Path) + " | select(. != null)) = " + p.value(e.New)
	}
	if e.Op == Narrow {
		return guard + path + " |= " + jqNarrow(p.value(e.New))
	}
	if e.plain() {
		return guard + path + " |= ((. // []) | " + e.jqItems(p) + ")"
	}
	return guard + path + " |= " + p.use("items") + "((.Items // []) | " + e.jqItems(p) + ")"
}

// jqItems is the filter from old items to new.
func (e ConfigEdit) jqItems(p *program) string {
	key := "." + e.Key
	switch e.Op {
	case SetItems:
		return p.value(e.New)
	case AddItem:
		value := p.value(e.New)
		if e.Key == "" {
			return fmt.Sprintf("if any(.[]; . == %s) then . else . + [%s] end", value, value)
		}
		same := fmt.Sprintf("%s == %s%s", key, value, key)
		return fmt.Sprintf("if any(.[]; %s) then map(if %s then %s else . end) else . + [%s] end", same, same, value, value)
	case RemoveItem:
		if e.Key == "" {
			key = "."
		}
		return fmt.Sprintf("map(select(%s != %s))", key, p.value(e.Old))
	case OrderItems:
		first := p.value(e.order())
		return fmt.Sprintf("[%s[] as $name | .[] | select(%s == $name)] + map(select(%s as $name | any(%s[]; . == $name) | not))", first, key, key, first)
	case RenameItem:
		old, name := p.value(e.Old), p.value(e.New)
		return fmt.Sprintf("if any(.[]; %s == %s or %s == %s) then map(if %s == %s then %s = %s else . end) else error(%s) end",
			key, old, key, name, key, old, key, name, p.value("there is no "+e.Path.Item(e.Key, e.Old).String()))
	case InsertRule:
		return e.jqInsert(p)
	}
	return "."
}
