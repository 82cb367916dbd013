package account

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestEveryOperationHasAReadAndBack finds the operations that constructors name in this package's source and holds them against the table:
// an operation that nothing asks for would put a needless permission into the policy, one that is missing would panic at run time.
func TestEveryOperationHasAReadAndBack(t *testing.T) {
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			text := strings.Trim(lit.Value, `"`)
			if _, ok := byName[text]; ok {
				used[text] = true
			}
			if _, ok := byName["elbv2:"+text]; ok { // askELB adds the service
				used["elbv2:"+text] = true
			}
			return true
		})
	}
	for name := range byName {
		if !used[name] {
			t.Errorf("%s is in the table and no constructor asks it", name)
		}
	}
}

func TestTableIsSortedAndWhole(t *testing.T) {
	ops := Operations()
	sorted := slices.IsSortedFunc(ops, func(a, b Operation) int {
		return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(a.Name, b.Name))
	})
	if !sorted {
		t.Error("the table is not sorted by service and name")
	}
	for _, op := range ops {
		if op.NeededFor == "" || !strings.Contains(op.Permission, ":") {
			t.Errorf("%s:%s lacks a purpose or a permission", op.Service, op.Name)
		}
		if verb := op.Permission[strings.Index(op.Permission, ":")+1:]; !readsOnly(verb) {
			t.Errorf("%s is not the name of a read", op.Permission)
		}
	}
}

// readsOnly reports whether an IAM action's name is that of a read. API Gateway's actions are HTTP methods.
func readsOnly(action string) bool {
	return slices.ContainsFunc([]string{"Get", "List", "Describe", "GET"}, func(verb string) bool { return strings.HasPrefix(action, verb) })
}

func TestKeyARN(t *testing.T) {
	const arn = "arn:aws:kms:eu-west-1:111122223333:key/1"
	for _, tc := range []struct{ region, owner, id, want string }{
		{"", "", arn, arn},
		{"eu-west-1", "111122223333", "1", arn},
		{"eu-west-1", "111122223333", "alias/x", "arn:aws:kms:eu-west-1:111122223333:alias/x"},
		{"", "111122223333", "1", ""},
		{"eu-west-1", "", "alias/x", ""},
		{"eu-west-1", "111122223333", "", ""},
	} {
		if got := KeyARN("aws", tc.region, tc.owner, tc.id); got != tc.want {
			t.Errorf("KeyARN(%q, %q, %q) = %q, want %q", tc.region, tc.owner, tc.id, got, tc.want)
		}
	}
}
