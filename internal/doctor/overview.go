package doctor

import (
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/report"
)

// overview describes the distribution in the guide's four categories: origins, behaviors, security, status.
func overview(m *edge.Model) report.Distribution {
	d, c := m.Distribution, m.Config
	out := report.Distribution{
		ID: m.ID(), ARN: m.ARN(), DomainName: m.DomainName(), Aliases: list(m.Aliases()), Status: text(d.Status),
		Enabled: c.Enabled != nil && *c.Enabled, Comment: text(c.Comment), Origins: []report.Origin{}, Behaviors: []report.Behavior{},
		Security: report.Security{WebACL: text(c.WebACLId), GeoRestriction: geoWords(c), ViewerCertificate: certificateWords(c.ViewerCertificate)},
	}
	if d.LastModifiedTime != nil {
		out.LastModified = d.LastModifiedTime.UTC().Format(time.RFC3339)
	}
	for _, o := range m.Origins {
		out.Origins = append(out.Origins, report.Origin{
			ID: o.ID, DomainName: text(o.Config.DomainName), Kind: kindWords(o), Access: accessWords(o), ProtocolPolicy: protocolPolicy(o),
		})
	}
	for _, b := range m.Behaviors {
		out.Behaviors = append(out.Behaviors, report.Behavior{
			PathPattern: b.PathPattern, OriginID: text(b.Config.TargetOriginId),
			ViewerProtocolPolicy: string(b.Config.ViewerProtocolPolicy), AllowedMethods: methods(b),
		})
	}
	out.Summary = summary(m, out)
	return out
}

func summary(m *edge.Model, d report.Distribution) []string {
	var lines []string
	for _, o := range d.Origins {
		lines = append(lines, fmt.Sprintf("Origin %s: %s %s, %s.", o.ID, o.Kind, o.DomainName, o.Access))
	}
	for _, b := range d.Behaviors {
		path := "Requests to " + b.PathPattern
		if b.PathPattern == "*" {
			path = "All other requests"
			if len(d.Behaviors) == 1 {
				path = "All requests"
			}
		}
		lines = append(lines, fmt.Sprintf("%s go to %s; %s; allowed: %s.", path, b.OriginID, viewerProtocolWords(b.ViewerProtocolPolicy), strings.Join(b.AllowedMethods, ", ")))
	}
	firewall := "no firewall (AWS WAF)"
	if d.Security.WebACL != "" {
		firewall = "a firewall (AWS WAF web ACL " + aclName(d.Security.WebACL) + ")"
	}
	lines = append(lines, fmt.Sprintf("Security: %s; %s; certificate: %s.", firewall, d.Security.GeoRestriction, d.Security.ViewerCertificate))
	return append(lines, statusWords(m, d))
}

func statusWords(m *edge.Model, d report.Distribution) string {
	state := "switched on"
	if !d.Enabled {
		state = "switched off"
	}
	deployed := "fully deployed"
	if d.Status != "Deployed" {
		deployed = "still being deployed (" + d.Status + ")"
	}
	line := fmt.Sprintf("Status: %s, %s", state, deployed)
	if d.LastModified != "" {
		line += ", last changed " + d.LastModified
	}
	if n := m.Distribution.InProgressInvalidationBatches; n != nil && *n > 0 {
		line += fmt.Sprintf(", %d invalidations under way", *n)
	}
	return line + "."
}

func viewerProtocolWords(policy string) string {
	switch types.ViewerProtocolPolicy(policy) {
	case types.ViewerProtocolPolicyAllowAll:
		return "HTTP and HTTPS"
	case types.ViewerProtocolPolicyHttpsOnly:
		return "HTTPS only"
	case types.ViewerProtocolPolicyRedirectToHttps:
		return "HTTP is redirected to HTTPS"
	}
	return policy
}

// kinds names the types of origin that the domain name tells.
var kinds = map[cloudfront.EndpointKind]string{
	cloudfront.KindS3Website:       "S3 website endpoint",
	cloudfront.KindLambdaURL:       "Lambda function URL",
	cloudfront.KindAPIGateway:      "API Gateway",
	cloudfront.KindLoadBalancer:    "load balancer",
	cloudfront.KindNetworkBalancer: "network load balancer",
	cloudfront.KindMediaPackage:    "MediaPackage endpoint",
	cloudfront.KindMediaPackageV2:  "MediaPackage endpoint",
	cloudfront.KindMediaStore:      "MediaStore container",
	cloudfront.KindCloudFront:      "another CloudFront distribution",
	cloudfront.KindEC2:             "EC2 instance",
	cloudfront.KindAppSync:         "AppSync API",
	cloudfront.KindAppRunner:       "App Runner service",
	cloudfront.KindAmplify:         "Amplify app",
}

// kindWords names an origin's type for people.
func kindWords(o *edge.Origin) string {
	if o.Config.VpcOriginConfig != nil {
		return "VPC origin"
	}
	if words, ok := kinds[o.Endpoint.Kind]; ok {
		return words
	}
	if o.Endpoint.IsS3() {
		return "S3 bucket"
	}
	return "custom origin"
}

// accessWords says how CloudFront proves itself to the origin.
func accessWords(o *edge.Origin) string {
	if config, ok := o.OAC.Get(); ok {
		return fmt.Sprintf("signed with an origin access control (%s)", config.SigningBehavior)
	}
	switch {
	case o.OAC.Missing():
		return "signed with an origin access control that could not be read"
	case o.OAI != "":
		return "through the origin access identity " + o.OAI
	case o.Config.CustomHeaders != nil && len(o.Config.CustomHeaders.Items) > 0:
		return "with custom headers"
	}
	return "open, without origin access control"
}

func protocolPolicy(o *edge.Origin) string {
	switch {
	case o.Config.CustomOriginConfig != nil:
		return string(o.Config.CustomOriginConfig.OriginProtocolPolicy)
	case o.Config.S3OriginConfig != nil:
		return "managed by CloudFront"
	}
	return ""
}

func methods(b *edge.Behavior) []string {
	out := []string{}
	if b.Config.AllowedMethods != nil {
		for _, m := range b.Config.AllowedMethods.Items {
			out = append(out, string(m))
		}
	}
	return out
}

func geoWords(c types.DistributionConfig) string {
	if c.Restrictions == nil || c.Restrictions.GeoRestriction == nil {
		return "no geographic restriction"
	}
	g := c.Restrictions.GeoRestriction
	switch g.RestrictionType {
	case types.GeoRestrictionTypeWhitelist:
		return "only for viewers in " + strings.Join(g.Items, ", ")
	case types.GeoRestrictionTypeBlacklist:
		return "not for viewers in " + strings.Join(g.Items, ", ")
	}
	return "no geographic restriction"
}

func certificateWords(v *types.ViewerCertificate) string {
	switch {
	case v == nil || v.CloudFrontDefaultCertificate != nil && *v.CloudFrontDefaultCertificate:
		return "CloudFront's own (*.cloudfront.net)"
	case text(v.ACMCertificateArn) != "":
		return fmt.Sprintf("%s, at least %s", *v.ACMCertificateArn, v.MinimumProtocolVersion)
	case text(v.IAMCertificateId) != "":
		return fmt.Sprintf("IAM %s, at least %s", *v.IAMCertificateId, v.MinimumProtocolVersion)
	}
	return "not known"
}

// aclName takes the name out of a web ACL's ARN.
func aclName(arn string) string {
	if parts := strings.Split(arn, "/"); len(parts) >= 4 {
		return parts[len(parts)-2]
	}
	return arn
}

func text(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}
