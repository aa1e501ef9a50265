package domain

import (
	"strings"
	"unicode"
)

// CleanName is the name of somebody as it may be shown on a line beside others':
// without what cannot be seen and would still tell it from another name, or turn
// the direction of what stands behind it (Unicode TR 36 §2.5, TR 9 §2).
func CleanName(s string) string {
	s = strings.TrimSpace(CleanText(s))
	if !strings.ContainsFunc(s, suspect) {
		return s
	}
	var out strings.Builder
	in := []rune(s)
	for i, r := range in {
		switch {
		case r == ' ' || unicode.IsSpace(r):
			out.WriteByte(' ')
		case joiner(r) && i > 0 && i < len(in)-1 && joined(in[i-1]) && joined(in[i+1]):
			out.WriteRune(r)
		case !suspect(r):
			out.WriteRune(r)
		}
	}
	return strings.TrimSpace(out.String())
}

// suspect is what may have to go from a name.
func suspect(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) || blank[r] ||
		0xFE00 <= r && r <= 0xFE0E || 0xE0000 <= r && r <= 0xE0FFF
}

// blank are letters and marks that show nothing.
var blank = map[rune]bool{0x034F: true, 0x115F: true, 0x1160: true, 0x17B4: true, 0x17B5: true, 0x180B: true, 0x180C: true, 0x180D: true, 0x180F: true, 0x2800: true, 0x3164: true, 0xFFA0: true}

// joiner are the two that spelling needs in Persian, in scripts of India, and in
// pictures that are put together.
func joiner(r rune) bool { return r == 0x200C || r == 0x200D }

// joined is what a joiner may stand beside: nothing of the scripts that have no
// use for one.
func joined(r rune) bool {
	return r > 0x7F && !suspect(r) && !unicode.IsSpace(r) && !unicode.In(r, unicode.Latin, unicode.Greek, unicode.Cyrillic)
}

// CheckName refuses a name that somebody gives to a person or a program and
// that cannot be seen as it is; what comes from elsewhere is cleaned instead.
func CheckName(field, s string) error {
	if s = strings.TrimSpace(s); CleanName(s) != s {
		return FieldErrorf(field, "has characters that are not seen, or that turn the direction of writing; type it without them")
	}
	return nil
}
