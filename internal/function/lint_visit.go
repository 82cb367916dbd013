package function

import (
	"reflect"
	"strings"

	"github.com/grafana/sobek/ast"
	"github.com/grafana/sobek/file"
	"github.com/grafana/sobek/token"
)

func (l *linter) visitAll(nodes any) {
	walk(reflect.ValueOf(nodes), l.visit)
}

// visit looks at one node. It returns false where it has visited the children itself.
func (l *linter) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.FunctionLiteral:
		return l.function(n)
	case *ast.FunctionDeclaration:
		l.declaredFunction(n)
		return false
	case *ast.ArrowFunctionLiteral:
		if n.Async {
			l.add(n.Start, ruleAsyncInner, "")
		}
		l.parameters(n.ParameterList)
		l.body(n.Body, n.Async)
		return false
	case *ast.AwaitExpression:
		l.await(n)
	case *ast.CallExpression:
		l.call(n)
		return false
	case *ast.NewExpression:
		l.visitAll(n.Callee)
		l.arguments(n.ArgumentList)
		return false
	case *ast.Identifier:
		l.identifier(n)
	case *ast.DotExpression:
		l.visitAll(n.Left) // the name after the dot is no variable
		return false
	case *ast.PropertyKeyed:
		l.property(n)
		return false
	default:
		l.statement(n)
		l.expression(n)
	}
	return true
}

func (l *linter) statement(n ast.Node) {
	switch n := n.(type) {
	case *ast.LexicalDeclaration:
		l.add(n.Idx, ruleLexical, "")
	case *ast.ForDeclaration:
		l.add(n.Idx, ruleLexical, "")
	case *ast.ForLoopInitializerLexicalDecl:
		l.add(n.LexicalDeclaration.Idx, ruleLexical, "")
	case *ast.ForOfStatement:
		l.add(n.For, ruleForOf, "")
	case *ast.CatchStatement:
		if n.Parameter == nil {
			l.add(n.Catch, ruleCatch, "")
		}
	case *ast.ImportDeclaration:
		l.importFrom(n)
	case *ast.ExportDeclaration:
		l.add(n.Idx, ruleExport, "")
	}
}

func (l *linter) expression(n ast.Node) {
	switch n := n.(type) {
	case *ast.ArrayPattern:
		l.add(n.LeftBracket, ruleArray, "")
	case *ast.ObjectPattern:
		l.add(n.LeftBrace, ruleObject, "")
	case *ast.ClassLiteral:
		l.add(n.Class, ruleClass, "")
	case *ast.SpreadElement:
		l.add(n.Idx0(), ruleSpread, "")
	case *ast.OptionalChain:
		l.add(n.Idx0(), ruleOptional, "")
	case *ast.BinaryExpression:
		if n.Operator == token.COALESCE {
			l.add(n.Left.Idx1(), ruleNullish, "")
		}
	case *ast.AssignExpression:
		switch n.Operator {
		case token.LOGICAL_AND, token.LOGICAL_OR, token.COALESCE:
			l.add(n.Left.Idx1(), ruleAssign, "")
		}
	case *ast.NumberLiteral:
		l.number(n)
	case *ast.RegExpLiteral:
		l.regExp(n)
	case *ast.MetaProperty:
		l.add(n.Idx, ruleMeta, "")
	case *ast.DynamicImportExpression:
		l.add(n.Idx, ruleDynImport, "")
	}
}

func (l *linter) declaredFunction(n *ast.FunctionDeclaration) {
	if n.Function.Async {
		l.add(n.Function.Function, ruleAsync, "")
	}
	l.functionParts(n.Function)
}

func (l *linter) function(n *ast.FunctionLiteral) bool {
	if n.Async {
		l.add(n.Function, ruleAsyncInner, "")
	}
	l.functionParts(n)
	return false
}

func (l *linter) functionParts(n *ast.FunctionLiteral) {
	if n.Generator {
		l.add(n.Function, ruleGenerator, "")
	}
	l.parameters(n.ParameterList)
	l.body(n.Body, n.Async)
}

// body visits what a function does; the arguments it may itself stand in are not its own.
func (l *linter) body(body ast.Node, async bool) {
	depth, inArgs := l.depth, l.inArgs
	l.depth, l.inArgs = 0, false
	if async {
		l.depth = 1
	}
	l.visitAll(body)
	l.depth, l.inArgs = depth, inArgs
}

func (l *linter) parameters(list *ast.ParameterList) {
	if list == nil {
		return
	}
	for _, p := range list.List {
		if p.Initializer != nil {
			l.add(p.Idx0(), ruleDefault, "")
		}
	}
	l.visitAll(list.List)
	if _, plain := list.Rest.(*ast.Identifier); !plain {
		l.visitAll(list.Rest)
	}
}

func (l *linter) await(n *ast.AwaitExpression) {
	switch {
	case l.depth == 0:
		l.add(n.Await, ruleAwaitTop, "")
	case l.inArgs:
		l.add(n.Await, ruleAwaitArg, "")
	}
}

func (l *linter) call(n *ast.CallExpression) {
	l.visitAll(n.Callee)
	l.arguments(n.ArgumentList)
}

func (l *linter) arguments(list []ast.Expression) {
	inArgs := l.inArgs
	l.inArgs = true
	l.visitAll(list)
	l.inArgs = inArgs
}

// property visits an object's member. A method is an ordinary function here.
func (l *linter) property(n *ast.PropertyKeyed) {
	if n.Computed {
		l.visitAll(n.Key)
	}
	if f, ok := n.Value.(*ast.FunctionLiteral); ok && n.Kind == ast.PropertyKindMethod {
		l.function(f)
		return
	}
	l.visitAll(n.Value)
}

func (l *linter) number(n *ast.NumberLiteral) {
	switch {
	case strings.HasSuffix(n.Literal, "n"):
		l.add(n.Idx, ruleBigInt, "")
	case strings.Contains(n.Literal, "_"):
		l.add(n.Idx, ruleSeparator, "")
	}
}

func (l *linter) regExp(n *ast.RegExpLiteral) {
	if at := strings.IndexAny(n.Flags, "usvd"); at >= 0 {
		l.add(n.Idx, ruleFlag, "flag "+n.Flags[at:at+1])
	} else if strings.Contains(n.Flags, "y") {
		l.add(n.Idx, ruleSticky, "")
	}
}

func (l *linter) importFrom(n *ast.ImportDeclaration) {
	l.add(n.Idx, ruleImport, "")
	if c := n.ImportClause; c == nil || c.NamedImports != nil || c.NameSpaceImport != nil {
		l.add(n.Idx, ruleNamedImport, "")
	}
	module := n.ModuleSpecifier.String()
	if n.FromClause != nil {
		module = n.FromClause.ModuleSpecifier.String()
	}
	if !modules(l.runtime)[module] {
		grade := Likely
		if noSuchModules[module] {
			grade = Certain
		}
		l.add(n.Idx, rule{name: "module", what: "this module", one: grade, two: grade}, module)
	}
}

// modules are those a function can load (DG/functions-javascript-runtime-10 and -20).
func modules(runtime string) map[string]bool {
	if runtime == Runtime1 {
		return map[string]bool{"crypto": true, "querystring": true}
	}
	return map[string]bool{"crypto": true, "querystring": true, "buffer": true, "cloudfront": true}
}

// noSuchModules are those whose purpose AWS rules out: files and network.
var noSuchModules = map[string]bool{"fs": true, "http": true, "https": true, "net": true}

// globals are names that fail when the code reaches them.
var globals = map[string]rule{
	"eval": ruleEval, "Function": ruleEval,
	"setTimeout": ruleTimer, "setImmediate": ruleTimer, "setInterval": ruleTimer, "clearTimeout": ruleTimer,
	"fetch": ruleNetwork, "XMLHttpRequest": ruleNetwork, "WebSocket": ruleNetwork,
	"Map": ruleBuiltin, "Set": ruleBuiltin, "WeakMap": ruleBuiltin, "WeakSet": ruleBuiltin, "Proxy": ruleBuiltin,
	"Reflect": ruleBuiltin, "Intl": ruleBuiltin, "URL": ruleBuiltin, "URLSearchParams": ruleBuiltin,
	"BigInt": ruleBuiltin, "structuredClone": ruleBuiltin,
}

func (l *linter) identifier(n *ast.Identifier) {
	name := n.Name.String()
	if r, ok := globals[name]; ok && !l.bound[name] {
		l.add(file.Idx(n.Idx), r, name)
	}
}
