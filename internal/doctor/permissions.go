package doctor

import (
	"maps"
	"slices"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/report"
)

// missingPermissions is one policy document with the reads that causes were left unchecked for, nil where there are none.
//
// Reads of a bucket that was refused are allowed for that bucket alone. Everything else gets the resource "*": most Describe and List actions
// take no other (SAR, the services' tables of actions), and a refused answer does not tell the ARNs of what it would have named.
func missingPermissions(w *evidence.World, partition string, result cause.Result) *report.Policy {
	open := map[string]bool{}
	for _, n := range result.NotChecked {
		for _, need := range n.Needs {
			open[need] = true
		}
	}
	maps.DeleteFunc(open, func(action string, _ bool) bool { return !slices.Contains(account.Permissions(), action) })
	if len(open) == 0 {
		return nil
	}
	buckets := refusedBuckets(w, partition, open)
	policy := &report.Policy{Version: "2012-10-17"}
	for _, resource := range slices.Sorted(maps.Keys(buckets)) {
		policy.Statement = append(policy.Statement, report.Statement{
			Effect: "Allow", Action: slices.Sorted(maps.Keys(buckets[resource])), Resource: []string{resource},
		})
		for action := range buckets[resource] {
			delete(open, action)
		}
	}
	if len(open) > 0 {
		policy.Statement = append(policy.Statement, report.Statement{Effect: "Allow", Action: slices.Sorted(maps.Keys(open)), Resource: []string{"*"}})
	}
	for i := range policy.Statement {
		policy.Statement[i].Sid = sid(i)
	}
	return policy
}

// sid names a statement: letters and digits alone (IAMUG/reference_policies_elements_sid).
func sid(i int) string {
	const name = "CfdoctorMissingReads"
	if i == 0 {
		return name
	}
	return name + string(rune('A'+min(i-1, 25)))
}

// refusedBuckets lists, by the ARN of a bucket or of its objects, the actions among those wanted that AWS refused for it.
func refusedBuckets(w *evidence.World, partition string, wanted map[string]bool) map[string]map[string]bool {
	out := map[string]map[string]bool{}
	for _, rec := range w.Records() {
		bucket, _ := rec.Call.Params["Bucket"].(string)
		action := account.Permission(rec.Call.Name())
		if rec.State != evidence.Denied || rec.Call.Service != "s3" || bucket == "" || !wanted[action] {
			continue
		}
		arn := "arn:" + partition + ":s3:::" + bucket
		if action == "s3:GetObject" || action == "s3:GetObjectAcl" {
			arn += "/*"
		}
		if out[arn] == nil {
			out[arn] = map[string]bool{}
		}
		out[arn][action] = true
	}
	return out
}
