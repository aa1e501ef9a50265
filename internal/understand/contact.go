package understand

import (
	"strings"

	"github.com/nyaruka/phonenumbers"

	"github.com/contact-advocate/advocate/internal/domain"
)

func knownRegion(r string) bool { return phonenumbers.GetCountryCodeForRegion(r) != 0 }

// maxPhoneTries bounds the costly parsing.
const maxPhoneTries = 4

// phones reads phone numbers: digits with the separators people use. Bare
// digits count only near a word such as "call" or as the whole message.
func (rd *reading) phones() {
	tries := 0
	for i := 0; i < len(rd.toks) && tries < maxPhoneTries; i++ {
		t := &rd.toks[i]
		if t.kind != kindNumber || rd.taken(t.start, t.end) {
			continue
		}
		start, plus := t.start, false
		for start > 0 && (rd.text[start-1] == '(' || rd.text[start-1] == '+') {
			start--
			plus = plus || rd.text[start] == '+'
		}
		j, digits := i, t.digits
		for j+1 < len(rd.toks) && digits < 15 {
			n := &rd.toks[j+1]
			if n.kind != kindNumber || n.sentence != t.sentence || !phoneGap(rd.text[rd.toks[j].end:n.start]) || digits+n.digits > 15 || rd.taken(n.start, n.end) {
				break
			}
			j++
			digits += n.digits
		}
		if digits < 7 {
			continue
		}
		tries++
		rd.phone(i, start, rd.toks[j].end, digits, plus, j > i)
		i = j
	}
}

func (rd *reading) phone(tok, start, end, digits int, plus, split bool) {
	ctx, dist := rd.contextBefore(tok)
	near := ctx == ctxPhone || rd.ev.feats[featCall] > 0
	alone := rd.shape.words <= 6
	if !plus && !near && !split && !alone || ctx == ctxAnti && !plus || ctx == ctxOrder && dist <= 2 && !plus {
		return
	}
	num, err := phonenumbers.Parse(rd.text[start:end], rd.rules.region)
	if err != nil {
		return
	}
	valid := phonenumbers.IsValidNumber(num)
	if !valid && !plus {
		if n := rd.abroad(rd.text[start:end]); n != nil {
			rd.add(domain.EntityPhone, start, end, phonenumbers.Format(n, phonenumbers.E164), 0.65)
			return
		}
	}
	switch {
	case !valid && !plus && near && digits < 10:
		rd.add(domain.EntityPhone, start, end, "", 0.3) // a local number: whose area, we cannot know
		return
	case !valid && !(plus && phonenumbers.IsPossibleNumber(num)):
		return
	}
	conf := 0.55
	switch {
	case !valid:
		conf = 0.5
	case plus:
		conf = 0.95
	case near:
		conf = 0.9
	case split:
		conf = 0.8
	}
	rd.add(domain.EntityPhone, start, end, phonenumbers.Format(num, phonenumbers.E164), conf)
}

// regionsOf are where a language's speakers dial without a country code.
var regionsOf = map[string][]string{
	"de": {"DE", "AT", "CH"}, "fr": {"FR", "BE", "CH"}, "es": {"ES", "MX"}, "it": {"IT"}, "nl": {"NL", "BE"}, "pt": {"PT", "BR"}, "en": {"US", "GB"},
}

// abroad reads a number as those dial it who write the text's language. One
// that begins with 0 says by its form whose it is, if it is right in one of
// the countries that dial so and wrong in the others.
func (rd *reading) abroad(text string) *phonenumbers.PhoneNumber {
	valid := func(region string) *phonenumbers.PhoneNumber {
		if n, err := phonenumbers.Parse(text, region); err == nil && phonenumbers.IsValidNumberForRegion(n, region) {
			return n
		}
		return nil
	}
	lang, _, _ := strings.Cut(rd.lang, "-")
	for _, region := range regionsOf[lang] {
		if n := valid(region); n != nil {
			return n
		}
	}
	if !strings.HasPrefix(strings.TrimLeft(text, "( "), "0") {
		return nil
	}
	if frenchPairs(text) {
		return valid("FR")
	}
	var only *phonenumbers.PhoneNumber
	for _, region := range []string{"GB", "DE", "FR"} {
		if n := valid(region); n != nil {
			if only != nil {
				return nil
			}
			only = n
		}
	}
	return only
}

// frenchPairs reports "06 12 34 56 78", as only French numbers are written.
func frenchPairs(text string) bool {
	parts := strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == '.' || r == '-' })
	for _, p := range parts {
		if len(p) != 2 || !allDigits(p) {
			return false
		}
	}
	return len(parts) == 5
}

func phoneGap(s string) bool {
	if len(s) > 3 {
		return false
	}
	return strings.Trim(s, " ()-./") == ""
}

// postcodes reads postcodes: British and Canadian ones by their form, five
// digits near a word for it or as a short answer.
func (rd *reading) postcodes() {
	short := rd.shape.words <= 3
	for i := range rd.toks {
		t := &rd.toks[i]
		if t.digits == 0 || rd.taken(t.start, t.end) {
			continue
		}
		w := strings.ToUpper(rd.text[t.start:t.end])
		if end, v := rd.lettersPostcode(i, w); end > 0 {
			conf := 0.9
			if !strings.ContainsAny(rd.text[t.start:end], " ") {
				conf = 0.6
			}
			rd.add(domain.EntityPostcode, t.start, end, v, conf)
			continue
		}
		if t.kind == kindNumber {
			rd.digitPostcode(i, short)
		}
	}
}

// lettersPostcode reads "SW1A 1AA", "sw1a1aa", "K1A 0B1" and "1012 AB".
func (rd *reading) lettersPostcode(i int, w string) (end int, value string) {
	t := &rd.toks[i]
	if n := len(w); n >= 5 && n <= 7 && britishOut(w[:n-3]) && britishIn(w[n-3:]) {
		return t.end, w[:n-3] + " " + w[n-3:]
	}
	if i+1 >= len(rd.toks) || rd.toks[i+1].start != t.end+1 || rd.text[t.end] != ' ' {
		return 0, ""
	}
	n := &rd.toks[i+1]
	next := strings.ToUpper(rd.text[n.start:n.end])
	switch {
	case britishOut(w) && britishIn(next):
		return n.end, w + " " + next
	case len(w) == 3 && len(next) == 3 && isUpper(w[0]) && digit(w[1]) && isUpper(w[2]) && digit(next[0]) && isUpper(next[1]) && digit(next[2]):
		return n.end, w + " " + next
	case rd.shape.words <= 4 && len(w) == 4 && allDigits(w) && len(next) == 2 && isUpper(next[0]) && isUpper(next[1]) && rd.text[n.start:n.end] == next && next != "AM" && next != "PM":
		return n.end, w + " " + next
	}
	return 0, ""
}

func digit(b byte) bool { return '0' <= b && b <= '9' }

// britishAreas are the postcode areas of the United Kingdom.
var britishAreas = words(`AB AL B BA BB BD BF BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN
		EX FK FY G GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE NG NN NP NR NW OL OX
		PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA WC WD WF WN WR WS WV YO ZE`)

func britishOut(s string) bool {
	if len(s) < 2 || len(s) > 4 {
		return false
	}
	n := 0
	for n < len(s) && isUpper(s[n]) {
		n++
	}
	if n < 1 || n > 2 || n == len(s) || !britishAreas[s[:n]] || !digit(s[n]) {
		return false
	}
	rest := s[n+1:]
	return rest == "" || len(rest) == 1 && (digit(rest[0]) || isUpper(rest[0]))
}

func britishIn(s string) bool {
	return len(s) == 3 && digit(s[0]) && isUpper(s[1]) && isUpper(s[2])
}

func (rd *reading) digitPostcode(i int, short bool) {
	t := &rd.toks[i]
	if t.digits < 4 || t.digits > 6 || t.end-t.start != t.digits {
		return
	}
	if t.start > 0 && strings.IndexByte("#$£€-./+:", rd.text[t.start-1]) >= 0 {
		return
	}
	end := t.end
	if t.digits == 5 && i+1 < len(rd.toks) && rd.toks[i+1].digits == 4 && rd.toks[i+1].start == end+1 && rd.text[end] == '-' {
		end = rd.toks[i+1].end // ZIP+4
	} else if end < len(rd.text) && strings.IndexByte("-/%:$€£", rd.text[end]) >= 0 || unitWords[string(rd.normAt(i+1))] {
		return
	}
	ctx, dist := rd.contextBefore(i)
	conf := 0.0
	switch {
	case ctx == ctxPostcode && dist <= 3:
		conf = 0.92
	case ctx == ctxOrder || ctx == ctxLocator || ctx == ctxTracking || ctx == ctxPhone || ctx == ctxAnti && dist < 2:
		return
	case t.digits == 5 && rd.stateBefore(i):
		conf = 0.85
	case t.digits == 5 && short:
		conf = 0.75 // "90210", "10115 Berlin"
	case t.digits != 5 && rd.shape.words == 1:
		conf = 0.4 // Australia, Austria, India; or a short order number
	}
	if conf > 0 {
		rd.add(domain.EntityPostcode, t.start, end, strings.ToUpper(rd.text[t.start:end]), conf)
	}
}

// stateBefore reports an American state's two letters in front: "VA 20171",
// "Virginia, 20171" is left to the context.
func (rd *reading) stateBefore(i int) bool {
	p := &rd.toks[max(i-1, 0)]
	w := rd.text[p.start:p.end]
	return len(w) == 2 && strings.Contains(americanStates, " "+strings.ToUpper(w)+" ") && (isUpper(w[0]) || rd.shape.words > 4 && strings.IndexByte("oi", w[0]) < 0)
}

const americanStates = ` AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC `
