package playbook

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/said"
)

// The second net under public messages. The first one looks at what a
// template reads; this one looks at the words that are about to go out,
// whoever wrote them.

var (
	emailPattern  = regexp.MustCompile(`(?i)[\p{L}\p{M}\p{N}._%+\-]+\s?(?:@|\(at\)|\[at\])\s?[\p{L}\p{M}\p{N}\-]+(?:\.[\p{L}\p{M}\p{N}\-]+)*\.[\p{L}\p{M}]{2,}`)
	phonePattern  = regexp.MustCompile(`\+?\d[\d\s().\-/]{5,}\d`)
	escapePattern = regexp.MustCompile(`%[0-7][0-9a-fA-F]`)
	datePattern   = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$|^\d{1,2}[./]\d{1,2}[./]\d{2,4}$|^\d{4}\s?[-/]\s?\d{2,4}$`)

	// A currency by its sign, code or name, before a number or behind one. What
	// is also a word, or a unit, counts behind a number only.
	amountPattern = regexp.MustCompile(`(?i)\p{Sc}\s?\d|\d\s?\p{Sc}` +
		`|\d\s?(?:` + currencyCodes + `|euros?|dollars?|pounds?|d[óo]lares|francs?|franken|zł|zl|zlot[a-zéy]*|kr|kronor|kroner|kč|kc|korun[ay]?|руб(?:\.|л[а-я]+)?|грн|лв|lei|reais|rupees?|yen)(?:[^\p{L}\p{N}]|$)` +
		`|(?:^|[^\p{L}\p{N}])(?:` + currencyCodes + `)\s?\d`)

	referencePattern = regexp.MustCompile(`(?i)\b(?:[a-z]{1,4}-\d{4,}|[a-z]{2,4}\d{6,}|(?:order|booking|pedido|reserva|bestellung|commande)\s+(?:no\.?|number|n[úu]mero|nummer|num[ée]ro|#)?\s*#?\d{4,})\b|#\d{4,}\b`)

	addressPattern = regexp.MustCompile(`(?i)\b\d{1,5}[a-z]?\s+(?:[\p{L}'.\-]+\s+){0,3}(?:street|st\.?|road|rd\.?|avenue|ave\.?|lane|drive|boulevard|blvd\.?|court|square|terrace)(?:\b|$)` +
		`|\b(?:calle|avenida|av\.|plaza|paseo|c/)\s+[\p{L}'.\- ]{2,40},?\s*\d{1,4}\b` +
		`|\b[\p{L}\-]+(?:straße|strasse|str\.|weg|platz|gasse|allee)\s+\d{1,4}\b` +
		`|\b\d{1,4},?\s+(?:bis\s+)?(?:rue|avenue|boulevard|chemin|place|impasse)\s+` +
		`|\b[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2}\b`)

	orderStatePattern = regexp.MustCompile(`(?i)\byour (?:order|parcel|package|delivery|refund|booking|flight)\b[^.?!]{0,40}?\b(?:shipped|delivered|delayed|late|refunded|cancell?ed|on its way|out for delivery|arrives?|arriving|left the)\b` +
		`|\b(?:tu|su) (?:pedido|paquete|reembolso|reserva)\b[^.?!]{0,40}?\b(?:enviado|entregado|retrasado|retraso|reembolsado|cancelado|en camino|llega)\b` +
		`|\b(?:ihre|deine) (?:bestellung|lieferung|sendung)\b[^.?!]{0,40}?\b(?:versandt|geliefert|zugestellt|verspätet|storniert|erstattet|unterwegs)\b` +
		`|\bvotre (?:commande|colis|livraison)\b[^.?!]{0,40}?\b(?:expédiée?|livrée?|retardée?|en retard|annulée?|remboursée?|en route)\b`)

	// With or without https:// before it, since networks make links of both.
	customerPagePattern = regexp.MustCompile(`(?i)[\p{L}\p{M}\p{N}\-]+(?:\.[\p{L}\p{M}\p{N}\-]+)*(?::\d+)?/(?:[^\s]*/)?c/[^\s]+|https?://[^\s]*[?&](?:token|key|sig|signature|auth|access)=[^\s]+|[\p{L}\p{N}\-]\.[\p{L}]{2,}[^\s]*[?&](?:token|key|sig|signature|auth|access)=[^\s]+`)
)

// currencyCodes beside a number. Those that are words, too, count in capitals
// only.
const currencyCodes = `usd|eur|gbp|jpy|inr|chf|cad|aud|(?-i:CNY|NZD|PLN|SEK|NOK|DKK|ISK|CZK|HUF|RON|BGN|UAH|RUB|TRY|BRL|MXN|ARS|CLP|COP|ZAR|AED|SAR|ILS|KRW|SGD|HKD|THB|IDR|PHP|VND)`

// Guard looks for personal things in a text that is about to go out in
// public: order details, amounts, phone numbers, e-mail and postal addresses,
// the customer's full name, and anything known about this customer. It
// returns what it found, in words fit for an explanation, or "". It says
// nothing about the value itself. v may be nil.
func Guard(text string, v *View) (finding string) {
	text = domain.CleanText(text)
	if v != nil {
		text = withoutOwn(withoutHandles(text, v), v)
	}
	plain := plainly(text)
	if v != nil {
		if f := guardKnown(plain, v); f != "" {
			return f
		}
	}
	switch {
	case customerPagePattern.MatchString(unescaped(plain)):
		return said.FoundLink.Text()
	case emailPattern.MatchString(plain):
		return said.FoundEmail.Text()
	case hasPhone(plain):
		return said.FoundPhone.Text()
	case amountPattern.MatchString(plain):
		return said.FoundAmount.Text()
	case referencePattern.MatchString(plain):
		return said.FoundOrder.Text()
	case addressPattern.MatchString(plain):
		return said.FoundAddress.Text()
	case orderStatePattern.MatchString(plain):
		return said.FoundState.Text()
	}
	return ""
}

// plainly is a text as it is read, in the plainest characters: full width and
// the like as the letters they stand for, all scripts' digits as ours.
// Invisible characters must not split a number.
func plainly(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Cf, r):
			return -1
		case unicode.Is(unicode.Nd, r):
			return '0' + digitOf(r)
		}
		return r
	}, norm.NFKC.String(text))
}

// digitOf is a decimal digit's value. The digits of a script are ten in a row,
// and those that lie side by side begin at a multiple of ten of each other.
func digitOf(r rune) rune {
	first := r
	for unicode.Is(unicode.Nd, first-1) {
		first--
	}
	return (r - first) % 10
}

// unescaped is a text with what links may have in place of characters (%63).
func unescaped(text string) string {
	return escapePattern.ReplaceAllStringFunc(text, func(s string) string {
		n, err := strconv.ParseUint(s[1:], 16, 8)
		if err != nil {
			return s
		}
		return string(rune(n))
	})
}

// withoutHandles leaves out the handle that a public reply must mention.
func withoutHandles(text string, v *View) string {
	for _, h := range []string{handleOf(v.Identity), postHandle(v.Post)} {
		if h = strings.TrimPrefix(h, "@"); len(h) > 1 {
			text = strings.ReplaceAll(text, "@"+h, " ")
		}
	}
	return text
}

// withoutOwn leaves out the company's own address, which is there for all to
// read.
func withoutOwn(text string, v *View) string {
	if v.Contact == "" {
		return text
	}
	return strings.ReplaceAll(text, v.Contact, " ")
}

func handleOf(i *domain.Identity) string {
	if i == nil {
		return ""
	}
	return i.Handle
}

func postHandle(p *domain.Post) string {
	if p == nil {
		return ""
	}
	return p.Author.Handle
}

func hasPhone(text string) bool {
	for _, m := range phonePattern.FindAllString(text, 20) {
		digits := len(onlyDigits(m))
		if digits >= 7 && !datePattern.MatchString(strings.TrimSpace(m)) {
			return true
		}
	}
	return false
}

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// guardKnown compares with what is known about this customer.
func guardKnown(text string, v *View) string {
	folded := domain.FoldSecret(text)
	lower := strings.ToLower(text)
	digits := onlyDigits(text)
	has := func(s string, least int) bool {
		f := domain.FoldSecret(s)
		return len(f) >= least && strings.Contains(folded, f)
	}
	if v.Snapshot != nil {
		c := &v.Snapshot.Customer
		if words := strings.Fields(strings.ToLower(c.Name)); len(words) > 1 && containsName(lower, words) {
			return "the customer's full name"
		}
		if c.Email != "" && strings.Contains(lower, strings.ToLower(c.Email)) {
			return "the customer's e-mail address"
		}
		if d := onlyDigits(c.Phone); len(d) >= 7 && strings.Contains(digits, d[len(d)-7:]) {
			return "the customer's phone number"
		}
		if wordOnly(lower, c.Ref, 4) {
			return "the customer's reference"
		}
		for i := range v.Snapshot.Orders {
			if f := guardOrder(lower, has, &v.Snapshot.Orders[i].Order); f != "" {
				return f
			}
		}
	}
	if v.Order != nil {
		if f := guardOrder(lower, has, &v.Order.Order); f != "" {
			return f
		}
	}
	m := v.matter()
	for _, ref := range append(append([]string(nil), m.OrderRefs...), m.Trackings...) {
		if has(ref, 5) || wordOnly(lower, ref, 3) {
			return said.FoundOrder.Text()
		}
	}
	for _, number := range []string{m.Phone, v.Number} {
		if d := onlyDigits(number); len(d) >= 7 && strings.Contains(digits, d[len(d)-7:]) {
			return "the customer's phone number"
		}
	}
	return ""
}

func guardOrder(lower string, has func(string, int) bool, o *domain.Order) string {
	switch {
	case has(o.ID, 5) || wordOnly(lower, o.ID, 2):
		return said.FoundOrder.Text()
	case has(o.Tracking, 6):
		return "a tracking number"
	case wordOnly(lower, o.Postcode, 4) || has(o.Postcode, 6):
		return "the order's postcode"
	case o.Email != "" && strings.Contains(lower, strings.ToLower(o.Email)):
		return "the order's e-mail address"
	case strings.ContainsAny(o.Total, ".,") && wordOnly(lower, o.Total, 4):
		return said.FoundAmount.Text()
	}
	for _, it := range o.Items {
		if wordOnly(lower, it.Name, 6) || wordOnly(lower, it.SKU, 5) {
			return "what was ordered"
		}
	}
	return ""
}

// wordOnly reports s in the text with nothing of a word around it.
func wordOnly(lower, s string, least int) bool {
	s = strings.ToLower(strings.TrimSpace(s))
	if len(s) < least {
		return false
	}
	for from := 0; ; {
		i := strings.Index(lower[from:], s)
		if i < 0 {
			return false
		}
		i += from
		if !wordBefore(lower[:i]) && !wordAfter(lower[i+len(s):]) {
			return true
		}
		from = i + len(s)
	}
}

func wordBefore(s string) bool {
	r := []rune(s[max(0, len(s)-4):])
	return len(r) > 0 && isWord(r[len(r)-1])
}

func wordAfter(s string) bool {
	for _, r := range s {
		return isWord(r)
	}
	return false
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// containsName reports two parts of a name next to each other, in either
// order: "Maria Lopez" and "Lopez, Maria" of Maria Garcia Lopez. Two short
// parts, as in "de la Cruz", stand in any text and count at the name's end
// only.
func containsName(lower string, words []string) bool {
	text := strings.FieldsFunc(lower, func(r rune) bool { return !isWord(r) && r != '.' && r != '\'' && r != '-' })
	var name []string
	for _, w := range words {
		if w = strings.Trim(w, ".,'-"); len(w) > 0 {
			name = append(name, w)
		}
	}
	part := func(s string) int { return slices.Index(name, s) }
	for i := 1; i < len(text); i++ {
		a, b := strings.Trim(text[i-1], ".'-"), strings.Trim(text[i], ".'-")
		x, y := part(a), part(b)
		switch {
		case x < 0 || y < 0 || x == y:
		case len(a) > 3 || len(b) > 3:
			return true
		case x == len(name)-2 && y == len(name)-1:
			return true
		}
	}
	return false
}
