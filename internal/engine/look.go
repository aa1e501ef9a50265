package engine

import (
	"context"
	"errors"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/said"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/wire"
)

// Before an answer leaves, the post that it answers is looked at again where
// the network lets us: not every network tells of each edit and deletion. It
// costs a request for each attempt at an answer. It is not done
//   - for a post younger than lookAfter: what it said then it still says, and
//     the first answer should not wait for another round trip;
//   - for what a person wrote or sends again by hand: they have looked;
//   - for longer than lookAttempts attempts in a row, or where the network
//     wants a longer pause than lookPause: then the answer leaves as it is, and
//     what the network makes of that is the outcome.
const (
	lookAfter    = 10 * time.Second
	lookAttempts = 2
	lookPause    = 30 * time.Second
	lookTimeout  = 10 * time.Second
)

// lookAgain looks at the post that a reply answers. What has changed is taken
// in, and the reply put back until its advocate has decided about that: it
// withdraws the reply then. It returns false when the reply may leave.
func (e *Engine) lookAgain(ctx context.Context, j *job, n social.Network) (result, bool) {
	r := j.row.Reply
	fetcher, fetches := n.(social.Fetcher)
	if r.InReplyTo == "" || r.By != "" || j.row.Dead || !fetches && e.settle <= 0 {
		return result{}, false
	}
	key := domain.PostKey{Network: r.To.Network, Account: r.To.Account, ID: r.InReplyTo}
	known, until, err := e.knownPost(ctx, j.row.Customer, key)
	now := e.clock.Now()
	switch {
	case err != nil:
		return e.putBack(j, now.Add(time.Second), said.CutOff.Text()), true
	case !until.IsZero():
		return e.putBack(j, until, said.PostWasEdited.Text()), true
	case !fetches || !ofCustomer(&known) || now.Sub(known.At) < lookAfter:
		return result{}, false
	}
	p, err := e.fetch(ctx, fetcher, key)
	if err != nil {
		if res, no := e.cannotLook(j, err); no {
			return res, true
		}
		return e.meanwhile(ctx, j, key)
	}
	if !p.Deleted && p.Author.ID != r.To.Author {
		// Whoever has it now, what the customer wrote is gone.
		p = domain.Post{Network: key.Network, Account: key.Account, ID: key.ID, Visibility: p.Visibility, Deleted: true}
	}
	if !p.Deleted && (p.Revision == known.Revision || p.BodyHash() == known.Body) {
		return e.meanwhile(ctx, j, key)
	}
	return e.takeChange(ctx, j, p)
}

// meanwhile sees what has happened while the network was asked, which may take
// long: the case was taken, the post deleted, sending switched off.
func (e *Engine) meanwhile(ctx context.Context, j *job, key domain.PostKey) (result, bool) {
	_, until, err := e.knownPost(ctx, j.row.Customer, key)
	now := e.clock.Now()
	switch {
	case err != nil:
		return e.putBack(j, now.Add(time.Second), said.CutOff.Text()), true
	case !until.IsZero():
		return e.putBack(j, until, said.PostWasEdited.Text()), true
	}
	if mine, err := e.refresh(ctx, j); err != nil || !mine {
		return e.putBack(j, now.Add(time.Second), said.CutOff.Text()), true
	}
	return e.heldBack(j, now)
}

// knownPost reads what is known of a post. until is set where a change of it
// waits to be decided.
func (e *Engine) knownPost(ctx context.Context, customer domain.CustomerID, key domain.PostKey) (row store.PostRow, until time.Time, err error) {
	err = e.store.View(ctx, func(r store.Reader) error {
		rows, err := r.PostFind([]domain.PostKey{key})
		if err != nil {
			return err
		}
		row = rows[0]
		inbox, err := r.InboxRead([]domain.CustomerID{customer})
		if err != nil {
			return err
		}
		for i := range inbox {
			var in domain.Input
			if inbox[i].Kind != domain.InputPost || wire.Unmarshal(inbox[i].Body, &in) != nil || in.Post == nil || in.Post.Key() != key {
				continue
			}
			until = e.clock.Now().Add(time.Second)
			if inbox[i].ReadyAt.After(until) {
				until = inbox[i].ReadyAt
			}
		}
		return nil
	})
	return row, until, err
}

func (e *Engine) fetch(ctx context.Context, f social.Fetcher, key domain.PostKey) (domain.Post, error) {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	p, err := f.Fetch(ctx, key)
	if err != nil {
		return p, err
	}
	if p.Key() != key {
		return p, &social.Error{Fault: social.FaultNetwork, Safe: "the network gave another post than the one asked for"}
	}
	p.Normalize(e.clock.Now())
	return p, nil
}

// cannotLook is what follows when the network does not show the post.
func (e *Engine) cannotLook(j *job, err error) (result, bool) {
	var known *social.Error
	if !errors.As(err, &known) {
		known = social.Unreached(err)
	}
	late := j.row.NotAfter
	if !known.Retry || known.After > lookPause || j.used() > lookAttempts || !late.IsZero() && late.Sub(e.clock.Now()) < 2*lookPause {
		e.log.Info("a reply leaves although its post could not be looked at again", "effect_id", j.row.ID, "destination", j.row.Destination, "why", known.Safe)
		return result{}, false
	}
	return e.failed(j, true, known.After, known.Safe), true
}

// takeChange takes in what became of a post.
func (e *Engine) takeChange(ctx context.Context, j *job, p domain.Post) (result, bool) {
	if p.Deleted {
		// A network may not know any more whose it was, and when.
		p.At = e.clock.Now()
		if p.Author.ID == "" {
			p.Author.ID = j.row.Reply.To.Author
		}
	}
	receipts, err := e.postsIn(ctx, []domain.Post{p}, item{stands: true})
	if err == nil {
		err = receipts[0].Err
	}
	now := e.clock.Now()
	switch domain.ErrorCode(err) {
	case "":
	case domain.CodeBusy, domain.CodeUnavailable, domain.CodeInternal:
		return e.putBack(j, now.Add(time.Second), said.CutOff.Text()), true
	default:
		e.log.Warn("what became of a post cannot be taken in; the answer to it leaves", "effect_id", j.row.ID, "error", err)
		return e.meanwhile(ctx, j, p.Key())
	}
	switch r := receipts[0]; {
	case r.Aside != "", r.Duplicate:
		// Known since a moment ago, or an older state than the one we know.
		return e.meanwhile(ctx, j, p.Key())
	}
	why := said.PostWasEdited.Text()
	if p.Deleted {
		why = said.PostWasDeleted.Text()
	}
	return e.putBack(j, now, why), true
}
