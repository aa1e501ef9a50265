package bluesky

import (
	"context"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
)

// Fetch implements social.Fetcher.
func (n *Network) Fetch(ctx context.Context, key domain.PostKey) (domain.Post, error) {
	if key.Network != Name || key.Account != n.c.Account {
		return domain.Post{}, &social.Error{Fault: social.FaultOurs, Safe: "the post is not of this account"}
	}
	if convo, id, ok := splitMessage(key.ID); ok {
		return n.fetchMessage(ctx, convo, id)
	}
	did, rkey, ok := splitURI(key.ID)
	if !ok {
		return domain.Post{}, &social.Error{Fault: social.FaultOurs, Safe: "the post's id is none of this network"}
	}
	us, err := n.us(ctx)
	if err != nil {
		return domain.Post{}, err
	}
	now := n.kit.Clock.Now()
	got, err := n.getRecord(ctx, did, rkey)
	switch {
	case err == nil:
	case !isGone(err):
		return domain.Post{}, err
	default:
		early, unknown := n.early(ctx, did, rkey, err)
		switch {
		case unknown != nil:
			return domain.Post{}, unknown
		case !early:
			return n.deletion(us, did, rkey, now), nil
		}
		if t, ok := n.recent.Get(key.ID); ok {
			return t.post, nil
		}
		return domain.Post{}, &social.Error{Retry: true, After: 2 * time.Second, Fault: social.FaultNetwork, Safe: "the network does not show the post yet", Cause: err}
	}
	rel := n.relate(us, did, got.record)
	if rel == foreign {
		rel = watched
		if n.heard.has(key.ID) {
			rel = addressed
		}
	}
	seen := now
	if at, ok := tidTime(rkey); ok && time.UnixMicro(int64(at)).Before(now) {
		seen = time.UnixMicro(int64(at)).UTC().Add(domain.MaxClockAhead) // a repository does not say when; its key nearly does
	}
	p := n.post(rel, did, rkey, got.cid, got.record, earlier(seen, now))
	if v, ok := n.names.get(did, now); ok {
		p.Author.Handle, p.Author.Name = v.handle, v.display
	}
	return p, nil
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
