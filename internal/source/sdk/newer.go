package sdk

import (
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/go-json-experiment/json"
)

// Some resources are written as a whole, as they were read: what the SDK's types do not know of an answer would be gone with the next update.
// A door that changes things ([Source.With]) therefore keeps the answer as it came, and puts what the types have dropped back into the tree, so
// that [Source.Takes] can say no to the update.

// wire are the services whose resources are written whole, by the SDK's name for them, with what their answers are written in.
var wire = map[string]func(body []byte, output any, tree map[string]any){
	"CloudFront": addFromXML,
	"WAFV2":      addFromJSON,
}

type bodyKey struct{}

// keepBody makes a client keep what it was answered, for the services of wire.
func keepBody(stack *middleware.Stack) error {
	return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("cfdoctorKeepBody",
		func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
			out, metadata, err := next.HandleDeserialize(ctx, in)
			response, ok := out.RawResponse.(*smithyhttp.Response)
			if err != nil || !ok || response.StatusCode/100 != 2 || wire[awsmiddleware.GetServiceID(ctx)] == nil {
				return out, metadata, err
			}
			body, err := io.ReadAll(response.Body)
			if err != nil {
				return out, metadata, fmt.Errorf("read the answer: %w", err)
			}
			_ = response.Body.Close()
			response.Body = io.NopCloser(bytes.NewReader(body))
			metadata.Set(bodyKey{}, kept{awsmiddleware.GetServiceID(ctx), body})
			return out, metadata, nil
		}), middleware.After) // next to the transport, so before the SDK reads the answer
}

// kept is an answer as it came.
type kept struct {
	service string
	body    []byte
}

// addNewer puts what the SDK has dropped of an answer into its tree. It does nothing where the door does not keep answers.
func addNewer(output any, tree map[string]any) {
	value := reflect.Indirect(reflect.ValueOf(output))
	if value.Kind() != reflect.Struct {
		return
	}
	field := value.FieldByName("ResultMetadata")
	if !field.IsValid() {
		return
	}
	metadata, _ := field.Interface().(middleware.Metadata)
	if answer, ok := metadata.Get(bodyKey{}).(kept); ok {
		wire[answer.service](answer.body, output, tree)
	}
}

// keeping is a configuration whose clients keep answers.
func keeping(cfg aws.Config) aws.Config {
	out := cfg.Copy()
	out.APIOptions = append(append([]func(*middleware.Stack) error{}, cfg.APIOptions...), keepBody)
	return out
}

// element is any XML element.
type element struct {
	XMLName  xml.Name
	Children []element `xml:",any"`
	Text     string    `xml:",chardata"`
}

// plain is an element as a tree: text, or what is in it by name. What repeats stays the last of its kind: nobody writes it, it only has to be there.
func (e element) plain() any {
	if len(e.Children) == 0 {
		return e.Text
	}
	out := map[string]any{}
	for _, c := range e.Children {
		out[c.XMLName.Local] = c.plain()
	}
	return out
}

// unset reports whether an element is what CloudFront answers for a setting that nobody has made: empty, false or none of a list. An update without
// it leaves it so.
func (e element) unset() bool {
	text := strings.TrimSpace(e.Text)
	if len(e.Children) == 0 {
		return text == "" || text == "false" || e.XMLName.Local == "Quantity" && text == "0"
	}
	return !slices.ContainsFunc(e.Children, func(c element) bool { return !c.unset() })
}

// addFromXML reads CloudFront's answers. Its elements have the names of the SDK's fields, its lists are never flattened, and most answers are
// one member of the output alone (the API's model, cloudfront 2020-05-31).
func addFromXML(body []byte, output any, tree map[string]any) {
	var root element
	if xml.Unmarshal(body, &root) != nil {
		return // a function's code
	}
	of := reflect.TypeOf(output)
	if field, ok := fieldOf(of, root.XMLName.Local); ok {
		if inner, ok := tree[field.Name].(map[string]any); ok {
			fromXML(root, field.Type, inner)
			return
		}
	}
	fromXML(root, of, tree)
}

func fromXML(e element, of reflect.Type, tree any) {
	switch of = dereferenced(of); of.Kind() {
	case reflect.Struct:
		members, ok := tree.(map[string]any)
		if !ok {
			return
		}
		for _, c := range e.Children {
			if field, ok := fieldOf(of, c.XMLName.Local); ok {
				fromXML(c, field.Type, members[field.Name])
			} else if !c.unset() {
				members[c.XMLName.Local] = c.plain()
			}
		}
	case reflect.Slice:
		items, _ := tree.([]any)
		for i := range min(len(items), len(e.Children)) {
			fromXML(e.Children[i], of.Elem(), items[i])
		}
	}
}

// addFromJSON reads AWS WAF's answers.
func addFromJSON(body []byte, output any, tree map[string]any) {
	var root any
	if json.Unmarshal(body, &root) == nil {
		fromJSON(root, reflect.TypeOf(output), tree)
	}
}

func fromJSON(raw any, of reflect.Type, tree any) {
	switch of = dereferenced(of); of.Kind() {
	case reflect.Struct:
		sent, _ := raw.(map[string]any)
		members, ok := tree.(map[string]any)
		if !ok {
			return
		}
		for name, value := range sent {
			if field, ok := fieldOf(of, name); ok {
				fromJSON(value, field.Type, members[field.Name])
			} else if value != nil && value != "" && value != false { // an empty object says something, such as an action
				members[name] = value
			}
		}
	case reflect.Slice:
		sent, _ := raw.([]any)
		items, _ := tree.([]any)
		for i := range min(len(items), len(sent)) {
			fromJSON(sent[i], of.Elem(), items[i])
		}
	case reflect.Map:
		sent, _ := raw.(map[string]any)
		members, _ := tree.(map[string]any)
		for name, value := range sent {
			fromJSON(value, of.Elem(), members[name])
		}
	}
}

func dereferenced(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

// fieldOf is the field for a member of the API.
func fieldOf(t reflect.Type, member string) (reflect.StructField, bool) {
	t = dereferenced(t)
	if t.Kind() != reflect.Struct {
		return reflect.StructField{}, false
	}
	return t.FieldByNameFunc(func(name string) bool { return strings.EqualFold(name, member) })
}
