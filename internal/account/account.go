// Package account names every read that cfdoctor can make of an AWS account, as typed questions.
//
// One file a service; a constructor a read. The table in operations.go lists the operations with the IAM action each needs and what it is
// needed for: the least-privilege policy in the README, the SDK door and the answer to "what is missing" all come from it.
// Results are the types of the AWS SDK where it has one for the answer, small structs with the API's member names otherwise.
package account

import (
	"fmt"

	"cfdoctor/internal/evidence"
)

// GlobalRegion is where the global services (CloudFront, WAF for CloudFront, ACM for viewers, CloudFront's metrics) answer.
const GlobalRegion = "us-east-1"

// ask builds a read. Pairs are param names and values, in order.
func ask[T any](operation, region, resource string, pairs ...any) evidence.Read[T] {
	op, ok := byName[operation]
	if !ok {
		panic(fmt.Sprintf("operation %s is not in the table", operation))
	}
	params := make(map[string]any, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		params[pairs[i].(string)] = pairs[i+1]
	}
	return evidence.Read[T]{
		Call:       evidence.Call{Service: op.Service, Operation: op.Name, Params: params, Region: region},
		Resource:   resource,
		Permission: op.Permission,
	}
}

// Empty is the result of calls that answer only by succeeding.
type Empty struct{}
