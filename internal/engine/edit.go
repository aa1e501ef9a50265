package engine

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/store"
)

// ofCustomer reports whether a post is known and a customer's.
func ofCustomer(row *store.PostRow) bool {
	return row.Customer != 0 && (row.From == domain.FromCustomer || row.From == domain.FromWatched)
}

// foreign reports whether a post is known as a customer's other than the one
// who is said to have written it, or deleted it. The company may delete what
// stands on its pages, and a network need not say who has.
func (t *turn) foreign(pl *postPlan, owner *seat) bool {
	p := pl.it.post
	switch {
	case !ofCustomer(&pl.row) || owner == nil:
		return false
	case p.Own || p.Author.ID == domain.Nobody:
		return !p.Deleted
	case !p.Deleted:
		return t.seatOf(pl.author) != owner
	case owner.broken != nil:
		return false
	}
	for i := range owner.snap.Cases {
		k := &owner.snap.Cases[i]
		if k.Identity.Network == p.Network && k.Identity.Account == p.Account && slices.ContainsFunc(k.Posts, func(x domain.CasePost) bool { return x.ID == p.ID }) {
			return k.Identity != p.Identity()
		}
	}
	return owner.snap.Customer.Identity(p.Identity()) == nil
}

// makeSure asks the network where a version that was known before, and
// overtaken since, came once more and nothing says which is the newer: it may
// be a repeat, or the author has gone back to what they said first. Where the
// network cannot be asked it is a repeat; a post is looked at again before the
// answer to it leaves. What stands there and could not be taken is no repeat:
// whoever brought it brings it again.
func (e *Engine) makeSure(ctx context.Context, items []item, receipts []Receipt) error {
	for i := range items {
		if !items[i].unsure {
			continue
		}
		p := items[i].post
		f, ok := e.networks[netKey{p.Network, p.Account}].(social.Fetcher)
		if !ok {
			continue
		}
		stands, err := e.fetch(ctx, f, p.Key())
		if err != nil || stands.Deleted || stands.Author.ID != p.Author.ID {
			continue
		}
		again, err := e.postsIn(ctx, []domain.Post{stands}, item{stands: true})
		if err != nil {
			return err
		}
		if domain.ErrorCode(again[0].Err) != domain.CodeConflict {
			receipts[i] = again[0]
		}
	}
	return nil
}

// takeEdit takes another version of a known post.
func (t *turn) takeEdit(pl *postPlan, row store.PostRow, author *seat, book *postBook) error {
	p := pl.it.post
	owner := t.seatOf(row.Customer)
	switch {
	case !ofCustomer(&row):
		t.repeat(pl, row.Customer) // our own message, handed in without saying so
	case author != owner:
		pl.it.receipt.Err = domain.Errorf(domain.CodeConflict, "the post %.100q is known and by another author", p.ID)
	case row.From == domain.FromWatched && !p.Unaddressed:
		// A search was quicker than the mention, or an edit has made it one: where
		// such posts are answered as well, the old words may have been.
		t.keep(pl, book, owner, domain.FromCustomer)
		t.give(pl, owner, domain.Input{Kind: domain.InputPost, Watched: true, Edited: row.Body != pl.it.body})
	case p.Unaddressed && row.From == domain.FromCustomer && p.Revision == row.Revision:
		t.repeat(pl, row.Customer) // the mention was quicker
	case row.Body == pl.it.body:
		t.keep(pl, book, owner, row.From)
		t.repeat(pl, row.Customer)
	case p.Revision == "":
		pl.it.receipt.Err = domain.Errorf(domain.CodeConflict, "the post %.100q is known with another content; an edit needs another revision", p.ID)
	default:
		t.keep(pl, book, owner, row.From)
		t.give(pl, owner, domain.Input{Kind: domain.InputPost, Edited: true})
	}
	return nil
}

// fromGone marks the row of a deletion whose post has not come. It is nobody's,
// and is forgotten when the keys of posts are.
const fromGone = "gone"

// goneKey is where the deletion of a post that has not come is kept. It does
// not tell the post's id, in which some networks have the author's: no erasure
// finds a row that is nobody's. No id from outside begins with a space.
func goneKey(p *domain.Post) domain.PostKey {
	digest := domain.MakeKey("gone", p.ID)
	return domain.PostKey{Network: p.Network, Account: p.Account, ID: fmt.Sprintf(" gone %x", digest)}
}

// whoseGone is a digest of whose post a deletion says that it was, 0 for
// anybody's; see foreign.
func whoseGone(p *domain.Post) uint64 {
	if p.Own || p.Author.ID == domain.Nobody {
		return 0
	}
	digest := domain.MakeKey("gone", p.Author.ID)
	return binary.BigEndian.Uint64(digest[:])
}

// isGone reports whether a deletion came that takes this version of a post away:
// one without a revision takes all, another those that are not known to be newer.
func isGone(pl *postPlan, book *postBook) bool {
	p := pl.it.post
	row, ok := book.rows[goneKey(p)]
	if !ok {
		row = pl.gone
	}
	return row.From == fromGone && (row.Body == 0 || row.Body == whoseGone(p)) &&
		(row.Revision == "" || domain.CompareRevisions(p.Revision, row.Revision) <= 0)
}

// keepGone remembers the deletion of a post that has not come: it may have
// overtaken it. Where transactions run beside each other, it and the post may
// still miss each other.
func (t *turn) keepGone(pl *postPlan, book *postBook) {
	p := pl.it.post
	if p.Revision != "" && isGone(pl, book) {
		return // an older one must not take the place of a newer
	}
	row := store.PostRow{Key: goneKey(p), From: fromGone, At: t.now, Revision: p.Revision, Body: whoseGone(p)}
	book.rows[row.Key] = row
	t.posts = append(t.posts, row)
}
