// Package source is the door to an account: one interface, and the one place where AWS's errors become states of knowledge.
//
// The doors are in the folders below: bundle (a recording), sdk (the AWS SDK), awscli (the aws program), mcpclient (an MCP server's call_aws).
// All of them answer in the JSON shape that the AWS CLI prints, so that the same account gives the same diagnosis through each.
package source

import (
	"context"
	"errors"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"cfdoctor/internal/evidence"
)

// Source answers reads. Implementations are safe for concurrent use and never change anything in the account.
type Source interface {
	// Do makes one call and returns the answer as the AWS CLI would print it, all pages merged.
	// The error is an [*evidence.Problem] where AWS answered with one, [ErrNotCaptured] where a recording does not hold the call,
	// and any other error where the call could not be made.
	Do(ctx context.Context, call evidence.Call) (jsontext.Value, error)
	// About tells which door this is.
	About() About
	// Close releases what the door holds open.
	Close() error
}

// About describes a door for the report's "source".
type About struct {
	Kind    string // sdk, cli, mcp or bundle
	Account string // twelve digits where the door knows them by itself, else ""
	Detail  string // profile, file name, program version: what a person would want to see
}

// ErrNotCaptured says that a recording does not hold the answer to a call.
var ErrNotCaptured = errors.New("not captured")

// Classify turns the result of a call into a state of knowledge. It is the only place that does.
//
// Denied is only ever what AWS calls a missing permission; throttling, time-outs and server errors are Failed: none of them is ever Absent.
func Classify(call evidence.Call, output jsontext.Value, err error) evidence.Record {
	rec := evidence.Record{Call: call}
	if err == nil {
		rec.State, rec.Output = evidence.Known, output
		return rec
	}
	if errors.Is(err, ErrNotCaptured) {
		return rec
	}
	var problem *evidence.Problem
	if !errors.As(err, &problem) {
		rec.State, rec.Problem = evidence.Failed, &evidence.Problem{Code: failureCode(err), Message: err.Error()}
		return rec
	}
	rec.Problem = problem
	switch {
	case isDenied(problem):
		rec.State = evidence.Denied
	case isAbsent(problem):
		rec.State = evidence.Absent
	default:
		rec.State = evidence.Failed
	}
	return rec
}

func failureCode(err error) string {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "TimedOut"
	case errors.Is(err, context.Canceled):
		return "Cancelled"
	}
	return "Unreachable"
}

// isDenied recognises the codes by which AWS's services refuse a caller. S3's HEAD requests have no body, so that their code is the bare
// status (S3 API reference, HeadObject).
func isDenied(p *evidence.Problem) bool {
	switch p.Code {
	case "AccessDenied", "AccessDeniedException", "AccessDeniedFault", "UnauthorizedOperation", "UnauthorizedAccess", "NotAuthorized",
		"AuthorizationError", "AuthorizationErrorException", "ForbiddenException", "UnauthorizedException", "Forbidden", "403",
		"AllAccessDisabled", "WAFAccessDeniedException", "OptInRequired":
		return true
	}
	return false
}

// absentCodes are the codes for "there is none" that do not follow one of the patterns in isAbsent.
var absentCodes = map[string]bool{
	"404": true, "NotFound": true,
	"ServerSideEncryptionConfigurationNotFoundError": true,
	"OwnershipControlsNotFoundError":                 true,
	"ReplicationConfigurationNotFoundError":          true,
	"WAFNonexistentItemException":                    true,
	"EntityNotFound":                                 true,
	"PolicyNotFoundException":                        true,
}

// isAbsent recognises the codes by which AWS says that a thing does not exist: NoSuch…, …NotFound and …NotFoundException by convention
// (CloudFront, S3, IAM; ELB, EC2's Invalid….NotFound; Lambda, KMS, Logs, API Gateway), and a few of their own.
func isAbsent(p *evidence.Problem) bool {
	code := p.Code
	return absentCodes[code] ||
		strings.HasPrefix(code, "NoSuch") ||
		strings.HasSuffix(code, "NotFound") ||
		strings.HasSuffix(code, "NotFoundException") ||
		strings.HasSuffix(code, "NotFoundFault")
}
