package originaccess

import (
	"strings"

	"cfdoctor/internal/fix"
)

func keyCall(arn, purpose, operation string, mutates bool) fix.HandCall {
	region := ""
	if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 {
		region = parts[3]
	}
	return fix.HandCall{Purpose: purpose, Service: "kms", Operation: operation, Region: region, Mutates: mutates, Params: []fix.HandParam{{Name: "KeyId", Value: arn}}}
}

// reviveKey puts a key to use again that was disabled, or is to be deleted.
func reviveKey(arn string) []fix.HandCall {
	enable := keyCall(arn, "Enable the key", "EnableKey", true)
	return []fix.HandCall{
		keyCall(arn, "See the key's state, and the day of its deletion", "DescribeKey", false),
		keyCall(arn, "If its deletion is scheduled, cancel that", "CancelKeyDeletion", true),
		enable.WithBack("Disable the key again", "DisableKey", enable.Params),
	}
}

// encryptAgain encrypts a bucket's new objects, and one that is there, with keys of S3's own.
func encryptAgain(bucket, key string) []fix.HandCall {
	name := fix.HandParam{Name: "Bucket", Value: bucket}
	return []fix.HandCall{
		{Purpose: "See how new objects are encrypted", Service: "s3", Operation: "GetBucketEncryption", Params: []fix.HandParam{name}},
		fix.HandCall{Purpose: "Encrypt new objects with keys of S3's own, where that is the choice", Service: "s3", Operation: "PutBucketEncryption", Mutates: true,
			Params: []fix.HandParam{name, encryptBy("AES256")}}.
			WithBack("Encrypt new objects as before", "PutBucketEncryption", []fix.HandParam{name, encryptBy("aws:kms")}, "instead of the rule here the Rules that get-bucket-encryption showed before"),
		{Purpose: "Write the object again by copying it onto itself (objects above 5 GB need a multipart copy)", Service: "s3", Operation: "CopyObject", Mutates: true,
			Params: []fix.HandParam{name, {Name: "Key", Value: key}, {Name: "CopySource", Value: bucket + "/" + key}, {Name: "ServerSideEncryption", Value: "AES256"}}},
	}
}

func encryptBy(algorithm string) fix.HandParam {
	return fix.HandParam{Name: "ServerSideEncryptionConfiguration",
		Value: map[string]any{"Rules": []any{map[string]any{"ApplyServerSideEncryptionByDefault": map[string]any{"SSEAlgorithm": algorithm}}}}}
}
