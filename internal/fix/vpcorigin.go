package fix

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
)

// VPCOriginCreation creates a VPC origin: CloudFront's way to a load balancer or instance in private subnets.
type VPCOriginCreation struct {
	Name, Target        string
	HTTPPort, HTTPSPort int
	Policy              string
	Protocols           []string
}

// CreateVPCOrigin creates a VPC origin for a load balancer or instance by its ARN, and waits until it is deployed (API reference,
// CreateVpcOrigin). Ports, protocol policy (http-only, https-only or match-viewer) and TLS versions are those of a custom origin. Names have at
// most 64 characters; longer ones are cut. A VPC origin that has the name and the target already is taken as it is.
func CreateVPCOrigin(name, target string, httpPort, httpsPort int, policy string, protocols []string) VPCOriginCreation {
	if runes := []rune(name); len(runes) > 64 {
		name = string(runes[:64])
	}
	return VPCOriginCreation{Name: name, Target: target, HTTPPort: httpPort, HTTPSPort: httpsPort, Policy: policy, Protocols: protocols}
}

// SetVPCOrigin makes an origin one that is reached through a VPC origin (its id, or the [Output] that brings it) instead of over the internet.
// The timeouts, in seconds, are those of the custom origin that it was.
func SetVPCOrigin(originID string, vpcOrigin any, readTimeout, keepaliveTimeout int) Edits {
	path := origin(originID)
	way := path.Field("VpcOriginConfig")
	return Edits{
		{Path: path.Field("CustomOriginConfig"), Op: Set},
		{Path: way.Field("OriginReadTimeout"), Op: Set, New: readTimeout},
		{Path: way.Field("OriginKeepaliveTimeout"), Op: Set, New: keepaliveTimeout},
		{Path: way.Field("VpcOriginId"), Op: Set, New: vpcOrigin,
			Label: onOrigin(originID, "as Origin domain choose the VPC origin, and enter the present name as the domain name again")},
	}
}

// ID is the id that the VPC origin gets. What needs it has to wait until it is deployed.
func (c VPCOriginCreation) ID() Output {
	return Output{
		Variable: "vpc_origin_id", Placeholder: "VPC_ORIGIN_ID_FROM_THE_ANSWER", Slow: true,
		From: "the VpcOrigin.Id in the answer of create-vpc-origin, once get-vpc-origin says that its Status is Deployed",
		find: c.find,
	}
}

const otherTarget = "a VPC origin of this name exists already, for something else"

// find is shell that looks the VPC origin up by its name.
func (c VPCOriginCreation) find() string {
	p := newProgram()
	p.steps = []string{fmt.Sprintf(`[.VpcOriginList.Items[]? | select(.Name == %s)][0]`, p.value(c.Name)),
		fmt.Sprintf(`if . == null then "" elif .OriginEndpointArn == %s then .Id else error(%s) end`, p.value(c.Target), p.value(otherTarget))}
	return "aws cloudfront list-vpc-origins --output json > \"$work/vpc-origins.json\"\n" +
		c.ID().Variable + "=$(" + strings.Replace(p.command(), "jq ", "jq -r ", 1) + ` "$work/vpc-origins.json")`
}

func (c VPCOriginCreation) config() map[string]any {
	return map[string]any{"Name": c.Name, "Arn": c.Target, "HTTPPort": c.HTTPPort, "HTTPSPort": c.HTTPSPort, "OriginProtocolPolicy": c.Policy,
		"OriginSslProtocols": map[string]any{"Quantity": len(c.Protocols), "Items": c.Protocols}}
}

func (c VPCOriginCreation) create() call {
	return call{purpose: "Create the " + c.Resource() + "; its id is needed once it is deployed", service: "cloudfront", operation: "CreateVpcOrigin",
		params: []param{{"VpcOriginEndpointConfig", c.config()}}}
}

// Resource implements [Change].
func (c VPCOriginCreation) Resource() string { return "VPC origin " + printable(c.Name) }

// Touches implements [Change].
func (c VPCOriginCreation) Touches() string { return "vpc-origin" }

// Console implements [Change].
func (c VPCOriginCreation) Console() []string {
	return []string{
		"Open the CloudFront console, choose VPC origins, and choose Create VPC origin",
		fmt.Sprintf("Enter the name %s and the Origin ARN %s, set Protocol to %s, the HTTP port to %d and the HTTPS port to %d, and choose Create VPC origin; wait until it is deployed",
			show(c.Name), show(c.Target), show(c.Policy), c.HTTPPort, c.HTTPSPort),
	}
}

// Diff implements [Change].
func (c VPCOriginCreation) Diff(*evidence.World) []DiffLine {
	return []DiffLine{{Resource: c.Resource(), New: text(mustTree(c.config()))}}
}

// Effect implements [Change].
func (c VPCOriginCreation) Effect(w *evidence.World) {
	id := c.ID().Placeholder
	var config types.VpcOriginEndpointConfig
	if evidence.Decode([]byte(text(mustTree(c.config()))), &config) != nil {
		return
	}
	account.VpcOrigin(id).Set(w, account.VpcOriginOutput{VpcOrigin: types.VpcOrigin{Id: aws.String(id), Status: aws.String("Deployed"), VpcOriginEndpointConfig: &config}})
}

// Plan implements [Change].
func (c VPCOriginCreation) Plan(s *Shell) {
	id := c.ID().Variable
	s.createUnlessThere(creation{
		resource: c.Resource(), id: c.ID(), create: c.create().write(s), answer: "vpc-origin.json", path: ".VpcOrigin.Id",
		created: "created with the id ", after: "; waiting until it is deployed, which can take 15 minutes", there: "there already, with the id ",
	},
		"tries=0",
		fmt.Sprintf(`while status=$(aws cloudfront get-vpc-origin --id "$%s" --query VpcOrigin.Status --output text); [ "$status" != Deployed ]; do`, id),
		"  tries=$((tries + 1))",
		`  if [ "$status" = Failed ] || [ "$tries" -gt 90 ]; then fail "The VPC origin is not deployed: $status. The distribution has not been changed."; fi`,
		"  sleep 20",
		"done",
	)
	s.undo = append(s.undo, "say "+s.word("  When the distribution is deployed without it, delete the "+c.Resource()+":"),
		"say "+quote("  etag=$(aws cloudfront get-vpc-origin --id ")+`"$`+id+`"`+quote(" --query ETag --output text)"),
		"say "+quote("  aws cloudfront delete-vpc-origin --id ")+`"$`+id+`"`+quote(` --if-match "$etag"`))
}

// Prepare implements [Change].
func (c VPCOriginCreation) Prepare(ctx context.Context, p *Preparation) error {
	look := Look{Call: APICall{Service: "cloudfront", Operation: "ListVpcOrigins", Params: map[string]any{}}, Path: []string{"VpcOriginList", "Items"},
		Only: "Name", Values: []string{c.Name}, Keep: []string{"Id", "Name", "OriginEndpointArn"}}
	state, _, err := p.look(ctx, look)
	if err != nil {
		return err
	}
	placeholder := c.ID().Placeholder
	if named := listOf(state); len(named) > 0 {
		there := objectOf(named[0])
		if there["OriginEndpointArn"] != c.Target {
			return errors.New(otherTarget)
		}
		p.Values[placeholder], _ = there["Id"].(string)
		return nil
	}
	id := map[string]any{"Id": placeholder}
	get := APICall{Service: "cloudfront", Operation: "GetVpcOrigin", Params: id}
	create := c.create().step()
	create.Outputs = map[string]string{placeholder: "VpcOrigin.Id"}
	p.Moves = append(p.Moves, Move{
		Resource: c.Resource(), Look: look, Before: []any{}, After: []any{map[string]any{"Name": c.Name, "OriginEndpointArn": c.Target}}, Diff: c.Diff(nil),
		Do: []Step{create},
		Undo: []Step{{Call: APICall{Service: "cloudfront", Operation: "DeleteVpcOrigin", Params: id},
			Version: &Version{Param: "IfMatch", Call: &get, Path: "ETag"}}},
		Await: &Await{For: c.Resource() + " to be deployed", Call: get, Path: []string{"VpcOrigin", "Status"}, Want: "Deployed", Never: "Failed"},
	})
	return nil
}

// Commands implements [Change].
func (c VPCOriginCreation) Commands(Context) []Command {
	return []Command{{Purpose: c.create().purpose, AWSCLI: planned(c), CallAWS: callOf(c.create().write), Mutates: true}}
}

// Rollback implements [Change].
func (c VPCOriginCreation) Rollback(Context) []Command {
	id := c.ID()
	return []Command{{
		Purpose: "Delete the " + c.Resource() + " again, when the distribution is deployed without it",
		AWSCLI: "(\nset -eu\n" + basics + "\n" + c.find() + "\n" +
			fmt.Sprintf("etag=$(aws cloudfront get-vpc-origin --id \"$%s\" --query ETag --output text)\n", id.Variable) +
			fmt.Sprintf("aws cloudfront delete-vpc-origin --id \"$%s\" --if-match \"$etag\"\n)", id.Variable),
		CallAWS: callAWS("aws cloudfront delete-vpc-origin --id " + id.Placeholder + " --if-match ETAG_FROM_GET_VPC_ORIGIN"),
		Mutates: true,
		Inputs:  append(outputInputs([]Output{id}), "for call_aws: ETAG_FROM_GET_VPC_ORIGIN, the ETag in the answer of get-vpc-origin for that id"),
	}}
}

// Checks implements [Change]: the distribution that uses it is what matters.
func (c VPCOriginCreation) Checks(Context) []Check { return nil }
