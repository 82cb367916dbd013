package fix

import "strings"

// invalidate is shell that drops cached answers. Invalidation paths are percent-encoded and begin with a slash (DG/invalidation-specifying-objects).
func invalidate(s *Shell, distributionID string, paths []string) string {
	return "say 'Dropping cached answers.'\n" + invalidateCommand(s, distributionID, paths) + " --output json >/dev/null"
}

func invalidateCommand(s *Shell, distributionID string, paths []string) string {
	words := make([]string, len(paths))
	for i, path := range rooted(paths) {
		if err := checkArgument(path); err != nil {
			s.refuse(err)
		}
		words[i] = quote(path)
	}
	return "aws cloudfront create-invalidation " + s.arg("distribution-id", distributionID) + " --paths " + strings.Join(words, " ")
}

// rooted gives every path its slash.
func rooted(paths []string) []string {
	out := make([]string, len(paths))
	for i, path := range paths {
		out[i] = "/" + strings.TrimPrefix(path, "/")
	}
	return out
}

func invalidation(distributionID string, paths []string) Command {
	write := func(s *Shell) string { return invalidateCommand(s, distributionID, paths) }
	return Command{
		Purpose: "Drop the cached answers, errors among them, so that the next request goes to the origin",
		AWSCLI:  snippetOf(write), CallAWS: callOf(write), Mutates: true,
	}
}
