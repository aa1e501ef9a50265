package postgres

import (
	"context"

	"github.com/contact-advocate/advocate/internal/store"
)

// checks compare what is kept twice. Each gives a line for what is wrong.
var checks = []query{
	prepared(`SELECT format('the counted %s are %s; there are %s', c.what, c.kept, c.have) FROM (
			SELECT 'customers' AS what, (SELECT sum(customers)::bigint FROM tally) AS kept, (SELECT count(*) FROM advocate WHERE redirect IS NULL AND NOT erased) AS have
			UNION ALL SELECT 'posts', (SELECT sum(posts)::bigint FROM tally), (SELECT count(*) FROM post)
			UNION ALL SELECT 'events', (SELECT sum(events)::bigint FROM tally), (SELECT count(*) FROM event)
			UNION ALL SELECT 'subscriptions', (SELECT sum(subscriptions)::bigint FROM tally), (SELECT count(*) FROM subscription)
			UNION ALL SELECT 'inputs', (SELECT sum(inputs)::bigint FROM tally), (SELECT count(*) FROM inbox)
			UNION ALL SELECT 'orders', (SELECT sum(orders)::bigint FROM tally), (SELECT count(*) FROM orders)) c
		WHERE c.kept <> c.have`),
	prepared(`SELECT format('customer %s is not who has the reference of its row', a.id) FROM advocate a
		LEFT JOIN reference r ON r.ref = a.ref WHERE a.ref <> '' AND r.customer IS DISTINCT FROM a.id LIMIT 20`),
	prepared(`SELECT format('customer %s has a reference that its row does not name', r.customer) FROM reference r
		LEFT JOIN advocate a ON a.id = r.customer WHERE a.ref IS DISTINCT FROM r.ref LIMIT 20`),
	prepared(`SELECT format('customer %s is not found by the words of its row', a.id) FROM advocate a
		LEFT JOIN search s ON s.customer = a.id WHERE a.search <> coalesce(s.words, '') LIMIT 20`),
	prepared(`SELECT format('customer %s would not be woken in time', id) FROM advocate
		WHERE next_due IS NOT NULL AND (armed IS NULL OR armed > next_due) LIMIT 20`),
	prepared(`SELECT format('an anchor points at event %s, which is gone', a.seq) FROM event_anchor a
		WHERE NOT EXISTS (SELECT FROM event e WHERE e.seq = a.seq) LIMIT 20`),
	prepared(`SELECT format('a key of the %s %s finds another one, or none', d.kind, d.id) FROM document d CROSS JOIN LATERAL unnest(d.keys) n
		LEFT JOIN document_key k ON k.kind = d.kind AND k.name = n WHERE k.id IS DISTINCT FROM d.id LIMIT 20`),
	prepared(`SELECT format('the %s %s is found by a key that it does not have', k.kind, k.id) FROM document_key k
		LEFT JOIN document d ON d.kind = k.kind AND d.id = k.id WHERE d.id IS NULL OR NOT k.name = ANY (d.keys) LIMIT 20`),
	prepared(`SELECT format('effect %s, which is %s, would be claimed at %s', id, state, ready) FROM effect
		WHERE ready IS DISTINCT FROM CASE state WHEN 'pending' THEN not_before WHEN 'sending' THEN lease END LIMIT 20`),
}

// qPatience lifts the limit of a statement's time until the transaction ends,
// and lets it read tables from end to end.
var qPatience = prepared(`SELECT set_config('statement_timeout', '0', true), set_config('enable_seqscan', 'on', true), set_config('enable_hashjoin', 'on', true)`)

// Check looks for rows that contradict each other and returns what it finds,
// nothing when the database is sound. It reads whole tables, and nobody waits
// for it.
func (s *Store) Check(ctx context.Context) (wrong []string, err error) {
	err = s.View(ctx, func(r store.Reader) error {
		x := r.(*reader)
		x.exec(qPatience, x.arg())
		for _, c := range checks {
			for q := x.query(c, x.arg()); q.next(); {
				wrong = append(wrong, q.str(0))
			}
		}
		return x.err
	})
	return wrong, err
}
