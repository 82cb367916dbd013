package fix

import "cfdoctor/internal/evidence"

// planned is a change as one snippet to paste.
func planned(c Change) string { return plannedIn(nil, c) }

// plannedIn is such a snippet for a known world.
func plannedIn(w *evidence.World, c Change) string {
	s := &Shell{world: w}
	c.Plan(s)
	return s.snippet()
}

// snippetOf writes one command for a shell, "" where a value in it is refused.
func snippetOf(write func(*Shell) string) string {
	s := &Shell{}
	command := write(s)
	if len(s.refusals) > 0 {
		return ""
	}
	return command
}

// callOf writes one command for call_aws, "" where a value in it is refused.
func callOf(write func(*Shell) string) string {
	command := snippetOf(write)
	if command == "" {
		return ""
	}
	return callAWS(command)
}

// outputInputs says which placeholders stand in a call_aws command.
func outputInputs(outputs []Output) []string {
	var out []string
	for _, o := range outputs {
		out = append(out, "for call_aws: "+o.Placeholder+", "+o.From)
	}
	return out
}
