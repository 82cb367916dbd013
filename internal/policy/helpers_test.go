package policy

import "testing"

const (
	testSourceARN = "arn:aws:cloudfront::111122223333:distribution/E1EXAMPLE"
	testObject    = "arn:aws:s3:::example-bucket/index.html"
)

func mustParse(t testing.TB, document string) *Document {
	t.Helper()
	d, err := Parse(document)
	if err != nil {
		t.Fatalf("Parse: %v\n%s", err, document)
	}
	return d
}

// statements wraps statements into a document of the current version.
func statements(list string) string {
	return `{"Version":"2012-10-17","Statement":[` + list + `]}`
}

// conditional is a document with one Allow statement for everybody under a condition.
func conditional(condition string) string {
	return statements(`{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*","Condition":` + condition + `}`)
}

// oacRequest is what S3 sees of CloudFront with origin access control.
func oacRequest() Request {
	return Request{
		Principal: Service("cloudfront.amazonaws.com"),
		Action:    "s3:GetObject",
		Resource:  testObject,
		Context: NewContext().
			Set("aws:SourceArn", testSourceARN).
			Set("aws:SourceAccount", "111122223333").
			Set("aws:SecureTransport", "true").
			Set("aws:PrincipalIsAWSService", "true").
			SetUnknown("aws:SourceIp").
			Close(),
	}
}
