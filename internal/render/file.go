package render

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"cfdoctor/internal/report"
)

// WriteFile writes a report to a file in the format that the file's ending asks for. The file appears whole or not at all:
// it is written beside its place and renamed. What was there before keeps its permissions; a new file may be read by its owner only,
// because a report names the inside of an account.
func WriteFile(path string, r *report.Report) error {
	format, err := FormatOf(path)
	if err != nil {
		return err
	}
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	mode := fs.FileMode(0o600)
	if old, err := os.Stat(path); err == nil {
		if !old.Mode().IsRegular() {
			return writeInto(path, format, r)
		}
		mode = old.Mode().Perm()
	}
	temp, err := os.CreateTemp(filepath.Dir(path), ".cfdoctor-*")
	if err != nil {
		return fmt.Errorf("make a temporary file: %w", err)
	}
	err = errors.Join(fill(temp, mode, format, r), temp.Close())
	if err == nil {
		err = os.Rename(temp.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temp.Name()))
	}
	return nil
}

func fill(file *os.File, mode fs.FileMode, format string, r *report.Report) error {
	if err := Write(file, format, r, Options{}); err != nil {
		return err
	}
	if err := file.Chmod(mode); err != nil {
		return err
	}
	return file.Sync()
}

// writeInto writes to what cannot be replaced, such as a pipe or a device.
func writeInto(path, format string, r *report.Report) error {
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(Write(file, format, r, Options{}), file.Close())
}
