package function

import (
	"encoding/base64"
	"fmt"
	"slices"
)

func (c *checker) response(v value) (Response, *violation) {
	var out Response
	code := v.get("statusCode")
	switch {
	case !code.finite():
		return out, &violation{"response.statusCode must be an integer", fmt.Sprintf("the returned statusCode is %s, and must be an integer", code.article()), !code.is("string")}
	case code.number != float64(int(code.number)) || code.number < 100 || code.number > 599:
		return out, &violation{"response.statusCode is not valid", fmt.Sprintf("the returned statusCode is %v, which is no HTTP status", code.number), false}
	}
	out.Status = int(code.number)
	if d := v.get("statusDescription"); d.is("string") {
		out.StatusDescription = d.text
	} else if !d.is("undefined") {
		c.doubt("response.statusDescription is %s", d.article())
	}
	headers, bad := c.optional("response.headers", v.get("headers"), true)
	if bad != nil {
		return out, bad
	}
	cookies, bad := c.optional("response.cookies", v.get("cookies"), false)
	if bad != nil {
		return out, bad
	}
	out.Headers = plainPairs(headers)
	for _, e := range cookies {
		out.Cookies = append(out.Cookies, Cookie{e.name, e.value, e.attributes})
	}
	if out.Body, bad = c.body(v.get("body")); bad != nil {
		return out, bad
	}
	var before []Pair
	if c.event.Response != nil {
		before = c.event.Response.Headers
	}
	// The page names read-only headers of responses for the viewer-response event only.
	return out, restricted("response", readOnlyHeaders[ViewerResponse], before, out.Headers, c.event.Type == ViewerResponse)
}

// optional reads a map that a response need not have.
func (c *checker) optional(field string, v value, header bool) ([]entry, *violation) {
	if v.is("undefined") {
		return nil, nil
	}
	return c.entries(field, v, header)
}

// body reads "text" or {encoding, data}.
func (c *checker) body(v value) ([]byte, *violation) {
	switch v.kind {
	case "undefined":
		return nil, nil
	case "string":
		return []byte(v.text), nil
	case "object":
		return c.encodedBody(v)
	}
	return nil, &violation{"response.body must be a string or an object", fmt.Sprintf("the returned body is %s", v.article()), false}
}

func (c *checker) encodedBody(v value) ([]byte, *violation) {
	encoding, data := v.get("encoding"), v.get("data")
	if !data.is("string") {
		return nil, &violation{"response.body.data must be a string", fmt.Sprintf("the returned body.data is %s, and must be a string", data.article()), true}
	}
	if !slices.Contains([]string{"text", "base64"}, encoding.text) {
		return nil, &violation{"response.body.encoding must be text or base64", "the returned body.encoding is neither text nor base64", encoding.is("string")}
	}
	if encoding.text == "text" {
		return []byte(data.text), nil
	}
	decoded, err := base64.StdEncoding.DecodeString(data.text)
	if err != nil {
		return nil, &violation{"response.body.data is not base64", "the returned body.data says that it is base64 and is not", false}
	}
	return decoded, nil
}
