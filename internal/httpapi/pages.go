package httpapi

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html/template"
	"net/http"
)

//go:embed page/*
var pageFiles embed.FS

// pagePolicy lets a page load its own files and nothing else, from nowhere
// else (CSP level 3).
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const htmlType = "text/html; charset=utf-8"

func (a *API) registerPages() {
	a.page("/assets/docs.css", open, a.file("page/docs.css", "text/css; charset=utf-8"))
	a.page("/assets/icon.svg", open, a.file("page/icon.svg", "image/svg+xml"))
	a.page("/docs", open, http.HandlerFunc(a.docs))
	a.registerSignIn()
	a.registerConsole()
}

// page registers a GET that is no call of the API: it is in the table of
// access, and not in the OpenAPI description.
func (a *API) page(path string, need access, h http.Handler) {
	pattern := "GET " + path
	if path == "/" {
		pattern += "{$}"
	}
	a.routes = append(a.routes, Route{"GET", path, string(need)})
	a.needs[pattern] = need
	a.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		if _, err := a.admit(r, need); err != nil {
			a.refuse(w, r, err)
			return
		}
		w.Header().Set("Content-Security-Policy", pagePolicy)
		h.ServeHTTP(w, r)
	})
}

// file serves an embedded file; a browser that has it asks whether it
// changed.
func (a *API) file(name, contentType string) http.Handler {
	body, err := pageFiles.ReadFile(name)
	if err != nil {
		panic("httpapi: " + err.Error())
	}
	return unchanging(body, contentType)
}

// render fills in a template that comes to the same for as long as the server
// runs.
func render(name string, data any) []byte {
	var b bytes.Buffer
	if err := template.Must(template.ParseFS(pageFiles, name)).Option("missingkey=error").Execute(&b, data); err != nil {
		panic("httpapi: " + err.Error())
	}
	return b.Bytes()
}

func unchanging(body []byte, contentType string) http.Handler {
	sum := sha256.Sum256(body)
	tag := `"` + hex.EncodeToString(sum[:8]) + `"`
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("Cache-Control", "no-cache")
		w.Header().Set("ETag", tag)
		if r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		_, _ = w.Write(body)
	})
}
