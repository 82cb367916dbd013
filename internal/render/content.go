package render

import (
	"fmt"
	"strings"

	"cfdoctor/internal/report"
)

// content builds a document from a report.
type content struct {
	r *report.Report
	// full asks for everything; without it, what most readers skip is left out or counted.
	full bool
	// each asks for a line for every stage.
	each bool
}

// newDocument builds the document of a diagnosis.
func newDocument(r *report.Report, full bool) *document {
	c := &content{r: r, full: full}
	d := &document{title: c.title(), top: c.top()}
	for _, s := range []section{
		c.way(), c.seen(), c.overview(), c.findings(), c.fixes(), c.others(), c.otherFixes(), c.proactive(), c.notChecked(), c.permissions(), c.ruledOut(),
		c.compatibility(), c.nextSteps(), c.monitoring(), c.run(),
	} {
		if len(s.blocks) > 0 {
			d.sections = append(d.sections, s)
		}
	}
	return d
}

// title is the document in one line, for tabs and tickets.
func (c *content) title() string {
	if code := c.r.Symptom.ErrorCode; code != 0 {
		return fmt.Sprintf("%d from CloudFront distribution %s", code, c.r.Distribution.ID)
	}
	return "CloudFront distribution " + c.r.Distribution.ID
}

// lead is the finding that explains the symptom best, nil where none does.
func (c *content) lead() *report.Finding {
	for i := range c.r.Findings {
		if c.r.Findings[i].ExplainsSymptom {
			return &c.r.Findings[i]
		}
	}
	return nil
}

// review reports whether nobody named an error.
func (c *content) review() bool { return c.r.Symptom.ErrorCode == 0 }

// split parts the findings into those that explain the symptom and the rest. In a review there is no symptom to explain:
// all of them count.
func (c *content) split() (causes, rest []report.Finding) {
	for _, f := range c.r.Findings {
		if f.ExplainsSymptom || c.review() {
			causes = append(causes, f)
		} else {
			rest = append(rest, f)
		}
	}
	return causes, rest
}

func (c *content) fix(id string) *report.Fix {
	for i := range c.r.Fixes {
		if c.r.Fixes[i].ID == id {
			return &c.r.Fixes[i]
		}
	}
	return nil
}

// request is the request in question as "GET https://host/path?query".
func (c *content) request() string {
	s := c.r.Symptom
	var out strings.Builder
	if s.Method != "" {
		out.WriteString(s.Method + " ")
	}
	if s.Scheme != "" {
		out.WriteString(s.Scheme + "://")
	}
	domain := s.Domain
	if domain == "" {
		domain = c.r.Distribution.DomainName
	}
	out.WriteString(domain + s.Path)
	if s.Query != "" {
		out.WriteString("?" + s.Query)
	}
	return out.String()
}

// outcome says what the simulation gives, in few words.
func (c *content) outcome() line {
	o := c.r.Trace.Outcome
	switch {
	case !c.told():
		return in(warn, "the evidence does not tell what is answered")
	case o.Status != 0:
		return in(statusTone(o.Status), fmt.Sprint(o.Status)).plus(from(o.AnsweredBy) + sure(o.Certainty))
	case o.AnsweredBy == "viewer-tls":
		return in(bad, "no HTTP answer, the TLS connection fails").plus(sure(o.Certainty))
	case o.AnsweredBy == "dns":
		return in(bad, "no HTTP answer, the name does not resolve").plus(sure(o.Certainty))
	}
	return in(bad, "no HTTP answer").plus(sure(o.Certainty))
}

// told reports whether the simulation could tell what the viewer gets.
func (c *content) told() bool {
	o := c.r.Trace.Outcome
	return o.Status != 0 || o.Certainty != "unknown" && o.Certainty != ""
}

func from(by string) string {
	if by == "" {
		return ""
	}
	return " from " + answererName(by)
}

func sure(certainty string) string {
	if certainty == "" {
		return ""
	}
	return ", " + certainty
}

// answererName puts the report's word for who answers into a person's.
func answererName(by string) string {
	names := map[string]string{
		"cloudfront": "CloudFront", "waf": "AWS WAF", "function": "a CloudFront function",
		"lambda-edge": "Lambda@Edge", "cache": "the cache", "origin": "the origin", "s3": "S3", "s3-website": "the S3 website",
		"load-balancer": "the load balancer", "api-gateway": "API Gateway", "lambda-url": "the Lambda function URL", "media": "the media origin",
	}
	if name, ok := names[by]; ok {
		return name
	}
	return by
}

func statusTone(status int) tone {
	switch {
	case status >= 400:
		return bad
	case status >= 300:
		return warn
	}
	return good
}

func severityTone(severity string) tone {
	switch severity {
	case "critical", "high":
		return bad
	case "medium":
		return warn
	}
	return dim
}

// count writes a number with its noun: "1 fix", "2 fixes".
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// orElse is the first text, or the second where the first is empty.
func orElse(text, other string) string {
	if text != "" {
		return text
	}
	return other
}
