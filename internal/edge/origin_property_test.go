package edge

import (
	"maps"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

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

// TestBareOrigins: an account that tells nothing but the distribution gives no verdict for certain, other than for names that cannot work,
// and no origin's name or missing member makes the model panic.
func TestBareOrigins(t *testing.T) {
	for _, domain := range []string{
		"", "192.0.2.1", "app.example.net", testBucketHost, "b.s3.amazonaws.com", "b.s3-website-us-east-1.amazonaws.com", "s3.amazonaws.com",
		"ap-111122223333.s3-accesspoint.us-east-1.amazonaws.com", testURLHost, testAPIHost, testALBName, "web-0123456789abcdef.elb.us-east-1.amazonaws.com",
		"abc.egress.xyz.mediapackagev2.eu-west-1.amazonaws.com", "x.data.mediastore.eu-west-1.amazonaws.com", "d222222abcdef8.cloudfront.net",
		"ec2-192-0-2-1.eu-west-1.compute.amazonaws.com", "a.\x00b\"c.example",
	} {
		for _, custom := range []*types.CustomOriginConfig{nil, {}} {
			w := newOriginWorld(types.Origin{DomainName: ptr(domain), CustomOriginConfig: custom, OriginAccessControlId: ptr("E0")})
			w.errorPage(502, "/error.html", "")
			for _, method := range []string{"GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"} {
				w.req.Method = method
				w.req.SetHeader("Origin", "null")
				tr := w.model(t).Simulate(w.req)
				invalid := tr.StoppedAt == "origin-dns" || tr.StoppedAt == "origin-tls"
				if tr.Outcome.Certainty == Certain && !invalid {
					t.Errorf("%s %q: %+v at %q; %s", method, domain, tr.Outcome, tr.StoppedAt, doing(tr))
				}
			}
		}
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
