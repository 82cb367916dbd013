package signature

import (
	"slices"
	"strconv"
	"strings"
)

// fits reports whether all of a row's signs hold, and lists those that were seen.
func (r Row) fits(a Answer) (reasons []string, ok bool) {
	for _, check := range []func(Answer) ([]string, bool){r.fitsStatus, r.fitsXCache, r.fitsServer, r.fitsHeaders, r.fitsBody} {
		seen, ok := check(a)
		if !ok {
			return nil, false
		}
		reasons = append(reasons, seen...)
	}
	return reasons, true
}

func (r Row) fitsStatus(a Answer) ([]string, bool) {
	if len(r.Statuses) == 0 {
		return nil, true
	}
	if !slices.ContainsFunc(r.Statuses, func(s int) bool { return s == a.Status || s > 0 && s < 10 && s == a.Status/100 }) {
		return nil, false
	}
	if a.Status == 0 {
		return []string{"there was no HTTP answer"}, true
	}
	return []string{"status " + strconv.Itoa(a.Status)}, true
}

func (r Row) fitsXCache(a Answer) ([]string, bool) {
	if len(r.XCache) == 0 {
		return nil, true
	}
	said := a.xCache()
	if !slices.Contains(r.XCache, said) {
		return nil, false
	}
	return []string{"X-Cache: " + said + " from cloudfront"}, true
}

func (r Row) fitsServer(a Answer) ([]string, bool) {
	if len(r.Server) == 0 {
		return nil, true
	}
	server, given := a.Header("Server")
	for _, want := range r.Server {
		switch {
		case want == "" && !given:
			return []string{"no Server header"}, true
		case want != "" && given && hasPrefixFold(server, want):
			return []string{"Server: " + server}, true
		}
	}
	return nil, false
}

func (r Row) fitsHeaders(a Answer) (reasons []string, ok bool) {
	for _, want := range r.Headers {
		name, beginning, _ := strings.Cut(want, ": ")
		value, given := a.Header(name)
		if !given || !hasPrefixFold(value, beginning) {
			return nil, false
		}
		reasons = append(reasons, name+": "+value)
	}
	for _, unwanted := range r.Without {
		if _, given := a.Header(unwanted); given {
			return nil, false
		}
		reasons = append(reasons, "no "+unwanted+" header")
	}
	return reasons, true
}

func (r Row) fitsBody(a Answer) (reasons []string, ok bool) {
	for _, want := range r.Body {
		if !strings.Contains(a.Body, want) {
			return nil, false
		}
		reasons = append(reasons, "the body has "+strconv.Quote(want))
	}
	for _, unwanted := range r.NoBody {
		if strings.Contains(a.Body, unwanted) {
			return nil, false
		}
	}
	return reasons, true
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}
