package collect

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	"pgregory.net/rapid"

	"cfdoctor/internal/request"
)

// walkOf makes a collection of a distribution with one S3 origin for the default behavior and one for each pattern.
func walkOf(path, root, originPath string, patterns ...string) (*walk, types.Origin) {
	config := &types.DistributionConfig{
		DefaultRootObject:    aws.String(root),
		DefaultCacheBehavior: &types.DefaultCacheBehavior{TargetOriginId: aws.String("default")},
		CacheBehaviors:       &types.CacheBehaviors{},
	}
	for _, pattern := range patterns {
		config.CacheBehaviors.Items = append(config.CacheBehaviors.Items,
			types.CacheBehavior{PathPattern: aws.String(pattern), TargetOriginId: aws.String("origin of " + pattern)})
	}
	w := &walk{config: config, req: request.New("", path), behaviors: behaviorsOf(config)}
	return w, types.Origin{Id: aws.String("default"), OriginPath: aws.String(originPath)}
}

func TestKeys(t *testing.T) {
	for _, tc := range []struct {
		name, path, root, originPath string
		pattern                      string // of a behavior that leads to the origin in question; "" is the default
		first                        string
		keys, prefixes               []string
	}{
		{name: "file", path: "/a/b.txt", first: "a/b.txt", prefixes: []string{"a/b.txt", "a/", ""}},
		{name: "decoded", path: "/a%20b.txt", first: "a b.txt", keys: []string{"a%20b.txt"}},
		{name: "plus", path: "/a+b.txt", first: "a+b.txt", keys: []string{"a b.txt"}},
		{name: "not decodable", path: "/100%.txt", first: "100%.txt"},
		{name: "case", path: "/Img/Logo.PNG", first: "Img/Logo.PNG", keys: []string{"img/logo.png"}, prefixes: []string{"Img/", "img/", ""}},
		{name: "root", path: "/", root: "index.html", first: "index.html"},
		{name: "root with a slash", path: "/", root: "/index.html", first: "index.html", keys: []string{"/index.html"}},
		{name: "no root", path: "/", first: "index.html", prefixes: []string{""}},
		{name: "folder", path: "/docs/", first: "docs/", keys: []string{"docs/index.html"}},
		{name: "folder without slash", path: "/docs", first: "docs", keys: []string{"docs/index.html", "docs.html"}},
		{name: "origin path", path: "/a.txt", originPath: "/site", first: "site/a.txt", keys: []string{"a.txt", "site/site/a.txt"}},
		{name: "origin path repeated", path: "/site/a.txt", originPath: "/site", first: "site/site/a.txt", keys: []string{"site/a.txt"}},
		{name: "behavior's prefix", path: "/static/a.txt", pattern: "static/*", first: "static/a.txt", keys: []string{"a.txt"}},
		{name: "pattern in other case", path: "/Images/a.jpg", pattern: "/images/*.jpg", first: "Images/a.jpg", keys: []string{"images/a.jpg", "a.jpg"}},
		{name: "double slash", path: "//a.txt", first: "/a.txt"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w, o := walkOf(tc.path, tc.root, tc.originPath, "other/*")
			if tc.pattern != "" {
				w, o = walkOf(tc.path, tc.root, tc.originPath, tc.pattern)
				o.Id = aws.String("origin of " + tc.pattern)
			}
			plan := w.keys(o)
			if len(plan.keys) == 0 || plan.keys[0] != tc.first {
				t.Errorf("first of %q, want %q", plan.keys, tc.first)
			}
			for _, key := range tc.keys {
				if !slices.Contains(plan.keys, key) {
					t.Errorf("%q has no %q", plan.keys, key)
				}
			}
			for _, prefix := range tc.prefixes {
				if !slices.Contains(plan.prefixes, prefix) {
					t.Errorf("prefixes %q have no %q", plan.prefixes, prefix)
				}
			}
		})
	}
}

func TestKeysAreFewAndUsable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		path := "/" + rapid.StringMatching(`[a-zA-Z0-9/._%+-]{0,60}`).Draw(t, "path")
		originPath := rapid.SampledFrom([]string{"", "/a", "/a/b"}).Draw(t, "origin path")
		patterns := rapid.SliceOfN(rapid.SampledFrom([]string{"*", "a/*", "/A/b*", "*.jpg", "a?/c/*", ""}), 0, 6).Draw(t, "patterns")
		w, o := walkOf(path, "index.html", originPath, patterns...)
		plan := w.keys(o)
		if len(plan.keys) > maxKeys+5 || len(plan.prefixes) > maxPrefixes+1 {
			t.Fatalf("%d keys, %d prefixes", len(plan.keys), len(plan.prefixes))
		}
		for i, key := range plan.keys {
			if key == "" || slices.Contains(plan.keys[:i], key) {
				t.Fatalf("%q has an empty or repeated key", plan.keys)
			}
		}
		if !slices.Contains(plan.prefixes, "") {
			t.Fatalf("the bucket's start is not listed: %q", plan.prefixes)
		}
	})
}

func TestResourceTakes(t *testing.T) {
	for _, tc := range []struct {
		resource, path string
		want           bool
	}{
		{"/", "/", true},
		{"/", "/prod", true},
		{"/pets", "/pets", true},
		{"/pets", "/prod/pets", true},
		{"/pets", "/a/b/pets", false},
		{"/pets/{id}", "/prod/pets/7", true},
		{"/pets/{id}", "/prod/pets", false},
		{"/files/{proxy+}", "/files/a/b/c", true},
		{"/files/{proxy+}", "/prod/files", false},
		{"/{proxy+}", "/x", true},
		{"/pets", "/pets/7", false},
	} {
		if got := resourceTakes(tc.resource, tc.path); got != tc.want {
			t.Errorf("resourceTakes(%q, %q) = %v", tc.resource, tc.path, got)
		}
	}
}

func TestDistributionsIn(t *testing.T) {
	policy := `"arn:aws:cloudfront::1:distribution/E2ABCDEFGHIJKL","arn:aws:cloudfront::1:distribution/*",":distribution/E2ABCDEFGHIJKL",":distribution/ESECOND000001`
	if got := strings.Join(distributionsIn(policy), " "); got != "E2ABCDEFGHIJKL" {
		t.Errorf("got %q", got)
	}
}
