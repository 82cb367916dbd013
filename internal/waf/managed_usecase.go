package waf

// The use-case specific rule groups and the admin protection group (WAF/aws-managed-rule-groups-use-case,
// WAF/aws-managed-rule-groups-baseline). Of all their rules AWS publishes examples, not the patterns. Marks are chosen
// so that the headers of ordinary browsers have none.

func (c *compiler) adminRules() managedTable {
	return managedTable{namespace: awsNamespace + "admin-protection:", rules: []managedRule{
		{"AdminProtection_URIPATH", "AdminProtection_URIPath", Block, &traceNode{onPath, marksOf("sqlmanager"),
			marksOf("admin", "/manager", "phpmyadmin", "myadmin", "cpanel", "webmin", "/pma", "/mysql", "/console", "/wp-login")}},
	}}
}

// sqlRules has two families: the built-in SQL injection statement at low sensitivity, and extended patterns of which
// nothing is published.
func (c *compiler) sqlRules() managedTable {
	sqli := func(kind fieldKind) node { return c.inspectManaged(kind, sqliTest{}) }
	extended := func(on surfaceKind) node { return &traceNode{on, nil, sqlHints} }
	return managedTable{namespace: awsNamespace + "sql-database:", rules: []managedRule{
		{"SQLi_QUERYARGUMENTS", "SQLi_QueryArguments", Block, sqli(fieldArguments)},
		{"SQLiExtendedPatterns_QUERYARGUMENTS", "SQLiExtendedPatterns_QueryArguments", Block, extended(onQuery)},
		{"SQLi_BODY", "SQLi_Body", Block, sqli(fieldBody)},
		{"SQLiExtendedPatterns_BODY", "SQLiExtendedPatterns_Body", Block, extended(onBody)},
		{"SQLiExtendedPatterns_HEADER", "SQLiExtendedPatterns_Header", Block, extended(onHeaders)},
		{"SQLi_COOKIE", "SQLi_Cookie", Block, sqli(fieldCookies)},
		{"SQLi_URIPATH", "SQLi_URIPath", Block, sqli(fieldPath)},
		{"SQLiExtendedPatterns_URIPATH", "SQLiExtendedPatterns_URIPath", Block, extended(onPath)},
	}}
}

var sqlHints = marksOf("union select", "union all", "union+", "select*", "information_schema", "sleep(", "benchmark(", "waitfor delay",
	"pg_sleep", "xp_cmdshell", "load_file", "into outfile", "' or ", "'or'", "' and ", "or 1=1", "or+1=1", "'--", "';", "drop table",
	"insert into", "delete from")

func (c *compiler) linuxRules() managedTable {
	lfi := func(on surfaceKind) node { return &traceNode{on, linuxExamples, linuxHints} }
	return managedTable{namespace: awsNamespace + "linux-os:", rules: []managedRule{
		{"LFI_URIPATH", "LFI_URIPath", Block, lfi(onPath)},
		{"LFI_QUERYSTRING", "LFI_QueryString", Block, lfi(onQuery)},
		{"LFI_HEADER", "LFI_Header", Block, lfi(onHeaders)},
	}}
}

func (c *compiler) unixRules() managedTable {
	on := func(on surfaceKind, hints marks) node { return &traceNode{on, shellExamples, hints} }
	return managedTable{namespace: awsNamespace + "posix-os:", rules: []managedRule{
		{"UNIXShellCommandsVariables_QUERYARGUMENTS", "UNIXShellCommandsVariables_QUERYARGUMENTS", Block, on(onQuery, shellHints)},
		{"UNIXShellCommandsVariables_QUERYSTRING", "UNIXShellCommandsVariables_QUERYSTRING", Block, on(onQuery, shellHints)},
		{"UNIXShellCommandsVariables_BODY", "UNIXShellCommandsVariables_BODY", Block, on(onBody, shellHints)},
		{"UNIXShellCommandsVariables_HEADER", "UNIXShellCommandsVariables_HEADER", Block, on(onHeaders, shellHints)},
	}}
}

var (
	linuxExamples = marksOf("/proc/version")
	linuxHints    = marksOf("/proc/", "/etc/", "/sys/", "/dev/", "/var/log", "/root/", "/boot/", "/usr/", "/.ssh", ".bash_history", ".bashrc", "../")
	shellExamples = marksOf("echo $home", "echo $path")
	shellHints    = marksOf("$(", "`", "$home", "$path", "${", "/bin/", "/etc/", "|cat", ";cat ", "| ", "&& ", "() {", "../")
)

func (c *compiler) windowsRules() managedTable {
	cmd := func(on surfaceKind) node { return &traceNode{on, windowsExamples, windowsHints} }
	power := func(on surfaceKind) node { return &traceNode{on, powerExamples, powerHints} }
	return managedTable{namespace: awsNamespace + "windows-os:", rules: []managedRule{
		{"WindowsShellCommands_COOKIE", "WindowsShellCommands_Cookie", Block, cmd(onCookies)},
		{"WindowsShellCommands_HEADER", "WindowsShellCommands_Header", Block, cmd(onHeaders)},
		{"WindowsShellCommands_QUERYARGUMENTS", "WindowsShellCommands_QueryArguments", Block, cmd(onQuery)},
		{"WindowsShellCommands_QUERYSTRING", "WindowsShellCommands_QueryString", Block, cmd(onQuery)},
		{"WindowsShellCommands_URIPATH", "WindowsShellCommands_URIPath", Block, cmd(onPath)},
		{"WindowsShellCommands_BODY", "WindowsShellCommands_Body", Block, cmd(onBody)},
		{"PowerShellCommands_COOKIE", "PowerShellCommands_Cookie", Block, power(onCookies)},
		{"PowerShellCommands_HEADER", "PowerShellCommands_Header", Block, power(onHeaders)},
		{"PowerShellCommands_QUERYARGUMENTS", "PowerShellCommands_QueryArguments", Block, power(onQuery)},
		{"PowerShellCommands_QUERYSTRING", "PowerShellCommands_QueryString", Block, power(onQuery)},
		{"PowerShellCommands_URIPATH", "PowerShellCommands_URIPath", Block, power(onPath)},
		{"PowerShellCommands_BODY", "PowerShellCommands_Body", Block, power(onBody)},
	}}
}

var (
	windowsExamples = marksOf("||nslookup", ";cmd")
	windowsHints    = marksOf("||", "|cmd", "&cmd", "cmd.exe", "cmd /c", "cmd+/c", "nslookup", "%systemroot%", `c:\windows`, "|dir", "net user")
	powerExamples   = marksOf("invoke-expression")
	powerHints      = marksOf("powershell", "invoke-", "encodedcommand", "downloadstring", "new-object", "get-childitem", "start-process")
)

func (c *compiler) phpRules() managedTable {
	php := func(on surfaceKind) node { return &traceNode{on, phpExamples, phpHints} }
	return managedTable{namespace: awsNamespace + "php-app:", rules: []managedRule{
		{"PHPHighRiskMethodsVariables_HEADER", "PHPHighRiskMethodsVariables_Header", Block, php(onHeaders)},
		{"PHPHighRiskMethodsVariables_QUERYSTRING", "PHPHighRiskMethodsVariables_QueryString", Block, php(onQuery)},
		{"PHPHighRiskMethodsVariables_BODY", "PHPHighRiskMethodsVariables_Body", Block, php(onBody)},
		{"PHPHighRiskMethodsVariables_URIPATH", "PHPHighRiskMethodsVariables_URIPath", Block, php(onPath)},
	}}
}

var (
	phpExamples = marksOf("fsockopen", "$_get")
	phpHints    = marksOf("$_", "<?php", "<?=", "eval(", "system(", "exec(", "passthru", "base64_decode", "php://", "phpinfo",
		"call_user_func", "file_get_contents", "$globals")
)

func (c *compiler) wordPressRules() managedTable {
	return managedTable{namespace: awsNamespace + "wordpress-app:", rules: []managedRule{
		{"WordPressExploitableCommands_QUERYSTRING", "WordPressExploitableCommands_QUERYSTRING", Block,
			&traceNode{onQuery, marksOf("do-reset-wordpress"), marksOf("wordpress", "wp-", "wp_", "revslider", "duplicator")}},
		{"WordPressExploitablePaths_URIPATH", "WordPressExploitablePaths_URIPATH", Block,
			&traceNode{onPath, marksOf("xmlrpc.php"),
				marksOf("wp-config", "wp-cron", "wp-trackback", "install.php", "/wp-includes/", "readme.html", "license.txt")}},
	}}
}
