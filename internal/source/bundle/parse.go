package bundle

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"cfdoctor/internal/evidence"
	"cfdoctor/internal/observed"
)

// MaxSize is the largest file that is read, in bytes.
const MaxSize = 100 << 20

// Error says in one line what is wrong with a file and where: "orders.json:12: calls[3].output: want an object, not a string".
type Error struct {
	File   string // as the user named it
	Line   int    // from 1; 0 for the whole file
	Member string // such as calls[3].output; "" for the whole file
	Reason string
}

// Error implements error.
func (e *Error) Error() string {
	out := e.File
	if e.Line > 0 {
		out += fmt.Sprintf(":%d", e.Line)
	}
	if e.Member != "" {
		out += ": " + e.Member
	}
	return out + ": " + e.Reason
}

// Open reads a bundle from a file.
func Open(path string) (*Bundle, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, &Error{File: path, Reason: reason(err)}
	}
	defer f.Close()
	return Parse(f, path, MaxSize)
}

// Parse reads a bundle. Name is what errors call it, max the most bytes it may have. Every error is an [*Error].
// Members that the format does not know are passed over.
func Parse(r io.Reader, name string, max int64) (*Bundle, error) {
	data, err := io.ReadAll(io.LimitReader(r, max+1))
	if err != nil {
		return nil, &Error{File: name, Reason: reason(err)}
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")) // a byte order mark, as some editors write it
	p := &parser{file: name, data: data}
	switch {
	case int64(len(data)) > max:
		return nil, &Error{File: name, Reason: fmt.Sprintf("larger than %d MB, the most that is read", max>>20)}
	case len(bytes.TrimSpace(data)) == 0:
		return nil, &Error{File: name, Reason: "the file is empty"}
	case bytes.IndexByte(data, 0) >= 0 || bytes.HasPrefix(data, []byte{0x1f, 0x8b}):
		return nil, &Error{File: name, Reason: "not a JSON text: the file is binary"}
	}
	b, err := p.bundle()
	if err != nil {
		return nil, err
	}
	b.name = name
	return b, nil
}

// reason is a file error without the path, which the message begins with anyway.
func reason(err error) string {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
}

// parser reads one file. It decodes member by member, so that it knows where each of them stands.
type parser struct {
	file string
	data []byte
	dec  *jsontext.Decoder
}

func (p *parser) bundle() (*Bundle, error) {
	p.dec = jsontext.NewDecoder(bytes.NewBuffer(p.data))
	b := &Bundle{}
	seen := map[string]bool{}
	err := p.object("", func(name string) error {
		seen[name] = true
		switch name {
		case "format":
			return p.format()
		case "captured_at":
			return p.decode(func(raw jsontext.Value) error { return evidence.Decode(raw, &b.CapturedAt) })
		case "account":
			return p.decode(func(raw jsontext.Value) error { return decodeOptional(raw, &b.Account) })
		case "calls":
			return p.calls(name, func(where string) error { return p.call(b, where, false) })
		case "probes":
			if p.dec.PeekKind() == 'n' {
				return p.syntax(p.dec.SkipValue())
			}
			return p.calls(name, func(where string) error { return p.call(b, where, true) })
		}
		return p.syntax(p.dec.SkipValue())
	})
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"format", "captured_at", "calls"} {
		if !seen[name] {
			return nil, &Error{File: p.file, Member: name, Reason: "missing"}
		}
	}
	if _, err := p.dec.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, &Error{File: p.file, Line: p.lineAt(p.next()), Reason: "something follows the end of the bundle"}
	}
	b.sortIndex()
	return b, nil
}

// object reads the object that stands at a place, calling member for each of its names with the decoder before the value.
func (p *parser) object(where string, member func(name string) error) error {
	if kind := p.dec.PeekKind(); kind != '{' && kind != 0 {
		return &Error{File: p.file, Line: p.lineAt(p.next()), Member: where, Reason: "want an object, not " + kindName(kind)}
	}
	if _, err := p.dec.ReadToken(); err != nil {
		return p.syntax(err)
	}
	for p.dec.PeekKind() != '}' {
		token, err := p.dec.ReadToken()
		if err != nil {
			return p.syntax(err)
		}
		if err := member(token.String()); err != nil {
			return err
		}
	}
	_, err := p.dec.ReadToken()
	return p.syntax(err)
}

func (p *parser) format() error {
	return p.decode(func(raw jsontext.Value) error {
		var format string
		if err := decodeString(raw, &format); err != nil {
			return err
		}
		if format != Format {
			return fmt.Errorf("%q is not a format that this version reads: want %q", format, Format)
		}
		return nil
	})
}

// calls reads a list of recorded calls.
func (p *parser) calls(list string, call func(where string) error) error {
	if kind := p.dec.PeekKind(); kind != '[' && kind != 0 {
		return &Error{File: p.file, Line: p.lineAt(p.next()), Member: list, Reason: "want a list, not " + kindName(kind)}
	}
	if _, err := p.dec.ReadToken(); err != nil {
		return p.syntax(err)
	}
	for i := 0; p.dec.PeekKind() != ']'; i++ {
		if err := call(fmt.Sprintf("%s[%d]", list, i)); err != nil {
			return err
		}
	}
	_, err := p.dec.ReadToken()
	return p.syntax(err)
}

// call reads the recorded call that stands at a place, which is a probe or a call of an AWS service.
func (p *parser) call(b *Bundle, where string, probe bool) error {
	var service, operation string
	var rec recorded
	start := p.next()
	err := p.object(where, func(name string) error {
		switch name {
		case "service":
			return p.decode(func(raw jsontext.Value) error { return decodeString(raw, &service) })
		case "operation":
			return p.decode(func(raw jsontext.Value) error { return decodeString(raw, &operation) })
		case "region":
			return p.decode(func(raw jsontext.Value) error { return decodeOptional(raw, &rec.region) })
		case "params":
			return p.decode(func(raw jsontext.Value) (err error) {
				rec.params, err = decodeParams(raw)
				return err
			})
		case "output":
			return p.decode(func(raw jsontext.Value) (err error) {
				rec.output, err = decodeOutput(raw)
				return err
			})
		case "error":
			return p.decode(func(raw jsontext.Value) (err error) {
				rec.err, err = decodeProblem(raw)
				return err
			})
		}
		return p.syntax(p.dec.SkipValue())
	})
	if err != nil {
		return err
	}
	fail := func(member, reason string) error {
		return &Error{File: p.file, Line: p.lineAt(start), Member: where + member, Reason: reason}
	}
	switch {
	case service == "":
		return fail(".service", "missing")
	case operation == "":
		return fail(".operation", "missing")
	case probe && service != observed.Service:
		return fail(".service", "a probe's is "+strconv.Quote(observed.Service)+", not "+strconv.Quote(service))
	case !probe && service == observed.Service:
		return fail(".service", "a probe belongs among the probes")
	case rec.output == nil && rec.err == nil:
		return fail("", "neither output nor error")
	case rec.output != nil && rec.err != nil:
		return fail("", "both output and error")
	}
	b.add(evidence.Call{Service: service, Operation: operation}.Name(), rec)
	if probe {
		b.Probes++
	}
	return nil
}

// decode reads the next value and hands it to a decoding function, whose error it puts in its place.
func (p *parser) decode(into func(jsontext.Value) error) error {
	start := p.next()
	raw, err := p.dec.ReadValue()
	if err != nil {
		return p.syntax(err)
	}
	if err := into(raw); err != nil {
		return p.place(start, err)
	}
	return nil
}

// place makes an error of the value that begins at an offset, or of the part of it that the JSON package points at.
func (p *parser) place(start int64, err error) error {
	out := &Error{File: p.file, Line: p.lineAt(start), Member: memberName(string(p.dec.StackPointer()))}
	var semantic *json.SemanticError
	if !errors.As(err, &semantic) {
		out.Reason = err.Error()
		return out
	}
	out.Line = p.lineAt(start + semantic.ByteOffset)
	out.Member = memberName(string(p.dec.StackPointer() + semantic.JSONPointer))
	out.Reason = "want " + typeName(semantic.GoType) + ", not " + kindName(semantic.JSONKind)
	if semantic.Err != nil {
		out.Reason = semantic.Err.Error()
	}
	return out
}

// syntax turns an error of the JSON text into one of ours; nil stays nil.
func (p *parser) syntax(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return &Error{File: p.file, Line: p.lineAt(int64(len(p.data))), Member: memberName(string(p.dec.StackPointer())), Reason: "the file ends in the middle: it is cut off"}
	}
	out := &Error{File: p.file, Line: p.lineAt(p.dec.InputOffset()), Reason: err.Error()}
	var syntactic *jsontext.SyntacticError
	if errors.As(err, &syntactic) {
		out.Line = p.lineAt(syntactic.ByteOffset)
		out.Member = memberName(string(syntactic.JSONPointer))
		out.Reason = "not valid JSON: " + syntactic.Err.Error()
		if errors.Is(err, jsontext.ErrDuplicateName) {
			out.Reason = "the member stands here a second time"
		}
	}
	return out
}

// next is the offset of the next value: behind the white space, comma or colon that separates it from the last one.
func (p *parser) next() int64 {
	offset := p.dec.InputOffset()
	rest := bytes.TrimLeft(p.data[offset:], " \t\r\n,:")
	return int64(len(p.data) - len(rest))
}

func (p *parser) lineAt(offset int64) int {
	offset = min(offset, int64(len(p.data)))
	return 1 + bytes.Count(p.data[:offset], []byte{'\n'})
}
