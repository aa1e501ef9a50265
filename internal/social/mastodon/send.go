package mastodon

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/web"
)

// keepSent is how long it is known which posts are ours and by which key:
// longer than any reply is tried.
const keepSent = 7 * 24 * time.Hour

// manner is how a message leaves.
type manner struct {
	Visibility string `json:"visibility"`
	Spoiler    string `json:"spoiler,omitempty"`
	Language   string `json:"language,omitempty"`
	Handle     string `json:"handle,omitempty"` // whom each part calls
}

type (
	plan = social.Plan[manner]
	part = social.Part[manner]
)

// Send implements social.Network.
func (n *Network) Send(ctx context.Context, m social.Message) (social.Sent, error) {
	if m.Key == "" || strings.TrimSpace(m.Text) == "" || m.To.Network != n.name || m.To.Account != n.c.Account || !validID(m.To.Author) || m.InReplyTo != "" && !validID(m.InReplyTo) {
		return social.Sent{}, &social.Error{Fault: social.FaultOurs, Safe: "the message has no key, text or recipient on this network"}
	}
	me, err := n.us(ctx)
	if err != nil {
		return social.Sent{}, err
	}
	s := social.Sequence[manner]{Message: &m, Keys: &n.keys, Clock: n.kit.Clock, State: n.kit.State,
		Plan:  func(ctx context.Context) (plan, error) { return n.plan(ctx, me, m) },
		Again: func(ctx context.Context, p *plan, from int) error { return n.again(ctx, me, m.To.Author, p, from) },
		Send:  n.publish,
		Find:  func(ctx context.Context, p part) (social.Sent, bool, error) { return n.find(ctx, me, m.To.Author, p) },
	}
	sent, err := s.Run(ctx)
	if err != nil {
		return social.Sent{}, n.whyNot(ctx, m.To.Author, err)
	}
	return sent, nil
}

// plan decides who sees the message, whom it names and how it is divided.
func (n *Network) plan(ctx context.Context, me us, m social.Message) (plan, error) {
	p := plan{InReplyTo: m.InReplyTo}
	var to parent
	var err error
	if m.InReplyTo != "" {
		if to, err = n.parent(ctx, me, m.InReplyTo); err != nil {
			return p, err
		}
	}
	if to.author != m.To.Author || m.Visibility != domain.Public || n.visibility(m.Visibility, to.visibility) == visibilityDirect {
		// Whom a handle names may have changed: who is meant is who has the id.
		// What a post said a minute ago is not good enough for what is private.
		if to.handle, err = n.handleOf(ctx, me, m.To.Author); err != nil {
			return p, err
		}
	}
	if to.handle == "" {
		return p, noAddress()
	}
	if m.InReplyTo == "" && n.blocked(ctx, m.To.Author) { // nothing else would tell
		return p, &social.Error{Fault: social.FaultCustomer, Blocked: true, Safe: "the customer blocks us"}
	}
	l := n.server.length()
	p.Route = manner{Visibility: n.visibility(m.Visibility, to.visibility), Spoiler: firstRunes(to.spoiler, l.Max/4), Language: base(m.Lang), Handle: to.handle}
	text := m.Text
	if p.Route.Visibility == visibilityDirect {
		text = silent(text)
	}
	l.Max -= utf8.RuneCountInString(p.Route.Spoiler) // it counts as well
	p.Parts = l.Split(text, "@"+to.handle+" ", n.c.Parts)
	return p, nil
}

// again has the parts that are left call whoever has the id now: since the
// first attempt the customer may have taken another name, and somebody else
// theirs, who would be who reads a private answer.
func (n *Network) again(ctx context.Context, me us, author string, p *plan, from int) error {
	now, err := n.handleOf(ctx, me, author)
	if err != nil {
		return err
	}
	if now == "" {
		return noAddress()
	}
	was := p.Route.Handle
	if now == was {
		return nil
	}
	for i := from; i < len(p.Parts); i++ {
		text, ok := strings.CutPrefix(p.Parts[i], "@"+was+" ")
		if !ok {
			return &social.Error{Fault: social.FaultOurs, Safe: "whom the message calls is not known any more"}
		}
		if p.Route.Visibility == visibilityDirect {
			text = silent(text)
		}
		p.Parts[i] = "@" + now + " " + text
	}
	p.Route.Handle = now
	return nil
}

func noAddress() *social.Error {
	return &social.Error{Fault: social.FaultCustomer, Safe: "the customer has no address that can be written to"}
}

// visibility is the narrower of what is wanted and what the parent has.
func (n *Network) visibility(wanted domain.Visibility, parent string) string {
	switch {
	case wanted != domain.Public:
		return visibilityDirect
	case parent == "", parent == visibilityPublic:
		return n.c.ReplyVisibility
	case parent == visibilityUnlisted:
		return visibilityUnlisted
	}
	return visibilityDirect
}

// handleOf looks up who has an id
// (https://docs.joinmastodon.org/methods/accounts/#get).
func (n *Network) handleOf(ctx context.Context, me us, id string) (string, error) {
	var a account
	if _, err := n.web.Do(ctx, web.Request{Path: "/api/v1/accounts/" + id, Out: &a}); err != nil {
		return "", err
	}
	return handle(string(a.Acct), me.domain), nil
}

// calls are mentions as Mastodon finds them in a text.
var calls = regexp.MustCompile(`(^|[^\pL\pN_=/])@([\pL\pN_])`)

// silent keeps a direct message from going to others than the customer, whom it
// calls at its beginning: whoever is mentioned in it can read it. An invisible
// character breaks every mention, the customer's as well: what follows it could
// make it somebody else's.
func silent(text string) string { return calls.ReplaceAllString(text, "$1@\u2060$2") }

// publish sends one part
// (https://docs.joinmastodon.org/methods/statuses/#create).
func (n *Network) publish(ctx context.Context, p part) (social.Sent, error) {
	form := url.Values{"status": {p.Text}, "visibility": {p.Route.Visibility}}
	for name, v := range map[string]string{"in_reply_to_id": p.InReplyTo, "spoiler_text": p.Route.Spoiler, "language": p.Route.Language} {
		if v != "" {
			form.Set(name, v)
		}
	}
	sum := sha256.Sum256([]byte(n.c.Account + "\x00" + p.Key))
	var s status
	_, err := n.web.Do(ctx, web.Request{
		Method: http.MethodPost, Path: "/api/v1/statuses", Form: form, Out: &s,
		Header: http.Header{"Idempotency-Key": {hex.EncodeToString(sum[:])}},
	})
	if err != nil {
		return social.Sent{}, err
	}
	return n.sent(ctx, p.Key, &s)
}

// sent notes whose a post of ours is.
func (n *Network) sent(ctx context.Context, key string, s *status) (social.Sent, error) {
	id := clean(s.ID)
	if !validID(id) {
		return social.Sent{}, &social.Error{Retry: true, Fault: social.FaultNetwork, Safe: "the server does not say what it has published"}
	}
	if err := n.kit.State.Put(ctx, "ours/"+id, []byte(key), keepSent); err != nil {
		return social.Sent{}, social.StateError(err)
	}
	at := parseTime(s.CreatedAt)
	if at.IsZero() {
		at = n.kit.Clock.Now()
	}
	return social.Sent{PostID: id, URL: link(s.URL), At: at}, nil
}

func firstRunes(s string, most int) string {
	runes := []rune(s)
	return string(runes[:min(len(runes), most)])
}

// base is a language without its region: more than that not every server knows.
func base(lang string) string {
	lang, _, _ = strings.Cut(language(text(lang)), "-")
	return lang
}
