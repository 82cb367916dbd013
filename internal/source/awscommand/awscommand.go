// Package awscommand writes the reads of package account as commands of the AWS CLI: as an argument vector for the aws program, and as the one
// line of text that an MCP server's call_aws tool takes. Both come from the same words.
//
// Values are hostile. An option and its value are one word, --name=value, so that no value is ever taken for an option, a path below the home
// directory or an operator; values that the AWS CLI would read from a file or a page are kept from it.
package awscommand

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"al.essio.dev/pkg/shellescape"
	"github.com/go-json-experiment/json"

	"cfdoctor/internal/evidence"
	"cfdoctor/internal/source/pages"
)

// Options are the global options of a command; "" leaves one to the configuration.
type Options struct {
	Profile     string
	Region      string // for calls that name no Region of their own
	EndpointURL string
}

// ErrUnfit says that a value of a call cannot stand in a command without becoming something else.
var ErrUnfit = errors.New("the value cannot be asked for in a command")

// Streams reports whether an operation writes a part of its answer to a file that the command names, and to which member of the answer
// that part belongs. Member is "" where everything is printed.
func Streams(call evidence.Call) (member string) { return streams[call.Name()] }

// streams lists the operations whose answer has a blob for its body, which the AWS CLI writes to a file (AWS CLI command reference,
// cloudfront get-function: "outfile").
var streams = map[string]string{"cloudfront:GetFunction": "FunctionCode"}

// services are the commands whose names are not those of the endpoints.
var services = map[string]string{"s3": "s3api"}

// Args returns the arguments of the aws program, version 1 or 2, for a call. Outfile is the file for the part that [Streams] names.
func Args(call evidence.Call, o Options, outfile string) ([]string, error) {
	args := command(call)
	params, switches, err := flags(call)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(slices.Collect(maps.Values(params)), unfitForArgument) {
		args = append(args, inOrder(params, switches)...)
	} else {
		// As JSON no value is looked at (AWS CLI User Guide, "Skeletons and input files"); version 1 fetches http:// values otherwise.
		input, err := json.Marshal(call.Params, json.Deterministic(true))
		if err != nil {
			return nil, fmt.Errorf("encode the params: %w", err)
		}
		args = append(args, "--cli-input-json="+string(input))
	}
	if _, ok := pages.Size(call.Name()); ok {
		args = append(args, "--no-paginate")
	}
	args = append(args, o.global(call)...)
	args = append(args, "--output=json")
	if Streams(call) != "" {
		args = append(args, outfile)
	}
	return args, nil
}

// Line returns a call as the command that an MCP server's call_aws tool takes: one line, beginning with "aws", its words quoted as a POSIX shell
// and Python's shlex read them. With a token it asks for the page of the answer that the token leads to. It fails with [ErrUnfit] where the tool
// would make something else of a value.
func Line(call evidence.Call, o Options, token string) (string, error) {
	params, switches, err := flags(call)
	if err != nil {
		return "", err
	}
	for name, value := range params {
		if unfitForArgument(value) || unfitForTool(value) {
			return "", fmt.Errorf("--%s=%q: %w", name, value, ErrUnfit)
		}
	}
	words := append(append([]string{"aws"}, command(call)...), inOrder(params, switches)...)
	if n, ok := pages.Size(call.Name()); ok && params["max-items"] == "" {
		words = append(words, "--max-items="+strconv.Itoa(n)) // the tool merges all pages otherwise
	}
	if token != "" {
		words = append(words, "--starting-token="+token)
	}
	words = append(words, o.global(call)...)
	if Streams(call) != "" {
		words = append(words, "-") // into the answer
	}
	for i, word := range words {
		words[i] = shellescape.Quote(word)
	}
	line := strings.Join(words, " ")
	if allRegions.MatchString(line) {
		return "", fmt.Errorf("%q: %w", line, ErrUnfit)
	}
	return line, nil
}

// allRegions is what the AWS API MCP server looks for anywhere in a line, to repeat the command in every Region.
var allRegions = regexp.MustCompile(`--region\s+\*(\s|$)`)

func command(call evidence.Call) []string {
	service := services[call.Service]
	if service == "" {
		service = call.Service
	}
	return []string{service, Kebab(call.Operation)}
}

// global are the options that every command has.
func (o Options) global(call evidence.Call) []string {
	region := call.Region
	if region == "" {
		region = o.Region
	}
	var out []string
	for _, option := range [][2]string{{"region", region}, {"profile", o.Profile}, {"endpoint-url", o.EndpointURL}} {
		if option[1] != "" {
			out = append(out, "--"+option[0]+"="+option[1])
		}
	}
	return out
}

// flags writes a call's params as options: name and value, and switches for those that are on or off.
func flags(call evidence.Call) (valued map[string]string, switches []string, err error) {
	valued = make(map[string]string, len(call.Params))
	for name, value := range call.Params {
		if on, ok := value.(bool); ok {
			switches = append(switches, switchFor(Kebab(name), on))
			continue
		}
		text, err := argument(value)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %s: %w", call.Name(), name, err)
		}
		valued[Kebab(name)] = text
	}
	return valued, switches, nil
}

func switchFor(name string, on bool) string {
	if on {
		return "--" + name
	}
	return "--no-" + name
}

func inOrder(valued map[string]string, switches []string) []string {
	out := make([]string, 0, len(valued)+len(switches))
	for _, name := range slices.Sorted(maps.Keys(valued)) {
		out = append(out, "--"+name+"="+valued[name])
	}
	return append(out, slices.Sorted(slices.Values(switches))...)
}

// argument writes a value: lists and structures as JSON, which the AWS CLI takes for both.
func argument(value any) (string, error) {
	switch v := value.(type) {
	case string:
		return v, nil
	case int:
		return strconv.Itoa(v), nil
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), nil
	case []any, map[string]any:
		text, err := json.Marshal(v, json.Deterministic(true))
		return string(text), err
	}
	return "", fmt.Errorf("a param of type %T has no form in a command", value)
}

// unfitForArgument reports whether the AWS CLI would not take a value as it stands: one that looks like a file or a page is loaded
// (AWS CLI User Guide, "Loading a parameter from a file"), and no argument of a program holds a zero byte.
func unfitForArgument(value string) bool {
	for _, prefix := range []string{"file://", "fileb://", "http://", "https://"} {
		if strings.HasPrefix(value, prefix) {
			return true
		}
	}
	return strings.ContainsRune(value, 0) || !utf8.ValidString(value)
}

// unfitForTool reports whether the AWS API MCP server would not take a value as it stands: it answers a command with the value "help" with
// the command's manual. Control characters would hide from a person what is asked.
func unfitForTool(value string) bool {
	word := strings.ToLower(value)
	return word == "help" || word == "--help" || strings.ContainsFunc(value, unicode.IsControl)
}

var (
	acronymInPlural = regexp.MustCompile(`[A-Z]{2,}s$`)
	beforeWord      = regexp.MustCompile(`(.)([A-Z][a-z]+)`)
	afterWord       = regexp.MustCompile(`([a-z0-9])([A-Z])`)
)

// Kebab is the AWS CLI's spelling of an API's name: GetWebACLForResource is get-web-acl-for-resource (botocore's xform_name).
func Kebab(name string) string {
	if plural := acronymInPlural.FindString(name); plural != "" {
		name = strings.TrimSuffix(name, plural) + "-" + strings.ToLower(plural)
	}
	name = beforeWord.ReplaceAllString(name, "$1-$2")
	return strings.ToLower(afterWord.ReplaceAllString(name, "$1-$2"))
}
