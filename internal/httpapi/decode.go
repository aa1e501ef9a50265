package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/source"
)

func typeOf(v any) reflect.Type { return reflect.TypeOf(v) }

// postInput is a post as callers send it. The pointer tells a field that is
// missing from one that is empty.
type postInput struct {
	Network     string         `json:"network" doc:"The network's instance, e.g. \"sandbox\"."`
	Account     string         `json:"account,omitempty" doc:"The company's own account there; empty for the only one."`
	ID          string         `json:"id" doc:"Unique within network and account."`
	Author      authorInput    `json:"author"`
	Text        string         `json:"text" doc:"At most 16 KiB."`
	At          *time.Time     `json:"at,omitempty" doc:"When it was written; the time of receipt if missing or in the future."`
	Visibility  string         `json:"visibility,omitempty" enum:"public,private" doc:"public if missing."`
	InReplyTo   string         `json:"in_reply_to,omitempty" doc:"The id of the post it answers."`
	Revision    string         `json:"revision,omitempty" doc:"With an edit, another than any before: a whole number that grows, or a time as RFC 3339 has it, tells which edit is the newer, and an older one that comes late changes nothing. The first version has none. Of anything else, such as a digest of the text, the one that comes last counts."`
	Deleted     bool           `json:"deleted,omitempty"`
	Media       []domain.Media `json:"media,omitempty" maxItems:"16"`
	URL         string         `json:"url,omitempty"`
	Lang        string         `json:"lang,omitempty"`
	Reshare     bool           `json:"reshare,omitempty" doc:"A plain reshare, with no words of the author's own."`
	Own         bool           `json:"own,omitempty" doc:"Written by the company's own account, and not by an advocate."`
	Unaddressed bool           `json:"unaddressed,omitempty" doc:"Found by a search, not written to the company."`
}

type authorInput struct {
	ID     string `json:"id"`
	Handle string `json:"handle,omitempty"`
	Name   string `json:"name,omitempty"`
}

func (in *postInput) post() domain.Post {
	p := domain.Post{
		Network: in.Network, Account: in.Account, ID: in.ID, Revision: in.Revision, Text: in.Text,
		Author:     domain.Author{ID: in.Author.ID, Handle: in.Author.Handle, Name: in.Author.Name},
		Visibility: domain.Visibility(in.Visibility), InReplyTo: in.InReplyTo, URL: in.URL, Lang: in.Lang, Media: in.Media,
		Deleted: in.Deleted, Reshare: in.Reshare, Own: in.Own, Unaddressed: in.Unaddressed,
	}
	if in.At != nil {
		if p.At = *in.At; p.At.IsZero() {
			p.At = p.At.Add(time.Microsecond) // the year 1 is a time that was given, and too old as any other
		}
	}
	return p
}

// wantJSON checks a body's media type; none at all counts as JSON.
func wantJSON(h http.Header) error {
	ct := h.Get("Content-Type")
	if ct == "" {
		return nil
	}
	media, params, err := mime.ParseMediaType(ct)
	if err != nil || media != "application/json" && !strings.HasSuffix(media, "+json") {
		return problem(codeMediaType, "the body is %.80q; want application/json", ct)
	}
	if cs := params["charset"]; cs != "" && !strings.EqualFold(cs, "utf-8") {
		return problem(codeMediaType, "the body is in %.40q; JSON is UTF-8 (RFC 8259 §8.1)", cs)
	}
	return nil
}

// decodePosts reads one post or an array of them, normalised and valid. The
// error is a Problem that names every bad item.
func decodePosts(body []byte, now time.Time) (posts []domain.Post, single bool, err error) {
	body, err = cleanBody(body)
	if err != nil {
		return nil, false, err
	}
	raw := []json.RawMessage{body}
	single = body[0] != '['
	if !single {
		if err := json.Unmarshal(body, &raw); err != nil {
			return nil, false, badJSON(err)
		}
		if len(raw) == 0 {
			return nil, false, domain.Errorf(domain.CodeInvalid, "the array is empty; send at least one post")
		}
		if len(raw) > maxPosts {
			return nil, false, domain.Errorf(domain.CodeTooLarge, "the array has %d posts; at most %d are accepted", len(raw), maxPosts)
		}
	}
	var bad []ProblemItem
	for i, one := range raw {
		p, item := decodePost(one, now)
		if item != nil {
			item.Index = &i
			bad = append(bad, *item)
			continue
		}
		posts = append(posts, p)
	}
	if len(bad) > 0 {
		p := itemProblem("post", bad)
		if single {
			bad[0].Index = nil
			p.Detail = strings.TrimPrefix(bad[0].Field+": "+bad[0].Message, ": ")
		}
		return nil, single, p
	}
	return posts, single, nil
}

func decodePost(raw json.RawMessage, now time.Time) (domain.Post, *ProblemItem) {
	var in postInput
	if err := decodeStrict(raw, &in); err != nil {
		return domain.Post{}, itemOf(err)
	}
	p := in.post()
	if err := linksOf(&p); err != nil {
		return domain.Post{}, itemOf(err)
	}
	p.Normalize(now)
	if err := p.Validate(); err != nil {
		return domain.Post{}, itemOf(err)
	}
	if strings.TrimSpace(p.Text) == "" && !p.Deleted && !p.Reshare && len(p.Media) == 0 {
		return domain.Post{}, itemOf(domain.FieldErrorf("text", "is empty, and the post has no media and is no deletion"))
	}
	return p, nil
}

// linksOf refuses links that normalising would leave out: who sends posts is
// told.
func linksOf(p *domain.Post) error {
	const want = "is %.80q; want a link that begins with http:// or https://, without a user's name"
	if s := strings.TrimSpace(p.URL); s != "" && !domain.WebLink(s) {
		return domain.FieldErrorf("url", want, s)
	}
	for i, m := range p.Media {
		if s := strings.TrimSpace(m.URL); s != "" && !domain.WebLink(s) {
			return domain.FieldErrorf(fmt.Sprintf("media[%d].url", i), want, s)
		}
	}
	return nil
}

func itemOf(err error) *ProblemItem {
	p := problemOf(err)
	item := &ProblemItem{Code: p.Code, Message: p.Detail, Said: p.Said}
	if len(p.Errors) > 0 {
		item.Field, item.Message, item.Said = p.Errors[0].Field, p.Errors[0].Message, p.Errors[0].Said
	}
	return item
}

// cleanBody checks what must hold before JSON is read: something is there, it
// is UTF-8 and it does not nest without end.
func cleanBody(body []byte) ([]byte, error) {
	if bytes.HasPrefix(body, []byte{0xff, 0xfe}) || bytes.HasPrefix(body, []byte{0xfe, 0xff}) {
		return nil, domain.Errorf(domain.CodeInvalid, "the body is UTF-16; JSON must be UTF-8 (RFC 8259 §8.1)")
	}
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\ufeff")))
	if len(body) == 0 {
		return nil, domain.Errorf(domain.CodeInvalid, "the body is empty; want a JSON object")
	}
	if !utf8.Valid(body) {
		body = bytes.ToValidUTF8(body, []byte("\ufffd"))
	}
	if depth(body) > maxDepth {
		return nil, domain.Errorf(domain.CodeInvalid, "the body nests deeper than %d values", maxDepth)
	}
	return body, nil
}

// depth counts how deep arrays and objects nest, without reading them.
func depth(b []byte) int {
	now, most, text := 0, 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case text && c == '\\':
			i++
		case c == '"':
			text = !text
		case text:
		case c == '{' || c == '[':
			now++
			most = max(most, now)
		case c == '}' || c == ']':
			now--
		}
	}
	return most
}

// decodeStrict reads one JSON object into a struct. A field that is not
// known, stands twice in another case, or has a wrong type is an error that
// names it and, where one is near, the field that was meant.
func decodeStrict(raw []byte, into any) error {
	if len(raw) == 0 || raw[0] != '{' {
		return domain.Errorf(domain.CodeInvalid, "is %s; want an object", jsonKind(raw))
	}
	if name := source.RepeatedName(raw); name != "" {
		return domain.FieldErrorf(domain.Clip(name, 60), "stands twice in one object; want each name once")
	}
	if err := unknownFields(raw, reflect.TypeOf(into).Elem(), ""); err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	if err := dec.Decode(into); err != nil {
		return badJSON(err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return domain.Errorf(domain.CodeInvalid, "something follows the object")
	}
	return nil
}

// timeExample is what a time looks like.
const timeExample = "want a time such as 2026-01-31T12:00:00Z (RFC 3339)"

// unknownFields compares an object's members with a struct's, inner ones too.
// Of a time that is no text it says where it stands, which its decoder does not.
func unknownFields(raw []byte, t reflect.Type, at string) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return badJSON(err)
	}
	known := map[string]reflect.Type{}
	var names []string
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		known[name] = t.Field(i).Type
		names = append(names, name)
	}
	var unknown []string
	for name := range members {
		if _, ok := known[name]; !ok {
			unknown = append(unknown, name)
		}
	}
	if len(unknown) > 0 {
		slices.Sort(unknown)
		name := unknown[0]
		msg := "is not a field of this object"
		if near := domain.Nearest(name, names); near != "" {
			msg += fmt.Sprintf("; did you mean %q?", near)
		} else {
			msg += "; known are " + strings.Join(names, ", ")
		}
		return domain.FieldErrorf(at+domain.Clip(name, 60), "%s", msg)
	}
	for _, name := range names {
		inner, v := known[name], members[name]
		if len(v) > 0 && v[0] != '"' && v[0] != 'n' && inner == reflect.TypeFor[*time.Time]() {
			return domain.FieldErrorf(at+name, "is %s; "+timeExample, jsonKind(v))
		}
		if len(v) > 0 && v[0] == '{' && inner.Kind() == reflect.Struct {
			if err := unknownFields(v, inner, at+name+"."); err != nil {
				return err
			}
		}
	}
	return nil
}

// badJSON says where JSON could not be read.
func badJSON(err error) error {
	var (
		syntax *json.SyntaxError
		typ    *json.UnmarshalTypeError
	)
	switch {
	case errors.As(err, &typ):
		return domain.FieldErrorf(typ.Field, "is a JSON %s; want %s", typ.Value, wanted(typ.Type))
	case errors.As(err, &syntax):
		return domain.Errorf(domain.CodeInvalid, "the body is not valid JSON at byte %d: %v", syntax.Offset, syntax)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return domain.Errorf(domain.CodeInvalid, "the body is not valid JSON: it ends too early")
	}
	var parse *time.ParseError
	if errors.As(err, &parse) {
		return domain.FieldErrorf("at", "is %.40q; "+timeExample, parse.Value)
	}
	return domain.Errorf(domain.CodeInvalid, "the body is not valid JSON")
}

func wanted(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		return "an array"
	case reflect.Struct, reflect.Map:
		return "an object"
	}
	return "a number"
}

func jsonKind(raw []byte) string {
	if len(raw) == 0 {
		return "nothing"
	}
	switch raw[0] {
	case '[':
		return "an array"
	case '"':
		return "a string"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	case '{':
		return "an object"
	}
	return "a number"
}
