package apply

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"cfdoctor/internal/fix"
)

// Format names the journal's form.
const Format = "cfdoctor-fix/v1"

// Journal is the record of one application: what was there before, what was to be made of it, how far it got. It is written before the first
// change and after each, so that whatever happens in between, it says what to go on with and what to take back. It may hold secrets, such as
// the values of origin custom headers: its file is readable for its owner alone.
type Journal struct {
	Format  string            `json:"format"`
	Title   string            `json:"title"`
	Account string            `json:"account"` // twelve digits; "" where it was not known
	Created time.Time         `json:"created"`
	Values  map[string]string `json:"values"` // placeholders, and what came in their place
	Moves   []fix.Move        `json:"moves"`

	path string
}

// NewJournal makes a journal of a preparation. It has no file before [Journal.Create].
func NewJournal(title, account string, now time.Time, p *fix.Preparation) *Journal {
	return &Journal{Format: Format, Title: title, Account: account, Created: now.UTC(), Values: p.Values, Moves: p.Moves}
}

// Path is the journal's file, "" before it has one.
func (j *Journal) Path() string { return j.path }

// Create writes the journal to a new file with the mode 0600. It fails where there is a file of that name.
func (j *Journal) Create(path string) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("keep the old state: %w", err)
	}
	raw, err := j.encode()
	if err == nil {
		_, err = file.Write(raw)
	}
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("keep the old state: %w", err)
	}
	j.path = path
	return nil
}

// save replaces the file in one step: at any moment there is a whole one.
func (j *Journal) save() error {
	if j.path == "" {
		return nil
	}
	raw, err := j.encode()
	if err != nil {
		return err
	}
	next, err := os.CreateTemp(filepath.Dir(j.path), ".cfdoctor-*") // CreateTemp makes files with the mode 0600
	if err != nil {
		return fmt.Errorf("note how far the fix is: %w", err)
	}
	_, err = next.Write(raw)
	if err = errors.Join(err, next.Sync(), next.Close()); err == nil {
		err = os.Rename(next.Name(), j.path)
	}
	if err != nil {
		_ = os.Remove(next.Name())
		return fmt.Errorf("note how far the fix is: %w", err)
	}
	return nil
}

func (j *Journal) encode() ([]byte, error) {
	raw, err := json.Marshal(j, json.Deterministic(true), jsontext.WithIndent("  "))
	if err != nil {
		return nil, fmt.Errorf("write the journal: %w", err)
	}
	return append(raw, '\n'), nil
}

// Load reads a journal.
func Load(path string) (*Journal, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the rollback file: %w", err)
	}
	j := &Journal{path: path}
	if err := json.Unmarshal(raw, j); err != nil {
		return nil, fmt.Errorf("%s is no rollback file of cfdoctor: %w", path, err)
	}
	if j.Format != Format {
		return nil, fmt.Errorf("%s is no rollback file of this cfdoctor: its format is %q, not %q", path, j.Format, Format)
	}
	if j.Values == nil {
		j.Values = map[string]string{}
	}
	return j, nil
}

// Made counts the moves that have been made, of those that change anything.
func (j *Journal) Made() (made, all int) {
	for _, m := range j.Moves {
		if len(m.Do) == 0 {
			continue
		}
		all++
		if m.Made {
			made++
		}
	}
	return made, all
}
