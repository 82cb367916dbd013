package function

import (
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"github.com/grafana/sobek/ast"
)

var (
	frame       = regexp.MustCompile(`<eval>:(\d+):(\d+)`)
	readOfNone  = regexp.MustCompile(`^cannot (read|set) property (?:'(.*)' )?of (undefined|null)$`)
	notDefined  = regexp.MustCompile(`^'?([^' ]+)'? is not defined$`)
	notCallable = "not a function"
)

// platformNames exist in browsers or Node.js; that CloudFront lacks them is not documented
// name by name.
var platformNames = map[string]bool{
	"Headers": true, "Request": true, "Response": true, "TextEncoder": true, "TextDecoder": true, "performance": true,
	"global": true, "window": true, "self": true, "module": true, "exports": true, "queueMicrotask": true, "navigator": true,
}

// explain makes a result of an exception.
func (p *Program) explain(env *envelope) Result {
	switch e := env.Error; {
	case env.interrupted():
		return timedOut(e.String())
	case e.Name == "InternalError" && (e.Message == "out of memory" || e.Message == "string too long"):
		return outOfMemory(e.String())
	case e.Name == "InternalError" && e.Message == "stack overflow":
		return stackOverflow(e.String())
	}
	res := Result{Kind: ExecutionError, Certain: true, Status: statusExecution, Error: env.Error.String()}
	res.Line, res.Column = codePlace(env.Error.Stack)
	at := -1
	if res.Line > 0 {
		at = p.script.offset(res.Line, res.Column)
	}
	res.Because = p.reason(env, at)
	if m := notDefined.FindStringSubmatch(env.Error.Message); m != nil && platformNames[m[1]] {
		res.Certain = false
	}
	return res
}

// codePlace finds the innermost frame of a stack that is in the function's code.
func codePlace(stack string) (line, column int) {
	for _, m := range frame.FindAllStringSubmatch(stack, -1) {
		line, _ = strconv.Atoi(m[1])
		column, _ = strconv.Atoi(m[2])
		if line > sourceOffset {
			return line - sourceOffset, column
		}
	}
	return 0, 0
}

// reason says in words why an exception was thrown at the given offset of the source.
func (p *Program) reason(env *envelope, at int) string {
	message := env.Error.Message
	if m := readOfNone.FindStringSubmatch(message); m != nil {
		verb := map[string]string{"read": "reads", "set": "sets"}[m[1]]
		what := "a property"
		if m[2] != "" {
			what = "." + m[2]
		}
		object := p.script.objectAt(at)
		if object == "" {
			object = "something"
		}
		return fmt.Sprintf("it %s %s of %s, which is %s%s", verb, what, object, m[3], absence(env, object))
	}
	if m := notDefined.FindStringSubmatch(message); m != nil {
		return fmt.Sprintf("it uses %s, which is not defined", m[1])
	}
	if message == notCallable {
		if callee := p.script.calleeAt(at); callee != "" {
			return fmt.Sprintf("it calls %s, which is not a function", callee)
		}
	}
	return "it throws " + clip(env.Error.String(), 200)
}

// absence tells which entry of the event was asked for in vain, if it is the one that the
// expression object stands for.
func absence(env *envelope, object string) string {
	var missing []string
	for _, read := range env.asked() {
		if !read.Found {
			missing = append(missing, read.Path)
		}
	}
	var match []string
	for _, path := range missing {
		name := path[len(mapOf(path))+1:]
		if strings.HasSuffix(object, "."+name) || strings.HasSuffix(object, "['"+name+"']") || strings.HasSuffix(object, `["`+name+`"]`) {
			match = append(match, path)
		}
	}
	if len(match) == 0 {
		match = missing
	}
	if len(match) != 1 {
		return ""
	}
	kinds := map[string]string{
		"request.headers": "the request has no header named ", "request.cookies": "the request has no cookie named ",
		"request.querystring": "the request has no query string parameter named ",
		"viewer":              "the event's viewer has no member named ",
		"response.headers":    "the response has no header named ", "response.cookies": "the response sets no cookie named ",
	}
	of := mapOf(match[0])
	if words := kinds[of]; words != "" {
		return " because " + words + match[0][len(of)+1:]
	}
	return ""
}

// objectAt returns the source of the object whose property is used at an offset, which is
// that of the dot or the bracket.
func (s *script) objectAt(at int) string {
	found := ""
	s.find(at, func(n ast.Node) bool {
		var left ast.Expression
		end := 0
		switch n := n.(type) {
		case *ast.DotExpression:
			left, end = n.Left, int(n.Identifier.Idx)
		case *ast.BracketExpression:
			left, end = n.Left, int(n.RightBracket)
		default:
			return false
		}
		if start := int(left.Idx1()) - 1; start <= at && at < end {
			found = s.text(left)
			return true
		}
		return false
	})
	return clip(found, 80)
}

// calleeAt returns the source of what is called by the parenthesis at an offset.
func (s *script) calleeAt(at int) string {
	found := ""
	s.find(at, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpression)
		if ok && int(call.LeftParenthesis)-1 == at {
			found = s.text(call.Callee)
			return true
		}
		return false
	})
	return clip(found, 80)
}

// find visits the tree until match is true.
func (s *script) find(at int, match func(ast.Node) bool) {
	if s.tree == nil || at < 0 {
		return
	}
	done := false
	walk(reflect.ValueOf(s.tree.Body), func(n ast.Node) bool {
		done = done || match(n)
		return !done
	})
}

// clip shortens text for a sentence and puts it on one line.
func clip(text string, limit int) string {
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > limit {
		return string(runes[:limit]) + "…"
	}
	return text
}
