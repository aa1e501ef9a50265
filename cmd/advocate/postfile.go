package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// postColumns are what a file of posts may say; only text is required. Other
// columns are left alone.
var postColumns = []string{"id", "text", "author", "at", "network", "visibility", "in_reply_to", "account", "handle", "name", "lang", "url", "revision", "deleted"}

// filePost is a post and where in its file it stands.
type filePost struct {
	line int
	post domain.Post
}

// badLine is a line that is not a post.
type badLine struct {
	line int
	err  error
}

// defaultNetwork is where a file's posts come from unless it says otherwise.
const defaultNetwork = "replay"

// readPosts reads a whole file of posts. Lines that are no posts are returned
// beside; an error means that the file cannot be read at all.
func readPosts(name string, stdin io.Reader) ([]filePost, []badLine, error) {
	r, err := openRows(name, stdin, []string{"text"}, postColumns)
	if err != nil {
		return nil, nil, err
	}
	defer r.Close()
	var posts []filePost
	var bad []badLine
	for {
		row, err := r.next()
		if errors.Is(err, io.EOF) {
			return posts, bad, nil
		}
		if err != nil {
			return nil, nil, err
		}
		p, err := postOf(row)
		if err != nil {
			bad = append(bad, badLine{row.line, err})
			continue
		}
		posts = append(posts, filePost{row.line, p})
	}
}

// postOf reads one row. A missing time stays zero: the caller knows when the
// posts before it were written.
func postOf(r row) (domain.Post, error) {
	if r.err != nil {
		return domain.Post{}, r.err
	}
	p := domain.Post{Network: defaultNetwork}
	f := fieldReader{fields: r.fields}
	f.text("id", &p.ID)
	f.text("network", &p.Network)
	f.text("account", &p.Account)
	f.text("revision", &p.Revision)
	f.text("in_reply_to", &p.InReplyTo)
	f.text("lang", &p.Lang)
	f.text("url", &p.URL)
	f.text("visibility", (*string)(&p.Visibility))
	f.flag("deleted", &p.Deleted)
	f.time("at", &p.At)
	f.author(&p.Author)
	if raw, ok := r.fields["text"]; !ok && !p.Deleted {
		f.fail("text", "is required")
	} else if ok {
		if err := json.Unmarshal(raw, &p.Text); err != nil {
			f.fail("text", "is not a string")
		}
	}
	if f.err != nil {
		return domain.Post{}, f.err
	}
	p.Visibility = domain.Visibility(strings.ToLower(string(p.Visibility)))
	if p.ID == "" {
		p.ID = strconv.Itoa(r.line)
	}
	if p.Author.ID == "" {
		p.Author.ID = "anonymous-" + strconv.Itoa(r.line)
	}
	if strings.TrimSpace(p.Text) == "" && !p.Deleted {
		return domain.Post{}, domain.FieldErrorf("text", "is empty")
	}
	at := p.At
	p.Normalize(farAhead)
	p.At = at
	return p, p.Validate()
}

// farAhead keeps Normalize from taking a file's time for one of the future.
var farAhead = time.Date(9000, 1, 1, 0, 0, 0, 0, time.UTC)

// fieldReader reads fields leniently where nothing can be mistaken: a number
// is fine as an id. It keeps the first error.
type fieldReader struct {
	fields map[string]json.RawMessage
	strict bool // text is text, except what is numbered in many systems
	err    error
}

// numbered are the names of keys, of which numbers are taken for text even where
// the reading is strict, as they are in events.
var numbered = []string{"id", "ref", "customer_ref"}

func (f *fieldReader) fail(name, format string, args ...any) {
	if f.err == nil {
		f.err = domain.FieldErrorf(name, format, args...)
	}
}

// get returns a field, nil when it is missing or null.
func (f *fieldReader) get(name string) json.RawMessage {
	if raw := f.fields[name]; len(raw) > 0 && string(raw) != "null" {
		return raw
	}
	return nil
}

func (f *fieldReader) text(name string, dst *string) {
	raw := f.get(name)
	if raw == nil {
		return
	}
	key := slices.Contains(numbered, name)
	if s, ok := scalar(raw); ok && (raw[0] == '"' || !f.strict || key) {
		if *dst = s; key {
			f.key(name, s)
		}
		return
	}
	f.fail(name, "is %s; want a string", clipJSON(raw))
}

// key checks what one row is told from another by.
func (f *fieldReader) key(name, s string) {
	if err := domain.CheckKey(name, s); f.err == nil {
		f.err = err
	}
}

func (f *fieldReader) flag(name string, dst *bool) {
	raw := f.get(name)
	if raw == nil {
		return
	}
	s, _ := scalar(raw)
	v, err := strconv.ParseBool(strings.ToLower(s))
	if err != nil {
		f.fail(name, "is %s; want true or false", clipJSON(raw))
		return
	}
	*dst = v
}

func (f *fieldReader) number(name string, dst *int64) {
	raw := f.get(name)
	if raw == nil {
		return
	}
	s, _ := scalar(raw)
	v, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
	if err != nil {
		f.fail(name, "is %s; want a whole number", clipJSON(raw))
		return
	}
	*dst = v
}

// time reads a clock's time, such as when a post was written. A date alone is
// noon: that is the same date for readers nearly everywhere.
func (f *fieldReader) time(name string, dst *time.Time) {
	if f.moment(name, dst) {
		*dst = dst.Add(12 * time.Hour)
	}
}

// timeOrDate reads a time of an order, where a date is a date: see
// [domain.TimeOrDate].
func (f *fieldReader) timeOrDate(name string, dst *time.Time) { f.moment(name, dst) }

func (f *fieldReader) moment(name string, dst *time.Time) (date bool) {
	raw := f.get(name)
	if raw == nil {
		return false
	}
	s, _ := scalar(raw)
	t, date, err := parseTime(strings.TrimSpace(s))
	if err != nil {
		f.fail(name, "is %s; want a time such as 2026-06-15T12:00:00Z, or a date", clipJSON(raw))
		return false
	}
	*dst = t
	return date
}

// author is a name by itself or an object with id, handle and name.
func (f *fieldReader) author(a *domain.Author) {
	f.text("handle", &a.Handle)
	f.text("name", &a.Name)
	raw := f.get("author")
	if raw == nil {
		return
	}
	if s, ok := scalar(raw); ok {
		a.ID = s
		if a.Handle == "" {
			a.Handle = s
		}
		return
	}
	var in domain.Author
	if err := json.Unmarshal(raw, &in); err != nil || in.ID == "" {
		f.fail("author", "is %s; want a name, or an object with id, handle and name", clipJSON(raw))
		return
	}
	*a = in
}

// scalar reads a string or a number as text.
func scalar(raw json.RawMessage) (string, bool) {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s, true
	}
	var n json.Number
	if json.Unmarshal(raw, &n) == nil {
		return n.String(), true
	}
	var b bool
	if json.Unmarshal(raw, &b) == nil {
		return strconv.FormatBool(b), true
	}
	return "", false
}

func clipJSON(raw json.RawMessage) string { return shorten(string(raw), 60) }

// timeLayouts are accepted beside RFC 3339; without a zone they are UTC.
var timeLayouts = []string{"2006-01-02T15:04:05", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05", "2006-01-02 15:04"}

// parseTime reads a time, or a date, which is the midnight of UTC.
func parseTime(s string) (t time.Time, date bool, err error) {
	t, err = time.Parse(time.RFC3339, s)
	for _, layout := range timeLayouts {
		if err == nil {
			break
		}
		t, err = time.Parse(layout, s)
	}
	if err != nil {
		t, err = time.Parse(time.DateOnly, s)
		date = err == nil
	}
	if err != nil {
		return time.Time{}, false, fmt.Errorf("not a time: %.40q", s)
	}
	if t.Year() < 1990 || t.Year() > 9000 {
		return time.Time{}, false, fmt.Errorf("not a sensible time: %.40q", s)
	}
	return t.UTC(), date, nil
}
