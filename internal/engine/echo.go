package engine

import (
	"slices"
	"strings"
	"unicode"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// isEcho reports whether an own post is a reply of ours, or a part of one,
// whose outcome is not recorded yet, or that stands there although the reply
// failed or was withdrawn: networks are quick to bring back what we sent.
func (t *turn) isEcho(p *domain.Post, s *seat) (bool, error) {
	if s == nil {
		return false, nil
	}
	parts, err := store.PartsList(t.tx, s.id, p.Network, p.Account)
	if err != nil || isPart(p.Text, parts) {
		return err == nil, err
	}
	const page = 200
	for after := ""; ; {
		rows, err := t.tx.EffectList(store.EffectListParams{Customer: s.id, After: after, Limit: page})
		if err != nil {
			return false, err
		}
		for i := range rows {
			r := rows[i].Reply
			if rows[i].Kind != domain.EffectReply || r == nil || rows[i].Attempt == 0 || r.To.Network != p.Network || r.To.Account != p.Account {
				continue
			}
			// Those of a customer merged since are found by the reply alone.
			parts, err := store.PartsGet(t.tx, rows[i].ID)
			if err != nil {
				return false, err
			}
			if isWhole(p.Text, r.Text) || isPart(p.Text, parts) {
				return true, nil
			}
		}
		if len(rows) < page {
			return false, nil
		}
		after = rows[page-1].ID
	}
}

// keepWords keeps the text of a reply of which it is not known whether it was
// published, unless it is kept already in which parts it was to be.
func (t *turn) keepWords(row *store.EffectRow) error {
	had, err := store.PartsGet(t.tx, row.ID)
	if err != nil || len(had) > 0 {
		return err
	}
	return store.PartsPut(t.tx, row.Customer, row.Reply.To, row.ID, []string{row.Reply.Text}, t.now)
}

// isWhole reports whether a text is what a network makes of a reply that goes
// out as a whole: with a mention before it and other line breaks.
func isWhole(text, reply string) bool {
	ours := words(reply)
	return len(ours) > 0 && containsWords(words(text), ours)
}

// isPart reports whether a text is what a network makes of one of the parts as
// they were published: with another mention than was written, and a content
// warning before it. That a text occurs in a part is not enough: somebody of
// the staff may have written "Thank you."
func isPart(text string, parts []string) bool {
	theirs := words(text)
	for _, part := range parts {
		ours := bare(words(part))
		at := len(theirs) - len(ours)
		if at >= 0 && (at == 0 || strings.HasPrefix(theirs[at-1], "@")) && sameWords(theirs[at:], ours) {
			return true
		}
	}
	return false
}

// words cuts a text at its spaces. An ellipsis says nothing, and invisible
// characters are put in so that a text calls nobody.
func words(s string) []string {
	return strings.FieldsFunc(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, s), func(r rune) bool { return r == '…' || unicode.IsSpace(r) })
}

// bare is words without the mentions at their beginning.
func bare(words []string) []string {
	for len(words) > 0 && strings.HasPrefix(words[0], "@") {
		words = words[1:]
	}
	return words
}

func containsWords(in, ours []string) bool {
	for i := 0; i+len(ours) <= len(in); i++ {
		if sameWords(in[i:i+len(ours)], ours) {
			return true
		}
	}
	return false
}

// sameWords compares a network's words with ours. A network may show a link in
// its own way, shortened or through an address of its own, and a mention with
// the server that it means.
func sameWords(theirs, ours []string) bool {
	return len(ours) > 0 && slices.EqualFunc(theirs, ours, func(a, b string) bool {
		return a == b || isLink(b) && strings.ContainsAny(a, "./") || called(b) != "" && called(a) == called(b)
	})
}

func isLink(word string) bool {
	return strings.Contains(word, "https://") || strings.Contains(word, "http://")
}

// called is the name that a word mentions, without its server, "" for none.
func called(word string) string {
	name, ok := strings.CutPrefix(word, "@")
	if !ok {
		return ""
	}
	if i := strings.IndexFunc(name, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }); i >= 0 {
		name = name[:i]
	}
	return name
}
