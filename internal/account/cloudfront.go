package account

import (
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/evidence"
)

// DistributionOutput is GetDistribution's answer.
type DistributionOutput struct {
	ETag         string // for update-distribution's --if-match
	Distribution types.Distribution
}

// Distribution reads one distribution by its id.
func Distribution(id string) evidence.Read[DistributionOutput] {
	return ask[DistributionOutput]("cloudfront:GetDistribution", "", "distribution "+id, "Id", id)
}

// DistributionsOutput is ListDistributions' answer, all pages merged.
type DistributionsOutput struct {
	DistributionList types.DistributionList
}

// Distributions lists the account's distributions.
func Distributions() evidence.Read[DistributionsOutput] {
	return ask[DistributionsOutput]("cloudfront:ListDistributions", "", "the account's distributions")
}

// ConflictingAliasesOutput is ListConflictingAliases' answer.
type ConflictingAliasesOutput struct {
	ConflictingAliasesList types.ConflictingAliasesList
}

// ConflictingAliases lists other distributions that hold an alias; the distribution's certificate must cover it.
func ConflictingAliases(distributionID, alias string) evidence.Read[ConflictingAliasesOutput] {
	return ask[ConflictingAliasesOutput]("cloudfront:ListConflictingAliases", "", "alias "+alias, "DistributionId", distributionID, "Alias", alias)
}

// CachePolicyOutput is GetCachePolicy's answer.
type CachePolicyOutput struct {
	ETag        string
	CachePolicy types.CachePolicy
}

// CachePolicy reads a cache policy, managed or custom.
func CachePolicy(id string) evidence.Read[CachePolicyOutput] {
	return ask[CachePolicyOutput]("cloudfront:GetCachePolicy", "", "cache policy "+id, "Id", id)
}

// OriginRequestPolicyOutput is GetOriginRequestPolicy's answer.
type OriginRequestPolicyOutput struct {
	ETag                string
	OriginRequestPolicy types.OriginRequestPolicy
}

// OriginRequestPolicy reads an origin request policy, managed or custom.
func OriginRequestPolicy(id string) evidence.Read[OriginRequestPolicyOutput] {
	return ask[OriginRequestPolicyOutput]("cloudfront:GetOriginRequestPolicy", "", "origin request policy "+id, "Id", id)
}

// ResponseHeadersPolicyOutput is GetResponseHeadersPolicy's answer.
type ResponseHeadersPolicyOutput struct {
	ETag                  string
	ResponseHeadersPolicy types.ResponseHeadersPolicy
}

// ResponseHeadersPolicy reads a response headers policy, managed or custom.
func ResponseHeadersPolicy(id string) evidence.Read[ResponseHeadersPolicyOutput] {
	return ask[ResponseHeadersPolicyOutput]("cloudfront:GetResponseHeadersPolicy", "", "response headers policy "+id, "Id", id)
}

// ContinuousDeploymentPolicyOutput is GetContinuousDeploymentPolicy's answer.
type ContinuousDeploymentPolicyOutput struct {
	ContinuousDeploymentPolicy types.ContinuousDeploymentPolicy
}

// ContinuousDeploymentPolicy reads how traffic is split between a distribution and its staging distribution.
func ContinuousDeploymentPolicy(id string) evidence.Read[ContinuousDeploymentPolicyOutput] {
	return ask[ContinuousDeploymentPolicyOutput]("cloudfront:GetContinuousDeploymentPolicy", "", "continuous deployment policy "+id, "Id", id)
}

// OriginAccessControlOutput is GetOriginAccessControl's answer.
type OriginAccessControlOutput struct {
	ETag                string
	OriginAccessControl types.OriginAccessControl
}

// OriginAccessControl reads an origin access control (OAC).
func OriginAccessControl(id string) evidence.Read[OriginAccessControlOutput] {
	return ask[OriginAccessControlOutput]("cloudfront:GetOriginAccessControl", "", "origin access control "+id, "Id", id)
}

// OriginAccessIdentityOutput is GetCloudFrontOriginAccessIdentity's answer.
type OriginAccessIdentityOutput struct {
	CloudFrontOriginAccessIdentity types.CloudFrontOriginAccessIdentity
}

// OriginAccessIdentity reads an origin access identity (OAI).
func OriginAccessIdentity(id string) evidence.Read[OriginAccessIdentityOutput] {
	return ask[OriginAccessIdentityOutput]("cloudfront:GetCloudFrontOriginAccessIdentity", "", "origin access identity "+id, "Id", id)
}

// FunctionOutput is DescribeFunction's answer.
type FunctionOutput struct {
	ETag            string
	FunctionSummary types.FunctionSummary
}

// Function reads a CloudFront Function's configuration at a stage, "LIVE" or "DEVELOPMENT".
func Function(name, stage string) evidence.Read[FunctionOutput] {
	return ask[FunctionOutput]("cloudfront:DescribeFunction", "", "function "+name+" ("+stage+")", "Name", name, "Stage", stage)
}

// FunctionCodeOutput is GetFunction's answer.
type FunctionCodeOutput struct {
	ETag         string
	FunctionCode []byte
}

// FunctionCode reads a CloudFront Function's code at a stage.
func FunctionCode(name, stage string) evidence.Read[FunctionCodeOutput] {
	return ask[FunctionCodeOutput]("cloudfront:GetFunction", "", "code of function "+name+" ("+stage+")", "Name", name, "Stage", stage)
}

// KeyGroupOutput is GetKeyGroup's answer.
type KeyGroupOutput struct {
	ETag     string
	KeyGroup types.KeyGroup
}

// KeyGroup reads a key group.
func KeyGroup(id string) evidence.Read[KeyGroupOutput] {
	return ask[KeyGroupOutput]("cloudfront:GetKeyGroup", "", "key group "+id, "Id", id)
}

// PublicKeyOutput is GetPublicKey's answer.
type PublicKeyOutput struct {
	PublicKey types.PublicKey
}

// PublicKey reads a public key with its PEM text.
func PublicKey(id string) evidence.Read[PublicKeyOutput] {
	return ask[PublicKeyOutput]("cloudfront:GetPublicKey", "", "public key "+id, "Id", id)
}

// FieldLevelEncryptionOutput is GetFieldLevelEncryption's answer.
type FieldLevelEncryptionOutput struct {
	FieldLevelEncryption types.FieldLevelEncryption
}

// FieldLevelEncryption reads a field-level encryption configuration.
func FieldLevelEncryption(id string) evidence.Read[FieldLevelEncryptionOutput] {
	return ask[FieldLevelEncryptionOutput]("cloudfront:GetFieldLevelEncryption", "", "field-level encryption "+id, "Id", id)
}

// FieldLevelEncryptionProfileOutput is GetFieldLevelEncryptionProfile's answer.
type FieldLevelEncryptionProfileOutput struct {
	FieldLevelEncryptionProfile types.FieldLevelEncryptionProfile
}

// FieldLevelEncryptionProfile reads a field-level encryption profile.
func FieldLevelEncryptionProfile(id string) evidence.Read[FieldLevelEncryptionProfileOutput] {
	return ask[FieldLevelEncryptionProfileOutput]("cloudfront:GetFieldLevelEncryptionProfile", "", "field-level encryption profile "+id, "Id", id)
}

// RealtimeLogConfigOutput is GetRealtimeLogConfig's answer.
type RealtimeLogConfigOutput struct {
	RealtimeLogConfig types.RealtimeLogConfig
}

// RealtimeLogConfig reads a real-time log configuration.
func RealtimeLogConfig(arn string) evidence.Read[RealtimeLogConfigOutput] {
	return ask[RealtimeLogConfigOutput]("cloudfront:GetRealtimeLogConfig", "", arn, "ARN", arn)
}

// MonitoringSubscriptionOutput is GetMonitoringSubscription's answer.
type MonitoringSubscriptionOutput struct {
	MonitoringSubscription types.MonitoringSubscription
}

// MonitoringSubscription reads whether additional metrics are on; absent means they are off.
func MonitoringSubscription(distributionID string) evidence.Read[MonitoringSubscriptionOutput] {
	return ask[MonitoringSubscriptionOutput]("cloudfront:GetMonitoringSubscription", "", "distribution "+distributionID, "DistributionId", distributionID)
}

// VpcOriginOutput is GetVpcOrigin's answer.
type VpcOriginOutput struct {
	VpcOrigin types.VpcOrigin
}

// VpcOrigin reads a VPC origin.
func VpcOrigin(id string) evidence.Read[VpcOriginOutput] {
	return ask[VpcOriginOutput]("cloudfront:GetVpcOrigin", "", "VPC origin "+id, "Id", id)
}

// TenantsOutput is ListDistributionTenants' answer, all pages merged.
type TenantsOutput struct {
	DistributionTenantList []types.DistributionTenantSummary
}

// Tenants lists the account's distribution tenants.
func Tenants() evidence.Read[TenantsOutput] {
	return ask[TenantsOutput]("cloudfront:ListDistributionTenants", "", "the account's distribution tenants")
}

// TenantOutput is GetDistributionTenantByDomain's answer.
type TenantOutput struct {
	DistributionTenant types.DistributionTenant
}

// TenantByDomain reads the tenant that serves a domain.
func TenantByDomain(domain string) evidence.Read[TenantOutput] {
	return ask[TenantOutput]("cloudfront:GetDistributionTenantByDomain", "", "tenant of "+domain, "Domain", domain)
}

// ConnectionGroupOutput is GetConnectionGroup's answer.
type ConnectionGroupOutput struct {
	ConnectionGroup types.ConnectionGroup
}

// ConnectionGroup reads a connection group.
func ConnectionGroup(id string) evidence.Read[ConnectionGroupOutput] {
	return ask[ConnectionGroupOutput]("cloudfront:GetConnectionGroup", "", "connection group "+id, "Identifier", id)
}

// ConnectionGroupsOutput is ListConnectionGroups' answer.
type ConnectionGroupsOutput struct {
	ConnectionGroups []types.ConnectionGroupSummary
}

// ConnectionGroups lists the account's connection groups.
func ConnectionGroups() evidence.Read[ConnectionGroupsOutput] {
	return ask[ConnectionGroupsOutput]("cloudfront:ListConnectionGroups", "", "the account's connection groups")
}

// TrustStoreOutput is GetTrustStore's answer.
type TrustStoreOutput struct {
	TrustStore types.TrustStore
}

// TrustStore reads a trust store for client certificates.
func TrustStore(id string) evidence.Read[TrustStoreOutput] {
	return ask[TrustStoreOutput]("cloudfront:GetTrustStore", "", "trust store "+id, "Identifier", id)
}

// InvalidationsOutput is ListInvalidations' answer.
type InvalidationsOutput struct {
	InvalidationList types.InvalidationList
}

// Invalidations lists a distribution's recent invalidations.
func Invalidations(distributionID string) evidence.Read[InvalidationsOutput] {
	return ask[InvalidationsOutput]("cloudfront:ListInvalidations", "", "distribution "+distributionID, "DistributionId", distributionID)
}

// InvalidationOutput is GetInvalidation's answer.
type InvalidationOutput struct {
	Invalidation types.Invalidation
}

// Invalidation reads one invalidation with its paths.
func Invalidation(distributionID, id string) evidence.Read[InvalidationOutput] {
	return ask[InvalidationOutput]("cloudfront:GetInvalidation", "", "invalidation "+id, "DistributionId", distributionID, "Id", id)
}

// KeyValuesOutput is the KeyValueStore's ListKeys answer, all pages merged.
type KeyValuesOutput struct {
	Items []KeyValue
}

// KeyValue is one pair of a KeyValueStore.
type KeyValue struct{ Key, Value string }

// KeyValues lists a KeyValueStore's pairs by its ARN.
func KeyValues(arn string) evidence.Read[KeyValuesOutput] {
	return ask[KeyValuesOutput]("cloudfront-keyvaluestore:ListKeys", "", arn, "KvsARN", arn)
}

// DomainConflictsOutput is ListDomainConflicts' answer.
type DomainConflictsOutput struct {
	DomainConflicts []types.DomainConflict
}

// DomainConflicts lists the distributions and tenants that hold a domain; the distribution's certificate proves control of it.
func DomainConflicts(distributionID, domain string) evidence.Read[DomainConflictsOutput] {
	return ask[DomainConflictsOutput]("cloudfront:ListDomainConflicts", "", "domain "+domain, "Domain", domain,
		"DomainControlValidationResource", map[string]any{"DistributionId": distributionID})
}
