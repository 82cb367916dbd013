package sdk

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/go-json-experiment/json"

	"cfdoctor/internal/evidence"
)

// Operation is one operation of the API beyond the reads that a diagnosis makes, for [Source.With].
type Operation struct{ operation }

// NewOperation names an operation with the client's constructor and the client's method. All type parameters are inferred.
func NewOperation[C, I, O, F any](
	service, name string,
	newClient func(aws.Config, ...func(*F)) *C,
	method func(*C, context.Context, *I, ...func(*F)) (*O, error),
) Operation {
	return Operation{operation{service, name, read(newClient, method)}}
}

// NewS3 makes an S3 client as this door does, for [NewOperation].
func NewS3(cfg aws.Config, options ...func(*s3.Options)) *s3.Client { return newS3(cfg, options...) }

// With returns a door to the same account that makes more operations. What they change is the caller's affair: the [Source] itself only reads.
// Of resources that are written as a whole its answers have also the members that the SDK's types do not know.
func (s *Source) With(more ...Operation) *Source {
	out := &Source{cfg: keeping(s.cfg), options: s.options, byName: maps.Clone(s.byName), clients: map[place]any{}, buckets: map[string]string{}}
	for _, op := range more {
		out.byName[op.service+":"+op.name] = op.operation
	}
	return out
}

// UnknownMemberError says that a call has a member that the SDK which cfdoctor was built with does not know: the account uses something newer.
type UnknownMemberError struct {
	Operation string
	Member    string // a JSON pointer into the params (RFC 6901)
}

// Error is one line.
func (e *UnknownMemberError) Error() string {
	return fmt.Sprintf("%s has no member %s as far as this cfdoctor knows", e.Operation, e.Member)
}

// Takes reports why a call cannot be made as it is, before it is made: an [*UnknownMemberError] where a member is newer than the SDK.
func (s *Source) Takes(call evidence.Call) error {
	op, ok := s.byName[call.Name()]
	if !ok {
		return fmt.Errorf("%s is not among the calls that cfdoctor makes", call.Name())
	}
	params, err := json.Marshal(call.Params)
	if err != nil {
		return fmt.Errorf("encode the params: %w", err)
	}
	err = op.takes(params)
	var semantic *json.SemanticError
	if errors.Is(err, json.ErrUnknownName) && errors.As(err, &semantic) {
		return &UnknownMemberError{Operation: call.Name(), Member: string(semantic.JSONPointer)}
	}
	return err
}
