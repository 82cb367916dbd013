package collect

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cloudfront"
)

// Bounds for distributions with very many domains: the requested host and what stands first are read.
const (
	maxHosts     = 25 // names whose DNS records are read
	maxConflicts = 10 // names for which CloudFront is asked who else holds them
	maxTenants   = 10 // tenants whose certificates and web ACLs are read
)

// viewer asks for what lies between a viewer and the cache behaviors: certificate, domains, DNS, client certificates.
func (w *walk) viewer(ctx context.Context) {
	if v := w.config.ViewerCertificate; v != nil {
		w.certificate(ctx, aws.ToString(v.ACMCertificateArn))
		if aws.ToString(v.IAMCertificateId) != "" {
			w.c.Want(ctx, account.ServerCertificates())
		}
	}
	if m := w.config.ViewerMtlsConfig; m != nil && m.TrustStoreConfig != nil {
		wantEach(ctx, w.c, account.TrustStore, m.TrustStoreConfig.TrustStoreId)
	}
	var aliases []string
	if w.config.Aliases != nil {
		aliases = w.config.Aliases.Items
	}
	w.hosts(ctx, hostsOf(aliases, w.req.Host, w.domain))
	if host := cloudfront.NormalizeHost(w.req.Host); host != "" && host != w.domain && !listed(aliases, host) {
		w.c.Want(ctx, account.Distributions()) // another one may take the host
	}
	if w.config.ConnectionMode == types.ConnectionModeTenantOnly {
		w.tenants(ctx)
	}
}

// certificate asks for a certificate in ACM. Load balancers and CloudFront may also name one in IAM.
func (w *walk) certificate(ctx context.Context, arn string) {
	switch {
	case strings.Contains(arn, ":acm:"):
		w.c.Want(ctx, account.Certificate(arn))
	case strings.Contains(arn, ":iam:"):
		w.c.Want(ctx, account.ServerCertificates())
	}
}

// hostsOf lists the names under which viewers come: the requested host first (unless it is the distribution's own domain), then the
// aliases, the one that takes the requested host before the others.
func hostsOf(aliases []string, requested, own string) []string {
	var hosts []string
	if host := cloudfront.NormalizeHost(requested); host != "" && host != own {
		hosts = append(hosts, host)
		if best, ok := cloudfront.BestAlias(aliases, host); ok {
			hosts = append(hosts, cloudfront.NormalizeHost(best))
		}
	}
	for _, alias := range aliases {
		hosts = append(hosts, cloudfront.NormalizeHost(alias))
	}
	return firstDistinct(hosts, maxHosts)
}

// listed reports whether a host is an alias as it stands, not only by a wildcard.
func listed(aliases []string, host string) bool {
	return slices.ContainsFunc(aliases, func(alias string) bool { return cloudfront.NormalizeHost(alias) == host })
}

// hosts asks what DNS says of the viewers' names, who else holds them, and which certificates there are for them.
func (w *walk) hosts(ctx context.Context, hosts []string) {
	if len(hosts) == 0 {
		return
	}
	w.c.Want(ctx, account.Certificates(account.GlobalRegion))
	then(ctx, w.c, account.HostedZones(), func(ctx context.Context, zones account.HostedZonesOutput) {
		for _, host := range hosts {
			lookup(ctx, w.c, zones, host, maxHops, func(context.Context, string) {})
		}
	})
	for i, host := range hosts {
		if i < maxConflicts {
			w.c.Want(ctx, account.ConflictingAliases(w.id, host), account.DomainConflicts(w.id, host))
		}
	}
}

// tenants asks for the tenants of a multi-tenant distribution: it has no domain of its own, its viewers come by theirs
// (DG/distribution-config-options).
func (w *walk) tenants(ctx context.Context) {
	w.c.Want(ctx, account.ConnectionGroups())
	if host := cloudfront.NormalizeHost(w.req.Host); host != "" {
		then(ctx, w.c, account.TenantByDomain(host), func(ctx context.Context, out account.TenantOutput) {
			t := out.DistributionTenant
			wantEach(ctx, w.c, account.ConnectionGroup, t.ConnectionGroupId)
			w.customizations(ctx, t.Customizations)
			w.tenantOrigins(ctx, t)
		})
	}
	then(ctx, w.c, account.Tenants(), func(ctx context.Context, out account.TenantsOutput) {
		own := slices.DeleteFunc(slices.Clone(out.DistributionTenantList), func(t types.DistributionTenantSummary) bool {
			return aws.ToString(t.DistributionId) != w.id
		})
		for i, t := range own {
			if i == maxTenants {
				return
			}
			wantEach(ctx, w.c, account.ConnectionGroup, t.ConnectionGroupId)
			w.customizations(ctx, t.Customizations)
			var hosts []string
			for _, d := range t.Domains {
				hosts = append(hosts, cloudfront.NormalizeHost(aws.ToString(d.Domain)))
			}
			w.hosts(ctx, firstDistinct(hosts, maxConflicts))
		}
	})
}

// customizations asks for what a tenant has in place of the distribution's own.
func (w *walk) customizations(ctx context.Context, c *types.Customizations) {
	if c == nil {
		return
	}
	if c.Certificate != nil {
		w.certificate(ctx, aws.ToString(c.Certificate.Arn))
	}
	if c.WebAcl != nil {
		w.webACL(ctx, aws.ToString(c.WebAcl.Arn))
	}
}

// firstDistinct returns the first n distinct strings that are not empty.
func firstDistinct(in []string, n int) []string {
	var out []string
	for _, s := range in {
		if s != "" && len(out) < n && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}
