package sdk

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// caller makes one operation's calls.
type caller struct {
	// call decodes the params into the operation's input and returns a pointer to the operation's output.
	call func(ctx context.Context, s *Source, at place, params jsontext.Value) (any, error)
	// takes only decodes them.
	takes func(params jsontext.Value) error
}

// place is where a client speaks to: clients are made once a service and Region.
type place struct{ service, region string }

// read makes a caller from a client's constructor and one of its methods. All type parameters are inferred.
func read[C, I, O, F any](
	newClient func(aws.Config, ...func(*F)) *C,
	method func(*C, context.Context, *I, ...func(*F)) (*O, error),
) caller {
	input := func(params jsontext.Value) (*I, error) {
		in := new(I)
		if err := json.Unmarshal(params, in, paramOptions); err != nil {
			return nil, fmt.Errorf("the params are not those of the operation: %w", err)
		}
		return in, nil
	}
	return caller{
		call: func(ctx context.Context, s *Source, at place, params jsontext.Value) (any, error) {
			client := s.client(at, func(cfg aws.Config) any { return newClient(cfg) }).(*C)
			in, err := input(params)
			if err != nil {
				return nil, err
			}
			return method(client, ctx, in)
		},
		takes: func(params jsontext.Value) error {
			_, err := input(params)
			return err
		},
	}
}

// paramOptions decode params. Names match in any case because some APIs' members begin in lower case and Go's fields do not; a name that
// the operation does not have is a mistake in the caller, which must not read more than was asked for.
var paramOptions = json.JoinOptions(json.MatchCaseInsensitiveNames(true), json.RejectUnknownMembers(true))
