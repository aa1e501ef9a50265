package meta

import (
	"context"
	"net/url"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
)

// Fetch implements social.Fetcher.
func (n *Network) Fetch(ctx context.Context, key domain.PostKey) (domain.Post, error) {
	if key.Network != n.Name() || key.Account != n.Account() {
		return domain.Post{}, &social.Error{Fault: social.FaultOurs, Safe: "this post is another network's"}
	}
	if !commentPattern.MatchString(key.ID) {
		return n.fetchMessage(ctx, key.ID)
	}
	if err := n.learnName(ctx); err != nil {
		return domain.Post{}, err
	}
	p, err := n.look(ctx, key.ID)
	if goneError(err) {
		p, _ := n.deletion(key.ID, nobody, n.kit.Clock.Now())
		p.Author.ID = "" // whoever asks knows it
		return p, nil
	}
	if err == nil && p.ID != key.ID {
		return domain.Post{}, &social.Error{Retry: true, Fault: social.FaultNetwork, Safe: "the network answers with another post than was asked for"}
	}
	return p, err
}

// fetchMessage: that a message cannot be had does not mean that it was unsent,
// since of a conversation only the latest 20 are told, and of others Meta says
// that they were deleted (developers.facebook.com/docs/messenger-platform/
// conversations, "Limitations").
func (n *Network) fetchMessage(ctx context.Context, id string) (domain.Post, error) {
	if !messagePattern.MatchString(id) {
		return domain.Post{}, &social.Error{Fault: social.FaultOurs, Safe: "this is no id of a message"}
	}
	var m storedMessage
	err := n.get(ctx, id, url.Values{"fields": {messageFields}}, &m)
	if err != nil {
		return domain.Post{}, err
	}
	posts, err := n.said(ctx, []storedMessage{m})
	if err != nil {
		return domain.Post{}, err
	}
	if len(posts) != 1 || posts[0].ID != id {
		return domain.Post{}, &social.Error{Fault: social.FaultNetwork, Safe: "the message cannot be looked at any more"}
	}
	return posts[0], nil
}
