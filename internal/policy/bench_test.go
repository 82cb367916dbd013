package policy

import "testing"

func BenchmarkEvaluate(b *testing.B) {
	for _, bc := range []struct{ name, list string }{
		{"granted", oacGrant},
		{"typical", oacGrant + "," + oaiGrant + "," + denyInsecure + "," + denyOutsideOrg + "," + accountGrant},
	} {
		b.Run(bc.name, func(b *testing.B) {
			d, r := mustParse(b, statements(bc.list)), oacRequest()
			b.ReportAllocs()
			for b.Loop() {
				d.Evaluate(r)
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	document := statements(oacGrant + "," + oaiGrant + "," + denyInsecure + "," + denyOutsideOrg)
	b.ReportAllocs()
	for b.Loop() {
		mustParse(b, document)
	}
}
