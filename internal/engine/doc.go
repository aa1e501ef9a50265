// Package engine takes posts, events and commands in, lets advocates decide,
// commits what they decided and carries out its effects.
//
// # One turn, one transaction
//
// Everything that decides is a turn: one store.Update that reads for a whole
// batch, decides for all its customers in parallel (pure functions, no I/O)
// and writes for the whole batch. A turn takes requests from the intake
// queue, advocates whose inputs are ready, advocates with a timer due, a chunk
// of a fan-out, what subscriptions have to catch up, or the results of
// effects. What a decision rests on (the version, the anchors, the switches,
// the active playbook) is read in the transaction that writes it.
//
// An input that arrives for an advocate with nothing else to decide is decided
// in the turn that takes it in and never touches the inbox. The inbox holds
// what must wait: posts that are settling, what another node's lock keeps out,
// what a decision leads to (a cancelled effect's outcome, an emitted event),
// and the inputs of an advocate whose state cannot be read.
//
// # Intake
//
// Requests wait in one bounded queue. Whoever finds nobody committing takes
// what is queued, commits it and answers everyone in it: many requests share
// one commit without a timer or a goroutine of its own. A full queue refuses
// with domain.CodeBusy.
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
package engine
