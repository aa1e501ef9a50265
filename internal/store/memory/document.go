package memory

import (
	"fmt"
	"time"

	"github.com/contact-advocate/advocate/internal/store"
)

// documentKey is a document's id, or one of its keys.
type documentKey struct{ kind, name string }

func copyDocument(d store.Document) store.Document {
	d.Keys, d.Body = append([]string(nil), d.Keys...), blob(d.Body)
	return d
}

func (r *reader) DocumentGet(kind string, ids []string) ([]store.Document, error) {
	out := make([]store.Document, len(ids))
	for i, id := range ids {
		if d, ok := r.s.documents.get(documentKey{kind, id}); ok {
			out[i] = copyDocument(d)
		}
	}
	return out, nil
}

func (r *reader) DocumentFind(kind string, keys []string) ([]store.Document, error) {
	out := make([]store.Document, len(keys))
	for i, key := range keys {
		if id, ok := r.s.documentKeys.get(documentKey{kind, key}); ok {
			out[i] = copyDocument(r.s.documents.rows[documentKey{kind, id}])
		}
	}
	return out, nil
}

func (r *reader) DocumentList(p store.DocumentListParams) ([]store.Document, error) {
	out := r.s.documents.list(func(d store.Document) bool { return d.Kind == p.Kind && d.ID > p.After && p.Has(d.ID) },
		func(a, b store.Document) int { return compare(a.ID, b.ID) }, store.Limit(p.Limit))
	for i := range out {
		out[i] = copyDocument(out[i])
	}
	return out, nil
}

// DocumentLock implements store.Tx: one transaction writes at a time.
func (t *tx) DocumentLock(kind string, ids []string) ([]store.Document, error) {
	return t.DocumentGet(kind, ids)
}

func (t *tx) DocumentPut(docs []store.Document) error {
	if err := t.checkDocuments(docs); err != nil {
		return err
	}
	for i := range docs {
		t.dropDocument(documentKey{docs[i].Kind, docs[i].ID})
	}
	for i := range docs {
		docs[i].Version++
		d := copyDocument(docs[i])
		d.ExpiresAt, d.UpdatedAt = micros(d.ExpiresAt), micros(d.UpdatedAt)
		t.s.documents.put(t.s, documentKey{d.Kind, d.ID}, d)
		for _, k := range d.Keys {
			t.s.documentKeys.put(t.s, documentKey{d.Kind, k}, d.ID)
		}
	}
	return nil
}

// checkDocuments looks at what is there before anything is written.
func (t *tx) checkDocuments(docs []store.Document) error {
	ids, owner := map[documentKey]bool{}, map[documentKey]string{}
	for i := range docs {
		if err := docs[i].Valid(); err != nil {
			return err
		}
	}
	for i := range docs {
		d := &docs[i]
		at := documentKey{d.Kind, d.ID}
		if have := t.s.documents.rows[at].Version; have != d.Version || ids[at] {
			return fmt.Errorf("%w: document %s/%.60q is at version %d, not %d, or stands twice", store.ErrConflict, d.Kind, d.ID, have, d.Version)
		}
		ids[at] = true
		for _, k := range d.Keys {
			key := documentKey{d.Kind, k}
			if other, taken := owner[key]; taken && other != d.ID {
				return fmt.Errorf("%w: key %.60q of %s/%.60q stands twice", store.ErrConflict, k, d.Kind, d.ID)
			}
			owner[key] = d.ID
		}
	}
	for key, id := range owner {
		if other, taken := t.s.documentKeys.get(key); taken && other != id && !ids[documentKey{key.kind, other}] {
			return fmt.Errorf("%w: key %.60q of %s/%.60q is another's", store.ErrConflict, key.name, key.kind, id)
		}
	}
	return nil
}

func (t *tx) dropDocument(at documentKey) {
	for _, k := range t.s.documents.rows[at].Keys {
		t.s.documentKeys.del(t.s, documentKey{at.kind, k})
	}
	t.s.documents.del(t.s, at)
}

func (t *tx) DocumentDelete(kind string, ids []string) error {
	for _, id := range ids {
		t.dropDocument(documentKey{kind, id})
	}
	return nil
}

func byKindAndID(a, b store.Document) int { return then(compare(a.Kind, b.Kind), compare(a.ID, b.ID)) }

func (t *tx) DocumentPrune(now time.Time, limit int) (int, error) {
	old := t.s.documents.list(func(d store.Document) bool { return !d.ExpiresAt.IsZero() && !d.ExpiresAt.After(now) },
		func(a, b store.Document) int { return then(a.ExpiresAt.Compare(b.ExpiresAt), byKindAndID(a, b)) }, store.Limit(limit))
	for _, d := range old {
		t.dropDocument(documentKey{d.Kind, d.ID})
	}
	return len(old), nil
}
