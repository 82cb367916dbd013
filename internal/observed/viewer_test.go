package observed

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"cfdoctor/internal/evidence"
	"cfdoctor/internal/request"
)

func TestViewerRequestKeepsSecretsBack(t *testing.T) {
	r := request.Request{Method: "GET", Scheme: "https", Host: "www.example.com", Path: "/a", Query: "b=c"}
	r.SetHeader("Accept", "*/*")
	r.SetHeader("Authorization", "Bearer x")
	r.SetHeader("Cookie", "id=1")
	got, ok := ViewerRequest(r, 8443, "2")
	want := HTTPQuestion{
		Scheme: "https", Host: "www.example.com", Port: 8443, HostHeader: "www.example.com:8443", ServerName: "www.example.com", Method: "GET",
		Path: "/a?b=c", Headers: []string{"Accept: */*"}, Withheld: []string{"Authorization", "Cookie"}, Version: "2",
	}
	if !ok || cmp.Diff(want, got) != "" {
		t.Errorf("%t (-want +got):\n%s", ok, cmp.Diff(want, got))
	}
	for _, method := range []string{"POST", "PUT", "DELETE", "PATCH", "TRACE"} {
		r.Method = method
		if _, ok := ViewerRequest(r, 443, ""); ok {
			t.Errorf("a %s would be sent", method)
		}
	}
}

func TestViewerPreflight(t *testing.T) {
	r := request.New("api.example.com", "/items")
	if _, ok := ViewerPreflight(r, 443); ok {
		t.Error("a preflight for a request that comes from no page")
	}
	r.SetHeader("Origin", "https://app.example.com")
	if _, ok := ViewerPreflight(r, 443); ok {
		t.Error("a preflight for a simple GET")
	}
	r.SetHeader("X-Trace", "1")
	r.SetHeader("Authorization", "Bearer x")
	r.Method = "PUT"
	q, ok := ViewerPreflight(r, 443)
	want := []string{"Origin: https://app.example.com", "Access-Control-Request-Method: PUT", "Access-Control-Request-Headers: authorization,x-trace"}
	if !ok || q.Method != "OPTIONS" || cmp.Diff(want, q.Headers) != "" || len(q.Withheld) != 0 {
		t.Errorf("%t %+v", ok, q)
	}
}

func TestOfViewer(t *testing.T) {
	r := request.New("www.example.com", "/")
	q, _ := ViewerRequest(r, PortHTTPS, "")
	for _, c := range []struct {
		name string
		call evidence.Call
		want bool
	}{
		{"a viewer's request", HTTP(q).Call, true},
		{"CloudFront's request", HTTP(HTTPQuestion{Scheme: "https", Host: "origin.example.com", Port: 443, HostHeader: "origin.example.com", Method: "GET", Path: "/"}).Call, false},
		{"a browser's handshake", TLS(ViewerHandshake("www.example.com", PortHTTPS)).Call, true},
		{"CloudFront's handshake", TLS(TLSQuestion{Host: "origin.example.com", Port: 443}).Call, false},
		{"a name", DNS(DNSQuestion{Name: "www.example.com", Type: "A"}).Call, false},
		{"a read of the account", evidence.Call{Service: "s3", Operation: "GetBucketPolicy"}, false},
	} {
		if got := OfViewer(c.call); got != c.want {
			t.Errorf("%s: %t", c.name, got)
		}
	}
}

func TestShownHidesSecrets(t *testing.T) {
	signed := HTTP(HTTPQuestion{Scheme: "https", Host: "www.example.com", Port: 443, Method: "GET", Path: "/a?Signature=abc&x=1"}).Call
	if path := Shown(signed).Params["Path"]; path != "/a?Signature=[redacted]&x=1" {
		t.Errorf("shown as %v", path)
	}
	name := DNS(DNSQuestion{Name: "www.example.com", Type: "A"}).Call
	if Shown(name).Key() != name.Key() {
		t.Error("a name is shown as another")
	}
}
