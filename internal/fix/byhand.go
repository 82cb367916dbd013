package fix

import "slices"

// HandCall is a command for a person to run beside the manual steps of a fix: it reads what there is to decide on, or makes the change once
// values that only a person has are put in. It is listed among the fix's commands and is never part of its script, of its proof, or of what
// is applied.
type HandCall struct {
	Purpose            string
	Service, Operation string // the API's own names
	Region             string // "" is the caller's
	Params             []HandParam
	Mutates            bool
	Inputs             []string  // what to put in place of the words in capitals, such as TARGET_ARN
	Back               *HandCall // takes the change back, among the fix's rollback; nil for a read, and where nothing can
}

// HandParam is a member of the call's input: a string, number, bool, a list, a JSON structure, a [File], a [Blob] or a [Saved].
type HandParam struct {
	Name  string
	Value any
}

// File is a file of the person's own that the AWS CLI uploads, such as a certificate; call_aws takes none, so the command has no such form.
type File string

// Blob is binary input that is text, such as the event that a function is tested with. Versions 1 and 2 of the AWS CLI take it in different forms
// on the command line, and in the same one from a file; the call_aws tool takes it as version 1 does, as it stands.
type Blob string

// Saved is the file that the AWS CLI saves the body of an answer in, such as a function's code; call_aws saves none, so the command has no such
// form.
type Saved string

// Command writes the call in both forms. A form that a value does not allow is empty (see [Command]).
func (h HandCall) Command() Command {
	c := call{purpose: h.Purpose, service: h.Service, operation: h.Operation, region: h.Region}
	plain, withFile, blob := c, false, ""
	for _, p := range h.Params {
		value, asText := p.Value, p.Value
		switch v := p.Value.(type) {
		case File, Saved:
			withFile = true
		case Blob:
			value, asText, blob = blobFile{}, string(v), string(v)
		}
		c.params = append(c.params, param{p.Name, value})
		plain.params = append(plain.params, param{p.Name, asText})
	}
	out := Command{Purpose: h.Purpose, AWSCLI: snippetOf(func(s *Shell) string { return withBlob(s, blob, c.write(s)) }), Mutates: h.Mutates, Inputs: h.Inputs}
	if !withFile {
		out.CallAWS = callOf(plain.write)
	}
	return out
}

// blobFile stands for a blob that a command loads from a file of its own.
type blobFile struct{}

// withBlob is a command with the file that it loads a blob from.
func withBlob(s *Shell, blob, command string) string {
	if blob == "" {
		return command
	}
	if err := checkPlain(blob); err != nil {
		s.refuse(err)
	}
	return "blob=$(mktemp) && printf '%s' " + quote(blob) + ` > "$blob" && ` + command
}

// WithBack is the call with the one that takes it back: the same service and Region, with an operation and members of its own.
func (h HandCall) WithBack(purpose, operation string, params []HandParam, inputs ...string) HandCall {
	h.Back = &HandCall{Purpose: purpose, Service: h.Service, Operation: operation, Region: h.Region, Params: params, Mutates: true, Inputs: inputs}
	return h
}

// backByHand writes the calls that take a fix's calls back, the last one's first.
func backByHand(calls []HandCall) []Command {
	var back []HandCall
	for _, h := range slices.Backward(calls) {
		if h.Back != nil {
			back = append(back, *h.Back)
		}
	}
	return byHand(back)
}

// byHand writes the calls of a fix, without those that no form can hold.
func byHand(calls []HandCall) []Command {
	var out []Command
	for _, h := range calls {
		if c := h.Command(); c.AWSCLI != "" {
			out = append(out, c)
		}
	}
	return out
}
