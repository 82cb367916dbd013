package mcpserver

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"cfdoctor/internal/request"
)

// TestQuestion: every argument that describes the request arrives in it.
func TestQuestion(t *testing.T) {
	q, err := asked{
		DistributionID: "https://www.fernhill.example/a?b=1", RequestPath: "/c?d=2", RequestDomain: "WWW.Other.example.", Method: "post", Scheme: "http",
		Headers: []string{"Accept:", "User-Agent:", "Origin: https://a.example"}, Cookie: "k=v", ViewerIP: "203.0.113.7", ViewerCountry: "de", BodySize: 7,
		HTTPVersion: "HTTP/2.0", TLSVersion: "TLSv1.1", ServerName: "b.example", ClientCert: "absent",
	}.question()
	if err != nil {
		t.Fatal(err)
	}
	want := request.Request{
		Method: "POST", Scheme: "http", Host: "www.other.example", Path: "/c", Query: "d=2",
		Headers:  []request.Header{{Name: "Origin", Value: "https://a.example"}, {Name: "Cookie", Value: "k=v"}, {Name: "Content-Length", Value: "7"}},
		BodySize: 7, ClientIP: netip.MustParseAddr("203.0.113.7"), Country: "DE", HTTPVersion: "HTTP/2.0", TLSVersion: "TLSv1.1",
		ServerName: "b.example", ClientCert: request.ClientCertAbsent,
	}
	if diff := cmp.Diff(want, q.Request, cmpopts.EquateComparable(netip.Addr{})); diff != "" || !q.PathGiven {
		t.Errorf("path given %v, request (-want +got):\n%s", q.PathGiven, diff)
	}
}
