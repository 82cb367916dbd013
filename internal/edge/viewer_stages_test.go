package edge

import (
	"net/netip"
	"strings"
	"testing"

	acm "github.com/aws/aws-sdk-go-v2/service/acm/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	route53 "github.com/aws/aws-sdk-go-v2/service/route53/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/request"
)

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
		{name: "no record, and no wildcard above it", world: func(w *viewerWorld) { w.split(nil) }, stage: stage, verdict: Unknown, certain: Uncertain, by: ByDNS, says: "no address record"},
		{name: "no record, and the wildcard not read", world: func(w *viewerWorld) {
			w.split(nil)
			w.Forget(account.RecordSets("/hostedzone/Z1", "*.example.com").Call)
		}, stage: stage, verdict: Unknown, certain: Certain, says: "only a part"},
		{name: "no record, and a wildcard that was read apart", world: func(w *viewerWorld) {
			w.split([]route53.ResourceRecordSet{aliasRecord(`\052.example.com.`, testDomain)})
		}, stage: stage, verdict: Pass, certain: Certain},
		{name: "no record two levels below the zone: a delegation above was not looked for", request: func(r *request.Request) { r.Host = "a.b.example.com" }, world: func(w *viewerWorld) {
			w.config.Aliases.Items = []string{"a.b.example.com"}
			w.split(nil)
		}, stage: stage, verdict: Unknown, says: "only a part"},
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
		{name: "headers at the limit", request: func(r *request.Request) { r.SetHeader("Cookie", strings.Repeat("c", maxHead-250)) }, stage: stage, verdict: Unknown, certain: Likely},
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
		{name: "a staging distribution", world: func(w *viewerWorld) { w.config.Staging = ptr(true) }, stage: stage, verdict: Unknown, certain: Likely},
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
		{name: "blocked over plain HTTP, which may be redirected first", world: list("whitelist"), request: func(r *request.Request) {
			r.Country, r.Scheme = "BR", "http"
		}, stage: stage, verdict: Stop, status: 403, certain: Likely},
		{name: "country not known", world: list("whitelist"), stage: stage, verdict: Unknown, certain: Likely},
		{name: "the tenant's list goes first", world: func(w *viewerWorld) {
			list("whitelist")(w)
			w.tenant(types.DistributionTenant{DistributionId: ptr(testID), Enabled: ptr(true), Customizations: &types.Customizations{
				GeoRestrictions: &types.GeoRestrictionCustomization{RestrictionType: "whitelist", Locations: []string{"BR"}}}})
		}, request: from("BR"), stage: stage, verdict: Pass},
	})
}
