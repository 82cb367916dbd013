package fix

import (
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
)

// EditKeyGroup edits a key group: the list of public keys that verify signed URLs and cookies (API reference, UpdateKeyGroup).
func EditKeyGroup(id string, edits ...Edits) Change {
	on := cloudFrontResource{
		kind: "key group", touches: "key-group", path: []string{"KeyGroup", "KeyGroupConfig"}, update: "UpdateKeyGroup", member: "KeyGroupConfig",
		console: "Open the CloudFront console, choose Key groups under Key management, choose " + show(id) + ", and choose Edit",
		get:     reading("GetKeyGroup", "Id", id),
	}
	on.typed, on.effect = partOf(account.KeyGroup(id), func(a *account.KeyGroupOutput) **types.KeyGroupConfig { return &a.KeyGroup.KeyGroupConfig })
	return editResource(id, edits, on)
}

// AddPublicKey adds a public key to a key group by its id. A group takes five keys unless the quota has been raised (DG/cloudfront-limits).
func AddPublicKey(id string) Edits {
	return Edits{{Path: At("Items"), Op: AddItem, New: id, Label: "Under Public keys choose " + show(id) + " as well, and choose Save changes"}}
}

// EditContinuousDeployment edits a continuous deployment policy (API reference, UpdateContinuousDeploymentPolicy).
func EditContinuousDeployment(id, primaryDistribution string, edits ...Edits) Change {
	on := cloudFrontResource{
		kind: "continuous deployment policy", touches: "continuous-deployment-policy",
		path:   []string{"ContinuousDeploymentPolicy", "ContinuousDeploymentPolicyConfig"},
		update: "UpdateContinuousDeploymentPolicy", member: "ContinuousDeploymentPolicyConfig",
		console: "Open the CloudFront console, choose Distributions, the distribution " + show(primaryDistribution) + ", and its General tab",
		get:     reading("GetContinuousDeploymentPolicy", "Id", id),
	}
	on.typed, on.effect = partOf(account.ContinuousDeploymentPolicy(id), func(a *account.ContinuousDeploymentPolicyOutput) **types.ContinuousDeploymentPolicyConfig {
		return &a.ContinuousDeploymentPolicy.ContinuousDeploymentPolicyConfig
	})
	return editResource(id, edits, on)
}

// StopSplittingTraffic turns a continuous deployment policy off: the primary distribution serves everything, and the staging distribution
// stays as it is (DG/working-with-staging-distribution-continuous-deployment-policy).
func StopSplittingTraffic() Edits {
	return Edits{{Path: At("Enabled"), Op: Set, New: false, Label: "Under Continuous deployment choose Disable"}}
}

// EditFieldLevelEncryption edits a field-level encryption configuration (API reference, UpdateFieldLevelEncryptionConfig).
func EditFieldLevelEncryption(id string, edits ...Edits) Change {
	on := cloudFrontResource{
		kind: "field-level encryption configuration", touches: "field-level-encryption",
		path:   []string{"FieldLevelEncryption", "FieldLevelEncryptionConfig"},
		update: "UpdateFieldLevelEncryptionConfig", member: "FieldLevelEncryptionConfig",
		console: "Open the CloudFront console, choose Field-level encryption, the configuration " + show(id) + ", and choose Edit",
		get:     reading("GetFieldLevelEncryption", "Id", id),
	}
	on.typed, on.effect = partOf(account.FieldLevelEncryption(id), func(a *account.FieldLevelEncryptionOutput) **types.FieldLevelEncryptionConfig {
		return &a.FieldLevelEncryption.FieldLevelEncryptionConfig
	})
	return editResource(id, edits, on)
}

// ForwardUnknownContentType lets requests of content types that the configuration does not name through, unencrypted (API reference,
// ContentTypeProfileConfig).
func ForwardUnknownContentType() Edits {
	return Edits{{Path: At("ContentTypeProfileConfig", "ForwardWhenContentTypeIsUnknown"), Op: Set, New: true,
		Label: "Select the option that forwards a request to the origin when its content type is not configured, and choose Save changes"}}
}

// ForwardUnknownProfile lets requests whose query argument names no profile of the configuration through, unencrypted (API reference,
// QueryArgProfileConfig).
func ForwardUnknownProfile() Edits {
	return Edits{{Path: At("QueryArgProfileConfig", "ForwardWhenQueryArgProfileIsUnknown"), Op: Set, New: true,
		Label: "Select the option that forwards a request to the origin when its query argument names no profile, and choose Save changes"}}
}

// EditTenant edits a distribution tenant, which is found by one of its domains (API reference, UpdateDistributionTenant).
func EditTenant(id, domain string, edits ...Edits) Change {
	read := account.TenantByDomain(domain)
	on := cloudFrontResource{
		kind: "distribution tenant", touches: "distribution-tenant", path: []string{"DistributionTenant"}, update: "UpdateDistributionTenant",
		members: []string{"DistributionId", "Domains", "Customizations", "Parameters", "ConnectionGroupId", "Enabled"},
		fixed:   []string{"Id", "Arn", "Name", "Status", "Tags", "CreatedTime", "LastModifiedTime"},
		console: "Open the CloudFront console, choose Distribution tenants, and choose " + show(id),
		get:     reading("GetDistributionTenantByDomain", "Domain", domain),
		send:    namesOfDomains, jqSend: `if .Domains then .Domains |= map({Domain}) else . end`,
	}
	on.typed = func(w *evidence.World) (any, bool) {
		answer, known := read.In(w).Get()
		return answer.DistributionTenant, known
	}
	on.effect = func(w *evidence.World, edits Edits) {
		answer, known := read.In(w).Get()
		var tenant types.DistributionTenant
		if known && edited(answer.DistributionTenant, &tenant, edits) {
			answer.DistributionTenant = tenant
			read.Set(w, answer)
		}
	}
	return editResource(id, edits, on)
}

// namesOfDomains leaves the state of a tenant's domains out, which an update does not take.
func namesOfDomains(tree any) any {
	tenant := objectOf(copyTree(tree))
	for _, domain := range listOf(tenant["Domains"]) {
		delete(objectOf(domain), "Status")
	}
	return tenant
}

func tenantCountries() Path { return At("Customizations", "GeoRestrictions") }

// AddTenantCountry lets a country in where the tenant itself has an allow list, which counts in place of its distribution's
// (DG/tenant-customization).
func AddTenantCountry(country string) Edits {
	return Edits{{Path: tenantCountries().Field("Locations"), Op: AddItem, New: country,
		Label: "Edit its geographic restrictions: add " + show(country) + " to the list, and save"}}
}

// RemoveTenantCountry removes a country from the tenant's own list, others of which stay on it.
func RemoveTenantCountry(country string) Edits {
	return Edits{{Path: tenantCountries().Field("Locations"), Op: RemoveItem, Old: country,
		Label: "Edit its geographic restrictions: remove " + show(country) + " from the list, and save"}}
}

// LiftTenantRestriction lets viewers of every country in, whatever the tenant's distribution restricts.
func LiftTenantRestriction() Edits {
	return Edits{{Path: tenantCountries(), Op: Set, New: map[string]any{"RestrictionType": "none"},
		Label: "Edit its geographic restrictions: choose No restrictions, and save"}}
}

// EditConnectionGroup edits a connection group of distribution tenants (API reference, UpdateConnectionGroup).
func EditConnectionGroup(id string, edits ...Edits) Change {
	read := account.ConnectionGroup(id)
	on := cloudFrontResource{
		kind: "connection group", touches: "connection-group", path: []string{"ConnectionGroup"}, update: "UpdateConnectionGroup",
		members: []string{"Ipv6Enabled", "AnycastIpListId", "Enabled"},
		fixed:   []string{"Id", "Arn", "Name", "Status", "Tags", "CreatedTime", "LastModifiedTime", "RoutingEndpoint", "IsDefault"},
		console: "Open the CloudFront console, choose Connection groups, and choose " + show(id),
		get:     reading("GetConnectionGroup", "Identifier", id),
		send:    func(tree any) any { return tree }, jqSend: ".",
	}
	on.typed = func(w *evidence.World) (any, bool) {
		answer, known := read.In(w).Get()
		return answer.ConnectionGroup, known
	}
	on.effect = func(w *evidence.World, edits Edits) {
		answer, known := read.In(w).Get()
		var group types.ConnectionGroup
		if known && edited(answer.ConnectionGroup, &group, edits) {
			answer.ConnectionGroup = group
			read.Set(w, answer)
		}
	}
	return editResource(id, edits, on)
}

// Enable turns a distribution tenant or a connection group on.
func Enable() Edits {
	return Edits{{Path: At("Enabled"), Op: Set, New: true, Label: "Choose Enable"}}
}

func reading(operation, key, id string) call {
	return call{purpose: "Read it", service: "cloudfront", operation: operation, params: []param{{key, id}}}
}
