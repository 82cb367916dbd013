// Package schema holds the JSON Schema (draft 2020-12) of a diagnosis, generated from the structs of package report.
//
// A test fails where the committed schema and the structs differ; `go test ./internal/report/... -update` writes it anew.
package schema

import _ "embed"

//go:embed cfdoctor-diagnosis-v1.json
var diagnosis string

// Diagnosis returns the schema of "cfdoctor-diagnosis/v1".
func Diagnosis() string { return diagnosis }
