package fix

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"cfdoctor/internal/account"
)

// manyAliases is the fixture's distribution with so many alternate domain names.
func manyAliases(t *testing.T, n int) string {
	t.Helper()
	config := objectOf(tree(t, string(fixture(t, "distribution-config.json"))))
	names := make([]any, n)
	for i := range names {
		names[i] = fmt.Sprintf("n%d.example.com", i)
	}
	config["Aliases"] = map[string]any{"Quantity": n, "Items": names}
	return text(config)
}

// A list grows up to its quota, and not beyond it; one that is longer already has had its quota raised.
func TestQuotas(t *testing.T) {
	list := func(n int) any { return map[string]any{"Quantity": n, "Items": make([]any, n)} }
	tests := []struct {
		member       string
		was, becomes int
		full         bool
	}{
		{"Aliases", 99, 100, false}, {"Aliases", 100, 101, true}, {"Aliases", 98, 101, true}, {"Aliases", 120, 121, false}, {"Aliases", 101, 100, false},
		{"CacheBehaviors", 74, 75, false}, {"CacheBehaviors", 75, 76, true}, {"Origins", 100, 101, true}, {"OriginGroups", 10, 11, true}, {"Comment", 100, 101, false},
	}
	for _, test := range tests {
		err := over(distributionQuotas, map[string]any{test.member: list(test.was)}, map[string]any{test.member: list(test.becomes)})
		if (err != nil) != test.full {
			t.Errorf("%s from %d to %d: %v", test.member, test.was, test.becomes, err)
		}
	}
	addresses := func(n int) any { return map[string]any{"Addresses": make([]any, n)} }
	if err := over(addressQuotas, addresses(10_000), addresses(10_001)); err == nil || !strings.Contains(err.Error(), "AWS WAF allows 10000") {
		t.Errorf("addresses: %v", err)
	}
}

// Where the quota is known to be reached, the fix says so in place of commands that AWS would refuse, and nothing is prepared.
func TestFullDistributionHasNoCommands(t *testing.T) {
	for _, n := range []int{99, 100} {
		w := world(t)
		read := account.Distribution(distributionID)
		answer, _ := read.In(w).Get()
		if !edited(answer.Distribution.DistributionConfig, answer.Distribution.DistributionConfig, []ConfigEdit{{Path: At("Aliases"), Op: Set, New: tree(t, manyAliases(t, n)).(map[string]any)["Aliases"]}}) {
			t.Fatal("no such world")
		}
		read.Set(w, answer)
		f := Fix{Title: "one more", Changes: []Change{EditDistribution(distributionID, AddAlias("shop.example.com"))}}
		ctx := contextOf(t)
		ctx.World = w
		got := Render(f, ctx)
		full := n == 100
		if (got.Script == "") != full || (len(got.Commands) == 0) != full || strings.Contains(got.Console[0], "it would have 101 alternate domain names") != full {
			t.Errorf("with %d: %d commands, script %v, %q", n, len(got.Commands), got.Script != "", got.Console[0])
		}
		_, err := f.Prepare(context.Background(), distributionID, "token", func(context.Context, APICall) (any, error) {
			return map[string]any{"ETag": "V1", "Distribution": map[string]any{"DistributionConfig": tree(t, manyAliases(t, n))}}, nil
		})
		if (err != nil) != full || err != nil && !strings.Contains(err.Error(), "allows 100: ask for more in the Service Quotas console") {
			t.Errorf("with %d: preparing says %v", n, err)
		}
	}
}
