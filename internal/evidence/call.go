package evidence

import (
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Call identifies one read of an AWS API. Two equal calls have one answer in a [World].
type Call struct {
	Service   string         // AWS's endpoint name: cloudfront, s3, elbv2, …
	Operation string         // the API's name: GetBucketPolicy
	Params    map[string]any // the API's own member names; values as JSON has them (string, float64 or int, bool, []any, map[string]any)
	Region    string         // where to ask; "" leaves it to the door's configuration
}

// Name is "service:Operation", as evidence shows it.
func (c Call) Name() string { return c.Service + ":" + c.Operation }

// Key is the call's canonical text: equal calls, equal keys.
func (c Call) Key() string {
	params, err := json.Marshal(c.Params, json.Deterministic(true), jsontext.AllowInvalidUTF8(true))
	if err != nil {
		// Params are literals of package account: strings, numbers, booleans and lists of them.
		panic(fmt.Sprintf("call %s has params that are not JSON: %v", c.Name(), err))
	}
	return c.Service + "\x00" + c.Operation + "\x00" + c.Region + "\x00" + string(params)
}

// Problem is AWS's refusal of one call, as its API words it.
type Problem struct {
	Code       string `json:"code"`
	Message    string `json:"message,omitzero"`
	HTTPStatus int    `json:"http_status,omitzero"`
}

// Error makes a problem usable as an error.
func (p *Problem) Error() string {
	if p.Message == "" {
		return p.Code
	}
	return p.Code + ": " + p.Message
}

// Record is what one call brought: an output or a problem, as it came through the door.
// It is what a bundle stores and what capture writes.
type Record struct {
	Call    Call
	State   State
	Output  jsontext.Value // the answer in the shape that the AWS CLI prints, when State is Known
	Problem *Problem       // AWS's refusal, or a description of a failure
}
