package fix

import (
	"maps"
	"reflect"
	"slices"
	"testing"

	cloudfront "github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	"github.com/aws/aws-sdk-go-v2/service/wafv2/types"
)

// Every member that the SDK knows is either written by the update or known to stay without it, so that only what is newer is a stranger. A new
// version of the SDK with a new member fails here: look up in the API reference which of the two it is.
func TestMembersAreSorted(t *testing.T) {
	waf := func(c Change) ([]string, []string) { on := c.(WAFEdit).on; return on.members, on.fixed }
	resource := func(c Change) ([]string, []string) { on := c.(ResourceEdit).on; return on.members, on.fixed }
	for _, test := range []struct {
		of     any
		change Change
		lists  func(Change) (members, fixed []string)
	}{
		{types.WebACL{}, EditWebACL(aclARN), waf},
		{types.IPSet{}, EditIPSet(aclARN), waf},
		{cloudfront.DistributionTenant{}, EditTenant("dt_1", "north.example.com"), resource},
		{cloudfront.ConnectionGroup{}, EditConnectionGroup("cg_1"), resource},
	} {
		known := map[string]bool{}
		for _, field := range reflect.VisibleFields(reflect.TypeOf(test.of)) {
			if field.IsExported() {
				known[field.Name] = true
			}
		}
		members, fixed := test.lists(test.change)
		sorted := slices.Sorted(slices.Values(slices.Concat(members, fixed)))
		if want := slices.Sorted(maps.Keys(known)); !slices.Equal(sorted, want) {
			t.Errorf("%T: %v are sorted, it has %v", test.of, sorted, want)
		}
	}
}

// Nothing is given as a complete command that would leave something out.
func TestStrangersGoIntoNoCommand(t *testing.T) {
	acl := tree(t, string(fixture(t, "web-acl.json")))
	change := EditWebACL(aclARN, SetDefaultAction("Allow")).(WAFEdit)
	if change.call(acl, "t") == "" {
		t.Fatal("the fixture gives no command: the test shows nothing")
	}
	objectOf(acl)["Unset"], objectOf(acl)["Off"] = "", false
	if change.call(acl, "t") == "" {
		t.Error("what nobody has set is in the way")
	}
	objectOf(acl)["Future"] = "x"
	if got := change.call(acl, "t"); got != "" {
		t.Errorf("got %s", got)
	}
}
