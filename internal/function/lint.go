package function

import (
	"cmp"
	"reflect"
	"slices"
	"strings"

	"github.com/grafana/sobek/ast"
	"github.com/grafana/sobek/file"
)

// Certainty grades what is known about a construct in a runtime.
type Certainty uint8

const (
	// Unsure: AWS does not list the construct; the engine the runtimes derive from has it.
	Unsure Certainty = iota + 1
	// Likely: AWS does not list the construct, and that engine refuses it too.
	Likely
	// Certain: AWS documents that it is not supported, or CloudFront was seen to refuse it.
	Certain
)

// Effect says when an unsupported construct does harm.
type Effect uint8

const (
	// AtLoad: the script does not load, and every request fails, whatever it reaches.
	AtLoad Effect = iota
	// WhenReached: only a run that gets there fails.
	WhenReached
)

// Issue is a construct that the runtime does not, or may not, support. CloudFront publishes
// such code without complaint; it fails when it runs.
type Issue struct {
	// Rule is a stable name, such as "for-of".
	Rule         string
	Line, Column int // from 1
	// Message names the construct and what is known of it, without a full stop.
	Message   string
	Effect    Effect
	Certainty Certainty
}

// rule is what is known of one construct. A zero Certainty means that it is supported.
type rule struct {
	name     string
	what     string // completes "… is not supported"
	one, two Certainty
	effect   Effect
}

// The grades are those of the package comment: DG/functions-javascript-runtime-10 and -20
// and DG/async-await-syntax document; "observed" are errors CloudFront was seen to answer.
var (
	ruleLexical     = rule{name: "const-let", what: "const and let", one: Certain}                                           // documented; observed: Token "const"
	ruleAsync       = rule{name: "async", what: "async functions", one: Certain}                                             // documented as new in 2.0
	ruleAwaitArg    = rule{name: "await-in-arguments", what: "await in the arguments of a call", one: Certain, two: Certain} // observed
	ruleAwaitTop    = rule{name: "await-outside-async", what: "await outside an async function", one: Certain, two: Certain}
	ruleAsyncInner  = rule{name: "async-closure", what: "an async function as a value (async arguments and closures)", one: Certain, two: Unsure}
	ruleForOf       = rule{name: "for-of", what: "for…of", one: Certain, two: Certain}                               // observed: Token "of"
	ruleCatch       = rule{name: "optional-catch", what: "catch without a parameter", one: Certain, two: Certain}    // observed: Token "{"
	ruleArray       = rule{name: "array-destructuring", what: "destructuring of arrays", one: Certain, two: Certain} // observed: Token "["
	ruleObject      = rule{name: "object-destructuring", what: "destructuring of objects", one: Likely, two: Likely}
	ruleClass       = rule{name: "class", what: "class", one: Likely, two: Likely}
	ruleSpread      = rule{name: "spread", what: "spread syntax (...)", one: Likely, two: Likely}
	ruleDefault     = rule{name: "default-parameter", what: "a default value of a parameter", one: Likely, two: Likely}
	ruleOptional    = rule{name: "optional-chaining", what: "optional chaining (?.)", one: Likely, two: Likely}
	ruleNullish     = rule{name: "nullish", what: "the operator ??", one: Unsure, two: Unsure}
	ruleAssign      = rule{name: "logical-assignment", what: "logical assignment (||=, &&=, ??=)", one: Likely, two: Likely}
	ruleGenerator   = rule{name: "generator", what: "generator functions", one: Likely, two: Likely}
	ruleBigInt      = rule{name: "bigint", what: "BigInt", one: Likely, two: Likely}
	ruleSeparator   = rule{name: "numeric-separator", what: "numeric separators", one: Likely}
	ruleFlag        = rule{name: "regexp-flag", what: "this flag of a regular expression", one: Likely, two: Likely}
	ruleSticky      = rule{name: "regexp-sticky", what: "the flag y of a regular expression", one: Unsure}
	ruleMeta        = rule{name: "meta-property", what: "new.target and import.meta", one: Likely, two: Likely}
	ruleExport      = rule{name: "export", what: "export", one: Likely, two: Likely}
	ruleImport      = rule{name: "import", what: "import (use require)", one: Unsure}
	ruleNamedImport = rule{name: "named-import", what: "an import that is not a default import", one: Likely, two: Likely}
	ruleDynImport   = rule{name: "dynamic-import", what: "import()", one: Likely, two: Likely}
	ruleEval        = rule{name: "dynamic-code", what: "dynamic code (eval, new Function)", one: Certain, two: Certain, effect: WhenReached}
	ruleTimer       = rule{name: "timer", what: "timers", one: Certain, two: Certain, effect: WhenReached}
	ruleNetwork     = rule{name: "network", what: "network access", one: Certain, two: Certain, effect: WhenReached}
	ruleBuiltin     = rule{name: "built-in", what: "this built-in object", one: Likely, two: Likely, effect: WhenReached}
)

// linter collects the issues of one script.
type linter struct {
	script  *script
	runtime string
	issues  []Issue
	bound   map[string]bool // names the script declares anywhere
	depth   int             // async functions around the current node
	inArgs  bool            // inside the arguments of a call, within the same function
}

func lint(s *script, runtime string) []Issue {
	if s.tree == nil {
		return nil
	}
	l := &linter{script: s, runtime: runtime, bound: declaredNames(s.tree)}
	l.visitAll(s.tree.Body)
	slices.SortStableFunc(l.issues, func(a, b Issue) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return l.issues
}

func (l *linter) add(at file.Idx, r rule, detail string) {
	certainty := r.two
	if l.runtime == Runtime1 {
		certainty = r.one
	}
	if certainty == 0 {
		return
	}
	line, column := l.script.position(at)
	words := map[Certainty]string{
		Certain: " is not supported", Likely: " is not among the features AWS lists", Unsure: " may not be supported",
	}[certainty]
	if strings.Contains(r.what, "const and") || strings.HasSuffix(r.what, "functions") || strings.HasSuffix(r.what, "timers") || strings.HasSuffix(r.what, "separators") {
		words = strings.NewReplacer(" is ", " are ").Replace(words)
	}
	message := r.what + words
	if detail != "" {
		message = detail + ": " + message
	}
	l.issues = append(l.issues, Issue{r.name, line, column, message, r.effect, certainty})
}

// declaredNames are the names bound by any declaration or parameter, without regard to
// scope: a name among them is not taken for a global one.
func declaredNames(tree *ast.Program) map[string]bool {
	names := map[string]bool{}
	note := func(target ast.BindingTarget) {
		if id, ok := target.(*ast.Identifier); ok {
			names[id.Name.String()] = true
		}
	}
	walk(reflect.ValueOf(tree.Body), func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Binding:
			note(n.Target)
		case *ast.ForDeclaration:
			note(n.Target)
		case *ast.CatchStatement:
			note(n.Parameter)
		case *ast.FunctionLiteral:
			if n.Name != nil {
				names[n.Name.Name.String()] = true
			}
		case *ast.ClassLiteral:
			if n.Name != nil {
				names[n.Name.Name.String()] = true
			}
		}
		return true
	})
	return names
}
