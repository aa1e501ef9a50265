package mastodontest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	for pattern, h := range map[string]func(*account, http.ResponseWriter, *http.Request) any{
		"GET /api/v1/accounts/verify_credentials": func(a *account, _ http.ResponseWriter, _ *http.Request) any { return s.accountJSON(a) },
		"GET /api/v1/apps/verify_credentials": func(*account, http.ResponseWriter, *http.Request) any {
			return map[string]any{"scopes": []string{"read", "write:statuses"}}
		},
		"GET /api/v2/notifications/policy": func(*account, http.ResponseWriter, *http.Request) any {
			return map[string]any{"for_not_following": "accept", "for_private_mentions": "filter"}
		},
		"GET /api/v2/instance":               s.getInstance,
		"GET /api/v1/accounts/relationships": s.getRelationships,
		"GET /api/v1/accounts/{id}":          s.getAccount,
		"GET /api/v1/accounts/{id}/statuses": s.getOwn,
		"GET /api/v1/notifications":          s.getNotifications,
		"GET /api/v1/timelines/tag/{tag}":    s.getTag,
		"GET /api/v2/search":                 s.getSearch,
		"GET /api/v1/statuses/{id}":          s.getStatus,
		"GET /api/v1/statuses/{id}/context":  s.getContext,
		"POST /api/v1/statuses":              s.postStatus,
		"PUT /api/v1/statuses/{id}":          s.putStatus,
		"DELETE /api/v1/statuses/{id}":       s.deleteStatus,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, h) })
	}
	mux.HandleFunc("GET /api/v1/streaming", s.serveStream)
	return mux
}

// serve answers with what h gives; nil is an answer that h has given itself.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, h func(*account, http.ResponseWriter, *http.Request) any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests[r.URL.Path]++
	if s.broken {
		panic(http.ErrAbortHandler)
	}
	for part, on := range s.refused {
		if on && strings.Contains(r.URL.String(), part) {
			fail(w, http.StatusInternalServerError, "Internal Server Error")
			return
		}
	}
	a := s.authorized(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
	if a == nil {
		fail(w, http.StatusUnauthorized, "The access token is invalid")
		return
	}
	// https://docs.joinmastodon.org/api/rate-limits/
	w.Header().Set("X-RateLimit-Limit", "300")
	w.Header().Set("X-RateLimit-Remaining", "299")
	w.Header().Set("X-RateLimit-Reset", s.o.Now().Add(5*time.Minute).UTC().Format("2006-01-02T15:04:05.000000Z"))
	if v := h(a, w, r); v != nil {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(v)
	}
}

func (s *Server) authorized(token string) *account {
	for _, a := range s.accounts {
		if a.token == token && !s.revoked[token] {
			return a
		}
	}
	return nil
}

// getInstance is https://docs.joinmastodon.org/entities/Instance/.
func (s *Server) getInstance(*account, http.ResponseWriter, *http.Request) any {
	version, source := "4.4.2", "https://github.com/mastodon/mastodon"
	if s.o.GoToSocial {
		version, source = "0.19.1", "https://codeberg.org/superseriousbusiness/gotosocial"
	}
	return map[string]any{
		"domain": s.Host(), "version": version, "source_url": source,
		"configuration": map[string]any{
			"urls":     map[string]any{"streaming": "ws://" + s.Host()},
			"statuses": map[string]any{"max_characters": 500, "characters_reserved_per_url": 23},
		},
	}
}

func (s *Server) getAccount(_ *account, w http.ResponseWriter, r *http.Request) any {
	if a := s.byID(r.PathValue("id")); a != nil {
		return s.accountJSON(a)
	}
	fail(w, http.StatusNotFound, "Record not found")
	return nil
}

func (s *Server) getRelationships(a *account, _ http.ResponseWriter, r *http.Request) any {
	out := []any{}
	for _, id := range r.URL.Query()["id[]"] {
		if other := s.byID(id); other != nil {
			out = append(out, map[string]any{"id": id, "blocked_by": other.blocks[a.id], "following": false})
		}
	}
	return out
}

// entry is one of a list that is paged.
type entry struct {
	id int
	v  any
}

// page is https://docs.joinmastodon.org/api/guidelines/#pagination: newest
// first; with min_id those right after it.
func page(q url.Values, list []entry, most int) []any {
	number := func(name string) int { n, _ := strconv.Atoi(q.Get(name)); return n }
	limit := min(max(number("limit"), 1), most)
	slices.SortFunc(list, func(a, b entry) int { return a.id - b.id })
	var in []entry
	for _, e := range list {
		if (q.Get("min_id") == "" || e.id > number("min_id")) && (q.Get("max_id") == "" || e.id < number("max_id")) {
			in = append(in, e)
		}
	}
	if q.Get("min_id") != "" {
		in = in[:min(len(in), limit)]
	} else {
		in = in[max(0, len(in)-limit):]
	}
	out := []any{}
	for _, e := range slices.Backward(in) {
		out = append(out, e.v)
	}
	return out
}

func (s *Server) getNotifications(a *account, w http.ResponseWriter, r *http.Request) any {
	if s.limited > 0 {
		s.limited--
		w.Header().Set("X-RateLimit-Remaining", "0")
		fail(w, http.StatusTooManyRequests, "Too many requests")
		return nil
	}
	if limit, _ := strconv.Atoi(r.URL.Query().Get("limit")); s.bloated > 0 && limit > s.bloated {
		_, _ = w.Write(bytes.Repeat([]byte{' '}, 5<<20))
		return nil
	}
	var list []entry
	for _, n := range s.notices {
		if n.to == a.id && s.get(n.status) != nil {
			list = append(list, entry{n.number, n})
		}
	}
	out := []any{}
	cutOff := page(r.URL.Query(), list, 80)
	for _, v := range cutOff {
		if n := v.(notice); !s.get(n.status).Muted {
			out = append(out, s.noticeJSON(n))
		}
	}
	if len(cutOff) > 0 {
		at := s.URL + r.URL.Path
		w.Header().Set("Link", fmt.Sprintf("<%s?max_id=%d>; rel=\"next\", <%s?since_id=%d>; rel=\"prev\"",
			at, cutOff[len(cutOff)-1].(notice).number, at, cutOff[0].(notice).number))
	}
	return out
}

func (s *Server) filtered(r *http.Request, is func(*Status) bool) []any {
	var list []entry
	for _, st := range s.statuses {
		if !st.Deleted && is(st) {
			id, _ := strconv.Atoi(st.ID)
			list = append(list, entry{id, s.statusJSON(st)})
		}
	}
	return page(r.URL.Query(), list, 40)
}

func (s *Server) getOwn(_ *account, _ http.ResponseWriter, r *http.Request) any {
	return s.filtered(r, func(st *Status) bool { return st.Author == r.PathValue("id") && st.Reblog == "" })
}

func (s *Server) getTag(_ *account, _ http.ResponseWriter, r *http.Request) any {
	return s.filtered(r, func(st *Status) bool {
		return st.Visibility == "public" && strings.Contains(st.Text, "#"+r.PathValue("tag"))
	})
}

func (s *Server) getSearch(_ *account, _ http.ResponseWriter, r *http.Request) any {
	q := r.URL.Query().Get("q")
	found := s.filtered(r, func(st *Status) bool { return st.Visibility == "public" && strings.Contains(st.Text, q) })
	return map[string]any{"accounts": []any{}, "hashtags": []any{}, "statuses": found}
}

func (s *Server) visible(a *account, w http.ResponseWriter, id string) *Status {
	st := s.get(id)
	if st == nil || !s.sees(a, st) {
		fail(w, http.StatusNotFound, "Record not found")
		return nil
	}
	return st
}

func (s *Server) getStatus(a *account, w http.ResponseWriter, r *http.Request) any {
	if st := s.visible(a, w, r.PathValue("id")); st != nil {
		return s.statusJSON(st)
	}
	return nil
}

func (s *Server) getContext(a *account, w http.ResponseWriter, r *http.Request) any {
	if s.visible(a, w, r.PathValue("id")) == nil {
		return nil
	}
	below, descendants := map[string]bool{r.PathValue("id"): true}, []any{}
	for _, st := range s.statuses {
		if below[st.InReplyTo] && !st.Deleted && s.sees(a, st) {
			below[st.ID] = true
			descendants = append(descendants, s.statusJSON(st))
		}
	}
	return map[string]any{"ancestors": []any{}, "descendants": descendants}
}

// postStatus is https://docs.joinmastodon.org/methods/statuses/#create.
func (s *Server) postStatus(a *account, w http.ResponseWriter, r *http.Request) any {
	fault := OK
	if len(s.plan) > 0 {
		fault, s.plan = s.plan[0], s.plan[1:]
	}
	to := r.FormValue("in_reply_to_id")
	switch fault {
	case Down:
		fail(w, http.StatusServiceUnavailable, "Down")
		return nil
	case RateLimit:
		fail(w, http.StatusTooManyRequests, "Too many requests")
		return nil
	case BadAuth:
		fail(w, http.StatusUnauthorized, "The access token was revoked")
		return nil
	case Blocked:
		if parent := s.get(to); parent != nil {
			s.byID(parent.Author).blocks[a.id] = true
		}
	}
	parent := s.get(to)
	if to != "" && (fault == Gone || parent == nil || !s.sees(a, parent)) {
		fail(w, http.StatusNotFound, "The post you are trying to reply to does not appear to exist.")
		return nil
	}
	key := r.Header.Get("Idempotency-Key")
	if id := s.keys[key]; id != "" && !s.o.GoToSocial {
		return s.statusJSON(s.get(id))
	}
	if strings.TrimSpace(r.FormValue("status")) == "" {
		fail(w, http.StatusUnprocessableEntity, "Validation failed: Text can't be blank")
		return nil
	}
	st := s.write(a, Status{
		Text: r.FormValue("status"), Spoiler: r.FormValue("spoiler_text"), Visibility: r.FormValue("visibility"),
		InReplyTo: to, Language: r.FormValue("language"),
	})
	s.keys[key] = st.ID
	if fault == LostReply {
		panic(http.ErrAbortHandler)
	}
	return s.statusJSON(st)
}

func (s *Server) putStatus(a *account, w http.ResponseWriter, r *http.Request) any {
	st := s.visible(a, w, r.PathValue("id"))
	if st != nil {
		text := r.FormValue("status")
		s.mu.Unlock()
		s.Edit(st.ID, text)
		s.mu.Lock()
		return s.statusJSON(st)
	}
	return nil
}

func (s *Server) deleteStatus(a *account, w http.ResponseWriter, r *http.Request) any {
	st := s.visible(a, w, r.PathValue("id"))
	if st != nil {
		s.mu.Unlock()
		s.Delete(st.ID)
		s.mu.Lock()
		return s.statusJSON(st)
	}
	return nil
}
