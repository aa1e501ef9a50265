package engine

import (
	"cmp"
	"context"
	"errors"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/store"
)

// PostsSubmit takes posts in. It returns when they are durable; an error
// means that none was taken. Receipts stand in the order of the posts; one
// post's error leaves the others alone.
func (e *Engine) PostsSubmit(ctx context.Context, posts []domain.Post) ([]Receipt, error) {
	return e.postsIn(ctx, posts, item{})
}

// PostsAccept implements social.Sink.
func (e *Engine) PostsAccept(ctx context.Context, posts []domain.Post) ([]social.Result, error) {
	receipts, err := e.postsIn(ctx, posts, item{keeps: true})
	if err != nil {
		return nil, err
	}
	out := make([]social.Result, len(receipts))
	for i := range receipts {
		out[i] = receipts[i].result()
	}
	return out, nil
}

// result is a receipt as a network is told it.
func (r *Receipt) result() social.Result {
	switch {
	case r.Err != nil:
		var refused *domain.Error
		if !errors.As(r.Err, &refused) {
			refused = domain.Errorf(domain.CodeInternal, "%w", r.Err)
		}
		return social.Result{Outcome: social.Refused, Err: refused}
	case r.Duplicate:
		return social.Result{Outcome: social.Known}
	case r.Aside != "":
		return social.Result{Outcome: social.Aside}
	}
	return social.Result{Outcome: social.Taken}
}

// postsIn takes posts in, each as an item like the one given.
func (e *Engine) postsIn(ctx context.Context, posts []domain.Post, like item) ([]Receipt, error) {
	now := e.clock.Now()
	if !like.late {
		e.heard(posts, now)
	}
	items := make([]item, len(posts))
	take := make([]*item, 0, len(posts))
	for i := range posts {
		p := posts[i]
		it := &items[i]
		*it = like
		p.Normalize(now)
		if err := p.Validate(); err != nil {
			it.receipt.Err = err
			continue
		}
		switch {
		case p.At.Before(now.Add(-domain.SeenWindow)):
			it.receipt.Aside = AsideTooOld
		case p.Reshare && !p.Deleted:
			it.receipt.Aside = AsideReshare
		case !p.Own && !p.Deleted && e.owns.ours(netKey{p.Network, p.Account}, p.Author.ID):
			it.receipt.Aside = AsideOwnPost // another account of ours wrote it: neither a customer nor, here, staff
		}
		if it.receipt.Aside != "" {
			e.metrics.setAside(it.receipt.Aside)
			continue
		}
		it.post, it.key, it.body = &p, p.DedupeKey(), p.BodyHash()
		take = append(take, it)
	}
	parallel(len(take), func(i int) {
		if p := take[i].post; !p.Own && !p.Deleted {
			u := e.understand(p)
			take[i].meaning = &u
		}
	})
	receipts, err := e.receipts(ctx, items, take)
	if err != nil {
		return nil, err
	}
	if err := e.makeSure(ctx, items, receipts); err != nil {
		return nil, err
	}
	return receipts, nil
}

// understand reads a text. A defect in it must not cost the post: what is not
// understood is unclear, and a person sees it.
func (e *Engine) understand(p *domain.Post) (u domain.Understanding) {
	defer func() {
		if r := recover(); r != nil {
			e.metrics.panics.Add(1)
			e.log.Error("understanding panicked", "panic", r, "network", p.Network, "post_id", p.ID)
			u = domain.Understanding{Lang: "und", Intent: domain.IntentUnclear, NeedsAgent: true, Sentiment: domain.Neutral, Urgency: domain.UrgencyNormal}
		}
	}()
	return e.understander.Understand(p.Text, p.Lang)
}

// postPlan is what one post needs to know of what is there.
type postPlan struct {
	it     *item
	ord    int
	row    store.PostRow // the post as it is known, Customer 0 if it is not
	parent store.PostRow // of an own post: what it answers
	gone   store.PostRow // its deletion, where that came first; see goneKey
	author domain.CustomerID
}

// answers is the post that it is written to.
func (pl *postPlan) answers() domain.PostKey {
	p := pl.it.post
	return domain.PostKey{Network: p.Network, Account: p.Account, ID: p.InReplyTo}
}

// resolvePosts looks up what is known of the posts and of who wrote them.
func (t *turn) resolvePosts() error {
	var keys []domain.PostKey
	var idents []domain.IdentityKey
	for i, it := range t.items {
		if it.post == nil {
			continue
		}
		t.plans = append(t.plans, postPlan{it: it, ord: i})
		keys = append(keys, it.post.Key())
		idents = append(idents, it.post.Identity())
	}
	if len(t.plans) == 0 {
		return nil
	}
	for i := range t.plans {
		keys = append(keys, goneKey(t.plans[i].it.post))
	}
	for i := range t.plans {
		if p := t.plans[i].it.post; p.Own && p.InReplyTo != "" {
			keys = append(keys, t.plans[i].answers())
		}
	}
	rows, err := t.tx.PostFind(keys)
	if err != nil {
		return err
	}
	authors, err := t.tx.IdentityFind(idents)
	if err != nil {
		return err
	}
	next := 2 * len(t.plans)
	for i := range t.plans {
		pl := &t.plans[i]
		pl.row, pl.gone = rows[i], rows[len(t.plans)+i]
		t.want(pl.row.Customer)
		if !pl.it.post.Own {
			pl.author = authors[i]
			t.want(pl.author)
		} else if pl.it.post.InReplyTo != "" {
			pl.parent = rows[next]
			next++
			t.want(pl.parent.Customer)
		}
	}
	return nil
}

// postBook is what the posts of one turn have changed so far, laid over what
// the store says.
type postBook struct {
	rows    map[domain.PostKey]store.PostRow
	authors map[domain.IdentityKey]*seat
	coming  map[domain.PostKey]string // and who wrote it
	taking  map[domain.PostKey]bool   // of them, what there is room for
}

// admitPosts decides what becomes of each post: set aside, refused, a repeat,
// or an input for somebody.
func (t *turn) admitPosts() error {
	if len(t.plans) == 0 {
		return nil
	}
	book := postBook{map[domain.PostKey]store.PostRow{}, map[domain.IdentityKey]*seat{}, map[domain.PostKey]string{}, map[domain.PostKey]bool{}}
	var take []*postPlan
	for i := range t.plans {
		ok, err := t.mayTake(&t.plans[i], &book)
		if err != nil {
			return err
		}
		if ok {
			take = append(take, &t.plans[i])
			book.taking[t.plans[i].it.post.Key()] = true
		}
	}
	// Only what is going to be taken is remembered as seen: what was refused
	// or set aside may come again under other circumstances.
	seen := make([]store.SeenRow, len(take))
	for i, pl := range take {
		seen[i] = store.SeenRow{Key: pl.it.key, Body: pl.it.body, At: t.now}
	}
	results, err := t.tx.SeenAdd(seen)
	if err != nil {
		return err
	}
	for i, pl := range take {
		if err := t.takePost(pl, results[i], &book); err != nil {
			return err
		}
	}
	return nil
}

// mayTake sorts out what needs no memory: it reports false when the receipt
// is written.
func (t *turn) mayTake(pl *postPlan, book *postBook) (bool, error) {
	p, r := pl.it.post, &pl.it.receipt
	aside := func(why string) (bool, error) {
		r.Aside = why
		t.aside(why)
		return false, nil
	}
	if p.Own && !p.Deleted {
		if pl.row.Customer != 0 && pl.row.From == domain.FromAdvocate {
			t.repeat(pl, pl.row.Customer)
			return false, nil
		}
		if pl.row.Customer == 0 && pl.parent.Customer == 0 {
			// What it answers may come just before it, after an outage say, or
			// wait beside its author's inbox: so does this then. Set aside it
			// would never come again, and the advocate would go on beside staff.
			if book.taking[pl.answers()] {
				book.coming[p.Key()] = p.Author.ID
				return true, nil
			}
			s, err := t.lateAnswered(pl)
			if err == nil && s != nil {
				return false, t.noRoom(pl, s)
			}
			if err != nil {
				return false, err
			}
			return aside(AsideOwnPost)
		}
		if pl.row.Customer == 0 {
			echo, err := t.isEcho(p, t.seatOf(pl.parent.Customer))
			if err != nil {
				return false, err
			}
			if echo {
				t.posts = append(t.posts, store.PostRow{
					Key: p.Key(), Customer: t.seatOf(pl.parent.Customer).id, From: domain.FromAdvocate, At: p.At, Revision: p.Revision, Body: pl.it.body,
				})
				t.repeat(pl, pl.parent.Customer)
				return false, nil
			}
		}
	}
	before, coming := book.coming[p.Key()]
	if p.Deleted && pl.row.Customer == 0 && !coming {
		// What is deleted may be waiting beside its author's inbox: so does this
		// then, or the post would be answered although it is gone.
		if s := t.seatOf(pl.author); s != nil && (pl.it.late && s.full(domain.MaxInbox) || !pl.it.late && t.e.late.has(s.id)) {
			return false, t.noRoom(pl, s)
		}
		t.keepGone(pl, book)
		return aside(AsideUnknownPost)
	}
	if !p.Own && isGone(pl, book) {
		switch known := pl.row.Customer != 0; {
		case !p.Deleted && !known && !coming:
			return aside(AsideDeleted)
		case p.Deleted && p.Revision != "" && (!known || domain.CompareRevisions(pl.row.Revision, p.Revision) > 0):
			t.repeat(pl, pl.row.Customer) // the post was made again after it
			return false, nil
		}
	}
	s := t.seatOf(t.whose(pl))
	if coming && before != p.Author.ID && p.Author.ID != domain.Nobody && !p.Own || t.foreign(pl, s) {
		r.Err = domain.Errorf(domain.CodeConflict, "the post %.100q is known and by another author", p.ID)
		return false, nil
	}
	if !coming {
		book.coming[p.Key()] = p.Author.ID
	}
	if s == nil {
		if pl.row.Customer != 0 || p.Own {
			return aside(AsideUnknownPost) // whose it was is erased
		}
		return true, nil
	}
	if !p.Own && !p.Deleted && s.broken == nil {
		if id := s.snap.Customer.Identity(p.Identity()); id != nil && id.Ignored {
			return aside(AsideIgnored)
		}
	}
	if s.full(domain.MaxInbox) || !pl.it.late && t.e.late.has(s.id) {
		return false, t.noRoom(pl, s)
	}
	return true, nil
}

// whose is the customer a post concerns, as far as the store knows.
func (t *turn) whose(pl *postPlan) domain.CustomerID {
	switch {
	case pl.row.Customer != 0:
		return pl.row.Customer
	case pl.it.post.Own:
		return pl.parent.Customer
	}
	return pl.author
}

func (t *turn) aside(why string) {
	if t.tally.aside == nil {
		t.tally.aside = map[string]int64{}
	}
	t.tally.aside[why]++
}

func (t *turn) repeat(pl *postPlan, customer domain.CustomerID) {
	pl.it.receipt.Duplicate = true
	if s := t.seatOf(customer); s != nil {
		pl.it.receipt.Customer = s.id
	}
	t.tally.duplicates++
}

// takePost makes an input of a post, unless its key was seen before.
func (t *turn) takePost(pl *postPlan, seen store.SeenResult, book *postBook) error {
	p := pl.it.post
	pl.it.unsure = false
	row, known := book.rows[p.Key()]
	if !known {
		row, known = pl.row, pl.row.Customer != 0
	}
	author := book.authors[p.Identity()]
	if author == nil {
		author = t.seatOf(pl.author)
	}
	switch {
	case seen == store.SeenConflict:
		pl.it.receipt.Err = domain.Errorf(domain.CodeConflict, "the post %.100q is known with another content; an edit needs another revision", p.ID)
		return nil
	case known && !p.Deleted && domain.CompareRevisions(p.Revision, row.Revision) < 0 && (row.From != domain.FromWatched || p.Unaddressed):
		t.repeat(pl, row.Customer) // overtaken by a newer version
		return nil
	case seen == store.SeenSame && known && !p.Deleted && p.Revision != row.Revision && row.Body != pl.it.body && ofCustomer(&row):
		// A repeat of what was said before, or the author has gone back to it.
		if pl.it.stands {
			return t.takeEdit(pl, row, author, book)
		}
		pl.it.unsure = true
		t.repeat(pl, row.Customer)
		return nil
	case seen == store.SeenSame:
		customer := row.Customer
		if !known && author != nil {
			customer = author.id
		}
		t.repeat(pl, customer)
		return nil
	case p.Deleted && !known:
		pl.it.receipt.Aside = AsideUnknownPost // the post before it in this batch was refused
		t.aside(AsideUnknownPost)
		return nil
	case p.Deleted:
		t.give(pl, t.seatOf(row.Customer), domain.Input{Kind: domain.InputPost})
		return nil
	case p.Own:
		owner := row.Customer
		if !known {
			owner = cmp.Or(pl.parent.Customer, book.rows[pl.answers()].Customer)
		}
		t.keep(pl, book, t.seatOf(owner), domain.FromStaff)
		t.give(pl, t.seatOf(owner), domain.Input{Kind: domain.InputOwnReply, Edited: known})
		return nil
	case known:
		return t.takeEdit(pl, row, author, book)
	}
	if author == nil {
		// An import in this turn may be giving the identity to somebody.
		if owner := t.claims.identity(p.Identity(), 0); owner != 0 {
			author = t.seatOf(owner)
		}
	}
	if author == nil {
		var err error
		if author, err = t.newSeat(pl.it, domain.Customer{Identities: []domain.Identity{{
			IdentityKey: p.Identity(), Handle: p.Author.Handle, Name: p.Author.Name,
			Evidence: []domain.Evidence{{Kind: domain.EvidenceFirstContact, At: t.now}},
		}}}); err != nil {
			return err
		}
		t.claims.identities[p.Identity()] = author.id
		book.authors[p.Identity()] = author
	}
	t.keep(pl, book, author, writtenBy(p))
	t.give(pl, author, domain.Input{Kind: domain.InputPost})
	return nil
}

// writtenBy is how a customer's post is remembered.
func writtenBy(p *domain.Post) string {
	if p.Unaddressed {
		return domain.FromWatched
	}
	return domain.FromCustomer
}

// keep remembers a post for what comes later: edits, deletions, answers in
// its thread.
func (t *turn) keep(pl *postPlan, book *postBook, s *seat, from string) {
	if s == nil {
		return
	}
	p := pl.it.post
	row := store.PostRow{Key: p.Key(), Customer: s.id, From: from, At: p.At, Revision: p.Revision, Body: pl.it.body}
	book.rows[row.Key] = row
	t.posts = append(t.posts, row)
}

// give hands a post to its customer.
func (t *turn) give(pl *postPlan, s *seat, in domain.Input) {
	if s == nil { // erased between the look-up and the lock
		pl.it.receipt.Aside = AsideUnknownPost
		t.aside(AsideUnknownPost)
		return
	}
	in.At, in.Post, in.Understanding = t.now, pl.it.post, pl.it.meaning
	s.add(pl.ord, in, t.e.settle > 0 && in.Kind == domain.InputPost)
	pl.it.receipt.Customer = s.id
	t.tally.posts++
}
