package mastodon

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
)

// What is remembered of the posts that were handed in: the last 25 × 40, so
// that edits and deletions are recognised, and a post that comes by several
// ways is handed in once. The oldest are forgotten.
const (
	knownPages = 25
	knownSize  = 40 // a page is one value in the State, of some 5 kB
)

// told is a post and the notification that told of it, "" for none.
type told struct {
	post         domain.Post
	notification string
}

// mark is what is known of one post.
type mark struct {
	ID           string `json:"i"`
	Author       string `json:"a"`
	Revision     string `json:"r,omitempty"`
	Notification string `json:"n,omitempty"` // while the post should be found by it
	Own          bool   `json:"o,omitempty"`
	Unaddressed  bool   `json:"u,omitempty"`
	Private      bool   `json:"p,omitempty"`
	Deleted      bool   `json:"d,omitempty"`

	tries int // how often it could not be looked at
}

type known struct {
	saving sync.Mutex // held by who saves, so that what is older overwrites nothing
	mu     sync.Mutex
	loaded bool
	pages  [knownPages][]*mark
	all    map[string]*mark
	page   map[string]int // where a mark is
	at     int            // the page that is written
	dirty  map[int]bool
}

// older reports whether id a was given before b: numbers grow longer, and the
// ids of servers that use no numbers are of one length and sort as text.
func older(a, b string) bool {
	if len(a) != len(b) {
		return len(a) < len(b)
	}
	return a < b
}

// news reports whether a post says more than what was handed in.
func (k *known) news(t told) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	m := k.all[t.post.ID]
	switch {
	case m == nil:
		return true
	case m.Deleted:
		return false
	case t.post.Deleted:
		return true
	}
	return t.post.Revision > m.Revision // a time: what comes late is not news
}

// add notes a post that the sink has taken.
func (k *known) add(t told) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.init()
	p := t.post
	m := k.all[p.ID]
	if m == nil {
		m = &mark{ID: p.ID, Author: p.Author.ID, Own: p.Own, Unaddressed: p.Unaddressed, Private: p.Visibility == domain.Private}
		k.insert(m)
	}
	was := *m
	m.Revision = max(m.Revision, p.Revision)
	m.Unaddressed = m.Unaddressed && p.Unaddressed
	m.Deleted = m.Deleted || p.Deleted
	if t.notification != "" {
		m.Notification = t.notification
	}
	if m.Deleted {
		m.Notification = ""
	}
	if *m != was {
		k.dirty[k.page[p.ID]] = true
	}
}

func (k *known) init() {
	if k.all == nil {
		k.all, k.page, k.dirty = map[string]*mark{}, map[string]int{}, map[int]bool{}
	}
}

func (k *known) insert(m *mark) {
	if len(k.pages[k.at]) >= knownSize {
		k.at = (k.at + 1) % knownPages
		for _, old := range k.pages[k.at] {
			delete(k.all, old.ID)
			delete(k.page, old.ID)
		}
		k.pages[k.at] = nil
	}
	k.pages[k.at] = append(k.pages[k.at], m)
	k.all[m.ID], k.page[m.ID], k.dirty[k.at] = m, k.at, true
}

// get returns what is known of a post.
func (k *known) get(id string) (mark, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if m := k.all[id]; m != nil {
		return *m, true
	}
	return mark{}, false
}

// missing lists posts that notifications from oldest on should have told of,
// and have not.
func (k *known) missing(oldest string, seen map[string]bool, most int) []mark {
	k.mu.Lock()
	defer k.mu.Unlock()
	var out []mark
	for _, page := range k.pages {
		for _, m := range page {
			if m.Notification != "" && !older(m.Notification, oldest) && !seen[m.ID] && len(out) < most {
				out = append(out, *m)
			}
		}
	}
	return out
}

// unlisted notes that a post's notification is gone, but not the post.
func (k *known) unlisted(id string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if m := k.all[id]; m != nil {
		m.Notification = ""
		k.dirty[k.page[id]] = true
	}
}

// failed counts that a post could not be looked at, and returns how often.
func (k *known) failed(id string) int {
	k.mu.Lock()
	defer k.mu.Unlock()
	m := k.all[id]
	if m == nil {
		return 0
	}
	m.tries++
	return m.tries
}

// save keeps what has changed. State is asked without the lock's being held.
func (k *known) save(ctx context.Context, state social.State) error {
	k.saving.Lock()
	defer k.saving.Unlock()
	k.mu.Lock()
	values := map[string][]byte{}
	for i := range k.dirty {
		values[fmt.Sprintf("known/%d", i)], _ = json.Marshal(k.pages[i])
	}
	dirty := k.dirty
	k.dirty = map[int]bool{}
	at := k.at
	k.mu.Unlock()
	if len(values) == 0 {
		return nil
	}
	values["known/at"] = []byte{byte(at)}
	for name, b := range values {
		if err := state.Put(ctx, name, b, domain.SeenWindow); err != nil {
			k.mu.Lock()
			for i := range dirty {
				k.dirty[i] = true
			}
			k.mu.Unlock()
			return social.StateError(err)
		}
	}
	return nil
}

// load reads what was kept, once.
func (k *known) load(ctx context.Context, state social.State) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.loaded {
		return nil
	}
	k.init()
	for i := range k.pages {
		b, err := state.Get(ctx, fmt.Sprintf("known/%d", i))
		if err != nil {
			return social.StateError(err)
		}
		var page []*mark
		if json.Unmarshal(b, &page) != nil {
			continue
		}
		for _, m := range page[:min(len(page), knownSize)] {
			if m != nil && strings.TrimSpace(m.ID) != "" && k.all[m.ID] == nil {
				k.pages[i] = append(k.pages[i], m)
				k.all[m.ID], k.page[m.ID] = m, i
			}
		}
	}
	at, err := state.Get(ctx, "known/at")
	if err != nil {
		return social.StateError(err)
	}
	if len(at) == 1 && int(at[0]) < knownPages {
		k.at = int(at[0])
	}
	k.loaded = true
	return nil
}
