package sdk

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/source"
	"cfdoctor/internal/source/pages"
	"cfdoctor/internal/source/sourcetest"
)

// isolate keeps this machine's AWS configuration out of a test and gives it credentials that nobody checks.
func isolate(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN", "AWS_MAX_ATTEMPTS"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(dir, "config"))
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(dir, "credentials"))
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "example")
}

// serve opens a door to a server.
func serve(t *testing.T, attempts int, handler http.HandlerFunc) *Source {
	t.Helper()
	isolate(t)
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	door, err := Open(t.Context(), Options{Region: "us-east-1", EndpointURL: server.URL, MaxAttempts: attempts})
	if err != nil {
		t.Fatal(err)
	}
	return door
}

// TestContract answers from recorded traffic of AWS's wire protocols.
func TestContract(t *testing.T) {
	answers := readWire(t)
	sourcetest.Run(t, func(t *testing.T) source.Source {
		return serve(t, 1, func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				t.Error(err)
			}
			answer, ok := answers[exchange{Method: r.Method, URI: r.RequestURI, Target: r.Header.Get("X-Amz-Target"), Body: string(body)}.key()]
			if !ok {
				http.Error(w, "no such request", http.StatusBadRequest)
				return
			}
			for name, value := range answer.Headers {
				w.Header().Set(name, value)
			}
			w.WriteHeader(answer.Status)
			_, _ = io.WriteString(w, answer.Answer)
		})
	})
}

// exchange is one line of testdata/wire.json, which a test in e2e writes and keeps fresh.
type exchange struct {
	Method  string            `json:"method"`
	URI     string            `json:"uri"`
	Target  string            `json:"target"`
	Body    string            `json:"body"`
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers"`
	Answer  string            `json:"answer"`
}

func (e exchange) key() string {
	return strings.Join([]string{e.Method, e.URI, e.Target, e.Body}, "\n")
}

func readWire(t *testing.T) map[string]exchange {
	f, err := os.Open("testdata/wire.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	out := map[string]exchange{}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var e exchange
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		out[e.key()] = e
	}
	return out
}

func TestTableIsAccountsOperations(t *testing.T) {
	have := map[string]bool{}
	for _, op := range operations {
		name := op.service + ":" + op.name
		if have[name] {
			t.Errorf("%s is in the table twice", name)
		}
		have[name] = true
	}
	for _, op := range account.Operations() {
		name := op.Service + ":" + op.Name
		if !have[name] {
			t.Errorf("%s is missing in the table", name)
		}
		delete(have, name)
	}
	for name := range have {
		t.Errorf("%s is no operation of package account", name)
	}
	for _, name := range pages.Operations() {
		if service, operation, _ := strings.Cut(name, ":"); !inTable(service, operation) {
			t.Errorf("paging has %s, the table has not", name)
		}
	}
}

func inTable(service, operation string) bool {
	for _, op := range operations {
		if op.service == service && op.name == operation {
			return true
		}
	}
	return false
}

func TestThrottledCallIsRepeated(t *testing.T) {
	var asked atomic.Int32
	door := serve(t, 2, func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = io.WriteString(w, "<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>")
			return
		}
		_, _ = io.WriteString(w, `{"Version":"2012-10-17"}`)
	})
	got, err := door.Do(t.Context(), account.BucketPolicy("example-site").Call)
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"Policy":"{\"Version\":\"2012-10-17\"}"}`; string(got) != want || asked.Load() != 2 {
		t.Errorf("got %s after %d requests, want %s after 2", got, asked.Load(), want)
	}
}

func TestBucketOfAnotherRegion(t *testing.T) {
	var regions []string
	door := serve(t, 1, func(w http.ResponseWriter, r *http.Request) {
		region := strings.Split(r.Header.Get("Authorization"), "/")[2]
		regions = append(regions, region)
		if region != "eu-west-1" {
			w.Header().Set("X-Amz-Bucket-Region", "eu-west-1")
			w.WriteHeader(http.StatusMovedPermanently)
			_, _ = io.WriteString(w, "<Error><Code>PermanentRedirect</Code></Error>")
			return
		}
		_, _ = io.WriteString(w, `{}`)
	})
	for range 2 {
		if _, err := door.Do(t.Context(), account.BucketPolicy("example-site").Call); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := strings.Join(regions, " "), "us-east-1 eu-west-1 eu-west-1"; got != want {
		t.Errorf("asked in %s, want %s", got, want)
	}
}

func TestPages(t *testing.T) {
	const page = `<DistributionList><Marker></Marker><MaxItems>1</MaxItems><Quantity>1</Quantity>%NEXT%` +
		`<Items><DistributionSummary><Id>%ID%</Id></DistributionSummary></Items></DistributionList>`
	answer := func(id, next string) string {
		return strings.NewReplacer("%ID%", id, "%NEXT%", next).Replace(page)
	}
	door := serve(t, 1, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Query().Get("Marker") {
		case "":
			_, _ = io.WriteString(w, answer("E1", "<IsTruncated>true</IsTruncated><NextMarker>E2</NextMarker>"))
		case "E2":
			_, _ = io.WriteString(w, answer("E2", "<IsTruncated>true</IsTruncated><NextMarker>E3</NextMarker>"))
		default:
			_, _ = io.WriteString(w, answer("E3", "<IsTruncated>false</IsTruncated>"))
		}
	})
	got, err := door.Do(t.Context(), account.Distributions().Call)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"DistributionList":{"Marker":"","MaxItems":1,"Quantity":3,"IsTruncated":false,"Items":[{"Id":"E1"},{"Id":"E2"},{"Id":"E3"}]}}`
	if diff := sourcetest.Diff(jsontext.Value(want), got); diff != "" {
		t.Error(diff)
	}
}

func TestPageThatLeadsToItself(t *testing.T) {
	door := serve(t, 1, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"NextMarker":"again","Functions":[]}`)
	})
	if got, err := door.Do(t.Context(), account.Functions("us-east-1").Call); err == nil {
		t.Errorf("got %s, want an error", got)
	}
}

func TestUnknownParamIsRefused(t *testing.T) {
	door := serve(t, 1, func(http.ResponseWriter, *http.Request) { t.Error("the call was made") })
	call := evidence.Call{Service: "s3", Operation: "GetBucketPolicy", Params: map[string]any{"Bukcet": "example-site"}}
	if _, err := door.Do(t.Context(), call); err == nil {
		t.Error("want an error")
	}
	if _, err := door.Do(t.Context(), evidence.Call{Service: "s3", Operation: "DeleteBucket"}); err == nil {
		t.Error("want an error for an operation that is not in the table")
	}
}

func TestNoCredentials(t *testing.T) {
	isolate(t)
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	_, err := Open(t.Context(), Options{})
	if !errors.Is(err, ErrNoCredentials) {
		t.Fatalf("got %v, want ErrNoCredentials", err)
	}
	if text := err.Error(); strings.Contains(text, "\n") || !strings.Contains(text, "aws configure") {
		t.Errorf("the error does not say in one line what to do: %q", text)
	}
	if _, err := Open(t.Context(), Options{Profile: "nobody"}); err == nil || !strings.Contains(err.Error(), `"nobody"`) {
		t.Errorf("the error does not name the profile: %v", err)
	}
}

func TestProfile(t *testing.T) {
	isolate(t)
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	config := "[profile work]\nregion = eu-west-1\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = example\n"
	if err := os.WriteFile(os.Getenv("AWS_CONFIG_FILE"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	door, err := Open(t.Context(), Options{Profile: "work"})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := door.About().Detail, "profile work, Region eu-west-1"; got != want {
		t.Errorf("detail is %q, want %q", got, want)
	}
}

func TestWithoutAccount(t *testing.T) {
	for _, tc := range []struct{ address, endpoint, want string }{
		{"123456789012.127.0.0.1:5000", "", "127.0.0.1:5000"},
		{"123456789012.localhost:5000", "", "localhost:5000"},
		{"123456789012.moto:5000", "", "moto:5000"},
		{"123456789012.aws.example.com:443", "aws.example.com", "aws.example.com:443"},
		{"123456789012.s3-control.us-east-1.amazonaws.com:443", "", "123456789012.s3-control.us-east-1.amazonaws.com:443"},
		{"cloudfront.amazonaws.com:443", "", "cloudfront.amazonaws.com:443"},
		{"127.0.0.1:5000", "127.0.0.1", "127.0.0.1:5000"},
		{"[::1]:5000", "", "[::1]:5000"},
	} {
		if got := withoutAccount(tc.address, tc.endpoint); got != tc.want {
			t.Errorf("withoutAccount(%q, %q) = %q, want %q", tc.address, tc.endpoint, got, tc.want)
		}
	}
}
