package mastodontest

import (
	"html"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// iso is how Mastodon writes times.
const iso = "2006-01-02T15:04:05.000Z"

// raw is JSON as it stands.
type raw string

func (r raw) MarshalJSON() ([]byte, error) { return []byte(r), nil }

// statusJSON is https://docs.joinmastodon.org/entities/Status/.
func (s *Server) statusJSON(st *Status) any {
	if r, ok := s.raw[st.ID]; ok {
		return raw(r)
	}
	mentions := []any{}
	for _, id := range st.Mentions {
		a := s.byID(id)
		mentions = append(mentions, map[string]any{"id": a.id, "username": a.name, "acct": a.name, "url": s.URL + "/@" + a.name})
	}
	out := map[string]any{
		"id": st.ID, "created_at": st.Created.UTC().Format(iso), "edited_at": orNull(st.Edited), "in_reply_to_id": orNil(st.InReplyTo),
		"in_reply_to_account_id": nil, "visibility": st.Visibility, "language": orNil(st.Language), "spoiler_text": st.Spoiler,
		"url": s.URL + "/@" + s.byID(st.Author).name + "/" + st.ID, "content": s.content(st), "account": s.accountJSON(s.byID(st.Author)),
		"mentions": mentions, "media_attachments": []any{}, "reblog": nil, "poll": nil, "emojis": []any{}, "tags": []any{},
	}
	if to := s.get(st.InReplyTo); to != nil {
		out["in_reply_to_account_id"] = to.Author
	}
	if of := s.get(st.Reblog); of != nil {
		out["reblog"] = s.statusJSON(of)
	}
	return out
}

func (s *Server) accountJSON(a *account) any {
	return map[string]any{
		"id": a.id, "username": a.name, "acct": a.name, "display_name": strings.ToUpper(a.name[:1]) + a.name[1:],
		"url": s.URL + "/@" + a.name, "bot": a.name == "shop", "note": "<p>hello</p>",
	}
}

// noticeJSON is https://docs.joinmastodon.org/entities/Notification/.
func (s *Server) noticeJSON(n notice) any {
	for _, st := range s.statuses {
		if st.ID == n.status {
			return map[string]any{
				"id": strconv.Itoa(n.number), "type": "mention", "created_at": st.Created.UTC().Format(iso),
				"account": s.accountJSON(s.byID(st.Author)), "status": s.statusJSON(st),
			}
		}
	}
	return nil
}

var (
	address = regexp.MustCompile(`@([a-z]+)(@[a-z0-9.:-]+)?`)
	webLink = regexp.MustCompile(`https?://[^\s<]+`)
)

// content is a post's text in HTML, as Mastodon makes it: links are shown
// shortened, mentions without the host.
func (s *Server) content(st *Status) string {
	if st.Reblog != "" {
		return ""
	}
	text := html.EscapeString(st.Text)
	text = webLink.ReplaceAllStringFunc(text, func(link string) string {
		u, err := url.Parse(html.UnescapeString(link))
		if err != nil || len(u.Path) < 10 {
			return `<a href="` + link + `" rel="nofollow"><span class="invisible">` + u.Scheme + `://</span><span class="">` + strings.TrimPrefix(link, u.Scheme+"://") + `</span></a>`
		}
		return `<a href="` + link + `" rel="nofollow"><span class="invisible">` + u.Scheme + `://</span><span class="ellipsis">` + u.Host + u.Path[:5] +
			`</span><span class="invisible">` + u.Path[5:] + `</span></a>`
	})
	text = address.ReplaceAllStringFunc(text, func(m string) string {
		name := address.FindStringSubmatch(m)[1]
		for _, a := range s.accounts {
			if a.name == name {
				return `<span class="h-card" translate="no"><a href="` + s.URL + "/@" + name + `" class="u-url mention">@<span>` + name + `</span></a></span>`
			}
		}
		return m
	})
	text = strings.ReplaceAll(text, "\n\n", "</p><p>")
	return "<p>" + strings.ReplaceAll(text, "\n", "<br />") + "</p>"
}

func orNil(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func orNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(iso)
}
