package postgres

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// A word may stand anywhere within another, so the search is for parts of
// texts. pg_trgm would find them, but it is an extension that not every server
// has; an array of the texts' three-byte pieces under a GIN index, which every
// server has, does the same. Words shorter than that are looked for in all
// texts.
var (
	qSearchPut = prepared(`INSERT INTO search (customer, words, grams) SELECT u.customer, u.words, u.grams::int4[]
		FROM unnest($1::bigint[], $2::text[], $3::text[]) u(customer, words, grams)
		ON CONFLICT (customer) DO UPDATE SET words = excluded.words, grams = excluded.grams`)
	qSearchDel  = prepared(`DELETE FROM search WHERE customer = ANY ($1::bigint[])`)
	qSearchFind = prepared(`SELECT customer FROM search WHERE customer > $1::bigint AND grams @> ($2::text)::int4[]
		AND NOT EXISTS (SELECT FROM unnest($3::text[]) w WHERE strpos(words, w) = 0) ORDER BY customer LIMIT $4::bigint`)
	qSearchScan = prepared(`SELECT customer FROM search WHERE customer > $1::bigint
		AND NOT EXISTS (SELECT FROM unnest($2::text[]) w WHERE strpos(words, w) = 0) ORDER BY customer LIMIT $3::bigint`)
)

// grams gives the pieces of some texts as an array literal. Words hold no
// space, so what does is left out.
func grams(texts ...string) string {
	set := map[int32]struct{}{}
	for _, s := range texts {
		for i := 0; i+3 <= len(s); i++ {
			if !strings.Contains(s[i:i+3], " ") {
				set[int32(s[i])<<16|int32(s[i+1])<<8|int32(s[i+2])] = struct{}{}
			}
		}
	}
	b := []byte{'{'}
	for i, g := range slices.Sorted(maps.Keys(set)) {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, int64(g), 10)
	}
	return string(append(b, '}'))
}

func (r *reader) search(words []string, p store.AdvocateListParams) ([]store.Advocate, error) {
	for i := range words {
		words[i] = storable(words[i])
	}
	bind := func(a *args) *args { return a.texts(len(words), func(i int) string { return words[i] }) }
	limit := int64(store.Limit(p.Limit))
	var q *rows
	if g := grams(words...); g == "{}" {
		q = r.query(qSearchScan, bind(r.arg().int(int64(p.After))).int(limit))
	} else {
		q = r.query(qSearchFind, bind(r.arg().int(int64(p.After)).text(g)).int(limit))
	}
	ids := r.customers(q)
	if len(ids) == 0 {
		return nil, r.err
	}
	return r.AdvocateGet(ids)
}

// customers reads a list of ids.
func (r *reader) customers(q *rows) (out []domain.CustomerID) {
	for q.next() {
		out = append(out, domain.CustomerID(q.i(0)))
	}
	return out
}

// putWords stores what customers are found by; no words at all are no row.
func (t *tx) putWords(text map[domain.CustomerID]heldAdvocate) {
	var put, del []domain.CustomerID
	for _, id := range slices.Sorted(maps.Keys(text)) {
		if text[id].search != "" {
			put = append(put, id)
		} else if t.held[id].search != "" {
			del = append(del, id)
		}
	}
	chunks(len(put), func(from, to int) {
		part := put[from:to]
		t.exec(qSearchPut, t.arg().ids(part).
			texts(len(part), func(i int) string { return text[part[i]].search }).
			texts(len(part), func(i int) string { return grams(text[part[i]].search) }))
	})
	if len(del) > 0 {
		t.exec(qSearchDel, t.arg().ids(del))
	}
}
