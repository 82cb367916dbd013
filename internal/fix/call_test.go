package fix

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// pythonString reads the argument of call_aws(cli_command="…") as Python does.
func pythonString(call string) (string, bool) {
	inner, ok := strings.CutPrefix(call, `call_aws(cli_command="`)
	inner, closed := strings.CutSuffix(inner, `")`)
	var b strings.Builder
	for i := 0; i < len(inner); i++ {
		if inner[i] == '"' {
			return "", false
		}
		if inner[i] == '\\' {
			i++
			if i == len(inner) || inner[i] != '\\' && inner[i] != '"' {
				return "", false
			}
		}
		b.WriteByte(inner[i])
	}
	return b.String(), ok && closed
}

// words are the words of a call_aws command; it must be one command, with nothing in it that only a shell understands.
func words(t *testing.T, call string) []string {
	t.Helper()
	command, ok := pythonString(call)
	if !ok {
		t.Fatalf("not a Python string: %s", call)
	}
	if err := checkPlain(command); err != nil {
		t.Errorf("%v", err)
	}
	words, ok := shlex(command)
	if !ok || len(words) < 3 || words[0] != "aws" {
		t.Fatalf("not one aws command: %s", command)
	}
	for _, word := range words {
		if strings.HasPrefix(word, "file://") || strings.HasPrefix(word, "fileb://") || strings.Contains("|| && ; > < | &", word) {
			t.Errorf("%q is for a shell: %s", word, command)
		}
	}
	return words
}

// All call_aws commands are single commands; those that write a distribution or a policy carry the whole of what Go makes of it.
func TestCallAWS(t *testing.T) {
	all := scenarios(t)
	all["monitoring"] = scenario{fix: Monitored{DistributionID: distributionID, Functions: []string{"f"}, Topic: "arn:aws:sns:us-east-1:1:ops"}.Fix()}
	all["rest"] = scenario{fix: Fix{Changes: rest()}}
	for name, s := range all {
		t.Run(name, func(t *testing.T) {
			r := Render(s.fix, contextOf(t))
			for _, command := range r.Rollback {
				if command.CallAWS != "" {
					words(t, command.CallAWS)
				}
			}
			want, known := wantState(t, s)
			for _, command := range r.Commands {
				if command.CallAWS == "" {
					continue
				}
				w := words(t, command.CallAWS)
				i := slices.IndexFunc(w, func(word string) bool { return wroteTo[word] != "" && strings.HasSuffix(s.file, wroteTo[word]) })
				if !known || i < 0 {
					continue
				}
				if doc := tree(t, strings.ReplaceAll(w[i+1], "OAC_ID_FROM_THE_ANSWER", "ENEWOAC")); !sameTree(doc, want) {
					t.Errorf("%s is not the whole: %v", w[i], diffTrees("", "", want, doc))
				}
			}
			for _, check := range r.Verification {
				words(t, check.CallAWS)
				if check.Expect == "" || check.AWSCLI == "" {
					t.Errorf("nothing is expected of: %s", check.Purpose)
				}
			}
		})
	}
}

// wroteTo is the stand-in's file that an option's value is the whole of.
var wroteTo = map[string]string{"--policy": ".policy", "--distribution-config": "config.json", "--key-group-config": "keys.json"}

// rest are the changes that no scenario runs.
func rest() []Change {
	balancer := "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/web/0123456789abcdef"
	return append(around(), []Change{
		SetBucketOwnership("site", "BucketOwnerEnforced", "ObjectWriter"), SetLoadBalancerAttribute(balancer, "idle_timeout.timeout_seconds", "60", "30"),
		SetRequestPayer("site", "BucketOwner", "Requester"), CreateFunction("index", "it's", "function handler(e) { return e.request; } // it's", "", "123456789012"),
		InvalidatePaths(distributionID, "/it's*"), PublishFunction("redirect"), EnableLogging(Monitored{DistributionID: distributionID, ARN: distributionARN}, "123456789012"),
		EditBucketCORS("site", AddCORSRule([]string{"https://app.example.com"}, []string{"GET", "HEAD"}, []string{"*"}, 3000)),
		EditMediaStorePolicy("eu-west-1", "c", GrantMedia([]string{"mediastore:GetObject"}, "arn:aws:mediastore:eu-west-1:1:container/c/*", distributionARN)...),
		EditMediaPackagePolicy("eu-west-1", "g", "c", "e", GrantMedia([]string{"mediapackagev2:GetObject"}, "arn:aws:mediapackagev2:eu-west-1:1:channelGroup/g/channel/c/originEndpoint/e", distributionARN)...),
		MoveAlias("shop.example.com", "E0", distributionID),
		EditContinuousDeployment("cd-1", distributionID, StopSplittingTraffic()), EditConnectionGroup("cg_1", Enable()),
		EditFieldLevelEncryption("FLE1", ForwardUnknownContentType(), ForwardUnknownProfile()),
		EditIPSet("arn:aws:wafv2:us-east-1:1:global/ipset/office/2", AddAddress("192.0.2.7/32")),
	}...)
}

// Every form of every change is shell that a shell can read.
func TestShellParses(t *testing.T) {
	all := scenarios(t)
	all["rest"] = scenario{fix: Fix{Title: "x", Changes: rest(), Invalidate: []string{"/a b"}}}
	all["monitoring"] = scenario{fix: Monitored{DistributionID: distributionID}.Fix()}
	for name, s := range all {
		r := Render(s.fix, contextOf(t))
		if r.Script == "" {
			t.Errorf("%s has no script", name)
		}
		scripts := []string{r.Script}
		for _, command := range append(r.Commands, r.Rollback...) {
			scripts = append(scripts, command.AWSCLI)
		}
		for _, check := range r.Verification {
			scripts = append(scripts, check.AWSCLI)
		}
		for _, script := range scripts {
			cmd := exec.Command("sh", "-n")
			cmd.Stdin = strings.NewReader(script)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%s: %s\n%s", name, out, script)
			}
		}
	}
}

// Names that would not stay themselves in a shell or a terminal leave a fix without commands, and with the reason.
func TestUnprintableNamesAreRefused(t *testing.T) {
	for _, bad := range []string{"a\nb", "\x1b[2Ja", "file:///etc/passwd", "a\u202eb"} {
		for _, change := range []Change{
			EditBucketPolicy(bad, GrantDistribution("site", "", "", []string{"s3:GetObject"}, distributionARN)...),
			AddLambdaPermission(bad, "eu-west-1", "", []string{distributionARN}), AllowCloudFrontInSecurityGroup(bad, "eu-west-1", 443, ""),
			PublishFunction(bad), SetFunctionRuntime(bad, "cloudfront-js-2.0"), InvalidatePaths(bad, "/*"), EditKeyGroup(bad, AddPublicKey("K1")), EditTenant("dt_1", bad, Enable()),
		} {
			r := Render(Fix{Title: bad, Changes: []Change{change}}, contextOf(t))
			if r.Script != "" {
				t.Errorf("%q: there is a script:\n%s", bad, r.Script)
			}
			for _, command := range r.Commands {
				if command.Mutates && (command.AWSCLI != "" || command.CallAWS != "") {
					t.Errorf("%q: there is a command: %s %s", bad, command.AWSCLI, command.CallAWS)
				}
			}
			all := strings.Join(r.Console, " ")
			if !strings.Contains(all, "There are no commands") || checkPlain(all) != nil {
				t.Errorf("%q: the Console steps are %q", bad, r.Console)
			}
		}
	}
	// Inside JSON the same names do no harm: they are escaped.
	r := Render(Fix{Title: "x", Changes: []Change{EditDistribution(distributionID, SetDefaultRootObject("a\n\x1bb\u202e"))}}, contextOf(t))
	if r.Script == "" || checkPlain(strings.ReplaceAll(r.Script, "\n", "")) != nil {
		t.Errorf("the value in JSON is not escaped:\n%s", r.Script)
	}
	if !strings.Contains(r.Script, `a\n\u001bb\u202e`) {
		t.Errorf("the value is lost:\n%s", r.Script)
	}
}

func TestFixWithoutScript(t *testing.T) {
	change := EditDistribution(distributionID, SetEnabled(true))
	if Script(Fix{Title: "x"}, contextOf(t)) != "" {
		t.Error("a fix without changes has a script")
	}
	if Script(Fix{Title: "x", Changes: []Change{change}, Inputs: []string{"the certificate"}}, contextOf(t)) != "" {
		t.Error("a fix that needs a person's value has a script")
	}
	r := Render(Fix{Title: "x", Manual: []string{"Ask the owner"}}, Context{})
	if len(r.Console) != 1 || r.Console[0] != "1. Ask the owner" {
		t.Errorf("the Console steps are %q", r.Console)
	}
}
