package meta

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
)

// ident is an id, which Meta's documents write as a number here and as a text
// there.
type ident string

// UnmarshalJSON takes both.
func (i *ident) UnmarshalJSON(b []byte) error {
	s := strings.TrimSpace(string(b))
	switch {
	case s == "null":
		return nil
	case strings.HasPrefix(s, `"`):
		return json.Unmarshal(b, (*string)(i))
	case numberPattern.MatchString(s):
		*i = ident(s)
		return nil
	}
	return errors.New("is no id")
}

// stamp is a time: Unix seconds, Unix milliseconds, either as a text, or
// ISO 8601 as the Graph API writes it.
type stamp struct{ time.Time }

// UnmarshalJSON takes them all; what is none of them is no time.
func (t *stamp) UnmarshalJSON(b []byte) error {
	s := strings.Trim(strings.TrimSpace(string(b)), `"`)
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		switch {
		case n <= 0 || n > 1e14:
		case n > 1e11:
			t.Time = time.UnixMilli(n).UTC()
		default:
			t.Time = time.Unix(n, 0).UTC()
		}
		return nil
	}
	for _, form := range []string{"2006-01-02T15:04:05-0700", time.RFC3339} {
		if at, err := time.Parse(form, s); err == nil && at.Year() > 1970 && at.Year() < 3000 {
			t.Time = at.UTC()
			return nil
		}
	}
	return nil
}

var (
	commentPattern = regexp.MustCompile(`^[0-9]{1,30}(_[0-9]{1,30})?$`) // a comment, a post or a media; messages have letters
	messagePattern = regexp.MustCompile(`^[A-Za-z0-9_.:$=+-]{1,500}$`)  // stays itself in a path
)

// draft makes a post of what both networks' ways have found. It is false where
// there is no id, or nobody wrote it.
func (n *Network) draft(id, author, name, handle, text string, at time.Time) (domain.Post, bool) {
	p := domain.Post{
		Network: n.Name(), Account: n.Account(), ID: id, Revision: revision(text), Text: social.Clean(text, domain.MaxPostText), At: at, Visibility: domain.Public,
		Author: domain.Author{ID: author, Name: social.Clean(name, domain.MaxPostField), Handle: social.Clean(handle, domain.MaxPostField)},
	}
	if p.At.IsZero() {
		p.At = n.kit.Clock.Now()
	}
	p.Own = author == n.self()
	ok := id != "" && len(id) <= domain.MaxPostField && author != "" && len(author) <= domain.MaxPostField
	if !ok {
		n.log.Warn("a post without an id or an author is left out; a permission may be missing", "has_id", id != "", "has_author", author != "")
	}
	return p, ok
}

// revision tells one version of a text from another. It begins with a letter,
// so that it is no number: nothing says which of two is the newer.
func revision(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "h" + hex.EncodeToString(sum[:6])
}

// nobody stands for the author of a deletion, where none is told.
const nobody = domain.Nobody

// deletion is the post that says that a post is gone.
func (n *Network) deletion(id, author string, at time.Time) (domain.Post, bool) {
	if author == "" {
		author = nobody
	}
	p, ok := n.draft(id, author, "", "", "", at)
	p.Deleted, p.Revision = true, ""
	return p, ok
}

// link is an address as a post may carry it, "" for any other.
func link(s string) string {
	if len(s) > 4*domain.MaxPostField {
		return ""
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil {
		return ""
	}
	return s
}
