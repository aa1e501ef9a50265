package x

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/web"
)

// Fetch implements social.Fetcher. A direct message is never deleted for the
// one who got it, and cannot be edited.
func (n *Network) Fetch(ctx context.Context, key domain.PostKey) (domain.Post, error) {
	private := strings.HasPrefix(key.ID, "dm:")
	id := strings.TrimPrefix(key.ID, "dm:")
	if key.Network != Name || key.Account != n.c.Account || !validID(id) {
		return domain.Post{}, &social.Error{Fault: social.FaultOurs, Safe: "this is no post on X"}
	}
	us, err := n.self(ctx)
	if err != nil {
		return domain.Post{}, err
	}
	if private {
		return n.fetchPrivate(ctx, us, key, id)
	}
	// The newest version is returned for the first one's id ("Which version is
	// returned?" of https://docs.x.com/x-api/fundamentals/edit-posts); if it is
	// not, its history names it.
	for range 2 {
		raw, in, err := n.lookUp(ctx, "2/tweets/"+id, withFields(map[string][]string{}))
		if err != nil || raw == nil {
			return deleted(key), err
		}
		post, got, ok := n.readTweet(us, raw, &in)
		if !ok {
			return domain.Post{}, social.Unpromised()
		}
		if _, err := n.spend(ctx, got); err != nil {
			return domain.Post{}, err
		}
		if post.Revision == "" || got == post.Revision {
			if post.ID != key.ID {
				return domain.Post{}, social.Unpromised()
			}
			return post, nil
		}
		id = post.Revision
	}
	return domain.Post{}, social.Unpromised()
}

func deleted(key domain.PostKey) domain.Post {
	return domain.Post{Network: key.Network, Account: key.Account, ID: key.ID, Visibility: domain.Public, Deleted: true}
}

func (n *Network) fetchPrivate(ctx context.Context, us account, key domain.PostKey, id string) (domain.Post, error) {
	raw, in, err := n.lookUp(ctx, "2/dm_events/"+id, eventQueryOne())
	if err != nil || raw == nil {
		return deleted(key), err
	}
	post, e, ok := n.readEvent(us, raw, &in)
	if !ok || post.ID != key.ID {
		return domain.Post{}, social.Unpromised()
	}
	return post, n.answer(ctx, &post, e.with(us.ID))
}

func eventQueryOne() map[string][]string {
	q := eventQuery(1)
	delete(q, "max_results")
	delete(q, "event_types")
	return q
}

// notFound reports whether X itself says that what was asked for is not there,
// and not that it has no such path (…/response-codes-and-errors, "Problem
// types"; 144 is how older parts say it).
func notFound(err error) bool {
	p := problemOf(err)
	return has(p.words(), "resource-not-found", "not found error") || p.code(144)
}

// lookUp asks for one thing; nil for what is gone or hidden from us. X says that
// with 404, or with 200 and an error in place of the data
// (https://docs.x.com/x-api/fundamentals/response-codes-and-errors, "Partial
// errors").
func (n *Network) lookUp(ctx context.Context, path string, q map[string][]string) (json.RawMessage, includes, error) {
	var out struct {
		Data     json.RawMessage `json:"data"`
		Includes json.RawMessage `json:"includes"`
		Errors   []struct {
			Type string `json:"type"`
		} `json:"errors"`
	}
	_, err := n.ask(ctx, web.Request{Path: path, Query: q, Out: &out})
	switch {
	case web.Status(err) == http.StatusNotFound && notFound(err):
		return nil, includes{}, nil
	case web.Status(err) == http.StatusNotFound:
		return nil, includes{}, social.Unpromised() // there may be no such path, or another server answers
	case err != nil:
		return nil, includes{}, err
	case len(out.Data) > 0 && string(out.Data) != "null":
		return out.Data, readIncludes(out.Includes), nil
	}
	for _, e := range out.Errors {
		if has(e.Type, "resource-not-found", "not-authorized-for-resource", "resource-unavailable", "disallowed-resource") {
			return nil, includes{}, nil
		}
	}
	return nil, includes{}, social.Unpromised()
}

// Check implements social.Checker.
func (n *Network) Check(ctx context.Context) (social.Check, error) {
	us, answer, err := n.whoAmI(ctx)
	if err != nil {
		return social.Check{}, err
	}
	out := social.Check{Account: "@" + us.Username, ID: us.ID, Server: "X API v2, tier " + n.c.Tier}
	// It is sent with OAuth 1.0a and says what the app may do.
	switch level := answer.Header.Get("X-Access-Level"); {
	case level == "read":
		out.Warnings = append(out.Warnings, "the app may only read: replies will be refused; give it write permission at X and make the tokens anew")
	case level == "read-write" && n.c.DirectMessages:
		out.Warnings = append(out.Warnings, "the app may not use direct messages: give it that permission at X and make the tokens anew")
	}
	read, err := n.readSoFar(ctx)
	if err != nil {
		return out, err
	}
	if text := n.budget.warning(); text != "" {
		out.Warnings = append(out.Warnings, text+fmt.Sprintf(" (%d of %d)", read, n.c.PostsPerMonth))
	}
	if n.c.Tier != "enterprise" {
		out.Warnings = append(out.Warnings, "below enterprise X lets an app answer only those who mention or quote us: answers to what a search found are refused")
	}
	more, err := n.checkMode(ctx)
	out.Warnings = append(out.Warnings, more...)
	return out, err
}

func (n *Network) checkMode(ctx context.Context) ([]string, error) {
	switch {
	case n.c.Mode == Stream:
		_, err := n.rules(ctx)
		return nil, err
	case n.c.Mode == Poll:
		return nil, nil
	case n.c.BearerToken.IsZero():
		return []string{"whether the webhook is registered and valid cannot be seen without bearer_token"}, nil
	}
	// https://docs.x.com/x-api/webhooks/quickstart, "View webhooks"
	var out struct {
		Data []struct {
			URL   string `json:"url"`
			Valid bool   `json:"valid"`
		} `json:"data"`
	}
	if _, err := n.app.Do(ctx, web.Request{Path: "2/webhooks", Out: &out}); err != nil {
		return nil, n.meaning(err)
	}
	for _, w := range out.Data {
		if strings.HasSuffix(w.URL, "/hooks/"+n.HookName()) {
			if w.Valid {
				return nil, nil
			}
			return []string{"X holds the webhook for invalid and delivers nothing: let it check again (PUT /2/webhooks/ID)"}, nil
		}
	}
	return []string{"no webhook is registered at X for /hooks/" + n.HookName()}, nil
}

var errSilent = errors.New("no sign of life for " + silence.String())

// silence is how long a stream may say nothing: X sends a line every 20 s
// (https://docs.x.com/x-api/posts/filtered-stream/introduction, "Keep-alive
// signals").
const silence = 25 * time.Second
