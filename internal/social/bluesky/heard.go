package bluesky

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"sync"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
)

// What is remembered of the posts that were handed in: 64 × 500 digests, so
// that of all the deletions on the network only those of such posts are passed
// on, and that what goes on with such a post is known for it. The oldest are
// forgotten.
const (
	heardPages = 64
	heardSize  = 500
)

type heard struct {
	saving sync.Mutex // held by who saves, so that what is older overwrites nothing
	mu     sync.Mutex
	pages  [heardPages][]uint64
	all    map[uint64]int // how many pages have it
	at     int            // the page that is written
	dirty  map[int]bool
}

func digest(uri string) uint64 {
	sum := sha256.Sum256([]byte(uri))
	return binary.BigEndian.Uint64(sum[:])
}

func (h *heard) has(uri string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.all[digest(uri)] > 0
}

func (h *heard) add(uri string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	d := digest(uri)
	if h.all[d] > 0 {
		return
	}
	if h.all == nil {
		h.all, h.dirty = map[uint64]int{}, map[int]bool{}
	}
	if len(h.pages[h.at]) >= heardSize {
		h.at = (h.at + 1) % heardPages
		for _, old := range h.pages[h.at] {
			if h.all[old]--; h.all[old] <= 0 {
				delete(h.all, old)
			}
		}
		h.pages[h.at] = nil
	}
	h.pages[h.at] = append(h.pages[h.at], d)
	h.all[d]++
	h.dirty[h.at] = true
}

// save keeps what was added. The stream asks has and add for each post of the
// network, so that State is written without their lock's being held.
func (h *heard) save(ctx context.Context, state social.State) error {
	h.saving.Lock()
	defer h.saving.Unlock()
	h.mu.Lock()
	values := map[string][]byte{}
	for i := range h.dirty {
		b := make([]byte, 0, 8*len(h.pages[i]))
		for _, d := range h.pages[i] {
			b = binary.BigEndian.AppendUint64(b, d)
		}
		values[fmt.Sprintf("heard/%d", i)] = b
	}
	dirty, at := h.dirty, h.at
	h.dirty = map[int]bool{}
	h.mu.Unlock()
	if len(values) == 0 {
		return nil
	}
	values["heard/at"] = []byte{byte(at)}
	for name, b := range values {
		if err := state.Put(ctx, name, b, domain.SeenWindow); err != nil {
			h.mu.Lock()
			for i := range dirty {
				h.dirty[i] = true
			}
			h.mu.Unlock()
			return err
		}
	}
	return nil
}

// load reads what was kept, once.
func (h *heard) load(ctx context.Context, state social.State) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.all != nil {
		return nil
	}
	all := map[uint64]int{}
	for i := range h.pages {
		b, err := state.Get(ctx, fmt.Sprintf("heard/%d", i))
		if err != nil {
			return err
		}
		h.pages[i] = nil
		for ; len(b) >= 8; b = b[8:] {
			d := binary.BigEndian.Uint64(b)
			h.pages[i] = append(h.pages[i], d)
			all[d]++
		}
	}
	at, err := state.Get(ctx, "heard/at")
	if err != nil {
		return err
	}
	if len(at) == 1 && int(at[0]) < heardPages {
		h.at = int(at[0])
	}
	h.all, h.dirty = all, map[int]bool{}
	return nil
}

// told is a post as it came. The last ones are remembered, since an AppView that
// is asked for one may not have it for a second yet.
type told struct {
	post  domain.Post
	root  ref  // zero: the post is its thread's first
	taken bool // the sink has it
}

const maxRecent = 2000

// taken notes what the sink has.
func (n *Network) taken(posts []domain.Post) {
	for i := range posts {
		n.recent.Update(posts[i].ID, func(t told) told {
			t.taken = t.taken || t.post.Revision == posts[i].Revision
			return t
		})
	}
}

// remember notes a post that is about to be handed in.
func (n *Network) remember(t told) {
	n.recent.Change(t.post.ID, func(was told, known bool) told {
		if known && was.post.Revision == t.post.Revision {
			t.taken = was.taken
		}
		return t
	})
	if !t.post.Own && !t.post.Unaddressed {
		n.heard.add(t.post.ID)
	}
}
