package bundle

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cfdoctor/internal/source/sourcetest"
)

const head = `{"format":"cfdoctor-bundle/v1","captured_at":1795168800,`

func TestParse(t *testing.T) {
	for _, captured := range []string{`"2026-11-20T10:00:00Z"`, `"2026-11-20T12:00:00+02:00"`, `1795168800`, `1795168800.0`} {
		b := parse(t, "\ufeff"+`{"format":"cfdoctor-bundle/v1","captured_at":`+captured+`,"account":"123456789012","calls":[],"probes":[{"service":"probe","operation":"DNS","params":{"Name":"o.example.com"},"output":{"Rcode":"NXDOMAIN"}}],"more":{"a":[1]}}`)
		if want := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC); !b.CapturedAt.Equal(want) {
			t.Errorf("captured_at %s is read as %v", captured, b.CapturedAt)
		}
		if b.Account != "123456789012" || b.Probes != 1 || b.Len() != 1 {
			t.Errorf("read as %+v", b)
		}
	}
}

// TestBrokenFile wants the whole line: file, line, member and what is wrong.
func TestBrokenFile(t *testing.T) {
	for _, tc := range []struct{ name, text, want string }{
		{"empty", " \n", "o.json: the file is empty"},
		{"binary", "\x7fELF\x00", "o.json: not a JSON text: the file is binary"},
		{"compressed", "\x1f\x8b\x08abc", "o.json: not a JSON text: the file is binary"},
		{"no JSON", "hello", "o.json:1: not valid JSON: invalid character 'h' at start of value"},
		{"a list", "[]", "o.json:1: want an object, not a list"},
		{"another object", `{"a":1}`, "o.json: format: missing"},
		{"another version", `{"format":"cfdoctor-bundle/v9"}`, `o.json:1: format: "cfdoctor-bundle/v9" is not a format that this version reads: want "cfdoctor-bundle/v1"`},
		{"format of another type", `{"format":1}`, "o.json:1: format: want a string, not a number"},
		{"no time", `{"format":"cfdoctor-bundle/v1","calls":[]}`, "o.json: captured_at: missing"},
		{"no time at all", `{"format":"cfdoctor-bundle/v1","captured_at":null,"calls":[]}`, `o.json:1: captured_at: "null" is not a time: want ISO 8601 or seconds since 1970`},
		{"wrong time", "{\n\"captured_at\":\n\"today\"}", `o.json:3: captured_at: "today" is not a time: want ISO 8601 or seconds since 1970`},
		{"no calls", `{"format":"cfdoctor-bundle/v1","captured_at":1}`, "o.json: calls: missing"},
		{"calls of another type", head + `"calls":{}}`, "o.json:1: calls: want a list, not an object"},
		{"account of another type", head + `"account":1,"calls":[]}`, "o.json:1: account: want a string, not a number"},
		{"probes of another type", head + `"calls":[],"probes":"x"}`, "o.json:1: probes: want a list, not a string"},
		{"probe of another service", head + `"calls":[],"probes":[{"service":"s3","operation":"A","output":{}}]}`, `o.json:1: probes[0].service: a probe's is "probe", not "s3"`},
		{"probe among the calls", head + `"calls":[{"service":"probe","operation":"DNS","output":{}}]}`, "o.json:1: calls[0].service: a probe belongs among the probes"},
		{"probe without an answer", head + "\"calls\":[],\"probes\":[\n{\"service\":\"probe\",\"operation\":\"DNS\"}]}", "o.json:2: probes[0]: neither output nor error"},
		{"duplicate", head + "\"calls\":[],\n\"calls\":[]}", "o.json:2: calls: the member stands here a second time"},
		{"trailing", head + "\"calls\":[]}\n{}", "o.json:2: something follows the end of the bundle"},
		{"cut off", head + "\"calls\":[\n{\"service\":\"s3\",", "o.json:2: calls[0].service: the file ends in the middle: it is cut off"},
		{"call of another type", head + "\"calls\":[\n7]}", "o.json:2: calls[0]: want an object, not a number"},
		{"no service", head + "\"calls\":[\n{\"operation\":\"A\",\"output\":{}}]}", "o.json:2: calls[0].service: missing"},
		{"no operation", head + "\"calls\":[\n{\"service\":\"s3\",\n\"output\":{}}]}", "o.json:2: calls[0].operation: missing"},
		{"empty service", head + "\"calls\":[\n{\"service\":\"\"}]}", "o.json:2: calls[0].service: empty"},
		{"no answer", head + "\"calls\":[\n{\"service\":\"s3\",\"operation\":\"A\",\"output\":null}]}", "o.json:2: calls[0]: neither output nor error"},
		{"two answers", head + `"calls":[{"service":"s3","operation":"A","output":{},"error":{"code":"X"}}]}`, "o.json:1: calls[0]: both output and error"},
		{"output of another type", withCalls(`{"service":"s3","operation":"A","output":{}}`, "{\"service\":\"s3\",\n\"output\":\"x\"}"), "o.json:4: calls[1].output: want an object, not a string"},
		{"params of another type", withCalls(`{"params":[]}`), "o.json:2: calls[0].params: want an object, not a list"},
		{"error of another type", withCalls(`{"error":"NoSuchKey"}`), "o.json:2: calls[0].error: want an object, not a string"},
		{"error without code", withCalls(`{"error":{"message":"x"}}`), "o.json:2: calls[0].error: its code is missing"},
		{"status of another type", withCalls("{\"error\":{\"code\":\"X\",\n\"http_status\":\"404\"}}"), "o.json:3: calls[0].error.http_status: want a number, not a string"},
		{"status no integer", withCalls(`{"error":{"code":"X","http_status":404.5}}`), "o.json:2: calls[0].error.http_status: invalid syntax"},
		{"duplicate in an output", withCalls("{\"output\":{\"A\":1,\n\"A\":2}}"), "o.json:3: calls[0].output.A: the member stands here a second time"},
		{"member's name with a line break", head + `"a\nb":[1,,2]}`, `o.json:1: "a\nb"[1]: not valid JSON: invalid character ',' at start of value`},
		{"not UTF-8", withCalls("{\"service\":\"\xff\"}"), "o.json:2: calls[0].service: not valid JSON: invalid UTF-8"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := Parse(strings.NewReader(tc.text), "o.json", MaxSize)
			var broken *Error
			if !errors.As(err, &broken) {
				t.Fatalf("got %v, want an *Error", err)
			}
			if got := err.Error(); got != tc.want {
				t.Errorf("\ngot  %s\nwant %s", got, tc.want)
			}
		})
	}
}

func TestTooLarge(t *testing.T) {
	_, err := Parse(strings.NewReader(strings.Repeat(" ", 2<<20)+withCalls()), "o.json", 2<<20)
	if err == nil || err.Error() != "o.json: larger than 2 MB, the most that is read" {
		t.Errorf("got %v", err)
	}
}

func TestOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "account.json")
	_, err := Open(path)
	if want := path + ": no such file or directory"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if err := os.WriteFile(path, sourcetest.Account(), 0o600); err != nil {
		t.Fatal(err)
	}
	b, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if about := b.About(); about.Kind != "bundle" || about.Account != "123456789012" || about.Detail != path {
		t.Errorf("about is %+v", about)
	}
}

// FuzzParse wants every failure in one line that begins with the file's name.
func FuzzParse(f *testing.F) {
	f.Add(string(sourcetest.Account()))
	f.Add(head + `"calls":[{"service":"s3","operation":"A","params":{"B":[1,"x"]},"error":{"code":"X"}}]}`)
	f.Add(head + `"calls":[{"output":`)
	f.Fuzz(func(t *testing.T, text string) {
		_, err := Parse(strings.NewReader(text), "o.json", 1<<20)
		if err == nil {
			return
		}
		var broken *Error
		if !errors.As(err, &broken) {
			t.Fatalf("%T is no *Error", err)
		}
		if line := err.Error(); strings.ContainsAny(line, "\n\r") || !strings.HasPrefix(line, "o.json") {
			t.Errorf("not one line about the file: %q", line)
		}
	})
}
