package waf

import (
	"strings"

	"cfdoctor/internal/tri"
)

// badInputRules is the known bad inputs rule group (WAF/aws-managed-rule-groups-baseline). The condition on the method
// is exact.
func (c *compiler) badInputRules() managedTable {
	java := func(on surfaceKind) node { return &traceNode{on, javaExamples, javaHints} }
	log4j := func(on surfaceKind) node { return &traceNode{on, log4jExamples, log4jHints} }
	return managedTable{namespace: awsNamespace + "known-bad-inputs:", rules: []managedRule{
		{"JavaDeserializationRCE_HEADER", "JavaDeserializationRCE_Header", Block, java(onHeaders)},
		{"JavaDeserializationRCE_BODY", "JavaDeserializationRCE_Body", Block, java(onBody)},
		{"JavaDeserializationRCE_URIPATH", "JavaDeserializationRCE_URIPath", Block, java(onPath)},
		{"JavaDeserializationRCE_QUERYSTRING", "JavaDeserializationRCE_QueryString", Block, java(onQuery)},
		{"Host_localhost_HEADER", "Host_Localhost_Header", Block, localHost{}},
		{"PROPFIND_METHOD", "Propfind_Method", Block, propfind{}},
		{"ExploitablePaths_URIPATH", "ExploitablePaths_URIPath", Block, &traceNode{onPath, pathExamples, pathHints}},
		{"Log4JRCE_HEADER", "Log4JRCE_Header", Block, log4j(onHeaders)},
		{"Log4JRCE_QUERYSTRING", "Log4JRCE_QueryString", Block, log4j(onQuery)},
		{"Log4JRCE_BODY", "Log4JRCE_Body", Block, log4j(onBody)},
		{"Log4JRCE_URIPATH", "Log4JRCE_URIPath", Block, log4j(onPath)},
		{"ReactJSRCE_BODY", "ReactJSRCE_Body", Block, &traceNode{onBody, nil, reactHints}},
	}}
}

var (
	javaExamples  = marksOf("java.lang.runtime", "getruntime()")
	javaHints     = marksOf("java.lang", "java.util", "classloader", "class.module", "processbuilder", "ro0ab", "aced0005", "routing-expression")
	log4jExamples = marksOf("${jndi:")
	log4jHints    = marksOf("${", "jndi:")
	pathExamples  = marksOf("web-inf")
	pathHints     = marksOf("/.git", "/.env", "/.svn", "/.aws", "/.ssh", "/.hg", "/.ds_store", "meta-inf", "wp-config", "phpinfo", "/cgi-bin",
		"/actuator", "/server-status", "jmx-console", "web-console", "/manager/html", "phpunit", "/etc/passwd", "/_ignition", "/solr/admin")
	reactHints = marksOf("__proto__", "constructor:", "process.mainmodule", "child_process", "$@")
)

type propfind struct{}

func (propfind) eval(e *evaluation) match { return match{is: tri.Of(e.req.Method == "PROPFIND")} }

func (propfind) explain(e *evaluation, is tri.Bool) string {
	if is == tri.True {
		return "the method is PROPFIND"
	}
	return "the method is not PROPFIND"
}

// localHost looks at the Host header. AWS names localhost as an example of its patterns.
type localHost struct{}

func (localHost) eval(e *evaluation) match {
	host, _ := e.header("host")
	switch {
	case containsFold(host, "localhost"):
		return probably
	case strings.HasPrefix(host, "127.") || strings.HasPrefix(host, "[::1]") || strings.HasPrefix(host, "0.0.0.0"):
		return possibly
	}
	return no
}

func (localHost) explain(e *evaluation, is tri.Bool) string {
	host, _ := e.header("host")
	if is == tri.False {
		return "the Host header does not name this machine itself"
	}
	return "the Host header is " + quote(host) + "; AWS names localhost as an example, the exact pattern is not public"
}
