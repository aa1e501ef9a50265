package advocate

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/contact-advocate/advocate/internal/domain"
)

// offered is what a message gives that could be an order's secret.
type offered struct {
	emails []string
	codes  []string // postcodes that understanding found
	words  []string // what else has the form of one, in its place; "" keeps apart what did not stand together
	total  int      // words of the message
}

func (o *offered) any() bool {
	return len(o.emails)+len(o.codes) > 0 || slices.ContainsFunc(o.words, looksLikeCode)
}

// MayOffer reports whether a post may offer an order's secret in a case that
// asked for one: whether answering it can be an attempt. It does not look at
// the posts around it, and is right about every post that is one.
func MayOffer(c *domain.Case, p *domain.Post, m *domain.Understanding) bool {
	o := offeredIn(c, c.OrderRefs, p, m)
	return !grave(m) && o.any()
}

// grave reports whether a message is about something that comes before any
// proof: it is heard as that, and as no answer to a question of ours.
func grave(m *domain.Understanding) bool {
	return m.Intent == domain.IntentLegalSafety || slices.ContainsFunc(m.Topics, domain.Topic.Grave)
}

// offeredIn reads one post. A reference that the case knew before, or that the
// post names as one, a quantity, a time or a sum is not offered, and of a
// message that asks for something of its own only what understanding took for a
// secret is.
func offeredIn(c *domain.Case, refs []string, p *domain.Post, m *domain.Understanding) (o offered) {
	o.emails = m.Values(domain.EntityEmail)
	named := c.Verify.Named
	if named == "" {
		named = c.Verify.Order
	}
	refs = append(append(slices.Clone(refs), c.Trackings...), named)
	if !bareNumbers(p) {
		refs = append(refs, m.Values(domain.EntityOrder)...)
	}
	for _, code := range m.Values(domain.EntityPostcode) {
		if !repeatsRef(refs, domain.FoldSecret(code)) {
			o.codes = append(o.codes, code)
		}
	}
	words := strings.Fields(withoutFound(p, m))
	for i := range words {
		words[i] = strings.ToUpper(strings.TrimFunc(words[i], func(r rune) bool {
			return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '%' && !unicode.Is(unicode.Sc, r)
		}))
	}
	words = slices.DeleteFunc(words, func(w string) bool { return w == "" })
	o.total = len(words)
	if o.total > maxOfferedWords || asksOwn(m) {
		return o
	}
	o.words = make([]string, len(words))
	alone := len(words) <= 2
	for i, w := range words {
		if postcodeForm(w, alone) && !repeatsRef(refs, domain.FoldSecret(w)) {
			o.words[i] = w
		}
		if i+1 < len(words) && splitPostcodeForm(w, words[i+1], alone) && !repeatsRef(refs, domain.FoldSecret(w+words[i+1])) {
			o.words[i], o.words[i+1] = w, words[i+1]
		}
	}
	return o
}

// asksOwn reports whether a message asks for something of its own, besides
// answering us.
func asksOwn(m *domain.Understanding) bool {
	const confidence = 0.45
	return !weakIntent(m.Intent) && m.IntentConfidence >= confidence
}

// withoutFound is a post's text without what understanding took for something
// else than a secret. A number alone may be either.
func withoutFound(p *domain.Post, m *domain.Understanding) string {
	b := []byte(p.Text)
	for _, e := range m.Entities {
		switch e.Kind {
		case domain.EntityPhone:
			if e.Value == "" {
				continue
			}
		case domain.EntityOrder:
			if bareNumbers(p) {
				continue
			}
		case domain.EntityTime, domain.EntityTracking, domain.EntityAmount, domain.EntityURL, domain.EntityOther:
		default:
			continue
		}
		if e.Start >= 0 && e.Start <= e.End && e.End <= len(b) {
			for i := e.Start; i < e.End; i++ {
				b[i] = ' '
			}
		}
	}
	return string(b)
}

// bareNumbers reports whether a post is nothing but a number, which may be an
// order's as well as a postcode.
func bareNumbers(p *domain.Post) bool { return bareDigits.MatchString(strings.TrimSpace(p.Text)) }

// repeatsRef reports whether a code only says again what the case is about: a
// reference, or the digits that one ends in.
func repeatsRef(refs []string, code string) bool {
	return slices.ContainsFunc(refs, func(ref string) bool {
		ref = domain.FoldSecret(ref)
		return code == ref || len(code) >= 4 && strings.HasSuffix(ref, code) && !strings.ContainsFunc(code, unicode.IsLetter)
	})
}

// lettered are the forms of postcodes with letters among their digits.
const lettered = `[A-Z]{1,2}\d[A-Z\d]?\d[A-Z]{2}|[A-Z]\d[A-Z]-?\d[A-Z]\d|[A-Z]\d[\dW][A-Z\d]{4}|[A-Z]\d{4}[A-Z]{3}|[A-Z]{2}\d-?\d{4}`

// The forms that postcodes have in the world, in capitals: in one word, and in
// two words put together. A bare number of four digits is one only where hardly
// anything stands beside it: it may as well be a year.
var (
	bareDigits   = regexp.MustCompile(`^\d[\d-]*$`)
	fourDigits   = regexp.MustCompile(`^\d{4}$`)
	twoLetters   = regexp.MustCompile(`^[A-Z]{2}$`)
	postcodeWord = regexp.MustCompile(`^(?:\d{5,7}|\d{2}-\d{3}|\d{3}-\d{2,4}|\d{4}-\d{3}|\d{5}-\d{3,4}|[A-Z]{1,3}-?\d{4,6}|\d{4}-?[A-Z]{2}|` + lettered + `)$`)
	postcodePair = regexp.MustCompile(`^(?:\d{5,7}|\d{9}|[A-Z]{1,3}-?\d{5,6}|` + lettered + `)$`)
)

func postcodeForm(w string, alone bool) bool {
	return postcodeWord.MatchString(w) || alone && fourDigits.MatchString(w)
}

func splitPostcodeForm(a, b string, alone bool) bool {
	if alone && fourDigits.MatchString(a) && twoLetters.MatchString(b) {
		return true
	}
	return len(a) >= 2 && len(b) >= 2 && looksLikeCode(a) && looksLikeCode(b) && postcodePair.MatchString(a+b)
}
