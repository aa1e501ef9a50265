package meta_test

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/social/meta"
	"github.com/contact-advocate/advocate/internal/social/meta/metatest"
)

const iso = "2006-01-02T15:04:05-0700"

func (g *graph) read(w http.ResponseWriter, path, fields string, q url.Values) {
	id, edge, _ := strings.Cut(path, "/")
	if g.hidden && edge == "" {
		metatest.Refuse(w, 100, 33)
		return
	}
	switch {
	case edge == "feed":
		metatest.Answer(w, 200, list([]any{map[string]any{"id": pagePost, "from": map[string]any{"id": pageID}, "message": "our post",
			"created_time": g.now.Now().Add(-48 * time.Hour).Format(iso), "updated_time": g.now.Now().Format(iso)}}))
	case edge == "tagged":
		metatest.Refuse(w, 200, 0)
	case edge == "media":
		metatest.Answer(w, 200, list([]any{map[string]any{"id": instaMedia, "timestamp": g.now.Now().Format(iso)}}))
	case edge == "comments" || edge == "replies":
		g.listComments(w, id, edge, q)
	case edge == "conversations":
		g.conversations(w, q.Get("user_id"))
	case edge == "messages":
		g.listMessages(w, strings.TrimPrefix(id, "t_"))
	case strings.HasPrefix(fields, "mentioned_"):
		g.mentioned(w, fields)
	case g.Read(w, path):
	default:
		i := g.find(id)
		switch {
		case i == nil || i.gone || !slices.Contains(g.Scopes, "pages_read_engagement"):
			metatest.Refuse(w, 100, 33)
		case i.user != "":
			metatest.Answer(w, 200, g.message(i))
		default:
			metatest.Answer(w, 200, g.comment(i))
		}
	}
}

func list(data []any) map[string]any { return map[string]any{"data": data} }

// paged gives a page of a list and a cursor (…/graph-api/results). Its "next"
// leads astray on purpose: it must not be followed.
func paged(w http.ResponseWriter, all []any, q url.Values) {
	start, _ := strconv.Atoi(q.Get("after"))
	size := 10 // smaller than asked for, as the network may
	end := min(start+size, len(all))
	out := list(all[min(start, end):end])
	if end < len(all) {
		out["paging"] = map[string]any{"cursors": map[string]any{"after": strconv.Itoa(end)}, "next": "http://127.0.0.1:1/astray"}
	}
	metatest.Answer(w, 200, out)
}

func (g *graph) comment(i *item) map[string]any {
	if g.kind == meta.Instagram {
		out := g.instagram(i)
		if g.untimed {
			delete(out, "timestamp")
		}
		return out
	}
	out := map[string]any{"id": i.id, "from": map[string]any{"id": i.author, "name": "Name " + i.author}, "message": i.text,
		"created_time": i.at.Format(iso), "can_reply_privately": !i.replied}
	if g.untimed {
		delete(out, "created_time")
	}
	if i.parent != "" {
		out["parent"] = map[string]any{"id": i.parent}
	}
	return out
}

// instagram: our own comments come under another id than the account's.
func (g *graph) instagram(i *item) map[string]any {
	name, from := "name_"+i.author, i.author
	if i.author == instaID {
		name, from = "theshop", "99887766"
	}
	if now, ok := g.named[i.author]; ok {
		name = now
	}
	out := map[string]any{"id": i.id, "text": i.text, "timestamp": i.at.Format(iso), "username": name,
		"from": map[string]any{"id": from, "username": name}, "media": map[string]any{"id": instaMedia}}
	if i.parent != "" {
		out["parent_id"] = i.parent
	}
	return out
}

func (g *graph) listComments(w http.ResponseWriter, id, edge string, q url.Values) {
	var all []any
	post := id == pagePost || id == instaMedia
	for _, i := range slices.Backward(g.comments) {
		switch {
		case i.gone:
		case g.kind == meta.Facebook && (post && q.Get("filter") == "stream" || i.parent == id):
			all = append(all, g.comment(i))
		case g.kind == meta.Instagram && edge == "replies" && i.parent == id:
			all = append(all, g.instagram(i))
		case g.kind == meta.Instagram && edge == "comments" && i.parent == "":
			out := g.instagram(i)
			var replies []any
			for _, r := range g.comments {
				if r.parent == i.id && !r.gone {
					replies = append(replies, g.instagram(r))
				}
			}
			if replies != nil {
				out["replies"] = list(replies)
			}
			all = append(all, out)
		}
	}
	paged(w, all, q)
}

func (g *graph) conversations(w http.ResponseWriter, user string) {
	last := map[string]time.Time{}
	for _, m := range g.messages {
		last[m.user] = m.at
	}
	var all []any
	for _, u := range []string{anaID, benID} {
		if at, ok := last[u]; ok && (user == "" || user == u) {
			all = append(all, map[string]any{"id": "t_" + u, "updated_time": at.Format(iso)})
		}
	}
	slices.SortFunc(all, func(a, b any) int {
		return strings.Compare(b.(map[string]any)["updated_time"].(string), a.(map[string]any)["updated_time"].(string))
	})
	metatest.Answer(w, 200, list(all))
}

func (g *graph) message(i *item) map[string]any {
	to := g.self()
	if i.author == to {
		to = i.user
	}
	return map[string]any{"id": i.id, "created_time": i.at.Format(iso), "message": i.text, "from": map[string]any{"id": i.author},
		"to": list([]any{map[string]any{"id": to}})}
}

// listMessages tells the latest 20 (…/messenger-platform/conversations,
// "Limitations").
func (g *graph) listMessages(w http.ResponseWriter, user string) {
	var all []any
	if g.lag > 0 {
		g.lag--
		metatest.Answer(w, 200, list(nil))
		return
	}
	for _, m := range slices.Backward(g.messages) {
		if m.user == user && !m.gone && len(all) < 20 {
			all = append(all, g.message(m))
		}
	}
	metatest.Answer(w, 200, list(all))
}

// mentioned: …/reference/ig-user/mentioned_comment and mentioned_media: no id
// of the author.
func (g *graph) mentioned(w http.ResponseWriter, fields string) {
	m := g.mention
	if m == nil {
		metatest.Refuse(w, 100, 33)
		return
	}
	var replies []any
	for _, c := range g.comments {
		if c.parent == m.id {
			replies = append(replies, map[string]any{"id": c.id, "text": c.text, "username": "theshop", "timestamp": c.at.Format(iso)})
		}
	}
	out := map[string]any{"id": m.id, "timestamp": m.at.Format(iso), "username": "Dora"}
	if strings.HasPrefix(fields, "mentioned_comment.comment_id("+m.id+")") {
		out["text"], out["replies"] = m.text, list(replies)
		metatest.Answer(w, 200, map[string]any{"mentioned_comment": out, "id": instaID})
		return
	}
	out["caption"], out["comments"] = m.text, list(replies)
	metatest.Answer(w, 200, map[string]any{"mentioned_media": out, "id": instaID})
}
