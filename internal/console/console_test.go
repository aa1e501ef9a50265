package console

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
)

const script = "console/index-Bx1_z-9Q.js"

var scriptText = strings.Repeat("export const answer = 42; // what is asked for most\n", 200)

func built(t *testing.T) *Console {
	t.Helper()
	c, err := New(fstest.MapFS{
		".keep":                       {},
		"index.html":                  {Data: []byte(`<meta property="csp-nonce" nonce="__CSP_NONCE__"><script type="module" nonce="__CSP_NONCE__" src="/` + script + `"></script>`)},
		script:                        {Data: []byte(scriptText)},
		"console/ring-D4f5g6h7.mp3":   {Data: bytes.Repeat([]byte("la"), 2000)},
		"console/small-D4f5g6h7.css":  {Data: []byte("a{}")},
		"console/font-D4f5g6h7.woff2": {Data: bytes.Repeat([]byte("f"), 2000)},
		"icon.svg":                    {Data: []byte("<svg>" + strings.Repeat("<g/>", 500) + "</svg>")},
		"manifest.webmanifest":        {Data: []byte("{}")},
		"console/odd-D4f5g6h7.thing":  {Data: []byte("?")},
		"console/.hidden":             {Data: []byte("secret")},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// get asks for a file; headers are "Name: value".
func get(c *Console, method, name string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "/", nil)
	for _, h := range headers {
		k, v, _ := strings.Cut(h, ": ")
		r.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	if !c.ServeAsset(w, r, name) {
		w.Code = 0
	}
	return w
}

func TestIndexHasTheNonceEverywhere(t *testing.T) {
	t.Parallel()
	c := built(t)
	if !c.Built() {
		t.Fatal("not built")
	}
	a, b := Nonce(), Nonce()
	if a == b || len(a) != 24 { // 16 bytes in base64
		t.Errorf("nonces %q and %q", a, b)
	}
	page := string(c.Index(a))
	if strings.Count(page, `nonce="`+a+`"`) != 2 || strings.Contains(page, noncePlaceholder) {
		t.Errorf("the page: %s", page)
	}
	if again := string(c.Index(b)); strings.Contains(again, a) || strings.Count(again, b) != 2 {
		t.Errorf("the second page: %s", again)
	}
	if p := Policy(a); !strings.Contains(p, "style-src 'self' 'nonce-"+a+"';") || strings.Contains(p, "unsafe") || strings.Contains(p, "*") || strings.Contains(p, "http") {
		t.Errorf("the policy: %s", p)
	}
}

func TestNotBuilt(t *testing.T) {
	t.Parallel()
	for name, files := range map[string]fstest.MapFS{
		"empty": {".keep": {}}, "half": {".keep": {}, script: {Data: []byte("x")}},
	} {
		c, err := New(files)
		if err != nil || c.Built() || get(c, "GET", script).Code != 0 {
			t.Errorf("%s: %v, built %v", name, err, c.Built())
		}
	}
	if c := new(Console); c.Built() || get(c, "GET", script).Code != 0 {
		t.Error("the zero value is built")
	}
}

func TestTypesAndCaching(t *testing.T) {
	t.Parallel()
	c := built(t)
	for name, want := range map[string]string{
		script: "text/javascript; charset=utf-8", "console/ring-D4f5g6h7.mp3": "audio/mpeg", "console/small-D4f5g6h7.css": "text/css; charset=utf-8",
		"console/font-D4f5g6h7.woff2": "font/woff2", "icon.svg": "image/svg+xml", "manifest.webmanifest": "application/manifest+json",
		"console/odd-D4f5g6h7.thing": "application/octet-stream",
	} {
		w := get(c, "GET", name)
		cache := "no-cache"
		if strings.HasPrefix(name, "console/") {
			cache = "public, max-age=31536000, immutable"
		}
		h := w.Header()
		if w.Code != 200 || h.Get("Content-Type") != want || h.Get("Cache-Control") != cache || h.Get("Content-Encoding") != "" || h.Get("ETag") == "" {
			t.Errorf("%s: %d %v", name, w.Code, h)
		}
		again := get(c, "GET", name, "If-None-Match: "+h.Get("ETag"))
		if again.Code != 304 || again.Body.Len() != 0 || again.Header().Get("Cache-Control") != cache {
			t.Errorf("%s again: %d %v", name, again.Code, again.Header())
		}
	}
}

func TestGzip(t *testing.T) {
	t.Parallel()
	c := built(t)
	plain := get(c, "GET", script)
	if plain.Body.String() != scriptText || plain.Header().Get("Vary") != "Accept-Encoding" {
		t.Errorf("plain: %v", plain.Header())
	}
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			w := get(c, "GET", script, "Accept-Encoding: br, gzip;q=0.8")
			h := w.Header()
			if h.Get("Content-Encoding") != "gzip" || h.Get("Vary") != "Accept-Encoding" || h.Get("ETag") == plain.Header().Get("ETag") || w.Body.Len() >= len(scriptText)/4 {
				t.Errorf("%d bytes with %v", w.Body.Len(), h)
			}
			z, err := gzip.NewReader(w.Body)
			if err != nil {
				t.Error(err)
				return
			}
			if text, err := io.ReadAll(z); err != nil || string(text) != scriptText {
				t.Errorf("it unpacks to %d bytes, %v", len(text), err)
			}
		})
	}
	wait.Wait()
	for accept, want := range map[string]bool{
		"": false, "gzip": true, "GZIP": true, "x-gzip": true, "*": true, "gzip;q=0": false, "gzip; q=0.0, *": false, "*;q=0": false, "br": false, "identity, *;q=0.1": true,
		"gzip;q=nonsense": false, "deflate, gzip": true, "notgzip": false,
	} {
		if got := get(c, "GET", script, "Accept-Encoding: "+accept).Header().Get("Content-Encoding") == "gzip"; got != want {
			t.Errorf("Accept-Encoding %q: gzip %v", accept, got)
		}
	}
	for _, name := range []string{"console/ring-D4f5g6h7.mp3", "console/small-D4f5g6h7.css", "console/font-D4f5g6h7.woff2"} {
		if h := get(c, "GET", name, "Accept-Encoding: gzip").Header(); h.Get("Content-Encoding") != "" || h.Get("Vary") != "" {
			t.Errorf("%s: %v", name, h)
		}
	}
}

func TestBrotli(t *testing.T) {
	t.Parallel()
	const packed = "as the build has packed it"
	c, err := New(fstest.MapFS{indexFile: {Data: []byte("page")}, script: {Data: []byte(scriptText)}, script + ".br": {Data: []byte(packed)}})
	if err != nil {
		t.Fatal(err)
	}
	tags := map[string]string{}
	for accept, want := range map[string]string{"gzip, deflate, br, zstd": "br", "br;q=0, gzip": "gzip", "gzip": "gzip", "": "", "br": "br"} {
		w := get(c, "GET", script, "Accept-Encoding: "+accept)
		h := w.Header()
		if h.Get("Content-Encoding") != want || h.Get("Vary") != "Accept-Encoding" || h.Get("Content-Type") != "text/javascript; charset=utf-8" || !strings.HasPrefix(h.Get("Cache-Control"), "public") {
			t.Errorf("%q: %v", accept, h)
		}
		if want == "br" && (w.Body.String() != packed || h.Get("Content-Length") != strconv.Itoa(len(packed))) {
			t.Errorf("%q: %q with %v", accept, w.Body, h)
		}
		if same := tags[h.Get("ETag")]; same != "" && same != want {
			t.Errorf("%s and %s have one tag", same, want)
		}
		tags[h.Get("ETag")] = want
		if again := get(c, "GET", script, "Accept-Encoding: "+accept, "If-None-Match: "+h.Get("ETag")); again.Code != 304 {
			t.Errorf("%q again: %d", accept, again.Code)
		}
	}
	if len(tags) != 3 {
		t.Errorf("three forms have the tags %v", tags)
	}
	if w := get(c, "GET", script+".br"); w.Code != 0 {
		t.Errorf("the packed form has an address of its own: %d", w.Code)
	}
}

func TestHeadAndParts(t *testing.T) {
	t.Parallel()
	c := built(t)
	for _, encoding := range []string{"identity", "gzip"} {
		all, head := get(c, "GET", script, "Accept-Encoding: "+encoding), get(c, "HEAD", script, "Accept-Encoding: "+encoding)
		if head.Code != 200 || head.Body.Len() != 0 || head.Header().Get("Content-Length") != all.Header().Get("Content-Length") || all.Header().Get("Content-Length") == "" {
			t.Errorf("%s: %v", encoding, head.Header())
		}
	}
	if part := get(c, "GET", "console/ring-D4f5g6h7.mp3", "Range: bytes=1-4"); part.Code != 206 || part.Body.String() != "alal" {
		t.Errorf("a part: %d %q", part.Code, part.Body)
	}
}

func TestNothingBesideItsFiles(t *testing.T) {
	t.Parallel()
	c := built(t)
	for _, name := range []string{
		"", ".", "..", "index.html", ".keep", "console", "console/", "console/.hidden", "console/none-D4f5g6h7.js", "/" + script, "./" + script, "console/../" + script,
		"../console_test.go", "console/../../console_test.go", `console\index-Bx1_z-9Q.js`, script + "/", script + "\x00", "CONSOLE/index-Bx1_z-9Q.js", "console//index-Bx1_z-9Q.js",
	} {
		if w := get(c, "GET", name); w.Code != 0 || len(w.Header()) != 0 {
			t.Errorf("%q: %d %v", name, w.Code, w.Header())
		}
	}
	for p, want := range map[string]bool{
		"/console/x.js": true, "/favicon.ico": true, "/X.PNG": true, "/a/b.webmanifest": true,
		"/desk": false, "/customers/sofia.r": false, "/playbooks/retail.yaml": false, "/cases/c38g2e6hyvbbk2-k1": false, "/": false, "": false,
	} {
		if IsFile(p) != want {
			t.Errorf("%q looks like a file: %v", p, !want)
		}
	}
}

func TestFilesThatCannotBeServed(t *testing.T) {
	t.Parallel()
	if _, err := New(stubborn{fstest.MapFS{"index.html": {Data: []byte("x")}, "a.js": {Data: []byte("x")}}}); err == nil || !strings.Contains(err.Error(), "seekable") {
		t.Errorf("%v", err)
	}
}

// stubborn has files that can only be read from their beginning.
type stubborn struct{ fstest.MapFS }

func (s stubborn) Open(name string) (fs.File, error) {
	f, err := s.MapFS.Open(name)
	if err != nil || !strings.HasSuffix(name, ".js") {
		return f, err
	}
	return struct{ fs.File }{f}, nil
}

// TestEmbedded holds what was built to what the server promises. Without a
// build there is nothing to hold.
func TestEmbedded(t *testing.T) {
	t.Parallel()
	c, err := Embedded()
	if err != nil {
		t.Fatal(err)
	}
	if !c.Built() {
		t.Skip("the console is not built: make console")
	}
	page := string(c.Index("NONCE"))
	for _, tag := range regexp.MustCompile(`<(?:script|style|link)[^>]*>`).FindAllString(page, -1) {
		if !strings.Contains(tag, `nonce="NONCE"`) && !strings.Contains(tag, "icon") && !strings.Contains(tag, "manifest") {
			t.Errorf("%s has no nonce", tag)
		}
	}
	refs := regexp.MustCompile(`(?:src|href)="/([^"]+)"`).FindAllStringSubmatch(page, -1)
	for _, ref := range refs {
		if w := get(c, http.MethodGet, ref[1]); w.Code != 200 && !strings.HasPrefix(ref[1], "assets/") {
			t.Errorf("the page loads /%s, which is not there", ref[1])
		}
	}
	if len(refs) == 0 {
		t.Errorf("the page loads nothing: %s", page)
	}
	for _, bad := range []string{"http://", "https://", `="//`, "<script>", "style=\""} {
		if strings.Contains(page, bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
}
