package sdk

import (
	"encoding/base64"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json"

	"cfdoctor/internal/evidence"
)

// shape turns an operation's output into the tree of what the AWS CLI prints for it: the API's member names, members that AWS did not
// send left out, blobs in base64, times in ISO 8601.
func shape(call evidence.Call, output any) map[string]any {
	s := shaper{lowerNames: call.Service == "apigateway" || call.Service == "logs"}
	tree, _ := s.value(reflect.ValueOf(output)).(map[string]any)
	if tree == nil {
		tree = map[string]any{}
	}
	if adjust := adjustments[call.Name()]; adjust != nil {
		adjust(tree)
	}
	return tree
}

// adjustments are where the SDK has made something else of an answer than the API and the AWS CLI.
var adjustments = map[string]func(tree map[string]any){
	"iam:GetRole":                    decodePolicyDocument,
	"route53:ListHostedZones":        maxItemsText,
	"route53:ListResourceRecordSets": maxItemsText,
	"s3:HeadObject": func(tree map[string]any) {
		if _, ok := tree["Metadata"]; !ok {
			tree["Metadata"] = map[string]any{} // the AWS CLI prints the object's own headers also where there are none
		}
	},
}

// maxItemsText makes a string of Route 53's MaxItems, which the API has as one.
func maxItemsText(tree map[string]any) {
	if n, ok := tree["MaxItems"].(int64); ok {
		tree["MaxItems"] = strconv.FormatInt(n, 10)
	}
}

// shaper carries what differs between services: in two of ours the API's member names begin in lower case.
type shaper struct{ lowerNames bool }

// value returns a value's tree, nil for a member that AWS did not send. Numbers and booleans that are no pointers have a default in the API's
// model, and are always there.
func (s shaper) value(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return s.value(v.Elem())
	case reflect.Interface:
		if v.IsNil() {
			return nil
		}
		return s.union(v.Elem())
	case reflect.Struct:
		if t, ok := v.Interface().(time.Time); ok {
			return t.UTC().Format(time.RFC3339Nano)
		}
		return s.object(v)
	case reflect.Slice:
		return s.list(v)
	case reflect.Map:
		return s.dictionary(v)
	case reflect.String:
		if v.Type() != reflect.TypeFor[string]() && v.String() == "" {
			return nil // an enum without a value; strings of other kinds are pointers
		}
		return v.String()
	case reflect.Bool:
		return v.Bool()
	case reflect.Int, reflect.Int32, reflect.Int64:
		return v.Int()
	case reflect.Float32, reflect.Float64:
		return v.Float()
	}
	return nil
}

func (s shaper) object(v reflect.Value) map[string]any {
	out := map[string]any{}
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if !field.IsExported() || field.Name == "ResultMetadata" {
			continue
		}
		if value := s.value(v.Field(i)); value != nil {
			out[s.name(field.Name)] = value
		}
	}
	return out
}

// union writes the one member that a union has. The SDK has a type for each, named UnionMemberMember, with the value in a field Value.
func (s shaper) union(v reflect.Value) any {
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	_, name, ok := strings.Cut(v.Type().Name(), "Member")
	if !ok || v.Kind() != reflect.Struct || !v.FieldByName("Value").IsValid() {
		return nil // a member newer than the SDK
	}
	return map[string]any{s.name(name): s.value(v.FieldByName("Value"))}
}

func (s shaper) list(v reflect.Value) any {
	if v.IsNil() {
		return nil
	}
	if v.Type().Elem().Kind() == reflect.Uint8 {
		return base64.StdEncoding.EncodeToString(v.Bytes())
	}
	out := make([]any, v.Len())
	for i := range out {
		out[i] = s.value(v.Index(i))
	}
	return out
}

// dictionary writes a map, whose keys are data and keep their case.
func (s shaper) dictionary(v reflect.Value) any {
	if v.IsNil() {
		return nil
	}
	out := make(map[string]any, v.Len())
	for key, value := range v.Seq2() {
		out[key.String()] = s.value(value)
	}
	return out
}

func (s shaper) name(field string) string {
	if !s.lowerNames {
		return field
	}
	first, size := utf8.DecodeRuneInString(field)
	return string(unicode.ToLower(first)) + field[size:]
}

// decodePolicyDocument makes an object of the trust policy of IAM's GetRole, which comes URL-encoded (IAM API reference, Role), as the
// AWS CLI does.
func decodePolicyDocument(tree map[string]any) {
	role, _ := tree["Role"].(map[string]any)
	text, _ := role["AssumeRolePolicyDocument"].(string)
	decoded, err := url.PathUnescape(text)
	if err != nil {
		return
	}
	var document map[string]any
	if json.Unmarshal([]byte(decoded), &document) == nil {
		role["AssumeRolePolicyDocument"] = document
	}
}
