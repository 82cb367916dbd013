package cloudfront

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// dashWebsiteRegions have their S3 website endpoints under s3-website-region; all others under s3-website.region.
// They are the same Regions that still accept Signature Version 2 (GR/s3, read 2026-10).
var dashWebsiteRegions = []string{
	"ap-northeast-1", "ap-southeast-1", "ap-southeast-2", "eu-west-1", "sa-east-1",
	"us-east-1", "us-gov-west-1", "us-west-1", "us-west-2",
}

// WebsiteEndpoint is the S3 website endpoint of a bucket (GR/s3). It answers plain HTTP only.
func WebsiteEndpoint(bucket, region string) string {
	if slices.Contains(dashWebsiteRegions, region) {
		return bucket + ".s3-website-" + region + "." + dnsSuffix(region)
	}
	return bucket + ".s3-website." + region + "." + dnsSuffix(region)
}

// RegionalEndpoint is the S3 REST endpoint that AWS recommends for a bucket as origin
// (DG/DownloadDistS3AndCustomOrigins).
func RegionalEndpoint(bucket, region string) string {
	return bucket + ".s3." + region + "." + dnsSuffix(region)
}

// AcceptsSignatureV2 reports whether S3 in the Region still takes Signature Version 2. Where it does not, an
// origin access identity fails for what needs Signature Version 4, and origin access control is the way (GR/s3).
func AcceptsSignatureV2(region string) bool { return slices.Contains(dashWebsiteRegions, region) }

// dnsSuffix is the DNS suffix of a Region's endpoints.
func dnsSuffix(region string) string {
	switch PartitionOf(region) {
	case "aws-cn":
		return "amazonaws.com.cn"
	case "aws-eusc":
		return "amazonaws.eu"
	}
	return "amazonaws.com"
}

// MaxDomainLength is the longest DNS name in its text form, and MaxLabelLength the longest label (RFC 1035).
const (
	MaxDomainLength = 253
	MaxLabelLength  = 63
)

// ValidateOriginDomain returns why a string cannot be an origin's domain name, or nil. CloudFront wants a DNS name
// alone: scheme, path and port have fields of their own, and an address is refused (DG/DownloadDistValuesOrigin).
// Underscores are let through: CloudFront takes them, though public certificates do not.
func ValidateOriginDomain(domain string) error {
	if domain == "" {
		return errors.New("the origin domain is empty")
	}
	if strings.Contains(domain, "://") {
		return fmt.Errorf("the origin domain %q has a scheme; the protocol is a setting of its own", domain)
	}
	if isIPLiteral(domain) {
		return fmt.Errorf("the origin domain %q is an IP address; it must be a DNS name", domain)
	}
	if i := strings.IndexAny(domain, " \t\r\n/?#@:*"); i >= 0 {
		return fmt.Errorf("the origin domain %q has %s", domain, foreignPart(domain[i]))
	}
	if len(strings.TrimSuffix(domain, ".")) > MaxDomainLength {
		return fmt.Errorf("the origin domain has %d characters, more than %d", len(domain), MaxDomainLength)
	}
	labels := strings.Split(strings.TrimSuffix(domain, "."), ".")
	if len(labels) < 2 {
		return fmt.Errorf("the origin domain %q is a single label, not a public DNS name", domain)
	}
	for _, label := range labels {
		if err := validateLabel(label); err != nil {
			return fmt.Errorf("the origin domain %q: %w", domain, err)
		}
	}
	return nil
}

// foreignPart names what a character shows to be in a domain name that does not belong there.
func foreignPart(c byte) string {
	switch c {
	case '/', '?', '#':
		return "a path; the origin path is a setting of its own"
	case ':':
		return "a port; the ports are settings of their own"
	case '@':
		return "user information"
	case '*':
		return "a wildcard"
	}
	return "white space"
}

func validateLabel(label string) error {
	if label == "" {
		return errors.New("an empty label (two dots, or a dot in front)")
	}
	if len(label) > MaxLabelLength {
		return fmt.Errorf("a label of %d characters, more than %d", len(label), MaxLabelLength)
	}
	if label[0] == '-' || label[len(label)-1] == '-' {
		return fmt.Errorf("label %q starts or ends with a hyphen", label)
	}
	for _, r := range label {
		if r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			return fmt.Errorf("label %q has the character %q", label, r)
		}
	}
	return nil
}

// isIPLiteral reports whether s is an IPv4 or IPv6 address, in brackets, with a port or alone.
func isIPLiteral(s string) bool {
	s = strings.TrimSuffix(s, ".")
	if _, err := netip.ParseAddr(strings.Trim(s, "[]")); err == nil {
		return true
	}
	_, err := netip.ParseAddrPort(s)
	return err == nil
}
