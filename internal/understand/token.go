package understand

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

type tokenKind uint8

const (
	kindWord tokenKind = iota
	kindNumber
	kindURL
	kindMention
	kindEmoji
	kindEmail
	kindBegin // virtual, before the first token
	kindEnd   // virtual, after the last
)

// token is one unit of the text. norm is its folded form, a slice of
// reading.norm; syms are the lexicon symbols it stands for.
type token struct {
	start, end   int // bytes of the original text
	normA, normB int
	symA, symB   int
	kind         tokenKind
	sentence     int  // phrases do not cross sentences
	upper        bool // written in capitals, two letters or more
	digits       int  // digits in it
	hash         bool // from a hashtag
	stretched    bool // "soooo"
	asked        bool // a question mark follows
}

// maxNorm bounds what one token keeps; longer ones are noise.
const maxNorm = 48

// shape is what the text looks like apart from its words.
type shape struct {
	words, exclaims, questions, upperWords, letters, urls, emojis, hashes int
	openEnd                                                               bool // ends in "..." or the like
	questionEnd                                                           bool
	retweet                                                               bool
}

// tokenize cuts the text. Every rune is looked at a bounded number of times.
func (rd *reading) tokenize() {
	rd.virtual(kindBegin, 0)
	s, i, sent := rd.text, 0, 0
	lead, last := true, len(strings.TrimRightFunc(s, unicode.IsSpace))
	for i < len(s) {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '@' || r == '＠':
			if j := mentionEnd(s, i+n); j > i+n {
				rd.mentions++
				rd.support = rd.support || supportName(s[i+n:j])
				if lead {
					rd.leadingM++ // an address, not part of the sentence
				} else {
					rd.special(kindMention, i, j, sent)
				}
				i = j
				continue
			}
		case r == '$' || r == '£' || r == '€':
			if currencyWord(s, i, n) {
				a := len(rd.norm)
				rd.norm = append(rd.norm, "money"...) // "want my $ back"
				rd.push(token{start: i, end: i + n, normA: a, normB: len(rd.norm), sentence: sent})
				i, lead = i+n, false
				continue
			}
		case r == '&':
			if k := entityLen(s[i:]); k > 0 {
				i += k
				continue
			}
		case r == 'h' || r == 'H' || r == 'w' || r == 'W':
			if j := urlEnd(s, i); j > i {
				rd.special(kindURL, i, j, sent)
				rd.shape.urls++
				i, lead = j, false
				continue
			}
		case r == ':' || r == ';' || r == '=':
			if j, happy := emoticon(s, i); j > i {
				rd.emoji(i, j, happy, sent)
				i = j
				continue
			}
		}
		if wordRune(r) || r == '#' {
			j := rd.word(i, sent)
			if j > i {
				i, lead = j, false
				continue
			}
		}
		switch {
		case r == '!' || r == '！':
			rd.shape.exclaims++
			sent++
		case r == '?' || r == '？':
			rd.shape.questions++
			rd.shape.questionEnd = i+n >= last
			rd.toks[len(rd.toks)-1].asked = true
			sent++
		case r == '\n', r == '…', r == '。', r == '¿', r == '¡':
			sent++
		case r == '.' && !lead && (i+1 == len(s) || s[i+1] == ' ' || s[i+1] == '.' || s[i+1] == '\n'):
			sent++
		case r >= 0x2190 && isEmoji(r):
			rd.norm = utf8.AppendRune(rd.norm, r)
			rd.push(token{start: i, end: i + n, normA: len(rd.norm) - n, normB: len(rd.norm), kind: kindEmoji, sentence: sent})
			rd.shape.emojis++
		}
		i += n
	}
	rd.virtual(kindEnd, sent)
	rd.shape.openEnd = openEnd(s)
}

func (rd *reading) virtual(k tokenKind, sent int) {
	at := 0
	if k == kindEnd {
		at = len(rd.text)
	}
	rd.push(token{kind: k, sentence: sent, start: at, end: at})
}

func (rd *reading) special(k tokenKind, i, j, sent int) {
	rd.push(token{kind: k, start: i, end: j, sentence: sent})
}

func (rd *reading) emoji(i, j int, happy bool, sent int) {
	a := len(rd.norm)
	if happy {
		rd.norm = append(rd.norm, ":)"...)
	} else {
		rd.norm = append(rd.norm, ":("...)
	}
	rd.push(token{kind: kindEmoji, start: i, end: j, normA: a, normB: len(rd.norm), sentence: sent})
}

func wordRune(r rune) bool {
	return r < 0x80 && ('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9') ||
		r >= 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

// word reads a word, number, hashtag or e-mail that starts at i and returns
// its end, or i when there is none.
func (rd *reading) word(i, sent int) int {
	s := rd.text
	hash := s[i] == '#'
	from := i
	if hash {
		from++
	}
	if !hash {
		if j := emailEnd(s, i); j > i {
			rd.special(kindEmail, i, j, sent)
			return j
		}
	}
	j := from
	t := token{start: from, normA: len(rd.norm), sentence: sent, hash: hash}
	prevLower := false
	letters, uppers := 0, 0
	for j < len(s) {
		r, n := utf8.DecodeRuneInString(s[j:])
		if isApostrophe(r) && j+n < len(s) {
			if nr, _ := utf8.DecodeRuneInString(s[j+n:]); j > from && (unicode.IsLetter(nr) || ignorable(nr)) {
				j += n
				continue
			}
			break
		}
		if r == '_' && hash {
			j += n
			break
		}
		f, drop := foldRune(r)
		if drop {
			if j == from {
				break
			}
			j += n
			continue
		}
		if !wordRune(r) {
			break
		}
		up := unicode.IsUpper(r)
		if hash && up && prevLower {
			break // "#NeedMoreTubes"
		}
		digit := '0' <= f && f <= '9'
		if digit {
			t.digits++
		} else {
			letters++
			if up {
				uppers++
			}
		}
		prevLower = !up && !digit
		if len(rd.norm)-t.normA < maxNorm {
			if rd.appendFolded(f, t.normA, digit) {
				t.stretched = true
			}
		}
		j += n
	}
	if j == from || len(rd.norm) == t.normA {
		rd.norm = rd.norm[:t.normA]
		if hash && j == from {
			return i
		}
		return j
	}
	t.end, t.normB = j, len(rd.norm)
	t.upper = uppers >= 2 && uppers == letters
	if letters == 0 {
		t.kind = kindNumber
	}
	rd.shape.words++
	rd.shape.letters += letters
	if t.upper && letters > 2 {
		rd.shape.upperWords++
	}
	if hash {
		rd.shape.hashes++
	}
	rd.push(t)
	if hash && j < len(s) {
		rd.hashTail(j, sent)
		return rd.toks[len(rd.toks)-1].end
	}
	return j
}

// hashTail reads the further words of a camel-case hashtag.
func (rd *reading) hashTail(j, sent int) {
	for j < len(rd.text) {
		r, _ := utf8.DecodeRuneInString(rd.text[j:])
		if !wordRune(r) {
			return
		}
		a := token{start: j, normA: len(rd.norm), sentence: sent, hash: true}
		k, lower := j, false
		for k < len(rd.text) {
			r, n := utf8.DecodeRuneInString(rd.text[k:])
			up := unicode.IsUpper(r)
			if !wordRune(r) || up && lower {
				break
			}
			f, drop := foldRune(r)
			if !drop && len(rd.norm)-a.normA < maxNorm {
				_ = rd.appendFolded(f, a.normA, '0' <= f && f <= '9')
			}
			lower = !up
			k += n
		}
		a.end, a.normB = k, len(rd.norm)
		rd.shape.words++
		rd.push(a)
		j = k
	}
}

// appendFolded adds a folded letter; a third repetition ("soooo") is not
// kept, and reported.
func (rd *reading) appendFolded(f rune, from int, digit bool) (stretched bool) {
	n := len(rd.norm)
	if !digit && f < 0x80 && n-from >= 2 && rd.norm[n-1] == byte(f) && rd.norm[n-2] == byte(f) {
		return true
	}
	rd.norm = utf8.AppendRune(rd.norm, f)
	return false
}

// push looks the token up in the lexicon and appends it.
func (rd *reading) push(t token) {
	t.symA = len(rd.syms)
	rd.lookUp(&t)
	t.symB = len(rd.syms)
	rd.toks = append(rd.toks, t)
}

// currencyWord reports a currency sign that stands for a word of its own.
func currencyWord(s string, i, n int) bool {
	before := i == 0 || s[i-1] == ' '
	after := i+n == len(s) || strings.IndexByte(" .,!?", s[i+n]) >= 0
	return before && after
}

// supportName reports an account name that says it is there to help.
func supportName(name string) bool {
	if len(name) > maxNorm {
		return false
	}
	for _, part := range [...]string{"help", "support", "care", "ask", "assist", "service", "team"} {
		for i := 0; i+len(part) <= len(name); i++ {
			if strings.EqualFold(name[i:i+len(part)], part) {
				return true
			}
		}
	}
	return false
}

func mentionEnd(s string, i int) int {
	for i < len(s) && (s[i] == '_' || '0' <= s[i] && s[i] <= '9' || 'a' <= s[i]|0x20 && s[i]|0x20 <= 'z') {
		i++
	}
	// A fediverse address carries its server: @name@example.org.
	if i < len(s) && s[i] == '@' {
		j := i + 1
		for j < len(s) && (s[j] == '.' || s[j] == '-' || '0' <= s[j] && s[j] <= '9' || 'a' <= s[j]|0x20 && s[j]|0x20 <= 'z') {
			j++
		}
		if j > i+1 {
			return j
		}
	}
	return i
}

func urlEnd(s string, i int) int {
	t := s[i:]
	if len(t) < 8 || i > 0 && wordByte(s[i-1]) {
		return i
	}
	ok := hasFoldPrefix(t, "http://") || hasFoldPrefix(t, "https://") || hasFoldPrefix(t, "www.")
	if !ok {
		return i
	}
	j := i
	for j < len(s) && s[j] > ' ' && s[j] != '"' && s[j] != '<' && s[j] != '>' {
		j++
	}
	for j > i && strings.IndexByte(".,;:!?)'", s[j-1]) >= 0 {
		j--
	}
	return j
}

func hasFoldPrefix(s, p string) bool { return len(s) >= len(p) && strings.EqualFold(s[:len(p)], p) }

func wordByte(b byte) bool {
	return '0' <= b && b <= '9' || 'a' <= b|0x20 && b|0x20 <= 'z' || b == '_' || b >= 0x80
}

// maxEmail bounds an address (RFC 5321 §4.5.3.1.3).
const maxEmail = 254

func emailEnd(s string, i int) int {
	j := i
	for j < len(s) && j-i < 64 && (wordByte(s[j]) && s[j] < 0x80 || strings.IndexByte(".+-%'", s[j]) >= 0) {
		j++
	}
	if j == i || j >= len(s) || s[j] != '@' {
		return i
	}
	k, dot := j+1, 0
	for k < len(s) && k-i < maxEmail && (wordByte(s[k]) && s[k] != '_' && s[k] < 0x80 || s[k] == '.' || s[k] == '-') {
		if s[k] == '.' {
			if k == j+1 || s[k-1] == '.' {
				break
			}
			dot = k
		}
		k++
	}
	for k > j && (s[k-1] == '.' || s[k-1] == '-') {
		k--
	}
	if dot == 0 || k-dot < 3 {
		return i
	}
	return k
}

// entityLen is the length of an HTML character reference that networks leave
// in texts, or 0.
func entityLen(s string) int {
	for _, e := range [...]string{"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"} {
		if strings.HasPrefix(s, e) {
			return len(e)
		}
	}
	return 0
}

// emoticon reads ":-)" and its kin.
func emoticon(s string, i int) (end int, happy bool) {
	j := i + 1
	if j < len(s) && (s[j] == '-' || s[j] == '\'') {
		j++
	}
	if j >= len(s) {
		return i, false
	}
	switch s[j] {
	case ')', 'D', 'P', ']':
		happy = true
	case '(', '/', '[', '|':
		if s[i] == ':' && j+1 < len(s) && s[j] == '/' && s[j+1] == '/' {
			return i, false // a scheme
		}
	default:
		return i, false
	}
	if (s[j] == 'D' || s[j] == 'P') && j+1 < len(s) && wordByte(s[j+1]) {
		return i, false
	}
	return j + 1, happy
}

func isEmoji(r rune) bool {
	return 0x1F000 <= r && r <= 0x1FAFF || 0x2600 <= r && r <= 0x27BF || 0x2B00 <= r && r <= 0x2BFF || unicode.Is(unicode.So, r)
}

// openEnd reports an end that promises more: "...", "…", "1/", "(cont".
func openEnd(s string) bool {
	s = strings.TrimRight(s, " \n\t")
	return strings.HasSuffix(s, "..") || strings.HasSuffix(s, "…")
}
