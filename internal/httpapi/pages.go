package httpapi

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html/template"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

//go:embed page/*
var pageFiles embed.FS

// pagePolicy lets a page load its own files and nothing else, from nowhere
// else (CSP level 3).
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const htmlType = "text/html; charset=utf-8"

var docsTemplate = template.Must(template.ParseFS(pageFiles, "page/docs.html"))

func (a *API) registerPages() {
	a.page("/sandbox", sandboxy, a.file("page/sandbox.html", htmlType))
	a.page("/assets/sandbox.css", open, a.file("page/sandbox.css", "text/css; charset=utf-8"))
	a.page("/assets/sandbox.js", open, a.file("page/sandbox.js", "text/javascript; charset=utf-8"))
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
	if err := template.Must(template.ParseFS(pageFiles, name)).Execute(&b, data); err != nil {
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

// docsGroup is the calls of one tag.
type docsGroup struct {
	Name  string
	Calls []docsCall
}

type docsCall struct {
	ID, Method, Path, Summary, About, Access string
	Params                                   []docsParam
	Bodies, Statuses                         []string
}

type docsParam struct {
	Name, In, About string
	Required        bool
}

// docs renders the description as one page without a script.
func (a *API) docs(w http.ResponseWriter, r *http.Request) {
	var b bytes.Buffer
	err := docsTemplate.Execute(&b, map[string]any{"Version": a.o.Version, "About": a.huma.OpenAPI().Info.Description, "Groups": a.docsGroups()})
	if err != nil {
		a.refuse(w, r, err)
		return
	}
	w.Header().Set("Content-Type", htmlType)
	_, _ = w.Write(b.Bytes())
}

func (a *API) docsGroups() []docsGroup {
	var groups []docsGroup
	at := map[string]int{}
	for _, rt := range a.routes {
		item := a.huma.OpenAPI().Paths[rt.Path]
		if item == nil {
			continue
		}
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Delete} {
			if op == nil || op.Method != rt.Method {
				continue
			}
			tag := op.Tags[0]
			i, ok := at[tag]
			if !ok {
				i = len(groups)
				at[tag] = i
				groups = append(groups, docsGroup{Name: tag})
			}
			groups[i].Calls = append(groups[i].Calls, docsOf(op, rt))
		}
	}
	order := []string{"In", "Customers", "Cases", "Work items", "Agents", "Reports", "Effects", "Playbooks", "Webhooks", "Signing in", "Account", "People", "Tokens", "Audit", "Operation", "Sandbox network", "Demo"}
	slices.SortStableFunc(groups, func(x, y docsGroup) int {
		return cmp.Compare(slices.Index(order, x.Name), slices.Index(order, y.Name))
	})
	return groups
}

func docsOf(op *huma.Operation, rt Route) docsCall {
	c := docsCall{ID: op.OperationID, Method: op.Method, Path: op.Path, Summary: op.Summary, About: op.Description, Access: accessText(rt.Access)}
	for _, p := range op.Parameters {
		c.Params = append(c.Params, docsParam{p.Name, p.In, p.Description, p.Required})
	}
	if op.RequestBody != nil {
		for media := range op.RequestBody.Content {
			c.Bodies = append(c.Bodies, media)
		}
		slices.Sort(c.Bodies)
	}
	for s := range op.Responses {
		if s != "default" {
			c.Statuses = append(c.Statuses, s+" "+strings.ToLower(op.Responses[s].Description))
		}
	}
	slices.Sort(c.Statuses)
	return c
}

func accessText(a string) string {
	switch access(a) {
	case open:
		return "no token"
	case sandboxy:
		return "no token, while the sandbox network is on"
	case inside:
		return "no token, in the demo on this machine"
	case signed:
		return "a signature"
	case anyone:
		return "a token or a session"
	case account:
		return "a session"
	}
	return access(a).String()
}
