// Package caseload knows of all customers together what each advocate knows of
// one: which cases there are, newest first, which promises are open, soonest
// first, and what is written about, hour by hour.
//
// It is a projection of the event log, kept as small documents. One node at a
// time, by a lease, reads what advocates told of their cases, looks at those
// customers' states as they are then, and writes documents and its place in the
// log in one transaction. So it is behind by about a second, and each event
// counts once. Where there is no place yet it begins with all customers there
// are.
//
// An index's documents hold ids and times, nothing that a customer wrote:
// whoever lists cases reads each from its advocate. An erasure takes them away
// with the customer (store.DocumentsForget); they are let go of after KeepFor.
package caseload
