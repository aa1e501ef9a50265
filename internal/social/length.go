package social

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// Unit is what a network counts in a text.
type Unit string

const (
	Graphemes  Unit = "graphemes"  // what a reader takes for one character
	Characters Unit = "characters" // code points
	Weighted   Unit = "weighted"   // X: code points outside a few ranges, and emoji, count two
	Bytes      Unit = "bytes"      // of UTF-8
)

// Length says how long a text may be, counted as the network counts.
type Length struct {
	Max     int  // 0: no limit
	Unit    Unit // Graphemes if empty
	Bytes   int  // a second limit, of UTF-8; 0: none
	Link    int  // what a link counts, however long it is; 0: as it is written
	Mention bool // @user@host counts as @user alone
}

// A link ends where its network thinks: after it, the letters of scripts that
// need no space go on, and a network counts them. So countedLink is the least
// that any takes for a link (RFC 3986 §2), and linkPattern, which is not to be
// broken, what a reader takes for one.
var (
	countedLink    = regexp.MustCompile(`https?://[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+`)
	linkPattern    = regexp.MustCompile(`https?://[\p{Latin}\p{Cyrillic}\p{Greek}\p{Arabic}\p{Hebrew}\pM\d\-._~:/?#\[\]@!$&'()*+,;=%]+`)
	bareLink       = regexp.MustCompile(`(?i)(^|[^\w@/.:-])((?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,24}(?:/[^\s<>"]*)?)`)
	mentionPattern = regexp.MustCompile(`(@[\pL\pN_.-]*[\pL\pN_])@[\pL\pN][\pL\pN.-]*[\pL\pN]`)
)

// Count is how long a text is to the network.
func (l Length) Count(text string) int {
	n := 0
	if l.Link > 0 {
		text = countedLink.ReplaceAllStringFunc(text, func(link string) string {
			n += l.Link
			return trailing(link)
		})
		if l.Unit == Weighted {
			// X makes links of bare names too, but not of the end of an e-mail
			// address (docs.x.com, "Counting characters"); which are none for
			// want of a top-level domain is not worth knowing.
			for _, m := range bareLink.FindAllStringSubmatch(text, -1) {
				n += max(l.Link-weight(strings.TrimSuffix(m[2], trailing(m[2]))), 0)
			}
		}
	}
	if l.Mention {
		text = mentionPattern.ReplaceAllString(text, "$1")
	}
	switch l.Unit {
	case Characters:
		return n + utf8.RuneCountInString(text)
	case Weighted:
		return n + weight(text)
	case Bytes:
		return n + len(text)
	}
	return n + uniseg.GraphemeClusterCount(text)
}

// trailing is the punctuation at a link's end, which belongs to the sentence.
func trailing(link string) string { return link[len(strings.TrimRight(link, ".,;:!?)'”’»")):] }

// weight counts as X does: 1 for U+0000–10FF, 2000–200D, 2010–201F and
// 2032–2037, 2 for the others, and 2 for a whole emoji
// (docs.x.com, "Counting characters").
func weight(text string) int {
	n := 0
	state := -1
	for len(text) > 0 {
		var cluster string
		cluster, text, _, state = uniseg.FirstGraphemeClusterInString(text, state)
		if emoji(cluster) {
			n += 2
			continue
		}
		for _, r := range cluster {
			if r <= 0x10FF || r >= 0x2000 && r <= 0x200D || r >= 0x2010 && r <= 0x201F || r >= 0x2032 && r <= 0x2037 {
				n++
			} else {
				n += 2
			}
		}
	}
	return n
}

func emoji(cluster string) bool {
	for _, r := range cluster {
		if r == 0xFE0F || r == 0x20E3 || r >= 0x1F000 && r <= 0x1FAFF {
			return true
		}
	}
	return false
}

// Fits reports whether a text is short enough.
func (l Length) Fits(text string) bool {
	return (l.Max <= 0 || l.Count(text) <= l.Max) && (l.Bytes <= 0 || len(text) <= l.Bytes)
}
