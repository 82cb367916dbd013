// Package bench measures cfdoctor: a diagnosis in memory, and one over the wire. `make bench` runs both and prints the figures.
package bench

import (
	"bytes"
	"context"
	"os"
	"testing"

	"cfdoctor/internal/causes"
	"cfdoctor/internal/collect"
	"cfdoctor/internal/doctor"
	"cfdoctor/internal/request"
	"cfdoctor/internal/source/bundle"
	"cfdoctor/internal/worldtest"
)

// diagnose runs one whole diagnosis from a bundle's text.
func diagnose(text []byte, target string) (*doctor.Case, error) {
	b, err := bundle.Parse(bytes.NewReader(text), "bench", 1<<20)
	if err != nil {
		return nil, err
	}
	t, err := collect.ParseTarget(target)
	if err != nil {
		return nil, err
	}
	d := &doctor.Doctor{Catalogue: causes.All(), Version: "bench"}
	return d.Diagnose(context.Background(), b, b.CapturedAt, doctor.Question{Target: t, Request: request.New("", "/"), PathGiven: true, Proactive: true})
}

// BenchmarkDiagnose is a whole diagnosis of each healthy world: parsing the bundle, collecting, simulating, judging, planning, reporting.
func BenchmarkDiagnose(b *testing.B) {
	for _, name := range worldtest.Worlds() {
		world, err := worldtest.Load(name)
		if err != nil {
			b.Fatal(err)
		}
		text := world.Bundle()
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := diagnose(text, world.Target); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestBusyAccountIsWhole keeps busy.json, which the wire benchmark reads, a distribution with three origins, a web ACL, functions and alarms,
// and its longest chain of dependent calls short.
func TestBusyAccountIsWhole(t *testing.T) {
	text, err := os.ReadFile("busy.json")
	if err != nil {
		t.Fatal(err)
	}
	c, err := diagnose(text, "E16MULTIRAVENSC")
	if err != nil {
		t.Fatal(err)
	}
	if n := len(c.Model.Origins); n != 3 {
		t.Errorf("%d origins, want 3", n)
	}
	if c.Model.Config.WebACLId == nil || *c.Model.Config.WebACLId == "" {
		t.Error("no web ACL")
	}
	if chain := c.Stats.LongestChain; chain > 4 {
		t.Errorf("the longest chain of dependent calls has %d, want at most 4", chain)
	}
}
