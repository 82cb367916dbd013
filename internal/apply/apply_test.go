package apply

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cfdoctor/internal/fix"
)

const (
	id     = "E1"
	arn    = "arn:aws:cloudfront::123456789012:distribution/E1"
	aclARN = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/site/1"
)

func (f *fake) tryPrepare(changes ...fix.Change) (*Journal, error) {
	remedy := fix.Fix{Title: "a fix", Changes: changes, Invalidate: []string{"/*"}}
	p, err := Prepare(context.Background(), remedy, id, "token", f)
	if err != nil {
		return nil, err
	}
	j := NewJournal(remedy.Title, "123456789012", time.Unix(0, 0), p)
	return j, j.Create(filepath.Join(f.t.TempDir(), "journal.json"))
}

func (f *fake) runner() *Runner {
	return &Runner{API: f, Say: func(line string) { f.t.Log(line) }, Sleep: func(context.Context, time.Duration) error { return nil }}
}

func grant() fix.Change {
	return fix.EditBucketPolicy("site", fix.GrantDistribution("site", "", "", []string{"s3:GetObject"}, arn)...)
}

// withOAC is the usual fix: a grant, an origin access control, and the distribution that uses it.
func withOAC() []fix.Change {
	oac := fix.CreateOAC("site", "s3", "always")
	return []fix.Change{grant(), oac, fix.EditDistribution(id, fix.SetOriginAccessControl("s3-site", oac.ID()))}
}

// kinds are one change of each kind.
func kinds() map[string][]fix.Change {
	out := map[string][]fix.Change{
		"distribution":      {fix.EditDistribution(id, fix.SetDefaultRootObject("index.html"), fix.AddAlias("www.example.com"))},
		"oac":               withOAC(),
		"bucket policy":     {grant()},
		"new bucket policy": {fix.EditBucketPolicy("bare", fix.GrantDistribution("bare", "", "", []string{"s3:GetObject"}, arn)...)},
		"cors":              {fix.EditBucketCORS("site", fix.AddCORSRule([]string{"*"}, []string{"GET"}, []string{"*"}, 60))},
		"web acl":           {fix.EditWebACL(aclARN, fix.SetDefaultAction("Allow"))},
		"lambda":            {fix.AddLambdaPermission("f", "eu-west-1", "", []string{arn})},
		"security group":    {fix.AllowCloudFrontInSecurityGroup("sg-1", "eu-west-1", 443, "")},
		"ownership":         {fix.SetBucketOwnership("site", "BucketOwnerEnforced", "")},
		"monitoring":        {fix.EnableMonitoringSubscription(id)},
		"alarms":            {fix.PutAlarms(fix.Monitored{DistributionID: id}.Alarms()...)},
		"load balancer":     {fix.SetLoadBalancerAttribute("arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/app/a/b", "idle_timeout.timeout_seconds", "60", "")},
		"function":          {fix.PublishFunction("f")},
		"function runtime":  {fix.SetFunctionRuntime("f", "cloudfront-js-2.0")},
		"new function":      {fix.CreateFunction("f", "it's", "function handler(e) { return e.request; }", "", "123456789012")},
		"requester pays":    {fix.SetRequestPayer("site", "BucketOwner", "Requester")},
		"alias":             {fix.MoveAlias("www.example.com", "E0", id)},
		"key group":         {fix.EditKeyGroup("kg", fix.AddPublicKey("K2"))},
		"tenant":            {fix.EditTenant("dt_1", "north.example.com", fix.Enable())},
		"connection group":  {fix.EditConnectionGroup("cg_1", fix.Enable())},
		"deployment":        {fix.EditContinuousDeployment("cd", id, fix.StopSplittingTraffic())},
		"encryption":        {fix.EditFieldLevelEncryption("fle", fix.ForwardUnknownContentType(), fix.ForwardUnknownProfile())},
		"logging":           {fix.EnableLogging(fix.Monitored{DistributionID: id, ARN: arn}, "123456789012")},
	}
	maps.Copy(out, kindsAround())
	return out
}

func (f *fake) more() {
	f.state["payment"] = map[string]any{"Payer": "Requester"}
	f.state["attributes"] = []any{map[string]any{"Key": "idle_timeout.timeout_seconds", "Value": "30"}, map[string]any{"Key": "other", "Value": "x"}}
	f.around()
	f.state["code DEVELOPMENT"], f.state["code LIVE"] = "bmV3", "b2xk"
}

// What is in development and not published would be lost, or go live unasked.
func TestRuntimeOfAFunctionWithUnpublishedChanges(t *testing.T) {
	for name, prepare := range map[string]func(f *fake){
		"code": func(f *fake) { f.state["code DEVELOPMENT"] = "bmV3" },
		"settings": func(f *fake) {
			f.state["config DEVELOPMENT"] = map[string]any{"Comment": "other", "Runtime": "cloudfront-js-1.0"}
		},
	} {
		f := newFake(t)
		f.state["code DEVELOPMENT"], f.state["code LIVE"] = "b2xk", "b2xk"
		prepare(f)
		if _, err := f.tryPrepare(fix.SetFunctionRuntime("f", "cloudfront-js-2.0")); err == nil || !strings.Contains(err.Error(), "not published") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// Every kind of change is made, read again, found made already a second time, and taken back without a trace.
func TestEveryKindThereAndBack(t *testing.T) {
	for name, changes := range kinds() {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.more()
			if name == "new function" {
				delete(f.state, "code DEVELOPMENT")
				delete(f.state, "code LIVE")
			}
			if name == "function runtime" {
				f.state["code DEVELOPMENT"] = f.state["code LIVE"]
			}
			old := f.copied()
			j := f.prepare(changes...)
			if got := f.copied(); len(f.log) > 0 || !cmp.Equal(got, old) {
				t.Fatalf("the preparation made %v", f.log)
			}
			if err := f.runner().Forward(context.Background(), j); err != nil {
				t.Fatal(err)
			}
			if cmp.Equal(f.copied(), old) {
				t.Fatal("nothing has changed")
			}
			again, err := f.tryPrepare(changes...)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range again.Moves {
				if len(m.Do) > 0 && m.Look.Call.Operation != "" {
					t.Errorf("a second time it would change %s again", m.Resource)
				}
			}
			loaded, err := Load(j.Path())
			if err != nil {
				t.Fatal(err)
			}
			runner := f.runner()
			runner.Resumed = true
			if err := runner.Back(context.Background(), loaded); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(old, f.copied()); diff != "" {
				t.Errorf("taken back, it is not what it was (-before +after):\n%s", diff)
			}
		})
	}
}

func TestJournalIsForItsOwnerAlone(t *testing.T) {
	f := newFake(t)
	j := f.prepare(grant())
	if err := f.runner().Forward(context.Background(), j); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(j.Path())
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the mode is %v (%v), want 0600", info.Mode(), err)
	}
	if err := j.Create(j.Path()); err == nil {
		t.Error("an existing file is overwritten")
	}
	if files, _ := filepath.Glob(filepath.Join(filepath.Dir(j.Path()), "*")); len(files) != 1 {
		t.Errorf("files are left: %v", files)
	}
}

// Whatever goes wrong before or at a change, the account ends up as it was, and one line says why.
func TestNothingHalfDone(t *testing.T) {
	changeDistribution := func(f *fake) {
		config := object(t, f.text("distribution")).(map[string]any)
		config["Comment"] = "somebody else's"
		f.put("distribution", config)
	}
	tests := []struct {
		name    string
		prepare func(f *fake)
		say     string
		other   bool // whether somebody else has changed something, which stays
	}{
		{"no permission to read", func(f *fake) { f.refuse["GetBucketPolicy"] = "AccessDenied" }, "AccessDenied", false},
		{"no permission to change the first", func(f *fake) { f.refuse["PutBucketPolicy"] = "AccessDenied" }, "s3:PutBucketPolicy was refused: AccessDenied", false},
		{"no permission to change the last", func(f *fake) { f.refuse["UpdateDistribution"] = "AccessDenied" }, "cloudfront:UpdateDistribution was refused", false},
		{"somebody else was faster", func(f *fake) { f.before["UpdateDistribution"] = func() { changeDistribution(f) } }, "somebody else has changed it", true},
		{"a quota that AWS knows of", func(f *fake) { f.refuse["UpdateDistribution"] = "TooManyDistributionCNAMEs" },
			"since a quota is reached (TooManyDistributionCNAMEs: no): ask for more in the Service Quotas console, or take out what is not needed; nothing is changed", false},
		{"a limit of WAF's", func(f *fake) { f.refuse["PutBucketPolicy"] = "WAFLimitsExceededException" }, "since a quota is reached (WAFLimitsExceededException", false},
		{"too many requests", func(f *fake) { f.refuse["PutBucketPolicy"] = "TooManyRequestsException" }, "s3:PutBucketPolicy was refused: TooManyRequestsException", false},
		{"a policy that is too long", func(f *fake) {
			policy := f.state["policy site"].(map[string]any)
			policy["Id"] = strings.Repeat("x", 20<<10)
		}, "S3 allows 20480", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := newFake(t)
			test.prepare(f)
			old := f.copied()
			j, err := f.tryPrepare(withOAC()...)
			if err == nil {
				err = f.runner().Forward(context.Background(), j)
			}
			if err == nil || !strings.Contains(err.Error(), test.say) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want one line with %q", err, test.say)
			}
			now := f.copied()
			if test.other {
				delete(now, "distribution")
				delete(old, "distribution")
			}
			if diff := cmp.Diff(old, now); diff != "" {
				t.Errorf("it is not what it was (-before +after):\n%s", diff)
			}
		})
	}
}

// A distribution that has as many aliases as it may gets no other: that is known before anything is tried.
func TestFullDistribution(t *testing.T) {
	f := newFake(t)
	names := make([]any, 100)
	for i := range names {
		names[i] = fmt.Sprintf("n%d.example.com", i)
	}
	f.state["distribution"].(map[string]any)["Aliases"] = map[string]any{"Quantity": 100, "Items": names}
	oac := fix.CreateOAC("site", "s3", "always")
	_, err := f.tryPrepare(grant(), oac, fix.EditDistribution(id, fix.SetOriginAccessControl("s3-site", oac.ID()), fix.AddAlias("www.example.com")))
	if err == nil || !strings.Contains(err.Error(), "it would have 101 alternate domain names") || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v", err)
	}
	if len(f.log) > 0 {
		t.Errorf("it made %v", f.log)
	}
}

// What no version guards is looked at again after a question.
func TestUnguardedIsLookedAtAgain(t *testing.T) {
	f := newFake(t)
	j := f.prepare(grant())
	f.state["policy site"].(map[string]any)["Id"] = "somebody else's"
	runner := f.runner()
	runner.Asked = true
	if err := runner.Forward(context.Background(), j); !errors.Is(err, ErrChanged) {
		t.Errorf("got %v, want that it has changed", err)
	}
	if len(f.log) > 0 {
		t.Errorf("it made %v", f.log)
	}
}

// An interrupt between two moves leaves a journal that another run goes on with, or takes back.
func TestInterrupt(t *testing.T) {
	for _, at := range []string{"PutBucketPolicy", "CreateOriginAccessControl", "UpdateDistribution"} {
		for _, way := range []string{"resume", "rollback"} {
			t.Run(at+" "+way, func(t *testing.T) {
				f := newFake(t)
				old := f.copied()
				j := f.prepare(withOAC()...)
				ctx, cancel := context.WithCancel(context.Background())
				f.before[at] = cancel
				err := f.runner().Forward(ctx, j)
				if !errors.Is(err, ErrInterrupted) {
					t.Fatalf("got %v, want it interrupted", err)
				}
				loaded, err := Load(j.Path())
				if err != nil {
					t.Fatal(err)
				}
				if made, all := loaded.Made(); made == 0 || made == all {
					t.Errorf("the journal says that %d of %d moves are made", made, all)
				}
				runner := f.runner()
				runner.Resumed = true
				if way == "rollback" {
					if err := runner.Back(context.Background(), loaded); err != nil {
						t.Fatal(err)
					}
					if diff := cmp.Diff(old, f.copied()); diff != "" {
						t.Errorf("taken back, it is not what it was:\n%s", diff)
					}
					return
				}
				if err := runner.Forward(context.Background(), loaded); err != nil {
					t.Fatal(err)
				}
				want := []string{"PutBucketPolicy", "CreateOriginAccessControl", "UpdateDistribution", "CreateInvalidation"}
				if !slices.Equal(f.log, want) {
					t.Errorf("both runs made %v, want %v", f.log, want)
				}
			})
		}
	}
}

// A run that was killed after a change and before its note is gone on with: the change is recognized.
func TestKilledBeforeTheNote(t *testing.T) {
	f := newFake(t)
	j := f.prepare(withOAC()...)
	if err := f.runner().Forward(context.Background(), j); err != nil {
		t.Fatal(err)
	}
	j.Moves[0].Made = false
	f.log = nil
	runner := f.runner()
	runner.Resumed = true
	if err := runner.Forward(context.Background(), j); err != nil || len(f.log) > 0 {
		t.Errorf("got %v, and it made %v", err, f.log)
	}
}

func TestRollbackLeavesAloneWhatHasChanged(t *testing.T) {
	f := newFake(t)
	j := f.prepare(fix.EditDistribution(id, fix.SetDefaultRootObject("index.html")))
	if err := f.runner().Forward(context.Background(), j); err != nil {
		t.Fatal(err)
	}
	f.state["distribution"].(map[string]any)["Comment"] = "later"
	old := f.copied()
	err := f.runner().Back(context.Background(), j)
	if !errors.Is(err, ErrChanged) || !cmp.Equal(old, f.copied()) {
		t.Errorf("got %v, want it refused and nothing changed", err)
	}
}

// The least calls: one read and one write a resource, one read to know what was made of it, and one that finds it deployed and as wanted.
func TestCalls(t *testing.T) {
	f := newFake(t)
	counted := &counter{API: f}
	remedy := fix.Fix{Title: "x", Changes: []fix.Change{fix.EditDistribution(id, fix.SetDefaultRootObject("index.html"))}}
	p, err := Prepare(context.Background(), remedy, id, "token", counted)
	if err != nil {
		t.Fatal(err)
	}
	runner := f.runner()
	runner.API = counted
	if err := runner.Forward(context.Background(), NewJournal("x", "", time.Unix(0, 0), p)); err != nil {
		t.Fatal(err)
	}
	want := []string{"GetDistribution", "UpdateDistribution", "GetDistribution", "GetDistribution"}
	if !slices.Equal(counted.calls, want) {
		t.Errorf("it called %v, want %v", counted.calls, want)
	}
}

// An update through types that do not know a member would take it away.
func TestMemberNewerThanTheSDK(t *testing.T) {
	for name, c := range map[string]struct {
		put    func(f *fake)
		change fix.Change
		member string
	}{
		"distribution": {
			func(f *fake) { f.state["distribution"].(map[string]any)["Quantum"] = "on" },
			fix.EditDistribution(id, fix.SetDefaultRootObject("index.html")), "/DistributionConfig/Quantum",
		},
		"in a list": {
			func(f *fake) {
				fix.Follow(f.state["distribution"], []string{"Origins", "Items", "0"}).(map[string]any)["Quantum"] = map[string]any{"Enabled": "true"}
			},
			fix.EditDistribution(id, fix.SetDefaultRootObject("index.html")), "/DistributionConfig/Origins/Items/0/Quantum",
		},
		"a statement of a web ACL": {
			func(f *fake) {
				fix.Follow(f.state["web acl"], []string{"Rules", "0", "Statement"}).(map[string]any)["QuantumStatement"] = map[string]any{"Level": 1}
			},
			fix.EditWebACL(aclARN, fix.SetDefaultAction("Allow")), "/Rules/0/Statement/QuantumStatement",
		},
		"beside what an update of a web ACL takes": {
			func(f *fake) { f.state["web acl"].(map[string]any)["Quantum"] = "on" },
			fix.EditWebACL(aclARN, fix.SetDefaultAction("Allow")), "",
		},
		"beside what an update of a tenant takes": {
			func(f *fake) { f.state["tenant"].(map[string]any)["Quantum"] = "on" },
			fix.EditTenant("dt_1", "north.example.com", fix.Enable()), "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			c.put(f)
			_, err := f.tryPrepare(c.change)
			says := "it has " + c.member + ", which this cfdoctor does not know"
			if c.member == "" {
				says = "might take away what this one does not know, which is Quantum"
			}
			if err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestLoadRefusesOtherFiles(t *testing.T) {
	name := filepath.Join(t.TempDir(), "x.json")
	for _, content := range []string{"", "{}", `{"format":"cfdoctor-bundle/v1"}`, "not JSON"} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(name); err == nil {
			t.Errorf("%q is taken for a journal", content)
		}
	}
}
