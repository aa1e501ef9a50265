package social_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/contact-advocate/advocate/internal/social"
)

func TestCount(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		l    social.Length
		text string
		want int
	}{
		{social.Length{}, "e\u0301👩‍👩‍👧", 2},
		{social.Length{Unit: social.Characters}, "e\u0301👩‍👩‍👧", 7},
		{social.Length{Unit: social.Bytes}, "é", 2},
		{social.Length{Unit: social.Weighted}, "abc", 3},
		{social.Length{Unit: social.Weighted}, "日本", 4},
		{social.Length{Unit: social.Weighted}, "👩‍👩‍👧", 2},
		{social.Length{Link: 23}, "see https://example.com/a/very/long/path/indeed/it/is.", 4 + 23 + 1},
		{social.Length{Link: 23}, "詳細はhttps://example.com/返品をご覧ください。", 3 + 23 + 10},
		{social.Length{Link: 23}, "see https://bücher.example/", 4 + 23 + 14}, // a network may think that the link ends there
		{social.Length{Unit: social.Weighted, Link: 23}, "see example.com/a and shop.example.", 4 + 23 + 5 + 23 + 1},
		{social.Length{Unit: social.Weighted, Link: 23}, "see a-very-long-name.example.com/returns", 40},
		{social.Length{Unit: social.Weighted, Link: 23}, "see example.com/a.", 4 + 23 + 1},
		{social.Length{Unit: social.Weighted, Link: 23}, "write to help@shop.example", 26},
		{social.Length{Unit: social.Weighted, Link: 23}, "a.example b.example, 3.5 of 4, e.g. this", 23 + 1 + 23 + 21},
		{social.Length{Unit: social.Graphemes, Link: 23}, "see example.com", 15},
		{social.Length{Mention: true}, "@ana@example.social hi", 7},
	} {
		if got := c.l.Count(c.text); got != c.want {
			t.Errorf("%+v counts %d in %q; want %d", c.l, got, c.text, c.want)
		}
	}
}

func TestSplit(t *testing.T) {
	t.Parallel()
	l := social.Length{Max: 40}
	for _, c := range []struct {
		name, text, prefix string
		parts              int
		want               []string
	}{
		{"fits", "short", "@ana ", 3, []string{"@ana short"}},
		{"nothing", " \n ", "@ana ", 3, nil},
		{"sentence", "Your parcel is late. We are sorry for that, truly.", "", 3, []string{"Your parcel is late.", "We are sorry for that, truly."}},
		{"paragraph", "First, this.\n\nThen that. And more of the same.", "", 3, []string{"First, this.", "Then that. And more of the same."}},
		{"words", strings.Repeat("word ", 12), "@ana ", 3, []string{"@ana word word word word word word word", "@ana word word word word word"}},
		{"shortened", strings.Repeat("word ", 12), "", 1, []string{"word word word word word word word word…"}},
		{"link stays whole", "Look at https://example.com/returns now please", "", 2, []string{"Look at https://example.com/returns now", "please"}},
		{"no room", "text", strings.Repeat("@", 41), 3, nil},
		{"one long word", strings.Repeat("x", 90), "", 3, []string{strings.Repeat("x", 40), strings.Repeat("x", 40), strings.Repeat("x", 10)}},
	} {
		if got := l.Split(c.text, c.prefix, c.parts); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q; want %q", c.name, got, c.want)
		}
	}
}

// FuzzSplit holds that no part is too long, none is broken inside a character,
// and that nothing but white space is lost where there are parts enough.
func FuzzSplit(f *testing.F) {
	f.Add("Your parcel is late. See https://example.com/x and 👩‍👩‍👧.\n\nSorry!", 20)
	f.Add("日本語のテキスト", 3)
	f.Fuzz(func(t *testing.T, text string, most int) {
		if !utf8.ValidString(text) || len(text) > 2000 {
			return
		}
		l := social.Length{Max: 1 + most&63, Link: 23, Bytes: 400}
		parts := l.Split(text, "", 1<<20)
		for _, p := range parts {
			if !l.Fits(p) || !utf8.ValidString(p) {
				t.Errorf("%q is too long or broken, of %q", p, text)
			}
		}
		short := l.Split(text, "@a ", 2)
		if len(short) > 2 {
			t.Errorf("%d parts, want at most 2", len(short))
		}
		for _, p := range short {
			if !l.Fits(p) || !strings.HasPrefix(p, "@a ") {
				t.Errorf("%q is too long or lost its mention", p)
			}
		}
	})
}
