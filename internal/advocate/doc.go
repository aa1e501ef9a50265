// Package advocate is the advocate itself: what one customer's durable proxy
// makes of what it is told. Decide is a pure and total function: it does no
// I/O, reads no clock, draws no random number and never waits. Whatever it
// wants done in the world leaves as an effect; what comes of it returns as an
// input.
//
// # One decision
//
// A decision takes the snapshot and the pending inputs, oldest first. Posts that
// belong to one message (several parts, sent before the advocate got to
// decide) are taken together. Each input first changes what is known: a post
// joins or opens a case, an event or an answer brings facts, a timer that fell
// due shows what is late. Then the playbook's rules for it are tried in file
// order; every rule that matches fires and sees what the ones before it
// changed. Rules on what became of work items follow, also of those that a rule
// or the engine itself made; how many is bounded, so that it ends. Last come the duties that no playbook can forget: a case that
// nothing was done about goes to a person, a proof that is missing turns a
// reply into a question, a promise whose time has passed is escalated.
//
// # What holds at the end of every decision
//
//   - A case that is open has been answered, handed over, waits for a
//     component, or has a deadline timer.
//   - Every open promise and every open work item has a timer.
//   - At most one message per case and input leaves; the record says why the
//     others did not.
//   - Nothing about an order that the writing identity has not proven stands
//     in a message or in the history.
//   - While a person owns a case, no automated message leaves for it.
//   - No subscription stands whose proof is gone.
package advocate
