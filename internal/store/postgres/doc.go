// Package postgres keeps the store in PostgreSQL 14 or newer. Any number of
// processes ("nodes") may have one database open; none of them is special.
//
// # Transactions
//
// An Update is a READ COMMITTED transaction: each statement sees what was
// committed before it began. What it rests on is held or checked:
//
//   - an advocate is locked (AdvocateLock, the claims) from when it is read
//     until the end, and who wants to write one without waits for the lock;
//   - the orders of a batch are locked by OrderGet;
//   - an identity, a reference or a single order that was looked up is written
//     only if it is still what the look-up found.
//
// Where another transaction was faster, where PostgreSQL ends a deadlock or a
// wait for a lock, and where the connection is lost before the commit, the
// function is run again, a few times, and then refused with store.ErrBusy. A
// connection that is lost during the commit is store.ErrBusy too, and nobody
// knows then whether the commit took place; a caller that repeats itself meets
// its own keys and versions if it did.
//
// A call that is refused (ErrConflict, ErrVersion) has looked before it wrote,
// so that the transaction is alive afterwards: an error of PostgreSQL's own
// would have ended it.
//
// A View is one snapshot (REPEATABLE READ, READ ONLY). It waits for nobody and
// nobody waits for it.
//
// # What cannot be seen yet
//
// Transactions end in another order than they began in. EventTail and
// CatchUpList therefore show a row only when nothing that belongs before it
// can still come (see horizon). Under load that is a moment later than the
// commit; a transaction that stays open holds back what came after it, until
// the server ends it (Options.IdleTimeout).
//
// # Statements
//
// A method is one statement over the whole batch, or two in one round trip,
// with arrays as parameters. Batches are cut at 512 rows. Statements are
// prepared once for a connection, and planned anew only when the server has
// counted a table: each finds its rows by an index, whatever the count says (see
// sessionSettings, and only for the tables that are mostly empty). Rows that
// two transactions may both write are written in the order of their keys.
//
// # Tables
//
// Every table of a customer's leads with the customer's id. Snapshots, records
// and nouns are bytes in the stored form of internal/wire. The state of an
// advocate and the body of an order are rewritten in place: no index has a
// column that a decision changes, and pages have room for the next version
// (HOT).
//
// Totals are kept in shares, of which each session adds to one just before it
// commits; nobody waits for a counter. docs/decisions/0007-postgresql.md says
// why things are as they are.
package postgres
