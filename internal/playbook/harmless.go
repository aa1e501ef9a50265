package playbook

import (
	"net/url"
	"strings"
	"unicode"
)

// harmless makes a value safe to stand in a message: profiles, order items
// and reasons come from anybody, and must not bring a mention, a link, markup
// or a second paragraph. It keeps the value readable: "Dr.Martens" becomes
// "Dr. Martens", "evil.com" becomes "evil. com".
func harmless(s string) string {
	var b strings.Builder
	n := 0
	space := false
	runes := []rune(s)
	put := func(r rune) {
		b.WriteRune(r)
		n++
	}
	for i, r := range runes {
		if n >= maxValueRunes {
			b.WriteRune('…')
			break
		}
		switch {
		case r == '\u200d':
			// joins emoji; between letters it only hides something
			if i > 0 && runes[i-1] > 0x2000 {
				put(r)
			}
			continue
		case unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Z, r):
			space = n > 0
			continue
		case unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar || unicode.Is(unicode.Co, r):
			continue
		}
		if space {
			put(' ')
			space = false
		}
		switch r {
		case '@', '＠', '﹫':
			b.WriteString("(at)")
			n += 4
		case '#', '＃', '﹟':
			if i+1 < len(runes) && unicode.IsLetter(runes[i+1]) {
				continue // would be a hashtag
			}
			put(r)
		case '<', '＜':
			put('‹')
		case '>', '＞':
			put('›')
		case '[', ']', '`', '\\':
			put(' ')
		case '&':
			put(r)
			if i+1 < len(runes) && (runes[i+1] == '#' || entity(runes[i+1:])) {
				put(' ')
			}
		case '.', '。', '．', '｡', '․':
			put('.')
			if i > 0 && i+1 < len(runes) && wordRune(runes[i-1]) && unicode.IsLetter(runes[i+1]) {
				put(' ') // no host name
			}
		case ':', '：':
			put(':')
			if i+1 < len(runes) && (runes[i+1] == '/' || runes[i+1] == '／' || unicode.IsLetter(runes[i+1])) {
				put(' ') // no scheme
			}
		case '/', '／', '⁄', '∕':
			if i+1 < len(runes) && (runes[i+1] == '/' || runes[i+1] == '／') {
				continue
			}
			put('/')
		default:
			put(r)
		}
	}
	return strings.TrimSpace(b.String())
}

func wordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_' }

// entity reports whether the text after "&" reads like "lt;".
func entity(after []rune) bool {
	for i, r := range after {
		if r == ';' {
			return i > 0
		}
		if i > 8 || r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return false
		}
	}
	return false
}

// isPlainLink reports an absolute web address that is nothing but that.
func isPlainLink(s string) bool {
	if len(s) > 500 || strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || r > unicode.MaxASCII || strings.ContainsRune("<>\"'`{}\\@", r)
	}) {
		return false
	}
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil
}
