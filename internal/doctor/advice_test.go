package doctor

import (
	"bytes"
	"context"
	"testing"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/collect"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/report"
	"cfdoctor/internal/request"
	"cfdoctor/internal/source/bundle"
	"cfdoctor/internal/worldtest"
)

// diagnosed runs a case of worldtest through the doctor with a catalogue of the test's own.
func diagnosed(t *testing.T, text string, catalogue ...*cause.Cause) *Case {
	t.Helper()
	c, err := worldtest.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return diagnosedCase(t, c, catalogue...)
}

func diagnosedCase(t *testing.T, c *worldtest.Case, catalogue ...*cause.Cause) *Case {
	t.Helper()
	b, err := bundle.Parse(bytes.NewReader(c.Bundle()), c.World, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	target, err := collect.ParseTarget(c.Target)
	if err != nil {
		t.Fatal(err)
	}
	d := &Doctor{Catalogue: catalogue, Version: "test"}
	out, err := d.Diagnose(context.Background(), b, b.CapturedAt, Question{
		Target: target, Request: c.Request, PathGiven: c.Asked, Code: c.Code, Proactive: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// allCommands lists every command of a report's advice.
func allCommands(r *report.Report) []report.Command {
	var out []report.Command
	for _, s := range r.NextSteps {
		out = append(out, s.Commands...)
	}
	for _, a := range r.Monitoring.Alarms {
		out = append(out, a.Command)
	}
	for _, l := range r.Monitoring.Logs {
		if l.Command.AWSCLI != "" {
			out = append(out, l.Command)
		}
	}
	return out
}

// requestOf is the request that a case shows.
func requestOf(c *Case) request.Request {
	s := c.Report.Symptom
	r := request.New(s.Domain, s.Path)
	r.Method, r.Scheme = s.Method, s.Scheme
	return r
}

// compileAgain makes a case's model of another world.
func compileAgain(w *evidence.World, c *Case) (*edge.Model, error) {
	return edge.Compile(w, c.Model.ID())
}
