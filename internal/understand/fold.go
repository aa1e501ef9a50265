package understand

import (
	"unicode"
)

// foldRune returns the comparable form of a letter or digit: lower case,
// without diacritics, in its plain form when it is a full-width or
// mathematical look-alike. drop is set for what carries no meaning inside a
// word: combining marks, zero-width and directional characters, variation
// selectors.
func foldRune(r rune) (f rune, drop bool) {
	if r < 0x80 {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r, false
	}
	if ignorable(r) {
		return 0, true
	}
	switch {
	case 0xFF01 <= r && r <= 0xFF5E: // full-width
		return foldRune(r - 0xFEE0)
	case 0x1D400 <= r && r <= 0x1D6A3: // mathematical letters, 52 a style
		n := (r - 0x1D400) % 52
		return 'a' + n%26, false
	case 0x1D7CE <= r && r <= 0x1D7FF:
		return '0' + (r-0x1D7CE)%10, false
	}
	r = unicode.ToLower(r)
	if r < 0x180 {
		if b, ok := latinBase[r]; ok {
			return b, false
		}
	}
	return r, false
}

func ignorable(r rune) bool {
	switch {
	case 0x300 <= r && r <= 0x36F, 0x200B <= r && r <= 0x200F, 0x202A <= r && r <= 0x202E,
		0x2060 <= r && r <= 0x206F, r == 0xFEFF, r == 0xAD, 0xFE00 <= r && r <= 0xFE0F, 0xE0000 <= r && r <= 0xE01EF:
		return true
	case r < 0x300:
		return false
	}
	return unicode.Is(unicode.Mn, r)
}

// latinBase maps the accented letters of western European languages.
var latinBase = func() map[rune]rune {
	m := map[rune]rune{}
	for base, letters := range map[rune]string{
		'a': "àáâãäåāăą", 'c': "çćĉċč", 'd': "ďđð", 'e': "èéêëēĕėęě", 'g': "ĝğġģ", 'i': "ìíîïĩīĭįı",
		'l': "ĺļľŀł", 'n': "ñńņň", 'o': "òóôõöøōŏő", 'r': "ŕŗř", 's': "śŝşšß", 't': "ţťŧ",
		'u': "ùúûüũūŭůűų", 'w': "ŵ", 'y': "ýÿŷ", 'z': "źżž",
	} {
		for _, r := range letters {
			m[r] = base
		}
	}
	return m
}()

// isApostrophe covers what people and keyboards put inside "don't".
func isApostrophe(r rune) bool {
	switch r {
	case '\'', '’', '‘', '`', '´', 'ʼ', '＇', '‛':
		return true
	}
	return false
}
