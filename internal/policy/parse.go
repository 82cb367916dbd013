package policy

import (
	"strconv"
	"strings"
)

// ParseError says what keeps a document from being a policy.
type ParseError struct {
	Field   string // path in the document, for example "Statement[1].Effect"; empty for the document itself
	Problem string // continues a sentence that begins with the field: "is missing"
}

func (e *ParseError) Error() string {
	field := e.Field
	if field == "" {
		field = "document"
	}
	return "policy: " + field + " " + e.Problem
}

// Parse reads a policy document. It is strict about the grammar (IAM/reference_policies_grammar) and lenient about
// members the grammar does not know. Every error is a *ParseError naming the statement and member.
//
// Values that are well-formed but mean nothing to this package (an unknown operator, an unreadable number) are not
// errors: they leave the condition undecided.
func Parse(document string) (*Document, error) {
	root, err := readTree(document)
	if err != nil {
		return nil, err
	}
	if root.kind != objectNode {
		return nil, wrongType("", "an object", root)
	}
	d := &Document{}
	if d.Version, err = optionalString(root, "", "Version"); err != nil {
		return nil, err
	}
	if d.Version != "" && d.Version != Version2008 && d.Version != Version2012 {
		return nil, &ParseError{"Version", "is " + strconv.Quote(d.Version) + ", not a version of the policy language"}
	}
	if d.ID, err = optionalString(root, "", "Id"); err != nil {
		return nil, err
	}
	statements, ok := root.find("Statement")
	if !ok {
		return nil, &ParseError{"Statement", "is missing"}
	}
	switch statements.kind {
	case objectNode:
		err = d.addStatement(statements, "Statement")
	case listNode:
		for i, n := range statements.items {
			if err = d.addStatement(n, "Statement["+strconv.Itoa(i)+"]"); err != nil {
				break
			}
		}
	default:
		err = wrongType("Statement", "an object or a list of objects", statements)
	}
	if err != nil {
		return nil, err
	}
	return d, nil
}

func (d *Document) addStatement(n node, field string) error {
	if n.kind != objectNode {
		return wrongType(field, "an object", n)
	}
	s := Statement{Index: len(d.Statements), Field: field}
	for _, read := range []func(node) error{s.readEffect, s.readPrincipal, s.readAction, s.readResource, s.readConditions} {
		if err := read(n); err != nil {
			return err
		}
	}
	s.compile(d.Version == Version2012)
	d.Statements = append(d.Statements, s)
	return nil
}

func (s *Statement) readEffect(n node) (err error) {
	if s.Sid, err = optionalString(n, s.Field, "Sid"); err != nil {
		return err
	}
	effect, err := optionalString(n, s.Field, "Effect")
	if err != nil {
		return err
	}
	switch s.Effect = Effect(effect); s.Effect {
	case Allow, Deny:
		return nil
	case "":
		return &ParseError{join(s.Field, "Effect"), "is missing"}
	}
	return &ParseError{join(s.Field, "Effect"), "is " + strconv.Quote(effect) + ", neither \"Allow\" nor \"Deny\""}
}

func (s *Statement) readPrincipal(n node) (err error) {
	name, value, err := eitherOf(n, s.Field, "Principal", "NotPrincipal")
	if err != nil {
		return err
	}
	set, err := parsePrincipals(value, join(s.Field, name))
	if err != nil {
		return err
	}
	if name == "Principal" {
		s.Principal = set
	} else {
		s.NotPrincipal = set
	}
	return nil
}

func (s *Statement) readAction(n node) error {
	name, value, err := eitherOf(n, s.Field, "Action", "NotAction")
	if err != nil {
		return err
	}
	list, err := stringList(value, join(s.Field, name))
	if name == "Action" {
		s.Action = list
	} else {
		s.NotAction = list
	}
	return err
}

// readResource accepts a statement with neither Resource nor NotResource: role trust policies have none.
func (s *Statement) readResource(n node) error {
	_, positive := n.find("Resource")
	_, negative := n.find("NotResource")
	if !positive && !negative {
		return nil
	}
	name, value, err := eitherOf(n, s.Field, "Resource", "NotResource")
	if err != nil {
		return err
	}
	list, err := stringList(value, join(s.Field, name))
	if name == "Resource" {
		s.Resource = list
	} else {
		s.NotResource = list
	}
	return err
}

func (s *Statement) readConditions(n node) error {
	field := join(s.Field, "Condition")
	block, ok := n.find("Condition")
	if !ok {
		return nil
	}
	if block.kind != objectNode {
		return wrongType(field, "an object", block)
	}
	for _, op := range block.members {
		opField := join(field, op.name)
		if op.value.kind != objectNode {
			return wrongType(opField, "an object", op.value)
		}
		for _, key := range op.value.members {
			keyField := join(opField, key.name)
			values, err := scalarList(key.value, keyField)
			if err != nil {
				return err
			}
			s.Conditions = append(s.Conditions,
				Condition{Field: keyField, Operator: op.name, Key: key.name, Values: values})
		}
	}
	return nil
}

// compile prepares what Evaluate needs: nothing is parsed per evaluation.
func (s *Statement) compile(variables bool) {
	for _, a := range append(s.Action, s.NotAction...) {
		// Action names are case-insensitive (IAM/reference_policies_elements_action) and know no variables.
		s.actions = append(s.actions, newPattern(strings.ToLower(a), wildcards))
	}
	for _, r := range append(s.Resource, s.NotResource...) {
		s.resources = append(s.resources, newResourcePattern(r, variables))
	}
	for i := range s.Conditions {
		s.Conditions[i].compile(variables)
	}
}

// eitherOf returns the one of two exclusive members that is there.
func eitherOf(n node, field, positive, negative string) (string, node, error) {
	p, hasPositive := n.find(positive)
	q, hasNegative := n.find(negative)
	switch {
	case hasPositive && hasNegative:
		return "", node{}, &ParseError{field, "has both " + positive + " and " + negative}
	case hasPositive:
		return positive, p, nil
	case hasNegative:
		return negative, q, nil
	}
	return "", node{}, &ParseError{field, "has neither " + positive + " nor " + negative}
}

func optionalString(n node, field, name string) (string, error) {
	v, ok := n.find(name)
	if !ok {
		return "", nil
	}
	if v.kind != stringNode {
		return "", wrongType(join(field, name), "a string", v)
	}
	return v.text, nil
}

// stringList reads a string or a list of at least one string.
func stringList(n node, field string) ([]string, error) {
	return list(n, field, "a string", func(k nodeKind) bool { return k == stringNode })
}

// scalarList reads condition values: quotes around numbers and booleans are optional (IAM/reference_policies_grammar).
func scalarList(n node, field string) ([]string, error) {
	return list(n, field, "a string, number or boolean", func(k nodeKind) bool {
		return k == stringNode || k == numberNode || k == boolNode
	})
}

func list(n node, field, what string, ok func(nodeKind) bool) ([]string, error) {
	if ok(n.kind) {
		return []string{n.text}, nil
	}
	if n.kind != listNode {
		return nil, wrongType(field, what+" or a list", n)
	}
	if len(n.items) == 0 {
		return nil, &ParseError{field, "is an empty list"}
	}
	out := make([]string, 0, len(n.items))
	for i, item := range n.items {
		if !ok(item.kind) {
			return nil, wrongType(field+"["+strconv.Itoa(i)+"]", what, item)
		}
		out = append(out, item.text)
	}
	return out, nil
}

func wrongType(field, want string, got node) error {
	return &ParseError{field, "must be " + want + ", not " + got.kind.String()}
}
