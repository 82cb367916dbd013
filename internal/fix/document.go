package fix

import (
	"fmt"
	"strings"
)

// document is how a script reads, edits and writes one resource whose state is one JSON document. The functions get the number of the
// document in the script and return shell text; the files of document 1 are "$work/1.old.json" and so on.
type document struct {
	name    string             // for messages
	edit    *program           // from old to new
	read    func(n int) string // leaves the state in N.old.json
	write   func(n int) string // writes N.new.json
	again   func(n int) string // leaves the state after the change in N.now.json
	undo    func(n int) []string
	limit   int    // bytes that the document may have, written without white space; 0 is no limit
	limited string // whose limit it is
	quotas  []quota
}

// file names a file of a document in the work folder, in double quotes.
func file(n int, name string) string { return fmt.Sprintf(`"$work/%d.%s"`, n, name) }

// fileOption is an option whose value is loaded from such a file.
func fileOption(option string, n int, name string) string {
	return fmt.Sprintf(`--%s "file://$work/%d.%s"`, option, n, name)
}

// plan adds the document to a script.
func (d document) plan(s *Shell) {
	s.need(d.edit.outputs)
	n := s.number()
	edit := fmt.Sprintf("edit_%d %s > %s", n, file(n, "old.json"), file(n, "new.json"))
	read := []string{
		"# " + printable(d.name),
		d.read(n),
		fmt.Sprintf("edit_%d() {\n%s \"$1\"\n}", n, d.edit.command()),
		edit,
	}
	if d.limit > 0 {
		read = append(read, fmt.Sprintf(`size=$(jq -j -c . %s | wc -c)`, file(n, "new.json")),
			fmt.Sprintf(`[ "$size" -le %d ] || fail %s`, d.limit,
				quote(fmt.Sprintf("%s would be longer than the %d bytes that %s allows. Nothing has been changed.", printable(d.name), d.limit, d.limited))))
	}
	for _, q := range d.quotas {
		read = append(read, q.room(s, n, d.name))
	}
	s.reads = append(s.reads, strings.Join(read, "\n"))
	write := []string{
		fmt.Sprintf("if same %s %s; then", file(n, "old.json"), file(n, "new.json")),
		"  say " + s.word(d.name+": already as wanted"),
		"else",
		indent(d.write(n)),
		"  say " + s.word(d.name+": changed"),
		"fi",
	}
	if len(d.edit.outputs) > 0 {
		write = append([]string{edit}, write...)
	}
	s.writes = append(s.writes, strings.Join(write, "\n"))
	s.checks = append(s.checks, strings.Join([]string{
		d.again(n),
		fmt.Sprintf("edit_%d %s > %s", n, file(n, "now.json"), file(n, "want.json")),
		fmt.Sprintf("check %s %s %s", s.word(d.name), file(n, "now.json"), file(n, "want.json")),
	}, "\n"))
	s.undo = append(s.undo, d.undo(n)...)
}

func indent(block string) string {
	return "  " + strings.ReplaceAll(block, "\n", "\n  ")
}

// undoLine is shell that prints a command which loads a saved file.
func undoLine(command string, n int, name string) string {
	return "say " + quote("  "+command) + fmt.Sprintf(`"'file://$work/%d.%s'"`, n, name)
}
