package waf

import (
	"bytes"

	"cfdoctor/internal/tri"
)

// commonRules is the core rule set (WAF/aws-managed-rule-groups-baseline). The documented conditions on size, and
// that on a missing User-Agent header, are exact.
func (c *compiler) commonRules() managedTable {
	ssrf := func(on surfaceKind) node { return &traceNode{on, metadataExamples, metadataHints} }
	lfi := func(on surfaceKind) node { return &traceNode{on, traversalExamples, traversalHints} }
	xss := func(kind fieldKind) node { return c.inspectManaged(kind, xssTest{}) }
	return managedTable{namespace: awsNamespace + "core-rule-set:", rules: []managedRule{
		{"NoUserAgent_HEADER", "NoUserAgent_Header", Block, noUserAgent{}},
		{"UserAgent_BadBots_HEADER", "BadBots_Header", Block, agentNode{badBotExamples, badBotHints}},
		{"SizeRestrictions_QUERYSTRING", "SizeRestrictions_QueryString", Block, c.larger(fieldSpec{kind: fieldQuery}, 2048)},
		{"SizeRestrictions_Cookie_HEADER", "SizeRestrictions_Cookie_Header", Block, c.larger(fieldSpec{kind: fieldHeader, name: "cookie"}, 10240)},
		{"SizeRestrictions_BODY", "SizeRestrictions_Body", Block, c.larger(fieldSpec{kind: fieldBody}, 8192)},
		{"SizeRestrictions_URIPATH", "SizeRestrictions_URIPath", Block, c.larger(fieldSpec{kind: fieldPath}, 1024)},
		{"EC2MetaDataSSRF_BODY", "EC2MetaDataSSRF_Body", Block, ssrf(onBody)},
		{"EC2MetaDataSSRF_COOKIE", "EC2MetaDataSSRF_Cookie", Block, ssrf(onCookies)},
		{"EC2MetaDataSSRF_URIPATH", "EC2MetaDataSSRF_URIPath", Block, ssrf(onPath)},
		{"EC2MetaDataSSRF_QUERYARGUMENTS", "EC2MetaDataSSRF_QueryArguments", Block, ssrf(onQuery)},
		{"GenericLFI_QUERYARGUMENTS", "GenericLFI_QueryArguments", Block, lfi(onQuery)},
		{"GenericLFI_URIPATH", "GenericLFI_URIPath", Block, lfi(onPath)},
		{"GenericLFI_BODY", "GenericLFI_Body", Block, lfi(onBody)},
		{"RestrictedExtensions_URIPATH", "RestrictedExtensions_URIPath", Block, extensionNode{onPath}},
		{"RestrictedExtensions_QUERYARGUMENTS", "RestrictedExtensions_QueryArguments", Block, extensionNode{onQuery}},
		{"GenericRFI_QUERYARGUMENTS", "GenericRFI_QueryArguments", Block, remoteFileNode{onQuery}},
		{"GenericRFI_BODY", "GenericRFI_Body", Block, remoteFileNode{onBody}},
		{"GenericRFI_URIPATH", "GenericRFI_URIPath", Block, remoteFileNode{onPath}},
		{"CrossSiteScripting_COOKIE", "CrossSiteScripting_Cookie", Block, xss(fieldCookies)},
		{"CrossSiteScripting_QUERYARGUMENTS", "CrossSiteScripting_QueryArguments", Block, xss(fieldArguments)},
		{"CrossSiteScripting_BODY", "CrossSiteScripting_Body", Block, xss(fieldBody)},
		{"CrossSiteScripting_URIPATH", "CrossSiteScripting_URIPath", Block, xss(fieldPath)},
	}}
}

var (
	// Localhost URLs, as in redirect_uri=http://localhost:3000, are the well-known false positives.
	metadataExamples  = marksOf("169.254.169.254", "latest/meta-data", "://localhost", "://127.0.0.1")
	metadataHints     = marksOf("169.254.", "metadata.google", "fd00:ec2", "instance-data", "2852039166", "0xa9fe", "://[::1]", "localhost")
	traversalExamples = marksOf("../../", `..\..\`)
	traversalHints    = marksOf("../", `..\`, "/etc/passwd", "/proc/self", "boot.ini", "win.ini", "file://")
	badBotExamples    = marksOf("nessus", "nmap")
	badBotHints       = marksOf("sqlmap", "nikto", "masscan", "zgrab", "acunetix", "dirbuster", "gobuster", "wpscan", "openvas",
		"netsparker", "havij", "jorgee", "nuclei", "arachni", "w3af", "whatweb")
)

// noUserAgent matches requests without the header.
type noUserAgent struct{}

func (noUserAgent) eval(e *evaluation) match {
	_, ok := e.header("user-agent")
	return match{is: tri.Of(!ok)}
}

func (noUserAgent) explain(_ *evaluation, is tri.Bool) string {
	if is == tri.True {
		return "the request has no User-Agent header"
	}
	return "the request has a User-Agent header"
}

// agentNode looks for names in the User-Agent header.
type agentNode struct{ examples, hints marks }

func (n agentNode) eval(e *evaluation) match {
	agent := e.surface(onAgent)
	switch {
	case len(agent.text) == 0:
		return no
	case n.examples.in(agent) != nil:
		return probably
	case n.hints.in(agent) != nil:
		return possibly
	}
	return no
}

func (n agentNode) explain(e *evaluation, is tri.Bool) string {
	agent, _ := e.header("user-agent")
	if is == tri.False {
		return "the User-Agent " + quote(agent) + " is none of those the rule is about"
	}
	return "the User-Agent " + quote(agent) + " is of the kind that the rule is about; its exact list is not public"
}

// extensionNode looks for file extensions that are unsafe to read or run. AWS names .log and .ini; the others are those
// that rule sets of this kind commonly restrict.
type extensionNode struct{ on surfaceKind }

func (n extensionNode) eval(e *evaluation) match {
	s, out := e.surface(n.on), no
	for at := 0; ; {
		ext, next, more := nextExtension(s.text, at)
		if !more {
			return out
		}
		switch ext {
		case "log", "ini":
			return probably
		default:
			if restricted(ext) {
				out = possibly
			}
		}
		at = next
	}
}

func restricted(ext string) bool {
	switch ext {
	case "asa", "asax", "ascx", "axd", "backup", "bak", "bat", "cdx", "cer", "cfg", "cmd", "conf", "config", "cs", "csproj",
		"csr", "dat", "db", "dbf", "dll", "dos", "env", "exe", "htaccess", "htpasswd", "htr", "htw", "ida", "idc", "idq", "inc",
		"key", "licx", "lnk", "mdb", "old", "orig", "ost", "pass", "pdb", "pem", "pol", "printer", "pst", "pwd", "rdb",
		"resources", "resx", "sh", "sql", "sqlite", "swp", "sys", "vb", "vbproj", "vbs", "vsdisco", "webinfo", "xsx":
		return true
	}
	return false
}

// nextExtension finds the next dot followed by letters or digits up to a separator.
func nextExtension(text []byte, at int) (ext string, next int, more bool) {
	i := bytes.IndexByte(text[at:], '.')
	if i < 0 {
		return "", 0, false
	}
	start := at + i + 1
	end := start
	for end < len(text) && isWord(text[end]) {
		end++
	}
	if end < len(text) && bytes.IndexByte([]byte("-.@"), text[end]) >= 0 {
		return "", end, true
	}
	return string(text[start:end]), end, true
}

func (n extensionNode) explain(_ *evaluation, is tri.Bool) string {
	if is == tri.False {
		return surfaceNames[n.on] + " has no restricted file extension"
	}
	return surfaceNames[n.on] + " has a file extension that is commonly restricted; AWS names .log and .ini, the whole list is not public"
}

// remoteFileNode looks for URLs with an IPv4 address as host.
type remoteFileNode struct{ on surfaceKind }

func (n remoteFileNode) eval(e *evaluation) match {
	s := e.surface(n.on)
	switch text := s.text; {
	case hasAddressURL(text):
		return probably
	case bytes.Contains(text, []byte("file://")):
		return possibly
	case s.partial:
		return weakly
	}
	return no
}

func hasAddressURL(text []byte) bool {
	for {
		i := bytes.Index(text, []byte("://"))
		if i < 0 {
			return false
		}
		text = text[i+3:]
		dots, digits := 0, 0
		for _, c := range text[:min(len(text), len("255.255.255.255"))] {
			if c == '.' && digits > 0 {
				dots, digits = dots+1, 0
			} else if '0' <= c && c <= '9' {
				digits++
			} else {
				break
			}
		}
		if dots == 3 && digits > 0 {
			return true
		}
	}
}

func (n remoteFileNode) explain(e *evaluation, is tri.Bool) string {
	switch {
	case is == tri.False:
		return surfaceNames[n.on] + " has no URL with an IPv4 address as host"
	case hasAddressURL(e.surface(n.on).text):
		return surfaceNames[n.on] + " contains a URL with an IPv4 address as host, as AWS describes; the exact pattern is not public"
	case e.surface(n.on).partial:
		return becauseContent
	}
	return surfaceNames[n.on] + " contains a file:// URL, and the rule's exact pattern is not public"
}
