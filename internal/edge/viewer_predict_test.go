package edge

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	s3 "github.com/aws/aws-sdk-go-v2/service/s3/types"
	wafv2 "github.com/aws/aws-sdk-go-v2/service/wafv2/types"
	"pgregory.net/rapid"

	"cfdoctor/internal/account"
	"cfdoctor/internal/request"
)

// largeWorld is a distribution with 25 behaviors and a web ACL of 20 rules, as bulk simulation meets them.
func largeWorld() *viewerWorld {
	w := newViewerWorld()
	w.config.CacheBehaviors.Items = nil
	for i := range 24 {
		w.config.CacheBehaviors.Items = append(w.config.CacheBehaviors.Items, types.CacheBehavior{
			PathPattern: ptr(fmt.Sprintf("/section%d/*.jpg", i)), TargetOriginId: ptr("o"), ViewerProtocolPolicy: types.ViewerProtocolPolicyRedirectToHttps,
			CachePolicyId: ptr("658327ea-f89d-4fab-a63d-7e88639e58f6"),
		})
	}
	acl := wafv2.WebACL{ARN: ptr(testWebACL), Name: ptr("edge"), DefaultAction: &wafv2.DefaultAction{Allow: &wafv2.AllowAction{}}}
	for i := range 20 {
		acl.Rules = append(acl.Rules, wafv2.Rule{
			Name: ptr(fmt.Sprintf("rule%d", i)), Priority: int32(i), Action: &wafv2.RuleAction{Block: &wafv2.BlockAction{}},
			Statement: &wafv2.Statement{ByteMatchStatement: &wafv2.ByteMatchStatement{
				SearchString: []byte(fmt.Sprintf("/forbidden%d", i)), PositionalConstraint: wafv2.PositionalConstraintStartsWith,
				FieldToMatch:        &wafv2.FieldToMatch{UriPath: &wafv2.UriPath{}},
				TextTransformations: []wafv2.TextTransformation{{Type: wafv2.TextTransformationTypeLowercase}},
			}},
		})
	}
	w.config.WebACLId = ptr(testWebACL)
	account.WebACL(testWebACL).Set(w.World, account.WebACLOutput{WebACL: acl})
	return w
}

func BenchmarkPredict(b *testing.B) {
	m := largeWorld().model(b)
	r := request.New(testAlias, "/section20/picture.jpg")
	r.ClientIP, r.Country = netip.MustParseAddr("192.0.2.1"), "DE"
	b.Run("viewer", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			x := m.exchange(r, false)
			x.run(m.pipeline.viewer, nil)
		}
	})
	b.Run("whole", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			m.Predict(r)
		}
	})
}

// drawRequest makes requests near the edges that the stages look at.
func drawRequest(t *rapid.T) request.Request {
	path := rapid.SampledFrom([]string{"/", "//", "/api", "/api/x", "/API/x", "/%61pi/x", "/page.html", "/a b", "/100%", "/section3/a.jpg", "/../x", strings.Repeat("/a", 5000)}).Draw(t, "path")
	r := request.New(rapid.SampledFrom([]string{testAlias, testDomain, "", "other.example.com", "WWW.EXAMPLE.COM", "x"}).Draw(t, "host"), "/")
	r.Path = path
	r.Method = rapid.SampledFrom([]string{"GET", "HEAD", "POST", "OPTIONS", "TRACE", ""}).Draw(t, "method")
	r.Scheme = rapid.SampledFrom([]string{"https", "http"}).Draw(t, "scheme")
	r.Query = rapid.SampledFrom([]string{"", "a=1", "Expires=1&Signature=x&Key-Pair-Id=K1", "Policy=%"}).Draw(t, "query")
	r.Country = rapid.SampledFrom([]string{"", "DE", "BR"}).Draw(t, "country")
	r.BodySize = rapid.SampledFrom([]int64{0, 10, 1 << 40}).Draw(t, "body")
	r.TLSVersion = rapid.SampledFrom([]string{"", "TLSv1", "TLSv1.2", "?"}).Draw(t, "tls")
	if rapid.Bool().Draw(t, "has address") {
		r.ClientIP = netip.MustParseAddr(rapid.SampledFrom([]string{"192.0.2.7", "2001:db8::1"}).Draw(t, "address"))
	}
	return r
}

// drawWorld makes worlds in which every stage has something to do, or nothing.
func drawWorld(t *rapid.T) *viewerWorld {
	w := largeWorld()
	pick := func(name string, f func()) {
		if rapid.Bool().Draw(t, name) {
			f()
		}
	}
	pick("small", func() { w = newViewerWorld() })
	pick("geo", func() {
		w.config.Restrictions.GeoRestriction = &types.GeoRestriction{RestrictionType: "whitelist", Items: []string{"DE"}}
	})
	pick("disabled", func() { w.config.Enabled = ptr(false) })
	pick("no IPv6", func() { w.config.IsIPV6Enabled = nil })
	pick("in progress", func() { w.status = "InProgress" })
	pick("keys", func() {
		w.config.DefaultCacheBehavior.TrustedKeyGroups = &types.TrustedKeyGroups{Enabled: ptr(true), Items: []string{"g1"}}
		account.KeyGroup("g1").Set(w.World, account.KeyGroupOutput{KeyGroup: types.KeyGroup{KeyGroupConfig: &types.KeyGroupConfig{Items: []string{"K2"}}}})
	})
	pick("encryption", func() { w.config.DefaultCacheBehavior.FieldLevelEncryptionId = ptr("fle") })
	pick("staging", func() { w.staging(types.ContinuousDeploymentPolicyTypeSingleHeader) })
	pick("no certificate", func() { w.config.ViewerCertificate = nil })
	pick("no records", func() { w.records() })
	pick("default block", func() {
		w.config.WebACLId = ptr(testWebACL)
		account.WebACL(testWebACL).Set(w.World, account.WebACLOutput{WebACL: wafv2.WebACL{DefaultAction: &wafv2.DefaultAction{Block: &wafv2.BlockAction{}}}})
	})
	return w
}

func TestPredictIsSimulateWithoutWords(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := drawWorld(rt).model(t)
		r := drawRequest(rt)
		if trace, predicted := m.Simulate(r), m.Predict(r); trace.Outcome != predicted {
			rt.Errorf("simulated %+v, predicted %+v", trace.Outcome, predicted)
		}
		loud, _ := viewerRun(m, r, true)
		silent, steps := viewerRun(m, r, false)
		if len(steps) > 0 {
			rt.Errorf("a prediction makes %d steps", len(steps))
		}
		if loud.outcome() != silent.outcome() || loud.stoppedAt != silent.stoppedAt {
			rt.Errorf("with words %+v at %s, without %+v at %s", loud.outcome(), loud.stoppedAt, silent.outcome(), silent.stoppedAt)
		}
	})
}

// A fact that is lost may make an outcome less certain. It never makes another one certain.
func TestLosingAFactNeverFlipsACertainOutcome(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := drawWorld(rt)
		r := drawRequest(rt)
		whole, _ := viewerRun(w.model(t), r, false)
		for _, rec := range w.Records() {
			if rec.Call.Operation == "GetDistribution" {
				continue
			}
			less := w.Clone()
			less.Forget(rec.Call)
			m, err := Compile(less, testID)
			if err != nil {
				rt.Fatal(err)
			}
			lost, _ := viewerRun(m, r, false)
			a, b := whole.outcome(), lost.outcome()
			if a.Certainty == Certain && b.Certainty == Certain && (a.Status != b.Status || a.AnsweredBy != b.AnsweredBy || whole.stoppedAt != lost.stoppedAt) {
				rt.Errorf("without %s the outcome is %+v at %s instead of %+v at %s", rec.Call.Name(), b, lost.stoppedAt, a, whole.stoppedAt)
			}
		}
	})
}

func TestRepresentativeReachesEveryBehavior(t *testing.T) {
	m := largeWorld().model(t)
	seen := map[*Behavior]bool{}
	for _, r := range m.Representative() {
		if got := m.BehaviorFor(r.Request.Path); got != r.Behavior {
			t.Errorf("%s reaches %s, not %s", r.Request.Path, got.PathPattern, r.Behavior.PathPattern)
		}
		if !r.Synthetic && r.Request.Path != "/" {
			t.Errorf("%s is said to be known", r.Request.Path)
		}
		if r.Request.Host != testAlias || r.Request.Scheme != "https" || r.Why == "" {
			t.Errorf("%+v", r)
		}
		seen[r.Behavior] = true
	}
	if len(seen) != len(m.Behaviors) {
		t.Errorf("%d of %d behaviors are reached", len(seen), len(m.Behaviors))
	}
}

func TestRepresentativeTakesKnownObjects(t *testing.T) {
	w := newViewerWorld()
	w.config.Origins.Items[0].DomainName = ptr("site.s3.us-east-1.amazonaws.com")
	w.config.Origins.Items[0].OriginPath = ptr("/live")
	w.config.CacheBehaviors.Items[0].PathPattern = ptr("img/*.png")
	w.config.CacheBehaviors.Items = append(w.config.CacheBehaviors.Items, types.CacheBehavior{PathPattern: ptr("img/*.png"), TargetOriginId: ptr("o")})
	set := func(prefix string, keys ...string) {
		var out account.ObjectsOutput
		for _, key := range keys {
			out.Contents = append(out.Contents, s3.Object{Key: ptr(key)})
		}
		account.Objects("site", prefix).Set(w.World, out)
	}
	set("", "live/img/a b.png", "live/other.html", "draft/img/c.png")
	var paths []string
	for _, r := range w.model(t).Representative() {
		paths = append(paths, fmt.Sprintf("%s %t", r.Request.Path, r.Synthetic))
	}
	if got, want := strings.Join(paths, ", "), "/ false, /img/a%20b.png false, /other.html false"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
