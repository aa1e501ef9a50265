package mastodon

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/web"
)

// find looks for a part that may have been published: among the answers below
// the post (https://docs.joinmastodon.org/methods/statuses/#context), or where
// it answers none, or one that is not there any more, among our last posts. One
// that is known to be another message's is not it, whatever it says.
func (n *Network) find(ctx context.Context, me us, author string, p part) (social.Sent, bool, error) {
	if p.InReplyTo == "" {
		return n.findLast(ctx, me, p, func(s *status) bool { return clean(s.InReplyTo) == "" })
	}
	answers := func(s *status) bool { return clean(s.InReplyTo) == p.InReplyTo }
	var there struct {
		Descendants []json.RawMessage `json:"descendants"`
	}
	_, err := n.web.Do(ctx, web.Request{Path: "/api/v1/statuses/" + p.InReplyTo + "/context", Out: &there})
	if err == nil {
		return n.findAmong(ctx, me, p, there.Descendants, answers)
	}
	if !isGone(err) {
		return social.Sent{}, false, err
	}
	// Gone or kept from us meanwhile: that we had answered is true all the same.
	// Mastodon makes an answer to what is gone one to nothing; whom it calls tells
	// it from the same words to somebody else.
	sent, found, trouble := n.findLast(ctx, me, p, func(s *status) bool {
		return answers(s) || clean(s.InReplyTo) == "" && slices.ContainsFunc(s.Mentions, func(m mention) bool { return string(m.ID) == author })
	})
	if found || trouble != nil {
		return sent, found, trouble
	}
	return social.Sent{}, false, err
}

// findLast looks among our last posts
// (https://docs.joinmastodon.org/methods/accounts/#statuses).
func (n *Network) findLast(ctx context.Context, me us, p part, fits func(*status) bool) (social.Sent, bool, error) {
	var list []json.RawMessage
	_, err := n.web.Do(ctx, web.Request{Path: "/api/v1/accounts/" + me.id + "/statuses", Query: url.Values{"limit": {"40"}, "exclude_reblogs": {"true"}}, Out: &list})
	if err != nil {
		return social.Sent{}, false, err
	}
	return n.findAmong(ctx, me, p, list, fits)
}

func (n *Network) findAmong(ctx context.Context, me us, p part, list []json.RawMessage, fits func(*status) bool) (social.Sent, bool, error) {
	for _, raw := range list {
		var s status
		if json.Unmarshal(raw, &s) != nil || string(s.Account.ID) != me.id || !fits(&s) || !validID(clean(s.ID)) {
			continue
		}
		if squash(plain(string(s.Content), us{}, s.Mentions)) != squash(p.Text) {
			continue
		}
		owner, err := n.kit.State.Get(ctx, "ours/"+clean(s.ID))
		if err != nil {
			return social.Sent{}, false, social.StateError(err)
		}
		if owner == nil || string(owner) == p.Key {
			sent, err := n.sent(ctx, p.Key, &s)
			return sent, err == nil, err
		}
	}
	return social.Sent{}, false, nil
}

var (
	mentioned = regexp.MustCompile(`@[\pL\pN_.-]+(@[\pL\pN_.:-]+)?`)
	linked    = regexp.MustCompile(`https?://\S+`)
)

// squash is what of a text a server leaves as it is: no addresses, links, white
// space or signs.
func squash(s string) string {
	s = mentioned.ReplaceAllString(linked.ReplaceAllString(s, ""), "")
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// whyNot says more of an error of sending: a post that is not there for us may
// be its author's who blocks us, and a refusal may be theirs.
func (n *Network) whyNot(ctx context.Context, author string, err error) error {
	var e *social.Error
	if !errors.As(err, &e) {
		return social.Unreached(err)
	}
	var s *web.StatusError
	if !errors.As(err, &s) {
		return e
	}
	switch s.Status {
	case http.StatusNotFound, http.StatusGone:
		if isGone(err) && n.blocked(ctx, author) {
			return &social.Error{Fault: social.FaultCustomer, Blocked: true, Safe: "the customer blocks us", Cause: e.Cause}
		}
	case http.StatusForbidden:
		if n.blocked(ctx, author) {
			return &social.Error{Fault: social.FaultCustomer, Blocked: true, Safe: "the customer blocks us", Cause: e.Cause}
		}
		// GoToSocial: an author says who may reply. Mastodon refuses a token
		// with too few scopes, or an account that was suspended.
		if said := refusal(s.Body); strings.Contains(said, "permission to reply") || strings.Contains(said, "interact") {
			return &social.Error{Fault: social.FaultCustomer, Safe: "the customer takes no replies to this post", Cause: e.Cause}
		}
	}
	return e
}

// isGone reports whether the API itself says that something is not there, or
// not for us (https://docs.joinmastodon.org/entities/Error/). What a gateway
// says in its stead would have a customer's post deleted for good.
func isGone(err error) bool {
	var s *web.StatusError
	return errors.As(err, &s) && (s.Status == http.StatusNotFound || s.Status == http.StatusGone) && refusal(s.Body) != ""
}

// refusal is what the API says of an error, in small letters; "" where it is
// not the API that speaks.
func refusal(body []byte) string {
	var said struct {
		Error text `json:"error"`
	}
	if json.Unmarshal(body, &said) != nil {
		return ""
	}
	return strings.ToLower(string(said.Error))
}

// blocked asks whether somebody blocks us
// (https://docs.joinmastodon.org/methods/accounts/#relationships). What cannot
// be learned is taken for no.
func (n *Network) blocked(ctx context.Context, author string) bool {
	var list []struct {
		ID text `json:"id"`
		By bool `json:"blocked_by"`
	}
	if _, err := n.web.Do(ctx, web.Request{Path: "/api/v1/accounts/relationships", Query: url.Values{"id[]": {author}}, Out: &list}); err != nil {
		return false
	}
	for _, r := range list {
		if string(r.ID) == author && r.By {
			return true
		}
	}
	return false
}

// Fetch implements social.Fetcher
// (https://docs.joinmastodon.org/methods/statuses/#get).
func (n *Network) Fetch(ctx context.Context, key domain.PostKey) (domain.Post, error) {
	if key.Network != n.name || key.Account != n.c.Account || !validID(key.ID) {
		return domain.Post{}, &social.Error{Fault: social.FaultOurs, Safe: "the post is not of this network"}
	}
	me, err := n.us(ctx)
	if err != nil {
		return domain.Post{}, err
	}
	var s status
	_, err = n.web.Do(ctx, web.Request{Path: "/api/v1/statuses/" + key.ID, Out: &s})
	if isGone(err) {
		m, ok := n.known.get(key.ID)
		if !ok {
			m, _ = n.watched.get(key.ID)
		}
		m.ID = key.ID
		return n.deleted(m), nil
	}
	if err != nil {
		return domain.Post{}, err
	}
	p, ok := n.post(me, &s)
	if !ok || p.ID != key.ID {
		return domain.Post{}, social.Unpromised()
	}
	if _, known := n.known.get(p.ID); known {
		p.Unaddressed = false // it was, before an edit
	}
	n.keepParent(&s, p.Author.Handle, n.kit.Clock.Now())
	return p, nil
}
