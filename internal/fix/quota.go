package fix

import (
	"fmt"

	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/evidence"
)

// quota is how many items a list of a document may have.
type quota struct {
	member  string // the list
	plain   bool   // whether it is a list, not {Quantity, Items}
	most    int
	what    string
	allowed string // who allows so many
}

// The quotas of a distribution can be raised (DG/cloudfront-limits); that of an address list cannot (WAF/limits).
var (
	distributionQuotas = []quota{
		{member: "Aliases", most: cloudfront.MaxAliases, what: "alternate domain names", allowed: "CloudFront, unless the quota was raised,"},
		{member: "CacheBehaviors", most: cloudfront.MaxBehaviors, what: "cache behaviors", allowed: "CloudFront, unless the quota was raised,"},
		{member: "Origins", most: cloudfront.MaxOrigins, what: "origins", allowed: "CloudFront, unless the quota was raised,"},
		{member: "OriginGroups", most: cloudfront.MaxOriginGroups, what: "origin groups", allowed: "CloudFront, unless the quota was raised,"},
	}
	addressQuotas = []quota{{member: "Addresses", plain: true, most: 10_000, what: "address ranges", allowed: "AWS WAF"}}
)

// touched are the quotas that edits may reach: of lists that get an item.
func touched(quotas []quota, edits []ConfigEdit) []quota {
	var out []quota
	for _, q := range quotas {
		for _, e := range edits {
			if e.Op == AddItem && len(e.Path.steps) == 1 && e.Path.steps[0].field == q.member {
				out = append(out, q)
				break
			}
		}
	}
	return out
}

// over says which quota a change goes beyond. Who is beyond the usual one already has had it raised, no one knows how far: AWS decides then.
func over(quotas []quota, before, after any) error {
	for _, q := range quotas {
		was, becomes := len(itemsOf(objectOf(before)[q.member], q.plain)), len(itemsOf(objectOf(after)[q.member], q.plain))
		if becomes > was && becomes > q.most && was <= q.most {
			return fmt.Errorf("it would have %d %s, and %s", becomes, q.what, q.advice())
		}
	}
	return nil
}

func (q quota) advice() string {
	return fmt.Sprintf("%s allows %d: ask for more in the Service Quotas console, or take out what is not needed", q.allowed, q.most)
}

// room is shell that stops where the edited document goes beyond the quota.
func (q quota) room(s *Shell, n int, name string) string {
	s.use("room")
	items := "." + q.member + ".Items"
	if q.plain {
		items = "." + q.member
	}
	return fmt.Sprintf("room %s %s %s %d %s", file(n, "old.json"), file(n, "new.json"), quote(items), q.most,
		quote(fmt.Sprintf("%s would have more %s than there may be: %s. Nothing has been changed.", printable(name), q.what, q.advice())))
}

// bounded is a change that a quota can stand in the way of.
type bounded interface {
	// full is why the change cannot be made of what the world knows, nil where it can be or where that is not known.
	full(w *evidence.World) error
}

func (d DistributionEdit) full(w *evidence.World) error {
	before, after, known := d.after(w)
	if !known {
		return nil
	}
	return over(touched(distributionQuotas, d.Edits), before, after)
}

func (c WAFEdit) full(w *evidence.World) error {
	before, after, _, known := c.after(w)
	if !known {
		return nil
	}
	return over(touched(addressQuotas, c.Edits), before, after)
}

// noRoom says which of the changes goes beyond a quota in the world, "" for none.
func noRoom(changes []Change, w *evidence.World) string {
	for _, change := range changes {
		if b, ok := change.(bounded); ok && w != nil {
			if err := b.full(w); err != nil {
				return change.Resource() + ": " + err.Error()
			}
		}
	}
	return ""
}
