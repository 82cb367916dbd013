package edge

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"cfdoctor/internal/function"
)

// programs keeps the compiled functions of a distribution for all models of it, edited worlds included: an engine takes longer to load than
// all other stages together, and most edits leave the functions alone.
type programs struct {
	mu   sync.Mutex
	made map[programKey]*function.Program
}

// programKey is everything that a compiled function depends on.
type programKey struct {
	code  function.Code
	store string
}

func (p *programs) compile(c function.Code, store *function.Store) *function.Program {
	key := programKey{c, storeKey(store)}
	p.mu.Lock()
	defer p.mu.Unlock()
	if made, ok := p.made[key]; ok {
		return made
	}
	if p.made == nil {
		p.made = map[programKey]*function.Program{}
	}
	made := function.Compile(c, store)
	p.made[key] = made
	return made
}

// storeKey tells stores of different content apart; "" is a store that is not known.
func storeKey(s *function.Store) string {
	if s == nil {
		return ""
	}
	items := make([]string, 0, len(s.Items))
	for key, value := range s.Items {
		items = append(items, strconv.Quote(key)+strconv.Quote(value))
	}
	slices.Sort(items)
	return strconv.FormatBool(s.Complete) + s.ID + " " + strings.Join(items, "")
}
