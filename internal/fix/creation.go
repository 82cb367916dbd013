package fix

import (
	"fmt"
	"strings"
)

// creation is a resource that a script makes unless it is there.
type creation struct {
	resource     string
	id           Output // how it is found, and the variable that holds what it is called
	create       string // the command
	answer, path string // the file of the command's answer, and where the variable's value stands in it, for jq
	created      string // how the line that tells of it begins
	after        string // and how it ends
	there        string // how the line begins when it is there
}

// createUnlessThere plans a creation: looked for before anything changes, made where it is missing. Then come more lines of the script.
func (s *Shell) createUnlessThere(c creation, more ...string) {
	variable, answer := c.id.Variable, fmt.Sprintf(`"$work/%s"`, c.answer)
	tell := func(words string) string {
		return fmt.Sprintf(`  say %s"$%s"`, s.word(c.resource+": "+words), variable)
	}
	created := tell(c.created)
	if c.after != "" {
		created += s.word(c.after)
	}
	s.defined = append(s.defined, variable)
	s.reads = append(s.reads, "# "+c.resource+"\n"+c.id.find())
	s.writes = append(s.writes, strings.Join(append([]string{
		fmt.Sprintf(`if [ -z "$%s" ]; then`, variable),
		"  " + c.create + " --output json > " + answer,
		"  " + variable + "=$(jq -r " + c.path + " " + answer + ")",
		created,
		"else",
		tell(c.there),
		"fi",
	}, more...), "\n"))
}
