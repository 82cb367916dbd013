package function

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"strings"

	"modernc.org/quickjs"
)

//go:embed surface.txt
var surfaceText string

// config is what the prelude is started with.
type config struct {
	Runtime       string              `json:"runtime"`
	Shared        bool                `json:"shared"`
	HostNames     []string            `json:"hostNames"`
	Surface       map[string][]string `json:"surface"`
	AbsentGlobals []string            `json:"absentGlobals"`
	UnsureGlobals []string            `json:"unsureGlobals"`
	ErrorHooks    []string            `json:"errorHooks"`
}

func newConfig(runtime string, shared bool) config {
	return config{
		Runtime: runtime, Shared: shared,
		HostNames:     []string{hostDigest, hostKey},
		Surface:       surface(runtime),
		AbsentGlobals: []string{"URL", "URLSearchParams", "Intl", "structuredClone"},
		// The engine the runtimes derive from has these; AWS does not list them.
		UnsureGlobals: []string{"TextEncoder", "TextDecoder", "crypto", "process", "njs"},
		ErrorHooks:    []string{"prepareStackTrace", "stackTraceLimit", "captureStackTrace"},
	}
}

// surface reads surface.txt for one runtime.
func surface(runtime string) map[string][]string {
	out := map[string][]string{}
	for line := range strings.Lines(surfaceText) {
		label, names, ok := strings.Cut(strings.TrimSpace(line), ":")
		if !ok || strings.HasPrefix(label, "#") {
			continue
		}
		label, ok = inRuntime(label, runtime)
		if !ok {
			continue
		}
		out[label] = []string{}
		for name := range strings.FieldsSeq(names) {
			if name, ok := inRuntime(name, runtime); ok {
				out[label] = append(out[label], name)
			}
		}
	}
	return out
}

func inRuntime(name, runtime string) (string, bool) {
	if bare, marked := strings.CutSuffix(name, "+"); marked {
		return bare, runtime != Runtime1
	}
	if bare, marked := strings.CutSuffix(name, "-"); marked {
		return bare, runtime == Runtime1
	}
	return name, true
}

// The names under which the prelude finds the Go functions, before it removes them.
const (
	hostDigest = "cfdoctorDigest"
	hostKey    = "cfdoctorKey"
)

func hostFuncs(store *Store) map[string]quickjs.HostFunc {
	return map[string]quickjs.HostFunc{
		hostDigest: digest,
		hostKey:    func(args []any) (any, error) { return lookUp(store, args) },
	}
}

// digest takes "hash" or "hmac", the algorithm, and key and data in hex; it returns hex.
func digest(args []any) (any, error) {
	var text [4]string
	for i := range text {
		if i >= len(args) {
			return nil, errors.New("digest needs four strings")
		}
		text[i], _ = args[i].(string)
	}
	makers := map[string]func() hash.Hash{"md5": md5.New, "sha1": sha1.New, "sha256": sha256.New}
	newHash, ok := makers[text[1]]
	if !ok {
		return nil, fmt.Errorf("unknown algorithm %q", text[1])
	}
	key, err := hex.DecodeString(text[2])
	if err != nil {
		return nil, fmt.Errorf("reading the key: %w", err)
	}
	data, err := hex.DecodeString(text[3])
	if err != nil {
		return nil, fmt.Errorf("reading the data: %w", err)
	}
	h := newHash()
	if text[0] == "hmac" {
		h = hmac.New(newHash, key)
	}
	h.Write(data)
	return hex.EncodeToString(h.Sum(nil)), nil
}

// lookUp finds a key of the store; see makeStore in prelude_modules.js.
func lookUp(store *Store, args []any) (any, error) {
	var answer struct {
		Found   bool   `json:"found"`
		Unknown bool   `json:"unknown"`
		Value   string `json:"value"`
	}
	key := ""
	if len(args) > 0 {
		key, _ = args[0].(string)
	}
	if store != nil {
		answer.Value, answer.Found = store.Items[key]
	}
	answer.Unknown = !answer.Found && (store == nil || !store.Complete)
	text, err := json.Marshal(answer)
	if err != nil {
		return nil, fmt.Errorf("encoding the value of key %q: %w", key, err)
	}
	return string(text), nil
}
