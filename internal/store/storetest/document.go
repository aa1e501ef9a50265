package storetest

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/store"
)

func documentIDs(docs []store.Document) []string {
	return ids(docs, func(d store.Document) string { return d.ID })
}

func testDocument(t *testing.T, open Factory) {
	s := open(t)
	docs := []store.Document{
		{Kind: "user", ID: "ann", Keys: []string{"mail:ann@x.example", "oidc:1"}, Body: []byte(`{"人":1}`), ExpiresAt: at(time.Hour).In(time.FixedZone("x", 3600)), UpdatedAt: at(1)},
		{Kind: "user", ID: "bob", UpdatedAt: T0}, {Kind: "agent", ID: "ann", Keys: []string{"oidc:1"}, UpdatedAt: T0},
	}
	update(t, s, func(tx store.Tx) {
		ok(t, tx.DocumentPut(docs))
		for _, odd := range []store.Document{
			{ID: "x"}, {Kind: "user"}, {Kind: "user", ID: "x", Keys: []string{""}}, {Kind: "user", ID: "x", Version: -1}, {Kind: "user", ID: strings.Repeat("x", store.MaxName+1)},
		} {
			if tx.DocumentPut([]store.Document{{Kind: "user", ID: "new"}, odd}) == nil {
				t.Fatalf("%.80v was kept", odd)
			}
		}
	})
	want(t, "versions raised", []int64{docs[0].Version, docs[1].Version, docs[2].Version}, []int64{1, 1, 1})
	ann := docs[0]
	ann.ExpiresAt, ann.UpdatedAt = at(time.Hour), T0
	both(t, s, func(r store.Reader) {
		got := must[[]store.Document](t)(r.DocumentGet("user", []string{"bob", "nope", "ann", "ann", ""}))
		want(t, "get", got, []store.Document{{Kind: "user", ID: "bob", Version: 1, UpdatedAt: T0}, {}, ann, ann, {}})
		want(t, "of another kind", must[[]store.Document](t)(r.DocumentGet("agent", []string{"bob", "ann"})),
			[]store.Document{{}, {Kind: "agent", ID: "ann", Version: 1, Keys: []string{"oidc:1"}, UpdatedAt: T0}})
		want(t, "find", must[[]store.Document](t)(r.DocumentFind("user", []string{"oidc:1", "oidc:2", "mail:ann@x.example", "ann", ""})),
			[]store.Document{ann, {}, ann, {}, {}})
		got[2].Keys[0], got[2].Body[0] = "mine", 'x' // nobody else's
		want(t, "again", must[[]store.Document](t)(r.DocumentGet("user", []string{"ann"})), []store.Document{ann})
	})
	update(t, s, func(tx store.Tx) {
		// What is written must have been read.
		stale := docs[0]
		stale.Version = 0
		wantErr(t, tx.DocumentPut([]store.Document{{Kind: "user", ID: "carl"}, stale}), store.ErrConflict)
		stale.Version = 2
		wantErr(t, tx.DocumentPut([]store.Document{stale}), store.ErrConflict)
		want(t, "not raised", stale.Version, int64(2))
		wantErr(t, tx.DocumentPut([]store.Document{{Kind: "user", ID: "carl", Version: 1}}), store.ErrConflict)
		wantErr(t, tx.DocumentPut([]store.Document{{Kind: "user", ID: "carl"}, {Kind: "user", ID: "carl"}}), store.ErrConflict)
		want(t, "nothing of a refused call", must[[]store.Document](t)(tx.DocumentGet("user", []string{"carl", "new"})), make([]store.Document, 2))

		locked := must[[]store.Document](t)(tx.DocumentLock("user", []string{"nope", "ann"}))
		want(t, "locked", locked, []store.Document{{}, ann})
		big := bytes.Repeat([]byte("0123456789abcdef"), 4<<10)
		locked[1].Body, locked[1].ExpiresAt, locked[1].Keys = big, time.Time{}, nil
		ok(t, tx.DocumentPut(locked[1:]))
		ok(t, tx.DocumentPut(locked[1:])) // and once more in one transaction
		want(t, "twice", locked[1].Version, int64(3))
		want(t, "large", must[[]store.Document](t)(tx.DocumentGet("user", []string{"ann"}))[0].Body, big)
		want(t, "no longer found", must[[]store.Document](t)(tx.DocumentFind("user", []string{"oidc:1"})), make([]store.Document, 1))
		ok(t, tx.DocumentDelete("user", []string{"ann", "ann", "nope"}))
		want(t, "gone", must[[]store.Document](t)(tx.DocumentGet("user", []string{"ann"})), make([]store.Document, 1))
		fresh := []store.Document{{Kind: "user", ID: "ann", Keys: []string{"oidc:1"}}}
		ok(t, tx.DocumentPut(fresh))
		want(t, "a new one", fresh[0].Version, int64(1))
	})
}

// testDocumentKeys: a key is one document's, and may change hands.
func testDocumentKeys(t *testing.T, open Factory) {
	s := open(t)
	docs := []store.Document{{Kind: "u", ID: "a", Keys: []string{"x", "y", "x"}}, {Kind: "u", ID: "b", Keys: []string{"z"}}}
	owners := func() (out []string) {
		both(t, s, func(r store.Reader) {
			out = documentIDs(must[[]store.Document](t)(r.DocumentFind("u", []string{"x", "y", "z"})))
		})
		return out
	}
	update(t, s, func(tx store.Tx) {
		wantErr(t, tx.DocumentPut([]store.Document{{Kind: "u", ID: "a", Keys: []string{"x"}}, {Kind: "u", ID: "b", Keys: []string{"x"}}}), store.ErrConflict)
		ok(t, tx.DocumentPut(docs))
		want(t, "as they went in", must[[]store.Document](t)(tx.DocumentGet("u", []string{"a"}))[0].Keys, []string{"x", "y", "x"})
	})
	want(t, "owners", owners(), []string{"a", "a", "b"})
	update(t, s, func(tx store.Tx) {
		b := docs[1]
		b.Keys = []string{"z", "y"}
		wantErr(t, tx.DocumentPut([]store.Document{b}), store.ErrConflict)
		wantErr(t, tx.DocumentPut([]store.Document{{Kind: "u", ID: "c", Keys: []string{"z"}}}), store.ErrConflict)
		ok(t, tx.DocumentPut([]store.Document{{Kind: "v", ID: "c", Keys: []string{"z"}}}))
	})
	docs[0].Keys, docs[1].Keys = []string{"z"}, []string{"x", "w"} // they swap, and nobody has y
	update(t, s, func(tx store.Tx) { ok(t, tx.DocumentPut(docs)) })
	want(t, "swapped", owners(), []string{"b", "", "a"})
	update(t, s, func(tx store.Tx) {
		ok(t, tx.DocumentPut([]store.Document{{Kind: "u", ID: "c", Keys: []string{"y"}}}))
		ok(t, tx.DocumentDelete("u", []string{"b"}))
		ok(t, tx.DocumentPut([]store.Document{{Kind: "u", ID: "d", Keys: []string{"x"}}}))
	})
	want(t, "passed on", owners(), []string{"d", "c", "a"})
}

func testDocumentList(t *testing.T, open Factory) {
	s := open(t)
	var docs []store.Document
	for _, id := range []string{"a", "b", "b/1", "b/10", "b/2", "b\u00ff", "b\U0010ffff", "c", "B", "é", "人/1"} {
		docs = append(docs, store.Document{Kind: "k", ID: id}, store.Document{Kind: "other", ID: id})
	}
	update(t, s, func(tx store.Tx) { ok(t, tx.DocumentPut(docs)) })
	both(t, s, func(r store.Reader) {
		list := func(p store.DocumentListParams) []string {
			return documentIDs(must[[]store.Document](t)(r.DocumentList(p)))
		}
		want(t, "bytewise", list(store.DocumentListParams{Kind: "k"}), []string{"B", "a", "b", "b/1", "b/10", "b/2", "b\u00ff", "b\U0010ffff", "c", "é", "人/1"})
		want(t, "prefix", list(store.DocumentListParams{Kind: "k", Prefix: "b/"}), []string{"b/1", "b/10", "b/2"})
		want(t, "page", list(store.DocumentListParams{Kind: "k", Prefix: "b/", After: "b/1", Limit: 1}), []string{"b/10"})
		want(t, "after what is gone", list(store.DocumentListParams{Kind: "k", Prefix: "b/", After: "b/11"}), []string{"b/2"})
		want(t, "all b", list(store.DocumentListParams{Kind: "k", Prefix: "b"}), []string{"b", "b/1", "b/10", "b/2", "b\u00ff", "b\U0010ffff"})
		want(t, "the last letter of all", list(store.DocumentListParams{Kind: "k", Prefix: "b\U0010ffff"}), []string{"b\U0010ffff"})
		want(t, "none", list(store.DocumentListParams{Kind: "k", Prefix: "x"}), []string{})
		want(t, "no kind", list(store.DocumentListParams{}), []string{})
	})
}

func testDocumentPrune(t *testing.T, open Factory) {
	s := open(t)
	update(t, s, func(tx store.Tx) {
		ok(t, tx.DocumentPut([]store.Document{
			{Kind: "s", ID: "1", ExpiresAt: at(2 * time.Second), Keys: []string{"one"}}, {Kind: "s", ID: "2", ExpiresAt: at(time.Second)},
			{Kind: "r", ID: "9", ExpiresAt: at(2 * time.Second)}, {Kind: "s", ID: "never"}, {Kind: "s", ID: "later", ExpiresAt: at(time.Minute)},
		}))
		want(t, "too early", must[int](t)(tx.DocumentPrune(at(time.Second-time.Microsecond), 0)), 0)
		want(t, "reads give it until then", documentIDs(must[[]store.Document](t)(tx.DocumentFind("s", []string{"one"}))), []string{"1"})
		want(t, "the earliest", must[int](t)(tx.DocumentPrune(at(2*time.Second), 1)), 1)
		want(t, "left", documentIDs(must[[]store.Document](t)(tx.DocumentGet("s", []string{"1", "2"}))), []string{"1", ""})
		want(t, "then by kind", must[int](t)(tx.DocumentPrune(at(2*time.Second), 1)), 1)
		want(t, "of another kind", documentIDs(must[[]store.Document](t)(tx.DocumentGet("r", []string{"9"}))), []string{""})
		want(t, "the rest", must[int](t)(tx.DocumentPrune(at(2*time.Second), 0)), 1)
		want(t, "no more", must[int](t)(tx.DocumentPrune(at(2*time.Second), 0)), 0)
		ok(t, tx.DocumentPut([]store.Document{{Kind: "s", ID: "new", Keys: []string{"one"}}}))
	})
	both(t, s, func(r store.Reader) {
		want(t, "left", documentIDs(must[[]store.Document](t)(r.DocumentList(store.DocumentListParams{Kind: "s"}))), []string{"later", "never", "new"})
	})
	update(t, s, func(tx store.Tx) { // many at once
		var docs []store.Document
		for i := range 1200 {
			docs = append(docs, store.Document{Kind: "m", ID: fmt.Sprint(i), Keys: []string{fmt.Sprint("k", i)}, ExpiresAt: T0})
		}
		ok(t, tx.DocumentPut(docs))
		docs[7].Keys, docs[1100].Keys = docs[1100].Keys, docs[7].Keys
		ok(t, tx.DocumentPut(docs))
		want(t, "found", documentIDs(must[[]store.Document](t)(tx.DocumentFind("m", []string{"k7", "k1100", "k1199"}))), []string{"1100", "7", "1199"})
		want(t, "pruned", must[int](t)(tx.DocumentPrune(T0, 2000)), 1200)
	})
}
