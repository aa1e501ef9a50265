package advocate

import (
	"slices"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// partWindow is how long after one part of a message the next one may come.
const partWindow = 10 * time.Minute

// joinCase finds the case a post belongs to and says why; nil if it begins a
// new one. Cases are joined only for the identity that wrote: replies of one
// identity's conversation never reach another.
//
// In this order: the thread it answers in; a private message to a case that
// waits for one; the same order; the next part of a message; the same matter
// not long ago; a word of thanks or impatience about the newest matter.
func (t *deciding) joinCase(p *domain.Post, m *domain.Understanding) (*domain.Case, string) {
	if c := t.caseOfThread(p); c != nil {
		return c, "thread"
	}
	cands := t.candidates(p.Identity())
	if p.Visibility == domain.Private {
		for _, c := range cands {
			if c.IsOpen() && (c.Verify != nil || !c.NumberAsked.IsZero()) {
				return c, "asked for"
			}
		}
	}
	refs := m.Values(domain.EntityOrder)
	for i := range refs {
		refs[i] = domain.FoldRef(refs[i])
	}
	for _, c := range cands {
		if !t.longAgo(c, t.policy.JoinWithin) && slices.ContainsFunc(refs, func(r string) bool { return slices.Contains(c.OrderRefs, r) }) {
			return c, "same order"
		}
	}
	for _, c := range cands {
		if otherOrder(c, refs) || t.longAgo(c, t.policy.JoinWithin) {
			continue
		}
		switch {
		case c.IsOpen() && c.Visibility == p.Visibility && !t.longAgo(c, partWindow):
			return c, "same message"
		case sameMatter(c, m):
			return c, "same matter"
		case c.IsOpen() && weakIntent(m.Intent) && !weakIntent(c.Intent):
			return c, "newest matter"
		case !c.IsOpen() && (m.Thanks || len(refs) == 0 && m.Intent == domain.IntentUnclear) && !t.longAgo(c, 24*time.Hour):
			return c, "newest matter"
		case p.Visibility == domain.Private && c.IsOpen():
			return c, "private conversation"
		}
	}
	if t.openCases() >= domain.MaxOpenCases {
		for _, c := range cands {
			if c.IsOpen() {
				return c, "too many open cases"
			}
		}
	}
	return nil, ""
}

// caseOfThread finds the case that holds the post this one answers.
func (t *deciding) caseOfThread(p *domain.Post) *domain.Case {
	if p.InReplyTo == "" {
		return nil
	}
	for i := range t.snap.Cases {
		c := &t.snap.Cases[i]
		if c.Identity == p.Identity() && (c.HasPost(p.InReplyTo) || c.Thread == p.InReplyTo) {
			return c
		}
	}
	return nil
}

// candidates are an identity's cases, open ones first, newest movement first.
func (t *deciding) candidates(k domain.IdentityKey) []*domain.Case {
	var out []*domain.Case
	for i := range t.snap.Cases {
		if t.snap.Cases[i].Identity == k {
			out = append(out, &t.snap.Cases[i])
		}
	}
	slices.SortStableFunc(out, func(a, b *domain.Case) int {
		if a.IsOpen() != b.IsOpen() {
			if a.IsOpen() {
				return -1
			}
			return 1
		}
		return b.UpdatedAt.Compare(a.UpdatedAt)
	})
	return out
}

// otherOrder reports whether the post names an order and the case is about
// another one.
func otherOrder(c *domain.Case, refs []string) bool {
	return len(refs) > 0 && len(c.OrderRefs) > 0
}

// sameMatter reports whether a post and a case ask for the same: the same
// clear intent, or a topic in common. What nobody needs to answer is never
// the same matter as anything.
func sameMatter(c *domain.Case, m *domain.Understanding) bool {
	if weakIntent(m.Intent) || weakIntent(c.Intent) || c.Outcome == OutcomeSetAside {
		return false
	}
	if c.Intent == m.Intent {
		return true
	}
	return slices.ContainsFunc(m.Topics, func(x domain.Topic) bool { return slices.Contains(c.Topics, x) })
}

func (t *deciding) openCases() int {
	n := 0
	for i := range t.snap.Cases {
		if t.snap.Cases[i].IsOpen() {
			n++
		}
	}
	return n
}
