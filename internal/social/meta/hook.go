package meta

import (
	"context"
	"crypto/hmac"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
)

// maxEvents of one request: Meta sends at most 1000 in one
// (developers.facebook.com/docs/graph-api/webhooks/getting-started, "Event
// Notifications", "Frequency").
const maxEvents = 2000

// ServeHook implements social.Hook. What a signature does not protect from is
// a repeat, since nothing that is signed says when: a post that came before is
// known by its id, however late it comes again.
func (n *Network) ServeHook(ctx context.Context, r social.HookRequest, sink social.Sink) (social.HookReply, error) {
	if n.c.Mode != Webhook {
		return social.HookReply{}, domain.Errorf(domain.CodeUnauthorized, "%s is not configured to tell of posts by requests (mode: webhook)", n.c.Kind)
	}
	switch r.Method {
	case http.MethodGet:
		return n.challenge(r)
	case http.MethodPost:
	default:
		return social.HookReply{}, notMeta()
	}
	if err := n.signed(r); err != nil {
		return social.HookReply{}, err
	}
	heard, err := n.open(ctx, r.Body)
	if err != nil {
		return social.HookReply{}, err
	}
	if len(heard) == 0 {
		return social.HookReply{}, nil
	}
	if err := n.handIn(ctx, sink, heard); err != nil {
		return social.HookReply{}, err
	}
	now := n.kit.Clock.Now()
	n.Alive(now, max(now.Sub(heard[len(heard)-1].At), 0))
	return social.HookReply{}, nil
}

// notMeta is for what does not show that it is Meta's. It does not say what is
// missing: whether the network is configured here is nobody's to try out.
func notMeta() *domain.Error {
	return domain.Errorf(domain.CodeUnauthorized, "the signature is not right")
}

// challenge answers the request by which Meta finds out that the address is
// ours (…/webhooks/getting-started, "Verification Requests").
func (n *Network) challenge(r social.HookRequest) (social.HookReply, error) {
	want, err := n.c.VerifyToken.Read()
	if err != nil {
		return social.HookReply{}, &domain.Error{Code: domain.CodeUnavailable, Message: "the verify token cannot be read", Cause: err}
	}
	if len(r.Query["hub.mode"]) != 1 || len(r.Query["hub.verify_token"]) != 1 || len(r.Query["hub.challenge"]) != 1 {
		return social.HookReply{}, notMeta()
	}
	given, answer := r.Query["hub.verify_token"][0], r.Query["hub.challenge"][0]
	// The digests are compared: they are of one length.
	same := subtle.ConstantTimeCompare(digest(want, []byte(given)), digest(want, []byte(want))) == 1
	if !same || r.Query["hub.mode"][0] != "subscribe" {
		return social.HookReply{}, notMeta()
	}
	if len(answer) > 200 {
		return social.HookReply{}, domain.FieldErrorf("hub.challenge", "is longer than 200 bytes")
	}
	return social.HookReply{ContentType: "text/plain; charset=utf-8", Body: []byte(answer)}, nil
}

// signed checks a request's signature: that of the body as it came. Meta signs
// the text with other characters than ASCII escaped (\u00e4), which is how it
// sends it: to decode it and write it anew would give another one
// (…/webhooks/getting-started, "Validating Payloads").
func (n *Network) signed(r social.HookRequest) error {
	key, err := n.c.AppSecret.Read()
	if err != nil {
		return &domain.Error{Code: domain.CodeUnavailable, Message: "the app secret cannot be read", Cause: err}
	}
	bad := notMeta()
	values := r.Header["X-Hub-Signature-256"]
	if len(values) != 1 {
		return bad
	}
	text, ok := strings.CutPrefix(values[0], "sha256=")
	if !ok {
		return bad
	}
	given, err := hex.DecodeString(text)
	if err != nil || !hmac.Equal(given, digest(key, r.Body)) {
		return bad
	}
	return nil
}

// envelope is the body of a request, entry what happened to one account.
type envelope struct {
	Object string            `json:"object"`
	Entry  []json.RawMessage `json:"entry"`
}

type entry struct {
	ID        ident             `json:"id"`
	Time      stamp             `json:"time"`
	Changes   []json.RawMessage `json:"changes"`
	Messaging []json.RawMessage `json:"messaging"`
}

// open makes posts of a request's body. What cannot be read is left out: what
// stands beside it must not wait for it.
func (n *Network) open(ctx context.Context, body []byte) ([]domain.Post, error) {
	var e envelope
	if err := json.Unmarshal(body, &e); err != nil {
		return nil, domain.Errorf(domain.CodeInvalid, "the body is not what Meta's documents promise")
	}
	if want := map[Kind]string{Facebook: "page", Instagram: "instagram"}[n.c.Kind]; e.Object != want {
		n.log.Warn("a webhook tells of something else", "object", domain.Cut(e.Object, 40), "want", want)
		return nil, nil
	}
	var heard []domain.Post
	left := maxEvents
	for _, raw := range e.Entry {
		var one entry
		if json.Unmarshal(raw, &one) != nil {
			n.log.Warn("an entry of a webhook cannot be read")
			continue
		}
		if string(one.ID) != n.self() {
			n.log.Warn("a webhook tells of another account than ours")
			continue
		}
		if left -= len(one.Changes) + len(one.Messaging); left < 0 {
			return nil, domain.Errorf(domain.CodeTooLarge, "more than %d events in one request", maxEvents)
		}
		posts, err := n.openEntry(ctx, &one)
		if err != nil {
			return nil, err
		}
		heard = append(heard, posts...)
	}
	return heard, nil
}

func (n *Network) openEntry(ctx context.Context, e *entry) ([]domain.Post, error) {
	at := e.Time.Time
	if at.IsZero() {
		at = n.kit.Clock.Now()
	}
	var out []domain.Post
	take := func(p domain.Post, ok bool, err error) error {
		if err != nil {
			return unavailable(err)
		}
		if ok {
			out = append(out, p)
		}
		return nil
	}
	for _, raw := range e.Changes {
		if err := take(n.read(ctx, raw, at)); err != nil {
			return nil, err
		}
	}
	if !n.c.DirectMessages {
		return out, nil
	}
	for _, raw := range e.Messaging {
		if err := take(n.readMessage(ctx, raw, at)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// unavailable makes Meta come again.
func unavailable(err error) error {
	return &domain.Error{Code: domain.CodeUnavailable, Message: "what this is about cannot be had just now", RetryAfter: time.Minute, Cause: err}
}
