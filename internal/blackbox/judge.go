package blackbox

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"al.essio.dev/pkg/shellescape"

	"cfdoctor/internal/observed"
)

// expiresSoon is how many days before its end a certificate is worth a word: ACM renews 60 days before (ACM/managed-renewal), so that one with
// fewer than 30 left was not renewed.
const expiresSoon = 30

// judge lists what is not as it should be, and makes the verdict.
func (t Target) judge(r *Report) {
	r.problem("error", t.nameProblem(r), "ALIAS_DNS_NOT_POINTING")
	t.judgeCertificate(r)
	if r.Loop {
		r.problem("error", "The redirects go round in circles: browsers give up with \"too many redirects\".", "REDIRECT_LOOP")
	}
	if r.Answer.Masked {
		r.problem("error", r.Answer.Means, "CUSTOM_ERROR_MASKS")
	}
	t.judgeConnection(r)
	if r.Cache.Hit != nil && *r.Cache.Hit && r.Answer.Status >= 400 {
		r.problem("note", "The error is served from CloudFront's cache: what is repaired shows only once it is gone from there, or invalidated.", "ERROR_CACHED")
	}
	r.State, r.Verdict = t.verdict(r)
}

func (r *Report) problem(level, text, cause string) {
	if text != "" {
		r.Problems = append(r.Problems, Problem{Level: level, Cause: cause, Text: text})
	}
}

func (t Target) nameProblem(r *Report) string {
	switch {
	case r.DNS.State == "absent":
		return t.Request.Host + " has no address: " + r.DNS.Note + "."
	case r.Answer.Status != 0 && !r.Answer.ThroughCloudFront:
		return "The answer did not come through CloudFront: " + t.Request.Host + " leads elsewhere, or something in between takes CloudFront's headers off."
	}
	return ""
}

func (t Target) judgeCertificate(r *Report) {
	if r.TLS == nil || r.TLS.State != "known" {
		return
	}
	if r.TLS.Failure != "" && r.TLS.Certificate == nil {
		cause := "VIEWER_TLS_POLICY_EXCLUDES_CLIENT"
		if strings.Contains(r.TLS.Failure, "client certificate") {
			cause = "VIEWER_MTLS_REQUIRED"
		}
		r.problem("error", "The TLS handshake with the edge fails: "+r.TLS.Failure+".", cause)
	}
	c := r.TLS.Certificate
	if c == nil {
		return
	}
	if !c.Covers {
		r.problem("error", fmt.Sprintf("The certificate does not cover %s, so that browsers refuse it. It is for %s.", t.Request.Host, strings.Join(first(c.Names, 4), ", ")), "VIEWER_CERT_NAME_MISMATCH")
	}
	now, _ := time.Parse(time.RFC3339, r.GeneratedAt)
	begins, _ := time.Parse(time.RFC3339, c.NotBefore)
	ends, _ := time.Parse(time.RFC3339, c.NotAfter)
	switch {
	case now.After(ends):
		r.problem("error", "The certificate expired on "+ends.Format(time.DateOnly)+".", "VIEWER_CERT_EXPIRED")
	case now.Before(begins):
		r.problem("error", "The certificate is not valid before "+begins.Format(time.DateOnly)+".", "VIEWER_CERT_EXPIRED")
	case c.DaysLeft < expiresSoon:
		r.problem("warning", fmt.Sprintf("The certificate ends in %d days and was not renewed.", c.DaysLeft), "CERT_EXPIRING")
	}
	if words := trustWords(observed.Trust(c.Trust)); words != "" {
		r.problem("error", words, "VIEWER_CERT_NOT_USABLE")
	}
}

// trustWords says what is wrong with a chain.
func trustWords(t observed.Trust) string {
	switch t {
	case observed.SelfSigned:
		return "The certificate is self-signed, so that browsers refuse it."
	case observed.UnknownRoot:
		return "The certificate leads to an authority that is not trusted here; give it with --ca-file if it is your own."
	case observed.UnknownIssuer:
		return "The certificate's chain ends before a trusted authority."
	case observed.Incomplete:
		return "The chain lacks an intermediate certificate; browsers may find it by themselves, most programs do not."
	case observed.WeakSignature:
		return "The chain has a signature that is no longer accepted."
	}
	return ""
}

func (t Target) judgeConnection(r *Report) {
	if r.TLS != nil && r.TLS.OldAccepted != nil && *r.TLS.OldAccepted {
		r.problem("note", "TLS 1.0 or 1.1 is still accepted: the distribution's security policy is an old one.", "VIEWER_TLS_POLICY_OLD")
	}
	if p := r.PlainHTTP; p != nil && p.State == "serves" && p.Status < 400 {
		r.problem("note", "Plain HTTP is served, not redirected to HTTPS.", "VIEWER_HTTP_ALLOWED")
	}
	for _, v := range r.Versions {
		if v.Version == "2" && v.State == "not-offered" {
			r.problem("note", "HTTP/2 is not offered.", "PERF_HTTP_VERSION")
		}
		if v.State == "answered" && r.Versions[0].State == "answered" && v.Status != r.Versions[0].Status && v.Status != 0 {
			r.problem("warning", fmt.Sprintf("HTTP/%s is answered with %d, HTTP/1.1 with %d.", v.Version, v.Status, r.Versions[0].Status), "")
		}
	}
	if blocked := issuanceBlocked(r.DNS.CAA); blocked && r.Answer.ThroughCloudFront {
		r.problem("note", "The CAA records do not allow Amazon to issue certificates for this name, so that ACM cannot renew one.", "CERT_EXPIRING")
	}
}

// issuanceBlocked reports CAA records that allow no authority of Amazon's (ACM/setup-caa).
func issuanceBlocked(records []string) bool {
	issue := false
	for _, record := range records {
		record = strings.ToLower(record)
		if !strings.Contains(record, "issue ") && !strings.Contains(record, "issuewild ") {
			continue
		}
		issue = true
		if slices.ContainsFunc([]string{"amazon.com", "amazontrust.com", "awstrust.com", "amazonaws.com"}, func(ca string) bool { return strings.Contains(record, ca) }) {
			return false
		}
	}
	return issue
}

// verdict is the answer in a sentence or two.
func (t Target) verdict(r *Report) (state, words string) {
	failing := slices.IndexFunc(r.Problems, func(p Problem) bool { return p.Level == "error" })
	a := r.Answer
	switch {
	case a.Failure == "unknown" && r.DNS.State != "absent":
		return Unknown, a.Means
	case r.Loop:
		return Failing, r.Problems[failing].Text
	case a.Status == 0 && failing >= 0:
		return Failing, r.Problems[failing].Text
	case a.Status == 0:
		return Failing, a.Means
	case a.Masked:
		return Failing, fmt.Sprintf("The %d hides an error: %s", a.Status, a.Means)
	case a.Error != "":
		return Failing, fmt.Sprintf("%s: %s", t.whoMadeIt(a), a.Means)
	case failing >= 0:
		return Failing, fmt.Sprintf("The answer is %d, and yet: %s", a.Status, r.Problems[failing].Text)
	}
	return Fine, fmt.Sprintf("Nothing is wrong: %d. %s", a.Status, a.Means)
}

func (t Target) whoMadeIt(a Answer) string {
	certainty := map[string]string{"certain": "certainly", "likely": "most likely", "possible": "possibly"}[a.Certainty]
	return fmt.Sprintf("%d, %s made by %s", a.Status, certainty, Who(a.AnsweredBy))
}

// Who names a producer for people.
func Who(producer string) string {
	switch producer {
	case "cloudfront":
		return "CloudFront itself"
	case "waf":
		return "AWS WAF"
	case "function":
		return "a CloudFront Function"
	case "lambda-edge":
		return "a Lambda@Edge function"
	case "s3":
		return "Amazon S3"
	case "s3-website":
		return "an Amazon S3 website"
	case "api-gateway":
		return "API Gateway"
	case "load-balancer":
		return "the load balancer"
	case "lambda-url":
		return "a Lambda function URL"
	case "media":
		return "AWS Elemental MediaPackage"
	case "origin":
		return "the origin's own server"
	case "viewer-tls":
		return "the TLS handshake with the edge"
	case "dns":
		return "DNS"
	}
	return "an unknown server"
}

func first(list []string, n int) []string {
	if len(list) > n {
		return append(slices.Clone(list[:n]), fmt.Sprintf("and %d more", len(list)-n))
	}
	return list
}

// next says what to do.
func (t Target) next(r *Report) []Next {
	var out []Next
	if r.State == Fine {
		return []Next{{Purpose: "Nothing to do. Where others still see an error, look from their network, with their headers and cookies (--header)"}}
	}
	if r.State == Unknown {
		return []Next{{Purpose: "Look again from a network that reaches the name, or give its address with --resolve HOST:PORT:ADDRESS"}}
	}
	diagnose := "cfdoctor diagnose " + shellescape.Quote(t.first().address())
	if r.Answer.Status >= 400 {
		diagnose += fmt.Sprintf(" --error-code %d", r.Answer.Status)
	}
	if t.Request.Method != "GET" {
		diagnose += " --method " + shellescape.Quote(t.Request.Method)
	}
	if r.Answer.ThroughCloudFront || r.Answer.Status == 0 {
		out = append(out, Next{Purpose: "Find the cause in the account that has the distribution", Command: diagnose + " --active-validation"})
	}
	var causes []string
	for _, p := range r.Problems {
		causes = append(causes, p.Cause)
	}
	causes = append(causes, r.Answer.Causes...)
	explained := map[string]bool{"": true}
	for _, cause := range causes {
		if !explained[cause] && len(explained) < 4 {
			out = append(out, Next{Purpose: "Read what is usually behind it", Command: "cfdoctor explain " + cause})
		}
		explained[cause] = true
	}
	if r.Answer.RequestID != "" {
		out = append(out, Next{Purpose: "Ask AWS Support, or look in the access logs, for the request " + r.Answer.RequestID})
	}
	return out
}
