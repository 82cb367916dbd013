package mcpserver

import (
	"crypto/rand"
	"sync"
)

// How much the server remembers. A forgotten diagnosis can be made again.
const (
	keptDiagnoses = 16
	keptBundles   = 4
	keptConsents  = 16
)

// shelf keeps the latest few things under names that nobody can guess. It is safe for concurrent use.
type shelf[T any] struct {
	mu    sync.Mutex
	room  int
	order []string
	items map[string]T
}

func newShelf[T any](room int) *shelf[T] { return &shelf[T]{room: room, items: map[string]T{}} }

// put keeps a thing, forgets the oldest where there is no room, and returns the name.
func (s *shelf[T]) put(item T) string {
	id := rand.Text()[:12]
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.order) == s.room {
		delete(s.items, s.order[0])
		s.order = s.order[1:]
	}
	s.order = append(s.order, id)
	s.items[id] = item
	return id
}

func (s *shelf[T]) get(id string) (T, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	item, ok := s.items[id]
	return item, ok
}

// take returns a thing once.
func (s *shelf[T]) take(id string) (T, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	item, ok := s.items[id]
	if !ok {
		return item, false
	}
	delete(s.items, id)
	for i, name := range s.order {
		if name == id {
			s.order = append(s.order[:i:i], s.order[i+1:]...)
			break
		}
	}
	return item, true
}
