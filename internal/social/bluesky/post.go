package bluesky

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
)

// relation is what a post is to us.
type relation int

const (
	foreign   relation = iota // nothing
	watched                   // a search finds it, or it is said in a thread of ours to somebody else
	addressed                 // it mentions us, answers or quotes us, or goes on with what was addressed to us
	own
)

// relate decides it by the record alone and by what has been heard, so that it
// does not matter by which way a post comes.
func (n *Network) relate(us, author string, r *record) relation {
	if author == us {
		return own
	}
	if r.mentions(us) || ownerOf(r.quoted()) == us {
		return addressed
	}
	if r.Reply != nil {
		parent := r.Reply.Parent.URI
		switch {
		case ownerOf(parent) == us:
			return addressed
		case ownerOf(parent) == author && n.heard.has(parent):
			return addressed // "and another thing", under their own post
		case ownerOf(r.Reply.Root.URI) == us:
			return watched
		}
	}
	if n.search.matches(r) {
		return watched
	}
	return foreign
}

// backdated is how long before the network saw it a post may say that it was
// written. Apps get the time wrong, and a post of today must not be set aside
// as too old for that.
const backdated = 24 * time.Hour

// post makes a post of a record; seen is when the network saw it, zero if that
// is not told. What its author says of the time must be near that.
func (n *Network) post(rel relation, did, key, revision string, r *record, seen time.Time) domain.Post {
	p := domain.Post{
		Network: Name, Account: n.c.Account, ID: postURI(did, key), Revision: revision,
		Author: domain.Author{ID: did}, Text: social.Clean(r.Text, domain.MaxPostText), At: r.createdAt(),
		Visibility: domain.Public, URL: "https://bsky.app/profile/" + did + "/post/" + key,
		Lang: r.lang(), Media: r.media(did), Own: rel == own, Unaddressed: rel == watched,
	}
	if p.At.IsZero() || !seen.IsZero() && (p.At.After(seen) || seen.Sub(p.At) > backdated) {
		p.At = seen
	}
	if r.Reply != nil {
		if _, _, ok := splitURI(r.Reply.Parent.URI); ok && r.Reply.Parent.URI != p.ID {
			p.InReplyTo = r.Reply.Parent.URI
		}
	}
	return p
}

// deletion says that a post is gone.
func (n *Network) deletion(us, did, key string, at time.Time) domain.Post {
	return domain.Post{Network: Name, Account: n.c.Account, ID: postURI(did, key), Author: domain.Author{ID: did}, At: at, Visibility: domain.Public, Deleted: true, Own: did == us}
}

// search finds posts by words; it is immutable.
type search struct {
	words []string // lower case
	tags  map[string]bool
}

func newSearch(terms []string) search {
	s := search{tags: map[string]bool{}}
	for _, t := range terms {
		t = strings.ToLower(strings.TrimSpace(t))
		if tag, ok := strings.CutPrefix(t, "#"); ok {
			s.tags[tag] = true
		} else {
			s.words = append(s.words, t)
		}
	}
	return s
}

func (s *search) empty() bool { return len(s.words) == 0 && len(s.tags) == 0 }

func (s *search) matches(r *record) bool {
	if s.empty() {
		return false
	}
	if len(s.tags) > 0 {
		for _, t := range r.Tags {
			if s.tags[strings.ToLower(t)] {
				return true
			}
		}
		for _, f := range r.Facets {
			for _, x := range f.Features {
				if x.Type == tagType && s.tags[strings.ToLower(x.Tag)] {
					return true
				}
			}
		}
	}
	text := strings.ToLower(r.Text)
	for _, w := range s.words {
		if hasWord(text, w) {
			return true
		}
	}
	return false
}

// hasWord reports whether a word stands in a text with no letter or digit
// beside it.
func hasWord(text, word string) bool {
	for from := 0; ; {
		i := strings.Index(text[from:], word)
		if i < 0 {
			return false
		}
		at := from + i
		before, _ := utf8.DecodeLastRuneInString(text[:at])
		after, _ := utf8.DecodeRuneInString(text[at+len(word):])
		if !letter(before) && !letter(after) {
			return true
		}
		_, size := utf8.DecodeRuneInString(text[at:])
		from = at + size
	}
}

func letter(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_')
}
