package edge

import (
	"sync/atomic"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/evidence"
)

// hostFacts is everything that depends on the requested host alone, worked out once per host.
type hostFacts struct {
	host        string
	dns         *ViewerDNS
	match       *HostMatch
	certificate *certificateFacts
}

// maxHosts bounds how many hosts a model remembers: requests in a log may carry any Host at all.
const maxHosts = 512

// hostCount counts what is remembered.
type hostCount struct{ n atomic.Int32 }

// hostFacts returns what is known of the requested host.
func (x *Exchange) hostFacts() *hostFacts {
	if x.host == nil {
		x.host = x.Model.hostFacts(x.Viewer.Host)
	}
	return x.host
}

func (m *Model) hostFacts(requested string) *hostFacts {
	if v, ok := m.shared.hosts.Load(requested); ok {
		return v.(*hostFacts)
	}
	f := m.compileHost(cloudfront.NormalizeHost(requested))
	if m.shared.remembered.n.Add(1) <= maxHosts {
		m.shared.hosts.Store(requested, f)
	}
	return f
}

func (m *Model) compileHost(host string) *hostFacts {
	f := &hostFacts{host: host, match: m.matchHost(host)}
	f.dns = m.lookUpHost(host, m.endpoints(f.match))
	f.certificate = m.certificateFor(f.match)
	return f
}

// ownHost is the distribution's own domain name as hosts are compared; "" for a multi-tenant distribution, which has none.
func (m *Model) ownHost() string { return cloudfront.NormalizeHost(m.DomainName()) }

// endpoints are the names that DNS must lead to for a request to reach this distribution: its own domain name or, for a tenant, the
// routing endpoint of its connection group (DG/distribution-config-options).
func (m *Model) endpoints(match *HostMatch) []string {
	own := []string{m.ownHost()}
	if !m.multiTenant() {
		return own
	}
	group := ""
	if match.Tenant != nil {
		group = str(match.Tenant.ConnectionGroupId)
	}
	for _, g := range account.ConnectionGroups().In(m.World).Or(account.ConnectionGroupsOutput{}).ConnectionGroups {
		if group == str(g.Id) || group == "" && deref(g.IsDefault) {
			own = append(own, cloudfront.NormalizeHost(str(g.RoutingEndpoint)))
		}
	}
	return own
}

// connectionGroup is the connection group of a tenant.
func (m *Model) connectionGroup(match *HostMatch) evidence.Fact[account.ConnectionGroupOutput] {
	return account.ConnectionGroup(str(match.Tenant.ConnectionGroupId)).In(m.World)
}
