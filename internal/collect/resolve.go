package collect

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"golang.org/x/net/publicsuffix"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/evidence"
)

// Resolution is the distribution that a target leads to.
type Resolution struct {
	ID         string
	DomainName string // d111111abcdef8.cloudfront.net; "" for a multi-tenant distribution, which has none
	Note       string // what a person should know of how it was found; "" where the target names the distribution itself
}

// Why says what seems to be wrong with a target that leads to no distribution.
type Why string

// The reasons.
const (
	Mistyped     Why = "mistyped"      // Nearest has what may be meant
	OtherAccount Why = "other account" // there is none in this account, and nothing like it
	NotRecorded  Why = "not recorded"  // a recording does not hold it
)

// NotFoundError says that a target leads to no distribution.
type NotFoundError struct {
	Target  Target
	Why     Why
	Account string // the account that was read, "" where not known
	Nearest []Near // what may be meant, the likeliest first
}

// Error is one line.
func (e *NotFoundError) Error() string {
	what := "distribution " + e.Target.ID
	if e.Target.ID == "" {
		what = "distribution for " + e.Target.Domain
	}
	switch {
	case e.Why == NotRecorded:
		return "the recording holds no " + what
	case e.Account != "":
		return "there is no " + what + " in account " + e.Account
	}
	return "there is no " + what + " in this account"
}

// Hint is one line that says what to do next.
func (e *NotFoundError) Hint() string {
	switch {
	case len(e.Nearest) > 0:
		var names []string
		for _, n := range e.Nearest {
			names = append(names, n.describe())
		}
		return "did you mean " + strings.Join(names, " or ") + "?"
	case e.Why == NotRecorded:
		return "give the distribution that was captured, or capture this one"
	case e.Target.Account != "" && e.Account != "" && e.Target.Account != e.Account:
		return "the ARN is of account " + e.Target.Account + ": choose its credentials with --profile"
	}
	return "check the spelling, or choose another account with --profile"
}

// DeniedError says that the target could not be looked up for want of a permission.
type DeniedError struct {
	Target Target
	Needs  string // the IAM action
}

// Error is one line.
func (e *DeniedError) Error() string {
	if e.Target.ID != "" {
		return "these credentials may not read distribution " + e.Target.ID
	}
	return "these credentials may not look up the distribution of " + e.Target.Domain
}

// Hint is one line that says what to do next.
func (e *DeniedError) Hint() string {
	if e.Target.ID != "" {
		return "allow " + e.Needs
	}
	return "allow " + e.Needs + ", or give the distribution's ID"
}

// recorder is a source that knows which calls it holds: a recording of one distribution has no list of them.
type recorder interface {
	Recorded(service, operation string) []evidence.Call
}

// Resolve finds the distribution that a target leads to. It waits for what it asks; the answers stay in the collector's world.
//
// The errors are a [*NotFoundError], a [*DeniedError], or say which call failed. Where a domain is no alternate domain name of any
// distribution, it leads to the one that it was most likely meant to: the one that a tenant, its DNS record or a recording names, or
// the only one under the same registered domain. The note tells.
func Resolve(ctx context.Context, c *Collector, t Target) (Resolution, error) {
	r := resolver{c: c, target: t}
	c.Want(ctx, account.Caller())
	if t.ID != "" {
		return r.byID(ctx)
	}
	return r.byDomain(ctx)
}

type resolver struct {
	c      *Collector
	target Target
}

func (r resolver) byID(ctx context.Context) (Resolution, error) {
	fact := Get(ctx, r.c, account.Distribution(r.target.ID))
	switch fact.State() {
	case evidence.Known:
		return r.found(nearOfConfig(r.target.ID, fact.Or(account.DistributionOutput{})), ""), nil
	case evidence.Denied:
		return Resolution{}, &DeniedError{r.target, fact.Needs()}
	case evidence.Failed:
		return Resolution{}, r.failed(account.Distribution(r.target.ID), fact)
	}
	all, list := r.distributions(ctx)
	if slices.ContainsFunc(all, func(n Near) bool { return n.ID == r.target.ID }) {
		return Resolution{}, r.notFound(ctx, nil, true) // a recording may list what it does not hold
	}
	recording := fact.State() == evidence.NotCaptured && !list.IsKnown()
	return Resolution{}, r.notFound(ctx, nearestIDs(all, r.target.ID), recording)
}

// failed tells which call failed, with the door's own error in the chain: missing credentials, no network, the end of the context.
func (r resolver) failed(q evidence.Query, fact evidence.Gap) error {
	if err := r.c.errorOf(q.Asks()); err != nil {
		return fmt.Errorf("look up %s: %s: %w", r.target.Given, q.Asks().Name(), err)
	}
	return errors.New(fact.Why())
}

func (r resolver) notFound(ctx context.Context, near []Near, recording bool) error {
	e := &NotFoundError{Target: r.target, Why: OtherAccount, Nearest: near}
	e.Account = Get(ctx, r.c, account.Caller()).Or(account.CallerOutput{}).Account
	switch {
	case len(near) > 0:
		e.Why = Mistyped
	case recording:
		e.Why = NotRecorded
	}
	return e
}

// Distributions lists the account's distributions. Where a recording has no list, it is those that it holds; the fact is the list's own. The error
// says that the door could not be asked.
func Distributions(ctx context.Context, c *Collector) ([]Near, evidence.Fact[account.DistributionsOutput], error) {
	all, list := resolver{c: c}.distributions(ctx)
	if list.State() == evidence.Failed {
		return nil, list, c.errorOf(account.Distributions().Asks())
	}
	return all, list, nil
}

// distributions lists the account's distributions. Where there is no list, those that a recording holds stand for it.
func (r resolver) distributions(ctx context.Context) ([]Near, evidence.Fact[account.DistributionsOutput]) {
	fact := Get(ctx, r.c, account.Distributions())
	var all []Near
	if out, ok := fact.Get(); ok {
		for _, d := range out.DistributionList.Items {
			all = append(all, nearOf(d))
		}
		return all, fact
	}
	if rec, ok := r.c.src.(recorder); ok {
		for _, call := range rec.Recorded("cloudfront", "GetDistribution") {
			id, _ := call.Params["Id"].(string)
			if out, ok := Get(ctx, r.c, account.Distribution(id)).Get(); ok {
				all = append(all, nearOfConfig(id, out))
			}
		}
	}
	return all, fact
}

func nearOfConfig(id string, out account.DistributionOutput) Near {
	n := Near{ID: id, Domain: cloudfront.NormalizeHost(aws.ToString(out.Distribution.DomainName))}
	if config := out.Distribution.DistributionConfig; config != nil {
		n.Comment = aws.ToString(config.Comment)
		if config.Aliases != nil {
			n.Aliases = config.Aliases.Items
		}
	}
	return n
}

func (r resolver) byDomain(ctx context.Context) (Resolution, error) {
	all, list := r.distributions(ctx)
	if n, ok := serves(all, r.target.Domain); ok {
		return r.found(n, ""), nil
	}
	if !list.IsKnown() && len(all) == 1 {
		return r.found(all[0], fmt.Sprintf("the recording's only distribution, %s, does not list %s", all[0].ID, r.target.Domain)), nil
	}
	switch list.State() {
	case evidence.Denied:
		return Resolution{}, &DeniedError{r.target, list.Needs()}
	case evidence.Failed:
		return Resolution{}, r.failed(account.Distributions(), list)
	}
	if !strings.HasSuffix(r.target.Domain, ".cloudfront.net") {
		if res, ok := r.byTenant(ctx); ok {
			return res, nil
		}
		if res, ok := r.byDNS(ctx, all); ok {
			return res, nil
		}
		if res, ok := r.bySibling(all); ok {
			return res, nil
		}
	}
	return Resolution{}, r.notFound(ctx, nearestDomains(all, r.target.Domain), !list.IsKnown())
}

func (r resolver) found(n Near, note string) Resolution {
	return Resolution{ID: n.ID, DomainName: n.Domain, Note: note}
}

// serves returns the distribution that takes requests for a host: by its own domain, by the alias itself, or by the most specific
// wildcard (DG/CNAMEs).
func serves(all []Near, host string) (Near, bool) {
	var aliases []string
	for _, n := range all {
		if n.Domain == host {
			return n, true
		}
		aliases = append(aliases, n.Aliases...)
	}
	best, ok := cloudfront.BestAlias(aliases, host)
	if !ok {
		return Near{}, false
	}
	i := slices.IndexFunc(all, func(n Near) bool { return slices.Contains(n.Aliases, best) })
	return all[i], true
}

// byTenant finds the multi-tenant distribution whose tenant serves the domain.
func (r resolver) byTenant(ctx context.Context) (Resolution, bool) {
	out, ok := Get(ctx, r.c, account.TenantByDomain(r.target.Domain)).Get()
	id := aws.ToString(out.DistributionTenant.DistributionId)
	if !ok || id == "" {
		return Resolution{}, false
	}
	name := aws.ToString(out.DistributionTenant.Name)
	return r.found(Near{ID: id}, fmt.Sprintf("%s is a domain of tenant %q of %s", r.target.Domain, name, id)), true
}

// byDNS finds the distribution that the domain's record in Route 53 leads to, although the distribution does not list it.
func (r resolver) byDNS(ctx context.Context, all []Near) (Resolution, bool) {
	zones, ok := Get(ctx, r.c, account.HostedZones()).Get()
	if !ok {
		return Resolution{}, false
	}
	name := r.target.Domain
	for range maxHops {
		zone, ok := ZoneOf(zones, name)
		if !ok {
			return Resolution{}, false
		}
		records := Get(ctx, r.c, account.RecordSets(aws.ToString(zone.Id), name)).Or(account.RecordSetsOutput{})
		targets, _ := RecordTargets(records, name)
		if len(targets) == 0 {
			return Resolution{}, false
		}
		name = targets[0]
		if i := slices.IndexFunc(all, func(n Near) bool { return n.Domain == name }); i >= 0 {
			return r.found(all[i], fmt.Sprintf("DNS leads %s to %s, which does not list it as an alternate domain name", r.target.Domain, all[i].ID)), true
		}
	}
	return Resolution{}, false
}

// bySibling finds the one distribution that has an alias under the same registered domain.
func (r resolver) bySibling(all []Near) (Resolution, bool) {
	registered, err := publicsuffix.EffectiveTLDPlusOne(r.target.Domain)
	if err != nil {
		return Resolution{}, false
	}
	siblings := slices.DeleteFunc(slices.Clone(all), func(n Near) bool {
		return !slices.ContainsFunc(n.Aliases, func(alias string) bool {
			alias = cloudfront.NormalizeHost(alias)
			return alias == registered || strings.HasSuffix(alias, "."+registered)
		})
	})
	if len(siblings) != 1 {
		return Resolution{}, false
	}
	n := siblings[0]
	return r.found(n, fmt.Sprintf("no distribution lists %s; %s is the only one with a name under %s", r.target.Domain, n.ID, registered)), true
}
