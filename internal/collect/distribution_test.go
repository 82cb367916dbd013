package collect

import (
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/request"
)

const everythingID = "EVERYTHING0001"

func get(host, path string) request.Request { return request.New(host, path) }

// collected runs a collection and returns its world.
func collected(t *testing.T, src *fake, id string, req request.Request) (*evidence.World, *Collector) {
	t.Helper()
	c := New(src, now, Options{})
	Distribution(t.Context(), c, id, req)
	return c.Wait(), c
}

// unused are the operations that no collection asks for, with the reason.
var unused = map[string]string{}

func TestEveryOperationIsAskedFor(t *testing.T) {
	asked := map[string]bool{}
	for _, world := range []struct{ file, id, host, path string }{
		{"testdata/everything.json", everythingID, "www.shop.example", "/images/a%20b.jpg"},
		{"testdata/everything.json", everythingID, "www.shop.example", "/out/v1/sport/live/hls/index.m3u8"},
		{"testdata/tenants.json", "ETENANTS000001", "acme.example", "/"},
	} {
		src := load(t, world.file)
		collected(t, src, world.id, get(world.host, world.path))
		for name := range src.names {
			asked[name] = true
		}
		for key, n := range src.asked {
			if n != 1 {
				t.Errorf("%s: %q was asked %d times", world.file, key, n)
			}
		}
	}
	for _, op := range account.Operations() {
		name := op.Service + ":" + op.Name
		_, excepted := unused[name]
		switch {
		case !asked[name] && !excepted:
			t.Errorf("%s is never asked for", name)
		case asked[name] && excepted:
			t.Errorf("%s is asked for: take it off the list of exceptions", name)
		}
	}
}

func TestDistributionAsksFor(t *testing.T) {
	const owner, lb = "111122223333", "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/web/5555"
	src := load(t, "testdata/everything.json")
	c := New(src, now, Options{})
	Distribution(t.Context(), c, everythingID, get("www.shop.example", "/images/a%20b.jpg"))
	c.Wait()
	acl := "arn:aws:wafv2:us-east-1:111122223333:global/webacl/edge/aaaa"
	for _, want := range []evidence.Query{
		account.Object("assets", "site/images/a b.jpg"),            // the key under the origin path, decoded
		account.Object("assets", "images/a b.jpg"),                 // without the origin path
		account.Object("assets", "site/site/images/a b.jpg"),       // with it twice
		account.Object("old-bucket", "a b.jpg"),                    // without the behavior's prefix, in a member of the origin group
		account.Object("old-bucket", "images/a%20b.jpg"),           // a key that holds the percent sign
		account.Object("www-site", "images/404.html"),              // the error page, where its behavior leads
		account.Object("www-site", "oops.html"),                    // the website's own
		account.Object("assets", "site/index.html"),                // the default root object
		account.Objects("assets", "site/images/"),                  // the folder
		account.Objects("assets", ""),                              // the whole bucket
		account.ObjectACL("assets", "site/images/a b.jpg"),         // of an object that is there
		account.Key("arn:aws:kms:us-east-1:111122223333:key/3333"), // its key
		account.KeyPolicy("arn:aws:kms:us-east-1:111122223333:key/9999"),
		account.Distribution("EFORMER0000001"), // which the bucket policy names
		account.Distribution("ESTAGING000001"),
		account.AccountPublicAccessBlock(owner),
		account.RecordSets("/hostedzone/Z1", "www.shop.example"),
		account.ConflictingAliases(everythingID, "www.shop.example"),
		account.SampledRequests(acl, "edge", now), account.SampledRequests(acl, "office", now),
		account.RateKeys(acl, "rate"),
		account.IPSet("arn:aws:wafv2:us-east-1:111122223333:global/ipset/office/bbbb"),                   // under a Not
		account.IPSet("arn:aws:wafv2:us-east-1:111122223333:global/ipset/partners/eeee"),                 // in a rule group
		account.RegexPatternSet("arn:aws:wafv2:us-east-1:111122223333:global/regexpatternset/bots/cccc"), // under an And of an Or
		account.ManagedRuleGroup("AWS", "AWSManagedRulesAmazonIpReputationList", "", "CLOUDFRONT", "us-east-1"),
		account.ManagedRuleGroup("AWS", "AWSManagedRulesLinuxRuleSet", "", "CLOUDFRONT", "us-east-1"), // of Firewall Manager
		account.ManagedRuleGroup("AWS", "AWSManagedRulesSQLiRuleSet", "", "REGIONAL", "eu-west-1"),    // on the load balancer
		account.PublicKey("K1"), account.PublicKey("K2"), account.PublicKey("K3"),
		account.Role("edge-role"),
		account.KeyValues("arn:aws:cloudfront::111122223333:key-value-store/4444"),
		account.FunctionCode("gate", "DEVELOPMENT"),
		account.Listeners(lb), // behind an alias record behind a CNAME
		account.Certificate("arn:aws:acm:eu-west-1:111122223333:certificate/2222"),
		account.SecurityGroups("eu-west-1", "sg-1"), account.Subnets("eu-west-1", "subnet-1", "subnet-2"),
		account.PrefixListEntries("eu-west-1", "pl-cf"), account.PrefixListEntries("eu-west-1", "pl-own"),
		account.NetworkACLs("eu-west-1", "vpc-1"), account.NetworkACLs("eu-west-1", "vpc-2"), account.NetworkACLs("eu-west-1", "vpc-3"),
		account.RestMethod("eu-west-1", "r1r1r1r1r1", "pets", "GET"),
		account.WebACLForResource("arn:aws:apigateway:eu-west-1::/restapis/r1r1r1r1r1/stages/prod", "eu-west-1"),
		account.RestAPI("eu-west-1", "r2r2r2r2r2"), account.HTTPRoutes("eu-west-1", "h3h3h3h3h3"), // behind a custom domain name
		account.LambdaPolicy("eu-west-1", "fn3", "live"),
		account.BucketACL("logs-bucket"),
		MetricData(now, everythingID, []string{"gate"}),
		account.LogGroups("us-east-1", "/aws/cloudfront/function/gate"),
	} {
		if src.asked[want.Asks().Key()] == 0 {
			t.Errorf("not asked for: %s %v", want.Asks().Name(), want.Asks().Params)
		}
	}
}

func TestDistributionLeavesOutWhatItDoesNotCallFor(t *testing.T) {
	src := load(t, "testdata/everything.json")
	collected(t, src, everythingID, get("", "/"))
	for _, name := range []string{
		"cloudfront:ListDistributionTenants", "cloudfront:ListConnectionGroups", "cloudfront:GetDistributionTenantByDomain",
		"mediapackagev2:GetOriginEndpointPolicy", // the path names no channel
	} {
		if src.names[name] > 0 {
			t.Errorf("%s was asked for", name)
		}
	}
	for key := range src.asked {
		for _, foreign := range []string{"vpc-9", "pl-foreign", "pl-s3", "cg_9", "d-zzzz", "api.else.example", "\"RuleName\":\"custom-rate\""} {
			if strings.Contains(key, foreign) {
				t.Errorf("%q was asked for and belongs to something else", key)
			}
		}
	}
	if n := src.names["cloudfront:GetInvalidation"]; n != maxInvalidations {
		t.Errorf("%d invalidations were read, want %d", n, maxInvalidations)
	}
}

// With one lane the functions are asked one after the other, and no more once the URL's is found.
// What is behind an origin that is a distribution itself shows in the list of distributions.
func TestDistributionBeforeDistribution(t *testing.T) {
	for domain, want := range map[string]int{"d2other.cloudfront.net": 1, "origin.example.com": 0} {
		src := load(t, "testdata/everything.json")
		c := New(src, now, Options{})
		w := newWalk(c, everythingID, get("", "/"), types.Distribution{DistributionConfig: &types.DistributionConfig{}})
		w.origin(t.Context(), types.Origin{DomainName: &domain})
		c.Wait()
		if got := src.asked[account.Distributions().Asks().Key()]; got != want {
			t.Errorf("%s: the list was asked for %d times, want %d", domain, got, want)
		}
	}
}

// The key that a signature names is asked for, whether a group trusts it or not; what cannot be the id of a public key is not.
func TestKeyOfTheSignature(t *testing.T) {
	for path, want := range map[string]int{"/a?Key-Pair-Id=K9ROTATEDOUT0": 1, "/a?Key-Pair-Id=4f0c1d2e-6a7b-4c8d": 0, "/a?Key-Pair-Id=K%27%24(id)": 0} {
		src := load(t, "testdata/everything.json")
		collected(t, src, everythingID, get("", path))
		if got := src.asked[account.PublicKey("K9ROTATEDOUT0").Asks().Key()]; got != want {
			t.Errorf("%s: the key was asked for %d times, want %d", path, got, want)
		}
	}
}

func TestFunctionURLSearchStops(t *testing.T) {
	src := load(t, "testdata/everything.json")
	c := New(src, now, Options{PerService: 1})
	Distribution(t.Context(), c, everythingID, get("", "/"))
	c.Wait()
	if n := src.names["lambda:ListFunctionUrlConfigs"]; n != 4 {
		t.Errorf("%d functions were asked for their URLs, want the 4 up to the right one", n)
	}
	if got := c.Stats().LongestChain; got > 8 {
		t.Errorf("the search counts as a chain: %d", got)
	}
}

func TestFoundFunctionURLEndsEveryLane(t *testing.T) {
	src := newFake()
	c := New(src, now, Options{})
	s := &urlSearch{w: &walk{c: c}, names: []string{"a", "b"}}
	s.found()
	s.next(t.Context())
	c.Wait()
	if len(src.asked) > 0 {
		t.Errorf("asked on: %v", src.names)
	}
}

func TestTenantsOfOtherDistributionsAreLeftAlone(t *testing.T) {
	src := load(t, "testdata/tenants.json")
	collected(t, src, "ETENANTS000001", get("acme.example", "/"))
	if src.asked[account.ConnectionGroup("cg_1").Asks().Key()] != 1 {
		t.Error("the tenant's connection group was not asked for")
	}
	if src.asked[account.ConnectionGroup("cg_9").Asks().Key()] != 0 {
		t.Error("another distribution's tenant was read")
	}
	// The tenant's parameters lead to its bucket, an access point's alias to the bucket behind it.
	for _, bucket := range []string{"acme.bucket", "shared-media"} {
		if src.asked[account.BucketPolicy(bucket).Asks().Key()] != 1 {
			t.Errorf("the policy of %s was not asked for", bucket)
		}
	}
}

// A VPC origin may be shared from another account, whose load balancers cannot be listed: not being in this account's list says nothing.
func TestVPCOriginOfAnotherAccount(t *testing.T) {
	src := newFake(
		say("cloudfront", "GetVpcOrigin", nil, `{"VpcOrigin":{"Id":"vo_1","VpcOriginEndpointConfig":{"Arn":"arn:aws:elasticloadbalancing:eu-west-1:999988887777:loadbalancer/app/x/1"}}}`))
	c := New(src, now, Options{})
	(&walk{c: c, account: "111122223333"}).vpcOrigin(t.Context(), "vo_1")
	c.Wait()
	if src.names["elbv2:DescribeLoadBalancers"] != 0 {
		t.Error("this account's load balancers were listed")
	}
}

// HeadObject is refused to those who may not read the object; its ACL may be allowed all the same.
func TestObjectACLIsAskedForWhereTheObjectIsDenied(t *testing.T) {
	src := newFake(
		refuse("s3", "HeadObject", map[string]any{"Key": "denied"}, "403"),
		refuse("s3", "HeadObject", map[string]any{"Key": "absent"}, "404"))
	c := New(src, now, Options{})
	for _, key := range []string{"denied", "absent", "unrecorded"} {
		(&walk{c: c}).object(t.Context(), cloudfront.Endpoint{Name: "b"}, key)
	}
	c.Wait()
	for key, want := range map[string]int{"denied": 1, "absent": 0, "unrecorded": 0} {
		if got := src.asked[account.ObjectACL("b", key).Asks().Key()]; got != want {
			t.Errorf("the ACL of the %s object was asked for %d times, want %d", key, got, want)
		}
	}
}

// Asked again for the request that a function makes of the first, a collection makes only what is new.
func TestDistributionAgainForARewrittenRequest(t *testing.T) {
	src := load(t, "testdata/everything.json")
	_, c := collected(t, src, everythingID, get("www.shop.example", "/images/a.jpg"))
	first := c.Stats().Calls
	Distribution(t.Context(), c, everythingID, get("www.shop.example", "/v2/b.jpg"))
	w := c.Wait()
	again := c.Stats().Calls - first
	if again == 0 || again > 80 {
		t.Errorf("%d calls more, want those for the other keys only", again)
	}
	for key, n := range src.asked {
		if n != 1 {
			t.Errorf("%q was asked %d times", key, n)
		}
	}
	if src.asked[account.Object("assets", "site/v2/b.jpg").Asks().Key()] != 1 {
		t.Error("the rewritten key was not asked for")
	}
	if !account.Object("assets", "site/images/a b.jpg").In(w).Missing() {
		t.Error("a key of neither request was read")
	}
}

// A site with three origins, a web ACL, a function and alarms: no more than four calls may wait for each other.
func TestChainIsShort(t *testing.T) {
	src := newFake(
		say("cloudfront", "GetDistribution", nil, `{"Distribution":{"Id":"ESHORT00000001","ARN":"arn:aws:cloudfront::111122223333:distribution/ESHORT00000001",
			"DomainName":"d111111abcdef8.cloudfront.net","DistributionConfig":{"CallerReference":"x","Comment":"","Enabled":true,
			"Origins":{"Quantity":3,"Items":[{"Id":"a","DomainName":"a.s3.us-east-1.amazonaws.com","OriginAccessControlId":"E1"},
				{"Id":"b","DomainName":"b.s3.us-east-1.amazonaws.com"},{"Id":"c","DomainName":"web-1.us-east-1.elb.amazonaws.com"}]},
			"DefaultCacheBehavior":{"TargetOriginId":"a","CachePolicyId":"p","FunctionAssociations":{"Quantity":1,"Items":[
				{"FunctionARN":"arn:aws:cloudfront::111122223333:function/gate","EventType":"viewer-request"}]}},
			"WebACLId":"arn:aws:wafv2:us-east-1:111122223333:global/webacl/edge/aaaa"}}}`),
		say("s3", "HeadObject", nil, `{"SSEKMSKeyId":"arn:aws:kms:us-east-1:111122223333:key/1"}`),
		say("cloudfront", "DescribeFunction", nil, `{"FunctionSummary":{"FunctionConfig":{"Runtime":"cloudfront-js-2.0",
			"KeyValueStoreAssociations":{"Quantity":1,"Items":[{"KeyValueStoreARN":"arn:kvs"}]}}}}`),
		say("wafv2", "GetWebACL", nil, `{"WebACL":{"Rules":[{"Statement":{"RuleGroupReferenceStatement":{"ARN":"arn:aws:wafv2:us-east-1:111122223333:global/rulegroup/g/1"}}}]}}`),
		say("wafv2", "GetRuleGroup", nil, `{"RuleGroup":{"Rules":[{"Statement":{"IPSetReferenceStatement":{"ARN":"arn:aws:wafv2:us-east-1:111122223333:global/ipset/s/1"}}}]}}`),
		say("cloudwatch", "DescribeAlarms", nil, `{"MetricAlarms":[]}`),
		say("elbv2", "DescribeLoadBalancers", nil, `{"LoadBalancers":[{"LoadBalancerArn":"arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/web/1",
			"DNSName":"web-1.us-east-1.elb.amazonaws.com","Type":"application","VpcId":"vpc-1","SecurityGroups":["sg-1"]}]}`),
		say("elbv2", "DescribeListeners", nil, `{"Listeners":[{"ListenerArn":"arn:aws:elasticloadbalancing:us-east-1:111122223333:listener/1","Protocol":"HTTP"}]}`),
		say("elbv2", "DescribeTargetGroups", nil, `{"TargetGroups":[{"TargetGroupArn":"arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/1"}]}`))
	_, c := collected(t, src, "ESHORT00000001", get("", "/a.jpg"))
	for _, name := range []string{"kms:GetKeyPolicy", "cloudfront-keyvaluestore:ListKeys", "wafv2:GetIPSet", "elbv2:DescribeTargetHealth", "cloudwatch:DescribeAlarms"} {
		if src.names[name] == 0 {
			t.Errorf("%s was not asked for", name)
		}
	}
	if got := c.Stats().LongestChain; got > 4 {
		t.Errorf("%d calls wait for each other, want 4 at most", got)
	}
}

// Whatever an account answers, a collection ends: each answer in turn is mangled.
func TestStrangeAnswersEndTheCollection(t *testing.T) {
	whole := load(t, "testdata/everything.json")
	for i := range whole.answers {
		for _, output := range []string{`{}`, `null`, `[]`, `{"Distribution":{"DistributionConfig":{}}}`, `{"WebACL":{"Rules":[{}]}}`, `{"LoadBalancers":[{}]}`} {
			answers := slices.Clone(whole.answers)
			answers[i].Output = jsontext.Value(output)
			collected(t, newFake(answers...), everythingID, get("www.shop.example", "/images/%zz/"))
		}
	}
}
