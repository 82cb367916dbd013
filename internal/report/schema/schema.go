// Package schema holds the JSON Schemas (draft 2020-12) of a diagnosis and of a probe, generated from the structs of packages report and blackbox.
//
// A test fails where the committed schemas and the structs differ; `go test ./internal/report/... -update` writes them anew.
package schema

import _ "embed"

//go:embed cfdoctor-diagnosis-v1.json
var diagnosis string

// Diagnosis returns the schema of "cfdoctor-diagnosis/v1".
func Diagnosis() string { return diagnosis }

//go:embed cfdoctor-probe-v1.json
var probe string

// Probe returns the schema of "cfdoctor-probe/v1".
func Probe() string { return probe }
