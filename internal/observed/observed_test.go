package observed

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cfdoctor/internal/evidence"
)

func TestQuestionsComeBack(t *testing.T) {
	dns := DNSQuestion{Name: "origin.example.com", Type: "AAAA"}
	if got, err := DNSQuestionOf(DNS(dns).Call); err != nil || got != dns {
		t.Errorf("DNS: %+v, %v", got, err)
	}
	tls := TLSQuestion{Host: "origin.example.com", Port: 443, ServerName: "www.example.com", Protocols: []string{"TLSv1.2"}}
	if got, err := TLSQuestionOf(TLS(tls).Call); err != nil || cmp.Diff(tls, got) != "" {
		t.Errorf("TLS: %+v, %v", got, err)
	}
	http := HTTPQuestion{Scheme: "https", Host: "origin.example.com", Port: 8443, Method: "GET", Path: "/a?b=c", Headers: []string{"Via: x"}, Wait: 30}
	if got, err := HTTPQuestionOf(HTTP(http).Call); err != nil || cmp.Diff(http, got) != "" {
		t.Errorf("HTTP: %+v, %v", got, err)
	}
	if _, err := TLSQuestionOf(HTTP(http).Call); err == nil {
		t.Error("a request passed for a handshake")
	}
	if _, err := TLSQuestionOf(evidence.Call{Service: Service, Operation: OperationTLS, Params: map[string]any{"Cipher": "x"}}); err == nil {
		t.Error("a member that a question does not have was passed over")
	}
}

func TestUnaskedProbesSayWhatTheyNeed(t *testing.T) {
	fact := TLS(TLSQuestion{Host: "origin.example.com", Port: 443}).In(evidence.NewWorld(time.Now(), ""))
	if fact.Needs() != "active validation" || !strings.Contains(fact.Why(), "needs active validation (--active-validation)") {
		t.Errorf("needs %q, %s", fact.Needs(), fact.Why())
	}
	if note := fact.Ref("Chain").Note; note != "needs active validation (--active-validation)" {
		t.Errorf("the evidence says %q", note)
	}
}

func TestSecretsAreNotPartOfAResource(t *testing.T) {
	r := HTTP(HTTPQuestion{Scheme: "https", Host: "2001:db8::1", Port: 443, Method: "GET", Path: "/a?Signature=abc&x=1"})
	if r.Resource != "GET https://[2001:db8::1]/a?Signature=[redacted]&x=1" {
		t.Error(r.Resource)
	}
}

func TestPublic(t *testing.T) {
	for address, want := range map[string]bool{
		"8.8.8.8": true, "2600:9000::1": true, "10.0.0.1": false, "127.0.0.1": false, "169.254.169.254": false, "::1": false, "fd00:ec2::254": false,
		"::ffff:10.1.2.3": false, "100.64.1.1": false, "198.51.100.7": false, "0.0.0.0": false, "fe80::1": false, "224.0.0.1": false, "2001:db8::5": false,
	} {
		if got := Public(netip.MustParseAddr(address)); got != want {
			t.Errorf("Public(%s) = %t", address, got)
		}
	}
}
