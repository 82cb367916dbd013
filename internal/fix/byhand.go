package fix

// HandCall is a command for a person to run beside the manual steps of a fix: it reads what there is to decide on, or makes the change once
// values that only a person has are put in. It is listed among the fix's commands and is never part of its script, of its proof, or of what
// is applied.
type HandCall struct {
	Purpose            string
	Service, Operation string // the API's own names
	Region             string // "" is the caller's
	Params             []HandParam
	Mutates            bool
	Inputs             []string // what to put in place of the words in capitals, such as TARGET_ARN
}

// HandParam is a member of the call's input: a string, number, bool, a list, a JSON structure, or a [File].
type HandParam struct {
	Name  string
	Value any
}

// File is a file of the person's own that the AWS CLI uploads, such as a certificate; call_aws takes none, so the command has no such form.
type File string

// Command writes the call in both forms. A form that a value does not allow is empty (see [Command]).
func (h HandCall) Command() Command {
	c := call{purpose: h.Purpose, service: h.Service, operation: h.Operation, region: h.Region}
	fromFile := false
	for _, p := range h.Params {
		_, isFile := p.Value.(File)
		fromFile = fromFile || isFile
		c.params = append(c.params, param{p.Name, p.Value})
	}
	out := Command{Purpose: h.Purpose, AWSCLI: snippetOf(c.write), Mutates: h.Mutates, Inputs: h.Inputs}
	if !fromFile {
		out.CallAWS = callOf(c.write)
	}
	return out
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
