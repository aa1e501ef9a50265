package understand

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// scripts of languages that are told by their letters alone.
var scripts = []struct {
	lang  string
	table *unicode.RangeTable
}{
	{"ja", unicode.Hiragana}, {"ja", unicode.Katakana}, {"ko", unicode.Hangul}, {"zh", unicode.Han},
	{"ru", unicode.Cyrillic}, {"ar", unicode.Arabic}, {"he", unicode.Hebrew}, {"el", unicode.Greek},
	{"th", unicode.Thai}, {"hi", unicode.Devanagari}, {"bn", unicode.Bengali}, {"ta", unicode.Tamil},
}

// maxScriptRunes is how much of a text is looked at for its script.
const maxScriptRunes = 400

// language weighs what the text's words and letters say, sets which lexicons
// may speak, and returns the language with a confidence; "und" when nothing
// tells.
func (rd *reading) language(hint string) (string, float64) {
	score := rd.ev.lang
	if lang, share := script(rd.text); share > 0.3 {
		rd.langs = 1 // English words inside it still count
		return lang, 0.6 + 0.4*share
	}
	for i, bonus := range letterHints(rd.text) {
		score[i] += bonus
	}
	best, second, total := -1, 0.0, 0.0
	for i, s := range score {
		total += s
		if best < 0 || s > score[best] {
			if best >= 0 {
				second = score[best]
			}
			best = i
		} else if s > second {
			second = s
		}
	}
	if score[best] < 0.9 {
		rd.langs = 1
		for i, s := range score {
			if s > 0 && s >= 0.45*score[best] {
				rd.langs |= 1 << i
			}
		}
		if i := hintIndex(hint); i >= 0 {
			rd.langs |= 1 << i
			return lexiconLangs[i], 0.5
		}
		if score[best] > 0.4 && score[best]-second > 0.3 {
			return lexiconLangs[best], 0.4
		}
		return "und", 0
	}
	if i := hintIndex(hint); i >= 0 {
		score[i] += 0.5
		if score[i] > score[best] {
			best, second = i, score[best]
		}
	}
	for i, s := range score {
		if s >= 0.45*score[best] {
			rd.langs |= 1 << i
		}
	}
	margin := (score[best] - second) / score[best]
	strength := score[best] / (score[best] + 1.5)
	return lexiconLangs[best], 0.3 + 0.69*margin*strength
}

func hintIndex(hint string) int {
	base, _, _ := strings.Cut(strings.ToLower(hint), "-")
	for i, l := range lexiconLangs {
		if l == base {
			return i
		}
	}
	return -1
}

// script returns the language of the text's main script other than Latin and
// its share of the letters.
func script(s string) (string, float64) {
	var counts [16]int
	letters, seen := 0, 0
	for _, r := range s {
		if seen++; seen > maxScriptRunes {
			break
		}
		if r < 0x80 {
			if 'a' <= r|0x20 && r|0x20 <= 'z' {
				letters++
			}
			continue
		}
		if !unicode.IsLetter(r) {
			continue
		}
		letters++
		if r < 0x370 {
			continue
		}
		for i := range scripts {
			if unicode.Is(scripts[i].table, r) {
				if i <= 3 { // such a letter is worth a syllable or a word
					counts[i] += 2
					letters += 2
				}
				counts[i]++
				break
			}
		}
	}
	if letters == 0 {
		return "", 0
	}
	best, sum := -1, 0
	for i, c := range counts[:len(scripts)] {
		sum += c
		if c > 0 && (best < 0 || c > counts[best]) {
			best = i
		}
	}
	if best < 0 {
		return "", 0
	}
	lang := scripts[best].lang
	if counts[0]+counts[1] > 0 && lang == "zh" {
		lang = "ja" // Japanese mixes Chinese characters with its own
	}
	return lang, float64(sum) / float64(letters)
}

// letterHints weighs letters that few languages use.
func letterHints(s string) [len(lexiconLangs)]float64 {
	var h [len(lexiconLangs)]float64
	const en, es, de, fr, pt = 0, 1, 2, 3, 4
	_ = en
	for i := 0; i < len(s); {
		if s[i] < 0x80 {
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		switch unicode.ToLower(r) {
		case 'ñ', '¿', '¡':
			h[es] += 0.8
		case 'ß', 'ä', 'ü':
			h[de] += 0.6
		case 'ö':
			h[de] += 0.5
		case 'ã', 'õ':
			h[pt] += 0.9
		case 'è', 'ê', 'œ', 'û':
			h[fr] += 0.5
		case 'ç':
			h[fr] += 0.3
			h[pt] += 0.3
		case 'á', 'ó', 'í', 'ú':
			h[es] += 0.3
			h[pt] += 0.2
		case 'é', 'à', 'ù', 'ô':
			h[fr] += 0.3
		}
	}
	for i := range h {
		h[i] = min(h[i], 2)
	}
	return h
}
