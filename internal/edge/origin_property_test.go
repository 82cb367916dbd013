package edge

import (
	"maps"
	"slices"
	"testing"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
)

// worlds are one world of every kind of origin.
func worlds() map[string]func() *originWorld {
	return map[string]func() *originWorld{
		"bucket": newBucketWorld, "balancer": newBalancerWorld, "rest": newRESTWorld, "http api": newHTTPWorld, "function url": newLambdaWorld,
		"website": newWebsiteWorld, "group": func() *originWorld { return newGroupWorld(403, 404, 503) },
		"missing object": func() *originWorld { w := newBucketWorld(); w.missing("img/logo.png"); return w },
		"no policy": func() *originWorld {
			w := newBucketWorld()
			account.BucketPolicy(testBucket).SetAbsent(w.World)
			return w
		},
		"failing over": func() *originWorld { w := newGroupWorld(403); w.missing("img/logo.png"); return w },
		"error page": func() *originWorld {
			w := newBucketWorld()
			w.missing("img/logo.png")
			w.errorPage(403, "/index.html", "200")
			return w
		},
		"closed":     func() *originWorld { w := newBalancerWorld(); w.group(from(443, "203.0.113.0/24")); return w },
		"no targets": func() *originWorld { w := newBalancerWorld(); w.health(); return w },
		"no stage":   func() *originWorld { w := newRESTWorld(); w.origin().OriginPath = ptr(""); return w },
		"not granted": func() *originWorld {
			w := newLambdaWorld()
			account.LambdaPolicy("eu-west-1", "thumb", "").SetAbsent(w.World)
			return w
		},
	}
}

// TestLosingFacts: without a fact the model may know less, and never says for certain what it did not say with it.
func TestLosingFacts(t *testing.T) {
	all := worlds()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		t.Run(name, func(t *testing.T) {
			w := all[name]()
			before := w.model(t).Simulate(w.req).Outcome
			for _, rec := range w.Records() {
				if rec.Call.Operation == "GetDistribution" {
					continue
				}
				for _, lose := range []func(*evidence.World, evidence.Call){(*evidence.World).Forget, (*evidence.World).Deny} {
					poorer := w.Clone()
					lose(poorer, rec.Call)
					m, err := Compile(poorer, originID)
					if err != nil {
						t.Fatal(err)
					}
					tr := m.Simulate(w.req)
					if tr.Outcome.Certainty == Certain && (tr.Outcome.Status != before.Status || before.Certainty != Certain) {
						t.Errorf("without %s: %+v, with it %+v; %s", rec.Call.Name(), tr.Outcome, before, doing(tr))
					}
				}
			}
		})
	}
}

// TestPredictAgrees: leaving out the words changes nothing else.
func TestPredictAgrees(t *testing.T) {
	for name, build := range worlds() {
		t.Run(name, func(t *testing.T) {
			w := build()
			m := w.model(t)
			if told, silent := m.Simulate(w.req).Outcome, m.Predict(w.req); told != silent {
				t.Errorf("Simulate %+v, Predict %+v", told, silent)
			}
		})
	}
}

// TestEveryStageTells: every stage has its step, in order, and every step that decides says something.
func TestEveryStageTells(t *testing.T) {
	for name, build := range worlds() {
		t.Run(name, func(t *testing.T) {
			w := build()
			tr := w.model(t).Simulate(w.req)
			stages := Stages()
			if len(tr.Steps) != len(stages) {
				t.Fatalf("%d steps for %d stages", len(tr.Steps), len(stages))
			}
			for i, s := range tr.Steps {
				if s.Stage != stages[i].ID || s.Summary == "" {
					t.Errorf("step %d: %+v", i, s)
				}
			}
		})
	}
}

func BenchmarkOrigins(b *testing.B) {
	for name, build := range map[string]func() *originWorld{"bucket": newBucketWorld, "balancer": newBalancerWorld, "api": newRESTWorld} {
		b.Run(name, func(b *testing.B) {
			w := build()
			m := w.model(&testing.T{})
			b.ReportAllocs()
			for b.Loop() {
				m.Predict(w.req)
			}
		})
	}
}
