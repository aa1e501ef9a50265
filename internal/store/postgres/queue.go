package postgres

// The inbox, the outbox, open catch-ups and deliveries are empty most of the
// time, and that is when the server counts them. To the planner they are then
// tables of one row, in which each way is as good as another, and it may answer
// a list of keys by reading an index from end to end for each of them, until the
// next count. In a burst, or with a minute's dead entries in the index, that
// takes hundreds of times as long (docs/decisions/0007-postgresql.md).
//
// So their statements leave little choice: rows are looked for in the order of
// the index that is meant, which another way would have to make by sorting, and
// who changes what was found names it by its place (ctid).

// only is what follows FROM to find the row with a key, or one of them where
// columns are only the first of an index. It stands for columns = key, after
// which the planner would take the columns for constants and drop the order.
// More conditions begin with AND and must not imply the condition of a partial
// index, or that is read instead: hence a coalesce or CASE around its columns.
//
// Where another transaction has changed the row since the statement began, its
// place is another one by then and it is passed over; but it stays locked, if
// that was asked for, so that a second statement finds it (see tx.twice). Claims
// leave it to the next claim.
func only(columns, key, and string) string {
	return " WHERE (" + columns + ") >= (" + key + ") AND (" + columns + ") <= (" + key + ")" + and + " ORDER BY " + columns + " LIMIT 1"
}

// twice runs a statement on one row again where it found none.
func (t *tx) twice(statement func() int64) int64 {
	if n := statement(); n > 0 || t.err != nil {
		return n
	}
	return statement()
}
