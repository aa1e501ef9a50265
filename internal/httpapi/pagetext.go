package httpapi

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// pageLanguages are those that the pages about signing in are written in; the
// first is for whoever reads none of them.
var pageLanguages = []string{"en", "es"}

// pageTexts are the pages' texts by language and name.
var pageTexts = readPageTexts()

func readPageTexts() map[string]map[string]string {
	out := map[string]map[string]string{}
	for _, lang := range pageLanguages {
		raw, err := pageFiles.ReadFile("page/" + lang + ".json")
		texts := map[string]string{}
		if err == nil {
			err = json.Unmarshal(raw, &texts)
		}
		if err != nil {
			panic("httpapi: the texts of the pages: " + err.Error())
		}
		out[lang] = texts
	}
	return out
}

// textsModule is the texts as the pages' scripts read them: a script fills in
// anew what the server has written, where somebody chose another language in
// the console.
func textsModule() http.Handler {
	body, err := json.Marshal(pageTexts)
	if err != nil {
		panic("httpapi: " + err.Error())
	}
	return unchanging([]byte("export default "+string(body)+";\n"), "text/javascript; charset=utf-8")
}

// localized serves a page in the language that the browser asks for.
func localized(pages map[string]http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Accept-Language")
		pages[languageOf(r)].ServeHTTP(w, r)
	})
}

// languageOf is the language of ours that a browser would rather have
// (RFC 9110 §12.5.4).
func languageOf(r *http.Request) string {
	best, weight := pageLanguages[0], 0.0
	for _, asked := range strings.Split(r.Header.Get("Accept-Language"), ",") {
		tag, param, _ := strings.Cut(asked, ";")
		lang, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
		q := 1.0
		if v, ok := strings.CutPrefix(strings.TrimSpace(param), "q="); ok {
			q, _ = strconv.ParseFloat(v, 64)
		}
		if slices.Contains(pageLanguages, lang) && q > weight {
			best, weight = lang, q
		}
	}
	return best
}
