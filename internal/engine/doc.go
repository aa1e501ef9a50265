// Package engine takes posts, events and commands in, lets advocates decide,
// commits what they decided and carries out its effects.
//
// # One turn, one transaction
//
// Everything that decides is a turn: one store.Update that reads for a whole
// batch, lets all its customers decide (pure functions, no I/O) and writes. A
// turn takes requests from the intake queue, advocates whose inputs are ready,
// advocates with a timer due, a chunk of a fan-out, what subscriptions have to
// catch up, or the results of effects. What a decision rests on (the version,
// the anchors, the switches, the active playbook) is read in the transaction
// that writes it.
//
// Reading, deciding and writing overlap. Who wants the turn's events is looked
// for on another connection while the turn reads the rest (seek), where the
// store offers that (store.Asider): it sees the state the turn began with,
// which is why a turn changes no subscription before it has waited for the
// search. Decisions are written in parts of writePart while the other cores
// decide the next part. Two decisions that get into each other's way, one
// taking a reference that another gives up, make the turn run again with one
// part. A store for many nodes gets one part always: each call is a round trip.
//
// An input that arrives for an advocate with nothing else to decide is decided
// in the turn that takes it in and never touches the inbox. The inbox holds
// what must wait: posts that are settling, what another node's lock keeps out,
// what a decision leads to (a cancelled effect's outcome, an emitted event),
// and the inputs of an advocate whose state cannot be read.
//
// # Intake
//
// Requests wait in one bounded queue. Whoever finds less than Options.Turns
// committing commits what is queued and answers everyone in it: many requests
// share one commit without a timer or a goroutine of its own. On a serial store
// one turn runs while the one before is brought to the disk. A turn takes its
// group only when its transaction begins; until then the group grows. A request
// is answered when its turn is durable, also where all of it was known: what it
// repeats may be in the turn before. A full queue refuses with domain.CodeBusy.
//
// A customer's inbox is bounded, too. A network's post that finds it full is
// kept as a document, durable as any other, and taken in, each customer's in
// their order, when there is room: the network hears that it is taken and goes
// on with everybody else's. Callers of the API are told to come back.
//
// # Telling
//
// The observer is told after the commit. Turns that end beside each other on a
// serial store draw tickets inside their transactions and tell in that order;
// on another store those that share a customer do (told.go).
//
// # The outbox
//
// Effects are rows until they have ended. The dispatcher claims some with a
// lease and hands them to lanes, one for each destination, each with so many
// under way as the destination takes. It belongs to one goroutine, which never
// waits for the store, a network or a component: claims, attempts and the
// commits of results run beside it and report to it.
//
//   - A claim is a transaction, so a lane claims ahead: what its destination
//     did in the last aheadTime may wait in memory, and a lane that is half
//     full claims nothing. A slow destination so holds few, a fast one many.
//     Each may have one under way however busy the others are.
//   - What there is room for, in a lane that nothing else waits for, the turn
//     that makes it claims itself and hands over after its commit (shortcut.go).
//   - What is claimed is out of reach of whoever wants to take it back. So when
//     its turn comes, who has waited longer than staleAfter is read again with
//     its customer and the switches (refresh), and each is looked at once more
//     (mayLeave): owner, consent, quiet hours, caps, time. What may not leave
//     yet, has waited too long for its lease, or was not begun when the process
//     ends, is put back. A put-back uses up an attempt number, which fences late
//     results, but no attempt.
//   - Before an answer leaves, the post that it answers is looked at again where
//     the network lets us (look.go): what was changed or deleted unannounced is
//     taken in, and the answer put back until that is decided. Trouble with
//     looking holds an answer up for two attempts and no more.
//   - What a decision takes back while it is being sent is marked as withdrawn:
//     it is not tried again. A reply that the customer cannot or does not want
//     to get ends as refused, without a dead letter.
//   - A conversation leaves in order: the store gives only the first effect of
//     each out, and the next one when that has ended. A dead letter holds up
//     those behind it until a decision lets it go.
//   - Results gather while a commit is under way and share the next. What came
//     of an effect is decided about in the turn that records it.
//
// # Loops and steps
//
// Start runs the loops. The Step methods do the same work one piece at a time
// in the caller's goroutine: so virtual, the simulator and replays drive an
// engine on a clock of theirs. What decides, what is committed and how an
// effect is carried out is one code. The way to an effect is not: StepDispatch
// claims a batch, carries it out and commits the results, where production has
// the dispatcher, and takes what turns hand over as far as StepShortcut lets
// them. So lanes, claiming ahead, several results in one commit, leases that end
// meanwhile and everything of several nodes (footing, leased runners,
// notifications) are never simulated.
// dispatcher_test.go and lease_test.go run the loops over each store, the tests
// in e2e several processes with kills and cut connections.
//
// # What holds after a failure
//
//   - Before the commit: nothing happened. A request was not answered, an
//     input is still in the inbox, a timer is still due.
//   - After the commit: the decision stands and its effects are in the outbox.
//   - While an effect is carried out: its lease ends and it is tried again
//     with the same key. A late result of the first try is refused by its
//     attempt number.
//   - A decision that panics hands the case to a person; its inputs are on
//     record. If even that fails a review work item is written by hand.
//   - A state or an input that cannot be read stays where it is, is tried
//     again later and stands in Status until somebody looks.
//   - An active playbook that does not compile leaves the one before in use.
//   - A store that is full, read-only or damaged refuses everything with the
//     reason. The first failure says so, and Status: that looks for itself with
//     a small write, so that nobody has to try, and the first write that works
//     ends it (health.go).
package engine
