package awscli

import (
	"context"
	"fmt"
)

// The first versions of the aws program that know distribution tenants, of April 2025. An older one leaves members of answers out that it does
// not know, such as a function's key value stores or a VPC origin, and what it leaves out looks as if it were not there.
const (
	minorOfVersion1 = 40
	minorOfVersion2 = 27
)

// Notes says what to mind of the program: nothing, or that it is too old to show everything.
func (s *Source) Notes(context.Context) []string {
	var major, minor int
	if _, err := fmt.Sscanf(s.version, "aws-cli/%d.%d", &major, &minor); err != nil {
		return nil
	}
	if major > 2 || major == 2 && minor >= minorOfVersion2 || major == 1 && minor >= minorOfVersion1 {
		return nil
	}
	return []string{fmt.Sprintf("%s is of before April 2025 and leaves out what CloudFront has learned since: what a finding says is missing may be there; "+
		"install a newer one, or read the account with --source sdk", s.version)}
}
