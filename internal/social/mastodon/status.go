package mastodon

import (
	"cmp"
	"encoding/json"
	"strings"
	"time"
	"unicode"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
)

// status is https://docs.joinmastodon.org/entities/Status/, as far as it is
// read.
type status struct {
	ID          text         `json:"id"`
	URL         text         `json:"url"`
	CreatedAt   text         `json:"created_at"`
	EditedAt    text         `json:"edited_at"`
	InReplyTo   text         `json:"in_reply_to_id"`
	ReplyAuthor text         `json:"in_reply_to_account_id"`
	Visibility  text         `json:"visibility"`
	Language    text         `json:"language"`
	Spoiler     text         `json:"spoiler_text"`
	Content     text         `json:"content"`
	Account     account      `json:"account"`
	Mentions    []mention    `json:"mentions"`
	Media       []attachment `json:"media_attachments"`
	Poll        *poll        `json:"poll"`
	Reblog      *status      `json:"reblog"`
}

// account is https://docs.joinmastodon.org/entities/Account/.
type account struct {
	ID       text `json:"id"`
	Username text `json:"username"`
	Acct     text `json:"acct"`
	Name     text `json:"display_name"`
	URL      text `json:"url"`
	Bot      bool `json:"bot"`
}

type mention struct {
	ID   text `json:"id"`
	Acct text `json:"acct"`
	URL  text `json:"url"`
}

// attachment is https://docs.joinmastodon.org/entities/MediaAttachment/.
type attachment struct {
	Type        text `json:"type"`
	URL         text `json:"url"`
	RemoteURL   text `json:"remote_url"`
	Description text `json:"description"`
}

type poll struct {
	Options []struct {
		Title text `json:"title"`
	} `json:"options"`
}

// notification is https://docs.joinmastodon.org/entities/Notification/.
type notification struct {
	ID     text            `json:"id"`
	Type   text            `json:"type"`
	Status json.RawMessage `json:"status"`
}

// text is a string, or what some servers put in its place: a number, null, or
// nonsense, which counts as nothing, so that one wrong field does not cost the
// rest.
type text string

func (t *text) UnmarshalJSON(b []byte) error {
	var s string
	switch {
	case len(b) > 0 && b[0] == '"':
		if err := json.Unmarshal(b, &s); err != nil {
			return err
		}
	case len(b) > 0 && (b[0] == '-' || b[0] >= '0' && b[0] <= '9'):
		s = string(b)
	}
	*t = text(strings.ReplaceAll(s, "\x00", ""))
	return nil
}

// us is who we are.
type us struct {
	id       string
	username string
	url      string
	domain   string // as it stands in addresses: @shop@DOMAIN
}

// maxWritten is the most of a post's text that is kept; a customer who writes
// more is answered all the same.
const maxWritten = domain.MaxPostText

// post makes a post of a status. It is false for what has no id or author.
func (n *Network) post(me us, s *status) (domain.Post, bool) {
	p := domain.Post{
		Network: n.name, Account: n.c.Account, ID: clean(s.ID), Revision: revision(s.EditedAt),
		Author:    domain.Author{ID: clean(s.Account.ID), Handle: handle(string(s.Account.Acct), me.domain), Name: short(s.Account.Name)},
		At:        parseTime(s.CreatedAt),
		InReplyTo: clean(s.InReplyTo), URL: link(s.URL), Lang: language(s.Language),
		Own: string(s.Account.ID) == me.id,
	}
	if !validID(p.ID) || !validID(p.Author.ID) {
		return p, false
	}
	if !validID(p.InReplyTo) || p.InReplyTo == p.ID {
		p.InReplyTo = ""
	}
	p.Visibility = domain.Private // also what we have never heard of
	if v := s.Visibility; v == visibilityPublic || v == visibilityUnlisted || v == "local" {
		p.Visibility = domain.Public
	}
	if s.Reblog != nil {
		p.Reshare = true
		return p, true
	}
	p.Text = social.Shorten(written(me, s), maxWritten)
	for _, m := range s.Media[:min(len(s.Media), domain.MaxPostMedia)] {
		// The copy on our own server moves; the address of the original stays.
		if u := cmp.Or(link(m.RemoteURL), link(m.URL)); u != "" {
			p.Media = append(p.Media, domain.Media{URL: u, Alt: social.Shorten(domain.CleanText(string(m.Description)), 2000), Type: short(m.Type)})
		}
	}
	p.Unaddressed = !p.Own && !addressed(me, s)
	return p, true
}

// addressed reports whether a status is written to us.
func addressed(me us, s *status) bool {
	if string(s.ReplyAuthor) == me.id {
		return true
	}
	for _, m := range s.Mentions {
		if string(m.ID) == me.id {
			return true
		}
	}
	return false
}

// written is all that the author wrote: the content warning first, then the
// text, then what can be voted for.
func written(me us, s *status) string {
	parts := []string{strings.TrimSpace(domain.CleanText(string(s.Spoiler))), plain(string(s.Content), me, s.Mentions)}
	if s.Poll != nil {
		var options []string
		for _, o := range s.Poll.Options[:min(len(s.Poll.Options), 20)] {
			options = append(options, "- "+strings.TrimSpace(domain.CleanText(string(o.Title))))
		}
		parts = append(parts, strings.Join(options, "\n"))
	}
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, "\n\n")
}

// validID keeps out what could be more than one segment of a path.
func validID(id string) bool {
	return len(id) <= 100 && id != "" && !strings.ContainsFunc(id, func(r rune) bool {
		return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' && r != '_'
	})
}

// handle is an account's full address, "" where it is none: it goes into the
// text of replies, where a hostile one could call others.
func handle(acct, domain string) string {
	user, host, remote := strings.Cut(strings.TrimSpace(acct), "@")
	if !remote {
		host = domain
	}
	for _, part := range []string{user, host} {
		if part == "" || len(part) > 200 || strings.ContainsFunc(part, func(r rune) bool {
			return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("_.-:", r)
		}) {
			return ""
		}
	}
	if strings.Contains(user, ":") {
		return ""
	}
	return user + "@" + host
}

// revision is the time of the last edit, in one form for all servers; such
// times sort as text.
func revision(edited text) string {
	if at := parseTime(edited); !at.IsZero() {
		return at.Format("2006-01-02T15:04:05.000000Z")
	}
	return ""
}

func parseTime(s text) time.Time {
	at, err := time.Parse(time.RFC3339, string(s))
	if err != nil || at.Year() < 1970 || at.Year() > 9999 {
		return time.Time{}
	}
	return at.UTC()
}

func clean(t text) string { return strings.TrimSpace(domain.CleanText(string(t))) }

// short is a field that has no need to be long.
func short(t text) string { return strings.TrimSpace(social.Shorten(clean(t), 200)) }

// link is a web address, "" for anything else.
func link(t text) string {
	s := clean(t)
	if len(s) > 2*domain.MaxPostField || !strings.HasPrefix(s, "https://") && !strings.HasPrefix(s, "http://") || strings.ContainsFunc(s, unicode.IsSpace) {
		return ""
	}
	return s
}

func language(t text) string {
	s := clean(t)
	if len(s) > 35 || strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return ""
	}
	return s
}
