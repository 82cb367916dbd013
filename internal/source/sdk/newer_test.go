package sdk

import (
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"cfdoctor/internal/evidence"
)

const newerDistribution = `<?xml version="1.0"?>
<Distribution xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"><Id>E1</Id><Status>Deployed</Status><DistributionConfig>
<CallerReference>r</CallerReference><Enabled>true</Enabled><Quantum><Level>3</Level></Quantum>
<Unset/><Off><Enabled>false</Enabled><Names><Quantity>0</Quantity></Names></Off>
<Aliases><Quantity>1</Quantity><Items><CNAME>a.example.com</CNAME></Items></Aliases>
<Origins><Quantity>2</Quantity><Items><Origin><Id>one</Id><DomainName>one.example.com</DomainName></Origin>
<Origin><Id>two</Id><DomainName>two.example.com</DomainName><Entangled>yes</Entangled></Origin></Items></Origins>
</DistributionConfig></Distribution>`

const newerWebACL = `{"LockToken":"t","WebACL":{"Name":"site","Id":"1","ARN":"a","Capacity":1,"DefaultAction":{"Allow":{}},"Future":{"On":true},"Unset":"","Off":false,"Nil":null,
"Rules":[{"Name":"r","Priority":0,"Statement":{"QuantumStatement":{"Level":1}}}],
"CustomResponseBodies":{"body":{"ContentType":"TEXT_PLAIN","Content":"x","Shade":"red"}}}}`

// What the SDK's types drop of an answer stays in what a door that changes things is told, at its place, and cannot be sent.
func TestMembersNewerThanTheSDK(t *testing.T) {
	door := serve(t, 1, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", "E")
		body := newerDistribution
		switch {
		case r.Header.Get("X-Amz-Target") != "":
			body = newerWebACL
		case r.URL.Path == "/2020-05-31/function/f":
			body = "function handler(event) { return event.request; }"
		}
		_, _ = io.WriteString(w, body)
	})
	changing := door.With()
	read := func(s *Source, service, operation string, params map[string]any) map[string]any {
		t.Helper()
		raw, err := s.Do(t.Context(), evidence.Call{Service: service, Operation: operation, Params: params})
		if err != nil {
			t.Fatal(err)
		}
		var tree map[string]any
		if err := json.Unmarshal(raw, &tree); err != nil {
			t.Fatal(err)
		}
		return tree
	}
	distribution, webACL := map[string]any{"Id": "E1"}, map[string]any{"Name": "site", "Id": "1", "Scope": "CLOUDFRONT"}

	want := map[string]any{"ETag": "E", "Distribution": map[string]any{"Id": "E1", "Status": "Deployed", "DistributionConfig": map[string]any{
		"CallerReference": "r", "Enabled": true, "Quantum": map[string]any{"Level": "3"},
		"Aliases": map[string]any{"Quantity": 1.0, "Items": []any{"a.example.com"}},
		"Origins": map[string]any{"Quantity": 2.0, "Items": []any{
			map[string]any{"Id": "one", "DomainName": "one.example.com"},
			map[string]any{"Id": "two", "DomainName": "two.example.com", "Entangled": "yes"}}}}}}
	got := read(changing, "cloudfront", "GetDistribution", distribution)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	config := want["Distribution"].(map[string]any)["DistributionConfig"].(map[string]any)
	delete(config, "Quantum")
	delete(config["Origins"].(map[string]any)["Items"].([]any)[1].(map[string]any), "Entangled")
	if diff := cmp.Diff(want, read(door, "cloudfront", "GetDistribution", distribution)); diff != "" {
		t.Errorf("a door that only reads: %s", diff)
	}

	acl := read(changing, "wafv2", "GetWebACL", webACL)["WebACL"].(map[string]any)
	if diff := cmp.Diff(map[string]any{"On": true}, acl["Future"]); diff != "" {
		t.Error(diff)
	}
	for _, name := range []string{"Unset", "Off", "Nil"} {
		if got, ok := acl[name]; ok {
			t.Errorf("%s is %v: nobody set it", name, got)
		}
	}
	if diff := cmp.Diff(map[string]any{"Name": "r", "Priority": 0.0, "Statement": map[string]any{"QuantumStatement": map[string]any{"Level": 1.0}}}, acl["Rules"].([]any)[0]); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]any{"body": map[string]any{"ContentType": "TEXT_PLAIN", "Content": "x", "Shade": "red"}}, acl["CustomResponseBodies"]); diff != "" {
		t.Error(diff)
	}
	if code := read(changing, "cloudfront", "GetFunction", map[string]any{"Name": "f", "Stage": "LIVE"})["FunctionCode"]; code == "" || code == nil {
		t.Error("the function's code is gone")
	}

	var unknown *UnknownMemberError
	err := changing.Takes(evidence.Call{Service: "cloudfront", Operation: "GetDistribution", Params: map[string]any{"Id": "E1", "Level": 3}})
	if !errors.As(err, &unknown) || unknown.Member != "/Level" {
		t.Errorf("got %v", err)
	}
	if err := changing.Takes(evidence.Call{Service: "cloudfront", Operation: "GetDistribution", Params: distribution}); err != nil {
		t.Error(err)
	}
}
