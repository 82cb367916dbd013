package apply

import (
	"slices"

	"github.com/google/go-cmp/cmp"

	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
)

const (
	balancerARN = "arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/app/a/b"
	listenerARN = "arn:aws:elasticloadbalancing:eu-west-1:1:listener/app/a/b/c"
)

// kindsAround are one change of each kind of resource around CloudFront.
func kindsAround() map[string][]fix.Change {
	vpc := fix.CreateVPCOrigin("site", balancerARN, 80, 443, "https-only", []string{"TLSv1.2"})
	acl := fix.CreateWebACL("cfdoctor-E1", "123456789012", "aws")
	return map[string][]fix.Change{
		"vpc origin":    {vpc, fix.EditDistribution(id, fix.SetVPCOrigin("s3-site", vpc.ID(), 30, 5))},
		"listener":      {fix.SetListenerSSLPolicy(balancerARN, listenerARN, "ELBSecurityPolicy-TLS13-1-2-Res-2021-06", "")},
		"new web acl":   {acl, fix.EditDistribution(id, fix.SetWebACL(acl.ARN()))},
		"function url":  {fix.SetFunctionURLAuth("f", "eu-west-1", "", "AWS_IAM", "NONE")},
		"rest endpoint": {fix.EnableRESTEndpoint("eu-west-1", "r1", "prod", "d1")},
		"http endpoint": {fix.EnableHTTPEndpoint("eu-west-1", "h1", "prod", "d1")},
		"records":       {fix.PointAtDistribution("/hostedzone/Z1", "www.example.com", "d1.cloudfront.net", true, false)},
		"copy":          {fix.CopyObject("site", "a +.png", "A.png")},
	}
}

// around is the state of the resources around CloudFront.
func (f *fake) around() {
	f.state["records"] = []any{
		map[string]any{"Name": "www.example.com.", "Type": "CNAME", "TTL": 60.0, "ResourceRecords": []any{map[string]any{"Value": "old.example.net"}}},
		map[string]any{"Name": "www.example.com.", "Type": "TXT", "TTL": 60.0, "ResourceRecords": []any{map[string]any{"Value": "it's"}}},
		map[string]any{"Name": "zzz.example.com.", "Type": "A", "TTL": 60.0, "ResourceRecords": []any{map[string]any{"Value": "192.0.2.1"}}},
	}
	f.state["function url"] = map[string]any{"FunctionUrl": "u", "AuthType": "NONE"}
	f.state["rest api"] = map[string]any{"id": "r1", "disableExecuteApiEndpoint": true}
	f.state["http api"] = map[string]any{"ApiId": "h1", "DisableExecuteApiEndpoint": true}
	f.state["listener"] = map[string]any{"ListenerArn": listenerARN, "SslPolicy": "ELBSecurityPolicy-2016-08"}
}

// answerAround answers the reads of the resources around CloudFront; false for what is none of these.
func (f *fake) answerAround(operation string, p map[string]any) (any, bool, error) {
	switch operation {
	case "GetFunctionUrlConfig":
		return f.state["function url"], true, nil
	case "GetRestApi":
		return f.state["rest api"], true, nil
	case "GetApi":
		return f.state["http api"], true, nil
	case "ListResourceRecordSets":
		return map[string]any{"ResourceRecordSets": f.list("records")}, true, nil
	case "ListVpcOrigins":
		return map[string]any{"VpcOriginList": map[string]any{"Items": f.list("vpc origins")}}, true, nil
	case "GetVpcOrigin":
		if p["Id"] != "vo_1" {
			f.t.Errorf("it looks for the VPC origin %v", p["Id"])
		}
		f.polls++
		return map[string]any{"ETag": "E1", "VpcOrigin": map[string]any{"Status": []string{"Deploying", "Deployed"}[min(f.polls-1, 1)]}}, true, nil
	case "CreateVpcOrigin":
		f.put("vpc origins", []any{map[string]any{"Id": "vo_1", "Name": "site", "OriginEndpointArn": p["VpcOriginEndpointConfig"].(map[string]any)["Arn"]}})
		f.log = append(f.log, operation)
		return map[string]any{"VpcOrigin": map[string]any{"Id": "vo_1"}}, true, nil
	case "ListWebACLs":
		return map[string]any{"WebACLs": f.list("new web acl")}, true, nil
	case "CreateWebACL":
		summary := map[string]any{"Name": p["Name"], "Id": "n1", "ARN": "arn:n1"}
		f.put("new web acl", []any{summary})
		f.log = append(f.log, operation)
		return map[string]any{"Summary": summary}, true, nil
	case "HeadObject":
		if p["Key"] == "a +.png" {
			return map[string]any{"ContentLength": 7, "ETag": "e"}, true, nil
		}
		return f.state["copy"], true, f.absent("copy", "NotFound")
	case "DescribeListeners":
		return map[string]any{"Listeners": []any{f.state["listener"]}}, true, nil
	}
	return nil, false, nil
}

func (f *fake) changeAround(operation string, p map[string]any) error {
	switch operation {
	case "ChangeResourceRecordSets":
		return f.changeRecords(p["ChangeBatch"].(map[string]any)["Changes"].([]any))
	case "UpdateFunctionUrlConfig":
		f.put("function url", map[string]any{"FunctionUrl": "u", "AuthType": p["AuthType"]})
	case "UpdateRestApi":
		patch := p["patchOperations"].([]any)[0].(map[string]any)
		if patch["path"] != "/disableExecuteApiEndpoint" || patch["op"] != "replace" {
			f.t.Errorf("it patches %v", patch)
		}
		f.put("rest api", map[string]any{"id": "r1", "disableExecuteApiEndpoint": patch["value"] == "true"})
	case "UpdateApi":
		f.put("http api", map[string]any{"ApiId": "h1", "DisableExecuteApiEndpoint": p["DisableExecuteApiEndpoint"]})
	case "UpdateStage": // with the deployment that it has: nothing changes
	case "DeleteVpcOrigin":
		if p["Id"] != "vo_1" || p["IfMatch"] != "E1" {
			f.t.Errorf("it deletes %v guarded by %v", p["Id"], p["IfMatch"])
		}
		f.put("vpc origins", nil)
	case "DeleteWebACL":
		if p["Id"] != "n1" || p["LockToken"] == "" {
			f.t.Errorf("it deletes %v with %v", p["Id"], p["LockToken"])
		}
		f.put("new web acl", nil)
	case "CopyObject":
		if p["IfNoneMatch"] != "*" || p["CopySource"] != "site/a%20%2B.png" {
			f.t.Errorf("the copy is of %v, guarded by %v", p["CopySource"], p["IfNoneMatch"])
		}
		f.put("copy", map[string]any{"ContentLength": 7, "ETag": "e"})
	case "DeleteObject":
		f.put("copy", nil)
	case "ModifyListener":
		f.put("listener", map[string]any{"ListenerArn": p["ListenerArn"], "SslPolicy": p["SslPolicy"]})
	default:
		f.t.Errorf("the account has no %s", operation)
	}
	return nil
}

// changeRecords makes a batch whole or not at all. What is deleted has to be given as it is.
func (f *fake) changeRecords(changes []any) error {
	records := slices.Clone(f.list("records"))
	for _, change := range changes {
		change := change.(map[string]any)
		i := slices.IndexFunc(records, func(r any) bool { return cmp.Equal(r, change["ResourceRecordSet"]) })
		switch {
		case change["Action"] == "DELETE" && i >= 0:
			records = slices.Delete(records, i, i+1)
		case change["Action"] == "CREATE" && i < 0:
			records = append([]any{change["ResourceRecordSet"]}, records...)
		default:
			return &evidence.Problem{Code: "InvalidChangeBatch"}
		}
	}
	f.put("records", records)
	return nil
}
