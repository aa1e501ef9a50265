package x

import (
	"context"
	"strconv"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
)

// blockedKept is how long it is remembered that somebody blocks us.
const blockedKept = 365 * 24 * time.Hour

// blocks reports whether somebody has blocked us, as far as X has told.
func (n *Network) blocks(ctx context.Context, id string) (bool, error) {
	b, err := n.kit.State.Get(ctx, "blocked/"+id)
	if err != nil {
		return false, social.StateError(err)
	}
	return len(b) > 0 && b[0] == '+', nil
}

// setBlocked remembers that somebody blocks us, or no longer, unless something
// newer is known.
func (n *Network) setBlocked(ctx context.Context, id string, blocked bool, at time.Time) error {
	sign := "-"
	if blocked {
		sign = "+"
	}
	err := n.kit.State.Change(ctx, "blocked/"+id, blockedKept, func(kept []byte) []byte {
		if len(kept) > 1 {
			if ms, err := strconv.ParseInt(string(kept[1:]), 10, 64); err == nil && ms >= at.UnixMilli() {
				return nil
			}
		}
		return []byte(sign + strconv.FormatInt(at.UnixMilli(), 10))
	})
	return social.StateError(err)
}

// unblocked notes that whoever has written to us since they blocked us blocks
// us no more: X tells of that by webhooks alone, and not of each.
func (n *Network) unblocked(ctx context.Context, posts []domain.Post) error {
	for i := range posts {
		p := &posts[i]
		if p.Own || p.Deleted || p.Reshare || p.Unaddressed {
			continue
		}
		blocked, err := n.blocks(ctx, p.Author.ID)
		if err == nil && blocked {
			err = n.setBlocked(ctx, p.Author.ID, false, p.At)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
