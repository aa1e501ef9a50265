// Package desk brings waiting work to the agents who are there.
//
// # The story
//
// A customer's advocate makes a work item. The desk sees it in the event log,
// puts it on its board (package assign) and asks the board whom to offer it to.
// The offer is a command to the same advocate, who reserves the item, tells so
// in the log, and sets a timer for the time the agent has. The agent accepts,
// and the item and its case are theirs; or rejects it, or lets the time go by,
// or leaves: then the advocate puts the item back, the board sees that, and
// somebody else is asked. An offer is taken back as well when its agent has
// taken other work by hand meanwhile and has no room left: it is no offer that
// they left unanswered.
//
// # What holds
//
// The board is a view of the store and may be behind; the rows decide. An offer
// that does not fit the item any more is refused, and one for which the agent
// has no room is refused under a lock on the agent's row. So an item is held by
// one, and an agent holds no more than they can, whatever the board believes
// and however many nodes believe that they are the desk.
//
// # Failures
//
// In a cluster one node at a time is the desk, by a lease; another builds the
// board anew from the store when it takes over. Offers that the old one made
// run out by the advocates' timers, with no desk at all. When the store is away
// the desk begins anew once it is back. An agent who leaves two offers in a row
// unanswered counts as away until they say otherwise.
package desk
