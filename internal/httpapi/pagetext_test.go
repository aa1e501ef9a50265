package httpapi

import (
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var textHoles = regexp.MustCompile(`\{\w+\}`)

// TestPagesHaveEveryText: the languages have the same texts, filled in the same
// places; the pages use each of them and no other. What the server refuses is
// told in English by the server itself.
func TestPagesHaveEveryText(t *testing.T) {
	t.Parallel()
	var source strings.Builder
	for _, name := range []string{"account.html", "account.js", "link.html", "link.js", "sign-in.html", "sign-in.js", "person.js"} {
		raw, err := pageFiles.ReadFile("page/" + name)
		if err != nil {
			t.Fatal(err)
		}
		source.Write(raw)
	}
	used := map[string]bool{}
	for _, m := range regexp.MustCompile(`"(\w+)"|\.T\.(\w+)`).FindAllStringSubmatch(source.String(), -1) {
		used[m[1]+m[2]] = true
	}
	for _, m := range regexp.MustCompile(`\bt\("(\w+)"|\.T\.(\w+)|data-t="(\w+)"`).FindAllStringSubmatch(source.String(), -1) {
		if name := m[1] + m[2] + m[3]; pageTexts["en"][name] == "" {
			t.Errorf("there is no text %s", name)
		}
	}
	for name, text := range pageTexts["en"] {
		other := pageTexts["es"][name]
		if other == "" || text == "" {
			t.Errorf("%s is missing in a language", name)
		}
		in, also := textHoles.FindAllString(text, -1), textHoles.FindAllString(other, -1)
		slices.Sort(in)
		slices.Sort(also)
		if !slices.Equal(in, also) {
			t.Errorf("%s is filled with %v and %v", name, in, also)
		}
		if !used[name] && !strings.HasPrefix(name, "role.") {
			t.Errorf("no page says %s", name)
		}
	}
	for name := range pageTexts["es"] {
		if _, ok := pageTexts["en"][name]; !ok && !strings.HasPrefix(name, "problem.") {
			t.Errorf("%s is in Spanish alone", name)
		}
	}
}

func TestPagesSpeakTheBrowsersLanguage(t *testing.T) {
	t.Parallel()
	for asked, want := range map[string]string{
		"": "en", "es": "es", "es-MX,es;q=0.9,en;q=0.8": "es", "en-GB,es;q=0.5": "en", "de,es;q=0.3,en;q=0.2": "es", "de": "en", "en;q=0.1, ES ; q=0.2": "es", "es;q=0": "en", ";;q=,": "en",
	} {
		r := httptest.NewRequest("GET", "/sign-in", nil)
		r.Header.Set("Accept-Language", asked)
		if got := languageOf(r); got != want {
			t.Errorf("%q is %s, want %s", asked, got, want)
		}
	}
	f := newFixture(t, nil)
	for path, text := range map[string]string{"/sign-in": ">Entrar</h1>", "/link": ">Tu enlace</h1>", "/account": ">Segundo factor</h2>"} {
		a := f.want(f.call("GET", path, "", "Accept-Language: es"), 200)
		if !strings.Contains(a.body, `<html lang="es">`) || !strings.Contains(a.body, text) || a.header.Get("Vary") != "Accept-Language" {
			t.Errorf("%s: %v\n%s", path, a.header, a.body)
		}
	}
}
