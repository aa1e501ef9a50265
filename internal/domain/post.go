package domain

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Visibility says who can read a post or a reply.
type Visibility string

const (
	Public  Visibility = "public"
	Private Visibility = "private"
)

// Limits on a post. Networks allow less; what is larger is refused.
const (
	MaxPostText   = 16 << 10 // bytes
	MaxPostField  = 512      // bytes in an id, handle, name or link
	MaxPostMedia  = 16
	SeenWindow    = 35 * 24 * time.Hour // how long keys of posts and events are kept
	MaxClockAhead = 5 * time.Minute     // a post from further in the future gets the time of its receipt
)

// Nobody is the author id of a deletion where the network does not say whose
// the post was.
const Nobody = "unknown"

// Author is who wrote a post, as the network says.
type Author struct {
	ID     string `json:"id"`
	Handle string `json:"handle,omitempty"`
	Name   string `json:"name,omitempty"`
}

// Media is something attached to a post. It is kept as a link, never fetched.
type Media struct {
	URL  string `json:"url"`
	Alt  string `json:"alt,omitempty"`
	Type string `json:"type,omitempty"`
}

// Post is a posting on a network. Network is the instance ("sandbox",
// "mastodon:example.social"), Account the company's own account there ("" is
// the only one). ID is unique within both. An edit is the same post with
// another Revision, for which see CompareRevisions; a deletion has Deleted set.
type Post struct {
	Network     string     `json:"network"`
	Account     string     `json:"account,omitempty"`
	ID          string     `json:"id"`
	Revision    string     `json:"revision,omitempty"`
	Author      Author     `json:"author"`
	Text        string     `json:"text"`
	At          time.Time  `json:"at"`
	Visibility  Visibility `json:"visibility"`
	InReplyTo   string     `json:"in_reply_to,omitempty"`
	URL         string     `json:"url,omitempty"`
	Lang        string     `json:"lang,omitempty"` // what the network or the author says; understanding may differ
	Media       []Media    `json:"media,omitempty"`
	Deleted     bool       `json:"deleted,omitempty"`
	Reshare     bool       `json:"reshare,omitempty"`     // a plain reshare, with no words of the author's own
	Own         bool       `json:"own,omitempty"`         // written by the company's own account
	Unaddressed bool       `json:"unaddressed,omitempty"` // found by a search, not written to us
}

// Normalize repairs what every store must agree on (invalid UTF-8, U+0000,
// white space around ids, local times), takes out of names and links what would
// show them as something else, and fills the defaults. Keys are left for
// Validate to refuse. now is the time of receipt: it stands in for a missing
// time and for one further ahead than MaxClockAhead.
func (p *Post) Normalize(now time.Time) {
	for _, s := range []*string{&p.Network, &p.Account, &p.ID, &p.Revision, &p.Author.ID, &p.InReplyTo} {
		*s = cleanKey(*s)
	}
	p.Lang, p.URL = strings.TrimSpace(CleanText(p.Lang)), strings.TrimSpace(CleanText(p.URL))
	p.Author.Handle, p.Author.Name = CleanName(p.Author.Handle), CleanName(p.Author.Name)
	p.Text = CleanText(p.Text)
	for i := range p.Media {
		p.Media[i].URL = strings.TrimSpace(CleanText(p.Media[i].URL))
		p.Media[i].Alt = CleanText(p.Media[i].Alt)
		p.Media[i].Type = CleanText(p.Media[i].Type)
	}
	// The console shows links for people to follow: one that is none is left out.
	if !WebLink(p.URL) && !OwnPath(p.URL) {
		p.URL = ""
	}
	p.Media = slices.DeleteFunc(p.Media, func(m Media) bool { return m.URL != "" && !WebLink(m.URL) })
	if p.Visibility == "" {
		p.Visibility = Public
	}
	if p.At.IsZero() || p.At.After(now.Add(MaxClockAhead)) {
		p.At = now
	}
	p.At = p.At.UTC().Truncate(time.Microsecond)
}

// Validate reports the first thing wrong with a normalised post.
func (p *Post) Validate() error {
	for _, f := range []struct {
		name, value   string
		required, key bool
	}{
		{"network", p.Network, true, true}, {"id", p.ID, true, true}, {"author.id", p.Author.ID, true, true},
		{"account", p.Account, false, true}, {"revision", p.Revision, false, true}, {"in_reply_to", p.InReplyTo, false, true},
		{"author.handle", p.Author.Handle, false, false}, {"author.name", p.Author.Name, false, false}, {"lang", p.Lang, false, false},
	} {
		if f.required && f.value == "" {
			return FieldErrorf(f.name, "is required and must not be empty")
		}
		if f.key {
			if err := CheckKey(f.name, f.value); err != nil {
				return err
			}
		}
		if len(f.value) > MaxPostField {
			return FieldErrorf(f.name, "is %d bytes long; at most %d are accepted", len(f.value), MaxPostField)
		}
	}
	if !visible(p.Author.ID) {
		return FieldErrorf("author.id", "has no visible letter")
	}
	if len(p.URL) > 4*MaxPostField {
		return FieldErrorf("url", "is %d bytes long; at most %d are accepted", len(p.URL), 4*MaxPostField)
	}
	if len(p.Text) > MaxPostText {
		return &Error{Code: CodeTooLarge, Field: "text", Message: "is longer than 16 KiB"}
	}
	if len(p.Media) > MaxPostMedia {
		return FieldErrorf("media", "has %d entries; at most %d are accepted", len(p.Media), MaxPostMedia)
	}
	if p.Visibility != Public && p.Visibility != Private {
		return FieldErrorf("visibility", "is %.40q; want \"public\" or \"private\"", p.Visibility)
	}
	if p.InReplyTo == p.ID {
		return FieldErrorf("in_reply_to", "names the post itself")
	}
	return nil
}

// visible reports whether a text has anything in it that a person could see: an
// identity must not rest on zero-width characters.
func visible(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) && !unicode.Is(unicode.Cf, r) })
}

// PostKey names one post on one network.
type PostKey struct {
	Network string `json:"network"`
	Account string `json:"account,omitempty"`
	ID      string `json:"id"`
}

// Key returns the post's name, without its revision.
func (p *Post) Key() PostKey { return PostKey{p.Network, p.Account, p.ID} }

// Identity returns the identity that wrote the post.
func (p *Post) Identity() IdentityKey { return IdentityKey{p.Network, p.Account, p.Author.ID} }

// DedupeKey is what makes a delivery of this post a repeat: network, account,
// id and revision; a deletion has one of its own. So has what a search found: a
// post that comes as a mention, too, is not a repeat of it.
func (p *Post) DedupeKey() Key {
	rev := p.Revision
	switch {
	case p.Deleted:
		rev = "\x00deleted"
	case p.Unaddressed:
		rev = "\x00unaddressed" + rev
	}
	return MakeKey("post", p.Network, p.Account, p.ID, rev)
}

// BodyHash is a digest of what the author can change. A second post with the
// same dedupe key and another body hash is a conflict.
func (p *Post) BodyHash() uint64 {
	b, _ := json.Marshal([]any{p.Author.ID, p.Text, p.Visibility, p.InReplyTo, p.Media, p.Deleted})
	sum := sha256.Sum256(b)
	return binary.BigEndian.Uint64(sum[:])
}

// Key is the first 128 bits of a SHA-256 over length-prefixed parts.
type Key [16]byte

// MakeKey digests parts so that no two different lists give the same bytes to
// the hash.
func MakeKey(parts ...string) Key {
	n := 0
	for _, p := range parts {
		n += 4 + len(p)
	}
	buf := make([]byte, 0, n)
	for _, p := range parts {
		buf = binary.BigEndian.AppendUint32(buf, uint32(len(p)))
		buf = append(buf, p...)
	}
	sum := sha256.Sum256(buf)
	return Key(sum[:16])
}

// CleanText replaces invalid UTF-8 with U+FFFD and drops U+0000, which
// PostgreSQL cannot store.
func CleanText(s string) string {
	if utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 {
		return s
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}

// cleanKey trims what one thing is told from another by. What CleanText would
// repair or drop becomes U+FFFD, which CheckKey refuses: repaired, two keys
// could be one.
func cleanKey(s string) string {
	if !utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
	}
	return strings.TrimSpace(s)
}

// CheckKey refuses a key of which something may have been lost.
func CheckKey(field, key string) error {
	if strings.ContainsRune(key, utf8.RuneError) || strings.IndexByte(key, 0) >= 0 { // the rune is found in invalid UTF-8, too
		return FieldErrorf(field, "holds U+FFFD, U+0000 or bytes that are not UTF-8, and could be mistaken for another; want it whole, in UTF-8")
	}
	return nil
}
