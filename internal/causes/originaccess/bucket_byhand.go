package originaccess

import "cfdoctor/internal/fix"

// makeBucket looks whose a bucket's name is, and takes it. The Region is the one that the origin's domain names; "" is us-east-1.
func makeBucket(name, region string) []fix.HandCall {
	create := fix.HandCall{Purpose: "If it was yours, make it at once; it blocks public access from the start", Service: "s3", Operation: "CreateBucket", Region: region, Mutates: true,
		Params: []fix.HandParam{{Name: "Bucket", Value: name}}}
	if region != "" && region != "us-east-1" { // that Region alone takes no constraint (S3API/API_CreateBucket)
		create.Params = append(create.Params, fix.HandParam{Name: "CreateBucketConfiguration", Value: map[string]any{"LocationConstraint": region}})
	}
	return []fix.HandCall{
		{Purpose: "See whether the name is taken: 404 says that it is free, 403 that it is somebody else's", Service: "s3", Operation: "HeadBucket", Params: []fix.HandParam{{Name: "Bucket", Value: name}}},
		{Purpose: "See which buckets the account has", Service: "s3", Operation: "ListBuckets"},
		create.WithBack("Delete the bucket again, while it is empty; its name is then free to everybody", "DeleteBucket", []fix.HandParam{{Name: "Bucket", Value: name}}),
	}
}
