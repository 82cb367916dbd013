package edge

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

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

// LoadFunctions loads the functions of all behaviors side by side, ahead of the simulations that run them.
func (m *Model) LoadFunctions() {
	found := map[*function.Program]bool{}
	for _, b := range m.Behaviors {
		for event, data := range map[string]*lazy[*functionFacts]{function.ViewerRequest: &b.data.function, function.ViewerResponse: &b.data.responseFunction} {
			arn, _ := b.functionAssociated(types.EventType(event))
			if arn == "" {
				continue
			}
			if f := data.get(func() *functionFacts { return m.compileFunction(b, arn, event) }); f.program != nil {
				found[f.program] = true
			}
		}
	}
	var loading sync.WaitGroup
	for program := range found {
		loading.Go(program.Load)
	}
	loading.Wait()
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
