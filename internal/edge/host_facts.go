package edge

import (
	"strings"
	"sync"

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

// maxRemembered bounds how many answers of one kind a model remembers: requests in a log may carry any Host and any path at all.
const maxRemembered = 1024

// remembered keeps what was worked out for some keys. It is safe for concurrent use.
type remembered[T any] struct {
	mu    sync.RWMutex
	known map[string]T
}

func (r *remembered[T]) get(key string, compile func() T) T {
	r.mu.RLock()
	v, ok := r.known[key]
	r.mu.RUnlock()
	if ok {
		return v
	}
	v = compile()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.known == nil {
		r.known = map[string]T{}
	}
	if len(r.known) < maxRemembered {
		r.known[strings.Clone(key)] = v
	}
	return v
}

// hostFacts returns what is known of the requested host.
func (x *Exchange) hostFacts() *hostFacts {
	if x.host == nil {
		m, requested := x.Model, x.Viewer.Host
		x.host = m.shared.hosts.get(requested, func() *hostFacts { return m.compileHost(cloudfront.NormalizeHost(requested)) })
	}
	return x.host
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
