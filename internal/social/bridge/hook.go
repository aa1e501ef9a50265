package bridge

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
)

// taken is the answer to a delivery.
type taken struct {
	Accepted   int       `json:"accepted"`
	Duplicates int       `json:"duplicates"`        // posts that were taken before
	Refused    []refused `json:"refused,omitempty"` // posts that could not be taken; to send them again would not help
}

type refused struct {
	Index   int         `json:"index"`
	Field   string      `json:"field,omitempty"`
	Code    domain.Code `json:"code"`
	Message string      `json:"message"`
}

// memory is what is kept of a delivery that was taken.
type memory struct {
	Body  string `json:"body"`  // its digest
	At    int64  `json:"at"`    // the newest signature that it came with
	Posts int    `json:"posts"` // how many it held
}

// ServeHook implements social.Hook.
func (n *Network) ServeHook(ctx context.Context, r social.HookRequest, sink social.Sink) (social.HookReply, error) {
	keys, err := n.keyring.get(ctx, &n.c, n.kit.Clock)
	if err != nil {
		return social.HookReply{}, unavailable("the secrets of this address cannot be read", err)
	}
	now := n.kit.Clock.Now()
	d, err := verify(keys, &r, now, n.c.MaxAge)
	if err != nil {
		return social.HookReply{}, err
	}
	if r.Method != http.MethodPost {
		return social.HookReply{}, domain.Errorf(domain.CodeInvalid, "the request is no POST")
	}
	n.Began("webhook", now)
	was, err := n.remembered(ctx, d, r.Body)
	if err != nil {
		return social.HookReply{}, err
	}
	if was != nil {
		if err := n.remember(ctx, d, r.Body, was.Posts); err != nil {
			return social.HookReply{}, err
		}
		return reply(taken{Duplicates: was.Posts})
	}
	b, err := n.decode(r.Body, now)
	if err != nil {
		return social.HookReply{}, err
	}
	for _, bad := range b.bad {
		n.log.WarnContext(ctx, "a post cannot be read", "index", bad.Index, "field", bad.Field)
	}
	results, err := social.HandIn(ctx, sink, n.log, b.posts)
	if err != nil {
		return social.HookReply{}, err
	}
	n.Alive(n.kit.Clock.Now(), now.Sub(newest(b.posts)))
	if err := n.remember(ctx, d, r.Body, len(b.posts)); err != nil {
		return social.HookReply{}, err
	}
	return reply(b.answer(results))
}

// answer says what became of each post.
func (b *batch) answer(results []social.Result) taken {
	out := taken{Refused: b.bad}
	for i, r := range results {
		switch r.Outcome {
		case social.Refused:
			out.Refused = append(out.Refused, refused{b.at[i], r.Err.Field, r.Err.Code, r.Err.Message})
		case social.Known:
			out.Duplicates++
		default:
			out.Accepted++
		}
	}
	slices.SortFunc(out.Refused, func(x, y refused) int { return cmp.Compare(x.Index, y.Index) })
	return out
}

func newest(posts []domain.Post) (at time.Time) {
	for i := range posts {
		if posts[i].At.After(at) {
			at = posts[i].At
		}
	}
	return at
}

func reply(t taken) (social.HookReply, error) {
	b, err := json.Marshal(t)
	return social.HookReply{ContentType: "application/json", Body: b}, err
}

func (n *Network) stateName(d delivery) string { return "hook/" + digest(d.id) }

// remembered returns what is known of a delivery that was taken, nil for a new
// one. One that comes with a signature that was seen is a replay.
func (n *Network) remembered(ctx context.Context, d delivery, body []byte) (*memory, error) {
	b, err := n.kit.State.Get(ctx, n.stateName(d))
	if err != nil {
		return nil, unavailable("it cannot be known whether this was taken before", err)
	}
	if b == nil {
		return nil, nil
	}
	var m memory
	if err := json.Unmarshal(b, &m); err != nil {
		return nil, unavailable("it cannot be known whether this was taken before", err)
	}
	switch {
	case m.Body != digest(string(body)):
		return nil, domain.Errorf(domain.CodeConflict, "webhook-id: was used with another body; give each delivery its own")
	case d.at <= m.At:
		return nil, domain.Errorf(domain.CodeConflict, "webhook-id: was taken with this signature; an attempt that is made again is signed anew")
	}
	return &m, nil
}

// remember keeps a delivery for as long as its signature could come again.
func (n *Network) remember(ctx context.Context, d delivery, body []byte, posts int) error {
	b, err := json.Marshal(memory{Body: digest(string(body)), At: d.at, Posts: posts})
	if err == nil {
		err = n.kit.State.Put(ctx, n.stateName(d), b, 2*n.c.MaxAge+time.Minute)
	}
	if err != nil {
		return unavailable("what was taken cannot be noted", err)
	}
	return nil
}

func unavailable(why string, cause error) error {
	return &domain.Error{Code: domain.CodeUnavailable, Message: why + "; come back later", RetryAfter: 10 * time.Second, Cause: cause}
}
