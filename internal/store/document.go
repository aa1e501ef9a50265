package store

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// MaxName is how long, in bytes, a document's or a delivery's kind, id and keys
// may be, and an audit row's columns. Whoever takes names from outside refuses
// longer ones itself.
const MaxName = 512

// Document is a small thing that is kept whole: a person, an agent, a session,
// an endpoint. Who keeps it owns the form of its body.
type Document struct {
	Kind      string    // "user", "agent", "session", "link", "idempotency", "secret", "endpoint", "report", "cursor", …
	ID        string    // among its kind
	Version   int64     // 1 once written; each write adds one
	Keys      []string  // other names to find it by; each names one document of a kind
	Body      []byte    // up to some ten thousand bytes: it is rewritten at each change
	ExpiresAt time.Time // zero: never. Reads give it until it is pruned; its reader looks at the time
	UpdatedAt time.Time // the writer's word
}

// Valid returns what keeps a document from being kept, nil for nothing.
func (d *Document) Valid() error {
	switch {
	case d.Kind == "" || d.ID == "":
		return fmt.Errorf("store: a document without a kind or an id cannot be kept")
	case d.Version < 0:
		return fmt.Errorf("store: document %.60s/%.60q has version %d; want the one that was read, 0 for none", d.Kind, d.ID, d.Version)
	}
	for _, name := range append([]string{d.Kind, d.ID}, d.Keys...) {
		if name == "" || len(name) > MaxName {
			return fmt.Errorf("store: document %.60s/%.60q is named by %.60q; want names of 1 to %d bytes", d.Kind, d.ID, name, MaxName)
		}
	}
	return nil
}

// DocumentListParams pages through a kind by id, bytewise.
type DocumentListParams struct {
	Kind   string
	Prefix string // of the ids; "" for all
	After  string // the last id of the page before
	Limit  int
}

// Range is where a page begins and ends: ids above after that are not below
// from, and below to. Without bounded there is no to. Ids in there that do not
// begin with Prefix can only come behind those that do.
func (p *DocumentListParams) Range() (from, to string, bounded bool) {
	to = p.Prefix
	for to != "" {
		r, size := utf8.DecodeLastRuneInString(to)
		to = to[:len(to)-size]
		switch {
		case r == utf8.MaxRune, r == utf8.RuneError && size == 1:
			continue // what is next has one rune less
		case r == 0xd7ff:
			r = 0xdfff // no text has surrogates
		}
		return p.Prefix, to + string(r+1), true
	}
	return p.Prefix, "", false
}

// Has reports whether a document that Range gave belongs to the list.
func (p *DocumentListParams) Has(id string) bool { return strings.HasPrefix(id, p.Prefix) }

// DocumentReader reads documents.
type DocumentReader interface {
	// DocumentGet reads documents of a kind; result i belongs to id i, with ID
	// "" for an unknown one.
	DocumentGet(kind string, ids []string) ([]Document, error)
	// DocumentFind is DocumentGet by key.
	DocumentFind(kind string, keys []string) ([]Document, error)
	// DocumentList pages through a kind by id.
	DocumentList(p DocumentListParams) ([]Document, error)
}

// DocumentWriter writes documents.
type DocumentWriter interface {
	// DocumentLock is DocumentGet, and no other transaction writes, deletes or
	// locks them until this one ends; it waits for those that do. Locks are
	// taken in the order of the ids. What is not there cannot be locked: of two
	// transactions that put it, one finds it put.
	DocumentLock(kind string, ids []string) ([]Document, error)
	// DocumentPut writes documents, of one kind or several. Version is the one
	// that was read, 0 for one that must not be there yet, and is raised in
	// place. ErrConflict when another version is stored, when a key is another
	// document's once all of the call is written (within it, keys may change
	// hands), or when one stands twice; then nothing of the call is written and
	// no version raised.
	DocumentPut(docs []Document) error
	DocumentDelete(kind string, ids []string) error
	// DocumentPrune deletes documents of any kind whose ExpiresAt is set and
	// not after now, at most limit, the earliest first, then by kind and id,
	// and says how many. One that another transaction has locked stays.
	DocumentPrune(now time.Time, limit int) (int, error)
}
