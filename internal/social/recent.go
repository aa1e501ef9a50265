package social

import (
	"sync"

	"github.com/contact-advocate/advocate/internal/domain"
)

// Recent remembers the last things of a kind in memory, at most so many: the
// first that came is forgotten first. It saves work; nothing may rest on it that
// must hold after a restart or on another node. It is safe for concurrent use.
type Recent[K comparable, V any] struct {
	Most int // must be set before use

	mu    sync.Mutex
	by    map[K]V
	order []K
}

// Put remembers a value; one of the same key keeps its place.
func (r *Recent[K, V]) Put(key K, v V) { r.Change(key, func(V, bool) V { return v }) }

// Change puts what f makes of the value that is known, if one is.
func (r *Recent[K, V]) Change(key K, f func(was V, known bool) V) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.by == nil {
		r.by = map[K]V{}
	}
	was, known := r.by[key]
	if !known {
		r.order = append(r.order, key)
	}
	r.by[key] = f(was, known)
	if len(r.order) > r.Most {
		delete(r.by, r.order[0])
		r.order = r.order[1:]
	}
}

// Update is Change of what is known; of what is not it does nothing.
func (r *Recent[K, V]) Update(key K, f func(V) V) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if was, known := r.by[key]; known {
		r.by[key] = f(was)
	}
}

// Get returns what is known.
func (r *Recent[K, V]) Get(key K) (V, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	v, ok := r.by[key]
	return v, ok
}

// Seen are the last posts that were handed in, so that what two ways bring, or
// one way twice, is neither handed in nor counted again. The sink knows repeats
// anyway.
type Seen struct {
	Recent[domain.Key, struct{}]
}

// Add notes posts that the sink has.
func (s *Seen) Add(posts []domain.Post) {
	for i := range posts {
		s.Put(posts[i].DedupeKey(), struct{}{})
	}
}

// Fresh leaves those out that were handed in, and all but the first of equals.
// at is where the others stand.
func (s *Seen) Fresh(posts []domain.Post) (out []domain.Post, at []int) {
	here := map[domain.Key]bool{}
	for i := range posts {
		key := posts[i].DedupeKey()
		if !s.Has(key) && !here[key] {
			here[key] = true
			out, at = append(out, posts[i]), append(at, i)
		}
	}
	return out, at
}

// Has reports whether a post of that DedupeKey was handed in.
func (s *Seen) Has(key domain.Key) bool {
	_, ok := s.Get(key)
	return ok
}
