// Package sqlite is the embedded store: one database file, one process.
//
// # Connections
//
// One connection writes, and whoever runs an Update owns it until the commit.
// Up to four read, each View on its own snapshot. One moves the log into the
// database in the background. The file path+".lock" keeps other processes
// out; the system lets go of it when the process ends, however it ends.
//
// The log is synced after each commit (unless Options.Relaxed), while the next
// transaction runs already: what Update has returned nil for survives a power
// cut. Until then a View may see a little that does not. Checkpoints never run
// within a commit. They are passive; only when the log has become longer than
// MaxLogBytes do writers wait while its last pages are moved.
//
// # What a commit costs
//
// Each event dirties few pages, because pages cost more than rows. State is
// one row a customer, and an ordinary write of it touches no index. The
// journal, the event log and the inbox are appended to; a journal row points
// at the one before it, so a history needs no index. A merge moves no journal
// row: a customer's history is that of all whose redirects lead to it. Undoing
// one writes what goes back anew, at the end of the other's chain. Keys
// that were seen and the anchors of events are random, so they do not go into
// B-trees at all but into sorted runs (run.go).
//
// # What is kept in memory
//
// Counters, the newest keys and anchors, and a filter for each run of keys.
// All of it is in the database as well and is read when the store opens. A
// transaction that is rolled back takes its part back or, when it changed
// more than it can take back, has all of it read again.
//
// # What happens on failure
//
// The first error of SQLite within a transaction stays with it: every later
// call returns it and the transaction is rolled back even if its function
// returns nil, since SQLite may have undone part of it already. A full disk is
// store.ErrFull; the store goes on when there is room again. When a rollback
// itself fails, every later Update fails and says so; so it is when a sync
// fails, after which nobody can tell what the disk holds.
//
// A process that ends while it sends leaves leases behind. The next one to open
// the file ends them: it has the lock, so nobody is sending any more.
package sqlite
