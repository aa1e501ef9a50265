package x

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/social/socialtest"
	"github.com/contact-advocate/advocate/internal/social/x/xtest"
)

// play does what is planned for a request to publish; true: it was answered.
func (s *server) play(w http.ResponseWriter) (done, lost bool) {
	if len(s.plan) == 0 {
		return false, false
	}
	b := s.plan[0]
	s.plan = s.plan[1:]
	switch b {
	case socialtest.Down:
		xtest.Refuse(w, http.StatusServiceUnavailable, "about:blank", "Over capacity")
	case socialtest.RateLimit:
		// https://docs.x.com/x-api/fundamentals/rate-limits, "Headers"
		w.Header().Set("x-rate-limit-limit", "100")
		w.Header().Set("x-rate-limit-remaining", "0")
		w.Header().Set("x-rate-limit-reset", strconv.FormatInt(s.now().Add(7*time.Minute).Unix(), 10))
		xtest.Refuse(w, http.StatusTooManyRequests, "about:blank", "Too Many Requests")
	case socialtest.Gone:
		xtest.Refuse(w, http.StatusForbidden, "about:blank", "You attempted to reply to a Tweet that is deleted or not visible to you.")
	case socialtest.Blocked:
		xtest.Refuse(w, http.StatusForbidden, "about:blank", "You have been blocked from replying to this author.")
	case socialtest.BadAuth:
		xtest.Refuse(w, http.StatusUnauthorized, "about:blank", "Unauthorized")
	case socialtest.LostReply:
		return false, true
	default:
		return false, false
	}
	return true, false
}

func (s *server) create(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Text  string `json:"text"`
		Reply struct {
			To      string   `json:"in_reply_to_tweet_id"`
			Without []string `json:"exclude_reply_user_ids"`
		} `json:"reply"`
	}
	if json.NewDecoder(r.Body).Decode(&body) != nil {
		xtest.Refuse(w, http.StatusBadRequest, "about:blank", "no JSON")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	done, lost := s.play(w)
	if done {
		return
	}
	for _, p := range s.posts {
		if p.author == shop && !p.gone && strings.HasSuffix(p.text, body.Text) && p.to == body.Reply.To {
			xtest.Refuse(w, http.StatusForbidden, "about:blank", "You are not allowed to create a Tweet with duplicate content.")
			return
		}
	}
	s.without = append(s.without, body.Reply.Without)
	// The mention is put before it by X.
	p := s.writeLocked(tpost{author: shop, text: "@" + names[s.authorOf(body.Reply.To)] + " " + body.Text, to: body.Reply.To})
	s.sent = append(s.sent, p.id())
	if lost {
		drop(w)
		return
	}
	w.WriteHeader(http.StatusCreated)
	xtest.Answer(w, map[string]any{"data": map[string]any{"id": p.id(), "text": p.text}})
}

func (s *server) createMessage(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Text string `json:"text"`
	}
	json.NewDecoder(r.Body).Decode(&body)
	s.mu.Lock()
	defer s.mu.Unlock()
	done, lost := s.play(w)
	if done {
		return
	}
	m := tmessage{s.nextID(), shop, r.PathValue("id"), body.Text, s.now()}
	s.messages = append(s.messages, m)
	s.sent = append(s.sent, privateID(m.id))
	if lost {
		drop(w)
		return
	}
	w.WriteHeader(http.StatusCreated)
	xtest.Answer(w, map[string]any{"data": map[string]any{"dm_conversation_id": m.from + "-" + m.to, "dm_event_id": m.id}})
}

func (m *tmessage) object() map[string]any {
	return map[string]any{"id": m.id, "event_type": "MessageCreate", "text": m.text, "sender_id": m.from,
		"dm_conversation_id": m.from + "-" + m.to, "created_at": m.at.Format(time.RFC3339)}
}

// listMessages gives the newest first
// (https://docs.x.com/x-api/direct-messages/lookup/integrate); a page's token is
// a place, which does not move when something new is written.
func (s *server) listMessages(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	most, err := strconv.Atoi(r.URL.Query().Get("max_results"))
	if err != nil || most < 1 || most > 100 {
		xtest.Refuse(w, http.StatusBadRequest, "https://api.x.com/2/problems/invalid-request", "max_results")
		return
	}
	before := strings.TrimPrefix(r.URL.Query().Get("pagination_token"), "before")
	data, meta, last := []any{}, map[string]any{}, ""
	for _, m := range slices.Backward(s.messages) {
		with := r.PathValue("id")
		if with != "" && with != m.to && with != m.from || before != "" && !later(before, m.id) {
			continue
		}
		if len(data) == most {
			meta["next_token"] = "before" + last
			break
		}
		data, last = append(data, m.object()), m.id
	}
	xtest.Answer(w, map[string]any{"data": data, "includes": map[string]any{"users": []any{person(ana), person(ben)}}, "meta": meta})
}

func (s *server) lookUpMessage(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.messages {
		if m.id == r.PathValue("id") {
			xtest.Answer(w, map[string]any{"data": m.object(), "includes": map[string]any{"users": []any{person(ana), person(ben)}}})
			return
		}
	}
	xtest.Refuse(w, http.StatusNotFound, "https://api.x.com/2/problems/resource-not-found", "Could not find it.")
}

// token gives each refresh token once
// (https://docs.x.com/fundamentals/authentication/oauth-2-0/user-access-token,
// "Step 5").
func (s *server) token(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := r.FormValue("refresh_token")
	next, ok := s.grants[old]
	if !ok || r.FormValue("grant_type") != "refresh_token" || r.FormValue("client_id") != "client" {
		w.WriteHeader(http.StatusBadRequest)
		xtest.Answer(w, map[string]any{"error": "invalid_request", "error_description": "Value passed for the token was invalid."})
		return
	}
	delete(s.grants, old)
	s.grants[next] = next + "+"
	s.access = "access-of-" + next
	xtest.Answer(w, map[string]any{"token_type": "bearer", "expires_in": 7200, "access_token": s.access, "refresh_token": next})
}
