package understand

import (
	"math"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/contact-advocate/advocate/internal/domain"
)

var fuzzRules = newRules(Options{OrderPatterns: []string{`ZZ\d+`}})

// check holds what every reading must satisfy.
func check(t *testing.T, text string, u *domain.Understanding) {
	t.Helper()
	last := 0
	for _, e := range u.Entities {
		if e.Start < last || e.End <= e.Start || e.End > len(text) {
			t.Fatalf("%q: entity %+v out of place (%d)", text, e, last)
		}
		if text[e.Start:e.End] != e.Text {
			t.Fatalf("%q: entity text %q is not at %d:%d", text, e.Text, e.Start, e.End)
		}
		if e.Confidence <= 0 || e.Confidence > 1 {
			t.Fatalf("%q: confidence of %+v", text, e)
		}
		if utf8.ValidString(text) && !utf8.ValidString(e.Text) {
			t.Fatalf("%q: entity %+v splits a character", text, e)
		}
		if e.Kind != domain.EntityTime {
			last = e.Start
		}
	}
	for _, c := range []float64{u.IntentConfidence, u.NeedsAgentConfidence, u.SentimentConfidence, u.LangConfidence} {
		if math.IsNaN(c) || c < 0 || c > 1 {
			t.Fatalf("%q: confidence %v in %+v", text, c, u)
		}
	}
	if !knownIntent(u.Intent) || u.Lang == "" || u.Sentiment == "" || u.Urgency == "" || u.Model == "" {
		t.Fatalf("%q: incomplete %+v", text, u)
	}
	if p := u.Preferred; p != nil && (p.FromHour < 0 || p.FromHour > 24 || p.ToHour < 0 || p.ToHour > 24 || p.Weekday < -1 || p.Weekday > 6 || p.DayOffset < 0) {
		t.Fatalf("%q: preferred %+v", text, *p)
	}
}

func FuzzUnderstand(f *testing.F) {
	for _, s := range []string{
		"@acme my order #A-10234 still hasn't arrived, call me after 5pm on +1 202 555 0143",
		"STOP", "SW1A 1AA", "1/3", "between 2 and 4pm", "€12,50 and RM676.90 25eur", "#NeedMoreTubes #", "a@b.co @", "&amp;&lt;",
		"o\u0301\u0301\u0301rder\u200b \u202eA-10234", "\xff\xfe order \x80 123456", "ｏｒｄｅｒ １２３４５", "𝐨𝐫𝐝𝐞𝐫", "9400 1118 9922 3197 4284 90",
		"mañana por la tarde", "¿?¡!…。", ":-) :( ://", "no-408-9697378-6505948", "I’m I️ 👍🏽 ＠acme", "İ ı ß ẞ ǆ",
	} {
		f.Add(s, "")
		f.Add(s, "de-AT")
	}
	f.Fuzz(func(t *testing.T, text, hint string) {
		u := fuzzRules.Understand(text, hint)
		check(t, text, &u)
		if again := fuzzRules.Understand(text, hint); !reflect.DeepEqual(u, again) {
			t.Fatalf("%q: read twice, differently:\n%+v\n%+v", text, u, again)
		}
	})
}

// TestHostileText reads the longest texts that were made to be slow.
func TestHostileText(t *testing.T) {
	t.Parallel()
	for name, unit := range map[string]string{
		"combining": "e\u0301\u0302\u0303", "zero width": "a\u200b", "rtl": "\u202eab\u202c ", "emoji": "👩\u200d👩\u200d👧", "digits": "1234567890 ",
		"phones": "+1 202 555 0143 ", "one word": "a", "negations": "not never no ", "orders": "my order has not still not ", "questions": "? ",
		"question and blanks": "?\u00a0", "mentions": "@a ", "ats": "@", "mails": "a@a.", "mail local": "a.", "hashes": "#aB", "gaps": "package delivery order not never still ",
		"urls": "http://a ", "slashes": "1/2/", "dashes": "1-", "invalid": "\xff", "invalid mark": "\xcc", "ands": "&amp;", "colons": ":-", "times": "5pm ", "after": "after 5 ", "money": "$1,", "apostrophes": "a'", "codes": "AB12CD ", "words": "i my you can we the ", "dotted": "A.B-C_", "blanks": " ",
	} {
		text := strings.Repeat(unit, 1+(20<<10)/len(unit))
		start := time.Now()
		u := fuzzRules.Understand(text, "")
		if d := time.Since(start); d > time.Minute {
			t.Errorf("%s: took %v", name, d)
		}
		check(t, text, &u)
		if len(u.Entities) > maxEntities {
			t.Errorf("%s: %d entities", name, len(u.Entities))
		}
	}
}

// TestConcurrent reads the same posts from many goroutines.
func TestConcurrent(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/posts-authored.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	want, err := Evaluate(fuzzRules, strings.NewReader(string(data)))
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan Report)
	for range 4 {
		go func() {
			rep, _ := Evaluate(fuzzRules, strings.NewReader(string(data)))
			done <- rep
		}()
	}
	for range 4 {
		if got := <-done; !reflect.DeepEqual(got, want) {
			t.Error("read differently at the same time")
		}
	}
}

func BenchmarkTweet(b *testing.B) {
	const text = "@AcmeHelp my order #A-10234 was supposed to arrive on Tuesday and it still hasn't come. Third time I'm asking, can someone please call me on +1 202 555 0143 after 5pm? 😡"
	r := newRules(Options{})
	b.ReportAllocs()
	for b.Loop() {
		r.Understand(text, "en")
	}
}

func BenchmarkPlainTweet(b *testing.B) {
	const text = "@AcmeHelp ordered a game last Tuesday and it still hasnt arrived, its been delayed until the 11th without an explanation. Do you know why?"
	r := newRules(Options{})
	b.ReportAllocs()
	for b.Loop() {
		r.Understand(text, "en")
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		buildLexicon()
	}
}
