// Package move takes everything that one store holds into another one, so that
// a company can go on where it was with a larger database.
//
// # How it goes
//
// The source is marked, so that nobody can serve from it any more; then the
// target, which must be empty, is opened for this move and closed to nodes.
// Tables are copied piece by piece: rows, the place in the source that they
// came up to, and the sum of their hashes are written in one transaction. Then
// both stores are read once more from end to end and compared with that sum,
// by number of rows and checksum. Last, the target is opened to nodes and the
// source's mark says that it was moved.
//
// Whatever is cut off, at whatever moment, is gone on with by the same call:
//
//	source     target     the next call
//	no mark    empty      begins
//	marked     empty      begins in the target, with the mark's id
//	marked     loading    goes on where each table has come to
//	marked     done       writes the last mark
//	moved      –          has nothing to do
//
// At no moment do both let a node in: the source's mark is on its disk before
// the target is touched, and the target opens only when all of it is there. A
// source without a mark and a target that belongs to another move never meet:
// the id of the move stands in both. The mark is also what keeps the source
// from changing in between; who changes it in spite of that, by hand, is found
// by the second reading.
//
// # What becomes of each table
//
// Rows keep their numbers. What follows is why nothing is missed or doubled by
// that; what a driver derives from rows (indexes, heads of chains, words to
// search for, references, counts) it derives anew.
//
//   - advocate: version, state and due time as they are, so that the next
//     decision is the one that would have come next. Where a driver arms an
//     alarm earlier than it is due, the target arms it at its time. Redirects,
//     the references that merged customers had, and tombstones come along:
//     erasing a customer after the move removes what it would have removed
//     before.
//   - identity, post: who wrote what, so that no customer is made twice and an
//     edit is told from a post. Nothing in them counts.
//   - seen: every key is moved, or else a post or event that is delivered again
//     after the move would be taken twice. SQLite keeps a time for a run of
//     keys only, the newest one's; each key gets that. Keys so live longer than
//     they need to, never shorter.
//   - journal: a record keeps its seq, which is the place among records of the
//     same microsecond and what pages go on from. The target's next number is
//     above the source's last. Records that a merge brought under another
//     customer keep the customer they were written for, as they do anyway.
//   - inbox: pending inputs keep their seq, so an advocate takes them in the
//     order of their arrival; those that come after the move stand behind.
//   - event: seq is what fan-outs, catch-ups, cursors of streams and After are
//     measured by, so it stays, with the gaps of what was pruned or erased. An
//     event is found by its anchors because the target hashes them anew from
//     the event. The counter is moved too: where the newest events are gone it
//     is above the last row, and a subscription's After may be as well.
//   - subscription: After says which events it does not follow by itself. It
//     means the same in both stores as long as event numbers do.
//   - catch_up: Upto is final in a store whose transactions run one by one, and
//     every event up to there is moved with it. PostgreSQL keeps a row open
//     while it does not know how far to look; a moved row is settled from the
//     beginning, so that its subscription follows what comes after Upto, and
//     catches up with what came before, as it would have in the source.
//   - fanout: the cursor of an event that is still being handed out: the event,
//     the index into its anchors and the customer it has come to. All three
//     mean the same in the target.
//   - notice, order, work_item, case_file, playbook, switch, token, merge: by
//     their own ids. An order's count of writes begins again at one; nobody
//     keeps it beyond a transaction. A playbook's version stands in every
//     decision's record and is kept.
//   - document, audit, delivery: as they are. Sessions go on, since the source is
//     never served again. The next audit row's number is above the last.
//   - attempt: rows without a key, of which two may be alike; both are moved.
//   - counter: last of all, so that a target in which it is there is full.
//
// # Effects
//
// Effects are moved as they are, not held for review. A restored backup holds
// them because what came after the backup is unknown; here nothing can come
// after: the source was closed when it was marked and is never served again,
// so each effect is in exactly one store that may send it. One that is pending
// is sent once, by the target. Held and dead ones wait for a person as before.
// One that was being sent when the source's process was killed has an outcome
// that nobody knows, which is what every restart meets: its lease has ended, it
// is claimed with the next attempt and the same key, and connectors that can
// look whether it arrived do. Conversations keep their order, since ordinals
// and ids do.
//
// # What is not moved
//
// Files beside the database. The target's erasures log is written from its
// tombstones; the sandbox network's posts stay where they are.
package move
