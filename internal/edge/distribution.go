package edge

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/evidence"
)

// HostMatch is how the requested host leads to a distribution.
type HostMatch struct {
	Host string // without port, lower case
	// Own tells that the host is the distribution's own domain name.
	Own bool
	// Alias is the alternate domain name that takes the host, as configured; "" for none.
	Alias string
	// Tenant is the distribution tenant that serves the host; nil for a standard distribution.
	Tenant *types.DistributionTenant
	// TenantFact is where Tenant comes from; not captured where nobody asked.
	TenantFact evidence.Fact[account.TenantOutput]
	// TenantListed tells that Tenant is an entry of the list of tenants, which leaves out its parameters.
	TenantListed bool
	// Holders are other distributions and tenants that take the host before this one.
	Holders []AliasHolder
	// Searched tells that the other holders of the host are known, so that an empty Holders means that there are none.
	Searched bool
	// Conflicts and Domains are the answers in which holders in other accounts were looked for.
	Conflicts evidence.Fact[account.ConflictingAliasesOutput]
	Domains   evidence.Fact[account.DomainConflictsOutput]
}

// AliasHolder is another distribution or tenant with an alternate domain name.
type AliasHolder struct {
	Alias    string
	Resource string // its id, partly hidden by AWS where it is another account's
	Account  string // partly hidden likewise; "" for this account
	Ref      evidence.Ref
}

// Staging is a distribution's continuous deployment.
type Staging struct {
	Policy types.ContinuousDeploymentPolicyConfig
	Weight float32 // the share of requests that goes to the staging distribution; 0 where a header decides
	Header string  // the request header that sends a request there, and its value
	Value  string
}

var distributionStage = &Stage{
	ID:    "distribution",
	Title: "The distribution that takes the host",
	Doc: "CloudFront picks the distribution by the Host header: its own domain name, an exact alternate domain name, or the most specific wildcard. " +
		"A host that no distribution lists is answered with 403. A multi-tenant distribution answers only for its tenants' domains. Where TLS was " +
		"opened for another name whose certificate is another account's and does not cover the host, the answer is 421. With continuous " +
		"deployment a share of the requests, or those with a certain header, go to the staging distribution.",
	Sources: []string{"DG/CNAMEs", "DG/http-403-permission-denied", "DG/distribution-config-options", "DG/continuous-deployment"},
	Run:     runDistribution,
}

func runDistribution(x *Exchange) Step {
	h := x.hostFacts().match
	x.Host = h
	if step, done := x.fronted(h); done {
		return step
	}
	switch {
	case x.Model.multiTenant():
		return x.tenant(h)
	case h.Own:
		return x.served(h, "the distribution's own domain name")
	case h.Alias != "" && len(h.Holders) == 0:
		return x.served(h, "an alternate domain name of this distribution")
	case len(h.Holders) > 0:
		return x.servedElsewhere(h)
	}
	return x.notListed(h)
}

// served lets the request into this distribution.
func (x *Exchange) served(h *HostMatch, how string) Step {
	step := x.explained(Pass, "%s is %s", h.Host, how)
	if x.Explain {
		ref := x.Model.Fact.Ref("DomainName").With(x.Model.DomainName(), "")
		if h.Alias != "" {
			ref = x.ref("Aliases.Items", h.Alias, "")
		}
		step = step.WithEvidence(ref)
	}
	return x.staging(step)
}

// servedElsewhere ends the simulation: what another distribution answers is not this model's to say.
func (x *Exchange) servedElsewhere(h *HostMatch) Step {
	step := x.Guess(0, ByCloudFront, "")
	if !x.Explain {
		return step
	}
	step = x.worded(step, "%s belongs to another distribution (%s), which answers instead of this one", h.Host, h.Holders[0].Resource)
	for _, holder := range h.Holders {
		step = step.WithEvidence(holder.Ref)
	}
	return step.WithEvidence(x.ref("Aliases.Items", strings.Join(x.Model.Aliases(), ", "), ""))
}

// notListed answers for a host that no distribution has.
func (x *Exchange) notListed(h *HostMatch) Step {
	if cloudfront.ClassifyEndpoint(h.Host).Kind == cloudfront.KindCloudFront {
		step := x.Guess(0, ByCloudFront, "")
		return x.worded(step, "%s is the domain name of another distribution, which answers instead of this one", h.Host)
	}
	if !h.Searched {
		x.weakly("another distribution lists the host, and answers", 0)
	}
	step := x.Stop(403, ByCloudFront, "")
	if !x.Explain {
		return step
	}
	names := strings.Join(x.Model.Aliases(), ", ")
	return x.worded(step, "%s is not among the distribution's alternate domain names, so CloudFront refuses the request", h.Host).
		WithDetail("Host %s; alternate domain names: %s", h.Host, names).
		WithEvidence(x.ref("Aliases.Items", names, h.Host+" is not among them"))
}

// tenant decides for a multi-tenant distribution.
func (x *Exchange) tenant(h *HostMatch) Step {
	ref := x.ref("ConnectionMode", string(x.Model.Config.ConnectionMode), "")
	switch {
	case h.Host == "" || h.Own:
		step := x.Guess(403, ByCloudFront, "A multi-tenant distribution is a template: it answers for its tenants' domains, not for itself")
		return step.WithEvidence(ref)
	case h.Tenant == nil && h.TenantFact.Missing():
		return x.worded(x.Unsure(Alternative{Status: 403, If: "no tenant of this distribution has the host"}, ""),
			"Whether a tenant of this distribution serves %s is not known", h.Host).WithEvidence(h.TenantFact.Ref(""))
	case h.Tenant == nil:
		return x.worded(x.Stop(403, ByCloudFront, ""), "No tenant serves %s, so CloudFront refuses the request", h.Host).
			WithEvidence(h.TenantFact.Ref(""), ref)
	case str(h.Tenant.DistributionId) != x.Model.ID():
		return x.worded(x.Guess(0, ByCloudFront, ""), "%s is served by a tenant of another distribution (%s)", h.Host, str(h.Tenant.DistributionId)).
			WithEvidence(h.TenantFact.Ref("DistributionTenant.DistributionId").With(str(h.Tenant.DistributionId), ""))
	}
	for _, d := range h.Tenant.Domains {
		if d.Status == types.DomainStatusInactive && cloudfront.AliasMatches(str(d.Domain), h.Host) {
			return x.worded(x.Guess(403, ByCloudFront, ""), "The tenant's domain %s is inactive", str(d.Domain)).
				WithEvidence(h.TenantFact.Ref("DistributionTenant.Domains").With(string(d.Status), "inactive"))
		}
	}
	step := x.explained(Pass, "%s is served by tenant %s", h.Host, str(h.Tenant.Name))
	if x.Explain {
		step = step.WithEvidence(h.TenantFact.Ref("DistributionTenant.Domains"))
	}
	return step
}

// staging adds what continuous deployment makes possible to a passed step.
func (x *Exchange) staging(pass Step) Step {
	if deref(x.Model.Config.Staging) {
		step := x.Unsure(Alternative{If: "a staging distribution answers only what continuous deployment sends to it"},
			"This is a staging distribution; whether it answers requests for its own domain name is not documented")
		return step.WithEvidence(x.ref("Staging", "true", ""))
	}
	if str(x.Model.Config.ContinuousDeploymentPolicyId) == "" {
		return pass
	}
	s, fact := x.Model.Staging()
	ref := fact.Ref("ContinuousDeploymentPolicyConfig.TrafficConfig")
	switch {
	case fact.Missing():
		step := x.Unsure(Alternative{If: "the request goes to the staging distribution"}, "A continuous deployment policy is attached and could not be read")
		return step.WithEvidence(ref)
	case s == nil:
		return pass
	case s.Header == "":
		x.weakly("the request may be served by the staging distribution, which takes a share of the traffic", 0)
		return pass.WithEvidence(ref)
	}
	if value, ok := x.Viewer.Header(s.Header); ok && value == s.Value {
		step := x.Unsure(Alternative{If: "the request is served by the staging distribution"}, "")
		return x.worded(step, "The request carries %s, which sends it to the staging distribution unless CloudFront is busy", s.Header).WithEvidence(ref)
	}
	return pass
}

// Staging returns the distribution's continuous deployment; nil where none is attached or it is turned off.
func (m *Model) Staging() (*Staging, evidence.Fact[account.ContinuousDeploymentPolicyOutput]) {
	id := str(m.Config.ContinuousDeploymentPolicyId)
	if id == "" {
		return nil, evidence.None[account.ContinuousDeploymentPolicyOutput](m.Fact.Ref("").Call, "distribution "+m.ID())
	}
	fact := account.ContinuousDeploymentPolicy(id).In(m.World)
	config := fact.Or(account.ContinuousDeploymentPolicyOutput{}).ContinuousDeploymentPolicy.ContinuousDeploymentPolicyConfig
	if config == nil || !deref(config.Enabled) || config.TrafficConfig == nil {
		return nil, fact
	}
	s := &Staging{Policy: *config}
	if c := config.TrafficConfig.SingleWeightConfig; c != nil {
		s.Weight = deref(c.Weight)
	}
	if c := config.TrafficConfig.SingleHeaderConfig; c != nil && config.TrafficConfig.Type == types.ContinuousDeploymentPolicyTypeSingleHeader {
		s.Header, s.Value, s.Weight = str(c.Header), str(c.Value), 0
	}
	return s, fact
}

func (m *Model) multiTenant() bool { return m.Config.ConnectionMode == types.ConnectionModeTenantOnly }

// TenantUnread reports that a tenant serves the host which nobody could read: its customizations, such as a web ACL or a list of countries, count in
// place of the distribution's (DG/tenant-customization).
func (x *Exchange) TenantUnread() bool {
	h := x.Host
	return h != nil && h.Tenant == nil && h.TenantFact.Missing() && x.Model.multiTenant()
}

// matchHost works out which distribution takes a host.
func (m *Model) matchHost(host string) *HostMatch {
	h := &HostMatch{Host: host, Own: host != "" && host == m.ownHost()}
	if m.multiTenant() {
		m.findTenant(h)
		return h
	}
	h.Alias, _ = cloudfront.BestAlias(m.Aliases(), host)
	if h.Own {
		return h
	}
	m.findHolders(h)
	return h
}

// findTenant finds the tenant by its domain, in either of the two answers that tell.
func (m *Model) findTenant(h *HostMatch) {
	h.TenantFact = account.TenantByDomain(h.Host).In(m.World)
	if out, ok := h.TenantFact.Get(); ok {
		h.Tenant = &out.DistributionTenant
		return
	}
	if !h.TenantFact.Missing() {
		return
	}
	all := account.Tenants().In(m.World)
	h.TenantFact = evidence.Select(all, "tenant of "+h.Host, func(out account.TenantsOutput) (account.TenantOutput, bool) {
		for _, t := range out.DistributionTenantList {
			for _, d := range t.Domains {
				if cloudfront.AliasMatches(str(d.Domain), h.Host) {
					return account.TenantOutput{DistributionTenant: tenantOf(t)}, true
				}
			}
		}
		return account.TenantOutput{}, false
	})
	if out, ok := h.TenantFact.Get(); ok {
		h.Tenant, h.TenantListed = &out.DistributionTenant, true
	}
}

// tenantOf is a list's entry as the tenant itself; the list leaves out parameters only.
func tenantOf(t types.DistributionTenantSummary) types.DistributionTenant {
	return types.DistributionTenant{
		Arn: t.Arn, ConnectionGroupId: t.ConnectionGroupId, Customizations: t.Customizations, DistributionId: t.DistributionId,
		Domains: t.Domains, Enabled: t.Enabled, Id: t.Id, Name: t.Name, Status: t.Status,
	}
}

// findHolders looks for other distributions that take the host first: any that lists it, where this one does not; a more specific one,
// where this one has a wildcard. An exact name can be on one distribution only (API reference, CNAMEAlreadyExists).
func (m *Model) findHolders(h *HostMatch) {
	if h.Alias != "" && !strings.HasPrefix(h.Alias, "*.") {
		h.Searched = true
		return
	}
	h.Conflicts = account.ConflictingAliases(m.ID(), h.Host).In(m.World)
	h.Domains = account.DomainConflicts(m.ID(), h.Host).In(m.World)
	h.Searched = h.Conflicts.IsKnown() || h.Domains.IsKnown()
	for _, c := range h.Conflicts.Or(account.ConflictingAliasesOutput{}).ConflictingAliasesList.Items {
		m.addHolder(h, AliasHolder{
			Alias: str(c.Alias), Resource: "distribution " + str(c.DistributionId), Account: str(c.AccountId),
			Ref: h.Conflicts.Ref("ConflictingAliasesList.Items").With(str(c.Alias), "held by distribution "+str(c.DistributionId)),
		}, str(c.DistributionId))
	}
	for _, c := range h.Domains.Or(account.DomainConflictsOutput{}).DomainConflicts {
		m.addHolder(h, AliasHolder{
			Alias: str(c.Domain), Resource: string(c.ResourceType) + " " + str(c.ResourceId), Account: str(c.AccountId),
			Ref: h.Domains.Ref("DomainConflicts").With(str(c.Domain), "held by "+string(c.ResourceType)+" "+str(c.ResourceId)),
		}, str(c.ResourceId))
	}
	all := account.Distributions().In(m.World)
	for _, d := range all.Or(account.DistributionsOutput{}).DistributionList.Items {
		if d.Aliases == nil {
			continue
		}
		for _, alias := range d.Aliases.Items {
			m.addHolder(h, AliasHolder{
				Alias: alias, Resource: "distribution " + str(d.Id),
				Ref: all.Ref("DistributionList.Items").With(alias, "held by distribution "+str(d.Id)),
			}, str(d.Id))
		}
	}
}

// addHolder keeps a holder that takes the host before this distribution does.
func (m *Model) addHolder(h *HostMatch, holder AliasHolder, id string) {
	if sameResource(id, m.ID()) || !cloudfront.AliasMatches(holder.Alias, h.Host) {
		return
	}
	best, _ := cloudfront.BestAlias([]string{holder.Alias, h.Alias}, h.Host)
	if h.Alias != "" && (best != holder.Alias || cloudfront.NormalizeHost(best) == cloudfront.NormalizeHost(h.Alias)) {
		return
	}
	for _, known := range h.Holders {
		if known.Resource == holder.Resource {
			return
		}
	}
	h.Holders = append(h.Holders, holder)
}

// sameResource compares an id that AWS may have hidden the beginning of with asterisks (API reference, ConflictingAlias).
func sameResource(shown, id string) bool {
	tail := strings.TrimLeft(shown, "*")
	return shown == id || tail != shown && tail != "" && strings.HasSuffix(id, tail)
}

// customizations is what the tenant that serves the request sets in place of its distribution; nil for none.
func (h *HostMatch) customizations() *types.Customizations {
	if t := h.tenant(); t != nil {
		return t.Customizations
	}
	return nil
}

func (h *HostMatch) tenant() *types.DistributionTenant {
	if h == nil {
		return nil
	}
	return h.Tenant
}
