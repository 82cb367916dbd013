package fieldlevelencryption

import (
	"strings"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
)

const guide = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/"

var fleRejected = &cause.Cause{
	ID:       "FLE_REJECTED",
	Title:    "Field-level encryption refuses the request",
	Stage:    "field-level-encryption",
	Symptoms: []int{400},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `With field-level encryption CloudFront encrypts fields of a posted form. The profile is picked by the query argument fle-profile or by the content type.
Where neither names one and the configuration does not forward such requests, or the form is malformed, has more than 10 encrypted fields or over 1 MB, the answer is 400.`,
		Why: `The client sends JSON or a multipart form where the configuration knows application/x-www-form-urlencoded only, names a profile that was removed, or
uploads through a behavior that is for small forms.`,
		Example: "POST with the content type application/json while ForwardWhenContentTypeIsUnknown is false.",
		Manual:  "The field-level encryption configuration is a resource of its own that other behaviors may share.",
		References: []string{
			guide + "field-level-encryption.html",
			guide + "cloudfront-limits.html",
			"https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_ContentTypeProfileConfig.html",
		},
		Since: "0.1",
	},
	Detect: detect,
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		id := "the configuration"
		if e := p.Exchange().Encryption; e != nil {
			id = e.ID
		}
		out := []fix.Fix{{
			Title: "Send what the configuration knows", Complexity: fix.Standard, Minutes: 30,
			Impact:      "None on requests that pass now",
			Explanation: "A form with a known content type and profile is encrypted.",
			Manual: []string{
				"Client: post application/x-www-form-urlencoded, within 1 MB, with no fle-profile argument or one that exists.",
				"Or CloudFront console, Field-level encryption, configuration " + id + ": add the content type or query argument with its profile.",
				"Uploads and JSON belong on a behavior without field-level encryption.",
			},
			Confidence: fix.Medium,
		}}
		if p.Exchange().Encryption == nil {
			return out
		}
		out[0].ByHand = []fix.HandCall{
			{Purpose: "See which content types and query arguments the configuration knows", Service: "cloudfront", Operation: "GetFieldLevelEncryption",
				Params: []fix.HandParam{{Name: "Id", Value: id}}},
			{Purpose: "See the profiles that there are", Service: "cloudfront", Operation: "ListFieldLevelEncryptionProfiles"},
		}
		if edits := forwardUnknown(p.Exchange().Encryption); len(edits) > 0 {
			out = append(out, fix.Fix{
				Title: "Forward what the configuration does not know", Complexity: fix.Quick, Minutes: 15, Compromise: true,
				Impact:      "None on requests that pass now",
				Explanation: "CloudFront then hands such requests to the origin as they are instead of refusing them.",
				SideEffects: []string{"What is forwarded without a profile reaches the origin with its sensitive fields not encrypted by CloudFront: decide whether that may be"},
				Changes:     []fix.Change{fix.EditFieldLevelEncryption(id, edits...)},
				Confidence:  fix.Medium,
			})
		}
		return out
	},
}

// forwardUnknown are the switches that let the request through; none where it is refused for something else, such as its size.
func forwardUnknown(e *edge.FieldEncryption) []fix.Edits {
	config := e.Fact.Or(account.FieldLevelEncryptionOutput{}).FieldLevelEncryption.FieldLevelEncryptionConfig
	if config == nil || e.Rejected == "" || e.Profile != "" {
		return nil
	}
	var out []fix.Edits
	if q := config.QueryArgProfileConfig; q != nil && e.QueryArg != "" && !on(q.ForwardWhenQueryArgProfileIsUnknown) {
		out = append(out, fix.ForwardUnknownProfile())
	}
	c := config.ContentTypeProfileConfig
	if c == nil || on(c.ForwardWhenContentTypeIsUnknown) {
		return out
	}
	if c.ContentTypeProfiles != nil {
		for _, known := range c.ContentTypeProfiles.Items {
			if known.ContentType != nil && strings.EqualFold(*known.ContentType, e.ContentType) {
				return out // the form is encrypted by its content type's profile
			}
		}
	}
	return append(out, fix.ForwardUnknownContentType())
}

func on(b *bool) bool { return b != nil && *b }

func detect(p *cause.Pass) cause.Verdict {
	e := p.Exchange().Encryption
	step, _ := p.Trace.Step("field-level-encryption")
	if e == nil {
		return cause.RuleOut("field-level encryption has no part in this request", step.Evidence...)
	}
	resource := p.BehaviorName(p.Trace.Behavior)
	refs := append(append([]evidence.Ref(nil), step.Evidence...), p.Model.Ref(p.Trace.Behavior.Field+".FieldLevelEncryptionId", e.ID, ""))
	wanted := p.Symptom.Code == 400 && !p.Reproduced()
	switch {
	case p.StoppedHere():
		return cause.Confirm(resource, "Field-level encryption refuses this request: "+e.Rejected+".", refs...).
			WithBecause("the configuration and the request's content type, query and size are known")
	case !e.Fact.IsKnown() && wanted:
		return cause.Possible(resource, "Field-level encryption is set up for this behavior and may refuse the request.", "its configuration could not be read", refs...).Needing(e.Fact)
	case !e.Fact.IsKnown():
		return cause.Need("the field-level encryption configuration was not read", e.Fact)
	case e.Rejected != "" && wanted:
		return cause.Possible(resource, "Field-level encryption may refuse this request: "+e.Rejected+".", "the request names no content type, and what becomes of such requests is not documented", refs...)
	case e.Rejected != "":
		return cause.Need("the request names no content type, and what becomes of such requests is not documented")
	case e.Profile != "" && wanted:
		return cause.Possible(resource, "Field-level encryption encrypts this form, and refuses forms that are malformed or have too many or too long fields.",
			"the form itself is not known", refs...)
	}
	return cause.RuleOut("field-level encryption takes the request", refs...)
}
