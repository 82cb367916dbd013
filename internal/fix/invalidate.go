package fix

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	cloudfront "github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
)

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
	purpose := "Drop the cached answers, errors among them, so that the next request goes to the origin"
	if slices.Contains(rooted(paths), "/*") {
		purpose = "Drop all that is cached, errors among it: everything is fetched from the origin once more (one path of the 1,000 a month that cost nothing)"
	}
	return Command{
		Purpose: purpose,
		AWSCLI:  snippetOf(write), CallAWS: callOf(write), Mutates: true,
	}
}

// InvalidatePaths drops cached answers under paths; /* is everything. It is a change by itself where the only thing wrong is what is cached.
func InvalidatePaths(distributionID string, paths ...string) Change {
	return simple{
		resource: "cache of distribution " + printable(distributionID), touches: "invalidation",
		console: []string{"Open the CloudFront console, choose the distribution " + show(distributionID) +
			", and on the Invalidations tab choose Create invalidation; enter " + show(strings.Join(rooted(paths), " ")) + " and choose Create invalidation"},
		calls: []call{{purpose: "Drop the cached answers", service: "cloudfront", operation: "CreateInvalidation",
			params: []param{{"DistributionId", distributionID}, {"InvalidationBatch", map[string]any{
				"Paths": map[string]any{"Quantity": len(paths), "Items": rooted(paths)}, "CallerReference": "cfdoctor"}}},
			shell: func(s *Shell) string { return invalidateCommand(s, distributionID, paths) }}},
		check: call{purpose: "See that the invalidation is done", shell: func(s *Shell) string {
			return "aws cloudfront list-invalidations " + s.arg("distribution-id", distributionID) + " --max-items 10"
		}},
		late:   true,
		expect: "the newest invalidation is there, and is Completed after some minutes",
		test:   `.InvalidationList.Items[0].Status | . == "InProgress" or . == "Completed"`,
		diff: func(*evidence.World) []DiffLine {
			return []DiffLine{{Resource: "distribution " + printable(distributionID), Path: "Invalidation", New: printable(strings.Join(paths, " "))}}
		},
		effect: func(w *evidence.World) { invalidated(w, distributionID, paths) },
	}
}

// invalidated adds the invalidation to those that the world knows of; it is over by the time that matters.
func invalidated(w *evidence.World, distributionID string, paths []string) {
	list := account.Invalidations(distributionID)
	answer, known := list.In(w).Get()
	if !known {
		return
	}
	const id, status = "INEW", "Completed"
	items := []cloudfront.InvalidationSummary{{Id: aws.String(id), CreateTime: &w.Now, Status: aws.String(status)}}
	answer.InvalidationList.Items = append(items, answer.InvalidationList.Items...)
	list.Set(w, answer)
	account.Invalidation(distributionID, id).Set(w, account.InvalidationOutput{Invalidation: cloudfront.Invalidation{
		Id: aws.String(id), CreateTime: &w.Now, Status: aws.String(status), InvalidationBatch: &cloudfront.InvalidationBatch{
			CallerReference: aws.String("cfdoctor"), Paths: &cloudfront.Paths{Items: rooted(paths), Quantity: aws.Int32(int32(len(paths)))}}}})
}
