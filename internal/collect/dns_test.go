package collect

import (
	"context"
	"slices"
	"testing"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
)

func TestZoneOf(t *testing.T) {
	zones := account.HostedZonesOutput{}
	answer := `{"HostedZones":[
		{"Id":"Z1","Name":"example.com.","CallerReference":"x"},
		{"Id":"Z2","Name":"sub.example.com.","CallerReference":"x"},
		{"Id":"Z3","Name":"private.example.com.","CallerReference":"x","Config":{"PrivateZone":true}}]}`
	if err := evidence.Decode([]byte(answer), &zones); err != nil {
		t.Fatal(err)
	}
	for host, want := range map[string]string{
		"www.example.com": "Z1", "example.com": "Z1", "WWW.Example.com.": "Z1", "a.sub.example.com": "Z2", "sub.example.com": "Z2",
		"a.private.example.com": "Z1", // CloudFront and viewers do not see the private zone
		"badexample.com":        "", "example.org": "",
	} {
		zone, ok := ZoneOf(zones, host)
		if got := ""; ok {
			got = *zone.Id
			if got != want {
				t.Errorf("%s is in %q, want %q", host, got, want)
			}
		} else if want != "" {
			t.Errorf("%s is in no zone, want %q", host, want)
		}
	}
}

// lookedUp follows a host's records in a zone of given records and returns the names it led to, sorted.
func lookedUp(t *testing.T, records, host string) ([]string, *fake) {
	t.Helper()
	src := newFake(
		say("route53", "ListHostedZones", nil, `{"HostedZones":[{"Id":"Z1","Name":"example.com.","CallerReference":"x"}]}`),
		say("route53", "ListResourceRecordSets", nil, `{"ResourceRecordSets":[`+records+`]}`))
	c := New(src, now, Options{PerService: 1})
	var visited []string
	then(t.Context(), c, account.HostedZones(), func(ctx context.Context, zones account.HostedZonesOutput) {
		lookup(ctx, c, zones, host, maxHops, func(_ context.Context, target string) { visited = append(visited, target) })
	})
	c.Wait()
	slices.Sort(visited)
	return visited, src
}

func TestLookup(t *testing.T) {
	const wildcard = `{"Name":"\\052.example.com.","Type":"CNAME","TTL":60,"ResourceRecords":[{"Value":"wild.example.net."}]}`
	for _, tc := range []struct {
		name, records, host string
		want                []string
		calls               int // of zones' records
	}{
		{"own record", `{"Name":"www.example.com.","Type":"CNAME","TTL":60,"ResourceRecords":[{"Value":"D1.cloudfront.net."}]},` + wildcard, "www.example.com", []string{"d1.cloudfront.net"}, 1},
		{"wildcard", wildcard, "www.example.com", []string{"wild.example.net"}, 2},
		{"wildcard at depth", wildcard, "a.b.example.com", []string{"wild.example.net"}, 3},
		{"the wildcard itself", wildcard, "*.example.com", []string{"wild.example.net"}, 1},
		{"a wildcard that has no record", ``, "*.example.com", nil, 1},
		{"other types", `{"Name":"www.example.com.","Type":"TXT","TTL":60,"ResourceRecords":[{"Value":"x"}]}`, "www.example.com", nil, 2},
		{"addresses lead nowhere", `{"Name":"www.example.com.","Type":"A","TTL":60,"ResourceRecords":[{"Value":"192.0.2.1"}]}`, "www.example.com", nil, 1},
		{"loop", `{"Name":"a.example.com.","Type":"CNAME","TTL":60,"ResourceRecords":[{"Value":"b.example.com"}]},
			{"Name":"b.example.com.","Type":"CNAME","TTL":60,"ResourceRecords":[{"Value":"a.example.com"}]}`, "a.example.com",
			[]string{"a.example.com", "a.example.com", "b.example.com", "b.example.com"}, 2},
		{"no zone", wildcard, "www.example.org", nil, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, src := lookedUp(t, tc.records, tc.host)
			if !slices.Equal(got, tc.want) {
				t.Errorf("%s leads to %q, want %q", tc.host, got, tc.want)
			}
			if n := src.names["route53:ListResourceRecordSets"]; n != tc.calls {
				t.Errorf("%d reads of records, want %d", n, tc.calls)
			}
		})
	}
}
