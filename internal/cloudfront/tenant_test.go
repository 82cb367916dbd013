package cloudfront

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
)

func TestFillOrigin(t *testing.T) {
	values := TenantParameters(&types.TenantConfig{ParameterDefinitions: []types.ParameterDefinition{
		{Name: aws.String("plan"), Definition: &types.ParameterDefinitionSchema{StringSchema: &types.StringSchemaConfig{DefaultValue: aws.String("basic")}}},
		{Name: aws.String("shop"), Definition: &types.ParameterDefinitionSchema{StringSchema: &types.StringSchemaConfig{DefaultValue: aws.String("none"), Required: aws.Bool(true)}}},
		{Name: aws.String("open"), Definition: &types.ParameterDefinitionSchema{StringSchema: &types.StringSchemaConfig{}}},
	}}, []types.Parameter{{Name: aws.String("shop"), Value: aws.String("north")}})
	for _, c := range []struct {
		domain, path, wantDomain, wantPath string
		missing                            []string
	}{
		{"{{shop}}.shops.s3.us-east-1.amazonaws.com", "", "north.shops.s3.us-east-1.amazonaws.com", "", nil},
		{"shops.example.com", "/{{plan}}/{{ shop }}", "shops.example.com", "/basic/north", nil},
		{"{{open}}.example.com", "/{{other}}", ".example.com", "/", []string{"open", "other"}},
		{"plain.example.com", "/{{unclosed", "plain.example.com", "/{{unclosed", nil},
		{"{{shop}}{{shop}}", "", "northnorth", "", nil},
	} {
		o := types.Origin{DomainName: aws.String(c.domain), OriginPath: aws.String(c.path)}
		got, missing := FillOrigin(o, values)
		if *got.DomainName != c.wantDomain || *got.OriginPath != c.wantPath || !slices.Equal(missing, c.missing) {
			t.Errorf("%s%s became %s%s, missing %v", c.domain, c.path, *got.DomainName, *got.OriginPath, missing)
		}
		if *o.DomainName != c.domain {
			t.Error("the origin itself was changed")
		}
	}
}
