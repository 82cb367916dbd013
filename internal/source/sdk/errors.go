package sdk

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"cfdoctor/internal/evidence"
)

// ErrNoCredentials says that no credentials could be had. Errors that are ErrNoCredentials say in their text what to do.
var ErrNoCredentials = errors.New("no AWS credentials")

// CredentialsError says why there are no credentials. It is [ErrNoCredentials].
type CredentialsError struct {
	Profile string // the profile that was asked for, "" for the default
	Err     error  // what the SDK says
}

// Error names the likeliest remedy first: signing in again where a session has ended, else configuring credentials.
func (e *CredentialsError) Error() string {
	login := "aws sso login"
	if e.Profile != "" {
		login += " --profile " + e.Profile
	}
	cause := e.Err.Error()
	switch {
	case strings.Contains(cause, "SSO") || strings.Contains(cause, "sso"):
		return fmt.Sprintf("the sign-in session is over or missing: run %q (%s)", login, lastLine(cause))
	case strings.Contains(cause, "IMDS"):
		return fmt.Sprintf("no AWS credentials found: run \"aws configure\" or %q, set AWS_PROFILE, or read a recording with --from", login)
	}
	return fmt.Sprintf("the AWS credentials cannot be used: %s – run \"aws configure\" or %q, name a --profile, or read a recording with --from FILE", lastLine(cause), login)
}

// Unwrap returns what the SDK says.
func (e *CredentialsError) Unwrap() error { return e.Err }

// Is makes the error an [ErrNoCredentials].
func (e *CredentialsError) Is(target error) bool { return target == ErrNoCredentials }

func credentialsError(profile string, err error) error {
	return &CredentialsError{Profile: profile, Err: err}
}

// lastLine puts an error into one line.
func lastLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// problemOf turns the SDK's error into AWS's refusal where AWS has answered with one. HEAD requests have answers without a body,
// so that the status is all there is; the code is then the bare number, as the AWS CLI prints it.
func problemOf(operation string, err error) error {
	if problem := new(CredentialsError); errors.As(err, &problem) {
		return err
	}
	var api smithy.APIError
	if !errors.As(err, &api) {
		return err
	}
	problem := &evidence.Problem{Code: api.ErrorCode(), Message: api.ErrorMessage()}
	var response *smithyhttp.ResponseError
	if errors.As(err, &response) {
		problem.HTTPStatus = response.HTTPStatusCode()
		if strings.HasPrefix(operation, "Head") {
			problem.Code, problem.Message = strconv.Itoa(problem.HTTPStatus), http.StatusText(problem.HTTPStatus)
		}
	}
	return problem
}
