package bundle

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"pgregory.net/rapid"

	"cfdoctor/internal/evidence"
	"cfdoctor/internal/observed"
	"cfdoctor/internal/source"
	"cfdoctor/internal/source/sourcetest"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// write writes a recording and returns the text.
func write(t interface{ Fatal(...any) }, r Recording) string {
	var out bytes.Buffer
	if _, err := Write(&out, r); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestWrite(t *testing.T) {
	call := func(operation, region string, params map[string]any) evidence.Call {
		return evidence.Call{Service: "s3", Operation: operation, Region: region, Params: params}
	}
	got := write(t, Recording{
		CapturedAt: noon, Account: "123456789012",
		Records: []evidence.Record{
			{Call: call("GetBucketPolicy", "", map[string]any{"Bucket": "z"}), State: evidence.Denied, Problem: &evidence.Problem{Code: "AccessDenied", HTTPStatus: 403}},
			{Call: call("GetBucketPolicy", "", map[string]any{"Bucket": "a"}), State: evidence.Absent},
			{Call: call("ListBuckets", "eu-west-1", nil), State: evidence.Known, Output: jsontext.Value("{\n \"B\": 1,\n \"A\": [ ] }")},
			{Call: call("GetBucketCors", "", nil), State: evidence.Failed, Problem: &evidence.Problem{Code: "SlowDown"}},
			{Call: call("GetBucketAcl", "", nil)},
			{Call: observed.DNS(observed.DNSQuestion{Name: "o.example.com", Type: "A"}).Call, State: evidence.Known, Output: jsontext.Value(`{"Rcode": "NXDOMAIN"}`)},
			{Call: observed.HTTP(observed.HTTPQuestion{Scheme: "http", Host: "o", Port: 80, Method: "GET", Path: "/?Signature=abc&a=b"}).Call,
				State: evidence.Known, Output: jsontext.Value(`{"Status": 200}`)},
		},
	})
	want := `{"format":"cfdoctor-bundle/v1","captured_at":"2026-11-20T12:00:00Z","account":"123456789012","calls":[
{"service":"s3","operation":"GetBucketPolicy","params":{"Bucket":"a"},"error":{"code":"NotFound","http_status":404}},
{"service":"s3","operation":"GetBucketPolicy","params":{"Bucket":"z"},"error":{"code":"AccessDenied","http_status":403}},
{"service":"s3","operation":"ListBuckets","region":"eu-west-1","output":{"B":1,"A":[]}}
],"probes":[
{"service":"probe","operation":"DNS","params":{"Name":"o.example.com","Type":"A"},"output":{"Rcode":"NXDOMAIN"}},
{"service":"probe","operation":"HTTP","params":{"Host":"o","Method":"GET","Path":"/?Signature=REDACTED-1&a=b","Port":80,"Scheme":"http"},"output":{"Status":200}}
]}
`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestFailureInTheShadow writes a failed call that a less specific one would answer.
func TestFailureInTheShadow(t *testing.T) {
	failed := evidence.Call{Service: "lambda", Operation: "GetPolicy", Params: map[string]any{"FunctionName": "f", "Qualifier": "live"}}
	whole := evidence.Call{Service: "lambda", Operation: "GetPolicy", Params: map[string]any{"FunctionName": "f"}}
	b := parse(t, write(t, Recording{CapturedAt: noon, Records: []evidence.Record{
		{Call: whole, State: evidence.Known, Output: jsontext.Value(`{"a":1}`)},
		{Call: failed, State: evidence.Failed, Problem: &evidence.Problem{Code: "TooManyRequestsException", HTTPStatus: 429}},
	}}))
	out, err := b.Do(t.Context(), failed)
	if state := source.Classify(failed, out, err).State; state != evidence.Failed {
		t.Errorf("the failed call is %q in the bundle: %s", state, out)
	}
}

func TestEditedAnswerIsNotWritten(t *testing.T) {
	records := []evidence.Record{{Call: evidence.Call{Service: "s3", Operation: "A"}, State: evidence.Known}}
	if _, err := Write(new(bytes.Buffer), Recording{CapturedAt: noon, Records: records}); err == nil {
		t.Error("want an error: there is no recorded output")
	}
}

// TestRoundTrip: a written bundle answers every recorded call as it was answered before, and writes to the same text.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		records := rapid.SliceOfNDistinct(records(), 0, 20, func(r evidence.Record) string { return r.Call.Key() }).Draw(t, "records")
		text := write(t, Recording{CapturedAt: noon, Account: "123456789012", Records: records})
		b, err := Parse(strings.NewReader(text), "x", MaxSize)
		if err != nil {
			t.Fatal(err)
		}
		again := make([]evidence.Record, len(records))
		for i, rec := range records {
			out, err := b.Do(t.Context(), rec.Call)
			again[i] = source.Classify(rec.Call, out, err)
			if !sameAnswer(rec, again[i]) {
				t.Fatalf("%s %v: wrote %v %s %v, read %v %s %v\n%s", rec.Call.Name(), rec.Call.Params,
					rec.State, rec.Output, rec.Problem, again[i].State, again[i].Output, again[i].Problem, text)
			}
		}
		if second := write(t, Recording{CapturedAt: noon, Account: "123456789012", Records: again}); second != text {
			t.Fatalf("written again it is\n%s\nafter\n%s", second, text)
		}
	})
}

func sameAnswer(a, b evidence.Record) bool {
	if a.State == evidence.Failed {
		return b.State == evidence.Failed || b.State == evidence.NotCaptured
	}
	return a.State == b.State && (a.State != evidence.Known || sourcetest.Diff(a.Output, b.Output) == "")
}

// records draws records of few operations and params, so that many of them answer for each other.
func records() *rapid.Generator[evidence.Record] {
	return rapid.Custom(func(t *rapid.T) evidence.Record {
		params := rapid.MapOfN(rapid.SampledFrom([]string{"Bucket", "Key", "MaxItems"}), rapid.OneOf(
			rapid.SampledFrom([]any{"a", "b", "<\"&\u2028>", 1, 1.5, true}),
			rapid.Just[any]([]any{"a", "b"}), rapid.Just[any](map[string]any{"Name": "n", "Values": []any{1, "x"}}),
		), 0, 3).Draw(t, "params")
		rec := evidence.Record{Call: evidence.Call{
			Service: "s3", Operation: rapid.SampledFrom([]string{"A", "B"}).Draw(t, "operation"),
			Region: rapid.SampledFrom([]string{"", "us-east-1", "eu-west-1"}).Draw(t, "region"), Params: params,
		}}
		switch rec.State = rapid.SampledFrom([]evidence.State{evidence.Known, evidence.Denied, evidence.Absent, evidence.Failed}).Draw(t, "state"); rec.State {
		case evidence.Known:
			text := rapid.StringMatching(`[a-z<>&é]{0,8}`).Draw(t, "text")
			rec.Output = jsontext.Value(fmt.Sprintf(`{"N":%d,"Big":12345678901234567890,"T":%q,"L":[{},null]}`, rapid.Int().Draw(t, "n"), text))
		case evidence.Denied:
			rec.Problem = &evidence.Problem{Code: "AccessDenied", Message: "no", HTTPStatus: 403}
		case evidence.Absent:
			rec.Problem = &evidence.Problem{Code: "NoSuchKey", HTTPStatus: 404}
		case evidence.Failed:
			rec.Problem = &evidence.Problem{Code: "SlowDown", HTTPStatus: 503}
		}
		return rec
	})
}

func TestSave(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "account.json")
	for range 2 { // the second time over the first
		if _, err := Save(path, Recording{CapturedAt: noon}); err != nil {
			t.Fatal(err)
		}
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("others may read the bundle: %v", info.Mode())
	}
	if _, err := Open(path); err != nil {
		t.Error(err)
	}
	bad := Recording{CapturedAt: noon, Records: []evidence.Record{{Call: evidence.Call{Service: "s3", Operation: "A"}, State: evidence.Known}}}
	if _, err := Save(path, bad); err == nil {
		t.Error("want an error")
	}
	if files, _ := os.ReadDir(dir); len(files) != 1 {
		t.Errorf("something is left behind: %v", files)
	}
	if _, err := Open(path); err != nil {
		t.Errorf("the failed writing destroyed the file: %v", err)
	}
	if _, err := Save(filepath.Join(dir, "none", "x.json"), Recording{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}
