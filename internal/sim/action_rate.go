package sim

import (
	"context"
	"fmt"

	"github.com/contact-advocate/advocate/internal/advocate"
	"github.com/contact-advocate/advocate/internal/domain"
)

// postRating answers a question how it went: with marks, with words, with a
// complaint, in its thread or beside it. Somebody else who does so must not
// count, and neither must what is said in public.
func (d *driver) postRating(context.Context) {
	var asked []message
	for _, n := range d.networks {
		for i := range n.sent {
			if e := d.oracle.effects[n.sent[i].key]; e != nil && e.Reply != nil && e.Reply.Template == advocate.RatingTemplate && !e.erased {
				asked = append(asked, n.sent[i])
			}
		}
	}
	if len(asked) == 0 {
		return
	}
	m := pick(d.world, asked[max(0, len(asked)-6):])
	for _, x := range asked { // most answer what they were just asked
		if p := d.oracle.root(d.oracle.effects[x.key].owner); p != nil && d.chance(0.8) {
			if c := p.snap.Case(d.oracle.effects[x.key].Case); c != nil && c.Rating.Awaited(d.now()) {
				m = x
			}
		}
	}
	k, op := m.to, "post.rating"
	p := d.personOf(k)
	if d.chance(0.2) {
		p = pick(d.world, d.people)
		k, op = p.keys[0], "post.rating_other"
	}
	if p == nil {
		return
	}
	visibility := domain.Private
	if d.chance(0.1) {
		visibility = domain.Public
	}
	text := fmt.Sprint(1 + d.rand.IntN(5))
	switch d.rand.IntN(6) {
	case 0:
		text += ", thanks"
	case 1:
		text = "that took a while but fine"
	case 2:
		id, _ := d.someOrder(p)
		text = "1, terrible, my order " + id + " is late"
	case 3:
		text = "what do you mean?"
	}
	post := d.written(p, k, text, visibility)
	if d.chance(0.8) {
		post.InReplyTo = m.postID
	}
	d.post(op, post)
}

// closeMatters ends everything that a customer has open: only then are they
// asked how it went.
func (d *driver) closeMatters(ctx context.Context) {
	p := d.someProxy()
	if p == nil {
		return
	}
	var open []string
	for i := range p.snap.Cases {
		if c := &p.snap.Cases[i]; c.IsOpen() {
			open = append(open, c.ID)
		}
	}
	for _, id := range open {
		if d.process.dead || !d.command(ctx, p.id, domain.Command{Kind: domain.CommandClose, By: d.clerk(), Case: id, Disposition: "closed"}) {
			return
		}
	}
}
