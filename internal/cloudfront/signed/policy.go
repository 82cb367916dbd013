package signed

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"cfdoctor/internal/tri"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Policy is what a signature grants.
type Policy struct {
	Canned      bool         // CloudFront rebuilt it from the request and Expires
	Resource    string       // URL, in a custom policy with wildcards
	HasResource bool         // false: a custom policy without Resource covers every URL
	Ends        time.Time    // DateLessThan
	Starts      time.Time    // DateGreaterThan; zero: from the beginning
	Source      netip.Prefix // IpAddress; invalid: from anywhere

	text []byte // the exact bytes that were signed
}

// millisecondsFrom is the first number taken for milliseconds: as seconds it lies in the year 5138.
// What CloudFront says to seconds after 2038 is nowhere documented, so those stay unknown.
const millisecondsFrom = 100_000_000_000

// cannedPolicy rebuilds the statement that is signed with Expires, whitespace and member order included
// (DG/private-content-creating-signed-url-canned-policy).
func cannedPolicy(url, expires string) []byte {
	return []byte(`{"Statement":[{"Resource":"` + url + `","Condition":{"DateLessThan":{"AWS:EpochTime":` + expires + `}}}]}`)
}

// readCanned makes the policy of a request that has Expires. ok is False with the reason in detail when
// Expires is no Unix time in seconds.
func readCanned(url, expires string) (p *Policy, ok tri.Bool, detail string) {
	p = &Policy{Canned: true, Resource: url, HasResource: true, text: cannedPolicy(url, expires)}
	p.Ends, ok, detail = epoch("Expires", expires)
	return p, ok, detail
}

// readCustom decodes and parses a Policy parameter. p is nil when there is nothing to evaluate.
func readCustom(encoded string) (p *Policy, ok tri.Bool, detail string) {
	text, ok, detail := decode("Policy", encoded)
	if ok.No() {
		return nil, ok, detail
	}
	p, parsed, why := parsePolicy(text)
	if detail == "" || parsed.No() {
		detail = why
	}
	return p, tri.And(ok, parsed), detail
}

type document struct {
	Statement []statement `json:"Statement"`
}

type statement struct {
	Resource  jsontext.Value `json:"Resource"`
	Condition *condition     `json:"Condition"`
}

type condition struct {
	DateLessThan    *moment `json:"DateLessThan"`
	DateGreaterThan *moment `json:"DateGreaterThan"`
	IPAddress       *source `json:"IpAddress"`
}

type moment struct {
	Epoch jsontext.Value `json:"AWS:EpochTime"`
}

type source struct {
	IP jsontext.Value `json:"AWS:SourceIp"`
}

// parsePolicy applies the grammar of a custom policy (DG/private-content-creating-signed-url-custom-policy):
// one statement, DateLessThan mandatory, Resource, DateGreaterThan and one IPv4 range optional, names exact.
// Forms that the guide neither allows nor forbids are parsed and give Unknown.
func parsePolicy(text []byte) (*Policy, tri.Bool, string) {
	doc, ok, detail := parseDocument(text)
	if ok.No() {
		return nil, ok, detail
	}
	p := &Policy{text: text}
	note := func(b tri.Bool, d string) {
		if b.No() && !ok.No() || b == tri.Unknown && ok.Yes() {
			detail = d
		}
		ok = tri.And(ok, b)
	}
	if n := len(doc.Statement); n != 1 {
		return nil, tri.False, fmt.Sprintf("the policy has %d statements; exactly one is allowed", n)
	}
	s := doc.Statement[0]
	if s.Condition == nil || s.Condition.DateLessThan == nil {
		return nil, tri.False, "the policy has no Condition with DateLessThan, the one that is mandatory"
	}
	note(p.setResource(s.Resource))
	var b tri.Bool
	var d string
	p.Ends, b, d = numericEpoch("DateLessThan", s.Condition.DateLessThan.Epoch)
	note(b, d)
	if from := s.Condition.DateGreaterThan; from != nil {
		p.Starts, b, d = numericEpoch("DateGreaterThan", from.Epoch)
		note(b, d)
	}
	if from := s.Condition.IPAddress; from != nil {
		p.Source, b, d = sourceRange(from.IP)
		note(b, d)
	}
	if ok.No() {
		return nil, ok, detail
	}
	return p, ok, detail
}

// parseDocument reads the JSON strictly, then leniently: what only the lenient reading accepts is unknown.
func parseDocument(text []byte) (doc document, ok tri.Bool, detail string) {
	strict := json.Unmarshal(text, &doc, json.RejectUnknownMembers(true))
	if strict == nil {
		return doc, tri.True, ""
	}
	doc = document{}
	if json.Unmarshal(text, &doc, jsontext.AllowDuplicateNames(true)) == nil {
		return doc, tri.Unknown, "the policy has a repeated or an unknown member, and the guide does not say what CloudFront makes of it"
	}
	// The guide writes the mark before a query string as \? in one place, which is no JSON escape.
	if bytes.Contains(text, []byte(`\?`)) {
		doc = document{}
		if json.Unmarshal(bytes.ReplaceAll(text, []byte(`\?`), []byte(`\\?`)), &doc) == nil {
			return doc, tri.Unknown, `the policy has \? in a string, which is not valid JSON`
		}
	}
	return document{}, tri.False, "the policy is not JSON of the documented form: " + jsonFault(strict)
}

// jsonFault describes an error without quoting the policy.
func jsonFault(err error) string {
	if e, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return fmt.Sprintf("syntax error at byte %d", e.ByteOffset)
	}
	if e, ok := errors.AsType[*json.SemanticError](err); ok && e.JSONPointer != "" {
		return "wrong value at " + quote(string(e.JSONPointer))
	}
	return "wrong value at the top"
}

func (p *Policy) setResource(v jsontext.Value) (tri.Bool, string) {
	switch v.Kind() {
	case 0:
		return tri.True, ""
	case 'n':
		return tri.Unknown, "the policy's Resource is null, and the guide does not say what CloudFront makes of it"
	case '"':
		if err := json.Unmarshal(v, &p.Resource); err != nil {
			return tri.False, "the policy's Resource is not a string"
		}
		p.HasResource = true
		return tri.True, ""
	}
	return tri.False, "the policy's Resource is not one string"
}

func numericEpoch(name string, v jsontext.Value) (time.Time, tri.Bool, string) {
	switch v.Kind() {
	case '0':
		return epoch(name, string(v))
	case '"':
		return time.Time{}, tri.False, "the policy's " + name + " is in quotation marks; it must be a bare number"
	}
	return time.Time{}, tri.False, "the policy's " + name + " has no number in AWS:EpochTime"
}

// epoch reads Unix time in seconds.
func epoch(name, s string) (time.Time, tri.Bool, string) {
	if isDigits(s) {
		n, err := strconv.ParseInt(s, 10, 64)
		switch {
		case err == nil && n <= math.MaxInt32:
			return time.Unix(n, 0).UTC(), tri.True, ""
		case err == nil && n < millisecondsFrom:
			return time.Unix(n, 0).UTC(), tri.Unknown, name + " lies after the year 2037, and the guide does not say how far CloudFront reads it"
		}
		detail := name + " is not a Unix time in seconds"
		if err == nil && n/1000 < millisecondsFrom {
			detail += fmt.Sprintf(": it looks like milliseconds; in seconds it is %d", n/1000)
		}
		return time.Time{}, tri.False, detail
	}
	if f, err := strconv.ParseFloat(s, 64); err == nil && f >= 0 && f < math.MaxInt32 {
		return time.Unix(int64(f), 0).UTC(), tri.Unknown, name + " is not a whole number of seconds, and the guide does not say whether CloudFront reads it"
	}
	return time.Time{}, tri.False, name + " is not a Unix time in seconds"
}

// sourceRange reads the one address range of a policy: an IPv4 CIDR; IPv6 is not supported.
func sourceRange(v jsontext.Value) (netip.Prefix, tri.Bool, string) {
	var s string
	if v.Kind() != '"' || json.Unmarshal(v, &s) != nil {
		return netip.Prefix{}, tri.False, "the policy's IpAddress is not one string in AWS:SourceIp"
	}
	if a, err := netip.ParseAddr(s); err == nil && a.Is4() {
		return netip.PrefixFrom(a, 32), tri.Unknown, "the policy's IpAddress has no /32, which the guide asks for"
	}
	prefix, err := netip.ParsePrefix(s)
	switch {
	case err != nil && strings.Contains(s, ":"), err == nil && !prefix.Addr().Is4():
		return netip.Prefix{}, tri.False, "the policy's IpAddress is IPv6, which signed policies do not support"
	case err != nil:
		return netip.Prefix{}, tri.False, "the policy's IpAddress is not an IPv4 range like 192.0.2.0/24"
	}
	return prefix, tri.True, ""
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
