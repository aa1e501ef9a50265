package advocate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/contact-advocate/advocate/internal/domain"
)

// maxShown bounds how much of what an identity wrote in public is remembered.
const maxShown = 60

// noteShown remembers, as digests, what an identity wrote in public that could
// be an order's secret. It proves nothing any more, for it was there for all to
// read, and is not accepted in private afterwards.
func (t *turn) noteShown(c *domain.Case, p *domain.Post, m *domain.Understanding) {
	id := t.snap.Customer.Identity(p.Identity())
	if id == nil || p.Visibility != domain.Public {
		return
	}
	mails, codes := m.Values(domain.EntityEmail), m.Values(domain.EntityPostcode)
	c.Shown = c.Shown || len(mails)+len(codes) > 0
	for _, s := range append(foldMails(mails), foldCodes(append(codes, strings.Fields(p.Text)...))...) {
		if d := secretDigest(s); !slices.Contains(id.Shown, d) {
			id.Shown = append(id.Shown, d)
		}
	}
	if n := len(id.Shown) - maxShown; n > 0 {
		id.Shown = slices.Delete(id.Shown, 0, n)
	}
}

// unshown leaves of an offered proof what none of the customer's identities has
// written in public, and reports whether anything was taken out.
func (t *turn) unshown(mails, words []string) (m, w []string, void bool) {
	shown := func(s string) bool {
		d := secretDigest(s)
		return slices.ContainsFunc(t.snap.Customer.Identities, func(id domain.Identity) bool { return slices.Contains(id.Shown, d) })
	}
	for _, x := range mails {
		if shown(foldMails([]string{x})[0]) {
			void = true
			continue
		}
		m = append(m, x)
	}
	drop := make([]bool, len(words))
	for i := range words {
		if c := domain.FoldSecret(words[i]); isCode(c) && shown(c) {
			drop[i] = true
		}
		if i+1 < len(words) {
			if c := domain.FoldSecret(words[i] + words[i+1]); isCode(c) && shown(c) {
				drop[i], drop[i+1] = true, true
			}
		}
	}
	for i := range words {
		if drop[i] {
			void = true
			w = append(w, "") // keeps apart what did not stand together
			continue
		}
		w = append(w, words[i])
	}
	return m, w, void
}

func foldMails(mails []string) []string {
	out := make([]string, len(mails))
	for i, x := range mails {
		out[i] = strings.ToLower(strings.TrimSpace(x))
	}
	return out
}

// foldCodes are the words, and pairs of words, that a postcode could be.
func foldCodes(words []string) (out []string) {
	for i := range words {
		if c := domain.FoldSecret(words[i]); isCode(c) {
			out = append(out, c)
		}
		if i+1 < len(words) {
			if c := domain.FoldSecret(words[i] + words[i+1]); isCode(c) {
				out = append(out, c)
			}
		}
	}
	return out
}

func isCode(s string) bool {
	return len(s) >= 4 && len(s) <= 10 && looksLikeCode(s)
}

func secretDigest(s string) string { return fmt.Sprintf("%016x", digest(s)) }
