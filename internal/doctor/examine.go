package doctor

import (
	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/request"
)

// examine simulates the request in question, and representative ones where nobody named a path.
// The first pass is the one that the report shows.
func examine(m *edge.Model, q Question) []*cause.Pass {
	symptom := cause.Symptom{Code: q.Code, Given: q.Code != 0}
	asked := pass(m, q.Request, symptom, true)
	if q.PathGiven {
		return []*cause.Pass{asked}
	}
	passes := []*cause.Pass{asked}
	for _, r := range m.Representative() {
		req := q.Request.Clone()
		req.Path, req.Query = r.Request.Path, r.Request.Query
		if req.Path == q.Request.Path || r.Synthetic {
			continue
		}
		passes = append(passes, pass(m, req, symptom, true))
	}
	return bestFirst(passes, q)
}

// bestFirst moves the pass that shows the reported status to the front, or in a review the first that fails.
func bestFirst(passes []*cause.Pass, q Question) []*cause.Pass {
	for i, p := range passes {
		status := p.Trace.Outcome.Status
		if q.Code != 0 && status == q.Code || q.Code == 0 && (status >= 400 || p.Trace.Outcome.NoHTTP) {
			passes[0], passes[i] = passes[i], passes[0]
			break
		}
	}
	return passes
}

func pass(m *edge.Model, r request.Request, symptom cause.Symptom, asked bool) *cause.Pass {
	return &cause.Pass{World: m.World, Model: m, Request: r, Trace: m.Simulate(r), Symptom: symptom, Asked: asked}
}

// unaskedObjects lists reads of the object that a trace ends at, where nobody made them yet.
func unaskedObjects(w *evidence.World, t *edge.Trace) []evidence.Query {
	s3 := t.Exchange.S3
	if s3 == nil || s3.Bucket == nil || s3.Key == "" {
		return nil
	}
	var out []evidence.Query
	if object := account.Object(s3.Bucket.Name, s3.Key); object.In(w).State() == evidence.NotCaptured {
		out = append(out, object, account.Objects(s3.Bucket.Name, s3.Key), account.ObjectACL(s3.Bucket.Name, s3.Key))
	}
	return out
}
