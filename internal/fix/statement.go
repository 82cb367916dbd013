package fix

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// PolicyEdit is one edit of a policy document: a resource policy of a bucket, a KMS key or a media origin. [GrantDistribution] and its
// neighbors make the usual ones. None of them touches a statement that it does not name.
type PolicyEdit struct {
	op            policyOp
	statement     any    // the statement to add, or the one to put in the place of old
	old           any    // the statement that is looked for
	operator, key string // where a condition's value stands, as the policy writes them
	from, to      string // values of the condition
	keep          bool   // whether from stays beside to
}

type policyOp uint8

const (
	grantStatement policyOp = iota
	replaceStatement
	conditionValue
)

// sourceARN is the condition key of the grants that CloudFront's documentation gives (DG/private-content-restricting-access-to-s3).
const sourceARN = "AWS:SourceArn"

func grant(sid, action any, resource any, arns []string) PolicyEdit {
	return PolicyEdit{op: grantStatement, statement: mustTree(map[string]any{
		"Sid": sid, "Effect": "Allow",
		"Principal": map[string]any{"Service": "cloudfront.amazonaws.com"},
		"Action":    action, "Resource": resource,
		"Condition": map[string]any{"StringEquals": map[string]any{sourceARN: oneOrAll(arns)}},
	})}
}

func oneOrAll(values []string) any {
	if len(values) == 1 {
		return values[0]
	}
	return values
}

// sid names a statement of ours: after the distribution, so that it is never the statement of another one. A Sid takes ASCII letters and digits
// only (IAM/reference_policies_elements_sid).
func sid(purpose string, arns []string) string {
	id := ""
	if len(arns) > 0 {
		_, id, _ = strings.Cut(arns[0], ":distribution/")
	}
	return "AllowCloudFrontServicePrincipal" + purpose + strings.Map(func(r rune) rune {
		if r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return r
		}
		return -1
	}, id)
}

// GrantDistribution lets distributions (by ARN; a staging distribution has one of its own) use a bucket's objects whose keys begin with a prefix.
// Actions are S3's, such as s3:GetObject; s3:ListBucket, with which S3 answers 404 instead of 403 for what is not there, is granted on the bucket.
// Where the statement is there already, it only grows.
func GrantDistribution(bucket, partition, prefix string, actions []string, arns ...string) []PolicyEdit {
	if partition == "" {
		partition = "aws"
	}
	bucketARN := "arn:" + partition + ":s3:::" + bucket
	var onObjects []string
	var out []PolicyEdit
	for _, action := range actions {
		if action != "s3:ListBucket" {
			onObjects = append(onObjects, action)
		}
	}
	if len(onObjects) > 0 {
		purpose := "ReadOnly"
		if !slices.Equal(onObjects, []string{"s3:GetObject"}) {
			purpose = "ReadWrite"
		}
		out = append(out, grant(sid(purpose, arns), oneOrAll(onObjects), bucketARN+"/"+strings.TrimPrefix(prefix, "/")+"*", arns))
	}
	if len(onObjects) < len(actions) {
		out = append(out, grant(sid("List", arns), "s3:ListBucket", bucketARN, arns))
	}
	return out
}

// GrantKey lets distributions use a KMS key as S3 needs it of them: to decrypt what is read, and to make data keys for what is uploaded
// (S3UG/UsingKMSEncryption).
func GrantKey(uploads bool, arns ...string) []PolicyEdit {
	actions := []string{"kms:Decrypt"}
	if uploads {
		actions = append(actions, "kms:GenerateDataKey")
	}
	return []PolicyEdit{grant(sid("SSEKMS", arns), oneOrAll(actions), "*", arns)}
}

// GrantMedia lets distributions read a media origin: actions such as mediapackagev2:GetObject on the endpoint's ARN.
func GrantMedia(actions []string, resourceARN string, arns ...string) []PolicyEdit {
	return []PolicyEdit{grant(sid("ReadOnly", arns), oneOrAll(actions), resourceARN, arns)}
}

// AddConditionValue adds a value where Allow statements have another: Condition.operator.key, both as the policy writes them.
func AddConditionValue(operator, key, beside, value string) PolicyEdit {
	return PolicyEdit{op: conditionValue, operator: operator, key: key, from: beside, to: value, keep: true}
}

// ReplaceConditionValue puts a value in the place of another in the conditions of Allow statements.
func ReplaceConditionValue(operator, key, old, value string) PolicyEdit {
	return PolicyEdit{op: conditionValue, operator: operator, key: key, from: old, to: value}
}

// ReplaceStatement puts a statement in the place of one that is exactly as given; both have the form that they have in the policy's JSON.
func ReplaceStatement(old, statement any) PolicyEdit {
	return PolicyEdit{op: replaceStatement, old: mustTree(old), statement: mustTree(statement)}
}

// RemoveStatement takes a statement away that is exactly as given.
func RemoveStatement(old any) PolicyEdit { return PolicyEdit{op: replaceStatement, old: mustTree(old)} }

// ExceptFromDeny makes a Deny statement pass over requests that CloudFront signs for a distribution, and nobody else's: a negated condition is
// met by requests that have no source ARN (IAM/reference_policies_elements_condition_operators).
func ExceptFromDeny(deny any, arn string) (PolicyEdit, error) {
	old := objectOf(mustTree(deny))
	if old["Effect"] != "Deny" {
		return PolicyEdit{}, errors.New("except a distribution: the statement denies nothing")
	}
	statement := objectOf(copyTree(old))
	condition := objectOf(statement["Condition"])
	if condition == nil {
		condition = map[string]any{}
	}
	if _, there := condition["StringNotEquals"]; there {
		if err := spareToo(objectOf(condition["StringNotEquals"]), arn); err != nil {
			return PolicyEdit{}, err
		}
	} else {
		condition["StringNotEquals"] = map[string]any{"aws:SourceArn": arn}
	}
	statement["Condition"] = condition
	return ReplaceStatement(old, statement), nil
}

// spareToo adds a distribution to what a Deny spares already: to its source ARNs, or as a source ARN beside other keys, all of which have to hold
// for the Deny to apply.
func spareToo(keys map[string]any, arn string) error {
	if keys == nil {
		return errors.New("except a distribution: the statement's condition on StringNotEquals is no object")
	}
	for key, there := range keys {
		if strings.EqualFold(key, sourceARN) {
			keys[key] = append(slices.Clone(listOf(there)), any(arn))
			return nil
		}
	}
	keys["aws:SourceArn"] = arn
	return nil
}

// apply implements edit.
func (e PolicyEdit) apply(doc any) (any, error) {
	policy, ok := doc.(map[string]any)
	if !ok {
		return nil, errors.New("the policy is no JSON object")
	}
	statements := slices.Clone(listOf(policy["Statement"]))
	var err error
	switch e.op {
	case grantStatement:
		statements, err = e.granted(statements)
	case replaceStatement:
		statements, err = e.replaced(statements)
	case conditionValue:
		err = e.revalued(statements)
	}
	if err != nil {
		return nil, err
	}
	if statements == nil {
		statements = []any{}
	}
	policy["Statement"] = statements
	return policy, nil
}

func (e PolicyEdit) granted(statements []any) ([]any, error) {
	ours := objectOf(e.statement)
	for i, s := range statements {
		there := objectOf(s)
		if there == nil || !sameTree(there["Sid"], ours["Sid"]) {
			continue
		}
		arns := objectOf(objectOf(there["Condition"])["StringEquals"])
		if !sameTree(there["Effect"], ours["Effect"]) || !sameTree(there["Principal"], ours["Principal"]) ||
			len(objectOf(there["Condition"])) != 1 || len(arns) != 1 || arns[sourceARN] == nil {
			return nil, errors.New(e.foreign())
		}
		there["Action"] = grown(there["Action"], ours["Action"])
		there["Resource"] = grown(there["Resource"], ours["Resource"])
		arns[sourceARN] = grown(arns[sourceARN], objectOf(objectOf(ours["Condition"])["StringEquals"])[sourceARN])
		statements[i] = there
		return statements, nil
	}
	return append(statements, copyTree(e.statement)), nil
}

func (e PolicyEdit) foreign() string {
	return fmt.Sprintf("another statement has the Sid %v already", objectOf(e.statement)["Sid"])
}

// grown adds what is missing; with nothing missing the value stays as it is.
func grown(old, more any) any {
	out := slices.Clone(listOf(old))
	for _, v := range listOf(more) {
		if !contains(out, v) {
			out = append(out, v)
		}
	}
	if len(out) == len(listOf(old)) {
		return old
	}
	return out
}

func (e PolicyEdit) replaced(statements []any) ([]any, error) {
	out := []any{}
	found := false
	for _, s := range statements {
		switch {
		case sameTree(s, e.old):
			found = true
			if e.statement != nil {
				out = append(out, copyTree(e.statement))
			}
		default:
			found = found || e.statement != nil && sameTree(s, e.statement)
			out = append(out, s)
		}
	}
	if !found && e.statement != nil {
		return nil, errors.New(changedSince)
	}
	return out, nil
}

const changedSince = "the statement to change is not there, or has changed since the diagnosis"

func (e PolicyEdit) revalued(statements []any) error {
	found := false
	for _, s := range statements {
		there := objectOf(s)
		block := objectOf(objectOf(there["Condition"])[e.operator])
		values := listOf(block[e.key])
		if there["Effect"] != "Allow" || !contains(values, e.from) && !contains(values, e.to) {
			continue
		}
		found = true
		if contains(values, e.from) {
			block[e.key] = e.values(values)
		}
	}
	if !found {
		return errors.New(changedSince)
	}
	return nil
}

// values are a condition's values after the edit.
func (e PolicyEdit) values(old []any) any {
	var out []any
	switch {
	case e.keep && contains(old, e.to):
		out = old
	case e.keep:
		out = append(slices.Clone(old), e.to)
	default:
		for _, v := range old {
			if v == any(e.from) {
				v = e.to
			}
			if !contains(out, v) {
				out = append(out, v)
			}
		}
	}
	if len(out) == 1 {
		return out[0]
	}
	return out
}
