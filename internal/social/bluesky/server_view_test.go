package bluesky

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/contact-advocate/advocate/internal/social/bluesky/blueskytest"
	"github.com/contact-advocate/advocate/internal/social/socialtest"
)

// view is the AppView: lexicons/app/bsky.
func (s *server) view(w http.ResponseWriter, r *http.Request, name string) {
	q := r.URL.Query()
	if s.page > 0 {
		q.Set("limit", strconv.Itoa(s.page))
	}
	switch name {
	case "app.bsky.feed.getPosts":
		e := s.records[q.Get("uris")]
		if len(s.plan) > 0 && s.plan[0] == socialtest.Gone || s.lags {
			e = nil
		}
		posts := []map[string]any{}
		if e != nil && !s.blocked[e.did] && !s.isBlocking() {
			posts = append(posts, map[string]any{
				"uri": q.Get("uris"), "cid": e.cid, "record": e.value, "author": map[string]any{"did": e.did, "handle": handleOf(e.did)},
				"indexedAt": s.now(), "viewer": map[string]any{"replyDisabled": s.closed[q.Get("uris")]},
			})
		}
		blueskytest.Give(w, map[string]any{"posts": posts})
	case "app.bsky.actor.getProfile":
		did := q.Get("actor")
		by := s.blocked[did]
		if s.isBlocking() {
			s.plan, by = s.plan[1:], true
		}
		blueskytest.Give(w, map[string]any{"did": did, "handle": handleOf(did), "viewer": map[string]any{"blockedBy": by}})
	case "app.bsky.actor.getProfiles":
		all := []map[string]any{}
		for _, did := range q["actors"] {
			all = append(all, map[string]any{"did": did, "handle": handleOf(did), "displayName": "Somebody"})
		}
		blueskytest.Give(w, map[string]any{"profiles": all})
	case "app.bsky.notification.listNotifications":
		items, cursor := newestFirst(s.notes, q)
		blueskytest.Give(w, map[string]any{"notifications": items, "cursor": cursor})
	case "app.bsky.feed.searchPosts":
		if s.failing[q.Get("q")] > 0 {
			blueskytest.Fail(w, 500, "InternalServerError", "Internal Server Error")
			return
		}
		items, cursor := newestFirst(s.found, q)
		blueskytest.Give(w, map[string]any{"posts": items, "cursor": cursor})
	default:
		blueskytest.Fail(w, 501, "MethodNotImplemented", "no such method")
	}
}

func (s *server) isBlocking() bool { return len(s.plan) > 0 && s.plan[0] == socialtest.Blocked }

func newestFirst[T any](all []T, q url.Values) ([]T, string) {
	limit, _ := strconv.Atoi(q.Get("limit"))
	end := len(all)
	if c := q.Get("cursor"); c != "" {
		end, _ = strconv.Atoi(c)
	}
	begin := max(0, end-limit)
	out := slices.Clone(all[begin:end])
	slices.Reverse(out)
	if begin == 0 {
		return out, ""
	}
	return out, strconv.Itoa(begin)
}
