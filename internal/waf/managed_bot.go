package waf

import (
	"bytes"

	"github.com/aws/aws-sdk-go-v2/service/wafv2/types"

	"cfdoctor/internal/tri"
)

// botRules is Bot Control (WAF/aws-managed-rule-groups-bot). A category blocks bots that AWS cannot verify by their
// address, so a bot's name in the User-Agent header makes a block possible, and the name of an HTTP library likely.
func botRules(configs []types.ManagedRuleGroupConfig) managedTable {
	t := managedTable{namespace: awsNamespace + "bot-control:", onEntry: (*evaluation).labelToken}
	category := func(name, label string, hints ...string) {
		t.rules = append(t.rules, managedRule{"Category" + name, "bot:category:" + label, Block, agentNode{nil, marksOf(hints...)}})
	}
	category("Advertising", "advertising", "adsbot", "mediapartners", "criteobot")
	category("Archiver", "archiver", "archive.org_bot", "ia_archiver", "heritrix")
	category("ContentFetcher", "content_fetcher", "feedfetcher", "feedly", "pocketparser", "flipboard")
	category("EmailClient", "email_client", "thunderbird", "outlook-ios", "yahoomailproxy", "googleimageproxy")
	t.rules = append(t.rules, managedRule{"CategoryHttpLibrary", "bot:category:http_library", Block, agentNode{httpLibraries, nil}})
	category("LinkChecker", "link_checker", "linkchecker", "w3c-checklink", "w3c_validator", "dead link")
	category("Miscellaneous", "miscellaneous", "crawler", "spider", "bot/", "bot;", "+http")
	category("Monitoring", "monitoring", "uptimerobot", "pingdom", "statuscake", "site24x7", "datadog", "newrelic", "checkly",
		"route 53 health", "elb-healthchecker", "zabbix", "prometheus")
	category("PagePreview", "page_preview", "slackbot", "whatsapp", "telegrambot", "discordbot", "skypeuripreview")
	category("ScrapingFramework", "scraping_framework", "scrapy", "colly", "mechanize", "crawlee")
	category("SearchEngine", "search_engine", "googlebot", "bingbot", "duckduckbot", "yandexbot", "baiduspider", "applebot", "slurp", "petalbot")
	category("Security", "security", "qualys", "nessus", "detectify", "netcraft", "censys", "shodan")
	category("Seo", "seo", "ahrefs", "semrush", "mj12bot", "dotbot", "screaming frog", "sitebulb")
	category("SocialMedia", "social_media", "facebookexternalhit", "twitterbot", "linkedinbot", "pinterest", "facebot")
	category("Webhooks", "webhooks", "github-hookshot", "stripe/", "twilioproxy", "slack-webhook")
	category("AI", "ai", "gptbot", "chatgpt", "claudebot", "ccbot", "perplexitybot", "bytespider", "amazonbot", "google-extended")
	client := hidden("what Bot Control finds out about the client is not public")
	t.rules = append(t.rules,
		managedRule{"SignalAutomatedBrowser", "signal:automated_browser", Block, agentOr{agentNode{automatedBrowsers, nil}, client}},
		managedRule{"SignalKnownBotDataCenter", "signal:known_bot_data_center", Block, client},
		managedRule{"SignalNonBrowserUserAgent", "signal:non_browser_user_agent", Block, nonBrowser{}},
	)
	if targeted(configs) {
		t.rules = append(t.rules, targetedRules(client)...)
	} else {
		t.idle = "TGT_"
	}
	return t
}

var automatedBrowsers = marksOf("headlesschrome", "phantomjs", "selenium", "puppeteer", "playwright")

var httpLibraries = marksOf("curl/", "wget/", "python-requests", "python-urllib", "python-httpx", "aiohttp", "go-http-client", "java/", "okhttp",
	"apache-httpclient", "axios", "node-fetch", "undici", "libwww-perl", "guzzlehttp", "postmanruntime", "insomnia", "httpie", "restsharp", "ruby")

func targeted(configs []types.ManagedRuleGroupConfig) bool {
	for i := range configs {
		if b := configs[i].AWSManagedRulesBotControlRuleSet; b != nil && b.InspectionLevel == types.InspectionLevelTargeted {
			return true
		}
	}
	return false
}

// targetedRules watch sessions over time and, most of them, tokens. The rules that only count are left out.
func targetedRules(client node) []managedRule {
	const prefix = "targeted:"
	return []managedRule{
		{"TGT_VolumetricIpTokenAbsent", prefix + "aggregate:volumetric:ip:token_absent", Challenge, client},
		{"TGT_VolumetricSession", prefix + "aggregate:volumetric:session:high", Captcha, client},
		{"TGT_VolumetricSessionMaximum", prefix + "aggregate:volumetric:session:maximum", Block, client},
		{"TGT_SignalAutomatedBrowser", prefix + "signal:automated_browser", Captcha, client},
		{"TGT_SignalBrowserAutomationExtension", prefix + "signal:browser_automation_extension", Captcha, client},
		{"TGT_SignalBrowserInconsistency", prefix + "signal:browser_inconsistency", Captcha, client},
		{"TGT_ML_CoordinatedActivityMedium", prefix + "aggregate:coordinated_activity:medium", Captcha, client},
		{"TGT_ML_CoordinatedActivityHigh", prefix + "aggregate:coordinated_activity:high", Captcha, client},
		{"TGT_TokenReuseIpMedium", prefix + "aggregate:volumetric:session:token_reuse:ip:medium", Captcha, client},
		{"TGT_TokenReuseIpHigh", prefix + "aggregate:volumetric:session:token_reuse:ip:high", Block, client},
	}
}

// agentOr takes the User-Agent's word first and a hidden condition otherwise.
type agentOr struct {
	agent agentNode
	other node
}

func (n agentOr) eval(e *evaluation) match {
	if m := n.agent.eval(e); m.is == tri.Unknown {
		return m
	}
	return n.other.eval(e)
}

func (n agentOr) explain(e *evaluation, is tri.Bool) string {
	if n.agent.eval(e).is == tri.Unknown {
		return n.agent.explain(e, is)
	}
	return n.other.explain(e, is)
}

// nonBrowser looks for User-Agent strings that do not seem to be a browser's; a missing one counts.
type nonBrowser struct{}

func (nonBrowser) eval(e *evaluation) match {
	agent := e.surface(onAgent)
	switch {
	case len(agent.text) == 0 || httpLibraries.in(agent) != nil:
		return probably
	case bytes.HasPrefix(agent.text, []byte("mozilla/")):
		return no
	}
	return possibly
}

func (nonBrowser) explain(e *evaluation, is tri.Bool) string {
	agent, ok := e.header("user-agent")
	switch {
	case is == tri.False:
		return "the User-Agent " + quote(agent) + " looks like a browser's"
	case !ok:
		return "the request has no User-Agent header, which the rule is documented to look for"
	}
	return "the User-Agent " + quote(agent) + " does not look like a browser's; the exact condition is not public"
}
