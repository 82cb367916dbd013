package policy

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseErrorsNameTheMember(t *testing.T) {
	allow := func(members string) string {
		return statements(`{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"},{"Effect":"Allow"` + members + `}`)
	}
	for _, tc := range []struct {
		name, document, field, problem string
	}{
		{"nothing", " \n", "", "is empty"},
		{"byte order mark", "\ufeff{}", "", "byte order mark"},
		{"not UTF-8", "{\"Id\":\"\xff\"}", "", "not UTF-8"},
		{"not JSON", "{", "", "ends too early"},
		{"syntax", `{"Statement":[{]}`, "Statement[0]", "not valid JSON"},
		{"trailing text", `{"Statement":[]} x`, "", "text after the end"},
		{"two documents", `{"Statement":[]}{}`, "", "text after the end"},
		{"a list", `[]`, "", "must be an object, not a list"},
		{"no statement", `{"Version":"2012-10-17"}`, "Statement", "is missing"},
		{"statement is text", `{"Statement":"x"}`, "Statement", "an object or a list of objects, not a string"},
		{"statement is null", `{"Statement":[null]}`, "Statement[0]", "an object, not null"},
		{"version", `{"Version":"2012-10-18","Statement":[]}`, "Version", `"2012-10-18"`},
		{"version is a number", `{"Version":2012,"Statement":[]}`, "Version", "a string, not a number"},
		{"duplicate", `{"Statement":[],"Statement":[]}`, "Statement", "more than once"},
		{"duplicate inside", `{"Statement":[{"Effect":"Allow","Effect":"Deny"}]}`, "Statement[0].Effect", "more than once"},
		{"duplicate operator", allow(`,"Principal":"*","Action":"*","Condition":{"Bool":{},"Bool":{}}`), "Statement[1].Condition.Bool", "more than once"},
		{"duplicate in an unknown member", `{"Extra":{"a":1,"a":2},"Statement":[]}`, "Extra.a", "more than once"},
		{"no effect", `{"Statement":[{}]}`, "Statement[0].Effect", "is missing"},
		{"effect", `{"Statement":[{"Effect":"allow"}]}`, "Statement[0].Effect", `"allow"`},
		{"no principal", allow(`,"Action":"*"`), "Statement[1]", "neither Principal nor NotPrincipal"},
		{"both principals", allow(`,"Principal":"*","NotPrincipal":"*"`), "Statement[1]", "both Principal and NotPrincipal"},
		{"principal is a name", allow(`,"Principal":"cloudfront.amazonaws.com"`), "Statement[1].Principal", `must be "*" or an object`},
		{"principal is a list", allow(`,"Principal":["*"]`), "Statement[1].Principal", "not a list"},
		{"principal of nobody", allow(`,"Principal":{}`), "Statement[1].Principal", "names nobody"},
		{"account is a number", allow(`,"Principal":{"AWS":123456789012}`), "Statement[1].Principal.AWS", "not a number"},
		{"no action", allow(`,"Principal":"*"`), "Statement[1]", "neither Action nor NotAction"},
		{"no actions", allow(`,"Principal":"*","Action":[]`), "Statement[1].Action", "empty list"},
		{"action in a list", allow(`,"Principal":"*","Action":["s3:*",1]`), "Statement[1].Action[1]", "a string, not a number"},
		{"both resources", allow(`,"Principal":"*","Action":"*","Resource":"*","NotResource":"x"`), "Statement[1]", "both Resource and NotResource"},
		{"resource", allow(`,"Principal":"*","Action":"*","Resource":{}`), "Statement[1].Resource", "a string or a list, not an object"},
		{"condition", allow(`,"Principal":"*","Action":"*","Condition":[]`), "Statement[1].Condition", "an object, not a list"},
		{"operator", allow(`,"Principal":"*","Action":"*","Condition":{"Bool":"x"}`), "Statement[1].Condition.Bool", "an object, not a string"},
		{"value", allow(`,"Principal":"*","Action":"*","Condition":{"Bool":{"k":null}}`), "Statement[1].Condition.Bool.k", "not null"},
		{"single statement", `{"Statement":{"Effect":"Maybe"}}`, "Statement.Effect", `"Maybe"`},
		{"depth", `{"Statement":[],"x":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`, "x" + strings.Repeat("[0]", maxDepth-1), "nested too deeply"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := Parse(tc.document)
			var pe *ParseError
			if !errors.As(err, &pe) {
				t.Fatalf("error %v is no ParseError", err)
			}
			if pe.Field != tc.field || !strings.Contains(pe.Problem, tc.problem) {
				t.Errorf("field %q, problem %q; want %q, %q", pe.Field, pe.Problem, tc.field, tc.problem)
			}
		})
	}
}

func TestParseKeepsWhatIsWritten(t *testing.T) {
	d := mustParse(t, `{"Id":"P","Version":"2012-10-17","Note":{"x":[1]},"Statement":[{"Sid":"A","Comment":"free","Effect":"Deny",
		"NotPrincipal":{"AWS":"123456789012","Service":["a","b"],"CanonicalUser":"c","Federated":"f","Robot":"r"},
		"NotAction":"s3:Get*","NotResource":["x","y"],
		"Condition":{"NumericLessThan":{"s3:max-keys":10},"Bool":{"aws:SecureTransport":false},"StringLike":{"A:b":["c","d"]}}}]}`)
	if d.ID != "P" || d.Version != Version2012 || len(d.Statements) != 1 {
		t.Fatalf("document %+v", d)
	}
	s := d.Statements[0]
	got := []any{s.Sid, s.Effect, s.NotAction, s.NotResource, s.NotPrincipal.AWS, s.NotPrincipal.Service,
		s.NotPrincipal.CanonicalUser, s.NotPrincipal.Federated, s.NotPrincipal.Other, s.NotPrincipal.Field}
	want := []any{"A", Deny, []string{"s3:Get*"}, []string{"x", "y"}, []string{"123456789012"}, []string{"a", "b"},
		[]string{"c"}, []string{"f"}, []string{"Robot:r"}, "Statement[0].NotPrincipal"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	var conditions []string
	for _, c := range s.Conditions {
		conditions = append(conditions, c.Operator+" "+c.Key+" "+strings.Join(c.Values, ","))
	}
	want2 := []string{"NumericLessThan s3:max-keys 10", "Bool aws:SecureTransport false", "StringLike A:b c,d"}
	if diff := cmp.Diff(want2, conditions); diff != "" {
		t.Errorf("conditions (-want +got):\n%s", diff)
	}
}
