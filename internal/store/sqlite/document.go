package sqlite

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/store"
)

const documentColumns = `d.kind, d.id, d.version, d.keys, d.expires, d.updated, d.body`

var (
	qDocumentGet    = prepared(`SELECT ` + documentColumns + ` FROM document d WHERE d.kind = ? AND d.id = ?`)
	qDocumentFind   = prepared(`SELECT ` + documentColumns + ` FROM document_key k JOIN document d ON d.kind = k.kind AND d.id = k.id WHERE k.kind = ? AND k.name = ?`)
	qDocumentList   = prepared(`SELECT ` + documentColumns + ` FROM document d WHERE d.kind = ? AND d.id > ? AND d.id >= ? ORDER BY d.id LIMIT ?`)
	qDocumentListTo = prepared(`SELECT ` + documentColumns + ` FROM document d WHERE d.kind = ? AND d.id > ? AND d.id >= ? AND d.id < ? ORDER BY d.id LIMIT ?`)
	qDocumentHead   = prepared(`SELECT version, keys FROM document WHERE kind = ? AND id = ?`)
	qDocumentPut    = prepared(`INSERT INTO document (kind, id, version, keys, expires, updated, body) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (kind, id) DO UPDATE SET version = excluded.version, keys = excluded.keys, expires = excluded.expires, updated = excluded.updated, body = excluded.body`)
	qDocumentDel    = prepared(`DELETE FROM document WHERE kind = ? AND id = ?`)
	qDocumentOld    = prepared(`SELECT kind, id FROM document WHERE expires <= ? ORDER BY expires, kind, id LIMIT ?`)
	qDocumentKeyGet = prepared(`SELECT id FROM document_key WHERE kind = ? AND name = ?`)
	qDocumentKeyAdd = prepared(`INSERT OR IGNORE INTO document_key (kind, name, id) VALUES (?, ?, ?)`)
	qDocumentKeyDel = prepared(`DELETE FROM document_key WHERE kind = ? AND name = ?`)

	qDocumentLost = prepared(`SELECT k.kind, k.name FROM document_key k
		WHERE NOT EXISTS (SELECT 1 FROM document d, json_each(d.keys) e WHERE d.kind = k.kind AND d.id = k.id AND e.value = k.name) LIMIT 20`)
	qDocumentMissing = prepared(`SELECT d.kind, e.value FROM document d, json_each(d.keys) e
		WHERE NOT EXISTS (SELECT 1 FROM document_key k WHERE k.kind = d.kind AND k.name = e.value AND k.id = d.id) LIMIT 20`)
)

// documentKey is a document's id, or one of its keys.
type documentKey struct{ kind, name string }

// keyText is a key as a list in JSON can hold it.
func keyText(k string) string { return strings.ToValidUTF8(k, "\uFFFD") }

func (s *stmt) document() store.Document {
	d := store.Document{Kind: s.str(0), ID: s.str(1), Version: s.i(2), UpdatedAt: s.at(5), Body: s.bytes(6)}
	d.Keys = s.keys(3)
	if !s.isNull(4) {
		d.ExpiresAt = s.at(4)
	}
	return d
}

func (s *stmt) keys(col int) (keys []string) {
	if err := json.Unmarshal(s.raw(col), &keys); err != nil {
		s.c.fail(fmt.Errorf("store: the keys of a document cannot be read: %w", err))
	}
	if len(keys) == 0 {
		return nil
	}
	return keys
}

func (r *reader) documents(id query, kind string, names []string) ([]store.Document, error) {
	out := make([]store.Document, len(names))
	for i, name := range names {
		if q := r.q(id).text(kind).text(name); q.row() {
			out[i] = q.document()
			q.reset()
		}
	}
	return out, r.err
}

func (r *reader) DocumentGet(kind string, ids []string) ([]store.Document, error) {
	return r.documents(qDocumentGet, kind, ids)
}

func (r *reader) DocumentFind(kind string, keys []string) ([]store.Document, error) {
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = keyText(k)
	}
	return r.documents(qDocumentFind, kind, names)
}

func (r *reader) DocumentList(p store.DocumentListParams) ([]store.Document, error) {
	from, to, bounded := p.Range()
	id := qDocumentList
	if bounded {
		id = qDocumentListTo
	}
	q := r.q(id).text(p.Kind).text(p.After).text(from)
	if bounded {
		q.text(to)
	}
	var out []store.Document
	for q.int(int64(store.Limit(p.Limit))); q.row(); {
		d := q.document()
		if !p.Has(d.ID) {
			q.reset()
			break
		}
		out = append(out, d)
	}
	return out, r.err
}

// DocumentLock implements store.Tx: one transaction writes at a time.
func (t *tx) DocumentLock(kind string, ids []string) ([]store.Document, error) {
	return t.DocumentGet(kind, ids)
}

func (t *tx) DocumentPut(docs []store.Document) error {
	if err := t.checkDocuments(docs); err != nil {
		return err
	}
	for i := range docs { // keys may change hands, so all are given up first
		t.dropKeys(docs[i].Kind, docs[i].ID)
	}
	for i := range docs {
		d := &docs[i]
		d.Version++
		t.keepDocument(d)
	}
	return t.err
}

// keepDocument writes a document as it is, in place of what has its id.
func (t *tx) keepDocument(d *store.Document) {
	keys := make([]string, len(d.Keys))
	for i, k := range d.Keys {
		keys[i] = keyText(k)
		t.q(qDocumentKeyAdd).text(d.Kind).text(keys[i]).text(d.ID).exec()
	}
	list, err := json.Marshal(keys)
	t.fail(err)
	t.q(qDocumentPut).text(d.Kind).text(d.ID).int(d.Version).text(string(list)).maybe(d.ExpiresAt).time(d.UpdatedAt).blob(d.Body).exec()
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
		if have := t.documentVersion(d.Kind, d.ID); have != d.Version || ids[at] {
			return fmt.Errorf("%w: document %s/%.60q is at version %d, not %d, or stands twice", store.ErrConflict, d.Kind, d.ID, have, d.Version)
		}
		ids[at] = true
		for _, k := range d.Keys {
			key := documentKey{d.Kind, keyText(k)}
			if other, taken := owner[key]; taken && other != d.ID {
				return fmt.Errorf("%w: key %.60q of %s/%.60q stands twice", store.ErrConflict, k, d.Kind, d.ID)
			}
			owner[key] = d.ID
		}
	}
	for key, id := range owner {
		if other := t.keyOwner(key); other != "" && other != id && !ids[documentKey{key.kind, other}] {
			return fmt.Errorf("%w: key %.60q of %s/%.60q is another's", store.ErrConflict, key.name, key.kind, id)
		}
	}
	return t.err
}

func (t *tx) documentVersion(kind, id string) (version int64) {
	if q := t.q(qDocumentHead).text(kind).text(id); q.row() {
		version = q.i(0)
		q.reset()
	}
	return version
}

func (t *tx) keyOwner(key documentKey) (id string) {
	if q := t.q(qDocumentKeyGet).text(key.kind).text(key.name); q.row() {
		id = q.str(0)
		q.reset()
	}
	return id
}

func (t *tx) dropKeys(kind, id string) {
	q := t.q(qDocumentHead).text(kind).text(id)
	if !q.row() {
		return
	}
	keys := q.keys(1)
	q.reset()
	for _, k := range keys {
		t.q(qDocumentKeyDel).text(kind).text(k).exec()
	}
}

func (t *tx) DocumentDelete(kind string, ids []string) error {
	for _, id := range ids {
		t.dropKeys(kind, id)
		t.q(qDocumentDel).text(kind).text(id).exec()
	}
	return t.err
}

func (t *tx) DocumentPrune(now time.Time, limit int) (int, error) {
	var old []documentKey
	for q := t.q(qDocumentOld).int(truncated(now).UnixMicro()).int(int64(store.Limit(limit))); q.row(); {
		old = append(old, documentKey{q.str(0), q.str(1)})
	}
	for _, at := range old {
		t.fail(t.DocumentDelete(at.kind, []string{at.name}))
	}
	return len(old), t.err
}
