package fix

import (
	"strings"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
)

// CertificateRequest asks ACM for a viewer certificate. It is issued only once its domains' owner has put validation records into DNS: a fix
// with it names that in Inputs, and gives commands but no script.
type CertificateRequest struct{ Domains []string }

// RequestCertificate asks for a certificate in us-east-1 that covers domains, the first of which is its name. Validation is by DNS.
func RequestCertificate(domain string, more ...string) CertificateRequest {
	return CertificateRequest{Domains: append([]string{domain}, more...)}
}

// ARN is the certificate's ARN, for [SetViewerCertificate].
func (c CertificateRequest) ARN() Output {
	return Output{
		Variable:    "certificate_arn",
		Placeholder: "arn:aws:acm:" + account.GlobalRegion + ":000000000000:certificate/ID_FROM_THE_ANSWER",
		From:        "the CertificateArn in the answer of request-certificate, once the certificate is issued",
		find:        c.find,
	}
}

// Input is what a person has to do, for the fix's Inputs.
func (c CertificateRequest) Input() string {
	return "the DNS validation records of the new certificate for " + printable(strings.Join(c.Domains, ", ")) +
		": only who controls the domain's DNS can create them, and ACM issues the certificate after that"
}

// find is shell that looks for an issued certificate of that name.
func (c CertificateRequest) find() string {
	p := newProgram()
	p.steps = []string{`[.CertificateSummaryList[]? | select(.DomainName == ` + p.value(c.Domains[0]) + `)][0].CertificateArn // ""`}
	return "aws acm list-certificates --region " + account.GlobalRegion + " --certificate-statuses ISSUED --output json > \"$work/certificates.json\"\n" +
		c.ARN().Variable + "=$(" + strings.Replace(p.command(), "jq ", "jq -r ", 1) + ` "$work/certificates.json")`
}

// Resource implements [Change].
func (c CertificateRequest) Resource() string { return "certificate for " + printable(c.Domains[0]) }

// Touches implements [Change].
func (c CertificateRequest) Touches() string { return "certificate" }

// Console implements [Change].
func (c CertificateRequest) Console() []string {
	return []string{
		"Open the AWS Certificate Manager console in the Region “us-east-1”, choose Request, Request a public certificate; enter " +
			show(strings.Join(c.Domains, ", ")) + ", choose DNS validation and Request",
		"Open the certificate and create the CNAME records it shows in the domain's DNS (Create records in Route 53, where the zone is there); wait until its status is Issued",
	}
}

// Diff implements [Change].
func (c CertificateRequest) Diff(*evidence.World) []DiffLine {
	return []DiffLine{{Resource: c.Resource(), New: "requested in us-east-1 for " + printable(strings.Join(c.Domains, ", "))}}
}

// Effect implements [Change]: a request alone changes nothing that viewers notice.
func (c CertificateRequest) Effect(*evidence.World) {}

func (c CertificateRequest) request(s *Shell) string {
	out := "aws acm request-certificate --region " + account.GlobalRegion + " " + s.arg("domain-name", c.Domains[0]) + " --validation-method DNS"
	if len(c.Domains) > 1 {
		out += " --subject-alternative-names"
		for _, domain := range c.Domains[1:] {
			if err := checkArgument(domain); err != nil {
				s.refuse(err)
			}
			out += " " + quote(domain)
		}
	}
	return out
}

// Plan implements [Change].
func (c CertificateRequest) Plan(s *Shell) {
	variable := c.ARN().Variable
	s.defined = append(s.defined, variable)
	s.reads = append(s.reads, "# "+c.Resource()+"\n"+c.find())
	s.writes = append(s.writes, strings.Join([]string{
		`if [ -z "$` + variable + `" ]; then`,
		"  " + c.request(s) + " --output json",
		"  fail " + s.word("Requested the "+c.Resource()+". Create the DNS records that it asks for; go on when ACM has issued it."),
		"fi",
	}, "\n"))
}

// Commands implements [Change].
func (c CertificateRequest) Commands(Context) []Command {
	arn := c.ARN()
	describe := "aws acm describe-certificate --region " + account.GlobalRegion + " --certificate-arn " + arn.Placeholder
	return []Command{
		{Purpose: "Request the " + c.Resource(), AWSCLI: snippetOf(c.request), CallAWS: callOf(c.request), Mutates: true},
		{Purpose: "See which DNS records it asks for, and whether it is issued", CallAWS: callAWS(describe), Inputs: []string{arn.Placeholder + ", " + arn.From}},
	}
}

// Rollback implements [Change].
func (c CertificateRequest) Rollback(Context) []Command {
	arn := c.ARN()
	return []Command{{
		Purpose: "Delete the certificate again, when nothing uses it", Mutates: true,
		CallAWS: callAWS("aws acm delete-certificate --region " + account.GlobalRegion + " --certificate-arn " + arn.Placeholder),
		Inputs:  []string{arn.Placeholder + ", " + arn.From},
	}}
}

// Checks implements [Change].
func (c CertificateRequest) Checks(Context) []Check {
	list := func(*Shell) string {
		return "aws acm list-certificates --region " + account.GlobalRegion + " --certificate-statuses ISSUED"
	}
	return []Check{{Purpose: "See that the certificate is issued", AWSCLI: snippetOf(list), CallAWS: callOf(list), Expect: "a certificate for " + printable(c.Domains[0])}}
}
