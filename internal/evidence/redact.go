package evidence

import "strings"

// Redacted stands where a secret was.
const Redacted = "[redacted]"

// secretParameters are query parameters that carry a right of access: those of CloudFront's signed URLs
// (DG/private-content-signed-urls), of S3's presigned URLs (S3 API reference, query string authentication), and the usual names.
var secretParameters = map[string]bool{
	"signature": true, "policy": true, "x-amz-signature": true, "x-amz-credential": true, "x-amz-security-token": true,
	"access_token": true, "token": true, "id_token": true, "password": true, "secret": true, "api_key": true, "apikey": true,
}

// RedactQuery hides the values of secret parameters in a raw query string. Everything else stays as it was.
func RedactQuery(query string) string {
	if query == "" {
		return ""
	}
	parts := strings.Split(query, "&")
	for i, part := range parts {
		name, value, ok := strings.Cut(part, "=")
		if ok && value != "" && secretParameters[strings.ToLower(name)] {
			parts[i] = name + "=" + Redacted
		}
	}
	return strings.Join(parts, "&")
}

// secretHeaders are request headers that carry a right of access.
var secretHeaders = map[string]bool{
	"authorization": true, "proxy-authorization": true, "cookie": true, "x-api-key": true, "x-amz-security-token": true,
}

// IsSecretHeader reports whether a request header's value must not be shown.
func IsSecretHeader(name string) bool { return secretHeaders[strings.ToLower(name)] }
