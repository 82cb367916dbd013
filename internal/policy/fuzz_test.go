package policy

import (
	"errors"
	"testing"

	"cfdoctor/internal/tri"
)

func FuzzEvaluate(f *testing.F) {
	for _, list := range []string{"", oacGrant, oaiGrant + "," + denyOutsideVPCE, denyAllButOneAccount, denyOtherAddresses} {
		f.Add(statements(list), "s3:GetObject", testObject, "aws:SourceArn", testSourceARN)
	}
	f.Add(conditional(`{"ForAllValues:StringLikeIfExists":{"k":["${a, 'b'}","${*}?"]}}`), "x:y", "", "k", "\xffb")
	f.Add(conditional(`{"NumericLessThan":{"k":1e400},"DateEquals":{"k":"99999"}}`), "", "arn:::", "k", "-0")
	f.Fuzz(func(t *testing.T, document, action, resource, key, value string) {
		d, err := Parse(document)
		if err != nil {
			var pe *ParseError
			if !errors.As(err, &pe) {
				t.Fatalf("error %v is no ParseError", err)
			}
			return
		}
		known := Request{
			Principal: Service("cloudfront.amazonaws.com"), Action: action, Resource: resource,
			Context: NewContext().Set(key, value).Close(),
		}
		vague := known
		vague.Context = Context{}
		before, after := d.Evaluate(vague), d.Evaluate(known)
		checkDecision(t, d, before)
		checkDecision(t, d, after)
		if before.Allowed.Known() && before.Allowed != after.Allowed {
			t.Fatalf("%v became %v", before.Allowed, after.Allowed)
		}
		if truth, s := d.Public(); (s == nil) != (truth == tri.False) {
			t.Fatalf("public %v with statement %v", truth, s)
		}
	})
}
