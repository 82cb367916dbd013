package fix

import (
	"fmt"
	"strings"

	"cfdoctor/internal/cloudfront"
)

// Behaviors are named by their path pattern; "*" (as the Console shows it) and "" are the default cache behavior. Origins are named by their id.

func behavior(pattern string) Path {
	if isDefault(pattern) {
		return At("DefaultCacheBehavior")
	}
	return At("CacheBehaviors").Item("PathPattern", pattern)
}

func isDefault(pattern string) bool { return pattern == "" || pattern == "*" }

func origin(id string) Path { return At("Origins").Item("Id", id) }

func onBehavior(pattern, format string, args ...any) string {
	if isDefault(pattern) {
		pattern = "Default (*)"
	}
	return "Behaviors tab: select " + show(pattern) + ", choose Edit; " + fmt.Sprintf(format, args...) + "; choose Save changes"
}

func onOrigin(id, format string, args ...any) string {
	return "Origins tab: select " + show(id) + ", choose Edit; " + fmt.Sprintf(format, args...) + "; choose Save changes"
}

func onGeneral(format string, args ...any) string {
	return "General tab, Settings: choose Edit; " + fmt.Sprintf(format, args...) + "; choose Save changes"
}

// setTo says what becomes of a text field of the Console.
func setTo(field, value string) string {
	if value == "" {
		return "clear " + field
	}
	return "set " + field + " to " + show(value)
}

// policyNamed is a policy as the Console lists it: a managed one by its name (DG/using-managed-origin-request-policies), another by its id.
func policyNamed(id string) string {
	switch name := cloudfront.ManagedPolicyName(id); {
	case id == "":
		return "no policy (clear the choice)"
	case name != "":
		return "the managed policy " + show(name) + " (" + id + ")"
	}
	return "the policy with the id " + show(id)
}

// show quotes a value for running text.
func show(s string) string { return "“" + printable(s) + "”" }

// orDelete is the value of a member that goes away where it is "".
func orDelete(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// SetDefaultRootObject sets what / answers with: an object's key without a leading slash (DG/DefaultRootObject); "" unsets it.
func SetDefaultRootObject(key string) Edits {
	return Edits{{Path: At("DefaultRootObject"), Op: Set, New: key,
		Label: onGeneral("%s", setTo("Default root object", key))}}
}

// SetOriginAccessControl makes CloudFront sign its requests to an origin with an OAC: its id, or the [Output] that brings it; "" takes it off.
// An origin access identity goes away with it, since CloudFront refuses both at once (API reference, IllegalOriginAccessConfiguration).
func SetOriginAccessControl(originID string, oac any) Edits {
	if oac == nil {
		oac = ""
	}
	name := "the one to use"
	switch v := oac.(type) {
	case Output:
		name = "the new one"
	case string:
		name = show(v)
	}
	path := origin(originID)
	return Edits{
		{Path: path.Field("S3OriginConfig", "OriginAccessIdentity"), Op: SetPresent, New: ""},
		{Path: path.Field("OriginAccessControlId"), Op: Set, New: oac,
			Label: onOrigin(originID, "under Origin access choose Origin access control settings (recommended) and select %s", name)},
	}
}

// SetOriginDomain points an origin elsewhere.
func SetOriginDomain(originID, domain string) Edits {
	return Edits{{Path: origin(originID).Field("DomainName"), Op: Set, New: domain,
		Label: onOrigin(originID, "set Origin domain to %s", show(domain))}}
}

// SetOriginPath sets the folder or stage that CloudFront puts before every path: "" or /name, without a slash at the end.
func SetOriginPath(originID, path string) Edits {
	return Edits{{Path: origin(originID).Field("OriginPath"), Op: Set, New: path,
		Label: onOrigin(originID, "%s", setTo("Origin path", path))}}
}

// SetOriginProtocolPolicy sets how CloudFront talks to a custom origin: http-only, https-only or match-viewer.
func SetOriginProtocolPolicy(originID, policy string) Edits {
	names := map[string]string{"http-only": "HTTP only", "https-only": "HTTPS only", "match-viewer": "Match viewer"}
	return Edits{{Path: origin(originID).Field("CustomOriginConfig", "OriginProtocolPolicy"), Op: Set, New: policy,
		Label: onOrigin(originID, "set Protocol to %s", names[policy])}}
}

// SetOriginPorts sets the ports of a custom origin.
func SetOriginPorts(originID string, httpPort, httpsPort int) Edits {
	path := origin(originID).Field("CustomOriginConfig")
	return Edits{
		{Path: path.Field("HTTPPort"), Op: Set, New: httpPort},
		{Path: path.Field("HTTPSPort"), Op: Set, New: httpsPort,
			Label: onOrigin(originID, "set HTTP port to %d and HTTPS port to %d", httpPort, httpsPort)},
	}
}

// SetOriginSSLProtocols sets the protocols that CloudFront offers a custom origin: SSLv3, TLSv1, TLSv1.1, TLSv1.2.
func SetOriginSSLProtocols(originID string, protocols ...string) Edits {
	return Edits{{Path: origin(originID).Field("CustomOriginConfig", "OriginSslProtocols"), Op: SetItems, New: protocols,
		Label: onOrigin(originID, "set Minimum Origin SSL protocol so that %s can be used", strings.Join(protocols, ", "))}}
}

// SetReadTimeout sets how many seconds CloudFront waits for a custom origin's answer: 1–120 without a quota increase
// (DG/DownloadDistValuesOrigin#DownloadDistValuesOriginResponseTimeout).
func SetReadTimeout(originID string, seconds int) Edits {
	return Edits{{Path: origin(originID).Field("CustomOriginConfig", "OriginReadTimeout"), Op: Set, New: seconds,
		Label: onOrigin(originID, "under Additional settings set Response timeout to %d", seconds)}}
}

// SetKeepaliveTimeout sets how many seconds CloudFront keeps an idle connection to a custom origin.
func SetKeepaliveTimeout(originID string, seconds int) Edits {
	return Edits{{Path: origin(originID).Field("CustomOriginConfig", "OriginKeepaliveTimeout"), Op: Set, New: seconds,
		Label: onOrigin(originID, "under Additional settings set Keep-alive timeout to %d", seconds)}}
}

// SetConnectionTimeout sets how many seconds one connection attempt may take: 1–10.
func SetConnectionTimeout(originID string, seconds int) Edits {
	return Edits{{Path: origin(originID).Field("ConnectionTimeout"), Op: Set, New: seconds,
		Label: onOrigin(originID, "under Additional settings set Connection timeout to %d", seconds)}}
}

// SetOriginShield turns on Origin Shield in a Region.
func SetOriginShield(originID, region string) Edits {
	return Edits{{Path: origin(originID).Field("OriginShield"), Op: Set,
		New:   map[string]any{"Enabled": true, "OriginShieldRegion": region},
		Label: onOrigin(originID, "set Enable Origin Shield to Yes, Region %s", show(region))}}
}

// SetAllowedMethods sets what a behavior lets through. CloudFront knows three sets: GET and HEAD; those and OPTIONS; all seven
// (DG/DownloadDistValuesCacheBehavior#DownloadDistValuesAllowedHTTPMethods). Which methods are cached stays as it is.
func SetAllowedMethods(pattern string, methods ...string) Edits {
	return Edits{{Path: behavior(pattern).Field("AllowedMethods"), Op: SetItems, New: methods,
		Label: onBehavior(pattern, "set Allowed HTTP methods to %s", strings.Join(methods, ", "))}}
}

// AllMethods is the widest set that [SetAllowedMethods] takes.
func AllMethods() []string {
	return []string{"GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"}
}

// SetViewerProtocolPolicy sets what a behavior does with plain HTTP: allow-all, redirect-to-https or https-only.
func SetViewerProtocolPolicy(pattern, policy string) Edits {
	names := map[string]string{"allow-all": "HTTP and HTTPS", "redirect-to-https": "Redirect HTTP to HTTPS", "https-only": "HTTPS only"}
	return Edits{{Path: behavior(pattern).Field("ViewerProtocolPolicy"), Op: Set, New: policy,
		Label: onBehavior(pattern, "set Viewer protocol policy to %s", names[policy])}}
}

// SetOriginRequestPolicy sets what the origin receives; "" takes the policy off.
func SetOriginRequestPolicy(pattern, id string) Edits {
	return Edits{{Path: behavior(pattern).Field("OriginRequestPolicyId"), Op: Set, New: orDelete(id),
		Label: onBehavior(pattern, "under Origin request policy choose %s", policyNamed(id))}}
}

// SetResponseHeadersPolicy sets which headers CloudFront adds to and removes from responses; "" takes the policy off.
func SetResponseHeadersPolicy(pattern, id string) Edits {
	return Edits{{Path: behavior(pattern).Field("ResponseHeadersPolicyId"), Op: Set, New: orDelete(id),
		Label: onBehavior(pattern, "under Response headers policy choose %s", policyNamed(id))}}
}

// SetCachePolicy sets a behavior's cache key and TTLs. The older settings for them go away: CloudFront refuses them beside a policy.
func SetCachePolicy(pattern, id string) Edits {
	path := behavior(pattern)
	return Edits{
		{Path: path.Field("ForwardedValues"), Op: Set},
		{Path: path.Field("MinTTL"), Op: Set},
		{Path: path.Field("DefaultTTL"), Op: Set},
		{Path: path.Field("MaxTTL"), Op: Set},
		{Path: path.Field("CachePolicyId"), Op: Set, New: id,
			Label: onBehavior(pattern, "choose Cache policy and origin request policy (recommended), and %s under Cache policy", policyNamed(id))},
	}
}

// SetTTL sets the older TTLs (in seconds) of a behavior that has no cache policy.
func SetTTL(pattern string, minimum, byDefault, maximum int) Edits {
	path := behavior(pattern)
	return Edits{
		{Path: path.Field("MinTTL"), Op: Set, New: minimum},
		{Path: path.Field("DefaultTTL"), Op: Set, New: byDefault},
		{Path: path.Field("MaxTTL"), Op: Set, New: maximum,
			Label: onBehavior(pattern, "set Minimum TTL to %d, Default TTL to %d and Maximum TTL to %d", minimum, byDefault, maximum)},
	}
}

// SetCompress turns CloudFront's compression on or off.
func SetCompress(pattern string, on bool) Edits {
	return Edits{{Path: behavior(pattern).Field("Compress"), Op: Set, New: on,
		Label: onBehavior(pattern, "set Compress objects automatically to %s", yesNo(on))}}
}

// SetTargetOrigin sends a behavior to another origin.
func SetTargetOrigin(pattern, originID string) Edits {
	return Edits{{Path: behavior(pattern).Field("TargetOriginId"), Op: Set, New: originID,
		Label: onBehavior(pattern, "set Origin and origin groups to %s", show(originID))}}
}

// AddFunctionAssociation runs a CloudFront Function at an event (viewer-request or viewer-response) of a behavior, in place of another.
func AddFunctionAssociation(pattern, event, functionARN string) Edits {
	return Edits{{Path: behavior(pattern).Field("FunctionAssociations"), Op: AddItem, Key: "EventType",
		New:   map[string]any{"EventType": event, "FunctionARN": functionARN},
		Label: onBehavior(pattern, "under Function associations, %s, choose CloudFront Functions and the function %s", consoleEvent(event), show(functionName(functionARN)))}}
}

// RemoveFunctionAssociation takes the CloudFront Function off an event of a behavior.
func RemoveFunctionAssociation(pattern, event string) Edits {
	return Edits{{Path: behavior(pattern).Field("FunctionAssociations"), Op: RemoveItem, Key: "EventType", Old: event,
		Label: onBehavior(pattern, "under Function associations, %s, choose No association", consoleEvent(event))}}
}

// consoleEvent is how the Console writes an event such as viewer-request.
func consoleEvent(event string) string {
	words := strings.ReplaceAll(event, "-", " ")
	if words == "" {
		return words
	}
	return strings.ToUpper(words[:1]) + words[1:]
}

// functionName is the name in a function's ARN, by which the Console lists it; the ARN itself where it has none.
func functionName(arn string) string {
	if _, name, ok := strings.Cut(arn, ":function/"); ok {
		return name
	}
	return arn
}

// ReorderBehaviors puts the named behaviors first, in the given order: CloudFront takes the first pattern that matches.
func ReorderBehaviors(patterns ...string) Edits {
	return Edits{{Path: At("CacheBehaviors"), Op: OrderItems, Key: "PathPattern", New: patterns,
		Label: "Behaviors tab: with Move up and Move down bring the behaviors into the order " + show(strings.Join(patterns, ", ")) + "; choose Save"}}
}

// SetPathPattern changes a behavior's path pattern.
func SetPathPattern(old, pattern string) Edits {
	return Edits{{Path: At("CacheBehaviors"), Op: RenameItem, Key: "PathPattern", Old: old, New: pattern,
		Label: onBehavior(old, "set Path pattern to %s", show(pattern))}}
}

// AddAlias adds an alternate domain name. The viewer certificate must cover it.
func AddAlias(domain string) Edits {
	return Edits{{Path: At("Aliases"), Op: AddItem, New: domain,
		Label: onGeneral("under Alternate domain name (CNAME) choose Add item and enter %s", show(domain))}}
}

// RemoveAlias removes an alternate domain name.
func RemoveAlias(domain string) Edits {
	return Edits{{Path: At("Aliases"), Op: RemoveItem, Old: domain,
		Label: onGeneral("under Alternate domain name (CNAME) remove %s", show(domain))}}
}

// SetViewerCertificate serves viewers by SNI with a certificate of ACM in us-east-1 (its ARN, or the [Output] that brings it) and a security
// policy such as TLSv1.2_2021.
func SetViewerCertificate(certificate any, policy string) Edits {
	name := "the new certificate"
	if arn, ok := certificate.(string); ok {
		name = show(arn)
	}
	at := At("ViewerCertificate")
	return Edits{
		{Path: at.Field("CloudFrontDefaultCertificate"), Op: Set, New: false},
		// The other ways to name a certificate: CloudFront takes one only, and shows the last two for the older of its interfaces.
		{Path: at.Field("IAMCertificateId"), Op: Set},
		{Path: at.Field("Certificate"), Op: Set},
		{Path: at.Field("CertificateSource"), Op: Set},
		{Path: at.Field("ACMCertificateArn"), Op: Set, New: certificate},
		{Path: at.Field("SSLSupportMethod"), Op: Set, New: "sni-only"},
		{Path: at.Field("MinimumProtocolVersion"), Op: Set, New: policy,
			Label: onGeneral("under Custom SSL certificate choose %s, under Security policy %s", name, show(policy))},
	}
}

// SetMinimumProtocolVersion sets the viewers' security policy, such as TLSv1.2_2021. It needs a certificate of one's own.
func SetMinimumProtocolVersion(policy string) Edits {
	return Edits{{Path: At("ViewerCertificate", "MinimumProtocolVersion"), Op: Set, New: policy,
		Label: onGeneral("under Security policy choose %s", show(policy))}}
}

// SetEnabled turns the distribution on or off.
func SetEnabled(on bool) Edits {
	label := "Distributions page: select the distribution and choose Enable"
	if !on {
		label = "Distributions page: select the distribution and choose Disable"
	}
	return Edits{{Path: At("Enabled"), Op: Set, New: on, Label: label}}
}

// SetHTTPVersion sets the newest HTTP version for viewers: http1.1, http2, http3 or http2and3.
func SetHTTPVersion(version string) Edits {
	boxes := map[string]string{"http1.1": "clear HTTP/2 and HTTP/3", "http2": "select HTTP/2 and clear HTTP/3", "http3": "clear HTTP/2 and select HTTP/3",
		"http2and3": "select HTTP/2 and HTTP/3"}
	return Edits{{Path: At("HttpVersion"), Op: Set, New: version,
		Label: onGeneral("under Supported HTTP versions %s", boxes[version])}}
}

// SetIPv6 turns IPv6 for viewers on or off.
func SetIPv6(on bool) Edits {
	return Edits{{Path: At("IsIPV6Enabled"), Op: Set, New: on, Label: onGeneral("set IPv6 to %s", yesNo(on))}}
}

// SetPriceClass sets the edge locations that serve: PriceClass_All, PriceClass_200 or PriceClass_100.
func SetPriceClass(class string) Edits {
	names := map[string]string{"PriceClass_All": "Use all edge locations (best performance)", "PriceClass_100": "Use only North America and Europe",
		"PriceClass_200": "Use North America, Europe, Asia, Middle East, and Africa"}
	return Edits{{Path: At("PriceClass"), Op: Set, New: class, Label: onGeneral("under Price class choose %s", names[class])}}
}

// SetWebACL associates a web ACL of WAF by its ARN, or by the [Output] that brings it; "" takes it off.
func SetWebACL(webACL any) Edits {
	name := "the new web ACL"
	if arn, ok := webACL.(string); ok {
		name = "the web ACL " + show(parseWAF(arn).name)
	}
	label := "Security tab: choose Edit under Web Application Firewall (WAF); select " + name + "; choose Save changes"
	if webACL == "" {
		label = "Security tab: choose Edit under Web Application Firewall (WAF); choose Disable; choose Save changes"
	}
	return Edits{{Path: At("WebACLId"), Op: Set, New: webACL, Label: label}}
}

// AddCountry lets a country in where the distribution has an allow list. Countries are ISO 3166-1 alpha-2.
func AddCountry(country string) Edits {
	return Edits{{Path: At("Restrictions", "GeoRestriction"), Op: AddItem, New: country,
		Label: "Security tab, CloudFront geographic restrictions: choose Edit; add " + show(country) + " to the list; choose Save changes"}}
}

// RemoveCountry takes a country off the distribution's list.
func RemoveCountry(country string) Edits {
	return Edits{{Path: At("Restrictions", "GeoRestriction"), Op: RemoveItem, Old: country,
		Label: "Security tab, CloudFront geographic restrictions: choose Edit; remove " + show(country) + " from the list; choose Save changes"}}
}

// SetGeoRestriction sets the whole restriction: whitelist or blacklist with countries, or none without.
func SetGeoRestriction(kind string, countries ...string) Edits {
	names := map[string]string{"none": "No restrictions", "whitelist": "Allow list", "blacklist": "Block list"}
	path := At("Restrictions", "GeoRestriction")
	return Edits{
		{Path: path.Field("RestrictionType"), Op: Set, New: kind},
		{Path: path, Op: SetItems, New: append([]string{}, countries...),
			Label: "Security tab, CloudFront geographic restrictions: choose Edit; set Restriction type to " + names[kind] +
				" with the countries " + show(strings.Join(countries, ", ")) + "; choose Save changes"},
	}
}

// SetCustomErrorResponse sets what viewers get instead of an origin's error. Without a page, status and page stay the error's own and only the
// caching time (seconds) counts.
func SetCustomErrorResponse(code int, page string, status int, minimumTTL int) Edits {
	value := map[string]any{"ErrorCode": code, "ErrorCachingMinTTL": minimumTTL, "ResponseCode": "", "ResponsePagePath": page}
	if page != "" {
		value["ResponseCode"] = fmt.Sprint(status)
	}
	customize := "Customize error response to No"
	if page != "" {
		customize = fmt.Sprintf("Customize error response to Yes, Response page path to %s and HTTP response code to %d", show(page), status)
	}
	return Edits{{Path: At("CustomErrorResponses"), Op: AddItem, Key: "ErrorCode", New: value,
		Label: fmt.Sprintf("Error pages tab: choose Create custom error response and the HTTP error code %[1]d, or select %[1]d and choose Edit; "+
			"set Error caching minimum TTL to %[2]d and %[3]s; save it", code, minimumTTL, customize)}}
}

// RemoveCustomErrorResponse removes the error response for a status.
func RemoveCustomErrorResponse(code int) Edits {
	return Edits{{Path: At("CustomErrorResponses"), Op: RemoveItem, Key: "ErrorCode", Old: code,
		Label: fmt.Sprintf("Error pages tab: select %d and choose Delete", code)}}
}

// SetLogging turns on the older standard logging to a bucket (its domain name, which needs ACLs) under a prefix.
func SetLogging(bucketDomain, prefix string, cookies bool) Edits {
	return Edits{{Path: At("Logging"), Op: Set,
		New:   map[string]any{"Enabled": true, "IncludeCookies": cookies, "Bucket": bucketDomain, "Prefix": prefix},
		Label: "Logging tab: create a standard log delivery to " + show(bucketDomain)}}
}

func yesNo(on bool) string {
	if on {
		return "Yes"
	}
	return "No"
}
