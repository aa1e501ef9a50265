package bluesky

import (
	"context"
	"net/url"

	"github.com/contact-advocate/advocate/internal/social"
)

// Check implements social.Checker.
func (n *Network) Check(ctx context.Context) (social.Check, error) {
	// A session that is kept outlives the app password it was made with.
	t, err := n.signIn(ctx)
	if err != nil {
		return social.Check{}, err
	}
	var who answer
	if err := n.ask(ctx, call{name: "com.atproto.server.getSession", out: &who}); err != nil {
		return social.Check{}, err
	}
	c := social.Check{Account: "@" + who.Handle, ID: who.DID, Server: n.server(ctx)}
	// The scopes of a session's token, as the official server names them
	// (github.com/bluesky-social/atproto, packages/pds/src/auth-scope.ts).
	messages := n.c.DirectMessages
	switch scope := readClaims(t.Access).Scope; {
	case scope == "com.atproto.access":
		c.Warnings = append(c.Warnings, "the password is the account's own; make an app password, which can be revoked by itself and opens less")
	case scope == "com.atproto.appPass" && messages:
		messages = false // to ask would only spend a session
		c.Warnings = append(c.Warnings, "the app password has no access to direct messages; make one that has, or set direct_messages: false")
	}
	if n.c.Mode != Firehose {
		err := n.ask(ctx, call{name: "app.bsky.notification.listNotifications", query: url.Values{"limit": {"1"}}, out: &struct{}{}})
		if err != nil {
			c.Warnings = append(c.Warnings, "notifications cannot be had ("+social.Safe(err)+"); set mode: firehose if the server has no AppView")
		}
	}
	if n.c.Mode != Notifications {
		if err := n.checkFirehose(ctx); err != nil {
			c.Warnings = append(c.Warnings, "the firehose cannot be had: "+social.Safe(err)+"; until then posts are asked for in mode both only")
		}
	}
	if messages {
		err := n.ask(ctx, call{name: "chat.bsky.convo.listConvos", query: url.Values{"limit": {"1"}}, proxy: chatService, out: &struct{}{}})
		if err != nil {
			c.Warnings = append(c.Warnings, "direct messages cannot be had: "+social.Safe(err))
		}
	}
	return c, nil
}

// checkFirehose opens the stream and leaves it again: what comes by it is not
// ours to take here.
func (n *Network) checkFirehose(ctx context.Context) error {
	conn, err := (&listener{n: n, from: fromNow}).dial(ctx)
	if err != nil {
		return err
	}
	return conn.CloseNow()
}

// server names the server's software, as far as it does itself.
func (n *Network) server(ctx context.Context) string {
	var out struct {
		Version string `json:"version"`
	}
	if n.do(ctx, call{name: "_health", out: &out}, "") == nil && out.Version != "" {
		return "PDS " + social.Clean(out.Version, 60)
	}
	return "AT Protocol"
}
