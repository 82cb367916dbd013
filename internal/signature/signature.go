// Package signature tells from one HTTP answer who made it: an edge location of CloudFront, AWS WAF, a function, or the origin behind.
//
// What it goes by stands in one table of [Row]s (the rows_ files), each with its source and how good the evidence for it is: AWS documents few of
// these texts, most were seen in public captures. A row that nobody verified never gives certainty.
package signature

import (
	"slices"
	"strings"

	"cfdoctor/internal/observed"
)

// Producer is who made an answer. The words are those of the simulation's outcomes.
type Producer string

// The producers.
const (
	ViewerTLS  Producer = "viewer-tls"
	CloudFront Producer = "cloudfront"
	WAF        Producer = "waf"
	Function   Producer = "function"
	LambdaEdge Producer = "lambda-edge"
	Cache      Producer = "cache"
	S3         Producer = "s3"
	S3Website  Producer = "s3-website"
	APIGateway Producer = "api-gateway"
	ALB        Producer = "load-balancer"
	LambdaURL  Producer = "lambda-url"
	Media      Producer = "media"
	Origin     Producer = "origin" // a server that shows no sign of a service of AWS
)

// Certainty is how sure a classification is.
type Certainty string

// The certainties.
const (
	Certain  Certainty = "certain" // the signs together are known from this producer only
	Likely   Certainty = "likely"  // the signs fit, and another producer could give them
	Possible Certainty = "possible"
)

// Grade is how good the evidence for a row is.
type Grade string

// The grades.
const (
	Documented Grade = "documented" // by AWS
	Observed   Grade = "observed"   // in public captures
	Unverified Grade = "unverified" // a belief; such a row is never certain
)

// Answer is one HTTP answer as a client sees it.
type Answer struct {
	Status  int // 0 where there was no HTTP answer because the TLS handshake failed
	Headers []observed.Header
	Body    string // its first bytes, decoded; "" for none or where it was not kept
}

// Of is the answer that a probe saw.
func Of(a observed.Answer) Answer { return Answer{Status: a.Status, Headers: a.Headers, Body: a.Body} }

// Header returns the first header of that name, in any case of letters.
func (a Answer) Header(name string) (string, bool) {
	return observed.Answer{Headers: a.Headers}.Header(name)
}

// Row is one way to recognise a producer. All of its signs must hold; the first row of the table that fits an answer counts.
type Row struct {
	ID       string
	Producer Producer
	Error    string // which error, in a few words; the service's own code where it has one; "" for an answer that is none

	// Statuses lists statuses and, as single digits, whole classes: 4 is 400 to 499. Empty is any.
	Statuses []int
	// XCache lists what the X-Cache header says before " from cloudfront".
	XCache []string
	// Server lists prefixes of the Server header, in any case of letters. The empty one wants the header to be missing.
	Server []string
	// Headers lists headers that must be there, "Name" or "Name: beginning of the value".
	Headers []string
	// Without lists headers that must not be there.
	Without []string
	// Body lists texts that must all be in the body, NoBody such that must not.
	Body, NoBody []string

	Sure   Certainty
	Means  string   // in plain language
	Causes []string // of the catalogue, the usual first
	Grade  Grade
	Source string
}

// Verdict is who made an answer, how sure that is, and why.
type Verdict struct {
	Row
	// Reasons are the signs that were seen, for people.
	Reasons []string
	// ThroughCloudFront tells that the answer passed an edge location.
	ThroughCloudFront bool
	// Stacked tells that it passed CloudFront twice: a second distribution, or an API's own.
	Stacked bool
	// Cached tells that CloudFront answered from its cache: who made it did so earlier.
	Cached bool
	// Masked tells that the status hides an error behind a custom error response.
	Masked bool
	// Sentence is what CloudFront's own error page says, "" where the answer is none.
	Sentence string
}

// IsError reports whether the answer is an error, a hidden one included.
func (v Verdict) IsError() bool { return v.Error != "" }

// Table returns all rows in the order in which they are tried.
func Table() []Row {
	return slices.Concat(generatedRows(), firewallRows(), edgeRows(), signedRows(), maskedRows(), s3Rows(), websiteRows(), serviceRows(), balancerRows(), restRows())
}

// Classify finds the first row that fits. There always is one: the last ones take whatever is left.
func Classify(a Answer) Verdict {
	for _, row := range Table() {
		if reasons, ok := row.fits(a); ok {
			return a.verdict(row, reasons)
		}
	}
	return a.verdict(Row{ID: "unknown", Producer: Origin, Sure: Possible, Means: "Nothing in the answer tells who made it."}, nil)
}

func (a Answer) verdict(row Row, reasons []string) Verdict {
	v := Verdict{Row: row, Reasons: reasons, Sentence: a.sentence()}
	v.ThroughCloudFront, v.Stacked = a.passedCloudFront()
	cache := a.xCache()
	_, aged := a.Header("Age")
	v.Cached = v.ThroughCloudFront && (cache == "Hit" || cache == "RefreshHit" || aged && cache != "Miss")
	v.Masked = row.ID == maskedID || row.ID == replacedID
	if v.Error == "" && a.Status >= 400 {
		v.Error = "its own error"
	}
	return v
}

// xCache is what the X-Cache header says before " from cloudfront", "" where it is none of CloudFront's.
func (a Answer) xCache() string {
	for _, h := range a.Headers {
		if !strings.EqualFold(h.Name, "X-Cache") {
			continue
		}
		if at := strings.Index(strings.ToLower(h.Value), " from cloudfront"); at >= 0 {
			return strings.TrimSpace(h.Value[:at])
		}
	}
	return ""
}

// passedCloudFront looks for the headers that CloudFront puts on every answer (DG/RequestAndResponseBehaviorCustomOrigin).
func (a Answer) passedCloudFront() (once, twice bool) {
	vias := 0
	for _, h := range a.Headers {
		if strings.EqualFold(h.Name, "Via") {
			vias += strings.Count(strings.ToLower(h.Value), ".cloudfront.net (cloudfront)")
		}
	}
	_, id := a.Header("X-Amz-Cf-Id")
	return vias > 0 || id || a.xCache() != "", vias > 1
}

// generatedBy stands on every error page of CloudFront's own.
const generatedBy = "Generated by cloudfront (CloudFront)"

// sentence is the one sentence of CloudFront's error page that differs from error to error: what follows the first rule, up to the standing text.
func (a Answer) sentence() string {
	if !strings.Contains(a.Body, generatedBy) {
		return ""
	}
	_, rest, ok := strings.Cut(a.Body, `<HR noshade size="1px">`)
	if !ok {
		return ""
	}
	for _, end := range []string{"We can't connect to the server", "<BR", "<HR"} {
		rest, _, _ = strings.Cut(rest, end)
	}
	return strings.Join(strings.Fields(rest), " ")
}
