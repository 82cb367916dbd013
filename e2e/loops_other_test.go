package e2e

import "path/filepath"

// otherLoops are about what stands before and behind the distribution.
func otherLoops() []loop {
	return []loop{
		{"WAF_DEFAULT_ACTION_BLOCK", func(a *builder) {
			a.protected(object{"Block": object{}}, a.rule("letOfficeIn", 0, "Allow", geo("DE")))
			a.ask = []string{"--error-code", "403", "--request-path", "/about.html", "--viewer-country", "US"}
		}},
		{"WAF_RULE_BLOCKED", func(a *builder) {
			a.protected(object{"Allow": object{}}, a.rule("it-is-blocked", 0, "Block", geo("BR")), a.rule("other", 1, "Block", geo("CN")))
			a.ask = []string{"--error-code", "403", "--request-path", "/about.html", "--viewer-country", "BR"}
		}},
		{"FUNCTION_NOT_PUBLISHED", func(a *builder) {
			code := filepath.Join(a.dir, "function.js")
			a.write(code, "function handler(event) { return event.request; }")
			var made struct {
				FunctionSummary struct{ FunctionMetadata struct{ FunctionARN string } }
			}
			a.aws(&made, "cloudfront", "create-function", "--name", a.name, "--function-config", `{"Comment":"it's","Runtime":"cloudfront-js-2.0"}`, "--function-code", "fileb://"+code)
			a.site(func(c object) {
				behavior(c)["FunctionAssociations"] = items(object{"EventType": "viewer-request", "FunctionARN": made.FunctionSummary.FunctionMetadata.FunctionARN})
			})
			a.ask = []string{"--request-path", "/about.html"}
		}},
		{"ORIGIN_FIREWALL_BLOCKS_CLOUDFRONT", func(a *builder) {
			group := a.balancer()
			a.aws(nil, "ec2", "authorize-security-group-ingress", "--group-id", group, "--protocol", "tcp", "--port", "443", "--cidr", "192.0.2.0/24")
			a.alsoWatch("ec2", "describe-security-groups", "--group-ids", group)
			a.ask = []string{"--error-code", "504", "--request-path", "/"}
		}},
	}
}

func geo(country string) object {
	return object{"GeoMatchStatement": object{"CountryCodes": []any{country}}}
}

func (a *builder) rule(name string, priority int, action string, statement object) object {
	return object{"Name": name, "Priority": priority, "Statement": statement, "Action": object{action: object{}},
		"VisibilityConfig": object{"SampledRequestsEnabled": true, "CloudWatchMetricsEnabled": true, "MetricName": name}}
}

// protected is a site behind a web ACL.
func (a *builder) protected(byDefault object, rules ...any) {
	var made struct{ Summary struct{ Id, ARN string } }
	a.aws(&made, "wafv2", "create-web-acl", "--name", a.name, "--scope", "CLOUDFRONT", "--region", "us-east-1", "--default-action", jsonOf(byDefault),
		"--description", "it is mine", "--rules", jsonOf(rules), "--visibility-config", jsonOf(object{"SampledRequestsEnabled": true, "CloudWatchMetricsEnabled": true, "MetricName": "m"}))
	a.alsoWatch("wafv2", "get-web-acl", "--name", a.name, "--scope", "CLOUDFRONT", "--id", made.Summary.Id, "--region", "us-east-1")
	a.site(func(c object) { c["WebACLId"] = made.Summary.ARN })
}

// balancer is a distribution in front of a load balancer whose security group lets nobody in yet.
func (a *builder) balancer() (group string) {
	var vpc struct{ Vpc struct{ VpcId string } }
	a.aws(&vpc, "ec2", "create-vpc", "--cidr-block", "10.0.0.0/16")
	var gateway struct {
		InternetGateway struct{ InternetGatewayId string }
	}
	a.aws(&gateway, "ec2", "create-internet-gateway")
	a.aws(nil, "ec2", "attach-internet-gateway", "--internet-gateway-id", gateway.InternetGateway.InternetGatewayId, "--vpc-id", vpc.Vpc.VpcId)
	var subnets []string
	for _, zone := range []string{"us-east-1a", "us-east-1b"} {
		var subnet struct{ Subnet struct{ SubnetId string } }
		a.aws(&subnet, "ec2", "create-subnet", "--vpc-id", vpc.Vpc.VpcId, "--availability-zone", zone, "--cidr-block", map[string]string{"us-east-1a": "10.0.1.0/24", "us-east-1b": "10.0.2.0/24"}[zone])
		subnets = append(subnets, subnet.Subnet.SubnetId)
	}
	var tables struct {
		RouteTables []struct{ RouteTableId string }
	}
	a.aws(&tables, "ec2", "describe-route-tables", "--filters", "Name=vpc-id,Values="+vpc.Vpc.VpcId)
	a.aws(nil, "ec2", "create-route", "--route-table-id", tables.RouteTables[0].RouteTableId, "--destination-cidr-block", "0.0.0.0/0", "--gateway-id", gateway.InternetGateway.InternetGatewayId)
	var made struct{ GroupId string }
	a.aws(&made, "ec2", "create-security-group", "--group-name", a.name, "--description", "the balancer's", "--vpc-id", vpc.Vpc.VpcId)
	a.aws(nil, "ec2", "create-managed-prefix-list", "--prefix-list-name", "com.amazonaws.global.cloudfront.origin-facing", "--max-entries", "5", "--address-family", "IPv4",
		"--entries", "Cidr=130.176.0.0/16")
	var balancer struct {
		LoadBalancers []struct{ LoadBalancerArn, DNSName string }
	}
	a.aws(&balancer, append([]string{"elbv2", "create-load-balancer", "--name", a.name, "--security-groups", made.GroupId, "--subnets"}, subnets...)...)
	var group2 struct {
		TargetGroups []struct{ TargetGroupArn string }
	}
	a.aws(&group2, "elbv2", "create-target-group", "--name", a.name, "--protocol", "HTTP", "--port", "80", "--vpc-id", vpc.Vpc.VpcId)
	a.aws(nil, "elbv2", "create-listener", "--load-balancer-arn", balancer.LoadBalancers[0].LoadBalancerArn, "--protocol", "HTTP", "--port", "80",
		"--default-actions", "Type=forward,TargetGroupArn="+group2.TargetGroups[0].TargetGroupArn)
	config := a.s3Config("")
	o := origin(config)
	delete(o, "S3OriginConfig")
	delete(o, "OriginAccessControlId")
	o["DomainName"] = balancer.LoadBalancers[0].DNSName
	o["CustomOriginConfig"] = object{"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "http-only", "OriginReadTimeout": 30, "OriginKeepaliveTimeout": 5,
		"OriginSslProtocols": items("TLSv1.2")}
	a.distribution(config)
	return made.GroupId
}
