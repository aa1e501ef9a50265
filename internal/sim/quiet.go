package sim

import (
	"context"
	"fmt"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
)

// shown is a network that lets posts be looked at again, and tells of some
// changes only to who does.
type shown struct{ *network }

var _ social.Fetcher = shown{}

// Fetch implements social.Fetcher.
func (s shown) Fetch(_ context.Context, key domain.PostKey) (domain.Post, error) {
	w := s.world
	if w.process.dead {
		return domain.Post{}, social.Unreached(errCrash)
	}
	x := w.rand.Float64()
	s.hidden[key.ID] = !w.calm && x < 0.08
	switch {
	case !s.hidden[key.ID]:
	case x < 0.06:
		w.did("look.failed")
		return domain.Post{}, &social.Error{Retry: true, Fault: social.FaultNetwork, Safe: "down"}
	default:
		w.did("look.limited")
		return domain.Post{}, &social.Error{Retry: true, After: time.Minute, Fault: social.FaultNetwork, Safe: "too many requests"}
	}
	p, ok := s.posts[key.ID]
	if e := w.edits[key]; e != nil && s.old && ok && !p.Deleted { // a planted fault
		p = e.versions[len(e.versions)-1].post
	}
	if !ok {
		p = domain.Post{Network: key.Network, Account: key.Account, ID: key.ID, Deleted: true}
	}
	for _, f := range w.sent {
		if f.post.DedupeKey() == p.DedupeKey() {
			f.looked = true
		}
	}
	switch {
	case p.Deleted:
		w.did("look.gone")
	case p.Revision != "":
		w.did("look.edited")
	default:
		w.did("look.ok")
	}
	return p, nil
}

// change is what becomes of a post. What is gone stays gone.
func (n *network) change(p domain.Post) bool {
	if n.posts[p.ID].Deleted {
		return false
	}
	n.posts[p.ID] = p
	return true
}

// standing picks a post of a customer's that stands where posts can be looked
// at again, nil for none.
func (d *driver) standing() *postFact {
	return d.recent(func(f *postFact) bool {
		n := d.network(f.post.Network)
		return n.shows && f.post.Revision == "" && !f.post.Own && !f.erased && !n.posts[f.post.ID].Deleted && n.posts[f.post.ID].ID != ""
	})
}

// quietly makes a change that nobody hands in.
func (d *driver) quietly(op string, p domain.Post) {
	d.network(p.Network).change(p)
	d.sent = append(d.sent, &postFact{post: p, quiet: true})
	d.did(op)
}

func (d *driver) postEditQuietly(context.Context) {
	f := d.standing()
	if f == nil || d.edits[f.post.Key()] != nil {
		return
	}
	edited := f.post
	edited.Revision = fmt.Sprint(d.next())
	text, _ := d.words(d.personOf(f.post.Identity()))
	edited.Text = text + " (quietly " + edited.Revision + ")"
	d.quietly("post.edit_quiet", edited)
}

func (d *driver) postDeleteQuietly(context.Context) {
	f := d.standing()
	if f == nil {
		return
	}
	gone := f.post
	gone.Deleted, gone.Text = true, ""
	d.quietly("post.delete_quiet", gone)
}
