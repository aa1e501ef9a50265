package advocate

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/contact-advocate/advocate/internal/domain"
)

// maxShownRows bounds what one decision's public posts show word by word. What
// has more is a list, and shows everything.
const maxShownRows = 2 * domain.MaxShown

// Shown is what public posts show about orders: whatever in them could be an
// order's secret, for every order that they name or that their writers' cases
// are about, and what a writer wrote in public before for those that are named
// only now. inputs are one customer's and snap is that customer's; it may be
// empty.
func Shown(snap *domain.Snapshot, inputs []domain.Input) (rows []domain.Attempt) {
	var codes, named, digests []string
	var from []domain.IdentityKey
	for i := range inputs {
		in := &inputs[i]
		if p := in.Post; p != nil && p.Visibility == domain.Public && !p.Deleted {
			codes, named = append(codes, secretsIn(p, in.Understanding)...), append(named, refsOf(in)...)
			from = append(from, p.Identity())
		}
	}
	if len(from) == 0 {
		return nil
	}
	codes = sorted(codes)
	for _, s := range codes {
		digests = append(digests, secretDigest(s))
	}
	known := sorted(caseRefs(snap, func(c *domain.Case) bool {
		return slices.Contains(from, c.Identity) || slices.ContainsFunc(inputs, func(in domain.Input) bool {
			return in.Kind == domain.InputOwnReply && in.Post != nil && c.HasPost(in.Post.InReplyTo)
		})
	}))
	refs := sorted(append(named, known...))
	for _, ref := range refs {
		show := withoutRef(ref, codes, digests)
		if !slices.Contains(known, ref) {
			for _, k := range from {
				if id := snap.Customer.Identity(k); id != nil {
					show = append(show, id.Shown...)
				}
			}
		}
		show = sorted(show)
		if len(show) > domain.MaxShown || len(show)*len(refs) > maxShownRows || slices.Contains(show, domain.ShownAll) {
			show = []string{domain.ShownAll}
		}
		for _, d := range show {
			if d != domain.ShownAll {
				d = shownDigest(ref, d)
			}
			rows = append(rows, domain.Attempt{Order: ref, Shown: d})
		}
	}
	return rows
}

// withoutRef leaves out of a post's digests what only says the order's own
// number, with or without the word beside it.
func withoutRef(ref string, codes, digests []string) (out []string) {
	r := domain.FoldSecret(ref)
	says := len(r) >= 6 || len(r) >= 4 && strings.ContainsFunc(r, unicode.IsLetter)
	for i, d := range digests {
		if !says || !strings.Contains(codes[i], r) {
			out = append(out, d)
		}
	}
	return out
}

// Provable lists the orders whose secrets may be compared with what a
// customer's private posts offer; none if nothing in them could be a secret.
func Provable(snap *domain.Snapshot, inputs []domain.Input) (refs []string) {
	if !slices.ContainsFunc(inputs, func(in domain.Input) bool {
		return in.Kind == domain.InputPost && maySecret(in.Post, in.Understanding) && in.Post.Visibility == domain.Private
	}) {
		return nil
	}
	refs = caseRefs(snap, (*domain.Case).IsOpen)
	for i := range inputs {
		refs = append(refs, refsOf(&inputs[i])...)
	}
	return sorted(refs)
}

// Void finds what a customer's private posts offer among what was shown of an
// order (see domain.Attempt), and gives it in the form of domain.Input.Void.
func Void(order string, shown []string, inputs []domain.Input) (void []string) {
	if len(shown) > domain.MaxShown || slices.Contains(shown, domain.ShownAll) {
		return []string{shownDigest(order, domain.ShownAll)}
	}
	if len(shown) == 0 {
		return nil
	}
	for _, s := range privateSecrets(inputs) {
		if d := shownDigest(order, secretDigest(s)); slices.Contains(shown, d) {
			void = append(void, d)
		}
	}
	return void
}

// privateSecrets is whatever private posts could be taken to offer. Between
// two halves of a postcode anything may stand: what is read as something else
// is taken out before they are put together.
func privateSecrets(inputs []domain.Input) (out []string) {
	var words []string
	for i := range inputs {
		in := &inputs[i]
		if p := in.Post; in.Kind == domain.InputPost && p != nil && p.Visibility == domain.Private {
			out = append(out, secretsIn(p, in.Understanding)...)
			words = append(words, strings.FieldsFunc(p.Text, apart)...)
			words = append(words, strings.Fields(p.Text)...)
		}
	}
	for i := range words {
		words[i] = domain.FoldSecret(words[i])
	}
	words = slices.DeleteFunc(words, func(w string) bool { return w == "" || len(w) > maxCode })
	words = words[:min(len(words), 300)] // a message of that many offers no words (see maxOfferedWords)
	for i := range words {
		for j := i + 1; j < len(words); j++ {
			if len(words[i])+len(words[j]) <= maxCode && isCode(words[i]+words[j]) {
				out = append(out, words[i]+words[j])
			}
		}
	}
	return sorted(out)
}

// caseRefs lists what the orders of cases are called.
func caseRefs(snap *domain.Snapshot, of func(*domain.Case) bool) (refs []string) {
	for i := range snap.Cases {
		c := &snap.Cases[i]
		if !of(c) {
			continue
		}
		refs = append(append(append(refs, c.OrderRefs...), c.Trackings...), c.Focus)
		if c.Verify != nil {
			refs = append(refs, c.Verify.Order, c.Verify.Named)
		}
	}
	for _, ref := range slices.Clone(refs) {
		if o := snap.Order(domain.FoldRef(ref)); o != nil {
			refs = append(refs, o.ID, o.Tracking)
		}
	}
	return refs
}

// refsOf lists the orders that an input names.
func refsOf(in *domain.Input) (refs []string) {
	if u := in.Understanding; u != nil {
		refs = append(u.Values(domain.EntityOrder), u.Values(domain.EntityTracking)...)
	}
	if a := in.Answer; a != nil {
		refs = append(refs, a.ID)
		for i := range a.Orders {
			refs = append(refs, a.Orders[i].ID, a.Orders[i].Tracking)
		}
	}
	if in.Order != nil {
		refs = append(refs, in.Order.ID, in.Order.Tracking)
	}
	if in.Event != nil {
		refs = append(refs, in.Event.OrderID)
	}
	for i := range refs {
		refs[i] = domain.FoldRef(refs[i])
	}
	return refs
}

// sorted gives each once, and nothing empty.
func sorted(s []string) []string {
	s = slices.DeleteFunc(slices.Clone(s), func(x string) bool { return x == "" })
	slices.Sort(s)
	return slices.Compact(s)
}

// noteShown remembers, as digests, what an identity wrote in public that could
// be an order's secret. It proves nothing any more, for it was there for all to
// read, and is not accepted in private afterwards.
func (t *deciding) noteShown(c *domain.Case, p *domain.Post, m *domain.Understanding) {
	id := t.snap.Customer.Identity(p.Identity())
	if id == nil || p.Visibility != domain.Public {
		return
	}
	c.Shown = c.Shown || len(m.Values(domain.EntityEmail))+len(m.Values(domain.EntityPostcode)) > 0
	if slices.Contains(id.Shown, domain.ShownAll) {
		return
	}
	for _, s := range secretsIn(p, m) {
		if d := secretDigest(s); !slices.Contains(id.Shown, d) {
			id.Shown = append(id.Shown, d)
		}
	}
	if len(id.Shown) > domain.MaxShown {
		id.Shown = []string{domain.ShownAll} // nothing may be forgotten, so nothing counts
	}
}

// void says whether something offered counts for nothing, and why.
type void uint8

const (
	counts     void = iota
	shownSelf       // the customer has posted it in public, and has another secret
	shownOther      // somebody else has, or so much was posted that nothing counts
)

// unshown leaves of an offered proof what none of the customer's identities has
// written in public and nobody has about the order, and says what was taken
// out.
func (t *deciding) unshown(c *domain.Case, mails, words []string) (m, w []string, why void) {
	seen := func(s string) bool {
		v := t.shown(c, s)
		why = max(why, v)
		return v != counts
	}
	for _, x := range mails {
		if !seen(foldMail(x)) {
			m = append(m, x)
		}
	}
	drop := make([]bool, len(words))
	for i := range words {
		if s := domain.FoldSecret(words[i]); isCode(s) && seen(s) {
			drop[i] = true
		}
		if i+1 < len(words) {
			if s := domain.FoldSecret(words[i] + words[i+1]); isCode(s) && seen(s) {
				drop[i], drop[i+1] = true, true
			}
		}
	}
	for i := range words {
		if drop[i] {
			w = append(w, "") // keeps apart what did not stand together
			continue
		}
		w = append(w, words[i])
	}
	return m, w, why
}

// shown looks for one word in what was public.
func (t *deciding) shown(c *domain.Case, s string) void {
	d, self := secretDigest(s), false
	for _, id := range t.snap.Customer.Identities {
		if slices.Contains(id.Shown, domain.ShownAll) {
			return shownOther
		}
		self = self || slices.Contains(id.Shown, d)
	}
	if self {
		return shownSelf
	}
	refs := []string{domain.FoldRef(c.Verify.Order), domain.FoldRef(c.Verify.Named)}
	if o := t.snap.Order(c.Verify.Order); o != nil {
		refs = append(refs, domain.FoldRef(o.ID), domain.FoldRef(o.Tracking))
	}
	for _, ref := range sorted(refs) {
		one, all := shownDigest(ref, d), shownDigest(ref, domain.ShownAll)
		if slices.ContainsFunc(t.inputs, func(in domain.Input) bool {
			return slices.Contains(in.Void, one) || slices.Contains(in.Void, all)
		}) {
			return shownOther
		}
	}
	return counts
}

// secretsIn is whatever in a post could be an order's secret: e-mail addresses,
// and the words, and the two or three that stand together, that a postcode
// could be. m may be nil.
func secretsIn(p *domain.Post, m *domain.Understanding) (out []string) {
	if !maySecret(p, m) {
		return nil
	}
	words := strings.Fields(p.Text)
	for _, w := range words {
		if w = strings.TrimFunc(w, apart); strings.Contains(w, "@") && len(w) <= 254 {
			out = append(out, foldMail(w))
		}
	}
	if m != nil {
		for _, x := range m.Values(domain.EntityEmail) {
			out = append(out, foldMail(x))
		}
		out = append(out, foldCodes(m.Values(domain.EntityPostcode))...)
	}
	return sorted(append(append(out, foldCodes(words)...), foldCodes(strings.FieldsFunc(p.Text, apart))...))
}

// maySecret reports whether there is anything in a post to look at.
func maySecret(p *domain.Post, m *domain.Understanding) bool {
	return p != nil && (looksLikeCode(p.Text) || strings.Contains(p.Text, "@") ||
		m != nil && slices.ContainsFunc(m.Entities, func(e domain.Entity) bool { return e.Kind == domain.EntityEmail || e.Kind == domain.EntityPostcode }))
}

// foldCodes are the words, and those that stand together, that a postcode
// could be.
func foldCodes(words []string) (out []string) {
	for i := range words {
		for n := 1; n <= 3 && i+n <= len(words); n++ {
			if s := domain.FoldSecret(strings.Join(words[i:i+n], "")); isCode(s) {
				out = append(out, s)
			}
		}
	}
	return out
}

const maxCode = 10

func isCode(s string) bool {
	return len(s) >= 4 && len(s) <= maxCode && looksLikeCode(s)
}

func apart(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }

func foldMail(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

func secretDigest(s string) string { return fmt.Sprintf("%016x", digest(s)) }

// shownDigest is of an order and the digest of what was shown.
func shownDigest(order, shown string) string { return secretDigest(order + "\x00" + shown) }
