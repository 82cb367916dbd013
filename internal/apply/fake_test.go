package apply

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"

	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
	"cfdoctor/internal/source/sdk"
)

// fake is an account in memory: what each read answers, and what each change makes of it.
type fake struct {
	t       *testing.T
	state   map[string]any    // by the name of the thing
	version map[string]int    // of things that have one
	refuse  map[string]string // error code by operation
	before  map[string]func() // runs once, just before an operation
	log     []string          // the changes that were made
	polls   int               // how often the VPC origin was looked at
	door    *sdk.Source       // knows what the SDK takes; it is never called
}

func object(t *testing.T, raw string) any {
	t.Helper()
	var out any
	if err := json.Unmarshal([]byte(raw), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func newFake(t *testing.T) *fake {
	for name, value := range map[string]string{"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "example", "AWS_PROFILE": "",
		"AWS_CONFIG_FILE": filepath.Join(t.TempDir(), "config"), "AWS_SHARED_CREDENTIALS_FILE": filepath.Join(t.TempDir(), "credentials")} {
		t.Setenv(name, value)
	}
	door, err := sdk.Open(t.Context(), sdk.Options{Region: "us-east-1"})
	if err != nil {
		t.Fatal(err)
	}
	f := &fake{t: t, door: door.With(Operations()...), state: map[string]any{}, version: map[string]int{}, refuse: map[string]string{}, before: map[string]func(){}}
	f.state["distribution"] = object(t, `{"CallerReference":"r","Comment":"it's","DefaultRootObject":"","Enabled":true,"PriceClass":"PriceClass_100",
		"Origins":{"Quantity":1,"Items":[{"Id":"s3-site","DomainName":"site.s3.eu-west-1.amazonaws.com","OriginPath":"","OriginAccessControlId":"",
			"CustomHeaders":{"Quantity":1,"Items":[{"HeaderName":"x-key","HeaderValue":"secret"}]},"S3OriginConfig":{"OriginAccessIdentity":"origin-access-identity/cloudfront/EOLD"}}]},
		"Aliases":{"Quantity":0,"Items":[]}}`)
	f.state["policy site"] = object(t, `{"Version":"2012-10-17","Statement":[{"Sid":"It's \"mine\"; rm -rf ~","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::site/*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}`)
	f.state["web acl"] = object(t, `{"Name":"site","Id":"1","ARN":"arn","Capacity":5,"DefaultAction":{"Block":{}},"Rules":[{"Name":"common","Priority":0,"Statement":{"ManagedRuleGroupStatement":{"VendorName":"AWS","Name":"AWSManagedRulesCommonRuleSet"}}}],"VisibilityConfig":{"SampledRequestsEnabled":true,"CloudWatchMetricsEnabled":true,"MetricName":"m"}}`)
	for _, stage := range []string{"DEVELOPMENT", "LIVE"} {
		f.state["config "+stage] = object(t, `{"Comment":"c","Runtime":"cloudfront-js-1.0"}`)
	}
	f.state["key group"] = object(t, `{"Name":"it's","Comment":"","Items":["K1"]}`)
	f.state["tenant"] = object(t, `{"Id":"dt_1","Name":"north","DistributionId":"E1","Domains":[{"Domain":"north.example.com","Status":"active"}],"Enabled":false,"Parameters":[],"Customizations":{"WebAcl":{"Action":"disable"}},"Status":"Deployed"}`)
	f.state["connection group"] = object(t, `{"Id":"cg_1","Ipv6Enabled":true,"Enabled":false,"RoutingEndpoint":"d1.cloudfront.net"}`)
	f.state["deployment"] = object(t, `{"Enabled":true,"StagingDistributionDnsNames":{"Quantity":1,"Items":["d2.cloudfront.net"]},"TrafficConfig":{"Type":"SingleWeight","SingleWeightConfig":{"Weight":0.1}}}`)
	f.state["encryption"] = object(t, `{"CallerReference":"r","ContentTypeProfileConfig":{"ForwardWhenContentTypeIsUnknown":false,"ContentTypeProfiles":{"Quantity":1,"Items":[{"Format":"URLEncoded","ContentType":"application/x-www-form-urlencoded"}]}}}`)
	f.state["alarms"] = []any{}
	return f
}

func (f *fake) put(thing string, value any) {
	f.state[thing] = value
	f.version[thing]++
}

// Do implements API.
func (f *fake) Do(ctx context.Context, call evidence.Call) (jsontext.Value, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if run := f.before[call.Operation]; run != nil {
		delete(f.before, call.Operation)
		run()
	}
	if code := f.refuse[call.Operation]; code != "" {
		return nil, &evidence.Problem{Code: code, Message: "no"}
	}
	out, err := f.answer(call.Operation, call.Params)
	if err != nil {
		return nil, err
	}
	raw, err := json.Marshal(out)
	if err != nil {
		f.t.Fatal(err)
	}
	return raw, nil
}

// Takes implements API.
func (f *fake) Takes(call evidence.Call) error { return f.door.Takes(call) }

func (f *fake) absent(thing, code string) error {
	if f.state[thing] == nil {
		return &evidence.Problem{Code: code}
	}
	return nil
}

func (f *fake) guard(thing string, params map[string]any, param, code string) error {
	if params[param] != f.etag(thing) {
		return &evidence.Problem{Code: code, Message: fmt.Sprintf("have %v, want %v", params[param], f.etag(thing))}
	}
	return nil
}

func (f *fake) etag(thing string) string { return fmt.Sprintf("V%d", f.version[thing]) }

func (f *fake) answer(operation string, p map[string]any) (any, error) {
	bucket := fmt.Sprint("policy ", p["Bucket"])
	switch operation {
	case "GetDistribution":
		return map[string]any{"ETag": f.etag("distribution"), "Distribution": map[string]any{"Status": "Deployed", "DistributionConfig": f.state["distribution"]}}, nil
	case "GetBucketPolicy":
		return map[string]any{"Policy": f.text(bucket)}, f.absent(bucket, "NoSuchBucketPolicy")
	case "GetKeyPolicy":
		return map[string]any{"Policy": f.text("key policy")}, f.absent("key policy", "NotFoundException")
	case "GetBucketCors":
		return f.state["cors"], f.absent("cors", "NoSuchCORSConfiguration")
	case "GetBucketOwnershipControls":
		return map[string]any{"OwnershipControls": f.state["ownership"]}, f.absent("ownership", "OwnershipControlsNotFoundError")
	case "GetBucketRequestPayment":
		return f.state["payment"], nil
	case "GetMonitoringSubscription":
		return map[string]any{"MonitoringSubscription": f.state["monitoring"]}, f.absent("monitoring", "NoSuchMonitoringSubscription")
	case "GetPolicy":
		return map[string]any{"Policy": f.text("function policy")}, f.absent("function policy", "ResourceNotFoundException")
	case "GetWebACL":
		return map[string]any{"LockToken": f.etag("web acl"), "WebACL": f.state["web acl"]}, nil
	case "ListOriginAccessControls":
		return map[string]any{"OriginAccessControlList": map[string]any{"Items": f.list("oacs")}}, nil
	case "GetOriginAccessControl":
		return map[string]any{"ETag": f.etag("oacs")}, nil
	case "DescribeManagedPrefixLists":
		return map[string]any{"PrefixLists": []any{map[string]any{"PrefixListId": "pl-1"}}}, nil
	case "DescribeSecurityGroupRules":
		return map[string]any{"SecurityGroupRules": f.list("rules")}, nil
	case "DescribeAlarms":
		return map[string]any{"MetricAlarms": f.list("alarms")}, nil
	case "DescribeLoadBalancerAttributes":
		return map[string]any{"Attributes": f.list("attributes")}, nil
	case "DescribeDeliverySources":
		return map[string]any{"deliverySources": f.list("sources")}, nil
	case "DescribeDeliveries":
		return map[string]any{"deliveries": f.list("deliveries")}, nil
	case "GetKeyGroup":
		return map[string]any{"ETag": f.etag("key group"), "KeyGroup": map[string]any{"KeyGroupConfig": f.state["key group"]}}, nil
	case "GetDistributionTenantByDomain":
		return map[string]any{"ETag": f.etag("tenant"), "DistributionTenant": f.state["tenant"]}, nil
	case "GetConnectionGroup":
		return map[string]any{"ETag": f.etag("connection group"), "ConnectionGroup": f.state["connection group"]}, nil
	case "GetContinuousDeploymentPolicy":
		return map[string]any{"ETag": f.etag("deployment"), "ContinuousDeploymentPolicy": map[string]any{"ContinuousDeploymentPolicyConfig": f.state["deployment"]}}, nil
	case "GetFieldLevelEncryption":
		return map[string]any{"ETag": f.etag("encryption"), "FieldLevelEncryption": map[string]any{"FieldLevelEncryptionConfig": f.state["encryption"]}}, nil
	case "GetFunction":
		thing := fmt.Sprint("code ", p["Stage"])
		return map[string]any{"FunctionCode": f.state[thing], "ETag": f.etag("code DEVELOPMENT")}, f.absent(thing, "NoSuchFunctionExists")
	case "DescribeFunction":
		return map[string]any{"ETag": f.etag("code DEVELOPMENT"), "FunctionSummary": map[string]any{"FunctionConfig": f.state[fmt.Sprint("config ", p["Stage"])]}}, nil
	}
	if out, ok, err := f.answerAround(operation, p); ok {
		return out, err
	}
	f.log = append(f.log, operation)
	return map[string]any{"OriginAccessControl": map[string]any{"Id": "ENEW"}, "delivery": map[string]any{"id": "d1"}}, f.change(operation, p)
}

func (f *fake) text(thing string) string {
	raw, err := json.Marshal(f.state[thing])
	if err != nil {
		f.t.Fatal(err)
	}
	return string(raw)
}

func (f *fake) list(thing string) []any {
	list, _ := f.state[thing].([]any)
	return list
}

func (f *fake) change(operation string, p map[string]any) error {
	bucket := fmt.Sprint("policy ", p["Bucket"])
	switch operation {
	case "UpdateDistribution":
		if err := f.guard("distribution", p, "IfMatch", "PreconditionFailed"); err != nil {
			return err
		}
		f.put("distribution", p["DistributionConfig"])
	case "PutBucketPolicy":
		f.put(bucket, object(f.t, p["Policy"].(string)))
	case "DeleteBucketPolicy":
		f.put(bucket, nil)
	case "PutKeyPolicy":
		f.put("key policy", object(f.t, p["Policy"].(string)))
	case "PutBucketCors":
		f.put("cors", p["CORSConfiguration"])
	case "DeleteBucketCors":
		f.put("cors", nil)
	case "PutBucketOwnershipControls":
		f.put("ownership", p["OwnershipControls"])
	case "DeleteBucketOwnershipControls":
		f.put("ownership", nil)
	case "CreateMonitoringSubscription":
		f.put("monitoring", p["MonitoringSubscription"])
	case "DeleteMonitoringSubscription":
		f.put("monitoring", nil)
	case "UpdateWebACL":
		return f.updateACL(p)
	case "AssociateAlias":
		aliases := []any{}
		if p["TargetDistributionId"] == "E1" {
			aliases = []any{p["Alias"]}
		}
		config := maps.Clone(f.state["distribution"].(map[string]any))
		config["Aliases"] = map[string]any{"Quantity": len(aliases), "Items": aliases}
		f.put("distribution", config)
	case "UpdateKeyGroup":
		return f.updateResource("key group", p, p["KeyGroupConfig"])
	case "UpdateContinuousDeploymentPolicy":
		return f.updateResource("deployment", p, p["ContinuousDeploymentPolicyConfig"])
	case "UpdateFieldLevelEncryptionConfig":
		return f.updateResource("encryption", p, p["FieldLevelEncryptionConfig"])
	case "UpdateDistributionTenant", "UpdateConnectionGroup":
		return f.updateMembers(operation, p)
	case "CreateOriginAccessControl":
		config := maps.Clone(p["OriginAccessControlConfig"].(map[string]any))
		config["Id"] = "ENEW"
		f.put("oacs", append(f.list("oacs"), config))
	case "DeleteOriginAccessControl":
		f.put("oacs", without(f.list("oacs"), "Id", p["Id"]))
	default:
		return f.changeMore(operation, p)
	}
	return nil
}

func (f *fake) updateACL(p map[string]any) error {
	if err := f.guard("web acl", p, "LockToken", "WAFOptimisticLockException"); err != nil {
		return err
	}
	acl := maps.Clone(f.state["web acl"].(map[string]any))
	for name, value := range p {
		if name != "LockToken" && name != "Scope" {
			acl[name] = value
		}
	}
	f.put("web acl", acl)
	return nil
}

func (f *fake) updateResource(thing string, p map[string]any, value any) error {
	if err := f.guard(thing, p, "IfMatch", "PreconditionFailed"); err != nil {
		return err
	}
	f.put(thing, value)
	return nil
}

// updateMembers is an update whose input has members of the resource's own: those that it takes become what is sent, the others stay.
func (f *fake) updateMembers(operation string, p map[string]any) error {
	thing, takes := "tenant", []string{"DistributionId", "Domains", "Customizations", "Parameters", "ConnectionGroupId", "Enabled"}
	if operation == "UpdateConnectionGroup" {
		thing, takes = "connection group", []string{"Ipv6Enabled", "AnycastIpListId", "Enabled"}
	}
	old := f.state[thing].(map[string]any)
	now := maps.Clone(old)
	for name, value := range p {
		if name == "Id" || name == "IfMatch" {
			continue
		}
		if !slices.Contains(takes, name) {
			f.t.Errorf("%s takes no %s", operation, name)
		}
		now[name] = value
	}
	if sent, ok := p["Domains"].([]any); ok {
		for _, domain := range sent {
			if len(domain.(map[string]any)) != 1 {
				f.t.Errorf("%s takes names of domains alone, got %v", operation, domain)
			}
		}
		now["Domains"] = old["Domains"]
	}
	return f.updateResource(thing, p, now)
}

func (f *fake) changeMore(operation string, p map[string]any) error {
	switch operation {
	case "AddPermission":
		policy, _ := f.state["function policy"].(map[string]any)
		statements, _ := policy["Statement"].([]any)
		f.put("function policy", map[string]any{"Version": "2012-10-17", "Statement": append(slices.Clone(statements), map[string]any{"Sid": p["StatementId"], "Effect": "Allow",
			"Action": p["Action"], "Principal": map[string]any{"Service": p["Principal"]}, "Condition": map[string]any{"ArnLike": map[string]any{"AWS:SourceArn": p["SourceArn"]}}})})
	case "RemovePermission":
		policy := maps.Clone(f.state["function policy"].(map[string]any))
		policy["Statement"] = without(policy["Statement"].([]any), "Sid", p["StatementId"])
		f.put("function policy", policy)
		if len(policy["Statement"].([]any)) == 0 {
			f.put("function policy", nil)
		}
	case "AuthorizeSecurityGroupIngress":
		rule := p["IpPermissions"].([]any)[0].(map[string]any)
		f.put("rules", append(f.list("rules"), map[string]any{"SecurityGroupRuleId": "sgr-1", "IsEgress": false, "IpProtocol": rule["IpProtocol"], "FromPort": rule["FromPort"],
			"ToPort": rule["ToPort"], "PrefixListId": rule["PrefixListIds"].([]any)[0].(map[string]any)["PrefixListId"]}))
	case "RevokeSecurityGroupIngress":
		f.put("rules", without(f.list("rules"), "SecurityGroupRuleId", "sgr-1"))
	case "PutMetricAlarm":
		f.put("alarms", append(without(f.list("alarms"), "AlarmName", p["AlarmName"]), p))
	case "DeleteAlarms":
		f.put("alarms", without(f.list("alarms"), "AlarmName", p["AlarmNames"].([]any)[0]))
	case "ModifyLoadBalancerAttributes":
		one := p["Attributes"].([]any)[0].(map[string]any)
		f.put("attributes", append([]any{one}, without(f.list("attributes"), "Key", one["Key"])...))
	case "CreateFunction":
		f.put("code DEVELOPMENT", p["FunctionCode"])
	case "DeleteFunction":
		f.put("code DEVELOPMENT", nil)
		f.put("code LIVE", nil)
	case "PutBucketRequestPayment":
		f.put("payment", p["RequestPaymentConfiguration"])
	case "PublishFunction":
		if err := f.guard("code DEVELOPMENT", p, "IfMatch", "PreconditionFailed"); err != nil {
			return err
		}
		f.put("code LIVE", f.state["code DEVELOPMENT"])
		f.put("config LIVE", f.state["config DEVELOPMENT"])
	case "UpdateFunction":
		if err := f.guard("code DEVELOPMENT", p, "IfMatch", "PreconditionFailed"); err != nil {
			return err
		}
		f.put("config DEVELOPMENT", p["FunctionConfig"])
		f.put("code DEVELOPMENT", p["FunctionCode"])
	case "CreateDelivery":
		f.put("deliveries", append(f.list("deliveries"), map[string]any{"id": "d1", "deliverySourceName": p["deliverySourceName"], "deliveryDestinationArn": p["deliveryDestinationArn"]}))
	case "DeleteDelivery":
		f.put("deliveries", without(f.list("deliveries"), "id", p["id"]))
	case "PutDeliverySource", "PutDeliveryDestination", "CreateLogGroup", "DeleteDeliverySource", "DeleteDeliveryDestination", "CreateInvalidation":
	default:
		return f.changeAround(operation, p)
	}
	return nil
}

func without(list []any, key string, value any) []any {
	return slices.DeleteFunc(slices.Clone(list), func(item any) bool { return item.(map[string]any)[key] == value })
}

// copied is the state to compare with later; the numbers of versions do not count.
func (f *fake) copied() map[string]any {
	raw, err := json.Marshal(f.state)
	if err != nil {
		f.t.Fatal(err)
	}
	out := object(f.t, string(raw)).(map[string]any)
	maps.DeleteFunc(out, func(_ string, v any) bool { return v == nil || cmp.Equal(v, []any{}) })
	return out
}

func (f *fake) prepare(changes ...fix.Change) *Journal {
	f.t.Helper()
	j, err := f.tryPrepare(changes...)
	if err != nil {
		f.t.Fatal(err)
	}
	return j
}

// counter notes the calls that are made.
type counter struct {
	API
	calls []string
}

func (c *counter) Do(ctx context.Context, call evidence.Call) (jsontext.Value, error) {
	c.calls = append(c.calls, call.Operation)
	return c.API.Do(ctx, call)
}
