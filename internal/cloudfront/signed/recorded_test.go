package signed

import (
	_ "embed"
	"encoding/json"
	"net/netip"
	"net/url"
	"testing"
	"time"

	"cfdoctor/internal/tri"
)

// recorded holds URLs that other programs signed, so that an error shared by verifier and test signer shows.
//
//go:embed testdata/signed.json
var recorded []byte

func TestRecordedSignatures(t *testing.T) {
	var rows []struct {
		MadeBy string `json:"made_by"`
		KeyID  string `json:"key_id"`
		PEM    string
		URL    string
		Ends   int64
		Starts int64
		Source string
	}
	if err := json.Unmarshal(recorded, &rows); err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		t.Run(row.MadeBy, func(t *testing.T) {
			u, err := url.Parse(row.URL)
			if err != nil {
				t.Fatal(err)
			}
			r := Request{
				Scheme: u.Scheme, Host: u.Host, Path: u.EscapedPath(), RawQuery: u.RawQuery,
				ClientIP: netip.MustParseAddr("192.0.2.7"), Now: time.Unix(row.Ends-1, 0),
			}
			keys := []Key{{ID: row.KeyID, PEM: row.PEM}}
			v := Verify(Find(u.RawQuery, nil), keys, true, r)
			if !v.Valid.Yes() || v.Code != "" || v.Failed != "" {
				t.Fatalf("a second before the end: %+v", v)
			}
			if row.Starts != 0 && v.Policy.Starts.Unix() != row.Starts || row.Source != "" && v.Policy.Source.String() != row.Source {
				t.Errorf("policy %+v", v.Policy)
			}
			r.Now = time.Unix(row.Ends, 0)
			v = Verify(Find(u.RawQuery, nil), keys, true, r)
			if v.Failed != NotExpired || v.Code != CodeAccessDenied || !v.Result(SignatureVerifies).Passed.Yes() {
				t.Errorf("at the end: %+v", v)
			}
			r.Now, r.Path = time.Unix(row.Ends-1, 0), "/other"
			if v = Verify(Find(u.RawQuery, nil), keys, true, r); v.Valid != tri.False {
				t.Errorf("another path: %+v", v)
			}
		})
	}
}
