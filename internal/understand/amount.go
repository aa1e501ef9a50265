package understand

import (
	"strings"

	"github.com/contact-advocate/advocate/internal/domain"
)

var currencySigns = []struct{ sign, code string }{
	{"$", "$"}, {"£", "GBP"}, {"€", "EUR"}, {"₹", "INR"}, {"¥", "JPY"}, {"₱", "PHP"}, {"₦", "NGN"}, {"₩", "KRW"}, {"₺", "TRY"},
}

var currencyWords = map[string]string{
	"usd": "USD", "eur": "EUR", "gbp": "GBP", "aud": "AUD", "cad": "CAD", "inr": "INR", "rs": "INR", "rm": "MYR", "chf": "CHF",
	"mxn": "MXN", "kes": "KES", "ksh": "KES", "ngn": "NGN", "zar": "ZAR", "jpy": "JPY", "euro": "EUR", "euros": "EUR",
	"dollar": "$", "dollars": "$", "bucks": "$", "pound": "GBP", "pounds": "GBP", "quid": "GBP", "rupees": "INR", "pesos": "MXN",
}

// amounts reads sums of money. The value is the number and the currency; a
// dollar sign alone stays "$", since many countries write it.
func (rd *reading) amounts() {
	for i := range rd.toks {
		t := &rd.toks[i]
		if t.digits == 0 || t.kind != kindNumber && t.kind != kindWord || t.hash || rd.taken(t.start, t.end) {
			continue
		}
		start, code := t.start, ""
		num := t.start
		if t.kind == kindWord { // "RM676", "25eur"
			w := string(rd.norm[t.normA:t.normB])
			letters := strings.TrimRight(w, "0123456789")
			if code = currencyWords[letters]; code == "" || len(letters) == len(w) || len(letters) != strings.IndexAny(w, "0123456789") {
				if code = currencyWords[strings.TrimLeft(w, "0123456789")]; code == "" || strings.IndexAny(w, "abcdefghijklmnopqrstuvwxyz") != t.digits {
					continue
				}
				rd.add(domain.EntityAmount, t.start, t.end, w[:t.digits]+" "+code, 0.85)
				continue
			}
			num = t.start + len(letters)
			if t.end-num != t.digits { // folding changed the length
				continue
			}
		} else {
			start, code = rd.currencyBefore(i)
		}
		end := numberEnd(rd.text, num)
		if code == "" {
			end, code = rd.currencyAfter(i, end)
		}
		if code != "" {
			rd.add(domain.EntityAmount, start, end, plainNumber(rd.text[num:numberEnd(rd.text, num)])+" "+code, 0.9)
		}
	}
}

func (rd *reading) currencyBefore(i int) (int, string) {
	t := &rd.toks[i]
	before := rd.text[max(t.start-4, 0):t.start]
	for _, c := range currencySigns {
		if strings.HasSuffix(before, c.sign) {
			return t.start - len(c.sign), c.code
		}
		if strings.HasSuffix(before, c.sign+" ") {
			return t.start - len(c.sign) - 1, c.code
		}
	}
	if p := i - 1; p > 0 && t.start-rd.toks[p].end <= 2 {
		switch w := string(rd.normAt(p)); w {
		case "usd", "eur", "gbp", "aud", "cad", "inr", "rs", "rm", "chf", "mxn", "kes", "ksh", "ngn", "zar", "jpy":
			return rd.toks[p].start, currencyWords[w]
		}
	}
	return t.start, ""
}

func (rd *reading) currencyAfter(i, end int) (int, string) {
	rest := rd.text[end:]
	for _, c := range currencySigns {
		if strings.HasPrefix(rest, c.sign) {
			return end + len(c.sign), c.code
		}
		if strings.HasPrefix(rest, " "+c.sign) && c.sign != "$" {
			return end + 1 + len(c.sign), c.code
		}
	}
	for j := i + 1; j < len(rd.toks) && j <= i+2; j++ {
		if rd.toks[j].start < end {
			continue
		}
		if rd.toks[j].start-end > 1 {
			break
		}
		if code := currencyWords[string(rd.normAt(j))]; code != "" {
			return rd.toks[j].end, code
		}
		break
	}
	return end, ""
}

// numberEnd is the end of "1,234.56" from its first digit.
func numberEnd(s string, i int) int {
	j := i
	for j < len(s) && j-i < 20 && (digit(s[j]) || (s[j] == '.' || s[j] == ',') && j+1 < len(s) && digit(s[j+1])) {
		j++
	}
	return j
}

// plainNumber writes "1.234,56" and "1,234.56" as "1234.56".
func plainNumber(s string) string {
	last := strings.LastIndexAny(s, ".,")
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case digit(s[i]):
			b.WriteByte(s[i])
		case i == last && len(s)-i-1 <= 2:
			b.WriteByte('.')
		}
	}
	return b.String()
}
