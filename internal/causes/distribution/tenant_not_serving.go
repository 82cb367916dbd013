package distribution

import (
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/posture"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
)

var tenantNotServing = &cause.Cause{
	ID:       "TENANT_NOT_SERVING",
	Title:    "No tenant of the multi-tenant distribution serves the requested host",
	Stage:    "distribution",
	Symptoms: []int{403},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `A multi-tenant distribution is a template and serves nothing by itself. Each tenant has domains of its own, a switch, and a connection group to whose routing
endpoint DNS has to lead. Where one of them is missing or off, CloudFront answers 403 or nothing.`,
		Why: `The tenant was not made yet or was disabled, its domain is inactive until a certificate covers it, the domain is on a tenant of another distribution, or its
DNS leads to the template instead of the connection group.`,
		Example: "A tenant whose domain has the status inactive, since its certificate waits for validation.",
		Manual:  "Tenants, their domains and their certificates belong to whoever runs the tenants.",
		References: []string{
			posture.Guide + "distribution-config-options.html",
			posture.Guide + "tenant-customization.html",
			posture.Guide + "managed-cloudfront-certificates.html",
		},
		Since: "0.1",
	},
	Detect: detectTenant,
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		if on := turnOn(p); len(on.Changes) > 0 {
			return []fix.Fix{on}
		}
		return []fix.Fix{haveTenant(p)}
	},
}

// turnOn enables the tenant and its connection group, whichever is known to be off.
func turnOn(p *cause.Pass) fix.Fix {
	h := p.Exchange().Host
	f := fix.Fix{
		Title: "Enable the tenant of " + requestedHost(p), Complexity: fix.Quick, Minutes: 10,
		Impact:      "None on other tenants",
		Explanation: "CloudFront takes requests for a tenant's domains while the tenant, its connection group and its distribution are enabled.",
		SideEffects: []string{"The tenant serves all of its domains again: leave it off where it was turned off on purpose"},
		Confidence:  fix.High,
	}
	if h == nil || h.Tenant == nil || h.TenantListed || p.Trace.StoppedAt != "enabled" {
		return f
	}
	if on := h.Tenant.Enabled; on != nil && !*on {
		f.Changes = append(f.Changes, fix.EditTenant(posture.Text(h.Tenant.Id), h.Host, fix.Enable()))
	}
	id := posture.Text(h.Tenant.ConnectionGroupId)
	if on := account.ConnectionGroup(id).In(p.World).Or(account.ConnectionGroupOutput{}).ConnectionGroup.Enabled; on != nil && !*on {
		if len(f.Changes) == 0 {
			f.Title = "Enable the connection group of the tenant of " + requestedHost(p)
		}
		f.Impact = "Every tenant of the connection group is served again"
		f.SideEffects = []string{"All tenants of the connection group are served again: leave it off where it was turned off on purpose"}
		f.Changes = append(f.Changes, fix.EditConnectionGroup(id, fix.Enable()))
	}
	return f
}

// haveTenant is the remedy where somebody has to decide which tenant serves the host, or to prove that its domain is theirs.
func haveTenant(p *cause.Pass) fix.Fix {
	host, h := requestedHost(p), p.Exchange().Host
	f := fix.Fix{
		Title: "Have a tenant serve " + host, Complexity: fix.Standard, Minutes: 30,
		Impact:      "None on other tenants",
		Explanation: "A tenant that is enabled, lists the domain as active, and whose connection group DNS leads to, serves the host.",
		Manual: []string{
			"CloudFront console, Distribution tenants: find or create the tenant of " + host + ", and see that it is enabled and belongs to distribution " + p.Model.ID() + ".",
			"Its domain has to be active: a certificate of the tenant or of the distribution must cover it and be issued.",
			"Its connection group has to be enabled, and DNS of " + host + " a CNAME or alias of the group's routing endpoint.",
		},
		ByHand: []fix.HandCall{
			{Purpose: "See the tenants of the distribution with their domains", Service: "cloudfront", Operation: "ListDistributionTenants",
				Params: []fix.HandParam{{Name: "AssociationFilter", Value: map[string]any{"DistributionId": p.Model.ID()}}}},
			{Purpose: "See the connection groups with the endpoints that DNS has to lead to", Service: "cloudfront", Operation: "ListConnectionGroups"},
		},
		Confidence: fix.High,
	}
	if h == nil || h.Tenant == nil {
		f.ByHand = append(f.ByHand, fix.HandCall{Purpose: "Make a tenant for the domain", Service: "cloudfront", Operation: "CreateDistributionTenant", Mutates: true,
			Params: []fix.HandParam{{Name: "DistributionId", Value: p.Model.ID()}, {Name: "Name", Value: "TENANT_NAME"}, {Name: "Domains", Value: []any{map[string]any{"Domain": host}}}},
			Inputs: []string{"TENANT_NAME: a name for the tenant; with --parameters the values that the distribution asks of its tenants, and with --customizations a certificate where the distribution's does not cover the domain"}}.
			WithBack("Delete the tenant again, once it is disabled", "DeleteDistributionTenant", []fix.HandParam{{Name: "Id", Value: "TENANT_ID"}, {Name: "IfMatch", Value: "ETAG"}},
				"TENANT_ID and ETAG: the Id and the ETag that get-distribution-tenant-by-domain shows at that moment"))
		return f
	}
	tenant := posture.Text(h.Tenant.Id)
	f.ByHand = append(f.ByHand,
		fix.HandCall{Purpose: "See whether the tenant's managed certificate is issued, and which token proves the domain", Service: "cloudfront", Operation: "GetManagedCertificateDetails",
			Params: []fix.HandParam{{Name: "Identifier", Value: tenant}}},
		fix.HandCall{Purpose: "Let CloudFront check where the domain's DNS leads", Service: "cloudfront", Operation: "VerifyDnsConfiguration",
			Params: []fix.HandParam{{Name: "Domain", Value: host}, {Name: "Identifier", Value: tenant}}})
	return f
}

func multiTenant(p *cause.Pass) bool {
	return p.Model.Config.ConnectionMode == types.ConnectionModeTenantOnly
}

func detectTenant(p *cause.Pass) cause.Verdict {
	h := p.Exchange().Host
	switch {
	case !multiTenant(p):
		return cause.RuleOut("the distribution has no tenants", p.Model.Ref("ConnectionMode", string(p.Model.Config.ConnectionMode), ""))
	case h == nil:
		return cause.RuleOut("the request does not get as far as a tenant")
	}
	step, _ := p.Trace.Step("distribution")
	switchStep, _ := p.Trace.Step("enabled")
	host := requestedHost(p)
	mine := func(v cause.Verdict) cause.Verdict {
		return v.Explaining(!p.Symptom.Given || p.Symptom.Code == 403)
	}
	switch {
	case h.TenantFact.Missing():
		if p.Symptom.Code == 403 && !p.Reproduced() {
			return mine(cause.Possible(p.DistributionName(), "No tenant of this distribution may have "+host+".", "the tenants were not read", step.Evidence...).Needing(h.TenantFact))
		}
		return cause.Need("the tenant of the host was not read", h.TenantFact)
	case h.Tenant == nil:
		return mine(cause.Confirm(p.DistributionName(), "No tenant has the domain "+host+", so CloudFront refuses the request.", step.Evidence...).
			WithBecause("AWS knows no tenant with this domain"))
	case p.Trace.StoppedAt == "distribution":
		return mine(cause.Likely(p.DistributionName(), step.Summary+".", "the tenant's state is known, and the status of the answer is not documented", step.Evidence...))
	case p.Trace.StoppedAt == "enabled" && (p.Model.Config.Enabled == nil || *p.Model.Config.Enabled):
		return mine(cause.Confirm("tenant of "+host, switchStep.Summary+", so CloudFront takes no requests for "+host+".", switchStep.Evidence...).
			WithBecause("the switch is part of the tenant's configuration"))
	}
	if d := p.Exchange().ViewerDNS; d != nil && d.LeadsHere.No() && d.ReachesCloudFront.Yes() && p.Symptom.Code == 403 && !p.Reproduced() {
		return mine(cause.Possible("DNS record "+d.Host, host+" leads to CloudFront, but not to the routing endpoint of the tenant's connection group.",
			"what CloudFront does with requests that come by another endpoint is not documented", d.RecordSets.Ref("ResourceRecordSets")))
	}
	if group := account.ConnectionGroup(posture.Text(h.Tenant.ConnectionGroupId)).In(p.World); group.Missing() {
		return cause.Need("whether the tenant's connection group is enabled was not read", group)
	}
	return cause.RuleOut("a tenant serves "+host, append([]evidence.Ref(nil), step.Evidence...)...)
}
