package cloudfront

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
)

// CustomErrorCodes are the statuses for which CloudFront takes a custom error response. 412 and 415 can have none
// (DG/creating-custom-error-pages, DG/HTTPStatusCodes).
func CustomErrorCodes() []int {
	return []int{400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504}
}

// ErrorRule is a custom error response: for one status, how long errors stay in the cache, and maybe the page and
// status that the viewer gets instead.
type ErrorRule struct {
	Code int
	// MinTTL is ErrorCachingMinTTL in seconds, [DefaultErrorTTL] when the rule does not set it.
	MinTTL int64
	// PagePath is the path of the page, empty for a rule that only sets the time.
	PagePath string
	// ResponseCode is the status that the viewer sees with the page; the original one when the rule has none.
	ResponseCode int
}

// FindErrorRule returns the rule for an error's status. ok is false when the distribution has none, and the viewer
// gets the error as it is, cached for [DefaultErrorTTL].
func FindErrorRule(rules []types.CustomErrorResponse, status int) (rule ErrorRule, ok bool) {
	for _, r := range rules {
		if int(aws.ToInt32(r.ErrorCode)) != status {
			continue
		}
		rule = ErrorRule{Code: status, MinTTL: DefaultErrorTTL, PagePath: aws.ToString(r.ResponsePagePath), ResponseCode: status}
		if r.ErrorCachingMinTTL != nil {
			rule.MinTTL = *r.ErrorCachingMinTTL
		}
		if code, err := strconv.Atoi(aws.ToString(r.ResponseCode)); err == nil {
			rule.ResponseCode = code
		}
		return rule, true
	}
	return ErrorRule{}, false
}

// Replaces reports whether the viewer gets another page than the error's own.
func (r ErrorRule) Replaces() bool { return r.PagePath != "" }

// Masks reports whether the rule turns the error into a success for the viewer; CloudFront still writes
// "X-Cache: Error from cloudfront" (DG/custom-error-pages-response-code).
func (r ErrorRule) Masks() bool { return r.Replaces() && r.ResponseCode < 400 }

// ValidateErrorRule returns why CloudFront would refuse a custom error response, or nil
// (DG/custom-error-pages-response-code, API/CustomErrorResponse).
func ValidateErrorRule(rule types.CustomErrorResponse) error {
	code := int(aws.ToInt32(rule.ErrorCode))
	if !slices.Contains(CustomErrorCodes(), code) {
		return fmt.Errorf("status %d cannot have a custom error response", code)
	}
	page, response := aws.ToString(rule.ResponsePagePath), aws.ToString(rule.ResponseCode)
	if (page == "") != (response == "") {
		return fmt.Errorf("the custom error response for %d needs both a page path and a response code, or neither", code)
	}
	if page == "" {
		return nil
	}
	if !strings.HasPrefix(page, "/") {
		return fmt.Errorf("the page path %q of the custom error response for %d does not start with a slash", page, code)
	}
	if n, err := strconv.Atoi(response); err != nil || n != 200 && !slices.Contains(CustomErrorCodes(), n) {
		return fmt.Errorf("the custom error response for %d cannot answer with %q", code, response)
	}
	return nil
}
