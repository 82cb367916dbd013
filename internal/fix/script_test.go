package fix

import (
	"flag"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"cfdoctor/internal/account"
)

var writeGolden = flag.Bool("write-golden", false, "write the golden scripts anew")

// cloud is an account behind a stand-in for the aws program.
type cloud struct {
	t       *testing.T
	folder  string
	version string
}

func newCloud(t *testing.T) *cloud {
	t.Helper()
	needJQ(t)
	c := &cloud{t: t, folder: t.TempDir(), version: "2.31.0"}
	if err := os.Mkdir(filepath.Join(c.folder, "bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	c.put("bin/aws", string(fixture(t, "aws.sh")))
	c.put("config.json", string(fixture(t, "distribution-config.json")))
	c.put("site.policy", string(fixture(t, "bucket-policy.json")))
	c.put("key.policy", emptyPolicy)
	c.put("acl.json", string(fixture(t, "web-acl.json")))
	c.put("update-distribution.skeleton.json", text(map[string]any{"DistributionConfig": skeleton(t)}))
	c.put("update-web-acl.skeleton.json", string(fixture(t, "web-acl.json")))
	c.put("keys.json", string(fixture(t, "key-group.json")))
	c.put("tenant.json", string(fixture(t, "tenant.json")))
	c.put("function.json", functionState("cloudfront-js-1.0"))
	c.put("oacs.json", `{"OriginAccessControlList":{"Quantity":1,"Items":[{"Id":"EOTHER","Name":"other","OriginAccessControlOriginType":"s3","SigningBehavior":"always"}]}}`)
	c.put("object.img_it's.png", `{"ContentLength":7}`)
	c.put("records.json", `[{"Name":"www.example.com.","Type":"CNAME","TTL":60,"ResourceRecords":[{"Value":"old.example.net"}]},
		{"Name":"www.example.com.","Type":"TXT","TTL":60,"ResourceRecords":[{"Value":"it's"}]},{"Name":"zzz.example.com.","Type":"A","TTL":60,"ResourceRecords":[]}]`)
	c.put("group.json", `{"SecurityGroups":[{"GroupId":"sg-1","IpPermissions":[{"IpProtocol":"tcp","FromPort":22,"ToPort":22,"IpRanges":[{"CidrIp":"192.0.2.0/24"}]}]}]}`)
	return c
}

func (c *cloud) put(name, content string) {
	c.t.Helper()
	if err := os.WriteFile(filepath.Join(c.folder, name), []byte(content), 0o755); err != nil {
		c.t.Fatal(err)
	}
}

func (c *cloud) get(name string) string {
	c.t.Helper()
	raw, err := os.ReadFile(filepath.Join(c.folder, name))
	if err != nil {
		c.t.Fatal(err)
	}
	return string(raw)
}

func (c *cloud) state(name string) any {
	c.t.Helper()
	return tree(c.t, c.get(name))
}

// changes lists the calls that changed something since the last time.
func (c *cloud) changes() string {
	raw, _ := os.ReadFile(filepath.Join(c.folder, "log"))
	_ = os.Remove(filepath.Join(c.folder, "log"))
	return strings.Join(strings.Split(strings.TrimSpace(string(raw)), "\n"), ", ")
}

func (c *cloud) run(script string) (string, error) {
	c.t.Helper()
	cmd := exec.Command("sh")
	cmd.Stdin = strings.NewReader(script)
	cmd.Env = append(os.Environ(), "PATH="+filepath.Join(c.folder, "bin")+":"+os.Getenv("PATH"), "FAKE="+c.folder, "FAKE_VERSION="+c.version, "TMPDIR="+c.t.TempDir())
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// functionState is a function of the stand-in, with code that a careless way through a shell would change.
func functionState(runtime string) string {
	stage := map[string]any{"config": map[string]any{"Comment": "it's", "Runtime": runtime, "KeyValueStoreAssociations": map[string]any{"Quantity": 0}},
		"code": "\n// it's \"$(x)\" \\n é\r\nfunction handler(e) { return e.request; }\n\n"}
	return text(map[string]any{"DEVELOPMENT": stage, "LIVE": stage})
}

// What is in development and not published stays: the script stops before it has changed anything.
func TestRuntimeScriptLeavesUnpublishedChangesAlone(t *testing.T) {
	for _, member := range []string{"code", "config"} {
		c := newCloud(t)
		state := objectOf(tree(t, functionState("cloudfront-js-1.0")))
		objectOf(state["DEVELOPMENT"])[member] = map[string]any{"code": "other", "config": map[string]any{"Comment": "other", "Runtime": "cloudfront-js-1.0"}}[member]
		c.put("function.json", text(state))
		out, err := c.run(Script(scenarios(t)["function-runtime"].fix, contextOf(t)))
		if err == nil || !strings.Contains(out, "not published") || c.changes() != "" {
			t.Errorf("%s: %v\n%s", member, err, out)
		}
	}
}

// scenario is a fix with where its outcome shows, and the calls that it may make.
type scenario struct {
	fix   Fix
	file  string // of the stand-in's state
	calls string
}

func scenarios(t *testing.T) map[string]scenario {
	t.Helper()
	oac := CreateOAC("cfdoctor-it's \"oac\"-"+distributionID, "s3", "always")
	title := "Let the distribution's $(viewers) in"
	out := map[string]scenario{
		"distribution": {Fix{Title: title, Changes: []Change{EditDistribution(distributionID, SetDefaultRootObject("index.html"), AddAlias("shop.example.com")),
			EditDistribution(distributionID, SetOriginPath(hostileOrigin, "/prod"))}, Invalidate: []string{"/*"}},
			"config.json", "cloudfront update-distribution, cloudfront create-invalidation"},
		"invalidation": {Fix{Title: title, Changes: []Change{InvalidatePaths(distributionID, "/it's new/*")}}, "config.json", "cloudfront create-invalidation"},
		"bucket-policy": {Fix{Title: title, Changes: []Change{EditBucketPolicy("site", GrantDistribution("site", "", "", []string{"s3:GetObject"}, distributionARN)...)}},
			"site.policy", "s3api put-bucket-policy"},
		"bucket-policy-new": {Fix{Title: title, Changes: []Change{EditBucketPolicy("bare", GrantDistribution("bare", "", "", []string{"s3:GetObject"}, distributionARN)...)}},
			"bare.policy", "s3api put-bucket-policy"},
		"bucket-policy-value": {Fix{Title: title, Changes: []Change{EditBucketPolicy("site", AddConditionValue("StringEquals", "AWS:SourceArn", oldARN, distributionARN))}},
			"site.policy", "s3api put-bucket-policy"},
		"oac": {Fix{Title: title, Changes: []Change{EditBucketPolicy("site", GrantDistribution("site", "", "", []string{"s3:GetObject"}, distributionARN)...),
			oac, EditDistribution(distributionID, SetOriginAccessControl("s3-site", oac.ID()))}},
			"config.json", "s3api put-bucket-policy, cloudfront create-origin-access-control, cloudfront update-distribution"},
		"web-acl": {Fix{Title: title, Changes: []Change{EditWebACL(aclARN, OverrideManagedRule("common", "SizeRestrictions_BODY"),
			AddRuleBefore("admin", AllowRule("letIn", PathStartsWith("/it's in"))))}},
			"acl.json", "wafv2 update-web-acl"},
		"lambda": {Fix{Title: title, Changes: []Change{AddLambdaPermission("thumbs", "eu-west-1", "", []string{distributionARN})}},
			"lambda.policy", "lambda add-permission, lambda add-permission"},
		"security-group": {Fix{Title: title, Changes: []Change{AllowCloudFrontInSecurityGroup("sg-1", "eu-west-1", 443, "")}},
			"group.json", "ec2 authorize-security-group-ingress"},
		"key-policy": {Fix{Title: title, Changes: []Change{EditKeyPolicy("arn:aws:kms:eu-west-1:123456789012:key/1", GrantKey(false, distributionARN)...)}},
			"key.policy", "kms put-key-policy"},
		"logging": {Fix{Title: title, Changes: []Change{EnableLogging(Monitored{DistributionID: distributionID, ARN: distributionARN}, "123456789012")}},
			"deliveries.json", "logs put-delivery-source, logs put-delivery-destination, logs create-delivery"},
		"cors": {Fix{Title: title, Changes: []Change{EditBucketCORS("site", AddCORSRule([]string{"https://app.example.com"}, []string{"GET"}, []string{"*"}, 3000))}},
			"cors.json", "s3api put-bucket-cors"},
		"function-runtime": {Fix{Title: title, Changes: []Change{SetFunctionRuntime("redirect", "cloudfront-js-2.0")}},
			"function.json", "cloudfront update-function, cloudfront publish-function"},
		"key-group": {Fix{Title: title, Changes: []Change{EditKeyGroup("kg-1", AddPublicKey("K3NEWER"))}},
			"keys.json", "cloudfront update-key-group"},
		"tenant": {Fix{Title: title, Changes: []Change{EditTenant("dt_1", "north.example.com", Enable())}},
			"tenant.json", "cloudfront update-distribution-tenant"},
	}
	maps.Copy(out, scenariosAround(title))
	return out
}

func contextOf(t *testing.T) Context {
	return Context{World: world(t), DistributionID: distributionID, ARN: distributionARN, Domain: "d111111abcdef8.cloudfront.net"}
}

// The script does what Go says the fix does, and nothing else; a second run finds nothing to do.
func TestScripts(t *testing.T) {
	for name, s := range scenarios(t) {
		t.Run(name, func(t *testing.T) {
			c := newCloud(t)
			script := Render(s.fix, contextOf(t)).Script
			golden := filepath.Join("testdata", name+".golden.sh")
			if *writeGolden {
				if err := os.WriteFile(golden, []byte(script), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if want := string(fixture(t, name+".golden.sh")); script != want {
				t.Errorf("the script is not %s any more (go test -write-golden writes it anew)", golden)
			}
			out, err := c.run(script)
			if err != nil || strings.Contains(out, "FAIL") || !strings.Contains(out, "PASS") {
				t.Fatalf("%v\n%s", err, out)
			}
			if got := c.changes(); got != s.calls {
				t.Errorf("it called %s, want %s", got, s.calls)
			}
			if want, ok := wantState(t, s); ok && !sameTree(c.state(s.file), want) {
				t.Errorf("%s differs from the effect in Go: %v", s.file, diffTrees("", "", want, c.state(s.file)))
			}
			out, err = c.run(script)
			if got := strings.ReplaceAll(c.changes(), "cloudfront create-invalidation", ""); err != nil || got != "" {
				t.Errorf("a second run (%v) called %s\n%s", err, got, out)
			}
		})
	}
}

// wantState is the state that Go makes of the fixture.
func wantState(t *testing.T, s scenario) (any, bool) {
	t.Helper()
	var doc any
	var err error
	for _, change := range combined(s.fix.Changes) {
		switch change := change.(type) {
		case DistributionEdit:
			doc, err = applyAll(tree(t, string(fixture(t, "distribution-config.json"))), change.Edits)
			doc = tree(t, strings.ReplaceAll(text(doc), "OAC_ID_FROM_THE_ANSWER", "ENEWOAC"))
			doc = tree(t, strings.NewReplacer("VPC_ORIGIN_ID_FROM_THE_ANSWER", "vo_NEW", "ID_FROM_THE_ANSWER", "NEW").Replace(text(doc)))
		case PolicyChange:
			before, _ := change.before(world(t))
			if before == nil {
				before = tree(t, emptyPolicy)
			}
			doc, err = applyAll(before, change.Edits)
		case WAFEdit:
			doc, err = applyAll(tree(t, string(fixture(t, "web-acl.json"))), change.Edits)
		case FunctionRuntime:
			doc = tree(t, functionState(change.Runtime))
		case ResourceEdit:
			answer, _ := recordedOutput(world(t), change.on.get.api().Evidence())
			doc, err = applyAll(follow(answer, change.on.path), change.Edits)
		case CORSEdit:
			doc, err = applyAll(tree(t, "{}"), change.Edits)
		case LambdaGrant:
			w := world(t)
			change.Effect(w)
			policy, _ := account.LambdaPolicy(change.Region, change.Function, "").In(w).Get()
			doc = tree(t, policy.Policy)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return doc, doc != nil
}

// Alarms and metrics are set as they are; a second time makes no difference.
func TestMonitoringScript(t *testing.T) {
	c := newCloud(t)
	out, err := c.run(Script(Monitored{DistributionID: distributionID, Functions: []string{"redirect"}}.Fix(), contextOf(t)))
	if err != nil || strings.Count(out, "PASS") != 2 {
		t.Errorf("%v\n%s", err, out)
	}
	if got := strings.Count(c.changes(), "put-metric-alarm"); got != 7 {
		t.Errorf("%d alarms", got)
	}
}

// Version 1 of the AWS CLI takes search strings as text: they arrive as they were.
func TestWebACLScriptWithVersion1(t *testing.T) {
	c := newCloud(t)
	c.version = "1.42.1"
	s := scenarios(t)["web-acl"]
	out, err := c.run(Script(s.fix, contextOf(t)))
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if want, _ := wantState(t, s); !sameTree(c.state("acl.json"), want) {
		t.Errorf("the web ACL differs: %v", diffTrees("", "", want, c.state("acl.json")))
	}
}

// What stands in the way stops a script before it has changed anything, with AWS's own words.
func TestScriptsStop(t *testing.T) {
	all := scenarios(t)
	tests := []struct {
		name, scenario, says string
		prepare              func(*cloud)
	}{
		{"access denied", "bucket-policy", "AccessDenied", func(c *cloud) { c.put("deny.get-bucket-policy", "") }},
		{"access denied later", "oac", "AccessDenied", func(c *cloud) { c.put("deny.get-distribution-config", "") }},
		{"write denied", "bucket-policy", "AccessDenied", func(c *cloud) { c.put("deny.put-bucket-policy", "") }},
		{"concurrent change", "distribution", "PreconditionFailed", func(c *cloud) { c.put("race", "") }},
		{"origin gone", "oac", "there is no Origins.Items[Id=s3-site]", func(c *cloud) { c.put("config.json", `{"Origins":{"Quantity":0}}`) }},
		{"aws program too old", "distribution", "does not know DefaultCacheBehavior.OriginRequestPolicyId, and would take that away", func(c *cloud) {
			c.put("update-distribution.skeleton.json", strings.ReplaceAll(c.get("update-distribution.skeleton.json"), "OriginRequestPolicyId", "Other"))
		}},
		{"aliases at the quota", "distribution", "more alternate domain names than there may be: CloudFront, unless the quota was raised, allows 100: ask for more", func(c *cloud) {
			c.put("config.json", manyAliases(c.t, 100))
		}},
		{"a web ACL with what nobody knows", "web-acl", "what this one does not know, which is Future", func(c *cloud) {
			c.put("acl.json", strings.Replace(c.get("acl.json"), "{", `{"Future":{"On":true},`, 1))
		}},
		{"a tenant with what nobody knows", "tenant", "what this one does not know, which is Future", func(c *cloud) {
			c.put("tenant.json", strings.Replace(c.get("tenant.json"), "{", `{"Future":"x","Unset":"","Off":false,`, 1))
		}},
		{"policy full", "bucket-policy", "20480 bytes", func(c *cloud) {
			c.put("site.policy", `{"Version":"2012-10-17","Statement":[{"Sid":"`+strings.Repeat("x", 20300)+`","Effect":"Deny"}]}`)
		}},
		{"another OAC of the name", "oac", "with other settings", func(c *cloud) {
			c.put("oacs.json", `{"OriginAccessControlList":{"Items":[`+text(map[string]any{"Id": "E1", "Name": `cfdoctor-it's "oac"-` + distributionID,
				"OriginAccessControlOriginType": "lambda", "SigningBehavior": "always"})+`]}}`)
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := newCloud(t)
			test.prepare(c)
			out, err := c.run(Script(all[test.scenario].fix, contextOf(t)))
			if err == nil || !strings.Contains(out, test.says) {
				t.Errorf("%v: want %q in\n%s", err, test.says, out)
			}
			if got := c.changes(); got != "" {
				t.Errorf("it changed something: %s", got)
			}
		})
	}
}

// The snippets do, one after another, what the script does.
func TestSnippets(t *testing.T) {
	for name, s := range scenarios(t) {
		t.Run(name, func(t *testing.T) {
			c := newCloud(t)
			for _, command := range Render(s.fix, contextOf(t)).Commands {
				if command.AWSCLI == "" {
					t.Fatalf("no command for: %s", command.Purpose)
				}
				if out, err := c.run(command.AWSCLI); err != nil {
					t.Fatalf("%v\n%s\n%s", err, command.AWSCLI, out)
				}
			}
			if want, ok := wantState(t, s); ok && !sameTree(c.state(s.file), want) {
				t.Errorf("%s: %v", s.file, diffTrees("", "", want, c.state(s.file)))
			}
		})
	}
}

// What a distribution's rollback command leaves is what was there before.
func TestRollbackOfDistribution(t *testing.T) {
	c := newCloud(t)
	s := scenarios(t)["distribution"]
	r := Render(s.fix, contextOf(t))
	for _, script := range []string{r.Script, r.Rollback[0].AWSCLI} {
		if out, err := c.run(script); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	if want := tree(t, string(fixture(t, "distribution-config.json"))); !sameTree(c.state("config.json"), want) {
		t.Errorf("left: %v", diffTrees("", "", want, c.state("config.json")))
	}
}
