package edge

import (
	"strings"

	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/tri"
)

// Routing is how a path leads to a cache behavior.
type Routing struct {
	Path     string // as sent
	Behavior *Behavior
	// Considered are the behaviors up to and including the one that takes the path, in order.
	Considered []Considered
	// NearMisses are behaviors that the path was probably meant for and misses.
	NearMisses []NearMiss
	// Shadowed are later behaviors whose patterns match too, and never see the path.
	Shadowed []*Behavior
	// Unclear are behaviors of which it is not documented whether they match: they come before the one that was taken, or are it.
	Unclear []*Behavior
}

// Considered is one behavior's part in the choice.
type Considered struct {
	Behavior *Behavior
	Matched  tri.Bool
	Why      string
}

// NearMiss is a behavior that the path misses by little.
type NearMiss struct {
	Behavior *Behavior
	Miss     cloudfront.Miss
}

var cacheBehavior = &Stage{
	ID:    "cache-behavior",
	Title: "The cache behavior for the path",
	Doc: "The first behavior in the listed order whose path pattern matches takes the request; the default behavior matches everything and comes last. " +
		"Patterns are compared with the normalised path, in exactly the letters' case, without the query string. Whether percent-encoding is decoded " +
		"first is not documented. A function that rewrites the path later does not change the choice.",
	Sources: []string{"DG/DownloadDistValuesCacheBehavior", "DG/functions-event-structure"},
	Run:     runCacheBehavior,
}

func runCacheBehavior(x *Exchange) Step {
	b, unclear := x.Model.route(x.Current.Path)
	if b == nil {
		return x.Guess(0, ByCloudFront, "The distribution has no default cache behavior")
	}
	x.Behavior = b
	verdict := Pass
	for _, u := range unclear {
		verdict = Unknown
		x.possibly(x.otherBehavior(u))
	}
	if !x.Explain {
		return Step{Verdict: verdict}
	}
	x.Routing = x.Model.explainRoute(x.Current.Path, b, unclear)
	return x.describeRoute(verdict)
}

// otherBehavior is the alternative that an unclear match leaves open.
func (x *Exchange) otherBehavior(u *Behavior) Alternative {
	a := Alternative{}
	switch {
	case !x.Explain:
	case u == x.Behavior:
		a.If = "CloudFront reads the path so that it misses the pattern " + quoted(u.PathPattern)
	default:
		a.If = "CloudFront reads the path so that the behavior " + quoted(u.PathPattern) + " takes it"
	}
	return a
}

func (x *Exchange) describeRoute(verdict Verdict) Step {
	r := x.Routing
	step := x.explained(verdict, "The cache behavior %s takes the path", quoted(r.Behavior.PathPattern))
	if r.Behavior.Default {
		step = x.explained(verdict, "No path pattern matches, so the default cache behavior takes the path")
	}
	if len(x.Model.Behaviors) == 1 {
		step = x.explained(verdict, "The default cache behavior is the only one")
	}
	var detail []string
	for _, n := range r.NearMisses {
		detail = append(detail, n.Miss.String())
	}
	for _, s := range r.Shadowed {
		detail = append(detail, "the later pattern "+quoted(s.PathPattern)+" matches too and is not reached")
	}
	step.Detail = strings.Join(detail, "; ")
	field := r.Behavior.Field + ".PathPattern"
	if r.Behavior.Default {
		field = r.Behavior.Field
	}
	step = step.WithEvidence(x.ref(field, r.Behavior.PathPattern, "path "+quoted(r.Path)))
	for _, n := range r.NearMisses {
		step = step.WithEvidence(x.ref(n.Behavior.Field+".PathPattern", n.Behavior.PathPattern, n.Miss.String()))
	}
	return step
}

// route picks the behavior for a raw path; unclear are those of which AWS does not document whether they match it. nil only where the
// distribution has no default behavior.
func (m *Model) route(path string) (taken *Behavior, unclear []*Behavior) {
	normal := cloudfront.NormalizePath(path)
	plain := normal == path && strings.IndexByte(path, '%') < 0
	for _, b := range m.Behaviors {
		if b.Default {
			return b, unclear
		}
		matched := b.Pattern.Match(normal)
		if !plain || b.leadingWildcard() {
			if b.Pattern.MatchURI(path) == tri.Unknown {
				unclear = append(unclear, b)
			}
		}
		if matched {
			return b, unclear
		}
	}
	return nil, unclear
}

// leadingWildcard reports a pattern whose first character may also stand for the path's leading slash.
func (b *Behavior) leadingWildcard() bool {
	return b.PathPattern != "" && (b.PathPattern[0] == '*' || b.PathPattern[0] == '?')
}

// BehaviorFor returns the behavior that takes a raw path, such as an error page's; nil where the distribution has no default behavior.
func (m *Model) BehaviorFor(path string) *Behavior {
	b, _ := m.route(path)
	return b
}

// explainRoute says of every behavior what it has to do with the path.
func (m *Model) explainRoute(path string, taken *Behavior, unclear []*Behavior) *Routing {
	r := &Routing{Path: path, Behavior: taken, Unclear: unclear}
	for _, b := range m.Behaviors {
		if b.Default {
			if b == taken {
				r.Considered = append(r.Considered, Considered{b, tri.True, "the default behavior takes what no pattern matches"})
			}
			continue
		}
		matched := b.Pattern.MatchURI(path)
		miss, near := cloudfront.NearMiss(b.Pattern, path)
		if b.Index <= taken.Index {
			r.Considered = append(r.Considered, Considered{b, matched, whyMatched(b, matched, miss, near)})
		} else if matched.Yes() {
			r.Shadowed = append(r.Shadowed, b)
		}
		if near && matched.No() {
			r.NearMisses = append(r.NearMisses, NearMiss{b, miss})
		}
	}
	return r
}

func whyMatched(b *Behavior, matched tri.Bool, miss cloudfront.Miss, near bool) string {
	switch {
	case matched.Yes():
		return "the pattern " + quoted(b.PathPattern) + " matches"
	case matched == tri.Unknown:
		return "whether the pattern " + quoted(b.PathPattern) + " matches depends on what AWS does not document"
	case near:
		return miss.String()
	}
	return "the pattern " + quoted(b.PathPattern) + " does not match"
}
