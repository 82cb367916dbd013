package collect

import (
	"cmp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/cloudfront"
)

// Near is a distribution that may be meant.
type Near struct {
	ID      string
	Domain  string
	Aliases []string
	Comment string
}

const (
	maxNear     = 3 // how many are offered
	maxMistyped = 4 // edits from an id that is still taken for mistyped
)

func nearOf(d types.DistributionSummary) Near {
	n := Near{ID: aws.ToString(d.Id), Domain: cloudfront.NormalizeHost(aws.ToString(d.DomainName)), Comment: aws.ToString(d.Comment)}
	if d.Aliases != nil {
		n.Aliases = d.Aliases.Items
	}
	return n
}

// nearestIDs returns the distributions whose ids need the fewest edits to become id, at most maxMistyped.
func nearestIDs(all []Near, id string) []Near {
	return nearest(all, func(n Near) int { return edits(n.ID, id) })
}

// nearestDomains returns the distributions with a name that needs the fewest edits to become domain.
func nearestDomains(all []Near, domain string) []Near {
	return nearest(all, func(n Near) int {
		least := edits(n.Domain, domain)
		for _, alias := range n.Aliases {
			least = min(least, edits(cloudfront.NormalizeHost(alias), domain))
		}
		return least
	})
}

func nearest(all []Near, distance func(Near) int) []Near {
	type scored struct {
		Near
		edits int
	}
	var found []scored
	for _, n := range all {
		if d := distance(n); d <= maxMistyped {
			found = append(found, scored{n, d})
		}
	}
	slices.SortFunc(found, func(a, b scored) int { return cmp.Or(cmp.Compare(a.edits, b.edits), cmp.Compare(a.ID, b.ID)) })
	var out []Near
	for _, s := range found[:min(len(found), maxNear)] {
		out = append(out, s.Near)
	}
	return out
}

// edits is the number of characters to insert, delete, replace or swap with their neighbour that makes one text the other (optimal
// string alignment distance).
func edits(a, b string) int {
	before := make([]int, len(b)+1) // the row of a[:i-2]
	last := make([]int, len(b)+1)   // the row of a[:i-1]
	row := make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			replace := last[j-1]
			if a[i-1] != b[j-1] {
				replace++
			}
			row[j] = min(replace, last[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

// describe names a distribution in a message.
func (n Near) describe() string {
	out := n.ID
	if len(n.Aliases) > 0 {
		out += " (" + n.Aliases[0] + ")"
	} else if n.Domain != "" {
		out += " (" + n.Domain + ")"
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, out)
}
