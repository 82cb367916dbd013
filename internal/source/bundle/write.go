package bundle

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"cfdoctor/internal/evidence"
	"cfdoctor/internal/observed"
	"cfdoctor/internal/source"
)

// Recording is what goes into a bundle.
type Recording struct {
	CapturedAt time.Time
	Account    string
	Records    []evidence.Record // in any order, probes among them
}

// Summary tells what was written.
type Summary struct {
	Calls    int // recorded calls of AWS's services
	Probes   int // recorded probes of active validation
	Redacted int // different secrets that were replaced
}

// line is one call as it is written.
type line struct {
	Service   string            `json:"service"`
	Operation string            `json:"operation"`
	Region    string            `json:"region,omitzero"`
	Params    map[string]any    `json:"params,omitzero"`
	Output    jsontext.Value    `json:"output,omitzero"`
	Error     *evidence.Problem `json:"error,omitzero"`
}

// Write writes a bundle: one call a line, in an order that depends on nothing but the calls.
//
// Secrets are replaced by numbered placeholders, equal ones by equal placeholders, so that comparisons between them still hold; see redact.go
// for what counts as one. The code of CloudFront Functions is kept as it is, for the diagnosis runs it.
//
// Denied and absent answers are written as AWS's errors. Failed ones are left out, unless a less specific record would then answer
// in their place: a failure must not read as somebody else's answer.
func Write(w io.Writer, r Recording) (Summary, error) {
	records := slices.Clone(r.Records)
	slices.SortFunc(records, func(a, b evidence.Record) int { return cmp.Compare(a.Call.Key(), b.Call.Key()) })
	answers, err := index(records)
	if err != nil {
		return Summary{}, err
	}
	redact := newRedactor(r)
	var summary Summary
	var out bytes.Buffer
	if err := writeHead(&out, r); err != nil {
		return Summary{}, err
	}
	calls, probes := divide(slices.DeleteFunc(records, func(rec evidence.Record) bool { return !kept(rec) && !shadowed(answers, rec) }))
	summary.Calls, summary.Probes = len(calls), len(probes)
	if err := writeLines(&out, calls, redact); err != nil {
		return Summary{}, err
	}
	if len(probes) > 0 {
		out.WriteString(`,"probes":[`)
		if err := writeLines(&out, probes, redact); err != nil {
			return Summary{}, err
		}
	}
	out.WriteString("}\n")
	summary.Redacted = redact.count()
	_, err = out.WriteTo(w)
	return summary, err
}

// divide parts the calls of AWS's services from the probes.
func divide(records []evidence.Record) (calls, probes []evidence.Record) {
	for _, rec := range records {
		if observed.IsProbe(rec.Call) {
			probes = append(probes, rec)
		} else {
			calls = append(calls, rec)
		}
	}
	return calls, probes
}

// writeLines writes the rest of a list, one record a line.
func writeLines(out *bytes.Buffer, records []evidence.Record, redact *redactor) error {
	for i, rec := range records {
		text, err := encodeLine(rec, redact)
		if err != nil {
			return fmt.Errorf("%s: %w", rec.Call.Name(), err)
		}
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteByte('\n')
		out.Write(text)
	}
	out.WriteString("\n]")
	return nil
}

// Save writes a bundle to a file that only its owner can read. The file appears whole or not at all.
func Save(path string, r Recording) (Summary, error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*") // mode 0600
	if err != nil {
		return Summary{}, fmt.Errorf("write %s: %w", path, err)
	}
	summary, err := Write(f, r)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return Summary{}, fmt.Errorf("write %s: %w", path, errors.Join(err, os.Remove(f.Name())))
	}
	return summary, nil
}

// kept reports whether a record goes into a bundle for its own sake.
func kept(rec evidence.Record) bool {
	switch rec.State {
	case evidence.Known, evidence.Denied, evidence.Absent:
		return true
	}
	return false
}

// shadowed reports whether a failed record would be answered by another one.
func shadowed(answers *Bundle, rec evidence.Record) bool {
	if rec.State != evidence.Failed || rec.Problem == nil {
		return false
	}
	_, err := answers.Do(context.Background(), rec.Call)
	return !errors.Is(err, source.ErrNotCaptured)
}

// index makes a bundle of the records that are kept, to see what it would answer.
func index(records []evidence.Record) (*Bundle, error) {
	b := &Bundle{}
	for _, rec := range records {
		if !kept(rec) {
			continue
		}
		p, err := paramsOf(rec.Call.Params)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", rec.Call.Name(), err)
		}
		b.add(rec.Call.Name(), recorded{region: rec.Call.Region, params: p, output: rec.Output, err: rec.Problem})
	}
	b.sortIndex()
	return b, nil
}

func writeHead(out *bytes.Buffer, r Recording) error {
	head, err := json.Marshal(struct {
		Format     string    `json:"format"`
		CapturedAt time.Time `json:"captured_at"`
		Account    string    `json:"account,omitzero"`
	}{Format, r.CapturedAt.UTC(), r.Account})
	if err != nil {
		return fmt.Errorf("write the head: %w", err)
	}
	out.Write(bytes.TrimSuffix(head, []byte("}")))
	out.WriteString(`,"calls":[`)
	return nil
}

func encodeLine(rec evidence.Record, redact *redactor) (jsontext.Value, error) {
	l := line{Service: rec.Call.Service, Operation: rec.Call.Operation, Region: rec.Call.Region}
	if len(rec.Call.Params) > 0 {
		l.Params = rec.Call.Params
	}
	if observed.IsProbe(rec.Call) {
		// A request's path may be a signed one. Without its signature the recording answers another request, which is no request at all.
		l.Params = redact.tree("", jsonCopy(rec.Call.Params)).(map[string]any)
	}
	switch rec.State {
	case evidence.Known:
		if rec.Output.Kind() != '{' {
			return nil, errors.New("the answer is no recorded one")
		}
		output, err := redact.value(rec.Output)
		if err != nil {
			return nil, err
		}
		l.Output = output
	default:
		problem := evidence.Problem{Code: "NotFound", HTTPStatus: 404}
		if rec.Problem != nil {
			problem = *rec.Problem
			problem.Message = redact.text(problem.Message)
		}
		l.Error = &problem
	}
	text, err := json.Marshal(l, json.Deterministic(true))
	if err != nil {
		return nil, err
	}
	return text, (*jsontext.Value)(&text).Compact()
}

// jsonCopy copies params, so that redacting them leaves the originals alone.
func jsonCopy(params map[string]any) map[string]any {
	out := make(map[string]any, len(params))
	for name, value := range params {
		if list, ok := value.([]any); ok {
			value = slices.Clone(list)
		}
		out[name] = value
	}
	return out
}
