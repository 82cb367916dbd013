package collect

import (
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
)

// Bounds per bucket.
const (
	maxKeys     = 32
	maxPrefixes = 12
)

// keyPlan is what to look for in a bucket.
type keyPlan struct {
	keys     []string // of single objects, the likeliest first
	prefixes []string // of which objects are listed; "" lists the bucket from its start
}

// keys plans what to look for in the bucket behind an origin: the object that the request leads to, and the objects that it would lead
// to if one thing were set otherwise (origin path, default root object, index documents, the behavior's prefix, the case of letters).
// Buckets that the request does not reach are looked into as well: the object may be there, and the path pattern wrong.
func (w *walk) keys(o types.Origin) keyPlan {
	originPath := strings.TrimSuffix(aws.ToString(o.OriginPath), "/")
	root := aws.ToString(w.config.DefaultRootObject)
	var paths []string
	for _, path := range spellings(w.req.Path) {
		paths = append(paths, w.variants(o, path, root)...)
	}
	var keys []string
	for _, path := range paths {
		keys = append(keys, objectKey(originPath+path))
	}
	if originPath != "" {
		main := paths[0]
		keys = append(keys, objectKey(originPath+originPath+main))
		for _, path := range paths {
			keys = append(keys, objectKey(path))
		}
	}
	pages := w.pages(o, originPath)
	keys = append(firstDistinct(keys, maxKeys), pages...)

	mainKey := objectKey(originPath + paths[0])
	prefixes := append([]string{mainKey}, parents(mainKey)...)
	prefixes = append(prefixes, parents(strings.ToLower(mainKey))...)
	return keyPlan{
		keys:     firstDistinct(keys, maxKeys+len(pages)),
		prefixes: append(firstDistinct(prefixes, maxPrefixes), ""),
	}
}

// spellings returns the ways to read a raw path, the likeliest first: percent-decoded as S3 does, as sent (a key may hold a percent
// sign), and with plus signs as spaces, which some clients mean by them.
func spellings(raw string) []string {
	raw = strings.ToValidUTF8(raw, "\uFFFD") // keys are UTF-8 (S3UG/object-keys)
	decoded, err := url.PathUnescape(raw)
	if err != nil || !utf8.ValidString(decoded) {
		decoded = raw
	}
	return firstDistinct([]string{decoded, raw, strings.ReplaceAll(decoded, "+", " ")}, 3)
}

// variants returns a path and what it may have to be for the object to be found. The first is what the origin is asked for.
func (w *walk) variants(o types.Origin, path, root string) []string {
	out := []string{path}
	if path == "/" && root != "" {
		// A default root object must not begin with a slash (DG/DefaultRootObject); with one it leads to another key.
		out = []string{"/" + strings.TrimPrefix(root, "/"), "/" + root}
	}
	out = append(out, folderIndex(path)...)
	for _, b := range w.behaviors {
		pattern := aws.ToString(b.PathPattern)
		prefix := literalFolder(pattern)
		if prefix == "/" || !w.leadsTo(b, aws.ToString(o.Id)) || len(path) < len(prefix) || !strings.EqualFold(path[:len(prefix)], prefix) {
			continue
		}
		rest := path[len(prefix):]
		out = append(out, "/"+rest, prefix+rest)
		out = append(out, folderIndex("/"+rest)...)
	}
	return append(out, strings.ToLower(path))
}

// folderIndex returns the index documents that a path may stand for on other servers.
func folderIndex(path string) []string {
	last := path[strings.LastIndexByte(path, '/')+1:]
	switch {
	case last == "":
		return []string{path + "index.html"}
	case !strings.Contains(last, "."):
		return []string{path + "/index.html", path + ".html"}
	}
	return nil
}

// literalFolder is the folder that every path of a pattern lies in: "/images/" of "images/*.jpg".
func literalFolder(pattern string) string {
	literal := "/" + strings.TrimPrefix(pattern, "/")
	if i := strings.IndexAny(literal, "*?"); i >= 0 {
		literal = literal[:i]
	}
	return literal[:strings.LastIndexByte(literal, '/')+1]
}

// pages returns the keys of the custom error pages that this origin serves, and of the default root object.
func (w *walk) pages(o types.Origin, originPath string) []string {
	var paths []string
	if root := aws.ToString(w.config.DefaultRootObject); root != "" {
		paths = append(paths, "/"+strings.TrimPrefix(root, "/"))
	}
	if w.config.CustomErrorResponses != nil {
		for _, r := range w.config.CustomErrorResponses.Items {
			paths = append(paths, aws.ToString(r.ResponsePagePath))
		}
	}
	var keys []string
	for _, path := range paths {
		if b, ok := w.behaviorFor(path); path != "" && ok && w.leadsTo(b, aws.ToString(o.Id)) {
			keys = append(keys, objectKey(originPath+spellings(path)[0]))
		}
	}
	return firstDistinct(keys, len(keys))
}

// indexKeys returns, for a website with another index document than index.html, the keys that folders stand for.
func indexKeys(keys []string, suffix string) []string {
	if suffix == "" || suffix == "index.html" {
		return nil
	}
	var out []string
	for _, key := range keys {
		if folder, ok := strings.CutSuffix(key, "index.html"); ok {
			out = append(out, folder+suffix)
		}
	}
	return out
}

// objectKey is the key that S3 reads from a decoded path: all but the first slash.
func objectKey(path string) string { return strings.TrimPrefix(path, "/") }

// parents returns the folders that a key lies in, the nearest first, the bucket itself not among them.
func parents(key string) []string {
	var out []string
	for i, c := range key {
		if c == '/' {
			out = append(out, key[:i+1])
		}
	}
	slices.Reverse(out)
	return out
}
