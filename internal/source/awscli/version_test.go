package awscli

import "testing"

func TestOldProgramsAreNamed(t *testing.T) {
	for version, old := range map[string]bool{
		"aws-cli/1.46.3": false, "aws-cli/1.40.4": false, "aws-cli/1.22.34": true, "aws-cli/2.9.19": true, "aws-cli/2.27.0": false, "aws-cli/2.31.9": false,
		"aws-cli/3.0.0": false, "aws-cli/devel": false,
	} {
		s := &Source{version: version}
		if notes := s.Notes(t.Context()); (len(notes) == 1) != old {
			t.Errorf("%s: %q", version, notes)
		}
	}
}
