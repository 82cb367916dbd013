package cloudfront

// Contains reports whether a matches every path that b matches: when a stands before b in a distribution, b
// never gets a request (the first match in the listed order wins, DG/DownloadDistValuesCacheBehavior).
//
// The answer true is always right. False is right too, except that patterns beyond the API's length, or so
// contrived that the search grows past its bound, are answered false unless they are equal.
func Contains(a, b Pattern) bool {
	if a.glob == b.glob || a.glob == "*" {
		return true
	}
	if len(a.glob) > MaxPatternLength {
		return false
	}
	return containment{a: a.glob, b: b.glob}.holds()
}

// containBound is how many (position in b, positions in a) pairs the search may visit.
const containBound = 1 << 14

// positions is a set of positions in the pattern a, from 0 to its length.
type positions [(MaxPatternLength + 64) / 64]uint64

func (s *positions) add(i int)     { s[i/64] |= 1 << (i % 64) }
func (s positions) has(i int) bool { return s[i/64]&(1<<(i%64)) != 0 }

// containment decides whether glob a accepts every word of glob b.
//
// The hardest words of b put a letter that stands in neither pattern wherever b has a wildcard: if a takes that
// letter, only by a wildcard of its own, it takes any other in its place. So the words differ only in how
// many such letters each star of b becomes, and the search walks b once for all those choices, holding the
// set of positions where a may then be.
type containment struct {
	a, b string
}

// node is a state of the search: the next character of b, and where a may be after the word so far.
type node struct {
	at int
	in positions
}

func (c containment) holds() bool {
	var start positions
	start.add(0)
	queue := []node{{0, c.skipStars(start)}}
	seen := map[node]bool{queue[0]: true}
	push := func(n node) {
		if !seen[n] {
			seen[n] = true
			queue = append(queue, n)
		}
	}
	for len(queue) > 0 {
		n := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		if len(seen) > containBound || n.in == (positions{}) {
			return false // no run of a is left for a word that b can still complete
		}
		if n.at == len(c.b) {
			if !n.in.has(len(c.a)) {
				return false
			}
			continue
		}
		switch ch := c.b[n.at]; ch {
		case '*':
			push(node{n.at + 1, n.in})
			push(node{n.at, c.step(n.in, 0, true)})
		case '?':
			push(node{n.at + 1, c.step(n.in, 0, true)})
		default:
			push(node{n.at + 1, c.step(n.in, ch, false)})
		}
	}
	return true
}

// step is where a may be after one more letter: ch, or the letter that stands in neither pattern.
func (c containment) step(in positions, ch byte, foreign bool) positions {
	var out positions
	for i := 0; i < len(c.a); i++ {
		if !in.has(i) {
			continue
		}
		switch {
		case c.a[i] == '*':
			out.add(i)
		case c.a[i] == '?', !foreign && c.a[i] == ch:
			out.add(i + 1)
		}
	}
	return c.skipStars(out)
}

// skipStars adds the positions behind stars, which may stand for nothing.
func (c containment) skipStars(in positions) positions {
	for i := 0; i < len(c.a); i++ {
		if in.has(i) && c.a[i] == '*' {
			in.add(i + 1)
		}
	}
	return in
}
