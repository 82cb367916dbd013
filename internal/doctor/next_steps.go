package doctor

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
	"cfdoctor/internal/report"
	"cfdoctor/internal/request"
)

// nextSteps says what to do in the situations that a diagnosis leaves open. Where nothing explains the symptom, what to look at for that comes
// first.
func nextSteps(m *edge.Model, q Question, result cause.Result, shown *cause.Pass) []report.NextStep {
	a := &adviser{m: m, q: q, shown: shown, now: m.World.Now.UTC(), origin: originOf(m, shown), done: map[string]bool{}}
	explained := slices.ContainsFunc(result.Findings, func(f cause.Finding) bool { return f.Explains })
	if !explained && (q.Code != 0 || fails(shown.Trace.Outcome)) {
		a.unexplained()
	}
	a.whoAsks(result)
	if len(result.Findings) > 0 {
		a.afterFix()
	}
	a.whoAnswers()
	a.someViewers()
	a.readLogs()
	a.askOrigin()
	a.firewall()
	a.functions()
	a.metrics()
	a.changes()
	a.permissions(result)
	return a.steps
}

func fails(o edge.Outcome) bool { return o.Status >= 400 || o.NoHTTP }

// adviser gathers the next steps.
type adviser struct {
	m      *edge.Model
	q      Question
	shown  *cause.Pass
	now    time.Time
	origin *edge.Origin    // that the request leads to; nil where none is known
	done   map[string]bool // topics that have had their commands
	steps  []report.NextStep
}

// step adds a situation with its commands; without commands it is left out.
func (a *adviser) step(scenario string, commands ...[]report.Command) {
	if all := slices.Concat(commands...); len(all) > 0 {
		a.steps = append(a.steps, report.NextStep{Scenario: scenario, Commands: all})
	}
}

// once adds a step whose topic was not covered yet.
func (a *adviser) once(topic, scenario string, commands ...[]report.Command) {
	if !a.done[topic] {
		a.done[topic] = true
		a.step(scenario, commands...)
	}
}

// originOf is the origin that the request leads to, also where something answers before it.
func originOf(m *edge.Model, shown *cause.Pass) *edge.Origin {
	if o := shown.Trace.Origin; o != nil {
		return o
	}
	b := shown.Trace.Behavior
	if b == nil {
		b = m.BehaviorFor(shown.Request.Path)
	}
	for _, o := range m.Origins {
		if b != nil && slices.Contains(behaviorsTo(m, o), b) {
			return o
		}
	}
	return nil
}

// unexplained says what the simulation gives instead of what the viewer sees, and then how to find out about each thing that could make the
// difference.
func (a *adviser) unexplained() {
	outcome := a.shown.Trace.Outcome
	predicted := "by this configuration the request is " + outcomeWords(outcome)
	if !fails(outcome) || outcome.Status != a.q.Code {
		a.once("who", "Nothing that was read explains the "+a.seen()+": "+predicted+". So look first at who really answers (the headers Server, Via, X-Cache and X-Amz-Cf-Id)", a.curl())
	} else {
		a.once("who", "The simulation gives the "+a.seen()+" too, and no known cause accounts for it. Look at the answer itself", a.curl())
	}
	told := 0
	for _, weak := range []bool{false, true} {
		for _, alternative := range a.shown.Trace.Alternatives {
			if alternative.Weak != weak || alternative.If == "" || told == maxAlternatives || a.q.Code != 0 && alternative.Status != a.q.Code && alternative.Status != 0 {
				continue
			}
			topic, commands := a.about(alternative.Stage)
			if a.done[topic] {
				continue
			}
			told++
			a.once(topic, "It would be explained if "+alternative.If+". To find out", commands)
		}
	}
	if a.q.Code >= 400 && !fails(outcome) {
		_, commands := a.about("cache-lookup")
		a.once("cache", "If the error is older than its remedy: CloudFront keeps errors for a while", commands)
	}
}

// maxAlternatives bounds how many possible explanations get a step of their own.
const maxAlternatives = 3

// seen names what the viewer sees.
func (a *adviser) seen() string {
	if a.q.Code != 0 {
		return strconv.Itoa(a.q.Code)
	}
	return "failure"
}

// about returns the commands that tell about a stage, and their topic.
func (a *adviser) about(stage string) (topic string, commands []report.Command) {
	switch {
	case stage == "web-acl":
		return "firewall", a.sampledRequests()
	case strings.Contains(stage, "function"):
		return "functions", a.testFunctions()
	case stage == "cache-lookup" || stage == "error-caching":
		return "cache", append(a.curlTo("Send the request twice: with X-Cache Hit or Error and an Age, the answer comes from the cache"), a.invalidate()...)
	case stage == "geo-restriction":
		return "geo", awsCommand("cloudfront", "get-distribution-config").opt("id", a.m.ID()).opt("query", "DistributionConfig.Restrictions").
			to("Show the countries; which one a viewer is in tells the access log's field c-country")
	case stage == "viewer-dns" || stage == "viewer-connection":
		return "viewers", a.viewerChecks()
	case strings.HasPrefix(stage, "origin-"):
		return "origin", a.originChecks()
	}
	return "logs", a.logCommands()
}

func (a *adviser) afterFix() {
	a.step("If the error stays after the fix: wait until the change is deployed, drop cached errors, and try again",
		awsCommand("cloudfront", "get-distribution").opt("id", a.m.ID()).opt("query", "Distribution.Status").opt("output", "text").
			to("See whether the change has reached all edge locations; repeat it until it says Deployed"),
		a.invalidate(), a.curl())
}

// invalidate drops what is cached for the request's path.
func (a *adviser) invalidate() []report.Command {
	path := a.shown.Request.Path
	if path == "" {
		path = "/*"
	}
	return readable(commands(fix.InvalidatePaths(a.m.ID(), path).Commands(fix.Context{World: a.m.World})))
}

func (a *adviser) whoAnswers() {
	a.once("who", "To see who answers (the headers Server, Via, X-Cache and X-Amz-Cf-Id)", a.curl())
}

// url is the failing request's address without secrets, and what a person has to put back.
func (a *adviser) url() (url string, inputs []string) {
	r := a.shown.Request
	if r.Host == "" {
		r.Host = a.m.DomainName()
	}
	if query := evidence.RedactQuery(r.Query); query != r.Query {
		r.Query = query
		inputs = []string{"the values of the query string that are shown as " + evidence.Redacted}
	}
	return r.URL(), inputs
}

// curlWords are a request's method and headers for curl; headers that carry a right of access are left to a person.
func curlWords(r request.Request, words ...string) (out, inputs []string) {
	out = append([]string{"curl", "-sv", "--globoff", "--path-as-is", "-o", "/dev/null"}, words...)
	switch r.Method {
	case "GET", "":
	case "HEAD":
		out = append(out, "--head")
	default:
		out = append(out, "--request", r.Method)
	}
	for _, h := range r.Headers {
		switch {
		case evidence.IsSecretHeader(h.Name):
			inputs = append(inputs, "the header "+show(h.Name)+", which is left out here")
		case strings.EqualFold(h.Name, "Origin"), strings.EqualFold(h.Name, "Access-Control-Request-Method"), strings.EqualFold(h.Name, "Range"):
			out = append(out, "--header", h.Name+": "+h.Value)
		}
	}
	return out, inputs
}

func (a *adviser) curl(words ...string) []report.Command {
	url, inputs := a.url()
	out, more := curlWords(a.shown.Request, words...)
	return terminal("Send the same request and show the answer's headers", "", append(inputs, more...), append(out, "--url", url)...)
}

func (a *adviser) someViewers() {
	a.once("viewers", "If only some viewers see it: compare names, addresses and protocols from where they are", a.viewerChecks())
}

func (a *adviser) viewerChecks() []report.Command {
	r := a.shown.Request
	host, port := r.Host, "443"
	if host == "" {
		host = a.m.DomainName()
	}
	if r.Scheme == "http" {
		port = "80"
	}
	var out []report.Command
	out = append(out, terminal("See where the name leads: to CloudFront's addresses, or to "+a.m.DomainName(), "", nil, "dig", "+noall", "+answer", "-q", host, "-t", "A")...)
	if a.m.Config.IsIPV6Enabled != nil && *a.m.Config.IsIPV6Enabled {
		out = append(out, terminal("The same for IPv6, which some viewers use", "", nil, "dig", "+noall", "+answer", "-q", host, "-t", "AAAA")...)
		out = append(out, a.curlTo("Send the request over IPv6", "-6")...)
	}
	if host != a.m.DomainName() {
		out = append(out, a.curlTo("Send the request to the distribution whatever the name's DNS says", "--connect-to", host+":"+port+":"+a.m.DomainName()+":"+port)...)
	}
	if port == "443" {
		out = append(out, terminal("Shake hands as an older viewer does: with TLS 1.2", "</dev/null", nil,
			"openssl", "s_client", "-connect", host+":443", "-servername", host, "-tls1_2")...)
	}
	return out
}

func (a *adviser) curlTo(purpose string, words ...string) []report.Command {
	out := a.curl(words...)
	for i := range out {
		out[i].Purpose = purpose + terminalOnly
	}
	return out
}

func (a *adviser) readLogs() {
	l := loggingOf(a.m)
	switch {
	case len(l.logs) > 0:
		a.once("logs", "To read the logs: look for the request's X-Amz-Cf-Id (x-edge-request-id), and at x-edge-detailed-result-type", a.logCommands())
	case len(l.unread) > 0:
		a.once("logs", "To read the logs: whether there are any could not be read", a.logCommands())
	default:
		a.once("logs", "To have logs: access logging is off, so single failing requests leave no trace", a.logCommands())
	}
}

// logCommands show the failing requests in the log, or turn logging on where there is none.
func (a *adviser) logCommands() []report.Command {
	l := loggingOf(a.m)
	var out []report.Command
	for _, log := range l.logs {
		words := []string{a.shown.Request.Path}
		if a.q.Code != 0 {
			words = append(words, strconv.Itoa(a.q.Code))
		}
		out = append(out, log.read(a.m, words...)...)
		if log.kind == legacyS3 {
			out = append(out, a.legacyFiles(log)...)
		}
	}
	switch {
	case len(l.logs) > 0:
		return out
	case len(l.unread) > 0:
		return awsCommand("logs", "describe-delivery-sources").in(account.GlobalRegion).
			opt("query", "deliverySources[?service==`cloudfront`]").to("See which distributions log, and under which delivery source")
	}
	return enableLogging(a.m)
}

// legacyFiles fetches the log files of the last hour and searches them for errors. The status is the ninth field (DG/standard-logs-reference).
func (a *adviser) legacyFiles(log accessLog) []report.Command {
	if log.resource == "" || strings.ContainsAny(log.prefix, "*?[") {
		return nil
	}
	hour := a.m.ID() + "." + a.now.Format("2006-01-02-15")
	fetch := &invocation{words: []string{"aws", "s3", "cp", fix.Quote("s3://" + log.resource + "/" + log.prefix), "cloudfront-logs", "--recursive"}}
	fetch.refused = !fix.FitForArgument(log.resource) || !fix.FitForArgument(log.prefix)
	out := fetch.opt("exclude", "*").opt("include", "*"+hour+"*").in(log.region).to("Fetch the log files of the hour of the diagnosis into the folder cloudfront-logs")
	return append(out, terminal("Show the errors in them: time, edge location, status, path, result types and request id",
		`| awk -F '\t' '$9 >= 400 { print $1, $2, $3, $9, $8, $14, $29, $15 }'`, nil, "gzip", "-dc", "-r", "cloudfront-logs")...)
}

// metrics show when it began.
func (a *adviser) metrics() {
	t := telemetryOf(a.m)
	names := []string{"Requests", "4xxErrorRate", "5xxErrorRate"}
	if a.q.Code/100 == 4 {
		names = names[:2]
	} else if a.q.Code/100 == 5 {
		names = []string{"Requests", "5xxErrorRate"}
	}
	if t.additional {
		if slices.Contains([]int{401, 403, 404, 502, 503, 504}, a.q.Code) {
			names = append(names, strconv.Itoa(a.q.Code)+"ErrorRate")
		}
		if a.q.Code == 504 || a.q.Code == 0 {
			names = append(names, "OriginLatency")
		}
	}
	var out []report.Command
	for _, name := range names {
		out = append(out, a.statistics(name)...)
	}
	if t.additionalKnown && !t.additional {
		out = append(out, readable(commands(fix.EnableMonitoringSubscription(a.m.ID()).Commands(fix.Context{World: a.m.World})))...)
	}
	a.step("To see when it began, and how many it hits: CloudFront's metrics are in us-east-1", out)
}

// statistics reads a metric of the distribution over the last day. Each has one statistic that means something (DG/programming-cloudwatch-metrics).
func (a *adviser) statistics(name string) []report.Command {
	statistic := "Average"
	if name == "Requests" {
		statistic = "Sum"
	}
	i := awsCommand("cloudwatch", "get-metric-statistics").opt("namespace", "AWS/CloudFront").opt("metric-name", name).
		pairs("dimensions", [2]string{"DistributionId", a.m.ID()}, [2]string{"Region", "Global"}).
		opt("start-time", a.now.Add(-24*time.Hour).Format(time.RFC3339)).opt("end-time", a.now.Format(time.RFC3339)).opt("period", "300")
	if name == "OriginLatency" {
		i.opt("extended-statistics", "p90")
	} else {
		i.opt("statistics", statistic)
	}
	return i.in(account.GlobalRegion).to("Show " + name + " of the last day in steps of five minutes")
}

func count(n int, one, many string) string {
	if n == 1 {
		return "one " + one
	}
	return strconv.Itoa(n) + " " + many
}
