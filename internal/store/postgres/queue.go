package postgres

// The inbox, the outbox, open catch-ups and deliveries are empty most of the
// time, and that is when the server counts them. To the planner they are then
// tables of one row, in which each way is as good as another, and it may answer
// a list of keys by reading an index from end to end for each of them, until the
// next count. In a burst, or with a minute's dead entries in the index, that
// takes hundreds of times as long (docs/decisions/0007-postgresql.md).
//
// So their statements leave no choice: rows are looked for in the order of the
// index that is meant, which any other way would have to make by sorting, and
// who changes what was found names it by its place.

// only is what follows FROM to find the one row with a key; columns are those of
// a unique index, and key is as long. It takes the place of columns = key, which
// asks for no order.
func only(columns, key, and string) string {
	return " WHERE (" + columns + ") >= (" + key + ") AND (" + columns + ") <= (" + key + ")" + and + " ORDER BY " + columns + " LIMIT 1"
}
