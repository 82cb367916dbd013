package fix

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
)

// MoveAlias moves an alternate domain name from one standard distribution of the account to another, in one step and without a time in which
// neither has it (API reference, AssociateAlias). The target's certificate must cover the name. From is where it goes back to.
func MoveAlias(alias, from, to string) Change {
	associate := func(purpose, distribution string) call {
		return call{purpose: purpose, service: "cloudfront", operation: "AssociateAlias", params: []param{{"TargetDistributionId", distribution}, {"Alias", alias}}}
	}
	return simple{
		resource: "alternate domain name " + printable(alias), touches: "distribution",
		console: []string{"The CloudFront console cannot move a name that another distribution has: use the command"},
		calls:   []call{associate("Move the name to the distribution "+printable(to), to)},
		undo:    []call{associate("Move the name back to the distribution "+printable(from), from)},
		check:   reading("GetDistributionConfig", "Id", to),
		expect:  printable(alias) + " is among the Aliases",
		test:    "any(.DistributionConfig.Aliases.Items[]?; . == " + text(alias) + ")",
		look: Look{Call: reading("GetDistribution", "Id", to).api(), Path: []string{"Distribution", "DistributionConfig", "Aliases", "Items"},
			Values: []string{alias}},
		want: []any{alias},
		diff: func(*evidence.World) []DiffLine {
			return []DiffLine{
				{Resource: "distribution " + printable(from), Path: "Aliases", Old: printable(alias)},
				{Resource: "distribution " + printable(to), Path: "Aliases", New: printable(alias)},
			}
		},
		effect: func(w *evidence.World) { moveAlias(w, alias, from, to) },
	}
}

// moveAlias makes the move in the answers that show who has the name.
func moveAlias(w *evidence.World, alias, from, to string) {
	DistributionEdit{ID: from, Edits: RemoveAlias(alias)}.Effect(w)
	DistributionEdit{ID: to, Edits: AddAlias(alias)}.Effect(w)
	DistributionEdit{ID: from, Edits: RemoveAlias(alias)}.effectOnList(w)
	DistributionEdit{ID: to, Edits: AddAlias(alias)}.effectOnList(w)
	conflicts := account.ConflictingAliases(to, alias)
	if answer, known := conflicts.In(w).Get(); known {
		answer.ConflictingAliasesList.Items = slices.DeleteFunc(slices.Clone(answer.ConflictingAliasesList.Items), func(c types.ConflictingAlias) bool {
			return c.Alias != nil && strings.EqualFold(*c.Alias, alias)
		})
		conflicts.Set(w, answer)
	}
	domains := account.DomainConflicts(to, alias)
	if answer, known := domains.In(w).Get(); known {
		answer.DomainConflicts = slices.DeleteFunc(slices.Clone(answer.DomainConflicts), func(c types.DomainConflict) bool {
			return c.Domain != nil && strings.EqualFold(*c.Domain, alias)
		})
		domains.Set(w, answer)
	}
}
