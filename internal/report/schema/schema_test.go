package schema

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
	"github.com/google/jsonschema-go/jsonschema"

	"cfdoctor/internal/blackbox"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/report"
)

var update = flag.Bool("update", false, "write the schema anew")

// document is one JSON form that has a schema.
type document struct {
	file, version string
	root          reflect.Type
	sources       []string // the files with the structs' comments
	// enums are the members that take one of a fixed set of values, by struct and JSON name.
	enums map[string][]any
}

func diagnosisDocument() document {
	return document{
		file: "cfdoctor-diagnosis-v1.json", version: report.SchemaVersion, root: reflect.TypeFor[report.Report](),
		sources: []string{"../report.go", "../../evidence/fact.go"}, enums: diagnosisEnums,
	}
}

func probeDocument() document {
	return document{
		file: "cfdoctor-probe-v1.json", version: blackbox.SchemaVersion, root: reflect.TypeFor[blackbox.Report](),
		sources: []string{"../../blackbox/report.go"},
		enums: map[string][]any{
			"Report.schema":    {blackbox.SchemaVersion},
			"Report.state":     {blackbox.Fine, blackbox.Failing, blackbox.Unknown},
			"Answer.certainty": {"certain", "likely", "possible"},
			"Problem.level":    {"error", "warning", "note"},
			"Version.state":    {"answered", "failed", "unknown", "not-offered"},
			"Plain.state":      {"redirects", "redirects-elsewhere", "serves", "refuses", "failed", "unknown"},
			"DNS.state":        {"known", "absent", "given", "unknown"},
			"TLS.state":        {"known", "unknown"},
		},
	}
}

var diagnosisEnums = map[string][]any{
	"Report.schema":      {report.SchemaVersion},
	"Source.kind":        {"sdk", "cli", "mcp", "bundle"},
	"Task.status":        {"done", "partial", "skipped", "failed"},
	"Dependency.state":   {"present", "missing", "unknown"},
	"Outcome.certainty":  {"certain", "likely", "unknown"},
	"Seen.certainty":     {"certain", "likely", "possible"},
	"Step.verdict":       {"pass", "stop", "rewrite", "unknown", "skipped"},
	"Finding.severity":   {"critical", "high", "medium", "low"},
	"Finding.likelihood": {"confirmed", "likely", "possible"},
	"Fix.complexity":     {"quick", "standard", "advanced"},
	"Fix.confidence":     {"high", "medium", "low"},
	"Proof.method":       {"simulated", "none"},
	"Symptom.scheme":     {"http", "https"},
}

func TestSchemaIsUpToDate(t *testing.T) {
	for committed, d := range map[string]document{Diagnosis(): diagnosisDocument(), Probe(): probeDocument()} {
		got := generate(t, d)
		if *update {
			if err := os.WriteFile(d.file, got, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if diff := cmp.Diff(committed, string(got)); diff != "" {
			t.Errorf("%s is stale; go test ./internal/report/... -update writes it anew (-committed +generated):\n%s", d.file, diff)
		}
	}
}

func TestSchemaRefuses(t *testing.T) {
	schema := resolved(t)
	tests := []struct {
		name    string
		mangle  func(map[string]any)
		refused bool
	}{
		{"nothing", func(map[string]any) {}, false},
		{"a member of a later version", func(m map[string]any) { m["later"] = 1 }, false},
		{"null for a list", func(m map[string]any) { m["findings"] = nil }, true},
		{"a missing member", func(m map[string]any) { delete(m, "trace") }, true},
		{"another schema", func(m map[string]any) { m["schema"] = "cfdoctor-diagnosis/v2" }, true},
		{"an unknown severity", func(m map[string]any) {
			m["findings"].([]any)[0].(map[string]any)["severity"] = "fatal"
		}, true},
		{"a number for a text", func(m map[string]any) { m["generated_at"] = 1 }, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			instance := example(t)
			test.mangle(instance)
			if err := schema.Validate(instance); (err != nil) != test.refused {
				t.Errorf("Validate = %v, want refused: %v", err, test.refused)
			}
		})
	}
}

func resolved(t *testing.T) *jsonschema.Resolved {
	t.Helper()
	var s jsonschema.Schema
	if err := json.Unmarshal(generate(t, diagnosisDocument()), &s); err != nil {
		t.Fatal(err)
	}
	out, err := s.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// example is the smallest report with one finding, as a program that reads JSON sees it.
func example(t *testing.T) map[string]any {
	t.Helper()
	text, err := json.Marshal(report.Report{
		Schema: report.SchemaVersion, Source: report.Source{Kind: "bundle"}, Symptom: report.Symptom{Scheme: "https"},
		Trace: report.Trace{Outcome: report.Outcome{Certainty: "certain"}}, Findings: []report.Finding{{Severity: "high", Likelihood: "likely"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// generate builds the schema: one definition for each struct, with the doc comments of the code as descriptions.
func generate(t *testing.T, d document) []byte {
	t.Helper()
	docs := comments(t, d.sources...)
	types := structs(d.root, nil)
	root := &jsonschema.Schema{
		Schema: "https://json-schema.org/draft/2020-12/schema", Title: d.version,
		Ref: ref("Report"), Defs: map[string]*jsonschema.Schema{},
	}
	for _, typ := range types {
		root.Defs[typ.Name()] = define(t, typ, types, docs, d.enums)
	}
	for member := range d.enums {
		name, property, _ := strings.Cut(member, ".")
		if def := root.Defs[name]; def == nil || def.Properties[property] == nil {
			t.Errorf("the enum %s is of no member", member)
		}
	}
	out, err := json.Marshal(root, json.Deterministic(true), jsontext.WithIndent("  "))
	if err != nil {
		t.Fatal(err)
	}
	return append(out, '\n')
}

func ref(name string) string { return "#/$defs/" + name }

// structs lists the struct types that a type is made of, itself first.
func structs(typ reflect.Type, found []reflect.Type) []reflect.Type {
	switch typ.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		return structs(typ.Elem(), found)
	case reflect.Struct:
		if slices.Contains(found, typ) {
			return found
		}
		found = append(found, typ)
		for i := range typ.NumField() {
			if typ.Field(i).IsExported() {
				found = structs(typ.Field(i).Type, found)
			}
		}
	}
	return found
}

func define(t *testing.T, typ reflect.Type, types []reflect.Type, docs map[string]string, enums map[string][]any) *jsonschema.Schema {
	t.Helper()
	others := map[reflect.Type]*jsonschema.Schema{}
	for _, other := range types {
		if other != typ {
			others[other] = &jsonschema.Schema{Ref: ref(other.Name())}
		}
	}
	s, err := jsonschema.ForType(typ, &jsonschema.ForOptions{TypeSchemas: others})
	if err != nil {
		t.Fatal(err)
	}
	s.Description = docs[typ.Name()]
	// A later version may add members; whoever validates with this schema must not refuse them.
	s.AdditionalProperties = nil
	for name, property := range s.Properties {
		tidy(property)
		property.Description = docs[typ.Name()+"."+name]
		property.Enum = enums[typ.Name()+"."+name]
	}
	return s
}

// tidy takes null away from lists and maps: the report writes [] and {}. What may be nil is left out (omitzero), so a member is never null.
func tidy(s *jsonschema.Schema) {
	if s.Ref != "" {
		s.Types = nil
	}
	if len(s.Types) == 2 && s.Types[0] == "null" && s.Types[1] != "boolean" {
		s.Type, s.Types = s.Types[1], nil
	}
}

// comments reads the doc comments of structs ("Report") and of their members ("Report.generated_at").
func comments(t *testing.T, files ...string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, name := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range parsed.Decls {
			gen, ok := decl.(*ast.GenDecl)
			if !ok || gen.Tok != token.TYPE {
				continue
			}
			for _, spec := range gen.Specs {
				typ := spec.(*ast.TypeSpec)
				if s, ok := typ.Type.(*ast.StructType); ok {
					out[typ.Name.Name] = oneLine(gen.Doc)
					members(out, typ.Name.Name, s)
				}
			}
		}
	}
	return out
}

func members(out map[string]string, typ string, s *ast.StructType) {
	for _, field := range s.Fields.List {
		if field.Tag == nil {
			continue
		}
		tag := reflect.StructTag(strings.Trim(field.Tag.Value, "`")).Get("json")
		name, _, _ := strings.Cut(tag, ",")
		out[fmt.Sprintf("%s.%s", typ, name)] = strings.TrimSpace(oneLine(field.Doc) + " " + oneLine(field.Comment))
	}
}

func oneLine(c *ast.CommentGroup) string { return strings.Join(strings.Fields(c.Text()), " ") }

// TestStructsAreNamedApart makes sure that two structs of the same name do not share a definition.
func TestStructsAreNamedApart(t *testing.T) {
	seen := map[string]reflect.Type{}
	for _, typ := range structs(reflect.TypeFor[report.Report](), nil) {
		if other, ok := seen[typ.Name()]; ok {
			t.Errorf("%v and %v have the same name", typ, other)
		}
		seen[typ.Name()] = typ
	}
	if _, ok := seen[reflect.TypeFor[evidence.Ref]().Name()]; !ok {
		t.Error("the report holds no evidence")
	}
}
