package mastodon

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/web"
)

// Check implements social.Checker.
func (n *Network) Check(ctx context.Context) (social.Check, error) {
	a, err := n.verify(ctx)
	if err != nil {
		return social.Check{}, err
	}
	what, err := n.instance(ctx)
	if err != nil {
		return social.Check{}, err
	}
	out := social.Check{Account: "@" + handle(string(a.Acct), what.domain), ID: string(a.ID), Server: what.software}
	out.Warnings = append(out.Warnings, n.checkScopes(ctx, string(a.ID))...)
	if n.c.streams() {
		if _, err := n.streamingURL(what); err != nil {
			out.Warnings = append(out.Warnings, social.Safe(err)+"; until then posts are asked for")
		}
	}
	out.Warnings = append(out.Warnings, n.checkPolicy(ctx)...)
	if !a.Bot {
		out.Warnings = append(out.Warnings, "the account is not marked as automated; most servers' rules ask for that (Preferences, Public profile)")
	}
	for _, word := range n.c.Search {
		if !strings.HasPrefix(word, "#") {
			out.Warnings = append(out.Warnings, "words are found only where the server has full-text search, and mostly in posts of authors who allow it; a #hashtag is found everywhere")
			break
		}
	}
	return out, nil
}

// checkScopes tries what can be tried without changing anything, and reads
// what the application was registered for
// (https://docs.joinmastodon.org/api/oauth-scopes/).
func (n *Network) checkScopes(ctx context.Context, id string) []string {
	var out []string
	for _, try := range []struct {
		scope, path string
		query       url.Values
	}{
		{"read:notifications", "/api/v1/notifications", url.Values{"limit": {"1"}}},
		{"read:statuses", "/api/v1/accounts/" + id + "/statuses", url.Values{"limit": {"1"}}},
		{"read:follows", "/api/v1/accounts/relationships", url.Values{"id[]": {id}}},
		{"read:search", "/api/v2/search", url.Values{"q": {"test"}, "type": {"hashtags"}, "limit": {"1"}}},
	} {
		if try.scope == "read:search" && len(n.c.Search) == 0 {
			continue
		}
		_, err := n.open.Do(ctx, web.Request{Path: try.path, Query: try.query})
		if s := web.Status(err); s == 401 || s == 403 {
			out = append(out, fmt.Sprintf("the token lacks the scope %s", try.scope))
		} else if err != nil {
			out = append(out, fmt.Sprintf("whether the token has the scope %s could not be tried: %s", try.scope, social.Safe(err)))
		}
	}
	// What a token may do cannot be asked; its application may do no less.
	var app struct {
		Scopes []string `json:"scopes"`
	}
	if _, err := n.open.Do(ctx, web.Request{Path: "/api/v1/apps/verify_credentials", Out: &app}); err != nil || len(app.Scopes) == 0 {
		return append(out, "whether the token has the scope write:statuses cannot be told without writing")
	}
	if !slices.Contains(app.Scopes, "write") && !slices.Contains(app.Scopes, "write:statuses") {
		out = append(out, "the token lacks the scope write:statuses")
	}
	return out
}

// checkPolicy warns of mentions that the server holds back
// (https://docs.joinmastodon.org/methods/notifications/#get-policy, Mastodon
// 4.3; other servers have none).
func (n *Network) checkPolicy(ctx context.Context) []string {
	var policy map[string]any
	if _, err := n.open.Do(ctx, web.Request{Path: "/api/v2/notifications/policy", Out: &policy}); err != nil {
		return nil
	}
	var out []string
	for _, who := range []struct{ field, words string }{
		{"for_not_following", "people the account does not follow"},
		{"for_not_followers", "people who do not follow the account"},
		{"for_new_accounts", "new accounts"},
		{"for_private_mentions", "unsolicited private mentions"},
		{"for_limited_accounts", "accounts that moderators have limited"},
	} {
		if v, ok := policy[who.field].(string); ok && v != "accept" {
			out = append(out, fmt.Sprintf("the account holds back mentions from %s; they do not arrive (Preferences, Notifications)", who.words))
		}
	}
	return out
}
