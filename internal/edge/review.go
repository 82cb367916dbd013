package edge

import (
	"strings"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/request"
)

// ReviewRequest is a request that stands for others in a review without a failing request.
type ReviewRequest struct {
	Request  request.Request
	Behavior *Behavior // the behavior that takes it
	// Synthetic marks a path made up from the pattern: that the origin has nothing there says nothing about the distribution.
	Synthetic bool
	Why       string // what it stands for, in words
}

// Representative returns requests that reach every behavior: the root and, where the account's listings know one, an object for each
// behavior; else a path made up from its pattern. A behavior that no path reaches, because earlier patterns take all of its paths, has none;
// nor has one for signed URLs or cookies, since that it refuses a request without a signature is as it should be.
// All are GET over https, under the first alternate domain name that is no wildcard.
func (m *Model) Representative() []ReviewRequest {
	host := m.reviewHost()
	objects := m.knownObjects()
	var out []ReviewRequest
	add := func(b *Behavior, path string, synthetic bool, why string) {
		r := request.New(host, "/")
		r.Path = path // raw: a key may hold what SetPath would take for a query string
		out = append(out, ReviewRequest{Request: r, Behavior: b, Synthetic: synthetic, Why: why})
	}
	if b := m.BehaviorFor("/"); b != nil {
		add(b, "/", false, "the root of the distribution")
	}
	for _, b := range m.Behaviors {
		if b.restrictsViewers() {
			continue
		}
		if path, ok := m.knownPath(b, objects); ok {
			add(b, path, false, "a known object for "+quoted(b.PathPattern))
		} else if path, ok := m.madeUpPath(b); ok && !(b.Default && len(m.Behaviors) == 1) {
			add(b, path, true, "a path made up from "+quoted(b.PathPattern))
		}
	}
	return out
}

// reviewHost is the host that viewers most likely use.
func (m *Model) reviewHost() string {
	for _, alias := range m.Aliases() {
		if !strings.HasPrefix(alias, "*.") {
			return cloudfront.NormalizeHost(alias)
		}
	}
	if m.multiTenant() {
		for _, t := range account.Tenants().In(m.World).Or(account.TenantsOutput{}).DistributionTenantList {
			if str(t.DistributionId) == m.ID() && len(t.Domains) > 0 {
				return cloudfront.NormalizeHost(str(t.Domains[0].Domain))
			}
		}
	}
	return m.ownHost()
}

// knownObjects lists the keys that the world's listings know, by bucket.
func (m *Model) knownObjects() map[string][]string {
	out := map[string][]string{}
	for _, rec := range m.World.Records() {
		if rec.Call.Service != "s3" || rec.Call.Operation != "ListObjectsV2" {
			continue
		}
		bucket, _ := rec.Call.Params["Bucket"].(string)
		prefix, _ := rec.Call.Params["Prefix"].(string)
		listing, _ := account.Objects(bucket, prefix).In(m.World).Get()
		for _, object := range listing.Contents {
			if key := str(object.Key); key != "" && !strings.HasSuffix(key, "/") {
				out[bucket] = append(out[bucket], key)
			}
		}
	}
	return out
}

// knownPath finds a known object that the behavior takes and its origin has.
func (m *Model) knownPath(b *Behavior, objects map[string][]string) (string, bool) {
	o, ok := m.Origin(str(b.Config.TargetOriginId))
	if !ok || !o.Endpoint.IsS3() {
		return "", false
	}
	prefix := strings.Trim(str(o.Config.OriginPath), "/")
	if prefix != "" {
		prefix += "/"
	}
	for _, key := range objects[o.Endpoint.Name] {
		rest, found := strings.CutPrefix(key, prefix)
		if !found {
			continue
		}
		if path := "/" + escapeKey(rest); m.reaches(b, path) {
			return path, true
		}
	}
	return "", false
}

// madeUpPath turns the pattern into a path that it takes before every other behavior.
func (m *Model) madeUpPath(b *Behavior) (string, bool) {
	for _, filling := range []string{"cfdoctor-sample", "cfdoctor/sample", "", "0"} {
		path := strings.ReplaceAll(strings.ReplaceAll(b.PathPattern, "*", filling), "?", "x")
		if !strings.HasPrefix(path, "/") {
			path = "/" + path
		}
		if m.reaches(b, path) {
			return path, true
		}
	}
	return "", false
}

// reaches reports whether the behavior takes the path, without doubt about the reading of the path.
func (m *Model) reaches(b *Behavior, path string) bool {
	taken, unclear := m.route(path)
	return taken == b && len(unclear) == 0
}

// escapeKey writes a key as a path: every byte that is not unreserved, or a slash, is percent-encoded (RFC 3986).
func escapeKey(key string) string {
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	for i := 0; i < len(key); i++ {
		c := key[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~/", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(digits[c>>4])
		b.WriteByte(digits[c&15])
	}
	return b.String()
}
