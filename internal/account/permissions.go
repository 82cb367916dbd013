package account

import (
	"maps"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Permissions lists the IAM actions that all operations need, sorted, each once.
func Permissions() []string {
	set := map[string]bool{}
	for _, op := range operations {
		set[op.Permission] = true
	}
	return slices.Sorted(maps.Keys(set))
}

// Permission is the IAM action that allows an operation, named as "s3:GetBucketPolicy" is; "" for an operation that cfdoctor does not call.
func Permission(operation string) string { return byName[operation].Permission }

// PolicyDocument is an IAM policy that allows the actions on everything, as indented JSON. What a diagnosis reads is not known beforehand,
// so the resource is "*"; all actions of this package only read.
func PolicyDocument(actions []string) string {
	type statement struct {
		Sid      string
		Effect   string
		Action   []string
		Resource string
	}
	doc := struct {
		Version   string
		Statement []statement
	}{"2012-10-17", []statement{{"CfdoctorReads", "Allow", actions, "*"}}}
	out, err := json.Marshal(doc, jsontext.WithIndent("  "), json.Deterministic(true))
	if err != nil {
		panic(err) // strings only
	}
	return string(out)
}
