package bridge

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
)

// maxAlt is how much of a picture's description is kept, in bytes.
const maxAlt = 2000

// item is a post as a bridge writes it.
type item struct {
	domain.Post

	Revision revision `json:"revision"`
	At       moment   `json:"at"`
}

// revision is a text, or a number, which stands for its digits: networks count
// their edits as well as they date them.
type revision string

func (r *revision) UnmarshalJSON(b []byte) error {
	if b[0] == '-' || b[0] >= '0' && b[0] <= '9' {
		*r = revision(b)
		return nil
	}
	if b[0] == '"' || string(b) == "null" {
		return json.Unmarshal(b, (*string)(r))
	}
	return domain.FieldErrorf("revision", "is neither a text nor a number")
}

// moment is a time; a missing one is that of the receipt.
type moment time.Time

func (m *moment) UnmarshalJSON(b []byte) error {
	var t time.Time
	if err := json.Unmarshal(b, &t); err != nil {
		return domain.FieldErrorf("at", "is no time; want a text in the form of RFC 3339, such as \"2026-03-01T12:00:00Z\"")
	}
	*m = moment(t)
	return nil
}

// post reads one post.
func (n *Network) post(raw []byte, now time.Time) (domain.Post, *domain.Error) {
	var in item
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&in); err != nil {
		return domain.Post{}, badJSON(err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return domain.Post{}, domain.Errorf(domain.CodeInvalid, "something follows the object")
	}
	if len(raw) < 2 || raw[0] != '{' {
		return domain.Post{}, domain.Errorf(domain.CodeInvalid, "is no object")
	}
	p := in.Post
	p.Revision, p.At = string(in.Revision), time.Time(in.At)
	if p.Network != "" && p.Network != n.c.Name {
		return p, domain.FieldErrorf("network", "is %.60q; leave it out, or say %q", p.Network, n.c.Name)
	}
	if p.Account != "" && p.Account != n.c.Account {
		return p, domain.FieldErrorf("account", "is %.60q; leave it out, or say %q", p.Account, n.c.Account)
	}
	p.Network, p.Account = n.c.Name, n.c.Account
	p.Normalize(now)
	fit(&p)
	if err := p.Validate(); err != nil {
		var de *domain.Error
		if errors.As(err, &de) {
			return p, de
		}
		return p, domain.Errorf(domain.CodeInvalid, "is no post")
	}
	if strings.TrimSpace(p.Text) == "" && !p.Deleted && !p.Reshare && len(p.Media) == 0 {
		return p, domain.FieldErrorf("text", "is empty, and the post has no media and is no deletion")
	}
	return p, nil
}

// fit cuts what a person has written to what is kept: somebody who writes a
// lot is answered all the same. Ids are the bridge's, and stay whole.
func fit(p *domain.Post) {
	p.Text = social.Shorten(p.Text, domain.MaxPostText)
	p.Author.Handle, p.Author.Name = social.Shorten(p.Author.Handle, domain.MaxPostField), social.Shorten(p.Author.Name, domain.MaxPostField)
	if len(p.Lang) > domain.MaxPostField {
		p.Lang = ""
	}
	// What a page may not link to is no link; the post is worth reading.
	if !webLink(p.URL) {
		p.URL = ""
	}
	p.Media = slices.DeleteFunc(p.Media, func(m domain.Media) bool { return !webLink(m.URL) })
	p.Media = p.Media[:min(len(p.Media), domain.MaxPostMedia)]
	for i := range p.Media {
		p.Media[i].Alt, p.Media[i].Type = social.Shorten(p.Media[i].Alt, maxAlt), social.Shorten(p.Media[i].Type, domain.MaxPostField)
	}
}

// badJSON says what is wrong with one post's JSON, and what is accepted.
func badJSON(err error) *domain.Error {
	var ours *domain.Error
	if errors.As(err, &ours) {
		return ours
	}
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &kind):
		field := domain.Clip(strings.TrimPrefix(kind.Field, "Post."), 60)
		return domain.FieldErrorf(field, "is a JSON %.20s; want %s", strings.TrimPrefix(kind.Value, "JSON "), wanted(kind))
	case strings.HasPrefix(err.Error(), "json: unknown field "):
		return domain.FieldErrorf(domain.Clip(strings.Trim(strings.TrimPrefix(err.Error(), "json: unknown field "), `"`), 60), "is not a field of a post")
	}
	return domain.Errorf(domain.CodeInvalid, "the body is no JSON")
}

// wanted names the JSON that a field takes.
func wanted(e *json.UnmarshalTypeError) string {
	switch e.Type.Kind() {
	case reflect.String:
		return "a text, in quotes"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		return "an array"
	default:
		return "an object"
	}
}

func webLink(s string) bool { return len(s) <= maxAddress && domain.WebLink(s) }
