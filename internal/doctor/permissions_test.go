package doctor

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cfdoctor/internal/account"
	"cfdoctor/internal/causes"
	"cfdoctor/internal/report"
)

// TestMissingPermissions wants one policy with what could not be read: for the refused bucket alone, where AWS's answer names one.
func TestMissingPermissions(t *testing.T) {
	const refused = "world s3-oac\ndeny s3:GetBucketPolicy\nask GET /about.html 403\n"
	got := diagnosed(t, refused, needy()).Report.MissingPermissions
	want := &report.Policy{Version: "2012-10-17", Statement: []report.Statement{
		{Sid: "CfdoctorMissingReads", Effect: "Allow", Action: []string{"s3:GetBucketPolicy"}, Resource: []string{"arn:aws:s3:::fernhill-web"}},
		{Sid: "CfdoctorMissingReadsA", Effect: "Allow", Action: []string{"kms:DescribeKey"}, Resource: []string{"*"}},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if p := diagnosed(t, "world s3-oac\nask GET /about.html 403\n").Report.MissingPermissions; p != nil {
		t.Errorf("nothing is unchecked, and the policy is %+v", p)
	}
	for _, s := range diagnosed(t, refused, causes.All()...).Report.MissingPermissions.Statement {
		for _, action := range s.Action {
			if !slices.Contains(account.Permissions(), action) {
				t.Errorf("%s is no action that cfdoctor's calls need", action)
			}
		}
	}
}
