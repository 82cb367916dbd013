package account

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	s3control "github.com/aws/aws-sdk-go-v2/service/s3control/types"

	"cfdoctor/internal/evidence"
)

// BucketPolicyOutput is GetBucketPolicy's answer: the policy as text.
type BucketPolicyOutput struct{ Policy string }

// BucketPolicy reads a bucket's policy; absent means that the bucket has none.
func BucketPolicy(bucket string) evidence.Read[BucketPolicyOutput] {
	return askBucket[BucketPolicyOutput]("s3:GetBucketPolicy", bucket)
}

// BucketPolicyStatusOutput is GetBucketPolicyStatus' answer.
type BucketPolicyStatusOutput struct{ PolicyStatus types.PolicyStatus }

// BucketPolicyStatus reads whether S3 calls the bucket's policy public.
func BucketPolicyStatus(bucket string) evidence.Read[BucketPolicyStatusOutput] {
	return askBucket[BucketPolicyStatusOutput]("s3:GetBucketPolicyStatus", bucket)
}

// PublicAccessBlockOutput is GetPublicAccessBlock's answer for a bucket.
type PublicAccessBlockOutput struct {
	PublicAccessBlockConfiguration types.PublicAccessBlockConfiguration
}

// PublicAccessBlock reads a bucket's Block Public Access settings; absent means that none are set.
func PublicAccessBlock(bucket string) evidence.Read[PublicAccessBlockOutput] {
	return askBucket[PublicAccessBlockOutput]("s3:GetPublicAccessBlock", bucket)
}

// AccountPublicAccessBlockOutput is S3 Control's GetPublicAccessBlock answer for an account.
type AccountPublicAccessBlockOutput struct {
	PublicAccessBlockConfiguration s3control.PublicAccessBlockConfiguration
}

// AccountPublicAccessBlock reads the account's Block Public Access settings; absent means that none are set.
func AccountPublicAccessBlock(account string) evidence.Read[AccountPublicAccessBlockOutput] {
	return ask[AccountPublicAccessBlockOutput]("s3control:GetPublicAccessBlock", "", "account "+account, "AccountId", account)
}

// AccessPointsOutput is S3 Control's ListAccessPoints answer: all access points of an account in a Region.
type AccessPointsOutput struct{ AccessPointList []s3control.AccessPoint }

// AccessPoints lists the access points of an account in a Region.
func AccessPoints(account, region string) evidence.Read[AccessPointsOutput] {
	return ask[AccessPointsOutput]("s3control:ListAccessPoints", region, "access points of account "+account+" in "+region, "AccountId", account)
}

// AccessPointPolicyOutput is S3 Control's GetAccessPointPolicy answer: the policy as text.
type AccessPointPolicyOutput struct{ Policy string }

// AccessPointPolicy reads an access point's policy; absent means that it has none.
func AccessPointPolicy(account, region, name string) evidence.Read[AccessPointPolicyOutput] {
	return ask[AccessPointPolicyOutput]("s3control:GetAccessPointPolicy", region, "access point "+name, "AccountId", account, "Name", name)
}

// OwnershipControlsOutput is GetBucketOwnershipControls' answer.
type OwnershipControlsOutput struct{ OwnershipControls types.OwnershipControls }

// OwnershipControls reads a bucket's object ownership.
func OwnershipControls(bucket string) evidence.Read[OwnershipControlsOutput] {
	return askBucket[OwnershipControlsOutput]("s3:GetBucketOwnershipControls", bucket)
}

// ACLOutput is the answer of GetBucketAcl and GetObjectAcl.
type ACLOutput struct {
	Owner  types.Owner
	Grants []types.Grant
}

// BucketACL reads a bucket's owner and ACL.
func BucketACL(bucket string) evidence.Read[ACLOutput] {
	return askBucket[ACLOutput]("s3:GetBucketAcl", bucket)
}

// ObjectACL reads an object's owner and ACL.
func ObjectACL(bucket, key string) evidence.Read[ACLOutput] {
	return ask[ACLOutput]("s3:GetObjectAcl", "", objectName(bucket, key), "Bucket", bucket, "Key", key)
}

// EncryptionOutput is GetBucketEncryption's answer.
type EncryptionOutput struct {
	ServerSideEncryptionConfiguration types.ServerSideEncryptionConfiguration
}

// BucketEncryption reads a bucket's default encryption, which applies to objects written after it was set.
func BucketEncryption(bucket string) evidence.Read[EncryptionOutput] {
	return askBucket[EncryptionOutput]("s3:GetBucketEncryption", bucket)
}

// LocationOutput is GetBucketLocation's answer: "" is us-east-1, "EU" is eu-west-1.
type LocationOutput struct{ LocationConstraint string }

// BucketLocation reads the Region a bucket is in.
func BucketLocation(bucket string) evidence.Read[LocationOutput] {
	return askBucket[LocationOutput]("s3:GetBucketLocation", bucket)
}

// WebsiteOutput is GetBucketWebsite's answer.
type WebsiteOutput struct {
	IndexDocument         *types.IndexDocument
	ErrorDocument         *types.ErrorDocument
	RedirectAllRequestsTo *types.RedirectAllRequestsTo
	RoutingRules          []types.RoutingRule
}

// BucketWebsite reads a bucket's static website settings; absent means that hosting is off.
func BucketWebsite(bucket string) evidence.Read[WebsiteOutput] {
	return askBucket[WebsiteOutput]("s3:GetBucketWebsite", bucket)
}

// CORSOutput is GetBucketCors' answer.
type CORSOutput struct{ CORSRules []types.CORSRule }

// BucketCORS reads a bucket's CORS rules; absent means that it has none.
func BucketCORS(bucket string) evidence.Read[CORSOutput] {
	return askBucket[CORSOutput]("s3:GetBucketCors", bucket)
}

// RequestPaymentOutput is GetBucketRequestPayment's answer.
type RequestPaymentOutput struct{ Payer types.Payer }

// RequestPayment reads who pays for requests to a bucket.
func RequestPayment(bucket string) evidence.Read[RequestPaymentOutput] {
	return askBucket[RequestPaymentOutput]("s3:GetBucketRequestPayment", bucket)
}

// HeadBucketOutput is HeadBucket's answer.
type HeadBucketOutput struct{ BucketRegion string }

// Bucket asks whether a bucket exists.
func Bucket(bucket string) evidence.Read[HeadBucketOutput] {
	return askBucket[HeadBucketOutput]("s3:HeadBucket", bucket)
}

// ObjectOutput is HeadObject's answer, as far as it decides whether CloudFront can serve the object.
type ObjectOutput struct {
	ContentLength           *int64
	ContentType             *string
	CacheControl            *string
	ContentEncoding         *string
	ContentDisposition      *string
	ContentLanguage         *string
	Metadata                map[string]string
	Expires                 *string
	ETag                    *string
	LastModified            *time.Time
	ServerSideEncryption    types.ServerSideEncryption
	SSEKMSKeyId             *string
	StorageClass            types.StorageClass
	Restore                 *string
	ArchiveStatus           types.ArchiveStatus
	DeleteMarker            *bool
	WebsiteRedirectLocation *string
	VersionId               *string
}

// Object asks about one object. Absent is certain only from a caller who may list the bucket: S3 says 403 to others.
func Object(bucket, key string) evidence.Read[ObjectOutput] {
	return ask[ObjectOutput]("s3:HeadObject", "", objectName(bucket, key), "Bucket", bucket, "Key", key)
}

// ObjectsOutput is ListObjectsV2's answer.
type ObjectsOutput struct {
	Contents       []types.Object
	CommonPrefixes []types.CommonPrefix
	IsTruncated    *bool
	Prefix         *string
}

// Objects lists up to 1,000 objects whose keys begin with a prefix, with their owners.
func Objects(bucket, prefix string) evidence.Read[ObjectsOutput] {
	return ask[ObjectsOutput]("s3:ListObjectsV2", "", "objects "+objectName(bucket, prefix)+"*", "Bucket", bucket, "Prefix", prefix, "FetchOwner", true)
}

func askBucket[T any](operation, bucket string) evidence.Read[T] {
	return ask[T](operation, "", "bucket "+bucket, "Bucket", bucket)
}

func objectName(bucket, key string) string { return "s3://" + bucket + "/" + key }
