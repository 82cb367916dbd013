package fix

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	"pgregory.net/rapid"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
)

const hostileOrigin = `it's "api" $(x) é`

// usual are the typed edits, each with what it must change in the fixture.
func usual() map[string]Edits {
	return map[string]Edits{
		"root object":        SetDefaultRootObject("index.html"),
		"vpc origin":         SetVPCOrigin(hostileOrigin, "vo_1", 30, 5),
		"access control":     SetOriginAccessControl("s3-site", "EOAC"),
		"access control off": SetOriginAccessControl(hostileOrigin, nil),
		"domain":             SetOriginDomain(hostileOrigin, "new.example.com"),
		"origin path":        SetOriginPath(hostileOrigin, "/prod"),
		"protocol":           SetOriginProtocolPolicy(hostileOrigin, "http-only"),
		"ports":              SetOriginPorts(hostileOrigin, 8080, 8443),
		"ssl protocols":      SetOriginSSLProtocols(hostileOrigin, "TLSv1.1", "TLSv1.2"),
		"read timeout":       SetReadTimeout(hostileOrigin, 60),
		"keep-alive":         SetKeepaliveTimeout(hostileOrigin, 60),
		"connection timeout": SetConnectionTimeout("s3-site", 5),
		"shield":             SetOriginShield("s3-site", "eu-west-1"),
		"methods":            SetAllowedMethods("/api/*", AllMethods()...),
		"viewer protocol":    SetViewerProtocolPolicy("", "https-only"),
		"origin request":     SetOriginRequestPolicy("", ""),
		"origin request set": SetOriginRequestPolicy("/api/*", "b689b0a8-53d0-40ab-baf2-68738e2966ac"),
		"response headers":   SetResponseHeadersPolicy("", "60669652-455b-4ae9-85a4-c4c02393f86c"),
		"cache policy":       SetCachePolicy("/old/*", "658327ea-f89d-4fab-a63d-7e88639e58f6"),
		"ttl":                SetTTL("/old/*", 0, 0, 60),
		"compress":           SetCompress("/api/*", true),
		"target":             SetTargetOrigin("/old/*", hostileOrigin),
		"function":           AddFunctionAssociation("", "viewer-request", "arn:aws:cloudfront::1:function/f"),
		"function off":       RemoveFunctionAssociation("", "viewer-request"),
		"order":              ReorderBehaviors("/old/*", "/api/*"),
		"pattern":            SetPathPattern("/old/*", "/new 'x'/*"),
		"alias":              AddAlias("shop.example.com"),
		"alias there":        AddAlias("www.example.com"),
		"alias gone":         RemoveAlias("www.example.com"),
		"certificate":        SetViewerCertificate("arn:aws:acm:us-east-1:1:certificate/2", "TLSv1.2_2021"),
		"tls policy":         SetMinimumProtocolVersion("TLSv1.2_2019"),
		"disabled":           SetEnabled(false),
		"http version":       SetHTTPVersion("http2and3"),
		"ipv6":               SetIPv6(false),
		"price class":        SetPriceClass("PriceClass_100"),
		"web acl":            SetWebACL(aclARN),
		"origin group":       AddOriginGroup("pair", "s3-site", hostileOrigin, 500, 502),
		"country":            AddCountry("BR"),
		"country gone":       RemoveCountry("CA"),
		"geo off":            SetGeoRestriction("none"),
		"geo list":           SetGeoRestriction("blacklist", "AQ"),
		"error response":     SetCustomErrorResponse(404, "", 0, 0),
		"error response new": SetCustomErrorResponse(403, "/error.html", 403, 60),
		"error response off": RemoveCustomErrorResponse(404),
		"logging":            SetLogging("logs.s3.amazonaws.com", "cdn/", false),
		"no such origin":     SetOriginPath("none", "/x"),
		"no such behavior":   SetPathPattern("/none", "/x"),
		"two":                append(SetPathPattern("/old/*", "/newer/*"), SetCompress("/api/*", true)...),
	}
}

func TestEditsAgreeWithJQ(t *testing.T) {
	needJQ(t)
	doc := tree(t, string(fixture(t, "distribution-config.json")))
	for name, edits := range usual() {
		t.Run(name, func(t *testing.T) { sameInBoth(t, doc, edits) })
	}
}

// What an edit makes of the configuration is what CloudFront's types hold: nothing is lost on the way to and from them.
func TestEditsReachTheTypes(t *testing.T) {
	for name, edits := range usual() {
		t.Run(name, func(t *testing.T) {
			w := world(t)
			change := EditDistribution(distributionID, edits)
			before, _ := account.Distribution(distributionID).In(w).Get()
			diff := change.Diff(w)
			after, _ := account.Distribution(distributionID).In(Fix{Changes: []Change{change}}.Apply(w)).Get()
			changed := !sameTree(mustTree(before), mustTree(after))
			if changed != (len(diff) > 0) {
				t.Errorf("the effect changes something: %v, the diff: %v", changed, diff)
			}
		})
	}
}

func TestInverseGoesBack(t *testing.T) {
	doc := tree(t, string(fixture(t, "distribution-config.json")))
	for name, edits := range usual() {
		after, err := applyAll(doc, edits)
		if err != nil {
			continue
		}
		back, err := applyAll(after, inverse(doc, edits))
		if err != nil || !sameTree(back, doc) {
			t.Errorf("%s: %v: %v", name, err, diffTrees("", "", doc, back))
		}
	}
}

func TestEffectEditsTheList(t *testing.T) {
	w := world(t)
	id, root := distributionID, "www.example.com"
	account.Distributions().Set(w, account.DistributionsOutput{DistributionList: types.DistributionList{Items: []types.DistributionSummary{
		{Id: &id, Aliases: &types.Aliases{Items: []string{root}}}}}})
	after := Fix{Changes: []Change{EditDistribution(distributionID, AddAlias("shop.example.com"), SetDefaultRootObject("x"))}}.Apply(w)
	list, _ := account.Distributions().In(after).Get()
	if got := list.DistributionList.Items[0].Aliases.Items; len(got) != 2 {
		t.Errorf("the list's aliases are %v", got)
	}
	list, _ = account.Distributions().In(w).Get()
	if got := list.DistributionList.Items[0].Aliases.Items; len(got) != 1 {
		t.Errorf("the edit reached the world it was cloned from: %v", got)
	}
}

func TestEffectLeavesTheUnknownUnknown(t *testing.T) {
	w := evidence.NewWorld(world(t).Now, "")
	for _, change := range []Change{
		EditDistribution(distributionID, SetEnabled(true)),
		EditBucketPolicy("site", GrantDistribution("site", "", "", []string{"s3:GetObject"}, distributionARN)...),
		EditWebACL(aclARN, SetDefaultAction("Allow")),
		AddLambdaPermission("thumbs", "eu-west-1", "", []string{distributionARN}),
		AllowCloudFrontInSecurityGroup("sg-1", "eu-west-1", 443, ""),
	} {
		change.Effect(w)
	}
	if records := w.Records(); len(records) != 0 {
		t.Errorf("effects made facts up: %v", records)
	}
}

// Random configurations and edits: Go and jq agree, and what an edit does not name survives.
func TestRandomEditsAgreeWithJQ(t *testing.T) {
	needJQ(t)
	name := rapid.SampledFrom([]string{"a", "b", "c'", `d"$(x)`})
	item := rapid.Custom(func(t *rapid.T) any {
		return map[string]any{"Id": name.Draw(t, "id"), "Other": map[string]any{"Keep": rapid.Float64Range(-1e6, 1e6).Draw(t, "keep"), "é": name.Draw(t, "é")}}
	})
	rapid.Check(t, func(t *rapid.T) {
		items := rapid.SliceOfN(item, 0, 4).Draw(t, "items")
		list := map[string]any{"Quantity": float64(len(items)), "Enabled": true}
		if len(items) > 0 {
			list["Items"] = items
		}
		doc := map[string]any{"List": list, "Beside": map[string]any{"x": name.Draw(t, "x"), "null": nil}}
		id := name.Draw(t, "edited")
		edits := rapid.SliceOfN(rapid.SampledFrom(Edits{
			{Path: At("List").Item("Id", id).Field("Other", "New"), Op: Set, New: "v"},
			{Path: At("List").Item("Id", id).Field("Other", "Keep"), Op: Set},
			{Path: At("List").Item("Id", id).Field("Other", "Keep"), Op: SetPresent, New: []string{"x"}},
			{Path: At("List"), Op: AddItem, Key: "Id", New: map[string]any{"Id": id}},
			{Path: At("List"), Op: RemoveItem, Key: "Id", Old: id},
			{Path: At("List"), Op: OrderItems, Key: "Id", New: []string{"c'", id}},
			{Path: At("Made", "List"), Op: AddItem, New: id},
			{Path: At("Made", "Rules"), Op: AddItem, Key: "Name", New: map[string]any{"Name": id}},
			{Path: At("List"), Op: SetItems, New: []any{}},
		}), 1, 1).Draw(t, "edits")
		sameInBoth(t, doc, edits)
		after, err := applyAll(doc, edits)
		if err == nil && !sameTree(objectOf(after)["Beside"], doc["Beside"]) {
			t.Fatalf("what no edit names changed: %s", text(after))
		}
	})
}
