package x

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// tweet is a post of the API v2
// (https://docs.x.com/x-api/fundamentals/data-dictionary). The guides name its
// fields after tweets; the newest reference has some of them named after posts:
// either is taken.
type tweet struct {
	ID            string    `json:"id"`
	Text          string    `json:"text"`
	AuthorID      string    `json:"author_id"`
	CreatedAt     string    `json:"created_at"`
	ReplyToID     string    `json:"in_reply_to_tweet_id"` // in events
	ReplyToUser   string    `json:"in_reply_to_user_id"`
	Lang          string    `json:"lang"`
	History       []string  `json:"edit_history_tweet_ids"`
	HistoryPosts  []string  `json:"edit_history_post_ids"`
	Referenced    []related `json:"referenced_tweets"`
	ReferencedToo []related `json:"referenced_posts"`
	Entities      entities  `json:"entities"`
	NoteTweet     *note     `json:"note_tweet"`
	NotePost      *note     `json:"note_post"`
	Attachments   struct {
		MediaKeys []string `json:"media_keys"`
	} `json:"attachments"`
}

// note is a long post, whole; the text is its beginning then.
type note struct {
	Text     string   `json:"text"`
	Entities entities `json:"entities"`
}

type related struct {
	Type string `json:"type"` // replied_to, quoted, retweeted
	ID   string `json:"id"`
}

type entities struct {
	URLs []struct {
		URL      string `json:"url"`
		Expanded string `json:"expanded_url"`
		MediaKey string `json:"media_key"`
		Display  string `json:"display_url"`
	} `json:"urls"`
	Mentions []struct {
		ID       string `json:"id"`
		Username string `json:"username"`
	} `json:"mentions"`
}

type user struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Username string `json:"username"`
}

// UnmarshalJSON reads a user who may be wrapped, as in some events.
func (u *user) UnmarshalJSON(b []byte) error {
	type bare user
	var either struct {
		bare
		Data *bare `json:"data"`
	}
	if err := json.Unmarshal(b, &either); err != nil {
		return err
	}
	*u = user(either.bare)
	if either.Data != nil {
		*u = user(*either.Data)
	}
	return nil
}

type medium struct {
	Key     string `json:"media_key"`
	Type    string `json:"type"`
	URL     string `json:"url"`
	Preview string `json:"preview_image_url"`
	Alt     string `json:"alt_text"`
}

// includes is what the expansions bring.
type includes struct {
	Users  []user
	Tweets []tweet
	Media  []medium
}

// page is an answer with several posts
// (https://docs.x.com/x-api/fundamentals/pagination). Posts are read one by one,
// so that one which is not as it should be does not take the others with it.
type page struct {
	Data     []json.RawMessage `json:"data"`
	Includes json.RawMessage   `json:"includes"`
	Meta     struct {
		Next string `json:"next_token"`
	} `json:"meta"`
}

// readIncludes takes what can be read.
func readIncludes(b []byte) (in includes) {
	var parts struct {
		Users, Tweets, Posts, Media []json.RawMessage
	}
	if len(b) == 0 || json.Unmarshal(b, &parts) != nil {
		return in
	}
	in.Users = readAll[user](parts.Users)
	in.Tweets = append(readAll[tweet](parts.Tweets), readAll[tweet](parts.Posts)...)
	in.Media = readAll[medium](parts.Media)
	return in
}

func readAll[T any](all []json.RawMessage) (out []T) {
	for _, b := range all {
		var v T
		if json.Unmarshal(b, &v) == nil {
			out = append(out, v)
		}
	}
	return out
}

// readTweet makes a post of the API's JSON; it is false for what is none.
func (n *Network) readTweet(us account, b []byte, in *includes) (domain.Post, string, bool) {
	var t tweet
	if json.Unmarshal(b, &t) != nil {
		return domain.Post{}, "", false
	}
	s := t.said(in)
	p, ok := n.post(us, &s)
	return p, t.ID, ok
}

func (t *tweet) said(in *includes) said {
	s := said{id: t.ID, history: append(t.History, t.HistoryPosts...), text: t.Text, lang: t.Lang, at: parseTime(t.CreatedAt), replyTo: t.ReplyToID, replyAs: t.ReplyToUser}
	s.author = domain.Author{ID: t.AuthorID}
	for _, u := range in.Users {
		if u.ID == t.AuthorID {
			s.author.Handle, s.author.Name = u.Username, u.Name
		}
	}
	for _, r := range append(t.Referenced, t.ReferencedToo...) {
		switch r.Type {
		case "replied_to":
			s.replyTo = r.ID
		case "retweeted", "reposted":
			s.reshare = true
		}
	}
	s.replyTo = in.firstOf(s.replyTo)
	if s.replyTo != "" && s.replyAs == "" {
		s.replyAs = in.authorOf(s.replyTo)
	}
	all := t.Entities
	for _, whole := range []*note{t.NoteTweet, t.NotePost} {
		if whole != nil && whole.Text != "" {
			s.text, all = whole.Text, whole.Entities
			// The pictures' links are in the short form only.
			all.URLs = append(all.URLs, t.Entities.URLs...)
			all.Mentions = append(all.Mentions, t.Entities.Mentions...)
		}
	}
	for _, m := range all.Mentions {
		s.mentions, s.called = append(s.mentions, m.ID, strings.ToLower(m.Username)), append(s.called, m.ID)
	}
	for _, u := range all.URLs {
		picture := u.MediaKey != "" || strings.HasPrefix(u.Display, "pic.x.com/") || strings.HasPrefix(u.Display, "pic.twitter.com/")
		s.links = append(s.links, link{u.URL, u.Expanded, picture})
	}
	s.media = in.mediaOf(t.Attachments.MediaKeys)
	return s
}

// firstOf is the first version's id of a post that is included, else the id.
func (in *includes) firstOf(id string) string {
	for i := range in.Tweets {
		if t := &in.Tweets[i]; t.ID == id && validID(id) {
			first, _ := versions(id, append(t.History, t.HistoryPosts...))
			return first
		}
	}
	return id
}

func (in *includes) authorOf(id string) string {
	for i := range in.Tweets {
		if in.Tweets[i].ID == id {
			return in.Tweets[i].AuthorID
		}
	}
	return ""
}

func (in *includes) mediaOf(keys []string) (out []domain.Media) {
	for _, key := range keys {
		for _, m := range in.Media {
			if m.Key != key {
				continue
			}
			url := m.URL
			if url == "" {
				url = m.Preview
			}
			if one, ok := mediaOf(url, m.Alt, m.Type); ok && len(out) < domain.MaxPostMedia {
				out = append(out, one)
			}
			break
		}
	}
	return out
}

// parseTime reads a time of the API; zero for what is none.
func parseTime(s string) time.Time {
	at, err := time.Parse(time.RFC3339, s)
	if err != nil || at.Year() < 2006 || at.Year() > 9999 {
		return time.Time{}
	}
	return at.UTC()
}
