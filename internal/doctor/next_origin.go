package doctor

import (
	"strconv"
	"strings"
	"time"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/report"
	"cfdoctor/internal/request"
	"cfdoctor/internal/tri"
)

func (a *adviser) askOrigin() {
	if a.origin != nil {
		a.once("origin", "To check the origin "+show(a.origin.ID)+" directly, as CloudFront asks it", a.originChecks())
	}
}

// originChecks ask an origin without CloudFront: first the service's own API, then over the network.
func (a *adviser) originChecks() []report.Command {
	o := a.origin
	if o == nil {
		return nil
	}
	var out []report.Command
	switch e := o.Endpoint; {
	case e.IsS3():
		out = a.bucketChecks()
	case e.Kind == cloudfront.KindAPIGateway:
		out = a.apiChecks()
	case e.Kind == cloudfront.KindLambdaURL:
		out = a.lambdaChecks()
	}
	if o.Config.VpcOriginConfig != nil {
		out = append(out, awsCommand("cloudfront", "get-vpc-origin").opt("id", text(o.Config.VpcOriginConfig.VpcOriginId)).
			opt("query", "VpcOrigin.{Status:Status,Endpoint:VpcOriginEndpointConfig}").to("See whether the VPC origin is deployed, and where it leads")...)
	}
	out = append(out, a.balancerChecks()...)
	if o.Config.VpcOriginConfig == nil {
		out = append(out, a.networkChecks()...) // the internet does not reach what is behind a VPC origin
	}
	return out
}

// direct is how CloudFront asks the origin for the request.
type direct struct {
	scheme, address, host, path, query string
	port                               int
}

// direct takes the simulated request to the origin; where something answered before, it is put together from the settings.
func (a *adviser) direct() direct {
	if f := a.shown.Exchange().Forwarded; f.Address != "" {
		return direct{f.Scheme, f.Address, f.Host, f.Path, evidence.RedactQuery(f.Query), f.Port}
	}
	x := &matching{m: a.m, o: a.origin, behaviors: behaviorsTo(a.m, a.origin)}
	d := direct{scheme: "https", port: 443, address: a.origin.Endpoint.Domain, path: text(a.origin.Config.OriginPath) + a.shown.Request.Path}
	if ways, known := x.connections(); known && len(ways) > 0 {
		d.scheme, d.port = ways[0].scheme, ways[0].port
	}
	d.host = d.address
	if b := a.m.BehaviorFor(a.shown.Request.Path); b != nil && b.Forwarding().ForwardsHost().Yes() {
		d.host = a.shown.Request.Host
	}
	return d
}

// networkChecks resolve, shake hands and ask. The server name in the handshake is the Host, as CloudFront's is.
func (a *adviser) networkChecks() []report.Command {
	d := a.direct()
	if d.address == "" {
		return nil
	}
	var out []report.Command
	out = append(out, terminal("See whether the origin's name resolves", "", nil, "dig", "+noall", "+answer", "-q", d.address, "-t", "A")...)
	port := strconv.Itoa(d.port)
	if d.scheme == "https" && !a.origin.Endpoint.IsS3() {
		out = append(out, terminal("See the origin's certificate and TLS version, as CloudFront meets them", "</dev/null", nil,
			"openssl", "s_client", "-connect", d.address+":"+port, "-servername", d.host, "-verify_hostname", d.host, "-showcerts")...)
	}
	words, inputs := curlWords(request.Request{Method: a.shown.Request.Method}, "--http1.1", "--user-agent", "Amazon CloudFront", "--max-time", strconv.Itoa(a.origin.ReadTimeout()))
	authority := d.host
	if d.port != map[string]int{"http": 80, "https": 443}[d.scheme] {
		authority += ":" + port
	}
	if d.host != d.address {
		words = append(words, "--connect-to", d.host+":"+port+":"+d.address+":"+port)
	}
	headers, more := a.customHeaders()
	url := d.scheme + "://" + authority + d.path
	if d.query != "" {
		url += "?" + d.query
	}
	purpose := "Ask the origin for what CloudFront asks it for"
	if signs := a.signs(); signs != tri.False {
		purpose += "; CloudFront signs its request, so a 403 here says nothing"
	}
	return append(out, terminal(purpose, "", append(inputs, more...), append(append(words, headers...), "--url", url)...)...)
}

// customHeaders are those that CloudFront adds. Their values are often secrets that the origin checks, so a person puts them in.
func (a *adviser) customHeaders() (words, inputs []string) {
	if a.origin.Config.CustomHeaders == nil {
		return nil, nil
	}
	for _, h := range a.origin.Config.CustomHeaders.Items {
		name := text(h.HeaderName)
		words = append(words, "--header", name+": VALUE")
		inputs = append(inputs, "VALUE of "+show(name)+": the custom header that CloudFront adds for this origin")
	}
	return words, inputs
}

// signs reports whether CloudFront signs its requests to the origin.
func (a *adviser) signs() tri.Bool {
	switch a.shown.Exchange().Signing {
	case edge.SigningNone, edge.SigningViewer:
		return tri.False
	case edge.SigningOAC, edge.SigningOAI:
		return tri.True
	}
	return tri.Of(a.origin.OAI != "" || text(a.origin.Config.OriginAccessControlId) != "")
}

// bucketChecks look for the object and the policy with one's own credentials.
func (a *adviser) bucketChecks() []report.Command {
	b := a.m.BucketFor(a.origin)
	if b == nil {
		return nil
	}
	key := strings.TrimPrefix(originKey(a.origin, a.shown.Request.Path), "/")
	if s3 := a.shown.Exchange().S3; s3 != nil {
		key = s3.Key
	}
	region := b.Region
	if region == "" {
		region = a.origin.Endpoint.Region
	}
	var out []report.Command
	if key != "" {
		out = append(out, awsCommand("s3api", "head-object").opt("bucket", b.Name).opt("key", key).in(region).
			to("See, with your own credentials, whether the object is there and how it is encrypted")...)
	}
	folder := key[:strings.LastIndexByte(key, '/')+1]
	list := awsCommand("s3api", "list-objects-v2").opt("bucket", b.Name)
	if folder != "" {
		list.opt("prefix", folder)
	}
	out = append(out, list.opt("max-items", "50").opt("query", "Contents[].Key").in(region).to("List its neighbors: the name may differ in case or spelling")...)
	out = append(out, awsCommand("s3api", "get-bucket-policy").opt("bucket", b.Name).opt("query", "Policy").opt("output", "text").in(region).
		to("Show the bucket policy")...)
	return append(out, awsCommand("s3api", "get-public-access-block").opt("bucket", b.Name).in(region).to("Show the bucket's Block Public Access settings")...)
}

func (a *adviser) apiChecks() []report.Command {
	f := a.m.APIFor(a.origin)
	if f.HTTP.IsKnown() {
		return append(awsCommand("apigatewayv2", "get-stages").opt("api-id", f.ID).in(f.Region).to("List the API's stages and their settings"),
			awsCommand("apigatewayv2", "get-routes").opt("api-id", f.ID).in(f.Region).to("List its routes")...)
	}
	return append(awsCommand("apigateway", "get-stages").opt("rest-api-id", f.ID).in(f.Region).to("List the API's stages and their settings"),
		awsCommand("apigateway", "get-resources").opt("rest-api-id", f.ID).opt("embed", "methods").in(f.Region).to("List its paths and methods")...)
}

func (a *adviser) lambdaChecks() []report.Command {
	url, ok := a.m.LambdaURLFor(a.origin).URL.Get()
	if !ok {
		return nil
	}
	arn := text(url.FunctionArn)
	name := arn
	i := awsCommand("lambda", "get-policy")
	if parts := strings.Split(arn, ":"); len(parts) == 8 {
		name = strings.Join(parts[:7], ":")
		i.opt("qualifier", parts[7])
	}
	out := i.opt("function-name", name).opt("query", "Policy").opt("output", "text").in(a.origin.Endpoint.Region).to("Show who may use the function URL")
	return append(out, filterEvents("/aws/lambda/"+functionOf(name), a.origin.Endpoint.Region, a.now, "ERROR").to("Show the function's errors of the last three hours")...)
}

// functionOf takes the name out of a Lambda function's ARN.
func functionOf(arn string) string {
	if parts := strings.Split(arn, ":"); len(parts) >= 7 {
		return parts[6]
	}
	return arn
}

// balancerChecks ask about health: a load balancer without healthy targets answers 503, with slow ones 504 (ELB/load-balancer-troubleshooting).
func (a *adviser) balancerChecks() []report.Command {
	f := a.m.BalancerFor(a.origin)
	if f == nil {
		return nil
	}
	b, ok := f.Balancer.Get()
	if !ok {
		return awsCommand("elbv2", "describe-load-balancers").in(f.Region).opt("query", "LoadBalancers[].[DNSName,Scheme,State.Code]").
			opt("output", "text").to("Look for the load balancer behind the origin")
	}
	arn := text(b.LoadBalancerArn)
	var out []report.Command
	groups, _ := f.Targets.Get()
	for _, g := range groups.TargetGroups {
		out = append(out, awsCommand("elbv2", "describe-target-health").opt("target-group-arn", text(g.TargetGroupArn)).in(f.Region).
			opt("query", "TargetHealthDescriptions[].[Target.Id,Target.Port,TargetHealth.State,TargetHealth.Reason]").opt("output", "text").
			to("See which targets are healthy, and why others are not")...)
	}
	out = append(out, awsCommand("elbv2", "describe-listeners").opt("load-balancer-arn", arn).in(f.Region).
		opt("query", "Listeners[].[Port,Protocol,SslPolicy]").opt("output", "text").to("List the ports and protocols that the load balancer answers on")...)
	_, name, isARN := strings.Cut(arn, ":loadbalancer/")
	if !isARN || !strings.HasPrefix(name, "app/") {
		return out
	}
	for _, metric := range [...]struct{ name, statistic, words string }{
		{"HTTPCode_ELB_5XX_Count", "Sum", "errors that the load balancer made itself"},
		{"HTTPCode_Target_5XX_Count", "Sum", "errors that the application made"},
		{"TargetResponseTime", "Maximum", "how long the application takes"},
	} {
		out = append(out, awsCommand("cloudwatch", "get-metric-statistics").opt("namespace", cloudfront.NamespaceALB).opt("metric-name", metric.name).
			pairs("dimensions", [2]string{"LoadBalancer", name}).opt("start-time", a.now.Add(-3*time.Hour).Format(time.RFC3339)).opt("end-time", a.now.Format(time.RFC3339)).
			opt("period", "60").opt("statistics", metric.statistic).in(f.Region).to("Show "+metric.words+", minute by minute")...)
	}
	return out
}

func (a *adviser) firewall() {
	if text(a.m.Config.WebACLId) != "" {
		a.once("firewall", "To see whether the firewall (AWS WAF) blocks: sampled requests go back three hours", a.sampledRequests(),
			firewallLog(a.m, a.shown.Request.Path))
	}
}

// maxSampledRules bounds how many rules get a command of their own.
const maxSampledRules = 5

// sampledRequests asks for what each rule that may block saw. The API wants a time range within the last three hours (WAF API reference,
// GetSampledRequests).
func (a *adviser) sampledRequests() []report.Command {
	arn := text(a.m.Config.WebACLId)
	if !strings.HasPrefix(arn, "arn:") {
		return nil // a web ACL of AWS WAF Classic is named by its id alone
	}
	sample := func(metric, purpose string) []report.Command {
		return awsCommand("wafv2", "get-sampled-requests").opt("web-acl-arn", arn).opt("rule-metric-name", metric).opt("scope", "CLOUDFRONT").
			opt("time-window", "StartTime="+a.now.Add(-3*time.Hour+time.Minute).Format(time.RFC3339)+",EndTime="+a.now.Format(time.RFC3339)).opt("max-items", "100").
			in(account.GlobalRegion).needing("StartTime and EndTime: they have to lie in the last three hours when the command runs").to(purpose)
	}
	out, ok := account.WebACL(arn).In(a.m.World).Get()
	if !ok {
		return append(awsCommand("wafv2", "get-web-acl").opt("arn", arn).in(account.GlobalRegion).to("Show the web ACL's rules and their metric names"),
			sample("Default_Action", "Show requests that met the web ACL's default action")...)
	}
	var commands []report.Command
	for _, rule := range out.WebACL.Rules {
		counts := rule.Action != nil && (rule.Action.Count != nil || rule.Action.Allow != nil) || rule.OverrideAction != nil && rule.OverrideAction.Count != nil
		if counts || rule.VisibilityConfig == nil || len(commands) == maxSampledRules {
			continue
		}
		commands = append(commands, sample(text(rule.VisibilityConfig.MetricName), "Show requests that the rule "+show(text(rule.Name))+" matched")...)
	}
	if d := out.WebACL.DefaultAction; d != nil && d.Block != nil {
		commands = append(commands, sample("Default_Action", "Show requests that met the web ACL's default action")...)
	}
	return commands
}
