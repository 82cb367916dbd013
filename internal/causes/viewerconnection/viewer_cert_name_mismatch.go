package viewerconnection

import (
	"strings"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/posture"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/fix"
)

var viewerCertNameMismatch = &cause.Cause{
	ID:       "VIEWER_CERT_NAME_MISMATCH",
	Title:    "The viewer certificate does not cover the name that viewers ask for",
	Stage:    "viewer-connection",
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `CloudFront shows one certificate for all alternate domain names of a distribution, or its own for *.cloudfront.net. A client that asks for a name which the
certificate does not cover breaks the connection off with a warning; there is no HTTP status and nothing in the access log.`,
		Why: `A name was added and the certificate was not, a wildcard was taken to cover the bare domain or two levels, or the distribution went back to the default
certificate.`,
		Example: "*.example.com does not cover example.com, nor a.b.example.com.",
		References: []string{
			posture.Guide + "cnames-and-https-requirements.html",
			posture.Guide + "CNAMEs.html",
			posture.Guide + "troubleshooting-distributions.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		t, why := served(p)
		if t == nil {
			return *why
		}
		host := cloudfront.NormalizeHost(p.Request.Host)
		names := strings.Join(t.Names, ", ")
		seen := shown(p)
		switch {
		case seen != nil && seen.Covers.No():
			return cause.Confirm(certificateName(p, t), "The certificate that the edge shows for "+host+" does not cover that name, so clients break the connection off.",
				seen.Ref(host+" is not covered").Want(host)).WithBecause("active validation made the handshake").Explaining(stopsHere(p))
		case seen != nil:
		case t.Covers.No():
			return cause.Confirm(certificateName(p, t), "The certificate that viewers of "+host+" get does not cover that name, so clients break the connection off.",
				certificateRef(p, t, "SubjectAlternativeNames", names, host+" is not covered").Want(host)).
				WithBecause("the certificate's names are known").Explaining(stopsHere(p))
		case !t.Covers.Known():
			return cause.Need("the certificate's names were not read", t.Certificate)
		}
		if alias := uncovered(p); alias != "" {
			return cause.Confirm(certificateName(p, t), "The certificate does not cover the alternate domain name "+alias+", so clients who ask for it break the connection off.",
				certificateRef(p, t, "SubjectAlternativeNames", names, alias+" is not covered").Want(alias)).
				WithBecause("the certificate's names are known").AtSeverity(cause.High).Explaining(false)
		}
		if seen != nil {
			return cause.RuleOut("the certificate that the edge shows covers "+host, seen.Ref(""))
		}
		return cause.RuleOut("the certificate covers "+host, certificateRef(p, t, "SubjectAlternativeNames", names, ""))
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		return []fix.Fix{replacement(p, "Get a certificate that covers all alternate domain names", "The new certificate covers every name of the distribution, and ACM renews it by itself as long as it is in use.")}
	},
}

// replacement requests a certificate for all names and puts it in.
func replacement(p *cause.Pass, title, explanation string) fix.Fix {
	f := replaceFix(p, wantedNames(p))
	f.Title, f.Explanation = title, explanation
	f.Impact = "None on viewers who can connect now: they get the new certificate on their next connection"
	return f
}
