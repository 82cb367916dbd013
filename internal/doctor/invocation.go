package doctor

import (
	"strings"
	"unicode"

	"github.com/go-json-experiment/json"

	"cfdoctor/internal/fix"
	"cfdoctor/internal/report"
)

// invocation is one command of the AWS CLI in the making: the same words for a shell and for an agent's call_aws tool.
// A value that must not stand in a command makes the whole command vanish, rather than come out as something else.
type invocation struct {
	words   []string // quoted where they need it
	inputs  []string
	mutates bool
	refused bool
}

func awsCommand(service, operation string) *invocation {
	return &invocation{words: []string{"aws", service, operation}}
}

// opt adds an option with its values. Several values stand behind one another; an only value that begins with a dash is joined by "=", so that
// it stays a value.
func (i *invocation) opt(name string, values ...string) *invocation {
	for _, v := range values {
		i.refused = i.refused || !fix.FitForArgument(v)
	}
	if len(values) == 1 && strings.HasPrefix(values[0], "-") {
		i.words = append(i.words, "--"+name+"="+fix.Quote(values[0]))
		return i
	}
	i.words = append(i.words, "--"+name)
	for _, v := range values {
		i.refused = i.refused || strings.HasPrefix(v, "-")
		i.words = append(i.words, fix.Quote(v))
	}
	return i
}

// in names the Region to ask, where it is known.
func (i *invocation) in(region string) *invocation {
	if region == "" {
		return i
	}
	return i.opt("region", region)
}

// pairs adds an option that takes a list of structures with a name and a value, in the CLI's shorthand where nothing in them would break it
// (AWS CLI User Guide, "Using shorthand syntax").
func (i *invocation) pairs(option string, pairs ...[2]string) *invocation {
	words := make([]string, len(pairs))
	list := make([]map[string]string, len(pairs))
	plain := true
	for n, p := range pairs {
		words[n] = "Name=" + p[0] + ",Value=" + p[1]
		list[n] = map[string]string{"Name": p[0], "Value": p[1]}
		plain = plain && strings.IndexFunc(p[1], breaksShorthand) < 0
	}
	if plain {
		return i.opt(option, words...)
	}
	return i.opt(option, jsonText(list))
}

func breaksShorthand(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-_.:/@+", r)
}

// needing says what a person has to put in by hand.
func (i *invocation) needing(inputs ...string) *invocation {
	i.inputs = append(i.inputs, inputs...)
	return i
}

// changing marks a command that changes something.
func (i *invocation) changing() *invocation {
	i.mutates = true
	return i
}

// to finishes the command: none where a value in it is refused.
func (i *invocation) to(purpose string) []report.Command {
	if i.refused {
		return nil
	}
	line := strings.Join(i.words, " ")
	return []report.Command{{
		Purpose: purpose, AWSCLI: line, CallAWS: fix.CallAWS(line), Mutates: i.mutates, Inputs: list(i.inputs),
	}}
}

// terminalOnly ends the purpose of commands that are none of AWS's.
const terminalOnly = " (in a terminal: this is no AWS command)"

// terminal is a command of another program, such as curl. After is shell text of ours that follows it.
func terminal(purpose, after string, inputs []string, words ...string) []report.Command {
	for n, w := range words {
		if !fix.FitToShow(w) {
			return nil
		}
		words[n] = fix.Quote(w)
	}
	return []report.Command{{
		Purpose: purpose + terminalOnly, AWSCLI: strings.TrimSpace(strings.Join(words, " ") + " " + after), Inputs: list(inputs),
	}}
}

// jsonText writes a value of ours as one line of JSON.
func jsonText(v any) string {
	out, err := json.Marshal(v, json.Deterministic(true))
	if err != nil {
		panic(err) // maps, lists and strings
	}
	return string(out)
}
