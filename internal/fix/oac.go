package fix

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
)

// OACCreation creates an origin access control.
type OACCreation struct {
	Name, OriginType, Signing string
}

// CreateOAC creates an origin access control: origin type s3, lambda, mediapackagev2 or mediastore; signing always, no-override or never.
// Names are unique in an account and have at most 64 characters; longer ones are cut. An OAC that has the name and the settings already
// is taken as it is.
func CreateOAC(name, originType, signing string) OACCreation {
	if runes := []rune(name); len(runes) > 64 {
		name = string(runes[:64])
	}
	return OACCreation{Name: name, OriginType: originType, Signing: signing}
}

// ID is the id that the OAC gets.
func (c OACCreation) ID() Output {
	return Output{
		Variable:    "oac_id_" + c.OriginType,
		Placeholder: "OAC_ID_FROM_THE_ANSWER",
		From:        "the OriginAccessControl.Id in the answer of create-origin-access-control",
		find:        c.find,
	}
}

// find is shell that looks the OAC up by its name.
func (c OACCreation) find() string {
	p := newProgram()
	p.steps = []string{fmt.Sprintf(`[.OriginAccessControlList.Items[]? | select(.Name == %s)][0]`, p.value(c.Name)), fmt.Sprintf(
		`if . == null then "" elif .OriginAccessControlOriginType == %s and .SigningBehavior == %s then .Id else error(%s) end`,
		p.value(c.OriginType), p.value(c.Signing), p.value("an origin access control of this name exists already, with other settings"))}
	return "aws cloudfront list-origin-access-controls --output json > \"$work/origin-access-controls.json\"\n" +
		c.ID().Variable + "=$(" + strings.Replace(p.command(), "jq ", "jq -r ", 1) + ` "$work/origin-access-controls.json")`
}

// Resource implements [Change].
func (c OACCreation) Resource() string { return "origin access control " + printable(c.Name) }

// Touches implements [Change].
func (c OACCreation) Touches() string { return "oac" }

// Console implements [Change].
func (c OACCreation) Console() []string {
	kinds := map[string]string{"s3": "S3", "lambda": "Lambda", "mediapackagev2": "MediaPackage V2", "mediastore": "MediaStore"}
	signing := map[string]string{"always": "Sign requests (recommended)", "never": "Do not sign requests",
		"no-override": "Sign requests (recommended) with Do not override authorization header"}
	return []string{
		"Open the CloudFront console, choose Origin access under Security, and choose Create control setting",
		fmt.Sprintf("Enter the name %s, choose %s and the origin type %s, and choose Create", show(c.Name), signing[c.Signing], kinds[c.OriginType]),
	}
}

// Diff implements [Change].
func (c OACCreation) Diff(*evidence.World) []DiffLine {
	return []DiffLine{{Resource: c.Resource(), New: text(mustTree(c.config()))}}
}

func (c OACCreation) config() map[string]any {
	return map[string]any{"Name": c.Name, "SigningProtocol": "sigv4", "SigningBehavior": c.Signing, "OriginAccessControlOriginType": c.OriginType}
}

// Effect implements [Change].
func (c OACCreation) Effect(w *evidence.World) {
	id := c.ID().Placeholder
	account.OriginAccessControl(id).Set(w, account.OriginAccessControlOutput{OriginAccessControl: types.OriginAccessControl{
		Id: &id,
		OriginAccessControlConfig: &types.OriginAccessControlConfig{
			Name:                          &c.Name,
			OriginAccessControlOriginType: types.OriginAccessControlOriginTypes(c.OriginType),
			SigningBehavior:               types.OriginAccessControlSigningBehaviors(c.Signing),
			SigningProtocol:               types.OriginAccessControlSigningProtocolsSigv4,
		},
	}})
}

func (c OACCreation) create() string {
	return "aws cloudfront create-origin-access-control --origin-access-control-config " + quote(text(mustTree(c.config())))
}

// Plan implements [Change].
func (c OACCreation) Plan(s *Shell) {
	s.createUnlessThere(creation{
		resource: c.Resource(), id: c.ID(), create: c.create(), answer: "created.json", path: ".OriginAccessControl.Id",
		created: "created with the id ", there: "there already, with the id ",
	})
	s.undo = append(s.undo, "say "+s.word("  (the "+c.Resource()+" costs nothing and does nothing by itself; it can stay)"))
}

// Commands implements [Change].
func (c OACCreation) Commands(Context) []Command {
	return []Command{{
		Purpose: "Create the " + c.Resource() + "; the answer shows its Id, which the commands after this one need",
		AWSCLI:  planned(c),
		CallAWS: callAWS(c.create()),
		Mutates: true,
	}}
}

// Rollback implements [Change].
func (c OACCreation) Rollback(Context) []Command {
	variable := c.ID().Variable
	return []Command{{
		Purpose: "Delete the " + c.Resource() + " again, when no origin uses it any more",
		AWSCLI: "(\nset -eu\n" + basics + "\n" + c.find() + "\n" +
			fmt.Sprintf("etag=$(aws cloudfront get-origin-access-control --id \"$%s\" --query ETag --output text)\n", variable) +
			fmt.Sprintf("aws cloudfront delete-origin-access-control --id \"$%s\" --if-match \"$etag\"\n)", variable),
		CallAWS: callAWS("aws cloudfront delete-origin-access-control --id OAC_ID_FROM_THE_ANSWER --if-match ETAG_FROM_GET_ORIGIN_ACCESS_CONTROL"),
		Mutates: true,
		Inputs: []string{"for call_aws: OAC_ID_FROM_THE_ANSWER, " + c.ID().From,
			"for call_aws: ETAG_FROM_GET_ORIGIN_ACCESS_CONTROL, the ETag in the answer of get-origin-access-control for that id"},
	}}
}

// Checks implements [Change]: what uses the OAC is what matters.
func (c OACCreation) Checks(Context) []Check { return nil }
