package origintls

import (
	"slices"
	"strings"

	acm "github.com/aws/aws-sdk-go-v2/service/acm/types"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/originway"
	"cfdoctor/internal/causes/passage"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
	"cfdoctor/internal/observed"
	"cfdoctor/internal/tri"
)

var originCertNameMismatch = &cause.Cause{
	ID:       "ORIGIN_CERT_NAME_MISMATCH",
	Title:    "The origin's certificate carries neither the origin's domain name nor the forwarded Host",
	Stage:    "origin-tls",
	Symptoms: []int{502},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `Over HTTPS one of the names on the origin's certificate has to match the origin domain or, where the behavior forwards it, the viewer's Host header. Where
none does, CloudFront gives the connection up and answers 502.`,
		Why: `The origin domain is a load balancer's own name, for which nobody but AWS can have a certificate; or the certificate was made for the site's name,
and Host is not forwarded.`,
		Example: "Origin domain web-1234.eu-west-1.elb.amazonaws.com, and a certificate for www.example.com on its listener.",
		References: []string{
			guide + "http-502-bad-gateway.html",
			guide + "using-https-cloudfront-to-custom-origin.html",
			"https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict { return judge(p, judgeCertName) },
	Fixes:  fixCertName,
}

func judgeCertName(w *originway.Way) cause.Verdict {
	names := strings.Join(w.TLS.Names, " or ")
	summary := "CloudFront asks the origin for a certificate for " + names + ", and the one it gets is for " + listWords(seenNames(w)) + "."
	if h, _ := w.SeenTLS().Get(); h.Failure == observed.UnrecognizedName {
		summary = "The origin says that it serves no site by the name that CloudFront asks for, " + w.Forwarded.SNI + "."
	}
	if v, ok := shown(w, summary, edge.TLSName); ok {
		return v
	}
	if w.TLS.Problem == edge.TLSName {
		step := w.Step("origin-tls")
		if step.Verdict != edge.Stop {
			return cause.Need("whether the viewer's Host header is forwarded is not known", w.Behavior.OriginRequestPolicy, w.Behavior.CachePolicy)
		}
		summary = "CloudFront asks the origin for a certificate for " + names + ", and the one it gets is for " + certNames(w) + "."
		if !w.TLS.Certificate.IsKnown() {
			summary = "CloudFront connects over HTTPS to " + w.Forwarded.Address + ", a name of AWS's for which the origin cannot have a certificate."
		}
		return found(w, summary, "the names that CloudFront accepts and those of the certificate are known", w.Address("the certificate has to carry this name, or the forwarded Host"))
	}
	if v, ok := sound(w); ok {
		return v
	}
	switch {
	case w.TLS.Problem == edge.TLSExpired || w.TLS.Problem == edge.TLSPrivateCA:
		return cause.RuleOut("a certificate of the load balancer does carry the name", w.TLS.Certificate.Ref("Certificate.SubjectAlternativeNames"))
	case w.TLS.Problem == edge.TLSNotSpoken:
		return cause.Need("no certificate is presented: the listener does not speak TLS", certificateGaps(w)...)
	case w.Unexplained(502):
		return cause.Possible(w.Name(), "The certificate of "+w.Forwarded.Address+" may not carry the name that CloudFront asks for ("+names+").",
			"needs active validation: the certificate is not in the account, and this is the usual reason of a 502 over HTTPS", w.Address(""), w.Setting("CustomOriginConfig.OriginProtocolPolicy", "", "")).
			Needing(append(w.Gaps(), certificateGaps(w)...)...).Explaining(true).With(w)
	case slices.ContainsFunc(certificateGaps(w), evidence.Gap.Missing) && w.Suspected(502):
		return cause.Possible(w.Name(), "The load balancer may have no certificate for "+names+".", "not all of its certificates could be read",
			w.Address("")).Needing(certificateGaps(w)...).Explaining(true).With(w)
	}
	return unprobed(w, "compare the names on the origin's certificate with "+names)
}

func certNames(w *originway.Way) string {
	c, _ := served(w)
	return listWords(namesOn(c))
}

func namesOn(c acm.CertificateDetail) []string {
	if len(c.SubjectAlternativeNames) > 0 {
		return c.SubjectAlternativeNames
	}
	if c.DomainName != nil {
		return []string{*c.DomainName}
	}
	return nil
}

func fixCertName(p *cause.Pass, v cause.Verdict) []fix.Fix {
	w, ok := v.Data.(*originway.Way)
	if !ok {
		return nil
	}
	var fixes []fix.Fix
	names := seenNames(w)
	known := len(names) > 0
	if c, ok := served(w); !known && ok {
		names, known = namesOn(c), true
	}
	if b := w.Behavior; known && b != nil && cloudfront.CertCovers(names, p.Request.Host) && w.Origin.Endpoint.NeedsOwnHost() != tri.True && b.Config.ForwardedValues == nil {
		fixes = append(fixes, fix.Fix{
			Title: "Forward the viewer's Host header", Complexity: fix.Quick, Minutes: 10,
			Impact:      "None while it deploys: requests fail until edge locations take the change up",
			Explanation: "The certificate carries the site's own name. With the managed policy AllViewer CloudFront sends the viewer's Host, asks for a certificate for it, and accepts this one.",
			SideEffects: []string{"The origin gets the viewer's Host, headers, cookies and query strings: rules that look at the host see another name than before",
				"Requests under a name that the certificate does not carry, such as the distribution's own, still fail"},
			Changes:    []fix.Change{fix.EditDistribution(p.Model.ID(), fix.SetOriginRequestPolicy(passage.Key(b), cloudfront.AllViewerID))},
			Invalidate: []string{"/*"}, Confidence: fix.High,
		})
	}
	if name := plainName(names); known && leadsThere(p, w, name) {
		fixes = append(fixes, fix.Fix{
			Title: "Call the origin by the name on its certificate", Complexity: fix.Quick, Minutes: 10,
			Impact:      "None while it deploys: requests fail until edge locations take the change up",
			Explanation: "The name " + name + " leads to the same load balancer, and its certificate carries it.",
			Changes:     []fix.Change{fix.EditDistribution(p.Model.ID(), fix.SetOriginDomain(w.Origin.ID, name))},
			Invalidate:  []string{"/*"}, Confidence: fix.High,
		})
	}
	return append(fixes, fix.Fix{
		Title: "Give the origin a name and a certificate for it", Complexity: fix.Standard, Minutes: 45,
		Impact:      "None until the origin's domain name is changed",
		Explanation: "CloudFront accepts a certificate that carries the origin's domain name. For names of AWS's, such as a load balancer's, nobody else gets one: a name of your own is needed.",
		Manual: []string{
			"Choose a name such as origin." + strings.TrimPrefix(p.Request.Host, "www.") + " and create a record for it that leads to the origin (for a load balancer an alias record).",
			"Request a certificate for that name, in the load balancer's Region, and add it to its HTTPS listener; or install it on the server with its whole chain.",
			"On the Origins tab select " + w.Origin.ID + ", choose Edit, and set Origin domain to that name.",
		},
		SideEffects: []string{"As a stopgap the origin protocol policy HTTP only avoids the handshake, where the origin listens for HTTP: what travels then is not encrypted"},
		Invalidate:  []string{"/*"}, Confidence: fix.High,
	})
}

// leadsThere reports whether the account's own records show that a name leads to the origin, and that the request works under it.
func leadsThere(p *cause.Pass, w *originway.Way, name string) bool {
	if name == "" || name == p.Request.Host {
		return false
	}
	after := p.With(fix.EditDistribution(p.Model.ID(), fix.SetOriginDomain(w.Origin.ID, name)))
	return cause.Works(after) && after.Exchange.DNS != nil && after.Exchange.DNS.Resolves.Yes()
}

// plainName is the first name that is no wildcard.
func plainName(names []string) string {
	for _, name := range names {
		if !strings.HasPrefix(name, "*") {
			return name
		}
	}
	return ""
}
