package sdk

import (
	"context"
	"maps"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
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
func (s *Source) With(more ...Operation) *Source {
	out := &Source{cfg: s.cfg, options: s.options, byName: maps.Clone(s.byName), clients: map[place]any{}, buckets: map[string]string{}}
	for _, op := range more {
		out.byName[op.service+":"+op.name] = op.operation
	}
	return out
}
