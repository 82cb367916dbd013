package mcpserver

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"cfdoctor/internal/doctor"
	"cfdoctor/internal/report"
)

// prepared is an application that counts.
func prepared(applied *int, done string) *Application {
	return &Application{
		Diff: []report.DiffLine{{Resource: "bucket fernhill-web", Path: "Policy", New: "a statement"}},
		Make: func(context.Context) (string, error) { *applied++; return done, nil },
	}
}

// TestApplyAsksThePerson lets a fix through only where the person at the client agreed to it.
func TestApplyAsksThePerson(t *testing.T) {
	agree := func(action string, content map[string]any) *mcp.ClientOptions {
		return &mcp.ClientOptions{ElicitationHandler: func(_ context.Context, r *mcp.ElicitRequest) (*mcp.ElicitResult, error) {
			if m := r.Params.Message; !strings.Contains(m, "change AWS account 210987654321") || !strings.Contains(m, "Change Policy of bucket fernhill-web: (nothing) → a statement") {
				t.Errorf("the person is asked: %s", m)
			}
			return &mcp.ElicitResult{Action: action, Content: content}, nil
		}}
	}
	cases := []struct {
		name    string
		options *mcp.ClientOptions
		applied int
		failed  bool
		text    string
	}{
		{"agrees", agree("accept", map[string]any{"agree": true}), 1, false, "done"},
		{"accepts the form and does not agree", agree("accept", map[string]any{"agree": false}), 0, false, "did not agree"},
		{"declines", agree("decline", nil), 0, false, "did not agree"},
		{"goes away", agree("cancel", nil), 0, false, "did not agree"},
		{"cannot be asked", nil, 0, true, "cannot ask the person"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			applied := 0
			r := room(t)
			r.Prepare = func(_ context.Context, _ *doctor.Case, p doctor.Planned) (*Application, error) {
				return prepared(&applied, "done: "+p.ID), nil
			}
			s := connect(t, r, c.options)
			var d diagnoseOut
			call(t, s, "diagnose_distribution", map[string]any{"distribution_id": "E1HEALTHYS3OAC", "error_code": 403, "request_path": "/about.html"}, &d)
			text, failed := call(t, s, "apply_fix", map[string]any{"diagnosis_id": d.DiagnosisID, "fix_id": "fix-1"}, nil)
			if applied != c.applied || failed != c.failed || !strings.Contains(text, c.text) {
				t.Errorf("applied %d times, failed %v: %s", applied, failed, text)
			}
			if text, failed := call(t, s, "apply_fix", map[string]any{"diagnosis_id": d.DiagnosisID, "fix_id": "fix-99"}, nil); !failed || applied != c.applied {
				t.Errorf("a fix that there is not: %s", text)
			}
		})
	}
}

// TestConsentIsForOneFixOnce sends an answer that nobody was asked for, one for another fix, and one a second time.
func TestConsentIsForOneFixOnce(t *testing.T) {
	applied := 0
	r := room(t)
	s := &server{Room: r, diagnoses: newShelf[*diagnosis](keptDiagnoses), consents: newShelf[consent](keptConsents)}
	in := diagnoseIn{asked: asked{DistributionID: "E1HEALTHYS3OAC", RequestPath: "/about.html"}, ErrorCode: 403}
	q, err := in.question()
	if err != nil {
		t.Fatal(err)
	}
	q.Code, q.Proactive = 403, true
	made, err := s.diagnose(t.Context(), "", q, false, doctor.Observer{})
	if err != nil {
		t.Fatal(err)
	}
	d := &diagnosis{c: made}
	d.id = s.diagnoses.put(d)
	yes := &mcp.ElicitResult{Action: "accept", Content: map[string]any{"agree": true}}
	one, other := planIn{d.id, made.Plan[0].ID}, planIn{d.id, made.Plan[1].ID}
	ask := func() string { return s.ask(d, made.Plan[0], prepared(&applied, "done")).RequestState }
	if _, err := s.answered(t.Context(), one, "invented", yes); err == nil {
		t.Error("an answer to no question was taken")
	}
	if _, err := s.answered(t.Context(), other, ask(), yes); err == nil {
		t.Error("an answer about another fix was taken")
	}
	state := ask()
	if _, err := s.answered(t.Context(), one, state, yes); err != nil {
		t.Errorf("the answer was refused: %v", err)
	}
	if _, err := s.answered(t.Context(), one, state, yes); err == nil {
		t.Error("the answer was taken twice")
	}
	if applied != 1 {
		t.Errorf("applied %d times, want once", applied)
	}
}

// TestRecordingsAreNotChanged refuses what cannot be.
func TestRecordingsAreNotChanged(t *testing.T) {
	r := room(t)
	r.Prepare = func(context.Context, *doctor.Case, doctor.Planned) (*Application, error) {
		t.Error("prepared")
		return nil, errors.New("prepared")
	}
	r.Bundles = "../../examples"
	s := connect(t, r, nil)
	var d diagnoseOut
	call(t, s, "diagnose_distribution", map[string]any{"distribution_id": "E1HEALTHYS3OAC", "error_code": 403, "request_path": "/about.html", "from": "s3-policy-missing.json"}, &d)
	if text, failed := call(t, s, "apply_fix", map[string]any{"diagnosis_id": d.DiagnosisID, "fix_id": "fix-1"}, nil); !failed || !strings.Contains(text, "recording") {
		t.Errorf("%v %s", failed, text)
	}
}
