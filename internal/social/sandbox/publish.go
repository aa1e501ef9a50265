package sandbox

import (
	"context"
	"strconv"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/said"
)

// Publish posts as a customer. It returns when the advocate's side has the
// post, or when it is known that it cannot have it yet: the post's Delivery
// and Reason say which. The post itself is durable either way.
func (n *Network) Publish(ctx context.Context, d Draft) (Post, error) {
	handle, err := FoldHandle(d.Handle)
	if err != nil {
		return Post{}, err
	}
	if handle == n.o.Company {
		return Post{}, domain.FieldErrorf("handle", "%q is the company's own", handle)
	}
	text, err := cleanText(d.Text)
	if err != nil {
		return Post{}, err
	}
	if d.Visibility != "" && d.Visibility != domain.Public && d.Visibility != domain.Private {
		return Post{}, domain.FieldErrorf("visibility", "is %.40q; want \"public\" or \"private\"", d.Visibility)
	}
	if len(d.Lang) > 35 {
		return Post{}, domain.FieldErrorf("lang", "is %d letters long; want a language tag such as \"en\"", len(d.Lang))
	}
	at := n.now()
	id, err := n.newID(at)
	if err != nil {
		return Post{}, err
	}
	p := Post{ID: id, Handle: handle, Name: cleanName(d.Name), Visibility: d.Visibility, Text: text, InReplyTo: d.InReplyTo, At: at, Unaddressed: d.Unaddressed}
	if d.Staff {
		p.Company, p.Handle, p.To = true, n.o.Company, handle
	}
	err = inTx(ctx, n.db, func(tx *transaction) error {
		if err := n.fitParent(ctx, tx, &p, handle); err != nil {
			return err
		}
		if err := n.insert(ctx, tx, &p, ""); err != nil {
			return err
		}
		out := n.outgoing(&p, 0)
		out.Lang = d.Lang
		return enqueue(ctx, tx, out)
	})
	if err != nil {
		return Post{}, err
	}
	return n.afterDelivery(ctx, p.ID)
}

// fitParent checks the post that is answered and takes its visibility where
// none was asked for. Somebody else's private message does not exist for the
// writer.
func (n *Network) fitParent(ctx context.Context, tx *transaction, p *Post, reader string) error {
	if p.InReplyTo != "" {
		parent, err := getPost(ctx, tx, p.InReplyTo)
		if err != nil || !parent.VisibleTo(reader) {
			if err == nil || domain.ErrorCode(err) == domain.CodeNotFound {
				return domain.FieldErrorf("in_reply_to", "names no post that @%s can see", reader)
			}
			return err
		}
		if p.Visibility == "" {
			p.Visibility = parent.Visibility
		}
	}
	if p.Visibility == "" {
		p.Visibility = domain.Public
	}
	return nil
}

// Edit replaces a customer's text.
func (n *Network) Edit(ctx context.Context, id, handle, text string) (Post, error) {
	text, err := cleanText(text)
	if err != nil {
		return Post{}, err
	}
	return n.alter(ctx, id, handle, func(p *Post) error {
		if p.Deleted {
			return domain.Errorf(domain.CodeConflict, "the post was deleted")
		}
		p.Text, p.EditedAt = text, n.now()
		return nil
	})
}

// Delete takes a customer's post away. Deleting it again changes nothing.
func (n *Network) Delete(ctx context.Context, id, handle string) (Post, error) {
	return n.alter(ctx, id, handle, func(p *Post) error {
		p.Text, p.Deleted = "", true
		return nil
	})
}

func (n *Network) alter(ctx context.Context, id, handle string, change func(*Post) error) (Post, error) {
	handle, err := FoldHandle(handle)
	if err != nil {
		return Post{}, err
	}
	done := false
	err = inTx(ctx, n.db, func(tx *transaction) error {
		p, err := getPost(ctx, tx, id)
		if err != nil {
			return err
		}
		if p.Company || p.Handle != handle {
			if !p.VisibleTo(handle) {
				return domain.Errorf(domain.CodeNotFound, "there is no post %.60q on the sandbox network", id)
			}
			return domain.Errorf(domain.CodeForbidden, "the post is not @%s's", handle)
		}
		before := p
		if err := change(&p); err != nil {
			return err
		}
		if done = p.Text == before.Text && p.Deleted == before.Deleted; done {
			return nil
		}
		if p.Change, err = nextChange(ctx, tx); err != nil {
			return err
		}
		var revision int64
		edited := int64(0)
		if !p.EditedAt.IsZero() {
			edited = p.EditedAt.UnixMicro()
		}
		err = tx.QueryRowContext(ctx, `UPDATE @post SET change = ?, text = ?, edited_at = ?, deleted = ?, revision = revision + 1
		  WHERE id = ? RETURNING revision`, p.Change, p.Text, edited, p.Deleted, id).Scan(&revision)
		if err != nil {
			return err
		}
		return enqueue(ctx, tx, n.outgoing(&p, revision))
	})
	if err != nil {
		return Post{}, err
	}
	if done {
		return n.Get(ctx, id)
	}
	return n.afterDelivery(ctx, id)
}

// outgoing is a post as the sink is told of it.
func (n *Network) outgoing(p *Post, revision int64) domain.Post {
	out := domain.Post{
		Network: Name, ID: p.ID, Author: domain.Author{ID: p.Handle, Handle: p.Handle, Name: p.Name}, Text: p.Text, At: p.At,
		Visibility: p.Visibility, InReplyTo: p.InReplyTo, URL: "/sandbox#" + p.ID, Deleted: p.Deleted, Own: p.Company, Unaddressed: p.Unaddressed,
	}
	if revision > 0 {
		out.Revision = strconv.FormatInt(revision, 10)
	}
	return out
}

// deliveryWait bounds how long a call waits to hear what became of its post.
const deliveryWait = 5 * time.Second

// afterDelivery waits until a delivery has ended or was tried in vain.
func (n *Network) afterDelivery(ctx context.Context, id string) (Post, error) {
	n.notify()
	ctx, cancel := context.WithTimeout(ctx, deliveryWait)
	defer cancel()
	for {
		changed := n.watch()
		// The answer is read without ctx: the post is kept, and its caller
		// shall hear so even when time is up.
		p, err := n.Get(context.WithoutCancel(ctx), id)
		if err != nil || p.Delivery != Waiting {
			return p, err
		}
		running, failure := n.delivering(context.WithoutCancel(ctx))
		switch {
		case !running:
			p.Reason = said.NobodyTakesPosts.Text()
			return p, nil
		case failure != "": // this one's, or that of one before it in the queue
			p.Reason = failure
			return p, nil
		}
		select {
		case <-changed:
		case <-n.poll():
		case <-ctx.Done():
			p.Reason = said.DeliveryLong.Text()
			return p, nil
		}
	}
}
