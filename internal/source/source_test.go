package source

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"cfdoctor/internal/evidence"
)

func TestClassify(t *testing.T) {
	for _, tc := range []struct {
		err  error
		want evidence.State
	}{
		{nil, evidence.Known},
		{ErrNotCaptured, evidence.NotCaptured},
		{&evidence.Problem{Code: "AccessDenied", HTTPStatus: 403}, evidence.Denied},
		{fmt.Errorf("get policy: %w", &evidence.Problem{Code: "AccessDeniedException"}), evidence.Denied},
		{&evidence.Problem{Code: "403", HTTPStatus: 403}, evidence.Denied},
		{&evidence.Problem{Code: "NoSuchBucketPolicy", HTTPStatus: 404}, evidence.Absent},
		{&evidence.Problem{Code: "404", HTTPStatus: 404}, evidence.Absent},
		{&evidence.Problem{Code: "LoadBalancerNotFound"}, evidence.Absent},
		{&evidence.Problem{Code: "InvalidGroup.NotFound"}, evidence.Absent},
		{&evidence.Problem{Code: "WAFNonexistentItemException"}, evidence.Absent},
		{&evidence.Problem{Code: "ThrottlingException", HTTPStatus: 400}, evidence.Failed},
		{&evidence.Problem{Code: "SlowDown", HTTPStatus: 503}, evidence.Failed},
		{&evidence.Problem{Code: "ExpiredToken", HTTPStatus: 403}, evidence.Failed},
		{context.DeadlineExceeded, evidence.Failed},
		{errors.New("connection refused"), evidence.Failed},
	} {
		if got := Classify(evidence.Call{}, nil, tc.err).State; got != tc.want {
			t.Errorf("Classify(%v) = %v, want %v", tc.err, got, tc.want)
		}
	}
}
