package knowledge

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/component"
	"github.com/contact-advocate/advocate/internal/component/componenttest"
	"github.com/contact-advocate/advocate/internal/domain"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var library = map[string]string{
	"returns.md":       "---\ntitle: Return an item\nurl: https://help.example.com/returns\nlang: en\ntags: [return, refund]\n---\n# Returns\n\nYou can **send back** any item within [30 days](https://x.example). Refunds take five days once the parcel is *delivered* to us.\n",
	"de/returns.md":    "---\ntitle: Artikel zurücksenden\nlang: de\ntags: [Rücksendung, Erstattung, Refund]\n---\nSie können jeden Artikel innerhalb von 30 Tagen zurücksenden. Die Erstattung dauert fünf Tage.\n",
	"warranty.md":      "# Warranty on kettles\n\nEvery kettle has a warranty of two years. Keep the receipt.\n",
	"password.md":      "---\ntitle: Reset your password\nlang: en\n---\nOpen the account page and choose *forgot password*. We send a link to your e-mail address.\n",
	"hours.md":         "---\ntitle: Shop opening hours\nlang: en\n---\nOur shops open at nine and close at six, on Saturday at four.\n",
	"internal/note.md": "---\ntitle: Goodwill voucher limits\npublic: false\n---\nAgents may give vouchers of up to fifty.\n",
	".hidden.md":       "# Hidden voucher\n\nvoucher\n",
	"readme.txt":       "voucher",
}

func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		write(t, dir, name, text)
	}
	return dir
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, c Config) *Knowledge {
	t.Helper()
	k, err := Open(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = k.Close() })
	return k
}

func query(t *testing.T, k *Knowledge, q domain.Lookup) *Answer {
	t.Helper()
	ans, err := k.Ask(t.Context(), q, component.Asker{})
	if err != nil {
		t.Fatal(err)
	}
	if !ans.Found {
		return nil
	}
	var a Answer
	if err := json.Unmarshal(ans.Data, &a); err != nil {
		t.Fatal(err)
	}
	return &a
}

func TestConformance(t *testing.T) {
	t.Parallel()
	componenttest.Run(t, func(t *testing.T) componenttest.Case {
		return componenttest.Case{Component: open(t, Config{Dir: folder(t, library)}), Known: domain.Lookup{Query: "how do I return an item?"}, HasKnown: true}
	})
}

func TestAskFinds(t *testing.T) {
	t.Parallel()
	k := open(t, Config{Dir: folder(t, library)})
	if p := k.Problems(); len(p) > 0 {
		t.Fatal(p)
	}
	for _, c := range []struct{ query, lang, want string }{
		{"how do I return an item?", "en", "Return an item"},
		{"@shop hi, I want to send back my kettle, when is the refund delivered??", "en", "Return an item"},
		{"returning items", "", "Return an item"},
		{"Wie kann ich einen Artikel zurücksenden?", "de", "Artikel zurücksenden"},
		{"Rucksendung", "de", "Artikel zurücksenden"},
		{"refund", "de", "Artikel zurücksenden"},
		{"refund", "de-AT", "Artikel zurücksenden"},
		{"refund", "en", "Return an item"},
		{"refund", "fr", "Return an item"},
		{"forgot my password", "fr", "Reset your password"},
		{"warranty kettle", "en", "Warranty on kettles"},
		{"when do you open on saturday", "en", "Shop opening hours"},
		// Nonsense, what nobody wrote about, and what is nobody's business.
		{"purple elephants dancing tango", "en", ""},
		{"asdkjh qwpoei zxmnc", "en", ""},
		{"the and of it", "en", ""},
		{"!!! ???", "en", ""},
		{"I took the train to the mountains last week and saw a beautiful sunset at four with wonderful friends", "en", ""},
		{"goodwill voucher limits", "en", ""},
		{"hidden voucher", "en", ""},
		{`" OR title:x NEAR(`, "en", ""},
	} {
		got := ""
		a := query(t, k, domain.Lookup{Query: c.query, Lang: c.lang})
		if a != nil {
			got = a.Title
		}
		if got != c.want {
			t.Errorf("%q in %q: %+v, want %q", c.query, c.lang, a, c.want)
		}
	}
	a := query(t, k, domain.Lookup{Query: "refund delivered", Lang: "en"})
	if a == nil || a.URL != "https://help.example.com/returns" || a.Count != 1 || a.Lang != "en" || a.Score <= 0.3 || a.Score > 1 ||
		a.Excerpt != "You can send back any item within 30 days. Refunds take five days once the parcel is delivered to us." {
		t.Errorf("%+v", a)
	}
	if a := query(t, k, domain.Lookup{ID: "de/returns"}); a == nil || a.Title != "Artikel zurücksenden" || !strings.HasPrefix(a.Excerpt, "Sie können") {
		t.Errorf("by name: %+v", a)
	}
	if a := query(t, k, domain.Lookup{ID: "internal/note"}); a != nil {
		t.Errorf("an article that is not public, by name: %+v", a)
	}
}

func TestReload(t *testing.T) {
	t.Parallel()
	dir := folder(t, library)
	var clock atomic.Int64
	k := open(t, Config{Dir: dir, Poll: time.Second, Now: func() time.Time { return time.Unix(clock.Load(), 0) }})
	ask := func(q string) bool { return query(t, k, domain.Lookup{Query: q}) != nil }
	write(t, dir, "gift.md", "# Gift cards\n\nGift cards never expire.\n")
	if ask("gift cards") {
		t.Error("the folder was looked at again within the poll time")
	}
	clock.Add(1)
	if !ask("gift cards") {
		t.Error("a new article is not found")
	}
	write(t, dir, "gift.md", "---\ntitle: [\n---\nGift cards\n")
	clock.Add(1)
	if ask("gift cards") || !ask("return an item") {
		t.Error("a broken article must be left out, and the others stay")
	}
	if p := fmt.Sprint(k.Problems()); !strings.Contains(p, "gift.md:") {
		t.Errorf("problems: %s", p)
	}
	if err := os.Remove(filepath.Join(dir, "gift.md")); err != nil {
		t.Fatal(err)
	}
	clock.Add(1)
	if ask("gift cards") || len(k.Problems()) > 0 {
		t.Errorf("problems of a file that is gone: %v", k.Problems())
	}
	if err := os.Rename(dir, dir+"-away"); err != nil {
		t.Fatal(err)
	}
	clock.Add(1)
	if !ask("return an item") || len(k.Problems()) != 1 {
		t.Errorf("with its folder gone it must serve what it had, and say so: %v", k.Problems())
	}
	if err := os.Rename(dir+"-away", dir); err != nil {
		t.Fatal(err)
	}
	clock.Add(1)
	if !ask("return an item") || len(k.Problems()) != 0 {
		t.Errorf("problems after the folder came back: %v", k.Problems())
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want string }{
		{"---\ntitle: x\nauthor: me\n---\ntext", `a.md:3: unknown field "author"; the front matter may have title, url, lang, tags and public`},
		{"---\ntitle: x\npublic: maybe\n---\ntext", `a.md:3: cannot unmarshal string into Go struct field article.Public of type bool; the front matter may have title, url, lang, tags and public`},
		{"---\ntitle: x\n", `a.md:1: the front matter has no end; want a second line of "---"`},
		{"---\ntitle: x\nurl: javascript:alert(1)\n---\ntext", `a.md: url: is "javascript:alert(1)"; want one that starts with https://`},
		{"---\ntitle: x\nlang: English!\n---\ntext", `a.md: lang: is "english!"; want a language such as en or pt-BR`},
		{"just text", `a.md: the article has no title; want "title:" in its front matter, or a first heading`},
		{"---\ntitle: x\n---\n", `a.md: the article has no text`},
		{"# x\n\xff\xfe", `a.md: the article is not UTF-8`},
		{"# x\n" + strings.Repeat("x", MaxArticleSize), `a.md: the article is larger than 256 KiB`},
		{"\ufeff---\r\ntitle: x\r\n---\r\ntext\r\n", ``},
		{"---\n---\n# x\ntext", ``},
	} {
		dir := folder(t, map[string]string{"a.md": c.text})
		got := ""
		for _, err := range Check(dir) {
			got += strings.TrimPrefix(err.Error(), dir+"/")
		}
		if got != c.want {
			t.Errorf("%.60q\ngot  %s\nwant %s", c.text, got, c.want)
		}
	}
	if p := Check(filepath.Join(t.TempDir(), "none")); len(p) != 1 {
		t.Errorf("a folder that is not there: %v", p)
	}
	if _, err := Open(Config{Dir: filepath.Join(t.TempDir(), "none")}); err == nil {
		t.Error("opened a folder that is not there")
	}
}

func TestClosed(t *testing.T) {
	t.Parallel()
	k := open(t, Config{Dir: folder(t, library)})
	if err := k.Close(); err != nil {
		t.Fatal(err)
	}
	if err := k.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Ask(t.Context(), domain.Lookup{Query: "refund"}, component.Asker{}); err == nil {
		t.Error("asked after Close")
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range library {
		f.Add(s)
	}
	f.Add("---\na: &a [*a]\n---\n")
	f.Fuzz(func(t *testing.T, s string) {
		a, err := parse("a.md", []byte(s))
		if err == nil && (a.Title == "" || len(a.sentences) == 0) {
			t.Fatalf("accepted %+v", a)
		}
	})
}

func BenchmarkAsk(b *testing.B) {
	dir := b.TempDir()
	for i := range 500 {
		text := fmt.Sprintf("# Article %d about topic%d\n\n%s\n", i, i, strings.Repeat(fmt.Sprintf("order parcel delivery word%d refund ", i%50), 100))
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d.md", i)), []byte(text), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	k, err := Open(Config{Dir: dir})
	if err != nil {
		b.Fatal(err)
	}
	defer k.Close()
	for b.Loop() {
		if _, err := k.Ask(b.Context(), domain.Lookup{Query: "my parcel with topic77 has not arrived, what about the refund of order word27"}, component.Asker{}); err != nil {
			b.Fatal(err)
		}
	}
}
