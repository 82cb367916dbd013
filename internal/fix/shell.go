package fix

import (
	"fmt"
	"slices"
	"strings"

	"cfdoctor/internal/evidence"
)

// Shell is a POSIX shell script in the making. Changes add to its parts; everything is read and every edit is tried before the first write.
type Shell struct {
	reads  []string // blocks that read the state before and prepare the edit
	writes []string // blocks that change
	waits  []string
	checks []string // blocks that read again and say PASS or FAIL
	undo   []string // lines of shell that print how to go back

	world     *evidence.World // what was known when the script was written; nil for nothing
	documents int
	defined   []string // shell variables of outputs
	refusals  []string // why the script cannot be written
	helpers   []string // names of shell functions that are used
}

// refuse notes why no script can be written. The first reason is shown.
func (s *Shell) refuse(err error) { s.refusals = append(s.refusals, err.Error()) }

// arg writes an option of the aws command with its value; a value that must not be there is refused.
func (s *Shell) arg(name, value string) string {
	if err := checkArgument(value); err != nil {
		s.refuse(err)
	}
	return option(name, value)
}

// word quotes a value that is not an option's, such as one for a message.
func (s *Shell) word(value string) string { return quote(printable(value)) }

// number gives the next document its number: the name of its files in the work folder.
func (s *Shell) number() int {
	s.documents++
	return s.documents
}

// need sets the shell variables of outputs that no change of this script has set.
func (s *Shell) need(outputs []Output) {
	for _, out := range outputs {
		if slices.Contains(s.defined, out.Variable) {
			continue
		}
		s.defined = append(s.defined, out.Variable)
		s.reads = append(s.reads, out.find()+"\n"+fmt.Sprintf(`[ -n "$%s" ] || fail %s`, out.Variable, quote("First run the command before this one: "+out.From)))
	}
}

func (s *Shell) use(helper string) {
	if !slices.Contains(s.helpers, helper) {
		s.helpers = append(s.helpers, helper)
	}
}

// wait adds a block once.
func (s *Shell) wait(block string) {
	if !slices.Contains(s.waits, block) {
		s.waits = append(s.waits, block)
	}
}

const basics = `AWS_PAGER=''
export AWS_PAGER
say() { printf '%s\n' "$*"; }
fail() { printf '%s\n' "$*" >&2; exit 1; }
same() { jq -e -n --slurpfile a "$1" --slurpfile b "$2" '$a == $b' >/dev/null; }
umask 077
work=$(mktemp -d "${TMPDIR:-/tmp}/cfdoctor.XXXXXX")`

// helperText are the shell functions that only some changes need.
var helperText = []struct{ name, text string }{
	{"absent", `# absent CODE FILE: whether a call was refused with an error code. Any other refusal ends the script.
absent() {
  if grep -q "($1)" "$2"; then return 0; fi
  cat "$2" >&2
  fail 'The read failed.'
}`},
	{"exists", `# exists CODE FILE: goes on where a call was refused because what it makes is there already.
exists() {
  if grep -q "($1)" "$2"; then return 0; fi
  cat "$2" >&2
  exit 1
}`},
	{"check", `# check NAME FILE FILE: says whether what was read again is as wanted. Lists of texts come back in orders of the service's own.
failed=0
alike() {
  jq -e -n --slurpfile a "$1" --slurpfile b "$2" \
    'def sorted: walk(if type == "array" and all(.[]; type == "string") then sort else . end); ($a | sorted) == ($b | sorted)' >/dev/null
}
check() {
  if alike "$2" "$3"; then say "PASS $1"; else say "FAIL $1"; failed=1; fi
}`},
	{"knows", `# knows SERVICE COMMAND MEMBER...: an aws program leaves out what is newer than itself when it reads, and would so take it away when it
# writes the whole back.
knows() {
  aws "$1" "$2" --generate-cli-skeleton > "$work/skeleton.json"
  shift 2
  unknown=$(jq -r '[paths | map(select(type == "string" and . != "Items")) | .[-2:] | join(".")] as $known | $ARGS.positional - $known | join(", ")' \
    "$work/skeleton.json" --args "$@")
  [ -z "$unknown" ] || fail "The aws program here is too old: it does not know $unknown, and would take that away. Nothing has been changed. Install a newer version ($(aws --version 2>&1) is there)."
}`},
	{"room", `# room OLD NEW LIST NUMBER MESSAGE: stops where a list grows beyond a number. Where it was longer already, the quota has been raised.
room() {
  was=$(jq "[($3 // [])[]] | length" "$1")
  becomes=$(jq "[($3 // [])[]] | length" "$2")
  if [ "$becomes" -gt "$was" ] && [ "$becomes" -gt "$4" ] && [ "$was" -le "$4" ]; then fail "$5"; fi
}`},
	{"version1", `case $(aws --version 2>&1) in aws-cli/1.*) version1=true ;; *) version1=false ;; esac`},
}

func (s *Shell) helperBlocks() []string {
	var out []string
	for _, h := range helperText {
		if slices.Contains(s.helpers, h.name) {
			out = append(out, h.text)
		}
	}
	return out
}

// snippet is the script as one command to paste: it reads, edits and writes in a shell of its own, so that an error ends nothing else.
func (s *Shell) snippet() string {
	if len(s.refusals) > 0 || len(s.writes) == 0 {
		return ""
	}
	blocks := append([]string{"set -eu", basics}, s.helperBlocks()...)
	blocks = append(blocks, s.reads...)
	blocks = append(blocks, s.writes...)
	return "(\n" + strings.Join(blocks, "\n") + "\n)"
}

// script is the whole script.
func (s *Shell) script(title string, after []string) string {
	if len(s.refusals) > 0 || len(s.writes)+len(s.waits) == 0 {
		return ""
	}
	if len(s.checks) > 0 {
		s.use("check")
	}
	var b strings.Builder
	block := func(lines ...string) {
		for _, line := range lines {
			b.WriteString(line + "\n")
		}
		b.WriteByte('\n')
	}
	block("#!/bin/sh", "# "+printable(title)+".",
		"# It changes only what it names, and can be run again: what is as wanted already is left alone.", "set -eu")
	block("for program in aws jq; do",
		`  command -v "$program" >/dev/null || { printf '%s\n' "This script needs the program $program." >&2; exit 1; }`, "done")
	block(basics, `say "The state before the change is kept in $work"`,
		`trap 'status=$?; [ "$status" -eq 0 ] || say "Stopped with status $status. What was there before is in $work; running this again goes on." >&2' EXIT`)
	for _, text := range s.helperBlocks() {
		block(text)
	}
	if len(s.reads) > 0 {
		block(append([]string{"# Read what is there and prepare the change. Nothing is written before all of it is known to fit."}, s.reads...)...)
	}
	if len(s.writes) > 0 {
		block(append([]string{"# Change."}, s.writes...)...)
	}
	if tail := append(slices.Clone(s.waits), after...); len(tail) > 0 {
		title := "# Wait until it has taken effect."
		if len(s.writes) == 0 {
			title = "# Change."
		}
		block(append([]string{title}, tail...)...)
	}
	if len(s.checks) > 0 {
		block(append([]string{"# Read again."}, s.checks...)...)
	}
	if len(s.undo) > 0 {
		block(append([]string{"say 'To go back:'"}, s.undo...)...)
	}
	if len(s.checks) > 0 {
		block(`exit "$failed"`)
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}
