package mastodon

import (
	"strings"
	"testing"
	"unicode/utf8"
)

var shop = us{id: "1", username: "shop", url: "https://our.example/@shop", domain: "our.example"}

func TestPlain(t *testing.T) {
	t.Parallel()
	mentioned := []mention{{ID: "1", Acct: "shop", URL: "https://our.example/@shop"}, {ID: "2", Acct: "ben@other.example", URL: "https://other.example/@ben"}}
	const (
		ours = `<span class="h-card"><a href="https://our.example/@shop" class="u-url mention">@<span>shop</span></a></span>`
		bens = `<span class="h-card"><a href="https://other.example/@ben" class="u-url mention">@<span>ben</span></a></span>`
	)
	for name, c := range map[string]struct{ html, want string }{
		"paragraphs":              {"<p>one<br>two<br/>three</p><p>four</p>", "one\ntwo\nthree\n\nfour"},
		"our mention first":       {"<p>" + ours + " where is it?</p>", "where is it?"},
		"with a comma":            {"<p>" + ours + ", where is it?</p>", "where is it?"},
		"among others":            {"<p>" + bens + " " + ours + " where is it?</p>", "@ben@other.example where is it?"},
		"not first":               {"<p>I asked " + ours + " twice</p>", "I asked @shop twice"},
		"nothing else":            {"<p>" + ours + "</p>", ""},
		"the users form":          {`<p><a href="https://our.example/users/shop" class="mention">@<span>shop</span></a> hi</p>`, "hi"},
		"without a link":          {"@shop hi", "hi"},
		"full and without a link": {"@Shop@our.example hi", "hi"},
		"somebody of that name":   {`<a href="https://evil.example/@shop" class="mention">@<span>shop</span></a>@x hi`, "@shop@x hi"},
		"a shortened link":        {`<a href="https://shop.example/orders/A-10234?x=1"><span class="invisible">https://</span><span class="ellipsis">shop.example/or</span><span class="invisible">ders/A-10234?x=1</span></a>`, "https://shop.example/orders/A-10234?x=1"},
		"a named link":            {`<a href="https://evil.example/">our bank</a>`, "our bank (https://evil.example/)"},
		"a script as a link":      {`<a href="javascript:alert(1)">press</a>`, "press"},
		"a hashtag":               {`<a href="https://our.example/tags/x" class="mention hashtag" rel="tag">#<span>x</span></a>`, "#x"},
		"script and style":        {"<script>alert(1)</script>a<style>b{}</style>c", "ac"},
		"entities":                {"a &amp;amp; b &lt;b&gt; &#x1F600;", "a &amp; b <b> 😀"},
		"emoji":                   {`:blobcat: <img alt=":wave:" src=x onerror=alert(1)>`, ":blobcat: :wave:"},
		"a list":                  {"<ul><li>one</li><li>two</li></ul>", "- one\n- two"},
		"never closed":            {"<p>a<a href='https://x.example/'>b", "ab (https://x.example/)"},
		"no mention of ours":      {"a\x00b &#0; c", "ab \uFFFD c"},
	} {
		if got := plain(c.html, shop, mentioned); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestHugeHTMLIsCut(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("<div><blockquote>", 200_000) + "x"
	if got := plain(deep, shop, nil); got != "" {
		t.Errorf("%d bytes of an endless beginning", len(got))
	}
	n := &Network{name: "mastodon:our.example"}
	p, ok := n.post(shop, &status{ID: "7", Account: account{ID: "8", Acct: "ana"}, Content: text(strings.Repeat("ä", 300_000))})
	if p.Normalize(start); !ok || p.Validate() != nil || !strings.HasSuffix(p.Text, "…") {
		t.Errorf("a huge post came as %d bytes: %v", len(p.Text), p.Validate())
	}
}

func TestHandle(t *testing.T) {
	t.Parallel()
	for acct, want := range map[string]string{
		"ana": "ana@our.example", "ana@other.example": "ana@other.example", "ana.b_c-d@ünder.example": "ana.b_c-d@ünder.example", "a@b:8080": "a@b:8080",
		"": "", "@": "", "ana@": "", "a b": "", "ana @everyone": "", "a@b@c": "", "a\nb@c": "", "<b>@c": "", strings.Repeat("a", 300): "", "a:1@b": "",
	} {
		if got := handle(acct, "our.example"); got != want {
			t.Errorf("%q: %q, want %q", acct, got, want)
		}
	}
}

func TestSilentKeepsADirectMessageToOne(t *testing.T) {
	t.Parallel()
	got := silent("Dear @ana@x.example, ask @ben or (@eve@evil.example) or @ana@x.example.evil.example; write to help@shop.example, see https://s.example/@shop")
	if calls.MatchString(got) || !strings.Contains(got, "help@shop.example") || !strings.Contains(got, "s.example/@shop") {
		t.Errorf("%q", got)
	}
}

func FuzzPlain(f *testing.F) {
	for _, s := range []string{"<p>a<br>b</p>", `<a href="https://x/" class="mention">@<span>shop</span></a> hi`, "\x00", "<a href=x><a href=y>", "&#0;", "@shop @shop", "<script><p>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := plain(s, shop, []mention{{ID: "1", URL: "https://x/"}})
		if !utf8.ValidString(got) || strings.Contains(got, "\x00") {
			t.Errorf("%q gave %q", s, got)
		}
	})
}
