package function

import (
	"reflect"
	"regexp"
	"strings"

	"github.com/grafana/sobek/ast"
	"github.com/grafana/sobek/file"
	"github.com/grafana/sobek/parser"
)

// script is a function's source, and its syntax tree if the parser understood it.
type script struct {
	source  string
	tree    *ast.Program // nil if the parser gave up, which is no proof that the code is wrong
	imports []binding
	// bare is the source with import declarations and the word export blanked, so that it
	// can stand inside a function. Lines and columns stay.
	bare string
	// opaque tells that bare may still contain what only a module may.
	opaque bool
}

// binding is a default import.
type binding struct{ name, module string }

var (
	importForm    = regexp.MustCompile(`^import\b[^'"]*(?:'[^'\n]*'|"[^"\n]*")[ \t]*;?`)
	importLine    = regexp.MustCompile(`(?m)^[ \t]*import\b[^'"();]*(?:'[^'\n]*'|"[^"\n]*")[ \t]*;?`)
	importDefault = regexp.MustCompile(`^\s*import\s+([A-Za-z_$][\w$]*)\s*(?:,[^'"]*)?\bfrom\s*['"]([^'"]*)['"]`)
	importSpace   = regexp.MustCompile(`^\s*import\s*\*\s*as\s+([A-Za-z_$][\w$]*)\s*from\s*['"]([^'"]*)['"]`)
	exportForm    = regexp.MustCompile(`^export\b(?:\s+default\b|\s*\{[^}]*\}\s*;?)?`)
)

func parseScript(source string) *script {
	s := &script{source: source, bare: source}
	s.tree = parseTree(source)
	if s.tree == nil {
		s.blankLines()
		return s
	}
	walk(reflect.ValueOf(s.tree.Body), func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportDeclaration:
			s.blankImport(int(n.Idx) - 1)
		case *ast.ExportDeclaration:
			s.blank(int(n.Idx)-1, exportForm)
		}
		return true
	})
	return s
}

// parseTree parses as a module, which lets import through, else as a script.
func parseTree(source string) (tree *ast.Program) {
	defer func() {
		if recover() != nil { // the parser is not ours; on odd input it may fail
			tree = nil
		}
	}()
	tree, err := parser.ParseFile(nil, "", source, 0, parser.IsModule, parser.WithDisableSourceMaps)
	if err == nil {
		return tree
	}
	tree, err = parser.ParseFile(nil, "", source, 0, parser.WithDisableSourceMaps)
	if err != nil {
		return nil
	}
	return tree
}

func (s *script) blankImport(at int) {
	if at < 0 || at > len(s.bare) {
		return
	}
	text := importForm.FindString(s.bare[at:])
	if text == "" {
		s.opaque = true
		return
	}
	s.bind(text)
	s.bare = s.bare[:at] + spaces(text) + s.bare[at+len(text):]
}

func (s *script) blank(at int, form *regexp.Regexp) {
	if at < 0 || at > len(s.bare) {
		return
	}
	text := form.FindString(s.bare[at:])
	s.bare = s.bare[:at] + spaces(text) + s.bare[at+len(text):]
}

// blankLines finds imports by their looks, for code the parser did not understand.
func (s *script) blankLines() {
	s.bare = importLine.ReplaceAllStringFunc(s.source, func(text string) string {
		s.bind(text)
		return spaces(text)
	})
}

func (s *script) bind(text string) {
	for _, form := range []*regexp.Regexp{importDefault, importSpace} {
		if m := form.FindStringSubmatch(text); m != nil {
			s.imports = append(s.imports, binding{m[1], m[2]})
			return
		}
	}
	s.opaque = s.opaque || strings.Contains(text, "{")
}

// spaces keeps the line breaks of text and blanks the rest.
func spaces(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\r' {
			return r
		}
		return ' '
	}, text)
}

// loaderName is what the code could see of the sandbox if it knew the name.
const loaderName = "__cfdoctor_load"

// wrap makes the source a function that runs it afresh and gives its handler.
func (s *script) wrap() string {
	var b strings.Builder
	b.WriteString("(function (" + loaderName + ") { 'use strict';")
	for _, i := range s.imports {
		b.WriteString(" const " + i.name + " = " + loaderName + "(" + jsString(i.module) + ");")
	}
	b.WriteString(strings.Repeat("\n", sourceOffset))
	b.WriteString(s.bare)
	b.WriteString("\nreturn typeof handler === 'undefined' ? undefined : handler; })")
	return b.String()
}

func jsString(s string) string {
	var w jsonWriter
	w.text(s)
	return string(w)
}

// builtinWords are in code that changes built-in objects on purpose.
var builtinWords = regexp.MustCompile(`\b(globalThis|__proto__|setPrototypeOf|__define[GS]etter__)\b|\.prototype\s*(\.\s*\w+|\[[^\]]*\])\s*=[^=]|defineProperty\s*\(\s*\w+\.prototype`)

func (s *script) touchesBuiltins() bool { return builtinWords.MatchString(s.source) }

// position turns the parser's index into a line and a column, both from 1.
func (s *script) position(at file.Idx) (line, column int) {
	return s.place(int(at) - 1)
}

// place turns an offset in the source into a line and a column in characters, both from 1.
func (s *script) place(offset int) (line, column int) {
	offset = min(max(offset, 0), len(s.source))
	before := s.source[:offset]
	start := strings.LastIndexByte(before, '\n') + 1
	return strings.Count(before, "\n") + 1, len([]rune(before[start:])) + 1
}

// offset is the reverse of place, -1 if there is no such place.
func (s *script) offset(line, column int) int {
	at := 0
	for ; line > 1; line-- {
		next := strings.IndexByte(s.source[at:], '\n')
		if next < 0 {
			return -1
		}
		at += next + 1
	}
	for range s.source[at:] {
		if column <= 1 {
			return at
		}
		column--
		at += len(string([]rune(s.source[at:min(len(s.source), at+4)])[:1]))
	}
	return -1
}

// text is the source of a node.
func (s *script) text(n ast.Node) string {
	from, to := int(n.Idx0())-1, int(n.Idx1())-1
	if from < 0 || to > len(s.source) || from > to {
		return ""
	}
	return s.source[from:to]
}

var nodeType = reflect.TypeFor[ast.Node]()

// walk visits the nodes in v, a node before those in it; visit says whether to go on below.
// It goes by the fields' types, since the tree offers no visitor.
func walk(v reflect.Value, visit func(ast.Node) bool) {
	switch v.Kind() {
	case reflect.Interface:
		walk(v.Elem(), visit)
	case reflect.Pointer:
		if v.IsNil() {
			return
		}
		if v.Type().Implements(nodeType) {
			if n, ok := v.Interface().(ast.Node); ok && !visit(n) {
				return
			}
		}
		walk(v.Elem(), visit)
	case reflect.Slice:
		for i := range v.Len() {
			walk(v.Index(i), visit)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Type().Field(i)
			// DeclarationList repeats nodes that the body has.
			if field.IsExported() && field.Name != "DeclarationList" && field.Name != "File" {
				walk(v.Field(i), visit)
			}
		}
	}
}
