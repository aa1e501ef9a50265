package x

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/socialtest"
)

// hookQueue is X's side of a webhook: what was not taken is delivered again.
type hookQueue struct {
	u  *setup
	mu sync.Mutex
	// wait holds bodies, oldest first.
	wait [][]byte
	down bool
	net  social.Network
}

// into makes the world deliver by requests.
func (h *hookQueue) into(w *socialtest.World) {
	write := w.Write
	w.Write = func(d socialtest.Draft) string {
		id := write(d)
		h.mu.Lock()
		defer h.mu.Unlock()
		h.wait = append(h.wait, h.u.event(id))
		return id
	}
	w.Break = func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.down = true
	}
	w.Mend = func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.down = false
	}
	w.Reopen = func() social.Network {
		h.net = h.u.open()
		return h.net
	}
	w.Push = h.push
	w.Forged = h.u.forged()
}

func (h *hookQueue) push(ctx context.Context, sink social.Sink) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for len(h.wait) > 0 && !h.down {
		if _, err := h.net.(social.Hook).ServeHook(ctx, post(h.wait[0], consumerSecret), sink); err != nil {
			return
		}
		h.wait = h.wait[1:]
	}
}

func post(body []byte, secret string) social.HookRequest {
	return social.HookRequest{Method: "POST", Header: map[string][]string{signatureHeader: {sign(body, secret)}}, Body: body}
}

// event is a post as the X Activity API tells of it
// (https://docs.x.com/x-api/activity/event-payloads), or a direct message.
func (u *setup) event(id string) []byte {
	s := u.s
	s.mu.Lock()
	defer s.mu.Unlock()
	data := map[string]any{"event_uuid": id, "filter": map[string]any{"user_id": shop}}
	if p := s.byID(id); p != nil {
		data["event_type"], data["payload"], data["includes"] = "post.mention.create", s.object(p), s.includes(p)
	}
	for _, m := range s.messages {
		if privateID(m.id) == id {
			data["event_type"] = "dm.received"
			data["payload"] = map[string]any{"direct_message_events": []any{directMessage(m)}, "users": map[string]any{ana: map[string]any{"data": person(ana)}}}
		}
	}
	return encoded(map[string]any{"data": data})
}

func directMessage(m tmessage) map[string]any {
	return map[string]any{"type": "message_create", "id": m.id, "created_timestamp": itoa(m.at.UnixMilli()), "message_create": map[string]any{
		"target": map[string]any{"recipient_id": m.to}, "sender_id": m.from, "message_data": map[string]any{"text": m.text, "entities": map[string]any{}},
	}}
}

func encoded(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

func itoa(n int64) string { return string(encoded(n)) }

// forged are requests that are not X's, or not of now.
func (u *setup) forged() map[string]social.HookRequest {
	body := func(at time.Time) []byte {
		return encoded(map[string]any{"for_user_id": shop, "tweet_create_events": []any{map[string]any{
			"id_str": "1500000000000000000", "text": "@shop forged", "created_at": at.Format(time.RubyDate),
			"user":     map[string]any{"id_str": ana, "screen_name": "ana_b"},
			"entities": map[string]any{"user_mentions": []any{map[string]any{"id_str": shop}}},
		}}})
	}
	now := u.kit.Clock.Now()
	right := body(now)
	none := post(right, consumerSecret)
	none.Header = nil
	other := post(right, consumerSecret)
	other.Body = body(now.Add(-time.Second))
	twice := post(right, consumerSecret)
	twice.Header[signatureHeader] = append([]string{"sha256=x"}, twice.Header[signatureHeader]...)
	return map[string]social.HookRequest{
		"a wrong secret": post(right, "guess"), "none": none, "of another body": other, "two": twice,
		"too old": post(body(now.Add(-oldestEvent-time.Minute)), consumerSecret),
	}
}
