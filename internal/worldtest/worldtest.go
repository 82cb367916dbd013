// Package worldtest gives tests accounts to work on: healthy worlds, and small overrides that break them.
//
// A healthy world is a bundle in worlds/, with two members more: "target", and where its viewers must be of a kind, "viewer".
// A case is a few lines that name a world, change it, and ask a question:
//
//	world s3-oac
//	ask GET /about.html 403
//	set cloudfront:GetDistribution Distribution.DistributionConfig.Enabled false
//	set s3:GetBucketPolicy{"Bucket":"site-assets"} Policy {"Version":"2012-10-17","Statement":[]}
//	drop cloudfront:GetDistribution Distribution.DistributionConfig.WebACLId
//	error s3:GetBucketPolicy NoSuchBucketPolicy 404
//	deny s3:GetBucketPolicy
//	forget s3:HeadObject{"Key":"about.html"}
//	answer s3:HeadObject {"Bucket":"site-assets","Key":"x"} {"ContentLength":1}
//	want confirmed 403
//
// A call is named service:Operation, with the params that tell it from others of its kind where needed: the line applies to every recorded call
// whose params include them. "add" makes a new call with an error ("add s3:HeadObject {…} error 404 404"). Probes of active validation are
// answered like calls: answer probe:DNS {"Name":"origin.example.com"} {"Rcode":"NXDOMAIN"}.
package worldtest

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"cfdoctor/internal/observed"
	"cfdoctor/internal/request"
)

//go:embed worlds
var worlds embed.FS

// Worlds lists the names of the healthy worlds.
func Worlds() []string {
	entries, err := fs.ReadDir(worlds, "worlds")
	if err != nil {
		panic(err) // embedded
	}
	var out []string
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), ".json"); ok {
			out = append(out, name)
		}
	}
	return out
}

// Case is a world with overrides and a question.
type Case struct {
	World    string
	Target   string // the distribution's id: the world's "target"
	Request  request.Request
	Asked    bool // a path was named
	Code     int
	Want     []string // the words after "want", for the test that runs the case
	document map[string]any
}

// Load returns a healthy world without overrides, asking for a review.
func Load(name string) (*Case, error) { return Parse("world " + name + "\n") }

// Parse reads a case. Lines that begin with # are comments; a line that ends in a backslash goes on in the next.
func Parse(text string) (*Case, error) {
	c := &Case{Request: request.New("", "/")}
	text = strings.ReplaceAll(text, "\\\n", " ")
	for number, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if err := c.line(line); err != nil {
			return nil, fmt.Errorf("line %d: %q: %w", number+1, line, err)
		}
	}
	if c.document == nil {
		return nil, fmt.Errorf("no line names a world")
	}
	return c, nil
}

// Bundle returns the case as a bundle's text.
func (c *Case) Bundle() []byte {
	out, err := json.Marshal(c.document, json.Deterministic(true))
	if err != nil {
		panic(err) // decoded from JSON and edited with JSON values
	}
	return out
}

func (c *Case) line(line string) error {
	verb, rest, _ := strings.Cut(line, " ")
	rest = strings.TrimSpace(rest)
	if verb == "world" {
		return c.load(rest)
	}
	if c.document == nil {
		return fmt.Errorf("the first line must name a world")
	}
	switch verb {
	case "target":
		c.Target = rest
	case "ask":
		return c.ask(rest)
	case "header":
		name, value, _ := strings.Cut(rest, ":")
		if strings.TrimSpace(value) == "" {
			c.Request.RemoveHeader(name)
		} else {
			c.Request.SetHeader(name, strings.TrimSpace(value))
		}
	case "viewer":
		return c.viewer(rest)
	case "want":
		c.Want = strings.Fields(rest)
	case "answer", "add":
		return c.add(rest)
	case "set", "drop", "error", "deny", "forget":
		return c.change(verb, rest)
	default:
		return fmt.Errorf("there is no verb %q", verb)
	}
	return nil
}

func (c *Case) load(name string) error {
	text, err := worlds.ReadFile("worlds/" + name + ".json")
	if err != nil {
		return fmt.Errorf("there is no world %q; there are %s", name, strings.Join(Worlds(), ", "))
	}
	if err := json.Unmarshal(text, &c.document, jsontext.AllowDuplicateNames(false)); err != nil {
		return err
	}
	c.World = name
	c.Target, _ = c.document["target"].(string)
	if viewer, ok := c.document["viewer"].(string); ok {
		return c.viewer(viewer)
	}
	return nil
}

// ask reads "GET https://host/path 403" or "GET /path 403"; the status may be missing.
func (c *Case) ask(rest string) error {
	words := strings.Fields(rest)
	if len(words) < 2 {
		return fmt.Errorf("want METHOD URL [STATUS]")
	}
	c.Request.Method, c.Asked = words[0], true
	if strings.HasPrefix(words[1], "/") {
		c.Request.SetPath(words[1])
	} else if err := c.Request.SetURL(words[1]); err != nil {
		return err
	}
	if len(words) > 2 {
		code, err := strconv.Atoi(words[2])
		if err != nil {
			return err
		}
		c.Code = code
	}
	return nil
}

// viewer reads pairs: "country BR", "ip 203.0.113.7", "body 12000", "tls TLSv1.1".
func (c *Case) viewer(rest string) error {
	words := strings.Fields(rest)
	for i := 0; i+1 < len(words); i += 2 {
		if err := c.viewerPair(words[i], words[i+1]); err != nil {
			return err
		}
	}
	return nil
}

func (c *Case) viewerPair(name, value string) (err error) {
	switch name {
	case "country":
		c.Request.Country = value
	case "ip":
		err = c.Request.ClientIP.UnmarshalText([]byte(value))
	case "body":
		c.Request.BodySize, err = strconv.ParseInt(value, 10, 64)
		c.Request.SetHeader("Content-Length", value)
	case "tls":
		c.Request.TLSVersion = value
	case "http":
		c.Request.HTTPVersion = value
	case "sni":
		c.Request.ServerName = value
	case "client-cert":
		c.Request.ClientCert = request.ClientCert(value)
	default:
		err = fmt.Errorf("a viewer has no %q", name)
	}
	return err
}

// add reads "s3:HeadObject {params} {output}" or "s3:HeadObject {params} error CODE STATUS".
func (c *Case) add(rest string) error {
	name, after, _ := strings.Cut(rest, " ")
	service, operation, ok := strings.Cut(name, ":")
	if !ok {
		return fmt.Errorf("want service:Operation {params} {output}")
	}
	d := jsontext.NewDecoder(strings.NewReader(after))
	var params any
	if err := json.UnmarshalDecode(d, &params); err != nil {
		return err
	}
	call := map[string]any{"service": service, "operation": operation, "params": params}
	tail := strings.TrimSpace(after[d.InputOffset():])
	if words := strings.Fields(tail); len(words) == 3 && words[0] == "error" {
		status, err := strconv.Atoi(words[2])
		if err != nil {
			return err
		}
		fail(call, words[1], status)
	} else {
		var output any
		if err := json.Unmarshal([]byte(tail), &output); err != nil {
			return err
		}
		call["output"] = output
	}
	list := listOf(service)
	recorded, _ := c.document[list].([]any)
	calls := slices.DeleteFunc(recorded, func(v any) bool {
		old := v.(map[string]any)
		return old["service"] == service && old["operation"] == operation && includes(old["params"], params) && includes(params, old["params"])
	})
	c.document[list] = append(calls, call)
	return nil
}

// listOf is the list of a bundle in which a service's calls stand.
func listOf(service string) string {
	if service == observed.Service {
		return "probes"
	}
	return "calls"
}

func fail(call map[string]any, code string, status int) {
	delete(call, "output")
	call["error"] = map[string]any{"code": code, "message": code, "http_status": float64(status)}
}

// change applies a verb to every call that the line names.
func (c *Case) change(verb, rest string) error {
	service, operation, params, rest, err := callName(rest)
	if err != nil {
		return err
	}
	list := listOf(service)
	calls, _ := c.document[list].([]any)
	var kept []any
	found := false
	for _, v := range calls {
		call := v.(map[string]any)
		if call["service"] != service || call["operation"] != operation || !includes(call["params"], params) {
			kept = append(kept, v)
			continue
		}
		found = true
		if verb == "forget" {
			continue
		}
		kept = append(kept, v)
		if err := edit(call, verb, rest); err != nil {
			return err
		}
	}
	if !found {
		return fmt.Errorf("the world has no such call")
	}
	c.document[list] = kept
	return nil
}

func edit(call map[string]any, verb, rest string) error {
	words := strings.Fields(rest)
	switch verb {
	case "deny":
		fail(call, "AccessDenied", 403)
	case "error":
		if len(words) != 2 {
			return fmt.Errorf("want a code and a status")
		}
		status, err := strconv.Atoi(words[1])
		if err != nil {
			return err
		}
		fail(call, words[0], status)
	case "drop":
		return setPath(call["output"], rest, nil, true)
	case "set":
		path, text, _ := strings.Cut(rest, " ")
		var value any
		if err := json.Unmarshal([]byte(text), &value); err != nil {
			return fmt.Errorf("the value is not JSON: %w", err)
		}
		return setPath(call["output"], path, value, false)
	}
	return nil
}

// callName reads `s3:GetBucketPolicy{"Bucket":"x"} rest`.
func callName(text string) (service, operation string, params any, rest string, err error) {
	end := strings.IndexAny(text, " {")
	if end < 0 {
		end = len(text)
	}
	service, operation, ok := strings.Cut(text[:end], ":")
	if !ok {
		return "", "", nil, "", fmt.Errorf("want service:Operation")
	}
	rest = text[end:]
	if strings.HasPrefix(rest, "{") {
		d := jsontext.NewDecoder(bytes.NewReader([]byte(rest)))
		if err := json.UnmarshalDecode(d, &params); err != nil {
			return "", "", nil, "", err
		}
		rest = rest[d.InputOffset():]
	}
	return service, operation, params, strings.TrimSpace(rest), nil
}

func includes(have, want any) bool {
	wanted, _ := want.(map[string]any)
	had, _ := have.(map[string]any)
	for name, value := range wanted {
		a, _ := json.Marshal(had[name], json.Deterministic(true))
		b, _ := json.Marshal(value, json.Deterministic(true))
		if !bytes.Equal(a, b) {
			return false
		}
	}
	return true
}
