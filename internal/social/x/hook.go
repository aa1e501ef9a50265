package x

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
)

// oldestEvent is how old what a webhook brings may be. X delivers again what is
// up to a day old (POST /2/webhooks/replay: "up to the past 24 hours"); the
// rest is for an outage. It must stay below domain.SeenWindow, within which a
// repeat is known for one.
const oldestEvent = 5 * 24 * time.Hour

// signatureHeader is "Signature verification" of
// https://docs.x.com/x-api/webhooks/quickstart.
const signatureHeader = "X-Twitter-Webhooks-Signature"

// HookName implements social.Hook.
func (n *Network) HookName() string {
	return social.HookName(Name, n.c.Account)
}

// ServeHook implements social.Hook.
func (n *Network) ServeHook(ctx context.Context, r social.HookRequest, sink social.Sink) (social.HookReply, error) {
	if n.c.Mode != Webhook {
		return social.HookReply{}, domain.Errorf(domain.CodeUnauthorized, "X is not configured to tell of posts by requests (mode: webhook)")
	}
	secret, err := n.c.ConsumerSecret.Read()
	if err != nil {
		n.log.Error("the consumer secret cannot be read", "error", err)
		return social.HookReply{}, domain.Errorf(domain.CodeUnavailable, "the request cannot be checked now")
	}
	switch r.Method {
	case "GET":
		return n.challenge(r, secret)
	case "POST":
	default:
		return social.HookReply{}, notX()
	}
	if !signed(r, secret) {
		return social.HookReply{}, notX()
	}
	return social.HookReply{}, n.serveEvents(ctx, r.Body, sink)
}

// notX is for what does not show that it is X's. It does not say what is
// missing: whether X is configured here is nobody's to try out.
func notX() *domain.Error {
	return domain.Errorf(domain.CodeUnauthorized, "the signature is not X's")
}

func sign(text []byte, secret string) string {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write(text)
	return "sha256=" + base64.StdEncoding.EncodeToString(h.Sum(nil))
}

func signed(r social.HookRequest, secret string) bool {
	got := r.Header[signatureHeader]
	return len(got) == 1 && hmac.Equal([]byte(got[0]), []byte(sign(r.Body, secret)))
}

// challenge proves to X that we know the secret ("The CRC check" of
// https://docs.x.com/x-api/webhooks/quickstart). Anybody may ask, and what they
// get is the signature of the token: a token that could be a body would let
// them forge one. Those are JSON, also of one word or number; X's tokens are
// letters and digits, and none is a number.
func (n *Network) challenge(r social.HookRequest, secret string) (social.HookReply, error) {
	token := ""
	if all := r.Query["crc_token"]; len(all) == 1 {
		token = all[0]
	}
	if token == "" || len(token) > 256 || json.Valid([]byte(token)) || strings.ContainsFunc(token, func(c rune) bool {
		return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("+/=_-.~", c))
	}) {
		return social.HookReply{}, notX()
	}
	body, err := json.Marshal(map[string]string{"response_token": sign([]byte(token), secret)})
	if err != nil {
		return social.HookReply{}, err
	}
	return social.HookReply{ContentType: "application/json", Body: body}, nil
}

// happened is what a webhook's request says.
type happened struct {
	forUser string
	said    []said
	with    map[string]string // direct message → who it is from or to
	deleted []gone
	blocks  []block
	revoked []string // whose access was taken back
	at      time.Time
}

type gone struct {
	id, author string
}

type block struct {
	source, target string
	on             bool
	at             time.Time
}

func (h *happened) see(at time.Time) {
	if at.After(h.at) {
		h.at = at
	}
}

// serveEvents takes a request whose signature is right.
func (n *Network) serveEvents(ctx context.Context, body []byte, sink social.Sink) error {
	h, err := parseEvents(body)
	if err != nil {
		return err
	}
	now := n.kit.Clock.Now()
	if !h.at.IsZero() && now.Sub(h.at) > oldestEvent {
		return domain.Errorf(domain.CodeUnauthorized, "the events are too old: they were delivered before")
	}
	us, err := n.self(ctx)
	if err != nil {
		return domain.Errorf(domain.CodeUnavailable, "it cannot be known now whom the events are for")
	}
	if h.forUser != "" && h.forUser != us.ID {
		n.log.Warn("events of another account came; each account needs an app of its own at X, or a label")
		return nil
	}
	n.Began(string(Webhook), now)
	for _, id := range h.revoked {
		if id == us.ID {
			n.log.Error("the access to our account was taken back")
			n.Ended(&social.Error{Fault: social.FaultOperator, Safe: "the access to our account was taken back: sign in anew"}, now)
		}
	}
	for _, b := range h.blocks {
		if b.target != us.ID || !validID(b.source) {
			continue
		}
		if err := n.setBlocked(ctx, b.source, b.on, b.at); err != nil {
			return err
		}
	}
	posts, err := n.posts(ctx, us, h)
	if err != nil {
		return domain.Errorf(domain.CodeUnavailable, "what the messages answer cannot be known now")
	}
	if len(posts) == 0 {
		return nil
	}
	ids := make([]string, 0, len(posts))
	for i := range posts {
		if !posts[i].Deleted && posts[i].Visibility == domain.Public {
			ids = append(ids, cmp.Or(posts[i].Revision, posts[i].ID)) // each version is a post to X
		}
	}
	if err := n.deliverOnce(ctx, sink, posts); err != nil {
		return err
	}
	// X counts what it delivers ("Account Activity": "count towards the monthly
	// Post cap"); it comes whether there is a budget or not.
	if _, err := n.spend(ctx, ids...); err != nil {
		n.log.Warn("what was read cannot be counted", "reason", social.Safe(err))
	}
	if !h.at.IsZero() {
		n.Alive(now, now.Sub(h.at))
	}
	return nil
}

func (n *Network) posts(ctx context.Context, us account, h *happened) (posts []domain.Post, err error) {
	for i := range h.said {
		s := &h.said[i]
		if s.private && !n.c.DirectMessages {
			continue
		}
		p, ok := n.post(us, s)
		if !ok {
			n.log.Warn("a post cannot be read")
			continue
		}
		if s.private {
			if err := n.answer(ctx, &p, h.with[s.id]); err != nil {
				return nil, err
			}
		}
		posts = append(posts, p)
	}
	for _, d := range h.deleted {
		if validID(d.id) && validID(d.author) {
			posts = append(posts, domain.Post{
				Network: Name, Account: n.c.Account, ID: d.id, Author: domain.Author{ID: d.author},
				At: madeAt(d.id), Visibility: domain.Public, Deleted: true, Own: d.author == us.ID,
			})
		}
	}
	return posts, nil
}
