package edge

import (
	"strings"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/request"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
)

// maxEncryptedBody is the longest body of a request with field-level encryption, in bytes (DG/cloudfront-limits: 1 MB).
const maxEncryptedBody = 1 << 20

// FieldEncryption is field-level encryption's part in a request.
type FieldEncryption struct {
	ID   string
	Fact evidence.Fact[account.FieldLevelEncryptionOutput]
	// Profile is the id of the profile that encrypts the body; "" for none.
	Profile string
	// ContentType is the request's, without parameters; QueryArg the value of fle-profile.
	ContentType, QueryArg string
	// Rejected names why the request is refused; "" where it is not.
	Rejected string
}

// encryptionFacts is a behavior's field-level encryption.
type encryptionFacts struct {
	id   string
	fact evidence.Fact[account.FieldLevelEncryptionOutput]
}

var fieldLevelEncryption = &Stage{
	ID:    "field-level-encryption",
	Title: "Field-level encryption",
	Doc: "For a POST with a form, field-level encryption picks a profile by the query argument fle-profile or the content type. Where neither names one " +
		"and the configuration does not say to forward such requests, or where the body exceeds 1 MB, the answer is 400. Where the check stands is not documented.",
	Sources: []string{"DG/field-level-encryption", "DG/cloudfront-limits", "DG/standard-logs-reference", "API/ContentTypeProfileConfig", "API/QueryArgProfileConfig"},
	Run:     runFieldLevelEncryption,
}

func runFieldLevelEncryption(x *Exchange) Step {
	id := str(x.Behavior.Config.FieldLevelEncryptionId)
	if id == "" {
		return x.Skip("The behavior has no field-level encryption")
	}
	if x.Current.Method != "POST" || x.Current.BodySize == 0 {
		return x.Skip("Field-level encryption works on the bodies of POST requests")
	}
	facts := x.Behavior.data.fields.get(func() *encryptionFacts {
		return &encryptionFacts{id, account.FieldLevelEncryption(id).In(x.Model.World)}
	})
	e := &FieldEncryption{ID: id, Fact: facts.fact, ContentType: contentType(&x.Current), QueryArg: queryArg(x.Current.Query, "fle-profile")}
	x.Encryption = e
	out, ok := facts.fact.Get()
	config := out.FieldLevelEncryption.FieldLevelEncryptionConfig
	if !ok || config == nil {
		return x.Unsure(Alternative{Status: 400, If: "field-level encryption refuses the request"}, "Field-level encryption is set up and could not be read").
			WithEvidence(facts.fact.Ref(""))
	}
	e.choose(config)
	if e.Profile != "" && x.Current.BodySize > maxEncryptedBody {
		e.Rejected = "the body exceeds 1 MB"
	}
	ref := facts.fact.Ref("FieldLevelEncryptionConfig").With(e.Profile, e.Rejected)
	switch {
	case e.Rejected != "" && e.ContentType == "" && e.QueryArg == "":
		return x.Unsure(Alternative{Status: 400, If: "a request without a content type counts as one of an unknown type"},
			"The request names no content type; whether field-level encryption takes it is not documented").WithEvidence(ref)
	case e.Rejected != "":
		return x.worded(x.Stop(400, ByCloudFront, ""), "Field-level encryption refuses the request: %s", e.Rejected).WithEvidence(ref)
	case e.Profile != "":
		return x.worded(x.Unsure(Alternative{Status: 400, If: "the form is malformed, or has more or longer fields than field-level encryption takes", Weak: true}, ""),
			"Field-level encryption encrypts fields of the form with profile %s", e.Profile).WithEvidence(ref)
	}
	return x.Pass("Field-level encryption forwards the request as it is").WithEvidence(ref)
}

// choose picks the profile: the query argument's before the content type's (DG/field-level-encryption).
func (e *FieldEncryption) choose(config *types.FieldLevelEncryptionConfig) {
	if q := config.QueryArgProfileConfig; q != nil && e.QueryArg != "" {
		for _, p := range deref(q.QueryArgProfiles).Items {
			if str(p.QueryArg) == e.QueryArg {
				e.Profile = str(p.ProfileId)
				return
			}
		}
		if !deref(q.ForwardWhenQueryArgProfileIsUnknown) {
			e.Rejected = "no profile belongs to the query argument fle-profile=" + quoted(e.QueryArg)
			return
		}
	}
	c := config.ContentTypeProfileConfig
	if c == nil {
		return
	}
	for _, p := range deref(c.ContentTypeProfiles).Items {
		if strings.EqualFold(str(p.ContentType), e.ContentType) {
			e.Profile = str(p.ProfileId)
			return
		}
	}
	if !deref(c.ForwardWhenContentTypeIsUnknown) {
		e.Rejected = "no profile belongs to the content type " + quoted(e.ContentType)
	}
}

func contentType(r *request.Request) string {
	value, _ := r.Header("Content-Type")
	value, _, _ = strings.Cut(value, ";")
	return strings.TrimSpace(value)
}

// queryArg is the raw value of the first query argument of that name.
func queryArg(query, name string) string {
	for part := range strings.SplitSeq(query, "&") {
		if key, value, _ := strings.Cut(part, "="); key == name {
			return value
		}
	}
	return ""
}
