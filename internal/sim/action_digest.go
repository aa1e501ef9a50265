package sim

import (
	"context"
	"fmt"
	"hash/fnv"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// digestMark begins a revision that is a digest of the text: it tells two texts
// apart, not which is the newer.
const digestMark = "d-"

func digested(p *domain.Post) bool { return strings.HasPrefix(p.Revision, digestMark) }

// digestOf is what a network gives that knows no better.
func digestOf(text string) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(text))
	return fmt.Sprintf("%s%016x", digestMark, h.Sum64())
}

// edits keeps the posts whose edits have digests; the others' have numbers.
type edits map[domain.PostKey]*digestEdits

// rewritten are some of the posts whose edits have digests, the newest last.
type rewritten []*digestEdits

// some picks one of the newest, nil for none.
func (r rewritten) some(w *world) *digestEdits {
	if len(r) == 0 {
		return nil
	}
	return pick(w, r[max(0, len(r)-6):])
}

type digestEdits struct {
	first    *postFact
	versions []*postFact // handed in, each once
	told     int         // how often any of them was handed in
}

// postEditDigest is an edit of which the network tells no more than that the
// text is another.
func (d *driver) postEditDigest(context.Context) {
	f := d.standing()
	if e := d.rewritten.some(d.world); e != nil && d.chance(0.6) {
		f = e.first
	}
	if f == nil || f.erased || d.numbered(f) {
		return
	}
	edited := f.post
	text, _ := d.words(d.personOf(f.post.Identity()))
	edited.Text = fmt.Sprintf("%s (rewritten %d)", text, d.next())
	edited.Revision = digestOf(edited.Text)
	if !d.network(edited.Network).change(edited) {
		return
	}
	e := d.edits[edited.Key()]
	if e == nil {
		e = &digestEdits{first: f}
		d.edits[edited.Key()], d.rewritten = e, append(d.rewritten, e)
	}
	e.told++
	e.versions = append(e.versions, d.post("post.edit_digest", edited))
}

// postEditBack is an author who goes back to what they said before: what the
// network tells then is what it told before, and so is its key. Some waver.
func (d *driver) postEditBack(ctx context.Context) {
	e := d.rewritten.some(d.world)
	if e == nil {
		return
	}
	f := pick(d.world, e.versions)
	if !f.taken || f.erased || d.now().Sub(f.post.At) > 20*24*time.Hour || d.stood(f).Revision == f.post.Revision || !d.network(f.post.Network).change(f.post) {
		return
	}
	e.told++
	d.queue = append(d.queue, delivery{fact: f, op: "post.edit_back", again: true, since: d.now()})
	if d.chance(0.5) {
		d.postEditBack(ctx)
	}
}

// goneBack sees that the advocate knows what its customer's post says again,
// although what told of it looked like a repeat. While the network does not show
// the post it may be one, and what is erased stays so.
func (d *driver) goneBack(f *postFact) {
	p := d.stood(f)
	if f.erased || p.Revision != f.post.Revision || d.network(p.Network).hidden[p.ID] || d.oracle.read[p.Key()].revision == p.Revision {
		return
	}
	if d.oracle.pendingKeys()[inputKey(0, &domain.Input{Post: p})] == 0 {
		d.oracle.fail("post %s says what it said before, and its advocate does not know", p.ID)
	}
}

// stood is a post as its network shows it.
func (d *driver) stood(f *postFact) *domain.Post {
	p := d.network(f.post.Network).posts[f.post.ID]
	return &p
}

// numbered reports whether a post has had an edit with a number.
func (d *driver) numbered(f *postFact) bool {
	for _, o := range d.sent {
		if o.post.Key() == f.post.Key() && o.post.Revision != "" && !digested(&o.post) {
			return true
		}
	}
	return false
}
