package causes

import (
	"slices"
	"testing"

	"cfdoctor/internal/doctor"
	"cfdoctor/internal/fix"
)

// lasting are the operations that a fix gives a person and no call takes back: what they replace is in the person's own files, or shown by the read
// before them; they end by themselves; or they are better not undone.
var lasting = []string{"ImportCertificate", "UpdateFunction", "PublishFunction", "PutBucketAcl", "CopyObject", "RestoreObject", "PublishVersion",
	"CreateDeployment", "RequestServiceQuotaIncrease", "ResendValidationEmail", "CancelKeyDeletion"}

// checkOrder demands that fixes come in the order of the findings, most likely cause first; that a finding's alternatives come simplest first, but
// for compromises; that whatever changes something says what else it does; and that what a person changes by command can be taken back.
func checkOrder(t *testing.T, d *doctor.Case) {
	t.Helper()
	order := []fix.Complexity{fix.Quick, fix.Standard, fix.Advanced}
	var causes []string
	for _, f := range slices.Concat(d.Result.Findings, d.Result.Proactive) {
		causes = append(causes, f.Cause.ID)
	}
	for i, p := range d.Plan {
		if (len(p.Fix.Changes) > 0 || p.Fix.Compromise) && len(p.Fix.SideEffects) == 0 {
			t.Errorf("%s: %q tells no side effect", p.Finding.Cause.ID, p.Fix.Title)
		}
		for _, h := range p.Fix.ByHand {
			if h.Mutates && h.Back == nil && !slices.Contains(lasting, h.Operation) {
				t.Errorf("%s: %q of %q changes something and is not taken back", p.Finding.Cause.ID, h.Purpose, p.Fix.Title)
			}
		}
		if i == 0 {
			continue
		}
		before := d.Plan[i-1]
		a, b := slices.Index(causes, before.Finding.Cause.ID), slices.Index(causes, p.Finding.Cause.ID)
		if a > b {
			t.Errorf("the fix %q of %s comes before that of %s, which is found before it", before.Fix.Title, causes[a], causes[b])
		}
		if a == b && !p.Fix.Compromise && slices.Index(order, before.Fix.Complexity) > slices.Index(order, p.Fix.Complexity) {
			t.Errorf("%s: %q (%s) comes before %q (%s)", p.Finding.Cause.ID, before.Fix.Title, before.Fix.Complexity, p.Fix.Title, p.Fix.Complexity)
		}
	}
}
