package x

import (
	"context"
	"slices"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
)

const (
	maxCalled = 2000 // posts of which it is remembered whom they name
	maxThird  = 50   // people whom a post may name
)

// thirdPeople are those whom the post that is answered names, but its author
// and us: an answer is none of their business. Where the post cannot be looked
// at, the answer leaves all the same.
func (n *Network) thirdPeople(ctx context.Context, m *social.Message) ([]string, error) {
	ids, ok := n.called.Get(m.InReplyTo)
	if !ok {
		_, err := n.Fetch(ctx, domain.PostKey{Network: Name, Account: n.c.Account, ID: m.InReplyTo})
		if ctx.Err() != nil {
			return nil, social.Unreached(ctx.Err())
		}
		if err != nil {
			n.log.Debug("whom a post names cannot be looked at", "reason", social.Safe(err))
			return nil, nil
		}
		ids, _ = n.called.Get(m.InReplyTo)
	}
	us, err := n.self(ctx)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, id := range ids {
		if validID(id) && id != us.ID && id != m.To.Author && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out, nil
}
