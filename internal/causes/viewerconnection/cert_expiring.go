package viewerconnection

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	acm "github.com/aws/aws-sdk-go-v2/service/acm/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/posture"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
)

var certExpiring = &cause.Cause{
	ID:        "CERT_EXPIRING",
	Title:     "The viewer certificate ends soon, or its renewal is stuck",
	Stage:     "viewer-connection",
	Severity:  cause.Medium,
	Proactive: true,
	Doc: cause.Doc{
		Explain: `ACM renews the certificates that it issued by itself, beginning 60 days before their end, as long as they are in use and the proof of control over the names still
stands: the CNAME record of the DNS validation, or an answer to a mail. Imported certificates are never renewed. When a certificate ends, every client refuses
the connection at once.`,
		Why: `The validation record was removed when DNS was cleaned up or moved, the mail was not answered, a CAA record keeps Amazon from issuing, or the certificate was
imported and nobody is in charge of the next one.`,
		Example: "RenewalSummary.RenewalStatus is PENDING_VALIDATION, twelve days before NotAfter.",
		References: []string{
			"https://docs.aws.amazon.com/acm/latest/userguide/managed-renewal.html",
			"https://docs.aws.amazon.com/acm/latest/userguide/troubleshooting-renewal.html",
			"https://docs.aws.amazon.com/acm/latest/userguide/import-reimport.html",
			posture.Guide + "cnames-and-https-requirements.html",
		},
		Since: "0.1",
	},
	Detect: detectExpiring,
	Fixes:  fixExpiring,
}

// soon is how many days before its end a certificate is worth a word, pressing how many days before it is urgent.
// Renewal by ACM begins 60 days before the end, so that it should long be done by then (ACM/managed-renewal).
const (
	soon     = 30
	pressing = 7
)

func detectExpiring(p *cause.Pass) cause.Verdict {
	c := p.Model.Config.ViewerCertificate
	switch {
	case p.World.Now.IsZero():
		return cause.Need("the time of the diagnosis is not known")
	case c == nil, ownCertificate(p):
		return cause.RuleOut("CloudFront's own certificate is served, which AWS renews", p.Model.Ref("ViewerCertificate.CloudFrontDefaultCertificate", "true", ""))
	case posture.Text(c.ACMCertificateArn) != "":
		return judgeACM(p, posture.Text(c.ACMCertificateArn))
	case posture.Text(c.IAMCertificateId) != "":
		return judgeIAM(p, posture.Text(c.IAMCertificateId))
	}
	return cause.Need("the configuration names no certificate")
}

func judgeACM(p *cause.Pass, arn string) cause.Verdict {
	fact := account.Certificate(arn).In(p.World)
	out, ok := fact.Get()
	switch {
	case fact.IsAbsent():
		return cause.RuleOut("ACM has no such certificate, which is another fault", fact.Ref(""))
	case !ok:
		return cause.Need("the certificate was not read", fact)
	case out.Certificate.NotAfter == nil:
		return cause.Need("the certificate's end is not recorded")
	}
	d := out.Certificate
	end := fact.Ref("Certificate.NotAfter").With(d.NotAfter.UTC().Format(time.RFC3339), "")
	left := daysUntil(p, *d.NotAfter)
	switch {
	case left < 0:
		return cause.RuleOut("the certificate has ended already, which is another fault", end)
	case stuck(d):
		ref := fact.Ref("Certificate.RenewalSummary.RenewalStatus").With(string(d.RenewalSummary.RenewalStatus), string(d.RenewalSummary.RenewalStatusReason)).Want("SUCCESS")
		return expiring(arn, fmt.Sprintf("ACM cannot renew the viewer certificate (%s), which ends in %s. Then every viewer is refused.",
			strings.ToLower(strings.ReplaceAll(string(d.RenewalSummary.RenewalStatus), "_", " ")), days(left)), left, ref, end)
	case left >= soon:
		return cause.RuleOut("the certificate is good for "+days(left), end)
	case d.Type == acm.CertificateTypeImported:
		return expiring(arn, "The viewer certificate ends in "+days(left)+", and ACM does not renew it, because it was imported. Then every viewer is refused.", left,
			fact.Ref("Certificate.Type").With(string(d.Type), "imported certificates are not renewed"), end)
	case d.RenewalEligibility == acm.RenewalEligibilityIneligible:
		return expiring(arn, "The viewer certificate ends in "+days(left)+", and ACM calls it ineligible for renewal. Then every viewer is refused.", left,
			fact.Ref("Certificate.RenewalEligibility").With(string(d.RenewalEligibility), ""), end)
	}
	return cause.Likely(arn, "The viewer certificate ends in "+days(left)+", and ACM has not renewed it although renewal begins 60 days before the end. If it does not, every viewer is refused then.",
		"ACM may still renew it: it says that the certificate is eligible", end, fact.Ref("Certificate.RenewalEligibility").With(string(d.RenewalEligibility), "")).
		With(d)
}

// stuck reports a renewal that waits for a person, or has failed.
func stuck(d acm.CertificateDetail) bool {
	return d.RenewalSummary != nil && (d.RenewalSummary.RenewalStatus == acm.RenewalStatusPendingValidation || d.RenewalSummary.RenewalStatus == acm.RenewalStatusFailed)
}

func judgeIAM(p *cause.Pass, id string) cause.Verdict {
	fact := account.ServerCertificates().In(p.World)
	out, ok := fact.Get()
	if !ok {
		return cause.Need("the certificates in IAM were not read", fact)
	}
	for i, s := range out.ServerCertificateMetadataList {
		if posture.Text(s.ServerCertificateId) != id || s.Expiration == nil {
			continue
		}
		left := daysUntil(p, *s.Expiration)
		end := fact.Ref(fmt.Sprintf("ServerCertificateMetadataList[%d].Expiration", i)).With(s.Expiration.UTC().Format(time.RFC3339), "")
		switch {
		case left < 0:
			return cause.RuleOut("the certificate has ended already, which is another fault", end)
		case left >= soon:
			return cause.RuleOut("the certificate is good for "+days(left), end)
		}
		return expiring("server certificate "+id, "The viewer certificate ends in "+days(left)+", and nobody renews it by itself, because it is in IAM. Then every viewer is refused.", left, end)
	}
	return cause.Need("the list of certificates in IAM does not have the end of " + id)
}

func expiring(resource, summary string, left int, refs ...evidence.Ref) cause.Verdict {
	v := cause.Confirm(resource, summary, refs...).WithBecause("the certificate's end is known, and so is that it will not be renewed as things are")
	if left < pressing {
		v = v.AtSeverity(cause.High)
	}
	return v
}

// daysUntil is how many whole days are left; negative once the time is past.
func daysUntil(p *cause.Pass, end time.Time) int {
	left := end.Sub(p.World.Now)
	if left < 0 {
		return -1
	}
	return int(left / (24 * time.Hour))
}

func days(n int) string {
	switch n {
	case 0:
		return "less than a day"
	case 1:
		return "one day"
	}
	return fmt.Sprintf("%d days", n)
}

func fixExpiring(p *cause.Pass, _ cause.Verdict) []fix.Fix {
	f := fix.Fix{
		Title:       "Get the certificate renewed",
		Complexity:  fix.Standard,
		Minutes:     60,
		Impact:      "None: the certificate changes under running connections",
		Explanation: "A certificate that covers the same names and is good for longer takes the place of the one that ends",
		SideEffects: []string{"Clients that pin the old certificate have to learn the new one"},
		Confidence:  fix.High,
	}
	c := p.Model.Config.ViewerCertificate
	arn := posture.Text(c.ACMCertificateArn)
	out, known := account.Certificate(arn).In(p.World).Get()
	if !known {
		f.Manual = []string{"Request a certificate in AWS Certificate Manager in us-east-1 for the distribution's alternate domain names, and choose it in the distribution instead of the one in IAM"}
		f.ByHand = []fix.HandCall{{Purpose: "See which certificates there are already", Service: "acm", Operation: "ListCertificates", Region: account.GlobalRegion}}
		return []fix.Fix{f}
	}
	d := out.Certificate
	f.Manual, f.ByHand = renewalSteps(d), renewalCalls(arn, d)
	fixes := []fix.Fix{f}
	if names := d.SubjectAlternativeNames; d.Type == acm.CertificateTypeImported && len(names) > 0 {
		fixes = append(fixes, replaceFix(p, names))
	}
	return fixes
}

func renewalSteps(d acm.CertificateDetail) []string {
	if d.Type == acm.CertificateTypeImported {
		return []string{"Get the next certificate from whoever issued this one, and import it under the same ARN, so that the distribution takes it up by itself"}
	}
	var steps []string
	for _, v := range d.DomainValidationOptions {
		if r := v.ResourceRecord; r != nil && v.ValidationStatus != acm.DomainStatusSuccess {
			steps = append(steps, fmt.Sprintf("See that DNS has the record that proves control of %q: %s %q with the value %q", posture.Text(v.DomainName), r.Type, posture.Text(r.Name), posture.Text(r.Value)))
		} else if v.ValidationMethod == acm.ValidationMethodEmail {
			steps = append(steps, fmt.Sprintf("Answer the validation mail for %q, which can be sent again from the ACM console", posture.Text(v.DomainName)))
		}
	}
	return append(steps,
		"Look at the certificate in the ACM console in us-east-1: Renewal status says what it waits for; a CAA record of the domain must let amazon.com issue",
		"ACM tries again by itself within hours once the proof is there")
}

// renewalCalls are the commands for those steps; certificates of distributions are in us-east-1 (DG/cnames-and-https-requirements).
func renewalCalls(arn string, d acm.CertificateDetail) []fix.HandCall {
	name := fix.HandParam{Name: "CertificateArn", Value: arn}
	calls := []fix.HandCall{{Purpose: "See what the certificate's renewal waits for", Service: "acm", Operation: "DescribeCertificate", Region: account.GlobalRegion, Params: []fix.HandParam{name}}}
	if d.Type == acm.CertificateTypeImported {
		return append(calls, fix.HandCall{Purpose: "Import the next certificate under the same ARN", Service: "acm", Operation: "ImportCertificate", Region: account.GlobalRegion, Mutates: true,
			Params: []fix.HandParam{name, {Name: "Certificate", Value: fix.File("certificate.pem")}, {Name: "PrivateKey", Value: fix.File("key.pem")}, {Name: "CertificateChain", Value: fix.File("chain.pem")}},
			Inputs: []string{"certificate.pem, key.pem and chain.pem: the files of the new certificate, its private key and its chain"}})
	}
	for _, v := range d.DomainValidationOptions {
		if v.ValidationMethod == acm.ValidationMethodEmail && v.DomainName != nil {
			calls = append(calls, fix.HandCall{Purpose: "Have the validation mail sent again", Service: "acm", Operation: "ResendValidationEmail", Region: account.GlobalRegion, Mutates: true,
				Params: []fix.HandParam{name, {Name: "Domain", Value: *v.DomainName}, {Name: "ValidationDomain", Value: cmp.Or(posture.Text(v.ValidationDomain), *v.DomainName)}}})
		}
	}
	return calls
}

func replaceFix(p *cause.Pass, names []string) fix.Fix {
	request := fix.RequestCertificate(names[0], names[1:]...)
	policy := string(p.Model.Config.ViewerCertificate.MinimumProtocolVersion)
	if policy == "" {
		policy = recommendedPolicy
	}
	return fix.Fix{
		Title:       "Replace it by a certificate that ACM renews",
		Complexity:  fix.Standard,
		Minutes:     60,
		Impact:      "None: viewers get the new certificate on their next connection",
		Explanation: "A certificate that ACM issues itself, validated by DNS, is renewed without anybody's help for as long as it is in use",
		SideEffects: []string{"Clients that pin the old certificate or its issuer have to learn the new one"},
		Changes:     []fix.Change{request, fix.EditDistribution(p.Model.ID(), fix.SetViewerCertificate(request.ARN(), policy))},
		Inputs:      []string{request.Input()},
		Confidence:  fix.High,
	}
}
