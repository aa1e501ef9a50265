package sqlite

import (
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

const postColumns = `id, network, account, customer, sender, at, revision, body`

var (
	qPostFind   = prepared(`SELECT ` + postColumns + ` FROM post WHERE id = ? AND network = ? AND account = ?`)
	qPostFindID = prepared(`SELECT ` + postColumns + ` FROM post WHERE id = ? ORDER BY network, account LIMIT 20`)
	qPostAdd    = prepared(`INSERT OR IGNORE INTO post (` + postColumns + `) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`)
	qPostSet    = prepared(`UPDATE post SET customer = ?4, sender = ?5, at = ?6, revision = ?7, body = ?8 WHERE id = ?1 AND network = ?2 AND account = ?3`)
	qPostMove   = prepared(`UPDATE post SET customer = ? WHERE customer = ?`)
	qPostWipe   = prepared(`DELETE FROM post WHERE customer = ?`)
	qPostPrune  = prepared(`DELETE FROM post WHERE (id, network, account) IN (SELECT id, network, account FROM post WHERE at < ? ORDER BY at LIMIT ?)`)
)

func (s *stmt) post() store.PostRow {
	return store.PostRow{
		Key: domain.PostKey{ID: s.str(0), Network: s.str(1), Account: s.str(2)}, Customer: domain.CustomerID(s.i(3)),
		From: s.str(4), At: s.at(5), Revision: s.str(6), Body: uint64(s.i(7)),
	}
}

func (r *reader) PostFind(keys []domain.PostKey) ([]store.PostRow, error) {
	out := make([]store.PostRow, len(keys))
	for i, k := range keys {
		if q := r.q(qPostFind).text(k.ID).text(k.Network).text(k.Account); q.row() {
			out[i] = q.post()
			q.reset()
		}
	}
	return out, r.err
}

func (r *reader) PostFindID(id string) ([]store.PostRow, error) {
	var out []store.PostRow
	for q := r.q(qPostFindID).text(id); q.row(); {
		out = append(out, q.post())
	}
	return out, r.err
}

func (t *tx) PostPut(rows []store.PostRow) error {
	for _, p := range rows {
		if p.Key.Network == "" || p.Key.ID == "" {
			return emptyKey("post key")
		}
	}
	for _, p := range rows {
		put := func(id query) int64 {
			return t.q(id).text(p.Key.ID).text(p.Key.Network).text(p.Key.Account).int(int64(p.Customer)).
				text(p.From).time(p.At).text(p.Revision).int(int64(p.Body)).exec()
		}
		if put(qPostAdd) == 1 {
			t.w.count.posts++
		} else {
			put(qPostSet)
		}
	}
	return t.err
}
