package account

import (
	acm "github.com/aws/aws-sdk-go-v2/service/acm/types"
	iam "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"cfdoctor/internal/evidence"
)

// CertificateOutput is ACM's DescribeCertificate answer.
type CertificateOutput struct{ Certificate acm.CertificateDetail }

// Certificate reads a certificate in ACM; its Region is in its ARN.
func Certificate(arn string) evidence.Read[CertificateOutput] {
	return ask[CertificateOutput]("acm:DescribeCertificate", RegionOf(arn), arn, "CertificateArn", arn)
}

// CertificatesOutput is ACM's ListCertificates answer, all pages merged.
type CertificatesOutput struct {
	CertificateSummaryList []acm.CertificateSummary
}

// Certificates lists the certificates in ACM of a Region.
func Certificates(region string) evidence.Read[CertificatesOutput] {
	return ask[CertificatesOutput]("acm:ListCertificates", region, "certificates in "+region)
}

// ServerCertificatesOutput is IAM's ListServerCertificates answer.
type ServerCertificatesOutput struct {
	ServerCertificateMetadataList []iam.ServerCertificateMetadata
}

// ServerCertificates lists the certificates kept in IAM, for distributions that name one by its id.
func ServerCertificates() evidence.Read[ServerCertificatesOutput] {
	return ask[ServerCertificatesOutput]("iam:ListServerCertificates", "", "server certificates in IAM")
}

// RoleOutput is IAM's GetRole answer. The trust policy comes URL-encoded or as an object; see [TrustPolicy].
type RoleOutput struct{ Role RoleDetail }

// RoleDetail is the part of a role that tells who may assume it.
type RoleDetail struct {
	RoleName                 string
	Arn                      string
	AssumeRolePolicyDocument any
}

// Role reads a role by its name.
func Role(name string) evidence.Read[RoleOutput] {
	return ask[RoleOutput]("iam:GetRole", "", "role "+name, "RoleName", name)
}
