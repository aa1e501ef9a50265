package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// macroKind is the kind of the documents that hold macros.
const macroKind = "macro"

const (
	maxMacros     = 1000
	maxMacroLangs = 30
)

// macroView is a text that agents share.
type macroView struct {
	ID        string            `json:"id"`
	Title     string            `json:"title"`
	Texts     map[string]string `json:"texts" doc:"By language (BCP 47)."`
	Queues    []string          `json:"queues" doc:"Offered in these queues; in all where there are none."`
	UpdatedAt time.Time         `json:"updated_at"`
	UpdatedBy string            `json:"updated_by"`
	Version   int64             `json:"version"`
}

// macroBody is a macro as it is kept.
type macroBody struct {
	Title  string            `json:"title"`
	Texts  map[string]string `json:"texts"`
	Queues []string          `json:"queues,omitempty"`
	By     string            `json:"by"`
}

func viewMacro(d *store.Document) (macroView, error) {
	var b macroBody
	if err := json.Unmarshal(d.Body, &b); err != nil {
		return macroView{}, fmt.Errorf("macro %q cannot be read: %w", d.ID, err)
	}
	return macroView{d.ID, b.Title, b.Texts, append([]string{}, b.Queues...), d.UpdatedAt, b.By, d.Version}, nil
}

func (a *API) registerMacros() {
	const tag = "Macros"
	register(a, call{id: "list-macros", method: "GET", path: "/v1/macros", need: readWork, tag: tag, record: recordNever, summary: "Texts that agents share", about: "By id: those of the caller's queues, and those that are offered in all."}, a.listMacros)
	register(a, call{id: "get-macro", method: "GET", path: "/v1/macros/{id}", need: readWork, tag: tag, record: recordNever, summary: "A macro"}, a.getMacro)
	registerOnce(a, call{id: "put-macro", method: "PUT", path: "/v1/macros/{id}", need: supervise, tag: tag, summary: "Add or change a macro",
		about: "One that is there is changed with If-Match, so that nobody's change is lost. Whose rights reach some queues only keeps macros of these alone. At most 1000 are kept."}, a.putMacro,
		func(ctx context.Context, in *putMacroInput) (*macroOutput, error) {
			return a.getMacro(ctx, &in.MacroInput)
		})
	registerOnce(a, call{id: "delete-macro", method: "DELETE", path: "/v1/macros/{id}", need: supervise, tag: tag, status: http.StatusNoContent, summary: "Delete a macro",
		about: "With If-Match only as it was read."}, a.deleteMacro,
		func(context.Context, *deleteMacroInput) (*accepted, error) { return done(), nil })
}

type macrosInput struct {
	PageInput
	Queue string `query:"queue" maxLength:"64" doc:"Only those that are offered in this queue."`
	Lang  string `query:"lang" maxLength:"35" doc:"Only those with a text in this language, with or without its region."`
}

func (a *API) listMacros(ctx context.Context, in *macrosInput) (*listOutput[macroView], error) {
	var out []macroView
	err := a.view(ctx, func(r store.Reader) error {
		out = nil
		x, err := reachOf(r, caller(ctx))
		if err != nil {
			return err
		}
		docs, err := r.DocumentList(store.DocumentListParams{Kind: macroKind, After: in.Cursor, Limit: maxMacros})
		if err != nil {
			return err
		}
		for i := range docs {
			v, err := viewMacro(&docs[i])
			if err != nil {
				return err
			}
			if x.macro(v.Queues) && v.offered(in.Queue) && v.speaks(in.Lang) {
				out = append(out, v)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return paged(out, in.limit(), func(v macroView) string { return v.ID }), nil
}

func (v *macroView) offered(queue string) bool {
	if queue == "" || len(v.Queues) == 0 {
		return true
	}
	for _, q := range v.Queues {
		if q == queue {
			return true
		}
	}
	return false
}

func (v *macroView) speaks(lang string) bool {
	base, _, _ := strings.Cut(lang, "-")
	for l := range v.Texts {
		if own, _, _ := strings.Cut(l, "-"); strings.EqualFold(own, base) {
			return true
		}
	}
	return lang == ""
}

type MacroInput struct {
	ID string `path:"id" maxLength:"64" doc:"A short name: letters, digits, dots, dashes and underscores."`
}

type macroOutput struct {
	ETag string `header:"ETag"`
	Body macroView
}

func (a *API) getMacro(ctx context.Context, in *MacroInput) (*macroOutput, error) {
	var v macroView
	err := a.view(ctx, func(r store.Reader) error {
		x, err := reachOf(r, caller(ctx))
		if err != nil {
			return err
		}
		docs, err := r.DocumentGet(macroKind, []string{in.ID})
		if err != nil {
			return err
		}
		if docs[0].ID == "" {
			return noMacro(in.ID)
		}
		if v, err = viewMacro(&docs[0]); err == nil && !x.macro(v.Queues) {
			err = noMacro(in.ID)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return &macroOutput{etag(v.Version), v}, nil
}

// macro reports whether a macro is offered in a queue of the caller's.
func (x *reach) macro(queues []string) bool {
	return x.all() || len(queues) == 0 || slices.ContainsFunc(queues, x.queue)
}

// keepsMacro says why a macro may not be changed or deleted, or not be made
// one of these queues: others' agents would write something else.
func (x *reach) keepsMacro(queues []string) error {
	if x.all() {
		return nil
	}
	if len(queues) == 0 {
		return domain.Errorf(domain.CodeForbidden, "a macro that is offered in all queues is kept by whom all queues are open to")
	}
	for _, q := range queues {
		if !x.over(q) {
			return noQueue(q)
		}
	}
	return nil
}

// keptMacro says why a macro that is there, if it is, may not be touched. One
// out of reach is not there, and its name is not to be had.
func (x *reach) keptMacro(d *store.Document) error {
	if d.ID == "" {
		return nil
	}
	v, err := viewMacro(d)
	if err != nil {
		return err
	}
	if !x.macro(v.Queues) {
		return noMacro(d.ID)
	}
	return x.keepsMacro(v.Queues)
}

func noMacro(id string) error {
	return domain.Errorf(domain.CodeNotFound, "there is no macro %.70q", id)
}

type putMacroInput struct {
	MacroInput
	VersionInput
	OnceInput
	Body struct {
		Title  string            `json:"title" minLength:"1" maxLength:"200"`
		Texts  map[string]string `json:"texts" minProperties:"1" doc:"By language (BCP 47), each up to 4000 characters."`
		Queues []string          `json:"queues,omitempty" maxItems:"100"`
	}
}

var macroID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// macro checks what somebody typed in.
func (in *putMacroInput) macro(p *domain.Policy, by string) (macroBody, error) {
	b := macroBody{Title: strings.TrimSpace(domain.CleanText(in.Body.Title)), Texts: map[string]string{}, Queues: in.Body.Queues, By: by}
	switch {
	case !macroID.MatchString(in.ID):
		return b, domain.FieldErrorf("id", "is %.70q; want up to 64 letters, digits, dots, dashes and underscores", in.ID)
	case b.Title == "":
		return b, domain.FieldErrorf("title", "is empty")
	case len(in.Body.Texts) == 0 || len(in.Body.Texts) > maxMacroLangs:
		return b, domain.FieldErrorf("texts", "has %d languages; want 1 to %d", len(in.Body.Texts), maxMacroLangs)
	}
	for lang, text := range in.Body.Texts {
		text = strings.TrimSpace(domain.CleanText(text))
		switch {
		case !langTag.MatchString(lang):
			return b, domain.FieldErrorf("texts", "names %.40q; want a language such as \"en\" or \"pt-BR\"", lang)
		case text == "" || len([]rune(text)) > 4000:
			return b, domain.FieldErrorf("texts."+lang, "has %d characters; want 1 to 4000", len([]rune(text)))
		}
		b.Texts[lang] = text
	}
	for _, q := range b.Queues {
		if _, ok := p.Queues[q]; !ok {
			return b, domain.FieldErrorf("queues", "names %.60q; want some of %s", q, strings.Join(p.QueueNames(), ", "))
		}
	}
	return b, nil
}

func (a *API) putMacro(ctx context.Context, in *putMacroInput) (*macroOutput, error) {
	version, given, err := in.version()
	if err != nil {
		return nil, err
	}
	b, err := in.macro(a.o.Engine.Policy(), caller(ctx).Name)
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(b)
	if err != nil {
		return nil, err
	}
	x, err := a.reach(ctx)
	if err == nil {
		err = x.keepsMacro(b.Queues)
	}
	if err != nil {
		return nil, err
	}
	err = a.o.Store.Update(ctx, func(tx store.Tx) error {
		docs, err := tx.DocumentLock(macroKind, []string{in.ID})
		if err == nil {
			err = x.keptMacro(&docs[0])
		}
		if err != nil {
			return err
		}
		switch had := docs[0]; {
		case had.ID == "" && version != 0:
			return noMacro(in.ID)
		case had.ID != "" && !given:
			return unread("the macro " + in.ID)
		case version != 0 && version != had.Version:
			return lost("the macro", had.Version)
		case had.ID == "":
			if all, err := tx.DocumentList(store.DocumentListParams{Kind: macroKind, Limit: maxMacros}); err != nil || len(all) >= maxMacros {
				if err == nil {
					err = domain.Errorf(domain.CodeConflict, "there are %d macros already; delete one first", maxMacros)
				}
				return err
			}
		}
		docs[0].Kind, docs[0].ID, docs[0].Body, docs[0].UpdatedAt = macroKind, in.ID, body, a.now().UTC()
		return tx.DocumentPut(docs)
	})
	if errors.Is(err, store.ErrConflict) {
		err = domain.Errorf(domain.CodeConflict, "the macro was changed at the same moment; read it again")
	}
	if err != nil {
		return nil, err
	}
	return a.getMacro(ctx, &in.MacroInput)
}

type deleteMacroInput struct {
	MacroInput
	VersionInput
	OnceInput
}

func (a *API) deleteMacro(ctx context.Context, in *deleteMacroInput) (*accepted, error) {
	version, _, err := in.version()
	if err != nil {
		return nil, err
	}
	x, err := a.reach(ctx)
	if err != nil {
		return nil, err
	}
	err = a.o.Store.Update(ctx, func(tx store.Tx) error {
		docs, err := tx.DocumentLock(macroKind, []string{in.ID})
		if err == nil {
			err = x.keptMacro(&docs[0])
		}
		switch {
		case err != nil:
			return err
		case docs[0].ID == "":
			return noMacro(in.ID)
		case version != 0 && version != docs[0].Version:
			return lost("the macro", docs[0].Version)
		}
		return tx.DocumentDelete(macroKind, []string{in.ID})
	})
	if err != nil {
		return nil, err
	}
	return done(), nil
}
