package postgres

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/contact-advocate/advocate/internal/store"
)

const documentColumns = `d.kind, d.id, d.version, d.keys, d.expires, d.updated, d.body`

var (
	qDocumentGet  = prepared(`SELECT ` + documentColumns + ` FROM document d WHERE d.kind = $1::text AND d.id = ANY ($2::text[])`)
	qDocumentLock = prepared(`SELECT ` + documentColumns + ` FROM document d WHERE d.kind = $1::text AND d.id = ANY ($2::text[]) ORDER BY d.id FOR NO KEY UPDATE`)
	qDocumentFind = prepared(`SELECT ` + documentColumns + `, k.name FROM document_key k JOIN document d ON d.kind = k.kind AND d.id = k.id
		WHERE k.kind = $1::text AND k.name = ANY ($2::text[])`)
	qDocumentList = prepared(`SELECT ` + documentColumns + ` FROM document d WHERE d.kind = $1::text AND d.id > $2::text AND d.id >= $3::text
		ORDER BY d.id LIMIT $4::bigint`)
	qDocumentListTo = prepared(`SELECT ` + documentColumns + ` FROM document d WHERE d.kind = $1::text AND d.id > $2::text AND d.id >= $3::text AND d.id < $5::text
		ORDER BY d.id LIMIT $4::bigint`)
	qDocumentHold = prepared(`SELECT d.kind, d.id, d.version, d.keys FROM unnest($1::text[], $2::text[]) u(kind, id) JOIN document d ON d.kind = u.kind AND d.id = u.id
		ORDER BY d.kind, d.id FOR NO KEY UPDATE OF d`)
	qDocumentAdd = prepared(`INSERT INTO document (kind, id, version, expires, updated, body, keys) SELECT u.kind, u.id, 1, u.expires, u.updated, u.body, '{}'::text[]
		FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::bytea[]) u(kind, id, expires, updated, body)`)
	qDocumentSet = prepared(`UPDATE document d SET version = u.version + 1, expires = u.expires, updated = u.updated, body = u.body
		FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::bytea[], $6::bigint[]) u(kind, id, expires, updated, body, version)
		WHERE d.kind = u.kind AND d.id = u.id AND d.version = u.version`)
	qDocumentKeys = prepared(`UPDATE document SET keys = $3::text[] WHERE kind = $1::text AND id = $2::text`)
	qDocumentDel  = prepared(`DELETE FROM document d USING unnest($1::text[], $2::text[]) u(kind, id) WHERE d.kind = u.kind AND d.id = u.id`)
	// One that another transaction has locked is passed over: it is being
	// prolonged, or deleted.
	qDocumentOld = prepared(`SELECT kind, id, version, keys FROM document WHERE expires <= $1::timestamptz ORDER BY expires, kind, id LIMIT $2::bigint FOR UPDATE SKIP LOCKED`)

	qKeyOwner = prepared(`SELECT k.kind, k.name, k.id FROM unnest($1::text[], $2::text[]) u(kind, name) JOIN document_key k ON k.kind = u.kind AND k.name = u.name`)
	qKeyAdd   = prepared(`INSERT INTO document_key (kind, name, id) SELECT * FROM unnest($1::text[], $2::text[], $3::text[])`)
	qKeyDel   = prepared(`DELETE FROM document_key k USING unnest($1::text[], $2::text[]) u(kind, name) WHERE k.kind = u.kind AND k.name = u.name`)
)

// documentKey is a document's id, or one of its keys.
type documentKey struct{ kind, name string }

func compareKey(a, b documentKey) int {
	return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.name, b.name))
}

// heldDocument is what this transaction knows of a document that it has
// locked. Version 0 is one that it has deleted.
type heldDocument struct {
	version int64
	keys    []string
}

// texts reads an array of texts; an empty one is nil.
func (q *rows) texts(col int) (out []string) {
	v := q.v[col]
	if len(v) < 20 || binary.BigEndian.Uint32(v) != 1 { // one dimension, flags, type, length, lower bound
		return nil
	}
	n := binary.BigEndian.Uint32(v[12:])
	for v = v[20:]; n > 0 && len(v) >= 4; n-- {
		size := int32(binary.BigEndian.Uint32(v))
		if v = v[4:]; size < 0 || int(size) > len(v) {
			return out
		}
		out, v = append(out, string(v[:size])), v[size:]
	}
	return out
}

func (q *rows) document() store.Document {
	return store.Document{Kind: q.str(0), ID: q.str(1), Version: q.i(2), Keys: q.texts(3), ExpiresAt: q.at(4), UpdatedAt: q.at(5), Body: q.bytes(6)}
}

// named reads documents, each to the places of its name in a list; name is the
// column that the names are compared with.
func (r *reader) named(id query, kind string, names []string, name int, each func(*store.Document)) []store.Document {
	out := make([]store.Document, len(names))
	at := make(map[string][]int, len(names))
	var wanted []string
	for i, n := range names {
		n = storable(n)
		if at[n] = append(at[n], i); len(at[n]) == 1 {
			wanted = append(wanted, n)
		}
	}
	slices.Sort(wanted) // also from one stretch to the next
	chunks(len(wanted), func(from, to int) {
		for q := r.query(id, r.arg().text(kind).strings(wanted[from:to])); q.next(); {
			for _, i := range at[q.str(name)] {
				out[i] = q.document() // each its own
				if each != nil {
					each(&out[i])
				}
			}
		}
	})
	return out
}

func (r *reader) DocumentGet(kind string, ids []string) ([]store.Document, error) {
	return r.named(qDocumentGet, kind, ids, 1, nil), r.err
}

func (r *reader) DocumentFind(kind string, keys []string) ([]store.Document, error) {
	return r.named(qDocumentFind, kind, keys, 7, nil), r.err
}

func (r *reader) DocumentList(p store.DocumentListParams) ([]store.Document, error) {
	p.Prefix = storable(p.Prefix)
	from, to, bounded := p.Range()
	a := r.arg().text(p.Kind).text(p.After).text(from).int(int64(store.Limit(p.Limit)))
	id := qDocumentList
	if bounded {
		id = qDocumentListTo
		a.text(to)
	}
	var out []store.Document
	for q := r.query(id, a); q.next(); {
		if d := q.document(); p.Has(d.ID) {
			out = append(out, d)
		}
	}
	return out, r.err
}

func (t *tx) holdDocument(at documentKey, h heldDocument) {
	if t.documents == nil {
		t.documents = map[documentKey]heldDocument{}
	}
	t.documents[at] = h
}

func (t *tx) DocumentLock(kind string, ids []string) ([]store.Document, error) {
	return t.named(qDocumentLock, kind, ids, 1, func(d *store.Document) {
		t.holdDocument(documentKey{d.Kind, d.ID}, heldDocument{d.Version, d.Keys})
	}), t.err
}

// DocumentPut looks at what is there and locks it, unless this transaction has
// done so, and writes. What is new is only looked at: where another transaction
// puts the same one, or the same key, this one waits for it, is run again and
// finds it.
func (t *tx) DocumentPut(docs []store.Document) error {
	puts, keys, err := planDocuments(docs)
	if err != nil {
		return err
	}
	t.lookAtDocuments(slices.SortedFunc(maps.Keys(puts), compareKey))
	for at, i := range puts {
		if have := t.documents[at].version; have != docs[i].Version && t.conflict == nil {
			t.conflict = fmt.Errorf("%w: document %s/%.60q is at version %d, not %d", store.ErrConflict, at.kind, at.name, have, docs[i].Version)
		}
	}
	t.lookAtKeys(puts, keys)
	if err := t.refused(); err != nil {
		return err
	}
	t.writeDocuments(docs, puts)
	if t.err != nil {
		return t.err
	}
	for i := range docs {
		docs[i].Version++
	}
	return nil
}

// planDocuments finds the place of each document in a call, and who is to have
// each key.
func planDocuments(docs []store.Document) (puts map[documentKey]int, keys map[documentKey]string, err error) {
	puts, keys = make(map[documentKey]int, len(docs)), map[documentKey]string{}
	twice := error(nil)
	for i := range docs {
		d := &docs[i]
		if err := d.Valid(); err != nil {
			return nil, nil, err
		}
		at := documentKey{storable(d.Kind), storable(d.ID)}
		if _, again := puts[at]; again {
			twice = fmt.Errorf("%w: document %s/%.60q stands twice", store.ErrConflict, d.Kind, d.ID)
		}
		puts[at] = i
		for _, k := range d.Keys {
			key := documentKey{at.kind, storable(k)}
			if other, taken := keys[key]; taken && other != at.name {
				twice = fmt.Errorf("%w: key %.60q of %s/%.60q stands twice", store.ErrConflict, k, d.Kind, d.ID)
			}
			keys[key] = at.name
		}
	}
	return puts, keys, twice
}

func (a *args) documentKeys(list []documentKey) *args {
	return a.texts(len(list), func(i int) string { return list[i].kind }).texts(len(list), func(i int) string { return list[i].name })
}

// lookAtDocuments locks those that this transaction does not know yet.
func (t *tx) lookAtDocuments(list []documentKey) {
	list = slices.DeleteFunc(list, func(at documentKey) bool { _, known := t.documents[at]; return known && t.documents[at].version > 0 })
	chunks(len(list), func(from, to int) { t.holdRows(t.query(qDocumentHold, t.arg().documentKeys(list[from:to]))) })
}

// holdRows remembers documents that were locked, and gives their ids.
func (t *tx) holdRows(q *rows) (out []documentKey) {
	for q.next() {
		at := documentKey{q.str(0), q.str(1)}
		t.holdDocument(at, heldDocument{q.i(2), q.texts(3)})
		out = append(out, at)
	}
	return out
}

// lookAtKeys looks for keys that would be taken from a document that is not of
// the call.
func (t *tx) lookAtKeys(puts map[documentKey]int, keys map[documentKey]string) {
	var fresh []documentKey
	for key, id := range keys {
		if !slices.Contains(t.documents[documentKey{key.kind, id}].keys, key.name) {
			fresh = append(fresh, key)
		}
	}
	slices.SortFunc(fresh, compareKey)
	chunks(len(fresh), func(from, to int) {
		for q := t.query(qKeyOwner, t.arg().documentKeys(fresh[from:to])); q.next(); {
			if _, ours := puts[documentKey{q.str(0), q.str(2)}]; !ours {
				t.conflict = fmt.Errorf("%w: key %.60q of a %s is another's", store.ErrConflict, q.str(1), q.str(0))
			}
		}
	})
}

// writeDocuments writes new documents, changed ones, and what changes of their
// keys, which is seldom anything.
func (t *tx) writeDocuments(docs []store.Document, puts map[documentKey]int) {
	var add, set, rekey, gone, given []documentKey
	for _, at := range slices.SortedFunc(maps.Keys(puts), compareKey) {
		d := &docs[puts[at]]
		if d.Version == 0 {
			add = append(add, at)
		} else {
			set = append(set, at)
		}
		had, has := t.documents[at].keys, storables(d.Keys)
		if !slices.Equal(had, has) {
			rekey = append(rekey, at)
		}
		gone = append(gone, missingFrom(at.kind, had, has)...)
		given = append(given, missingFrom(at.kind, has, had)...)
		t.holdDocument(at, heldDocument{d.Version + 1, has})
	}
	chunks(len(add), func(from, to int) { t.exec(qDocumentAdd, t.documentArgs(docs, puts, add[from:to])) })
	chunks(len(set), func(from, to int) {
		part := set[from:to]
		a := t.documentArgs(docs, puts, part).ints(len(part), func(i int) int64 { return docs[puts[part[i]]].Version })
		if n := t.exec(qDocumentSet, a); t.err == nil && n != int64(len(part)) {
			t.fail(errAgain)
		}
	})
	for _, at := range rekey {
		t.exec(qDocumentKeys, t.arg().text(at.kind).text(at.name).strings(docs[puts[at]].Keys))
	}
	t.dropKeys(gone)
	owner := map[documentKey]string{}
	for at, i := range puts {
		for _, k := range docs[i].Keys {
			owner[documentKey{at.kind, storable(k)}] = at.name
		}
	}
	slices.SortFunc(given, compareKey)
	chunks(len(given), func(from, to int) {
		part := given[from:to]
		t.exec(qKeyAdd, t.arg().documentKeys(part).texts(len(part), func(i int) string { return owner[part[i]] }))
	})
}

func storables(list []string) (out []string) {
	for _, s := range list {
		out = append(out, storable(s))
	}
	return out
}

// missingFrom gives the keys of one list that are not in another, each once.
func missingFrom(kind string, list, other []string) (out []documentKey) {
	for i, k := range list {
		if !slices.Contains(other, k) && !slices.Contains(list[:i], k) {
			out = append(out, documentKey{kind, k})
		}
	}
	return out
}

func (t *tx) documentArgs(docs []store.Document, puts map[documentKey]int, part []documentKey) *args {
	n := len(part)
	doc := func(i int) *store.Document { return &docs[puts[part[i]]] }
	return t.arg().documentKeys(part).
		maybes(n, func(i int) time.Time { return doc(i).ExpiresAt }).
		times(n, func(i int) time.Time { return doc(i).UpdatedAt }).
		blobs(n, func(i int) []byte { return doc(i).Body })
}

func (t *tx) dropKeys(keys []documentKey) {
	slices.SortFunc(keys, compareKey)
	chunks(len(keys), func(from, to int) { t.exec(qKeyDel, t.arg().documentKeys(keys[from:to])) })
}

// dropDocuments deletes documents that are locked.
func (t *tx) dropDocuments(list []documentKey) {
	var keys []documentKey
	for _, at := range list {
		keys = append(keys, missingFrom(at.kind, t.documents[at].keys, nil)...)
		delete(t.documents, at)
	}
	chunks(len(list), func(from, to int) { t.exec(qDocumentDel, t.arg().documentKeys(list[from:to])) })
	t.dropKeys(keys)
}

func (t *tx) DocumentDelete(kind string, ids []string) error {
	list := make([]documentKey, 0, len(ids))
	for _, id := range ids {
		list = append(list, documentKey{storable(kind), storable(id)})
	}
	slices.SortFunc(list, compareKey)
	list = slices.Compact(list)
	t.lookAtDocuments(slices.Clone(list))
	t.dropDocuments(slices.DeleteFunc(list, func(at documentKey) bool { return t.documents[at].version == 0 }))
	return t.err
}

func (t *tx) DocumentPrune(now time.Time, limit int) (int, error) {
	old := t.holdRows(t.query(qDocumentOld, t.arg().time(truncated(now)).int(int64(store.Limit(limit)))))
	t.dropDocuments(old)
	return len(old), t.err
}
