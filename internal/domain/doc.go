// Package domain holds the nouns of the contact advocate and their
// invariants. It imports the standard library only, does no I/O, reads no
// clock and draws no random number.
//
// # The story
//
// A customer writes a [Post]. Intake finds the [Identity] that wrote it and
// the customer behind it, and leaves an [Input] in that customer's inbox. The
// advocate's [Snapshot] — everything it knows of one customer — and its
// pending inputs become a [Decision]: the next snapshot, journal entries,
// effects to carry out, work items for people and the time of the next alarm.
// A decision is committed whole or not at all. Effects run afterwards; what
// they lead to comes back as inputs.
//
// # Ids
//
// Only customers and what comes from outside have ids of their own. Cases,
// work items, promises, subscriptions and effects are numbered per customer
// and named after it ("c0abc…-k3" is the third case of c0abc…), so the same
// decision always produces the same ids and an id tells where its row lives.
package domain
