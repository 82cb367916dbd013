package viewerrequestfunction

import (
	"strings"
	"testing"

	"cfdoctor/internal/request"
)

func TestEventOf(t *testing.T) {
	r := request.New("www.example.com", "/it's?a=1&a=2&b&Signature=c2VjcmV0")
	r.SetHeader("Authorization", "Basic c2VjcmV0")
	r.SetHeader("Cookie", "session=secret; theme=dark")
	got := eventOf(r, "d1.cloudfront.net")
	for _, want := range []string{
		`"eventType":"viewer-request"`, `"uri":"/it's"`, `"host":{"value":"www.example.com"}`,
		`"a":{"multiValue":[{"value":"1"},{"value":"2"}],"value":"1"}`, `"b":{"value":""}`, `"session":{"value":"LEFT_OUT"}`, `"authorization":{"value":"LEFT_OUT"}`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
	if strings.Contains(got, "secret") || strings.Contains(got, "c2VjcmV0") || strings.Contains(got, "dark") {
		t.Errorf("a secret is in %s", got)
	}
	if got := eventOf(request.Request{Method: "GET", Path: "/"}, "d1.cloudfront.net"); !strings.Contains(got, `"host":{"value":"d1.cloudfront.net"}`) {
		t.Errorf("the host is not the distribution's: %s", got)
	}
}
