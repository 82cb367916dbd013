// Package policy evaluates one resource policy (S3 bucket or access point, KMS key, Lambda function, API Gateway,
// MediaStore, MediaPackage, role trust) for one principal, action, resource and request context, and names the
// statement that decides.
//
// Answers are three-valued: a condition key nobody recorded makes a statement undecided, never matched nor unmatched.
// Two things follow that callers rely on. What is decided on partial knowledge stays decided, in the same way, when
// more becomes known. And whatever AWS does not document, or adds after this package was written (an operator, say),
// is undecided rather than guessed.
//
// Only the one policy is weighed. Identity policies, service control policies, Block Public Access and ownership are
// the business of the caller. Rules cited as IAM/… are pages of the IAM User Guide, S3UG/… of the S3 User Guide and
// APIGW/… of the API Gateway Developer Guide.
package policy

// Effect is what a statement does when it applies: Allow or Deny.
type Effect string

// The two effects. IAM spells them exactly so (IAM/reference_policies_elements_effect).
const (
	Allow Effect = "Allow"
	Deny  Effect = "Deny"
)

// Versions of the policy language. Without a Version member a document is in the older one, which knows no policy
// variables (IAM/reference_policies_elements_version).
const (
	Version2008 = "2008-10-17"
	Version2012 = "2012-10-17"
)

// Document is a parsed policy. It is safe for concurrent use. Its fields are for reading: Evaluate uses what Parse
// compiled, so edit the JSON and parse again.
type Document struct {
	Version    string // as written; empty when absent, which means Version2008
	ID         string
	Statements []Statement
}

// Statement is one statement as written. Of each pair (Principal and NotPrincipal, …) at most one is set.
type Statement struct {
	Index  int    // position in the document, from 0
	Field  string // path in the document: "Statement[2]", or "Statement" when it is not in a list
	Sid    string
	Effect Effect

	Principal, NotPrincipal *PrincipalSet
	Action, NotAction       []string
	Resource, NotResource   []string // both nil in a role trust policy: the statement is about the role itself
	Conditions              []Condition

	actions   []pattern
	resources []resourcePattern
}

// Condition is one operator applied to one key. A statement's conditions must all hold; one of Values suffices
// (for negated operators: none may match) (IAM/reference_policies_condition-logic-multiple-context-keys-or-values).
type Condition struct {
	Field    string // path in the document: "Statement[0].Condition.StringEquals.AWS:SourceArn"
	Operator string // as written, with set prefix and IfExists suffix
	Key      string // as written; keys are case-insensitive
	Values   []string

	key      string // Key in lower case, as Context stores it
	op       operator
	operands []operand
}
