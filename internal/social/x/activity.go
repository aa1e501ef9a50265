package x

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// status11 is a post of the Account Activity API, which has the form of X's
// first API (https://docs.x.com/x-api/account-activity/introduction, "Payload
// examples" and "Support for longform posts").
type status11 struct {
	ID        string     `json:"id_str"`
	CreatedAt string     `json:"created_at"` // Mon May 19 14:01:46 +0000 2025
	Text      string     `json:"text"`
	FullText  string     `json:"full_text"`
	Lang      string     `json:"lang"`
	ReplyTo   string     `json:"in_reply_to_status_id_str"`
	ReplyAs   string     `json:"in_reply_to_user_id_str"`
	User      user11     `json:"user"`
	Entities  entities11 `json:"entities"`
	Extended  entities11 `json:"extended_entities"`
	Whole     *struct {
		FullText string     `json:"full_text"`
		Entities entities11 `json:"entities"`
		Extended entities11 `json:"extended_entities"`
	} `json:"extended_tweet"`
	Retweeted json.RawMessage `json:"retweeted_status"`
	// https://docs.x.com/x-api/enterprise-gnip-2.0/fundamentals/edit-tweets
	History struct {
		Initial string   `json:"initial_tweet_id"`
		Edits   []string `json:"edit_tweet_ids"`
	} `json:"edit_history"`
}

type user11 struct {
	ID         string `json:"id_str"`
	Name       string `json:"name"`
	ScreenName string `json:"screen_name"`
}

// UnmarshalJSON reads a user, whose id is "id_str", or only "id" as a text.
func (u *user11) UnmarshalJSON(b []byte) error {
	var w struct {
		IDStr      string          `json:"id_str"`
		ID         json.RawMessage `json:"id"`
		Name       string          `json:"name"`
		ScreenName string          `json:"screen_name"`
		Username   string          `json:"username"`
		Data       *user           `json:"data"`
	}
	if err := json.Unmarshal(b, &w); err != nil {
		return err
	}
	*u = user11{ID: w.IDStr, Name: w.Name, ScreenName: w.ScreenName}
	if u.ID == "" {
		// Never as a number: those have lost their last digits elsewhere.
		u.ID = strings.Trim(string(w.ID), `"`)
	}
	if u.ScreenName == "" {
		u.ScreenName = w.Username
	}
	if w.Data != nil {
		*u = user11{ID: w.Data.ID, Name: w.Data.Name, ScreenName: w.Data.Username}
	}
	return nil
}

type entities11 struct {
	URLs []struct {
		URL      string `json:"url"`
		Expanded string `json:"expanded_url"`
	} `json:"urls"`
	Mentions []struct {
		ID         string `json:"id_str"`
		ScreenName string `json:"screen_name"`
	} `json:"user_mentions"`
	Media []struct {
		URL  string `json:"url"`
		HTTP string `json:"media_url_https"`
		Type string `json:"type"`
		Alt  string `json:"ext_alt_text"`
	} `json:"media"`
}

func (t *status11) said() said {
	s := said{
		id: t.ID, history: append(t.History.Edits, t.History.Initial), text: t.Text, lang: t.Lang, replyTo: t.ReplyTo, replyAs: t.ReplyAs,
		author:  domain.Author{ID: t.User.ID, Handle: t.User.ScreenName, Name: t.User.Name},
		reshare: len(t.Retweeted) > 0 && string(t.Retweeted) != "null",
	}
	if at, err := time.Parse(time.RubyDate, t.CreatedAt); err == nil {
		s.at = at.UTC()
	}
	if t.FullText != "" {
		s.text = t.FullText
	}
	all, pictures := t.Entities, t.Extended
	if t.Whole != nil && t.Whole.FullText != "" {
		s.text, all, pictures = t.Whole.FullText, t.Whole.Entities, t.Whole.Extended
	}
	if len(pictures.Media) == 0 {
		pictures.Media = all.Media
	}
	for _, m := range all.Mentions {
		s.mentions, s.called = append(s.mentions, m.ID, strings.ToLower(m.ScreenName)), append(s.called, m.ID)
	}
	for _, u := range all.URLs {
		s.links = append(s.links, link{short: u.URL, full: u.Expanded})
	}
	for _, m := range pictures.Media {
		s.links = append(s.links, link{short: m.URL, media: true})
		if one, ok := mediaOf(m.HTTP, m.Alt, m.Type); ok && len(s.media) < domain.MaxPostMedia {
			s.media = append(s.media, one)
		}
	}
	return s
}

// messages11 are direct messages, of either API of events.
type messages11 struct {
	Events []json.RawMessage `json:"direct_message_events"`
	Users  map[string]user11 `json:"users"`
}

func (m *messages11) into(h *happened) {
	for _, b := range m.Events {
		var e struct {
			Type   string `json:"type"`
			ID     string `json:"id"`
			At     string `json:"created_timestamp"`
			Create struct {
				Target struct {
					ID string `json:"recipient_id"`
				} `json:"target"`
				Sender string `json:"sender_id"`
				Data   struct {
					Text       string     `json:"text"`
					Entities   entities11 `json:"entities"`
					Attachment struct {
						Media *struct {
							URL  string `json:"url"`
							HTTP string `json:"media_url_https"`
							Type string `json:"type"`
							Alt  string `json:"ext_alt_text"`
						} `json:"media"`
					} `json:"attachment"`
				} `json:"message_data"`
			} `json:"message_create"`
		}
		if json.Unmarshal(b, &e) != nil || e.Type != "message_create" {
			continue
		}
		from := m.Users[e.Create.Sender]
		s := said{id: e.ID, text: e.Create.Data.Text, at: millis(e.At), private: true,
			author: domain.Author{ID: e.Create.Sender, Handle: from.ScreenName, Name: from.Name}}
		for _, u := range e.Create.Data.Entities.URLs {
			s.links = append(s.links, link{short: u.URL, full: u.Expanded})
		}
		if a := e.Create.Data.Attachment.Media; a != nil {
			s.links = append(s.links, link{short: a.URL, media: true})
			if one, ok := mediaOf(a.HTTP, a.Alt, a.Type); ok {
				s.media = append(s.media, one)
			}
		}
		h.see(s.at)
		h.said = append(h.said, s)
		// Who it is to, where we wrote it; the other one knows whom it is from.
		h.with[e.ID] = e.Create.Target.ID
	}
}

// millis reads a time in milliseconds, as a text; zero for what is none.
func millis(s string) time.Time {
	ms, err := strconv.ParseInt(s, 10, 64)
	if err != nil || ms < epoch || ms > 1<<43 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

type pair11 struct {
	Type   string `json:"type"`
	At     string `json:"created_timestamp"`
	Source user11 `json:"source"`
	Target user11 `json:"target"`
}

func (p *pair11) into(h *happened) {
	b := block{source: p.Source.ID, target: p.Target.ID, on: p.Type == "block", at: millis(p.At)}
	if b.at.IsZero() || p.Type != "block" && p.Type != "unblock" {
		return
	}
	h.see(b.at)
	h.blocks = append(h.blocks, b)
}

// parseEvents reads a webhook's request, of the Account Activity API or of the
// X Activity API. Errors are *domain.Error.
func parseEvents(body []byte) (*happened, error) {
	var r struct {
		For     string            `json:"for_user_id"`
		Created []json.RawMessage `json:"tweet_create_events"`
		Deleted []struct {
			Status struct {
				ID   string `json:"id"`
				User string `json:"user_id"`
			} `json:"status"`
			At string `json:"timestamp_ms"`
		} `json:"tweet_delete_events"`
		Blocks   []pair11 `json:"block_events"`
		Unblocks []pair11 `json:"unblock_events"`
		User     struct {
			Revoke struct {
				At     string `json:"date_time"`
				Source struct {
					ID string `json:"user_id"`
				} `json:"source"`
			} `json:"revoke"`
		} `json:"user_event"`
		messages11
		Data *activity `json:"data"`
	}
	// Whatever else can be read as JSON, null for one, tells of nothing.
	if json.Unmarshal(body, &r) != nil || r.For == "" && r.User.Revoke.Source.ID == "" && (r.Data == nil || r.Data.Type == "") {
		return nil, domain.Errorf(domain.CodeInvalid, "the body is not what X sends") // the cause would quote it
	}
	h := &happened{forUser: r.For, with: map[string]string{}}
	for _, b := range r.Created {
		var t status11
		if json.Unmarshal(b, &t) != nil {
			continue
		}
		s := t.said()
		h.see(s.at)
		h.said = append(h.said, s)
	}
	for _, d := range r.Deleted {
		h.see(millis(d.At))
		h.deleted = append(h.deleted, gone{d.Status.ID, d.Status.User})
	}
	for _, p := range append(r.Blocks, r.Unblocks...) {
		p.into(h)
	}
	if id := r.User.Revoke.Source.ID; id != "" {
		h.see(parseTime(r.User.Revoke.At))
		h.revoked = append(h.revoked, id)
	}
	r.messages11.into(h)
	if r.Data != nil {
		r.Data.into(h)
	}
	return h, nil
}

// activity is an event of the X Activity API
// (https://docs.x.com/x-api/activity/event-payloads).
type activity struct {
	Type   string `json:"event_type"`
	Filter struct {
		User string `json:"user_id"`
	} `json:"filter"`
	Payload  json.RawMessage `json:"payload"`
	Includes json.RawMessage `json:"includes"`
}

func (a *activity) into(h *happened) {
	h.forUser = a.Filter.User
	switch a.Type {
	case "post.create", "post.mention.create", "post.reply.create", "post.quote.create", "post.repost.create":
		var t tweet
		if json.Unmarshal(a.Payload, &t) != nil {
			return
		}
		in := readIncludes(a.Includes)
		s := t.said(&in)
		h.see(s.at)
		h.said = append(h.said, s)
	case "post.delete":
		var d struct {
			ID     string `json:"id"`
			Author string `json:"author_id"`
		}
		if json.Unmarshal(a.Payload, &d) == nil {
			h.deleted = append(h.deleted, gone{d.ID, d.Author})
		}
	case "dm.received", "dm.sent":
		var m messages11
		if json.Unmarshal(a.Payload, &m) == nil {
			m.into(h)
		}
	case "block.block", "block.unblock":
		// Of our own blocking only ("Block events"): it says nothing of them.
	case "oauth.revoke":
		var r struct {
			At   string `json:"date_time"`
			User string `json:"user_id"`
		}
		if json.Unmarshal(a.Payload, &r) == nil {
			h.see(parseTime(r.At))
			h.revoked = append(h.revoked, r.User)
		}
	}
}
