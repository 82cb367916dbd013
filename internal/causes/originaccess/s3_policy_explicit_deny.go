package originaccess

import (
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/passage"
	"cfdoctor/internal/causes/s3origin"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/fix"
	"cfdoctor/internal/policy"
)

var s3PolicyExplicitDeny = &cause.Cause{
	ID:       "S3_POLICY_EXPLICIT_DENY",
	Title:    "A Deny statement of the bucket's policy refuses CloudFront",
	Stage:    "origin-access",
	Symptoms: []int{403},
	Severity: cause.Critical,
	Hides:    []string{"CUSTOM_ERROR_PAGE_UNREACHABLE"},
	Doc: cause.Doc{
		Explain: `A Deny statement in the bucket's policy applies to CloudFront's request. A Deny always wins over every Allow, so S3 answers 403 although
another statement lets CloudFront in.`,
		Why: `The statement was written to keep everybody out but an office's addresses, a VPC endpoint, an organization or encrypted connections, and nobody
thought of CloudFront, which comes from its own addresses, through no VPC endpoint, and belongs to no organization.`,
		Example: `A Deny for everybody with "StringNotEquals": {"aws:SourceVpce": "vpce-…"}.`,
		Manual: `A Deny that asks for something which no request of CloudFront's can carry has to be rewritten by whoever knows what it protects. Where CloudFront signs
its requests, an exception for this one distribution is offered.`,
		References: []string{
			"https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html",
			"https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html",
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		return s3origin.Judge(p, s3origin.ExplicitDeny, func(v *s3origin.View, s s3origin.Suspect) s3origin.Words {
			w := s3origin.Words{
				Resource: v.BucketARN(),
				Summary:  fmt.Sprintf("The Deny statement %s in the policy of the bucket %s refuses CloudFront's request.", statementName(s.Match), v.Bucket.Name),
				Detail:   permissionDetail(v) + denyConditions(v.Bucket.Document, s.Match),
			}
			if s.AtPoint {
				point := v.Bucket.Point
				w.Resource = point.ARN
				w.Summary = fmt.Sprintf("The Deny statement %s in the policy of the access point %s refuses CloudFront's request.", statementName(s.Match), pointName(point))
				_, w.Detail = pointWords(v, s)
				w.Detail += denyConditions(point.Document, s.Match)
			}
			if s.Grade != cause.GradeConfirmed {
				w.Summary = fmt.Sprintf("The Deny statement %s in the policy of the bucket %s may refuse CloudFront's request.", statementName(s.Match), v.Bucket.Name)
			}
			return w
		})
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		found, ok := v.Data.(s3origin.Found)
		if !ok {
			return nil
		}
		if found.Suspect.AtPoint {
			return []fix.Fix{pointDenyFix(found)}
		}
		var fixes []fix.Fix
		if f, ok := encryptFix(p, found); ok {
			fixes = append(fixes, f)
		}
		if f, ok := exceptionFix(p, found); ok {
			fixes = append(fixes, f)
		}
		if len(fixes) == 0 {
			fixes = append(fixes, rewriteDenyFix(found))
		}
		return fixes
	},
}

func statementName(m *policy.Match) string {
	switch {
	case m == nil:
		return "of the policy"
	case m.Sid != "":
		return fmt.Sprintf("%q", m.Sid)
	}
	return fmt.Sprintf("number %d", m.Index+1)
}

// denyConditions lists what the statement makes its Deny depend on.
func denyConditions(document *policy.Document, m *policy.Match) string {
	if m == nil || document == nil || m.Index >= len(document.Statements) {
		return ""
	}
	var out []string
	for _, c := range document.Statements[m.Index].Conditions {
		out = append(out, fmt.Sprintf("%s %s %s", c.Operator, c.Key, strings.Join(c.Values, ", ")))
	}
	if len(out) == 0 {
		return "; the statement has no condition"
	}
	return "; conditions: " + strings.Join(out, "; ")
}

// encryptFix: a Deny of unencrypted requests hits S3 origins that are asked over the viewer's plain HTTP.
func encryptFix(p *cause.Pass, found s3origin.Found) (fix.Fix, bool) {
	x := p.Exchange()
	if !found.View.Reached || x.Forwarded.Scheme != "http" || !strings.Contains(strings.ToLower(denyConditions(found.View.Bucket.Document, found.Suspect.Match)), "aws:securetransport") ||
		x.Behavior == nil || found.View.Website {
		return fix.Fix{}, false
	}
	return fix.Fix{
		Title:       "Send viewers to HTTPS",
		Complexity:  fix.Quick,
		Minutes:     10,
		Impact:      "Viewers who come by plain HTTP are redirected once",
		Explanation: "CloudFront asks this origin by the protocol that the viewer used. When viewers use HTTPS only, so does CloudFront, and the Deny for unencrypted requests does not apply.",
		SideEffects: []string{"Clients that do not follow redirects, or send POST requests by plain HTTP, have to change to HTTPS"},
		Changes:     []fix.Change{fix.EditDistribution(p.Model.ID(), fix.SetViewerProtocolPolicy(passage.Key(x.Behavior), "redirect-to-https"))},
		Invalidate:  s3origin.CachedErrors(),
		Confidence:  fix.High,
	}, true
}

// exceptionFix lets a Deny pass over what CloudFront signs for this distribution.
func exceptionFix(p *cause.Pass, found s3origin.Found) (fix.Fix, bool) {
	raw, ok := rawStatement(found.View, found.Suspect.Match)
	if !ok || found.View.Signing != edge.SigningOAC {
		return fix.Fix{}, false
	}
	edit, err := fix.ExceptFromDeny(raw, p.Model.ARN())
	if err != nil {
		return fix.Fix{}, false
	}
	changes := []fix.PolicyEdit{edit}
	if !found.View.Granted() && !allowsBesideDeny(found.View) {
		changes = append(changes, fix.GrantDistribution(found.View.Bucket.Name, p.Model.Partition(), "", []string{"s3:GetObject"}, p.Model.ARN())...)
	}
	return fix.Fix{
		Title:       "Except this distribution from the Deny in the policy of " + found.View.Bucket.Name,
		Complexity:  fix.Quick,
		Minutes:     10,
		Impact:      "None: the policy counts at once",
		Explanation: "It adds a condition to the Deny statement, so that it passes over the requests which CloudFront signs for this distribution, and over nobody else's.",
		SideEffects: []string{"What the statement protects is now readable through this distribution: ask whoever wrote it"},
		Changes:     []fix.Change{fix.EditBucketPolicy(found.View.Bucket.Name, changes...)},
		Invalidate:  s3origin.CachedErrors(),
		Confidence:  fix.High,
	}, true
}

// allowsBesideDeny reports whether a statement would let the request in if none denied it.
func allowsBesideDeny(v *s3origin.View) bool {
	for _, m := range v.Access.Decision.Matches {
		if m.Effect == policy.Allow && m.Applies.Yes() {
			return true
		}
	}
	return false
}

// rawStatement is a statement as the policy's JSON has it.
func rawStatement(v *s3origin.View, m *policy.Match) (any, bool) {
	out, known := v.Bucket.Policy.Get()
	if !known || m == nil {
		return nil, false
	}
	return statementAt(out, m.Index)
}

func statementAt(out account.BucketPolicyOutput, index int) (any, bool) {
	var document map[string]any
	if err := json.Unmarshal([]byte(out.Policy), &document); err != nil {
		return nil, false
	}
	switch statements := document["Statement"].(type) {
	case []any:
		if index < len(statements) {
			return statements[index], true
		}
	case map[string]any:
		return statements, index == 0
	}
	return nil, false
}

func rewriteDenyFix(found s3origin.Found) fix.Fix {
	return fix.Fix{
		Title:       "Rewrite the Deny statement so that it lets CloudFront through",
		Complexity:  fix.Standard,
		Minutes:     30,
		Impact:      "None: the policy counts at once",
		Explanation: "The statement denies what CloudFront asks for. Only who knows what it is meant to keep out can say how it may let CloudFront through.",
		SideEffects: []string{"Whatever the statement no longer denies is open to whom another statement allows it"},
		Manual: []string{
			fmt.Sprintf("Open the bucket %s in the Amazon S3 console, and on the Permissions tab, under Bucket policy, choose Edit", found.View.Bucket.Name),
			fmt.Sprintf("Change the Deny statement %s so that it does not match CloudFront's requests: with an origin access control on the origin, add to its Condition "+
				`"StringNotEquals": {"aws:SourceArn": "%s"}`, statementName(found.Suspect.Match), found.View.Pass.Model.ARN()),
			"CloudFront comes from its own addresses, through no VPC endpoint and with no Referer of its own: conditions on these cannot be met by it",
		},
		Invalidate: s3origin.CachedErrors(),
		Confidence: fix.Medium,
	}
}

// pointDenyFix is for a Deny in an access point's policy, which the bucket's own policy cannot lift (S3UG/access-points-policies).
func pointDenyFix(found s3origin.Found) fix.Fix {
	f := rewriteDenyFix(found)
	f.Title = "Rewrite the Deny statement of the access point so that it lets CloudFront through"
	f.Manual[0] = fmt.Sprintf("Open the access point %s in the Amazon S3 console, and on the Permissions tab, under Access Point policy, choose Edit", pointName(found.View.Bucket.Point))
	return f
}
