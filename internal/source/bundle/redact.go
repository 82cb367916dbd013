package bundle

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// redactor replaces secrets by placeholders. What counts as one:
//   - the values of the headers that distributions add to origin requests, and what load balancers and web ACLs compare these headers with;
//   - the values of request headers that carry credentials, and of all cookies, in WAF's samples and in probes;
//   - the environment variables of Lambda functions;
//   - members, tags and key-value pairs whose name says "secret", "password", "private key" or the like;
//   - anywhere in a text: access key ids, JSON Web Tokens, private keys, and the signing parameters of URLs.
//
// Equal secrets get equal placeholders within a bundle, so that a listener rule that wants the header's value still fits it.
type redactor struct {
	placeholders map[string]string
	next         int
	headers      map[string]bool // lower-case names of the headers that distributions add
	added        []string        // the values of these headers that are long enough to be looked for elsewhere
}

// shortestAdded is the length from which a header's value is looked for outside of the places known to hold it: short ones, such as "https",
// are no secrets.
const shortestAdded = 8

var (
	placeholderText  = regexp.MustCompile(`REDACTED-(\d+)`)
	placeholderWhole = regexp.MustCompile(`^REDACTED-\d+$`)
	secretName       = regexp.MustCompile(`(?i)secret|passw(or)?d|private_?-?key|api_?-?key$|access_?-?token|session_?-?token|security-?token`)
	// secretText's first group, where it takes part, is kept: it tells what stood there.
	secretText = regexp.MustCompile(`\b(?:AKIA|ASIA)[A-Z0-9]{16}\b` +
		`|\beyJ[A-Za-z0-9_-]+\.eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+` +
		`|-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*-----END [A-Z ]*PRIVATE KEY-----` +
		`|([?&](?:X-Amz-Signature|X-Amz-Credential|X-Amz-Security-Token|Signature|Policy|access_token|token)=)[^&\s"'<>]+`)
)

// newRedactor looks through a recording for the headers that distributions add, and for placeholders of an earlier recording.
func newRedactor(r Recording) *redactor {
	out := &redactor{placeholders: map[string]string{}, next: 1, headers: map[string]bool{}}
	scan := func(raw jsontext.Value) {
		for _, match := range placeholderText.FindAllSubmatch(raw, -1) {
			if n, err := strconv.Atoi(string(match[1])); err == nil {
				out.next = max(out.next, n+1)
			}
		}
	}
	for _, rec := range r.Records {
		scan(rec.Output)
		if tree, err := parseTree(rec.Output); err == nil && rec.Call.Service == "cloudfront" {
			out.collectHeaders(tree)
		}
	}
	return out
}

// collectHeaders finds the names of headers that distributions add: objects with HeaderName and HeaderValue.
func (r *redactor) collectHeaders(tree any) {
	switch v := tree.(type) {
	case []any:
		for _, inner := range v {
			r.collectHeaders(inner)
		}
	case map[string]any:
		name, named := v["HeaderName"].(string)
		value, valued := v["HeaderValue"].(string)
		if named && valued {
			r.headers[strings.ToLower(name)] = true
			if len(value) >= shortestAdded && !slices.Contains(r.added, value) {
				r.added = append(r.added, value)
			}
		}
		for _, name := range sortedNames(v) {
			r.collectHeaders(v[name])
		}
	}
}

// count is the number of different secrets replaced.
func (r *redactor) count() int { return len(r.placeholders) }

// value redacts a JSON value. Without a secret it comes back as it is.
func (r *redactor) value(raw jsontext.Value) (jsontext.Value, error) {
	tree, err := parseTree(raw)
	if err != nil {
		return nil, err
	}
	before, err := json.Marshal(tree, json.Deterministic(true))
	if err != nil {
		return nil, err
	}
	after, err := json.Marshal(r.tree("", tree), json.Deterministic(true))
	if err != nil {
		return nil, err
	}
	if string(before) == string(after) {
		return raw.Clone(), nil
	}
	return after, nil
}

// secret returns the placeholder of a secret.
func (r *redactor) secret(value string) string {
	if value == "" || placeholderWhole.MatchString(value) {
		return value
	}
	out, ok := r.placeholders[value]
	if !ok {
		out = fmt.Sprintf("REDACTED-%d", r.next)
		r.next++
		r.placeholders[value] = out
	}
	return out
}

// text redacts the secrets that are recognisable by their form, and the added headers' values where a text quotes them, as the
// aws:Referer condition of a bucket policy does.
func (r *redactor) text(s string) string {
	for _, value := range r.added {
		if quoted := strconv.Quote(value); strings.Contains(s, quoted) {
			s = strings.ReplaceAll(s, quoted, strconv.Quote(r.secret(value)))
		}
	}
	matches := secretText.FindAllStringSubmatchIndex(s, -1)
	if matches == nil {
		return s
	}
	var out strings.Builder
	end := 0
	for _, m := range matches {
		start := m[0]
		if m[3] >= 0 {
			start = m[3]
		}
		out.WriteString(s[end:start])
		out.WriteString(r.secret(s[start:m[1]]))
		end = m[1]
	}
	return out.String() + s[end:]
}

// tree redacts a value that is called name in the object around it.
func (r *redactor) tree(name string, tree any) any {
	switch v := tree.(type) {
	case string:
		switch {
		case isCookie(name):
			return r.cookies(v)
		case isAuthorization(name):
			return r.authorization(v)
		case secretName.MatchString(name) && !strings.HasPrefix(v, "arn:"):
			return r.secret(v)
		}
		return r.text(v)
	case []any:
		for i, inner := range v {
			v[i] = r.tree(name, inner)
		}
	case map[string]any:
		r.object(name, v)
	}
	return tree
}

// object redacts an object in place. Objects with a meaning of their own come first.
func (r *redactor) object(name string, v map[string]any) {
	if value, ok := v["HeaderValue"].(string); ok {
		v["HeaderValue"] = r.secret(value)
	}
	if header, ok := v["HttpHeaderName"].(string); ok && r.headers[strings.ToLower(header)] {
		r.patterns(v["Values"])
	}
	if search, ok := v["SearchString"].(string); ok && r.headers[singleHeader(v)] {
		v["SearchString"] = r.blob(search)
	}
	if name == "Variables" {
		for key, value := range v {
			if text, ok := value.(string); ok {
				v[key] = r.secret(text)
			}
		}
	}
	r.pair(v, "Name", "Value")
	r.pair(v, "name", "value")
	r.pair(v, "Key", "Value")
	for _, key := range sortedNames(v) {
		v[key] = r.tree(key, v[key])
	}
}

// pair redacts the value of a header, tag or entry by its name.
func (r *redactor) pair(v map[string]any, nameMember, valueMember string) {
	name, _ := v[nameMember].(string)
	value, ok := v[valueMember].(string)
	if !ok || name == "" {
		return
	}
	switch {
	case isCookie(name):
		v[valueMember] = r.cookies(value)
	case isAuthorization(name):
		v[valueMember] = r.authorization(value)
	case r.headers[strings.ToLower(name)] || secretName.MatchString(name):
		v[valueMember] = r.secret(value)
	}
}

func isCookie(name string) bool {
	return strings.EqualFold(name, "cookie") || strings.EqualFold(name, "set-cookie")
}

func isAuthorization(name string) bool {
	return strings.EqualFold(name, "authorization") || strings.EqualFold(name, "proxy-authorization")
}

// authorization redacts an Authorization header and keeps its scheme, such as "Basic".
func (r *redactor) authorization(header string) string {
	scheme, rest, found := strings.Cut(header, " ")
	if !found {
		return r.secret(header)
	}
	return scheme + " " + r.secret(rest)
}

// cookies redacts the values of cookies and keeps their names, by which CloudFront decides.
func (r *redactor) cookies(header string) string {
	parts := strings.Split(header, ";")
	for i, part := range parts {
		if name, value, ok := strings.Cut(part, "="); ok {
			parts[i] = name + "=" + r.secret(value)
		}
	}
	return strings.Join(parts, ";")
}

// patterns redacts what a listener rule compares a header with, except for the wildcards around it.
func (r *redactor) patterns(values any) {
	list, _ := values.([]any)
	for i, value := range list {
		text, ok := value.(string)
		if !ok {
			continue
		}
		core := strings.Trim(text, "*?")
		if core != "" {
			list[i] = strings.Replace(text, core, r.secret(core), 1)
		}
	}
}

// singleHeader is the header that a statement of a web ACL looks at, in lower case.
func singleHeader(statement map[string]any) string {
	field, _ := statement["FieldToMatch"].(map[string]any)
	header, _ := field["SingleHeader"].(map[string]any)
	name, _ := header["Name"].(string)
	return strings.ToLower(name)
}

// blob redacts a secret in base64.
func (r *redactor) blob(encoded string) string {
	text, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return r.secret(encoded)
	}
	return base64.StdEncoding.EncodeToString([]byte(r.secret(string(text))))
}
