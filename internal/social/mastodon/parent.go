package mastodon

import (
	"context"
	"time"

	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/web"
)

// parent is what a reply takes over from the post it answers.
type parent struct {
	author     string
	handle     string
	visibility string
	spoiler    string
	at         time.Time // when it was looked at
}

const (
	maxParents = 500
	freshTime  = time.Minute // a post is fetched before it is answered: that look is used
)

// keepParent remembers a post that was looked at.
func (n *Network) keepParent(s *status, handle string, now time.Time) {
	if id := clean(s.ID); validID(id) && s.Reblog == nil {
		n.parents.Put(id, parent{clean(s.Account.ID), handle, clean(s.Visibility), social.Shorten(clean(s.Spoiler), 400), now})
	}
}

// parent looks at the post that is to be answered, if that was not done just
// now.
func (n *Network) parent(ctx context.Context, me us, id string) (parent, error) {
	now := n.kit.Clock.Now()
	if p, ok := n.parents.Get(id); ok && now.Sub(p.at) < freshTime {
		return p, nil
	}
	var s status
	if _, err := n.web.Do(ctx, web.Request{Path: "/api/v1/statuses/" + id, Out: &s}); err != nil {
		return parent{}, err
	}
	h := handle(string(s.Account.Acct), me.domain)
	n.keepParent(&s, h, now)
	return parent{clean(s.Account.ID), h, clean(s.Visibility), social.Shorten(clean(s.Spoiler), 400), now}, nil
}
