package bluesky

import (
	"context"
	"slices"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
)

// list is read newest first, page by page.
type list struct {
	name string        // of its reading
	late time.Duration // an entry may come so long after its time
	ask  func(ctx context.Context, cursor string) (page, error)
}

// page is a part of a list of posts, newest first.
type page struct {
	items  []found
	cursor string
}

type found struct {
	told
	at   time.Time
	skip bool
}

const (
	windowSize  = 20  // pages read before what they hold is handed in
	maxWindows  = 50  // of one round
	mostWindows = 100 // of one absence: 200,000 entries
)

// reading is how far a list that is given newest first was read. All up to Mark
// is with the sink. While a long absence is caught up with, Cursor is where to
// read on, and Top what Mark will be once that is done.
type reading struct {
	Mark   time.Time `json:"mark"`
	Top    time.Time `json:"top,omitzero"`
	Cursor string    `json:"cursor,omitempty"`
	// Windows is how many have been read on the way back. A list without an end
	// must not keep what is new waiting for ever.
	Windows int `json:"windows,omitempty"`
}

// reader brings lists up to date, again and again.
type reader struct {
	n    *Network
	sink social.Sink
	far  map[string]*reading
}

func (r *reader) on(ctx context.Context, l list) error {
	if r.far[l.name] == nil {
		far, err := r.n.loadReading(ctx, l.name)
		if err != nil {
			return err
		}
		if r.far == nil {
			r.far = map[string]*reading{}
		}
		r.far[l.name] = far
	}
	return r.n.readOn(ctx, r.sink, r.far[l.name], l, true)
}

// loadReading reads how far a list was read. One that was never read begins
// now: what was written before us is not answered.
func (n *Network) loadReading(ctx context.Context, name string) (*reading, error) {
	r := &reading{}
	known, err := social.StateRead(ctx, n.kit.State, "read/"+name, r)
	if err != nil {
		return nil, err
	}
	if known && !r.Mark.IsZero() {
		return r, social.StateError(n.heard.load(ctx, n.kit.State))
	}
	r = &reading{Mark: n.kit.Clock.Now()}
	if err := n.heard.load(ctx, n.kit.State); err != nil {
		return nil, social.StateError(err)
	}
	return r, n.saveReading(ctx, name, r)
}

func (n *Network) saveReading(ctx context.Context, name string, r *reading) error {
	if err := n.heard.save(ctx, n.kit.State); err != nil {
		return social.StateError(err)
	}
	return social.StateKeep(ctx, n.kit.State, "read/"+name, r, 0)
}

// readOn reads a list from its newest entry back to the mark, hands in what it
// finds, oldest first, and moves the mark. An entry that was indexed a little
// late is not missed, since a while before the mark is read again; what came
// before is not handed in twice. What takes more than a window is handed in
// window by window; keep has the way kept.
func (n *Network) readOn(ctx context.Context, sink social.Sink, r *reading, l list, keep bool) error {
	before := *r
	for range maxWindows {
		posts, done, err := n.window(ctx, r, l)
		if err == nil {
			err = n.deliver(ctx, sink, posts)
		}
		if err != nil {
			*r = before // what was read is not with the sink
			return err
		}
		if r.Windows++; !done && r.Windows >= mostWindows {
			n.log.Error("more came during an absence than is read; the oldest are left out", "list", l.name)
			done = true
		}
		if done {
			if r.Top.After(r.Mark) {
				r.Mark = r.Top
			}
			r.Top, r.Cursor, r.Windows = time.Time{}, "", 0
		}
		if keep && *r != before {
			if err := n.saveReading(ctx, l.name, r); err != nil {
				return err
			}
		}
		before = *r
		if done {
			return nil
		}
	}
	return nil
}

func (n *Network) window(ctx context.Context, r *reading, l list) (posts []domain.Post, done bool, err error) {
	until := r.Mark.Add(-l.late)
	for range windowSize {
		p, err := l.ask(ctx, r.Cursor)
		if err != nil {
			return nil, false, err
		}
		for _, f := range p.items {
			if !f.at.IsZero() && f.at.Before(until) {
				done = true
				break
			}
			if f.at.After(r.Top) && !f.at.After(n.kit.Clock.Now()) { // what is to come must not push the mark past what is
				r.Top = f.at
			}
			if known, ok := n.recent.Get(f.post.ID); f.skip || ok && known.taken && known.post.Revision == f.post.Revision {
				continue
			}
			n.remember(f.told)
			posts = append(posts, f.post)
		}
		if done = done || p.cursor == "" || p.cursor == r.Cursor || len(p.items) == 0; done {
			break
		}
		r.Cursor = p.cursor
	}
	slices.Reverse(posts)
	return posts, done, nil
}
