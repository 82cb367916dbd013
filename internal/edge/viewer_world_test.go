package edge

import (
	"strings"
	"testing"
	"time"

	acm "github.com/aws/aws-sdk-go-v2/service/acm/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	route53 "github.com/aws/aws-sdk-go-v2/service/route53/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/request"
)

const (
	testID          = "E2VIEWEREXAMPLE"
	testDomain      = "d111111abcdef8.cloudfront.net"
	testAlias       = "www.example.com"
	testCertificate = "arn:aws:acm:us-east-1:111122223333:certificate/00000000-0000-4000-8000-000000000001"
	testWebACL      = "arn:aws:wafv2:us-east-1:111122223333:global/webacl/edge/00000000-0000-4000-8000-000000000002"
	testFunction    = "arn:aws:cloudfront::111122223333:function/gate"
)

func testNow() time.Time { return time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC) }

// viewerWorld is a site with an alias, a certificate for it, DNS that leads to it, and one behavior besides the default.
type viewerWorld struct {
	*evidence.World
	config types.DistributionConfig
	status string
	dist   types.Distribution
}

func newViewerWorld() *viewerWorld {
	w := &viewerWorld{World: evidence.NewWorld(testNow(), "111122223333"), status: "Deployed"}
	w.config = types.DistributionConfig{
		Enabled: ptr(true), IsIPV6Enabled: ptr(true), DefaultRootObject: ptr("index.html"), WebACLId: ptr(""),
		Aliases:           &types.Aliases{Items: []string{testAlias}},
		ViewerCertificate: &types.ViewerCertificate{ACMCertificateArn: ptr(testCertificate), MinimumProtocolVersion: types.MinimumProtocolVersionTLSv122021},
		Restrictions:      &types.Restrictions{GeoRestriction: &types.GeoRestriction{RestrictionType: types.GeoRestrictionTypeNone}},
		Origins:           &types.Origins{Items: []types.Origin{{Id: ptr("o"), DomainName: ptr("origin.example.net")}}},
		DefaultCacheBehavior: &types.DefaultCacheBehavior{
			TargetOriginId: ptr("o"), ViewerProtocolPolicy: types.ViewerProtocolPolicyRedirectToHttps, CachePolicyId: ptr("658327ea-f89d-4fab-a63d-7e88639e58f6"),
		},
		CacheBehaviors: &types.CacheBehaviors{Items: []types.CacheBehavior{{
			PathPattern: ptr("/api/*"), TargetOriginId: ptr("o"), ViewerProtocolPolicy: types.ViewerProtocolPolicyHttpsOnly,
			CachePolicyId:  ptr("4135ea2d-6df8-44a3-9df3-4b5a84be39ad"),
			AllowedMethods: &types.AllowedMethods{Items: []types.Method{"GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"}},
		}}},
	}
	w.certificate(func(c *acm.CertificateDetail) {})
	w.records(aliasRecord(testAlias+".", testDomain+"."))
	return w
}

func (w *viewerWorld) certificate(edit func(*acm.CertificateDetail)) {
	c := acm.CertificateDetail{
		CertificateArn: ptr(testCertificate), DomainName: ptr("example.com"), SubjectAlternativeNames: []string{"example.com", "*.example.com"},
		Status: acm.CertificateStatusIssued, NotBefore: ptr(testNow().AddDate(-1, 0, 0)), NotAfter: ptr(testNow().AddDate(1, 0, 0)),
	}
	edit(&c)
	account.Certificate(testCertificate).Set(w.World, account.CertificateOutput{Certificate: c})
}

// records makes the zone example.com hold these, and nothing else.
func (w *viewerWorld) records(sets ...route53.ResourceRecordSet) {
	account.HostedZones().Set(w.World, account.HostedZonesOutput{HostedZones: []route53.HostedZone{{Id: ptr("/hostedzone/Z1"), Name: ptr("example.com.")}}})
	sets = append(sets, route53.ResourceRecordSet{Name: ptr("example.com."), Type: route53.RRTypeSoa})
	for _, host := range []string{testAlias, "other.example.com", "a.b.example.com"} {
		account.RecordSets("/hostedzone/Z1", host).Set(w.World, account.RecordSetsOutput{ResourceRecordSets: sets})
	}
}

// split makes the zone hold no record of the hosts' own; each wildcard above them is an answer of its own, as Route 53 lists records from a name on.
func (w *viewerWorld) split(wildcards []route53.ResourceRecordSet) {
	w.records()
	for _, host := range []string{testAlias, "a.b.example.com"} {
		account.RecordSets("/hostedzone/Z1", host).Set(w.World, account.RecordSetsOutput{})
	}
	for _, name := range []string{"*.example.com", "*.b.example.com"} {
		account.RecordSets("/hostedzone/Z1", name).Set(w.World, account.RecordSetsOutput{ResourceRecordSets: wildcards})
	}
}

func aliasRecord(name, target string) route53.ResourceRecordSet {
	return route53.ResourceRecordSet{Name: ptr(name), Type: route53.RRTypeA, AliasTarget: &route53.AliasTarget{DNSName: ptr(target)}}
}

func (w *viewerWorld) model(t testing.TB) *Model {
	t.Helper()
	d := w.dist
	d.Id, d.DomainName, d.Status, d.DistributionConfig = ptr(testID), ptr(testDomain), ptr(w.status), &w.config
	account.Distribution(testID).Set(w.World, account.DistributionOutput{Distribution: d})
	m, err := Compile(w.World, testID)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// viewerRun takes a request through the viewer stages alone.
func viewerRun(m *Model, r request.Request, explain bool) (*Exchange, []Step) {
	x := m.exchange(r, explain)
	return x, x.run(m.pipeline.viewer, nil)
}

func stepOf(steps []Step, id string) Step {
	for _, s := range steps {
		if s.Stage == id {
			return s
		}
	}
	return Step{}
}

// viewerCase is one request and what a stage makes of it.
type viewerCase struct {
	name    string
	world   func(*viewerWorld)
	request func(*request.Request)
	stage   string
	verdict Verdict
	status  int
	certain Certainty // of the outcome after the viewer stages
	says    string    // part of the summary or the detail
	by      string    // who answers, where somebody does
}

func runViewerCases(t *testing.T, cases []viewerCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newViewerWorld()
			if c.world != nil {
				c.world(w)
			}
			r := request.New(testAlias, "/page.html")
			if c.request != nil {
				c.request(&r)
			}
			m := w.model(t)
			x, steps := viewerRun(m, r, true)
			s := stepOf(steps, c.stage)
			if s.Verdict != c.verdict || s.Status != c.status {
				t.Errorf("%s is %s %d (%s), want %s %d", c.stage, s.Verdict, s.Status, s.Summary, c.verdict, c.status)
			}
			o := x.outcome()
			if c.certain != "" && o.Certainty != c.certain {
				t.Errorf("the outcome is %s, want %s; alternatives %+v", o.Certainty, c.certain, x.alternatives)
			}
			if c.by != "" && o.AnsweredBy != c.by {
				t.Errorf("%q answers, want %q", o.AnsweredBy, c.by)
			}
			if !strings.Contains(s.Summary+" "+s.Detail, c.says) {
				t.Errorf("%q and %q do not say %q", s.Summary, s.Detail, c.says)
			}
			if s.Verdict == Stop && len(s.Evidence) == 0 && c.stage != "request-limits" {
				t.Errorf("%s stops without evidence", c.stage)
			}
			silent, _ := viewerRun(m, r, false)
			if got := silent.outcome(); got != o {
				t.Errorf("without words the outcome is %+v, with words %+v", got, o)
			}
		})
	}
}
