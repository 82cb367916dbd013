package edge

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	acm "github.com/aws/aws-sdk-go-v2/service/acm/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	route53 "github.com/aws/aws-sdk-go-v2/service/route53/types"
	wafv2 "github.com/aws/aws-sdk-go-v2/service/wafv2/types"

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

func TestViewerStagesAreDocumented(t *testing.T) {
	for _, s := range viewerStages() {
		if s.ID == "" || s.Title == "" || s.Doc == "" || len(s.Sources) == 0 || s.Run == nil {
			t.Errorf("stage %q lacks title, documentation, sources or its function", s.ID)
		}
	}
}

func TestUnresolvableHostHasNoHTTPAnswer(t *testing.T) {
	w := newViewerWorld()
	w.records()
	x, _ := viewerRun(w.model(t), request.New(testAlias, "/"), false)
	if o := x.outcome(); !o.NoHTTP || o.Status != 0 || x.stoppedAt != "viewer-dns" {
		t.Errorf("%+v at %s", o, x.stoppedAt)
	}
}

func TestViewerDNS(t *testing.T) {
	const stage = "viewer-dns"
	runViewerCases(t, []viewerCase{
		{name: "alias record leads here", stage: stage, verdict: Pass, certain: Certain},
		{name: "own domain needs no record", request: func(r *request.Request) { r.Host = testDomain }, world: func(w *viewerWorld) { w.records() }, stage: stage, verdict: Pass},
		{name: "no record in the whole zone", world: func(w *viewerWorld) { w.records() }, stage: stage, verdict: Unknown, certain: Uncertain, by: ByDNS, says: "no address record"},
		{name: "wildcard record covers", world: func(w *viewerWorld) { w.records(aliasRecord(`\052.example.com.`, testDomain)) }, stage: stage, verdict: Pass, certain: Certain},
		{name: "another distribution's name reaches CloudFront", world: func(w *viewerWorld) { w.records(aliasRecord(testAlias, "d222222abcdef8.cloudfront.net.")) }, stage: stage, verdict: Pass, says: "another distribution"},
		{name: "a load balancer is not CloudFront", world: func(w *viewerWorld) {
			w.records(aliasRecord(testAlias, "dualstack.web-1234567890.us-east-1.elb.amazonaws.com."))
		}, stage: stage, verdict: Unknown, certain: Uncertain, by: ByDNS, says: "not to CloudFront"},
		{name: "CNAME through the zone", world: func(w *viewerWorld) {
			w.records(route53.ResourceRecordSet{Name: ptr(testAlias + "."), Type: route53.RRTypeCname, ResourceRecords: []route53.ResourceRecord{{Value: ptr("cdn.example.com")}}},
				aliasRecord("cdn.example.com.", testDomain))
		}, stage: stage, verdict: Pass, certain: Certain},
		{name: "CNAME to a name elsewhere", world: func(w *viewerWorld) {
			w.records(route53.ResourceRecordSet{Name: ptr(testAlias), Type: route53.RRTypeCname, ResourceRecords: []route53.ResourceRecord{{Value: ptr("www.example.org")}}})
		}, stage: stage, verdict: Unknown, certain: Likely},
		{name: "delegated below the zone", world: func(w *viewerWorld) {
			w.records(route53.ResourceRecordSet{Name: ptr(testAlias + "."), Type: route53.RRTypeNs})
		}, stage: stage, verdict: Unknown, certain: Certain, says: "delegated"},
		{name: "weighted records that differ", world: func(w *viewerWorld) {
			w.records(aliasRecord(testAlias, testDomain), aliasRecord(testAlias, "dualstack.web-1234567890.us-east-1.elb.amazonaws.com."))
		}, stage: stage, verdict: Unknown, certain: Likely},
		{name: "zones not read", world: func(w *viewerWorld) { w.Deny(account.HostedZones().Call) }, stage: stage, verdict: Unknown, certain: Certain, says: "not known"},
	})
}

func TestViewerConnection(t *testing.T) {
	const stage = "viewer-connection"
	runViewerCases(t, []viewerCase{
		{name: "certificate covers", stage: stage, verdict: Pass, certain: Certain},
		{name: "plain HTTP", request: func(r *request.Request) { r.Scheme = "http" }, stage: stage, verdict: Skipped},
		{name: "expired", world: func(w *viewerWorld) {
			w.certificate(func(c *acm.CertificateDetail) { c.NotAfter = ptr(testNow().AddDate(0, 0, -1)) })
		}, stage: stage, verdict: Stop, certain: Certain, by: ByViewerTLS, says: "expired"},
		{name: "not valid yet", world: func(w *viewerWorld) {
			w.certificate(func(c *acm.CertificateDetail) { c.NotBefore = ptr(testNow().AddDate(0, 0, 1)) })
		}, stage: stage, verdict: Stop, certain: Certain, says: "not valid yet"},
		{name: "validation pending", world: func(w *viewerWorld) {
			w.certificate(func(c *acm.CertificateDetail) { c.Status = acm.CertificateStatusPendingValidation })
		}, stage: stage, verdict: Unknown, certain: Likely, says: "PENDING_VALIDATION"},
		{name: "other names", world: func(w *viewerWorld) {
			w.certificate(func(c *acm.CertificateDetail) { c.SubjectAlternativeNames = []string{"example.com"} })
		}, stage: stage, verdict: Stop, certain: Certain, says: "does not cover"},
		{name: "wildcard alias is wider than the certificate (DG/CNAMEs)", world: func(w *viewerWorld) {
			w.config.Aliases.Items = []string{"*.example.com"}
			w.records(aliasRecord(`\052.example.com`, testDomain))
		}, request: func(r *request.Request) { r.Host = "a.b.example.com" }, stage: stage, verdict: Stop, says: "does not cover"},
		{name: "default certificate with an alias", world: func(w *viewerWorld) {
			w.config.ViewerCertificate = &types.ViewerCertificate{CloudFrontDefaultCertificate: ptr(true)}
		}, stage: stage, verdict: Stop, by: ByViewerTLS},
		{name: "certificate not read", world: func(w *viewerWorld) { w.Deny(account.Certificate(testCertificate).Call) }, stage: stage, verdict: Unknown, certain: Likely},
		{name: "host of nobody", request: func(r *request.Request) { r.Host = "other.example.com" }, world: func(w *viewerWorld) { w.records(aliasRecord("other.example.com", testDomain)) }, stage: stage, verdict: Unknown},
		{name: "old client", request: func(r *request.Request) { r.TLSVersion = "TLSv1.1" }, stage: stage, verdict: Stop, certain: Certain, says: "TLSv1.1"},
		{name: "new enough client", request: func(r *request.Request) { r.TLSVersion = "TLSv1.2" }, stage: stage, verdict: Pass, certain: Certain},
		{name: "policy newer than the table", world: func(w *viewerWorld) { w.config.ViewerCertificate.MinimumProtocolVersion = "TLSv1.4_2031" },
			request: func(r *request.Request) { r.TLSVersion = "TLSv1.2" }, stage: stage, verdict: Unknown, certain: Likely},
		{name: "mutual TLS", world: func(w *viewerWorld) {
			w.config.ViewerMtlsConfig = &types.ViewerMtlsConfig{Mode: types.ViewerMtlsModeRequired}
		}, stage: stage, verdict: Stop, by: ByViewerTLS, says: "client certificate"},
		{name: "IPv6 viewer, IPv6 off", world: func(w *viewerWorld) { w.config.IsIPV6Enabled = ptr(false) },
			request: func(r *request.Request) { r.ClientIP = netip.MustParseAddr("2001:db8::1") }, stage: stage, verdict: Unknown, certain: Likely},
	})
}

func TestRequestLimits(t *testing.T) {
	const stage = "request-limits"
	runViewerCases(t, []viewerCase{
		{name: "ordinary", stage: stage, verdict: Pass},
		{name: "URL too long", request: func(r *request.Request) { r.Path = "/" + strings.Repeat("a", maxURL) }, stage: stage, verdict: Stop, status: 414, certain: Certain},
		{name: "URL at the limit", request: func(r *request.Request) { r.Path = "/" + strings.Repeat("a", maxURL-100) }, stage: stage, verdict: Pass},
		{name: "URL over only with its host", request: func(r *request.Request) { r.Path = "/" + strings.Repeat("a", maxURL-1) }, stage: stage, verdict: Unknown, certain: Likely},
		{name: "query counts", request: func(r *request.Request) { r.Query = strings.Repeat("q", maxURL) }, stage: stage, verdict: Stop, status: 414},
		{name: "headers too large", request: func(r *request.Request) { r.SetHeader("Cookie", strings.Repeat("c", maxHead)) }, stage: stage, verdict: Stop, status: 494, certain: Certain},
		{name: "GET with a body", request: func(r *request.Request) { r.BodySize = 1 }, stage: stage, verdict: Stop, status: 403, certain: Certain},
		{name: "space in the path", request: func(r *request.Request) { r.Path = "/a b" }, stage: stage, verdict: Stop, status: 400},
		{name: "line break in a header", request: func(r *request.Request) { r.SetHeader("X-A", "b\r\nX-C: d") }, stage: stage, verdict: Stop, status: 400},
		{name: "broken percent-encoding", request: func(r *request.Request) { r.Path = "/100%" }, stage: stage, verdict: Unknown},
		{name: "body over 64 GB", request: func(r *request.Request) { r.Method, r.Path, r.BodySize = "POST", "/api/x", maxBody+1 }, stage: stage, verdict: Unknown, status: 413, certain: Uncertain},
	})
}

func TestDistributionOfTheHost(t *testing.T) {
	const stage = "distribution"
	other := func(r *request.Request) { r.Host = "other.example.com" }
	reach := func(w *viewerWorld) {
		w.records(aliasRecord("other.example.com", testDomain))
		account.ConflictingAliases(testID, "other.example.com").Set(w.World, account.ConflictingAliasesOutput{})
	}
	runViewerCases(t, []viewerCase{
		{name: "alias", stage: stage, verdict: Pass, certain: Certain},
		{name: "letters' case and port do not count", request: func(r *request.Request) { r.Host = "WWW.Example.COM:443" }, stage: stage, verdict: Pass},
		{name: "empty host is the own domain", request: func(r *request.Request) { r.Host = "" }, stage: stage, verdict: Pass},
		{name: "not listed (DG/http-403-permission-denied)", world: reach, request: other, stage: stage, verdict: Stop, status: 403, certain: Certain, by: ByCloudFront},
		{name: "held by another distribution", request: other, world: func(w *viewerWorld) {
			reach(w)
			account.ConflictingAliases(testID, "other.example.com").Set(w.World, account.ConflictingAliasesOutput{ConflictingAliasesList: types.ConflictingAliasesList{
				Items: []types.ConflictingAlias{{Alias: ptr("other.example.com"), DistributionId: ptr("*******ABCDEF")}}}})
		}, stage: stage, verdict: Unknown, certain: Uncertain, says: "another distribution"},
		{name: "itself, partly hidden, is no conflict", request: other, world: func(w *viewerWorld) {
			reach(w)
			account.ConflictingAliases(testID, "other.example.com").Set(w.World, account.ConflictingAliasesOutput{ConflictingAliasesList: types.ConflictingAliasesList{
				Items: []types.ConflictingAlias{{Alias: ptr("*.example.com"), DistributionId: ptr("********EXAMPLE")}}}})
		}, stage: stage, verdict: Stop, status: 403},
		{name: "more specific alias elsewhere beats the wildcard here", request: other, world: func(w *viewerWorld) {
			reach(w)
			w.config.Aliases.Items = []string{"*.example.com"}
			account.Distributions().Set(w.World, account.DistributionsOutput{DistributionList: types.DistributionList{Items: []types.DistributionSummary{
				{Id: ptr("E9OTHER"), Aliases: &types.Aliases{Items: []string{"other.example.com"}}}}}})
		}, stage: stage, verdict: Unknown, says: "E9OTHER"},
		{name: "wildcard elsewhere does not beat the name here", world: func(w *viewerWorld) {
			account.Distributions().Set(w.World, account.DistributionsOutput{DistributionList: types.DistributionList{Items: []types.DistributionSummary{
				{Id: ptr("E9OTHER"), Aliases: &types.Aliases{Items: []string{"*.example.com"}}}}}})
		}, stage: stage, verdict: Pass},
		{name: "weighted staging", world: func(w *viewerWorld) { w.staging(types.ContinuousDeploymentPolicyTypeSingleWeight) }, stage: stage, verdict: Pass, certain: Certain},
		{name: "staging by header, without it", world: func(w *viewerWorld) { w.staging(types.ContinuousDeploymentPolicyTypeSingleHeader) }, stage: stage, verdict: Pass, certain: Certain},
		{name: "staging by header, with it", world: func(w *viewerWorld) { w.staging(types.ContinuousDeploymentPolicyTypeSingleHeader) },
			request: func(r *request.Request) { r.SetHeader("aws-cf-cd-test", "yes") }, stage: stage, verdict: Unknown, certain: Likely, says: "staging"},
		{name: "multi-tenant: tenant serves", world: func(w *viewerWorld) {
			w.tenant(types.DistributionTenant{DistributionId: ptr(testID), Enabled: ptr(true)})
		}, stage: stage, verdict: Pass},
		{name: "multi-tenant: no such tenant", world: func(w *viewerWorld) {
			w.config.ConnectionMode = types.ConnectionModeTenantOnly
			account.TenantByDomain(testAlias).SetAbsent(w.World)
		}, stage: stage, verdict: Stop, status: 403},
		{name: "multi-tenant: tenant not read", world: func(w *viewerWorld) { w.config.ConnectionMode = types.ConnectionModeTenantOnly }, stage: stage, verdict: Unknown, certain: Likely},
		{name: "multi-tenant: domain inactive", world: func(w *viewerWorld) {
			w.tenant(types.DistributionTenant{DistributionId: ptr(testID), Domains: []types.DomainResult{{Domain: ptr(testAlias), Status: types.DomainStatusInactive}}})
		}, stage: stage, verdict: Unknown, status: 403, certain: Uncertain},
	})
}

func (w *viewerWorld) staging(kind types.ContinuousDeploymentPolicyType) {
	w.config.ContinuousDeploymentPolicyId = ptr("cd-1")
	account.ContinuousDeploymentPolicy("cd-1").Set(w.World, account.ContinuousDeploymentPolicyOutput{ContinuousDeploymentPolicy: types.ContinuousDeploymentPolicy{
		ContinuousDeploymentPolicyConfig: &types.ContinuousDeploymentPolicyConfig{Enabled: ptr(true), TrafficConfig: &types.TrafficConfig{
			Type:               kind,
			SingleWeightConfig: &types.ContinuousDeploymentSingleWeightConfig{Weight: ptr(float32(0.1))},
			SingleHeaderConfig: &types.ContinuousDeploymentSingleHeaderConfig{Header: ptr("aws-cf-cd-test"), Value: ptr("yes")},
		}}}})
}

func (w *viewerWorld) tenant(t types.DistributionTenant) {
	w.config.ConnectionMode = types.ConnectionModeTenantOnly
	account.TenantByDomain(testAlias).Set(w.World, account.TenantOutput{DistributionTenant: t})
}

func TestEnabled(t *testing.T) {
	const stage = "enabled"
	runViewerCases(t, []viewerCase{
		{name: "enabled", stage: stage, verdict: Pass, certain: Certain},
		{name: "disabled; the status is not documented", world: func(w *viewerWorld) { w.config.Enabled = ptr(false) }, stage: stage, verdict: Stop, status: 403, certain: Likely},
		{name: "in progress", world: func(w *viewerWorld) { w.status = "InProgress" }, stage: stage, verdict: Pass, certain: Certain, says: "being deployed"},
		{name: "tenant disabled", world: func(w *viewerWorld) {
			w.tenant(types.DistributionTenant{DistributionId: ptr(testID), Enabled: ptr(false)})
		}, stage: stage, verdict: Stop, status: 403},
	})
}

func TestGeoRestriction(t *testing.T) {
	const stage = "geo-restriction"
	list := func(kind types.GeoRestrictionType) func(*viewerWorld) {
		return func(w *viewerWorld) {
			w.config.Restrictions.GeoRestriction = &types.GeoRestriction{RestrictionType: kind, Items: []string{"US", "CA", "GB"}}
		}
	}
	from := func(country string) func(*request.Request) { return func(r *request.Request) { r.Country = country } }
	runViewerCases(t, []viewerCase{
		{name: "no restriction", stage: stage, verdict: Pass},
		{name: "on the allow list", world: list("whitelist"), request: from("GB"), stage: stage, verdict: Pass, certain: Certain},
		{name: "not on the allow list", world: list("whitelist"), request: from("BR"), stage: stage, verdict: Stop, status: 403, certain: Certain, says: "BR"},
		{name: "on the deny list", world: list("blacklist"), request: from("US"), stage: stage, verdict: Stop, status: 403},
		{name: "not on the deny list", world: list("blacklist"), request: from("BR"), stage: stage, verdict: Pass},
		{name: "country not known", world: list("whitelist"), stage: stage, verdict: Unknown, certain: Likely},
		{name: "the tenant's list goes first", world: func(w *viewerWorld) {
			list("whitelist")(w)
			w.tenant(types.DistributionTenant{DistributionId: ptr(testID), Enabled: ptr(true), Customizations: &types.Customizations{
				GeoRestrictions: &types.GeoRestrictionCustomization{RestrictionType: "whitelist", Locations: []string{"BR"}}}})
		}, request: from("BR"), stage: stage, verdict: Pass},
	})
}

func TestCacheBehaviorStage(t *testing.T) {
	const stage = "cache-behavior"
	at := func(path string) func(*request.Request) { return func(r *request.Request) { r.Path = path } }
	runViewerCases(t, []viewerCase{
		{name: "pattern matches", request: at("/api/x"), stage: stage, verdict: Pass, certain: Certain, says: "/api/*"},
		{name: "default", request: at("/x"), stage: stage, verdict: Pass, certain: Certain, says: "default"},
		{name: "other case misses", request: at("/API/x"), stage: stage, verdict: Pass, certain: Certain, says: "letter case"},
		{name: "bare folder misses", request: at("/api"), stage: stage, verdict: Pass, certain: Certain, says: "slash"},
		{name: "dot segments are resolved", request: at("/x/../api/y"), stage: stage, verdict: Pass, certain: Certain, says: "/api/*"},
		{name: "encoded letters are not documented", request: at("/%61pi/x"), stage: stage, verdict: Unknown, certain: Likely},
	})
}

func TestRoutingExplains(t *testing.T) {
	w := newViewerWorld()
	w.config.CacheBehaviors.Items = []types.CacheBehavior{
		{PathPattern: ptr("/Images/*"), TargetOriginId: ptr("o")}, {PathPattern: ptr("*.jpg"), TargetOriginId: ptr("o")}, {PathPattern: ptr("/images/*"), TargetOriginId: ptr("o")},
	}
	x, _ := viewerRun(w.model(t), request.New(testAlias, "/images/a.jpg"), true)
	r := x.Routing
	if r.Behavior.PathPattern != "*.jpg" || len(r.Considered) != 2 || r.Considered[0].Matched.Yes() || !r.Considered[1].Matched.Yes() {
		t.Errorf("considered %+v", r.Considered)
	}
	if len(r.NearMisses) != 1 || r.NearMisses[0].Behavior.PathPattern != "/Images/*" {
		t.Errorf("near misses %+v", r.NearMisses)
	}
	if len(r.Shadowed) != 1 || r.Shadowed[0].PathPattern != "/images/*" {
		t.Errorf("shadowed %+v", r.Shadowed)
	}
}

func TestViewerProtocolAndMethods(t *testing.T) {
	plain := func(method, path string) func(*request.Request) {
		return func(r *request.Request) { r.Scheme, r.Method, r.Path = "http", method, path }
	}
	redirectAPI := func(w *viewerWorld) {
		w.config.CacheBehaviors.Items[0].ViewerProtocolPolicy = types.ViewerProtocolPolicyRedirectToHttps
	}
	runViewerCases(t, []viewerCase{
		{name: "redirect GET", request: plain("GET", "/a"), stage: "viewer-protocol", verdict: Stop, status: 301, certain: Certain},
		{name: "redirect POST", world: redirectAPI, request: plain("POST", "/api/a"), stage: "viewer-protocol", verdict: Stop, status: 307, certain: Certain},
		{name: "redirect POST that is not allowed either", request: plain("POST", "/a"), stage: "viewer-protocol", verdict: Stop, status: 307, certain: Likely},
		{name: "redirect POST over HTTP/1.0", world: redirectAPI, request: func(r *request.Request) {
			plain("POST", "/api/a")(r)
			r.HTTPVersion = "HTTP/1.0"
		}, stage: "viewer-protocol", verdict: Stop, status: 403},
		{name: "HTTPS only", request: plain("GET", "/api/a"), stage: "viewer-protocol", verdict: Stop, status: 403, certain: Certain},
		{name: "HTTPS passes", stage: "viewer-protocol", verdict: Pass},
		{name: "POST not allowed (DG/http-403-invalid-method)", request: func(r *request.Request) { r.Method = "POST" }, stage: "allowed-methods", verdict: Stop, status: 403, certain: Certain},
		{name: "POST allowed", request: func(r *request.Request) { r.Method, r.Path = "POST", "/api/a" }, stage: "allowed-methods", verdict: Pass},
		{name: "TRACE never", request: func(r *request.Request) { r.Method, r.Path = "TRACE", "/api/a" }, stage: "allowed-methods", verdict: Stop, status: 403},
	})
}

func TestRedirectKeepsTheAddress(t *testing.T) {
	r := request.New(testAlias, "/a%20b?x=1&y")
	r.Scheme = "http"
	x, _ := viewerRun(newViewerWorld().model(t), r, true)
	if got, _ := x.Response.Header("Location"); got != "https://www.example.com/a%20b?x=1&y" {
		t.Errorf("redirects to %q", got)
	}
}

func TestSignedAccess(t *testing.T) {
	const stage = "signed-access"
	restrict := func(w *viewerWorld) {
		w.config.DefaultCacheBehavior.TrustedKeyGroups = &types.TrustedKeyGroups{Enabled: ptr(true), Items: []string{"g1"}}
	}
	known := func(w *viewerWorld) {
		restrict(w)
		account.KeyGroup("g1").Set(w.World, account.KeyGroupOutput{KeyGroup: types.KeyGroup{KeyGroupConfig: &types.KeyGroupConfig{Items: []string{"K1"}}}})
	}
	signed := func(r *request.Request) { r.Query = "Expires=4102444800&Signature=AAAA&Key-Pair-Id=K2" }
	runViewerCases(t, []viewerCase{
		{name: "not asked for", stage: stage, verdict: Pass},
		{name: "nothing sent", world: known, stage: stage, verdict: Stop, status: 403, certain: Certain},
		{name: "nothing sent, keys unknown", world: restrict, stage: stage, verdict: Stop, status: 403, certain: Certain},
		{name: "unknown key", world: known, request: signed, stage: stage, verdict: Stop, status: 403, certain: Certain},
		{name: "key of a group nobody read", world: restrict, request: signed, stage: stage, verdict: Unknown, certain: Likely},
		{name: "the distribution lists the group's keys", request: signed, world: func(w *viewerWorld) {
			restrict(w)
			w.dist.ActiveTrustedKeyGroups = &types.ActiveTrustedKeyGroups{Items: []types.KGKeyPairIds{{KeyGroupId: ptr("g1"), KeyPairIds: &types.KeyPairIds{Items: []string{"K1"}}}}}
		}, stage: stage, verdict: Stop, status: 403},
		{name: "trusted signer whose keys nobody can read", request: signed, world: func(w *viewerWorld) {
			w.config.DefaultCacheBehavior.TrustedSigners = &types.TrustedSigners{Enabled: ptr(true), Items: []string{"self"}}
			w.dist.ActiveTrustedSigners = &types.ActiveTrustedSigners{Items: []types.Signer{{AwsAccountNumber: ptr("self"), KeyPairIds: &types.KeyPairIds{Items: []string{"K2"}}}}}
		}, stage: stage, verdict: Unknown, certain: Likely},
	})
}

func TestWebACLStage(t *testing.T) {
	const stage = "web-acl"
	allow := &wafv2.DefaultAction{Allow: &wafv2.AllowAction{}}
	acl := func(fallback *wafv2.DefaultAction, rules ...wafv2.Rule) func(*viewerWorld) {
		return func(w *viewerWorld) {
			w.config.WebACLId = ptr(testWebACL)
			account.WebACL(testWebACL).Set(w.World, account.WebACLOutput{WebACL: wafv2.WebACL{ARN: ptr(testWebACL), Name: ptr("edge"), DefaultAction: fallback, Rules: rules}})
		}
	}
	country := wafv2.Rule{
		Name: ptr("no-brazil"), Action: &wafv2.RuleAction{Block: &wafv2.BlockAction{}}, VisibilityConfig: &wafv2.VisibilityConfig{MetricName: ptr("brazil")},
		Statement: &wafv2.Statement{GeoMatchStatement: &wafv2.GeoMatchStatement{CountryCodes: []wafv2.CountryCode{"BR"}}},
	}
	rate := wafv2.Rule{
		Name: ptr("rate"), Action: &wafv2.RuleAction{Block: &wafv2.BlockAction{}},
		Statement: &wafv2.Statement{RateBasedStatement: &wafv2.RateBasedStatement{Limit: ptr(int64(100)), AggregateKeyType: "IP"}},
	}
	runViewerCases(t, []viewerCase{
		{name: "none attached", stage: stage, verdict: Pass, certain: Certain},
		{name: "allows", world: acl(allow), stage: stage, verdict: Pass, certain: Certain},
		{name: "blocks by default", world: acl(&wafv2.DefaultAction{Block: &wafv2.BlockAction{}}), stage: stage, verdict: Stop, status: 403, certain: Certain, by: ByWAF, says: "default action"},
		{name: "rule blocks", world: acl(allow, country), request: func(r *request.Request) { r.Country = "BR" }, stage: stage, verdict: Stop, status: 403, certain: Certain, says: "no-brazil"},
		{name: "rule that cannot be judged", world: acl(allow, country), stage: stage, verdict: Unknown, certain: Likely},
		{name: "default block that an address list may open", world: acl(&wafv2.DefaultAction{Block: &wafv2.BlockAction{}}, wafv2.Rule{
			Name: ptr("office"), Action: &wafv2.RuleAction{Allow: &wafv2.AllowAction{}},
			Statement: &wafv2.Statement{IPSetReferenceStatement: &wafv2.IPSetReferenceStatement{ARN: ptr("arn:aws:wafv2:us-east-1:111122223333:global/ipset/office/1")}},
		}), stage: stage, verdict: Stop, status: 403, certain: Likely},
		{name: "all but some countries, and the country is not known", world: acl(allow, wafv2.Rule{
			Name: ptr("only-germany"), Action: &wafv2.RuleAction{Block: &wafv2.BlockAction{}},
			Statement: &wafv2.Statement{NotStatement: &wafv2.NotStatement{Statement: &wafv2.Statement{GeoMatchStatement: &wafv2.GeoMatchStatement{CountryCodes: []wafv2.CountryCode{"DE"}}}}},
		}), stage: stage, verdict: Unknown, certain: Likely},
		{name: "rate rule is a weak possibility", world: acl(allow, rate), stage: stage, verdict: Pass, certain: Certain},
		{name: "rate rule that limits the viewer now", world: func(w *viewerWorld) {
			acl(allow, rate)(w)
			account.RateKeys(testWebACL, "rate").Set(w.World, account.RateKeysOutput{ManagedKeysIPV4: wafv2.RateBasedStatementManagedKeysIPSet{Addresses: []string{"192.0.2.7/32"}}})
		}, request: func(r *request.Request) { r.ClientIP = netip.MustParseAddr("192.0.2.7") }, stage: stage, verdict: Stop, status: 403, certain: Likely, says: "at the moment"},
		{name: "another viewer's sample is no proof", world: func(w *viewerWorld) {
			acl(allow, country)(w)
			account.SampledRequests(testWebACL, "brazil", testNow()).Set(w.World, account.SampledRequestsOutput{SampledRequests: []wafv2.SampledHTTPRequest{{
				Action: ptr("BLOCK"), Request: &wafv2.HTTPRequest{ClientIP: ptr("192.0.2.7"), URI: ptr("/page.html"), Method: ptr("GET")}}}})
		}, stage: stage, verdict: Unknown, certain: Likely},
		{name: "could not be read", world: func(w *viewerWorld) { w.config.WebACLId = ptr(testWebACL); w.Deny(account.WebACL(testWebACL).Call) }, stage: stage, verdict: Unknown, certain: Likely},
		{name: "WAF Classic", world: func(w *viewerWorld) { w.config.WebACLId = ptr("473e64fd-f30b-4765-81a0-62ad96dd167a") }, stage: stage, verdict: Unknown, certain: Likely, says: "Classic"},
		{name: "the tenant turns it off", world: func(w *viewerWorld) {
			acl(&wafv2.DefaultAction{Block: &wafv2.BlockAction{}})(w)
			w.tenant(types.DistributionTenant{DistributionId: ptr(testID), Enabled: ptr(true), Customizations: &types.Customizations{
				WebAcl: &types.WebAclCustomization{Action: types.CustomizationActionTypeDisable}}})
		}, stage: stage, verdict: Pass},
	})
}

func TestFieldLevelEncryption(t *testing.T) {
	const stage = "field-level-encryption"
	with := func(config *types.FieldLevelEncryptionConfig) func(*viewerWorld) {
		return func(w *viewerWorld) {
			w.config.CacheBehaviors.Items[0].FieldLevelEncryptionId = ptr("fle")
			account.FieldLevelEncryption("fle").Set(w.World, account.FieldLevelEncryptionOutput{FieldLevelEncryption: types.FieldLevelEncryption{FieldLevelEncryptionConfig: config}})
		}
	}
	forms := &types.FieldLevelEncryptionConfig{ContentTypeProfileConfig: &types.ContentTypeProfileConfig{
		ForwardWhenContentTypeIsUnknown: ptr(false),
		ContentTypeProfiles:             &types.ContentTypeProfiles{Items: []types.ContentTypeProfile{{ContentType: ptr("application/x-www-form-urlencoded"), ProfileId: ptr("P1")}}},
	}}
	post := func(contentType string, size int64) func(*request.Request) {
		return func(r *request.Request) {
			r.Method, r.Path, r.BodySize = "POST", "/api/form", size
			if contentType != "" {
				r.SetHeader("Content-Type", contentType)
			}
		}
	}
	runViewerCases(t, []viewerCase{
		{name: "none", request: post("text/plain", 10), stage: stage, verdict: Skipped},
		{name: "form", world: with(forms), request: post("application/x-www-form-urlencoded; charset=utf-8", 10), stage: stage, verdict: Unknown, certain: Certain},
		{name: "unknown content type", world: with(forms), request: post("application/json", 10), stage: stage, verdict: Stop, status: 400, certain: Certain},
		{name: "no content type", world: with(forms), request: post("", 10), stage: stage, verdict: Unknown, certain: Likely},
		{name: "too large", world: with(forms), request: post("application/x-www-form-urlencoded", maxEncryptedBody+1), stage: stage, verdict: Stop, status: 400},
		{name: "GET is let alone", world: with(forms), request: func(r *request.Request) { r.Path = "/api/x" }, stage: stage, verdict: Skipped},
		{name: "could not be read", world: func(w *viewerWorld) { w.config.CacheBehaviors.Items[0].FieldLevelEncryptionId = ptr("fle") }, request: post("a/b", 1), stage: stage, verdict: Unknown, certain: Likely},
	})
}

func (w *viewerWorld) function(source string) {
	w.config.DefaultCacheBehavior.FunctionAssociations = &types.FunctionAssociations{Items: []types.FunctionAssociation{{EventType: types.EventTypeViewerRequest, FunctionARN: ptr(testFunction)}}}
	account.FunctionCode("gate", "LIVE").Set(w.World, account.FunctionCodeOutput{FunctionCode: []byte(source)})
	account.Function("gate", "LIVE").Set(w.World, account.FunctionOutput{FunctionSummary: types.FunctionSummary{FunctionConfig: &types.FunctionConfig{Runtime: types.FunctionRuntimeCloudfrontJs20}}})
}

func TestViewerRequestFunction(t *testing.T) {
	const stage = "viewer-request-function"
	code := func(body string) func(*viewerWorld) {
		return func(w *viewerWorld) {
			w.function("function handler(event) { var request = event.request; " + body + " }")
		}
	}
	runViewerCases(t, []viewerCase{
		{name: "none", stage: stage, verdict: Pass},
		{name: "lets pass", world: code("return request;"), stage: stage, verdict: Pass, certain: Certain},
		{name: "rewrites", world: code("request.uri = '/v2' + request.uri; return request;"), stage: stage, verdict: Rewrite, certain: Certain, says: "/v2/page.html"},
		{name: "answers", world: code("return {statusCode: 401, statusDescription: 'Unauthorized'};"), stage: stage, verdict: Stop, status: 401, certain: Certain, by: ByFunction},
		{name: "throws (DG/http-503-service-unavailable)", world: code("return request.cookies.a.value;"), stage: stage, verdict: Stop, status: 503, certain: Certain},
		{name: "returns nonsense (DG/http-502-bad-gateway)", world: code("request.uri = 'no-slash'; return request;"), stage: stage, verdict: Stop, status: 502, certain: Certain},
		{name: "asks for an address nobody knows", world: code("if (event.viewer.ip === '192.0.2.1') { return request; } return {statusCode: 403};"), stage: stage, verdict: Stop, status: 403, certain: Likely},
		{name: "code not read", world: func(w *viewerWorld) { w.function(""); w.Deny(account.FunctionCode("gate", "LIVE").Call) }, stage: stage, verdict: Unknown, certain: Likely},
		{name: "Lambda@Edge", world: func(w *viewerWorld) {
			w.config.DefaultCacheBehavior.LambdaFunctionAssociations = &types.LambdaFunctionAssociations{Items: []types.LambdaFunctionAssociation{{
				EventType: types.EventTypeViewerRequest, LambdaFunctionARN: ptr("arn:aws:lambda:us-east-1:111122223333:function:auth:3")}}}
		}, stage: stage, verdict: Unknown, certain: Likely},
	})
}

func TestFunctionChangesTheRequest(t *testing.T) {
	w := newViewerWorld()
	w.function(`function handler(event) {
		var r = event.request;
		r.uri = '/index.html';
		r.querystring = {lang: {value: 'de'}};
		r.headers['x-tenant'] = {value: 'a'};
		delete r.headers['accept'];
		r.cookies.seen = {value: '1'};
		return r;
	}`)
	r := request.New(testAlias, "/page?x=1")
	r.SetHeader("Upgrade", "websocket")
	x, _ := viewerRun(w.model(t), r, true)
	if x.Current.Path != "/index.html" || x.Current.Query != "lang=de" {
		t.Errorf("the request is for %s?%s", x.Current.Path, x.Current.Query)
	}
	for name, want := range map[string]string{"X-Tenant": "a", "Cookie": "seen=1", "Upgrade": "websocket", "User-Agent": r.Headers[1].Value} {
		if got, _ := x.Current.Header(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if _, ok := x.Current.Header("Accept"); ok {
		t.Error("the function's deletion of Accept is lost")
	}
	if x.Viewer.Path != "/page" || x.Viewer.Query != "x=1" {
		t.Error("the viewer's request was changed")
	}
	if x.Behavior.Default != true || x.ViewerRequest.Before != "/page?x=1" || x.ViewerRequest.After != "/index.html?lang=de" {
		t.Errorf("recorded %q to %q", x.ViewerRequest.Before, x.ViewerRequest.After)
	}
}

func TestDefaultRootObject(t *testing.T) {
	const stage = "default-root-object"
	root := func(r *request.Request) { r.Path = "/" }
	set := func(value string) func(*viewerWorld) {
		return func(w *viewerWorld) { w.config.DefaultRootObject = ptr(value) }
	}
	runViewerCases(t, []viewerCase{
		{name: "root", request: root, stage: stage, verdict: Rewrite, certain: Certain},
		{name: "not the root", stage: stage, verdict: Skipped},
		{name: "folder", request: func(r *request.Request) { r.Path = "/docs/" }, stage: stage, verdict: Skipped},
		{name: "two slashes are not the root (DG/DefaultRootObject)", request: func(r *request.Request) { r.Path = "//" }, stage: stage, verdict: Skipped},
		{name: "unset", world: set(""), request: root, stage: stage, verdict: Pass, certain: Certain},
		{name: "too long", world: set(strings.Repeat("a", 256)), request: root, stage: stage, verdict: Stop, status: 400},
		{name: "bad character", world: set("a b.html"), request: root, stage: stage, verdict: Stop, status: 400},
	})
	w := newViewerWorld()
	w.config.DefaultRootObject = ptr("/index.html")
	x, _ := viewerRun(w.model(t), request.New(testAlias, "/"), true)
	if x.Current.Path != "//index.html" {
		t.Errorf("a leading slash gives %q", x.Current.Path)
	}
}

func TestCacheLookup(t *testing.T) {
	m := newViewerWorld().model(t)
	x, steps := viewerRun(m, request.New(testAlias, "/"), true)
	if !x.Cache.Cacheable.Yes() || x.Cache.Key != testDomain+"/index.html" {
		t.Errorf("cache %+v", x.Cache)
	}
	if s := stepOf(steps, "cache-lookup"); s.Verdict != Pass {
		t.Errorf("verdict %s", s.Verdict)
	}
	x, _ = viewerRun(m, request.New(testAlias, "/api/x"), true)
	if !x.Cache.Cacheable.No() {
		t.Errorf("CachingDisabled is cacheable: %+v", x.Cache)
	}
}
