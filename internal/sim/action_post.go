package sim

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
)

// delivery is a post on its way in. It stays in the queue until it is
// acknowledged, as a real client would keep it.
type delivery struct {
	fact  *postFact
	op    string // counted when it is taken
	tries int
	since time.Time
	again bool // a repeat of what was handed in before
	clash bool // the same key with another body
}

// post hands a post in, sooner or later.
func (d *driver) post(op string, p domain.Post) *postFact {
	f := &postFact{post: p}
	d.sent = append(d.sent, f)
	at := len(d.queue)
	if at > 0 && d.chance(0.15) { // it overtakes
		at = d.rand.IntN(at)
	}
	d.queue = slices.Insert(d.queue, at, delivery{fact: f, op: op, since: d.now()})
	return f
}

// written makes a post of a person's.
func (d *driver) written(p *person, k domain.IdentityKey, text string, v domain.Visibility) domain.Post {
	post := domain.Post{
		Network: k.Network, Account: k.Account, ID: fmt.Sprintf("p%d", d.next()), Author: domain.Author{ID: k.Author, Handle: "@" + k.Author, Name: p.name},
		Text: text, At: d.now().Add(-time.Duration(d.rand.IntN(20)) * time.Second).UTC(), Visibility: v,
	}
	p.posts = append(p.posts, post)
	d.network(k.Network).posts[post.ID] = post
	return post
}

// someOrder picks an order that a person writes about: mostly an own one,
// sometimes somebody else's, sometimes one that is not there.
func (d *driver) someOrder(p *person) (string, *order) {
	var own []*order
	for _, o := range d.orders {
		if o.owner == p {
			own = append(own, o)
		}
	}
	switch x := d.rand.IntN(10); {
	case x == 0:
		return "A-99999", nil
	case x < 4 || len(own) == 0:
		o := pick(d.world, d.orders)
		return o.id, o
	default:
		o := pick(d.world, own)
		return o.id, o
	}
}

// words are what a person writes, and the operation that it is.
func (d *driver) words(p *person) (string, string) {
	id, _ := d.someOrder(p)
	switch d.rand.IntN(16) {
	case 0, 1, 2:
		return "Where is my order " + id + "?", ""
	case 3, 4, 5:
		return "My order " + id + " is late and I am angry", ""
	case 6:
		return "My parcel is late. Terrible!", ""
	case 7:
		return "You are great", ""
	case 8:
		return "I want a person please", "post.person"
	case 9:
		return "stop writing to me", "post.stop"
	case 10:
		return "please call me about " + id, ""
	case 11:
		return "call me at " + p.phone, ""
	case 12:
		return "my lamp caught fire", ""
	case 13:
		return "how do i wash this?", ""
	case 14:
		return "I want a refund for " + id, ""
	}
	return pick(d.world, []string{"lunch was nice", "thanks, it came", "well", "do not call me, just write"}), ""
}

func (d *driver) postNew(context.Context) {
	p := pick(d.world, d.people)
	k := pick(d.world, p.keys)
	text, op := d.words(p)
	v := domain.Public
	if d.network(k.Network).private && d.chance(0.6) {
		v = domain.Private
	}
	if op == "" {
		op = "post." + string(v)
	}
	d.post(op, d.written(p, k, text, v))
}

// postReply goes on in a thread: under an own post or under what we wrote.
func (d *driver) postReply(context.Context) {
	p := pick(d.world, d.people)
	if len(p.posts) == 0 {
		return
	}
	last := pick(d.world, p.posts[max(0, len(p.posts)-5):])
	text, _ := d.words(p)
	post := d.written(p, last.Identity(), text, last.Visibility)
	post.InReplyTo = last.ID
	for _, n := range d.networks {
		for i := len(n.sent) - 1; i >= 0 && d.chance(0.9); i-- {
			if n.sent[i].to == last.Identity() {
				post.InReplyTo = n.sent[i].postID
				break
			}
		}
	}
	d.post("post.thread", post)
}

// postParts writes one message in several posts.
func (d *driver) postParts(context.Context) {
	p := pick(d.world, d.people)
	k := pick(d.world, p.keys)
	id, _ := d.someOrder(p)
	var before string
	for i, text := range []string{"1/3 I am angry", "2/3 my order " + id, "3/3 is late"} {
		post := d.written(p, k, text, domain.Public)
		post.InReplyTo = before
		before = post.ID
		if i == 2 {
			d.post("post.parts", post)
		} else {
			d.post("post.public", post)
		}
	}
}

// recent picks a post key handed in lately.
func (d *driver) recent(keep func(*postFact) bool) *postFact {
	from := d.sent[max(0, len(d.sent)-60):]
	for range 10 {
		if len(from) == 0 {
			break
		}
		if f := pick(d.world, from); !f.quiet && keep(f) && d.now().Sub(f.post.At) < 20*24*time.Hour {
			return f
		}
	}
	return nil
}

// postAgain hands a post in once more, now and then with another body.
func (d *driver) postAgain(context.Context) {
	f := d.recent(func(f *postFact) bool { return !f.erased && !f.post.Own && f.aside == "" })
	if f == nil {
		return
	}
	again := delivery{fact: f, op: "post.duplicate", again: true, since: d.now()}
	if f.taken && !f.post.Deleted && d.chance(0.2) {
		other := *f
		other.post.Text += " and more"
		again = delivery{fact: &other, op: "post.conflict", clash: true, since: d.now()}
	}
	d.queue = append(d.queue, again)
}

// postOwn is our own account: our reply coming back, or staff answering in
// the network's own app.
func (d *driver) postOwn(context.Context) {
	n := pick(d.world, d.networks)
	if len(n.sent) > 0 && d.chance(0.5) {
		m := n.sent[d.rand.IntN(len(n.sent))]
		echo := domain.Post{
			Network: n.name, ID: m.postID, Author: domain.Author{ID: "company"}, Own: true, Text: m.text, At: d.now(), Visibility: m.visibility, InReplyTo: m.inReplyTo,
		}
		d.queue = append(d.queue, delivery{fact: &postFact{post: echo}, op: "post.echo", since: d.now()})
		return
	}
	f := d.recent(func(f *postFact) bool { return f.taken && !f.post.Own && !f.post.Deleted && !f.erased })
	if f == nil {
		return
	}
	d.post("post.staff", domain.Post{
		Network: f.post.Network, ID: fmt.Sprintf("p%d", d.next()), Author: domain.Author{ID: "company", Handle: "@company"}, Own: true,
		Text: "We are looking into it ourselves.", At: d.now(), Visibility: f.post.Visibility, InReplyTo: f.post.ID,
	})
}

// postOdd is what must be set aside.
func (d *driver) postOdd(context.Context) {
	p := pick(d.world, d.people)
	k := pick(d.world, p.keys)
	post := d.written(p, k, "where is my order", domain.Public)
	p.posts = p.posts[:len(p.posts)-1]
	if d.chance(0.5) {
		post.Reshare = true
		d.post("post.reshare", post)
		return
	}
	post.At = post.At.Add(-50 * 24 * time.Hour)
	d.post("post.too_old", post)
}

// postProof answers the question for an order's secret: rightly or wrongly,
// in private or, what must not count, in public.
func (d *driver) postProof(context.Context) {
	type open struct {
		k     domain.IdentityKey
		order string
	}
	var asked []open
	for _, p := range d.oracle.live() {
		for i := range p.snap.Cases {
			if c := &p.snap.Cases[i]; c.Verify != nil && !c.Verify.Failed && c.State != domain.CaseResolved {
				asked = append(asked, open{c.Identity, c.Verify.Order})
			}
		}
	}
	if len(asked) == 0 {
		return
	}
	a := pick(d.world, asked)
	p := d.personOf(a.k)
	if p == nil {
		return
	}
	var o *order
	for _, x := range d.orders {
		if x.id == a.order {
			o = x
		}
	}
	right := o != nil && d.chance(0.5)
	if !right {
		o = pick(d.world, d.orders)
		right = o.id == a.order
	}
	f := d.facts(o)
	text := pick(d.world, []string{f.Email, f.Postcode, "it is " + f.Postcode})
	v, op := domain.Private, "post.proof_wrong"
	switch {
	case d.chance(0.2):
		v, op = domain.Public, "post.proof_public"
	case right:
		op = "post.proof_right"
	}
	told := d.post(op, d.written(p, a.k, text, v))
	if v == domain.Private {
		d.given[a.k] = append(d.given[a.k], secret{o.n, told})
	}
}

// deliverSome hands in what waits.
func (d *driver) deliverSome(ctx context.Context) {
	d.deliver(ctx, 1+d.rand.IntN(8))
	d.alive()
	d.deliverEvents(ctx, 1+d.rand.IntN(8))
}

// deliver hands posts in, one call for up to n of them.
func (d *driver) deliver(ctx context.Context, n int) {
	n = min(n, len(d.queue))
	batch := slices.Clone(d.queue[:n])
	d.queue = slices.Clone(d.queue[n:])
	batch = slices.DeleteFunc(batch, func(x delivery) bool { return d.now().Sub(x.since) > 25*24*time.Hour && x.again })
	if len(batch) == 0 {
		return
	}
	posts := make([]domain.Post, len(batch))
	for i := range batch {
		batch[i].tries++
		posts[i] = batch[i].fact.post
	}
	receipts, err := d.engine.PostsSubmit(ctx, posts)
	if err != nil {
		d.fine("hand posts in", err)
		d.queue = append(d.queue, batch...) // a client tries again
		return
	}
	for i := range batch {
		d.receipt(&batch[i], &receipts[i])
	}
}

// receipt judges what the engine says became of a post.
func (d *driver) receipt(x *delivery, r *engine.Receipt) {
	f := x.fact
	switch {
	case r.Err != nil:
		code := domain.ErrorCode(r.Err)
		switch {
		case x.clash && code == domain.CodeConflict:
			d.did(x.op)
		case code == domain.CodeBusy:
			d.queue = append(d.queue, *x)
		case code == domain.CodeConflict && d.hasRevisions(f):
			f.aside = "overtaken" // an edit came first
		default:
			d.oracle.fail("post %s was refused: %v", f.post.ID, r.Err)
		}
	case r.Aside != "":
		if !d.mayBeAside(f, r.Aside) {
			d.oracle.fail("post %s of %s was set aside as %s", f.post.ID, f.post.At.Format(time.RFC3339), r.Aside)
		}
		if !f.taken {
			f.aside = r.Aside
		}
		if x.op == "post.reshare" || x.op == "post.too_old" {
			d.did(x.op)
		}
	case r.Duplicate:
		switch {
		case x.op == "post.echo":
			d.did(x.op)
		case x.tries > 1 || x.again || f.looked:
			// It was taken before, whether anybody was told or not; or, where
			// newer words were, perhaps never.
			switch {
			case f.taken || f.aside != "":
			case d.overtaken(f):
				f.aside = "overtaken"
			default:
				f.taken = true
			}
			if x.op == "post.edit_back" {
				d.goneBack(f)
			} else {
				d.did("post.duplicate")
			}
		case d.overtaken(f):
			f.aside = "overtaken"
			d.did(x.op)
		default:
			d.oracle.fail("post %s revision %q came for the first time and was called a repeat", f.post.ID, f.post.Revision)
		}
	case x.clash:
		d.oracle.fail("post %s came with another body and was taken", f.post.ID)
	case !f.post.Own && !f.post.Deleted && d.deleted(f, engine.AsideUnknownPost):
		d.oracle.fail("post %s was taken although its deletion had come before", f.post.ID)
	case x.op == "post.echo":
		// Our own reply whose outcome was lost in a crash may look like staff's.
		d.sent = append(d.sent, f)
		f.taken = true
	default:
		f.taken, f.aside = true, ""
		if r.Customer == 0 {
			d.oracle.fail("post %s was taken for nobody", f.post.ID)
		}
		d.did(x.op)
	}
}

func (d *driver) mayBeAside(f *postFact, why string) bool {
	switch why {
	case engine.AsideTooOld:
		return f.post.At.Before(d.now().Add(-domain.SeenWindow))
	case engine.AsideReshare:
		return f.post.Reshare
	case engine.AsideUnknownPost:
		return f.post.Deleted || f.post.Own || d.wasErased(f)
	case engine.AsideOwnPost:
		return f.post.Own
	case engine.AsideDeleted:
		return !f.post.Own && d.deleted(f, engine.AsideUnknownPost, "")
	}
	return false
}

// deleted reports whether a post's deletion was handed in and set aside for one
// of these reasons; "" is for one whose answer was lost.
func (d *driver) deleted(f *postFact, aside ...string) bool {
	return slices.ContainsFunc(d.sent, func(o *postFact) bool {
		return o.post.Key() == f.post.Key() && o.post.Deleted && slices.Contains(aside, o.aside)
	})
}

// wasErased reports whether a post of that key was erased with its customer.
func (d *driver) wasErased(f *postFact) bool {
	return slices.ContainsFunc(d.sent, func(o *postFact) bool { return o.post.Key() == f.post.Key() && o.erased })
}
