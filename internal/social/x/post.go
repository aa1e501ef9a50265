package x

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
)

// Limits on what is taken of a post.
const (
	maxLinks = 60
	maxAlt   = 4 << 10
	maxLink  = 2 << 10
)

// said is a post as any of X's formats has it.
type said struct {
	id       string
	history  []string // the ids of its versions, oldest first
	author   domain.Author
	text     string
	at       time.Time
	replyTo  string // the post that it answers
	replyAs  string // the author of that
	reshare  bool
	mentions []string // ids, and names in small letters
	called   []string // the ids among them
	links    []link
	media    []domain.Media
	lang     string
	private  bool
}

// link is a t.co link and what it stands for.
type link struct {
	short, full string
	media       bool // it stands for a picture that is among the media
}

// post makes a post of what was said; it is false for what cannot be one.
func (n *Network) post(us account, s *said) (domain.Post, bool) {
	if !validID(s.id) || !validID(s.author.ID) {
		return domain.Post{}, false
	}
	id, revision := versions(s.id, s.history)
	p := domain.Post{
		Network: Name, Account: n.c.Account, ID: id, Revision: revision,
		Author: domain.Author{ID: s.author.ID, Handle: handle(s.author.Handle), Name: social.Clean(s.author.Name, domain.MaxPostField)},
		Text:   social.Clean(plain(s.text, s.links), domain.MaxPostText), At: s.at,
		Visibility: domain.Public, URL: "https://x.com/i/status/" + id, Lang: language(s.lang), Media: s.media,
		Reshare: s.reshare, Own: s.author.ID == us.ID,
	}
	if p.At.IsZero() {
		p.At = madeAt(s.id)
	}
	if validID(s.replyTo) && s.replyTo != id {
		p.InReplyTo = s.replyTo
	}
	if len(p.Media) > domain.MaxPostMedia {
		p.Media = p.Media[:domain.MaxPostMedia]
	}
	if s.private {
		p.ID, p.Visibility, p.URL, p.Lang = privateID(s.id), domain.Private, "", ""
		return p, true
	}
	p.Unaddressed = !p.Own && !addressed(us, s)
	n.called.Put(p.ID, slices.Clone(s.called[:min(len(s.called), maxThird)]))
	return p, true
}

// privateID is a direct message's id: X numbers messages and posts apart.
func privateID(id string) string { return "dm:" + id }

// versions gives a post's id, its first version's, and its revision: the newest
// version's id, "" if it was never edited
// (https://docs.x.com/x-api/fundamentals/edit-posts, "Edit rules").
func versions(id string, history []string) (first, revision string) {
	first, newest := id, id
	for _, v := range history[:min(len(history), 20)] { // the limit is 5 edits
		if !validID(v) {
			continue
		}
		if later(first, v) {
			first = v
		}
		if later(v, newest) {
			newest = v
		}
	}
	if newest == first {
		return first, ""
	}
	return first, newest
}

// addressed reports whether a post is written to us: it answers one of ours, or
// names us. X puts everybody of a thread before an answer, so that an answer to
// somebody else names us without meaning us.
func addressed(us account, s *said) bool {
	if s.replyAs == us.ID {
		return true
	}
	if s.replyTo != "" && s.replyAs != "" && s.replyAs != s.author.ID {
		return false
	}
	return slices.Contains(s.mentions, us.ID) || slices.Contains(s.mentions, strings.ToLower(us.Username))
}

// escapes are the only ones that X puts in a text.
var escapes = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")

// plain is the text as its author wrote it, with whole links.
func plain(text string, links []link) string {
	text = escapes.Replace(domain.CleanText(text))
	links = slices.Clone(links[:min(len(links), maxLinks)])
	// The longer first, since one may begin like another.
	slices.SortStableFunc(links, func(a, b link) int { return cmp.Compare(len(b.short), len(a.short)) })
	for _, l := range links {
		// Anything else in its place would let a post rewrite itself.
		if !strings.HasPrefix(l.short, "https://t.co/") || len(l.short) > 64 || len(l.short) < 16 {
			continue
		}
		switch {
		case l.media:
			text = strings.Replace(text, l.short, "", 1)
		case webLink(l.full):
			text = strings.Replace(text, l.short, l.full, 1)
		}
	}
	return strings.TrimSpace(text)
}

func webLink(s string) bool { return len(s) <= maxLink && domain.WebLink(s) }

func handle(s string) string {
	if !validHandle(s) {
		return ""
	}
	return s
}

// language leaves out what X has for no language, and its two old codes
// (https://docs.x.com/x-api/posts/search/integrate/operators, "lang:").
func language(s string) string {
	switch {
	case s == "in":
		return "id"
	case s == "iw":
		return "he"
	case len(s) < 2 || len(s) > 8 || s == "und" || s == "zxx" || s == "art" || len(s) == 3 && s[0] == 'q',
		strings.ContainsFunc(s, func(r rune) bool { return r != '-' && (r > unicode.MaxASCII || !unicode.IsLetter(r)) }):
		return ""
	}
	return s
}

// mediaOf makes one of the media, and is false for a link that leads nowhere.
func mediaOf(url, alt, kind string) (domain.Media, bool) {
	if !webLink(url) {
		return domain.Media{}, false
	}
	types := map[string]string{"photo": "image/jpeg", "video": "video/mp4", "animated_gif": "video/mp4"}
	return domain.Media{URL: url, Alt: social.Clean(alt, maxAlt), Type: types[kind]}, true
}
