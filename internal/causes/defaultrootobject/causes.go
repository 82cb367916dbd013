// Package defaultrootobject holds the causes of the default-root-object stage.
package defaultrootobject

import (
	"strings"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/tri"
)

// Causes lists the package's causes.
func Causes() []*cause.Cause {
	return []*cause.Cause{
		defaultRootObjectMissing,
		defaultRootObjectInvalid,
	}
}

// rootPages are the names a site's first page usually has, likeliest first.
func rootPages() []string { return []string{"index.html", "index.htm", "default.html", "home.html"} }

// has reports whether an origin's bucket holds a key below its origin path; unknown where the origin is no bucket.
func has(m *edge.Model, o *edge.Origin, key string) tri.Bool {
	path := ""
	if o.Config.OriginPath != nil {
		path = strings.Trim(*o.Config.OriginPath, "/") + "/"
	}
	a := m.S3For(o, strings.TrimPrefix(path+key, "/"))
	if a == nil {
		return tri.Unknown
	}
	return a.Exists
}
