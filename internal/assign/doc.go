// Package assign decides who is offered which work item. Its Board is a picture
// of the desk: the items that are not final, the agents, and who holds what. A
// service tells it what changed (ItemSet, AgentSet), asks for offers (Match),
// writes them down where the truth is, and tells the board what came of them.
// The package does no I/O, has no clock and starts no goroutine; the same
// board and the same time give the same offers, whatever the order in which it
// was told.
//
// # How items wait
//
// A pending item is in one of three states. It sleeps while its time has not
// come, or while the one agent it is meant for has just let it go. It stands
// in a line of its own kind while it may be offered: items of one line have the
// same hours (queue, and for calls the customer's zone), ask the same of an
// agent (queue, skills, language, as far as they have weakened by now) and
// leave out the same agents. Or it stands in the line of one agent: the one it
// is meant for, or, for as long as the queue's StickyFor, the one who spoke
// with the customer last. The board's alarms move it on when waiting has
// changed what it asks, when a pause ends, when a wait for one agent is over.
// Waiting counts from when the item could first have been worked, so what
// came in overnight does not ask for less than others at opening time; the
// order between items counts from Waiting().
//
// Who is meant by name needs no skill, language or queue: somebody decided.
// One who is offline for StickyFor (since leaving, and since the item could be
// worked) loses the claim; one who has left the board has none.
//
// # How agents are found
//
// Each queue, skill at a level, and language has the set of agents who have
// it. What a line asks for and the set of the free have in common is found
// word by word, so a line that nobody fits costs some nanoseconds, however
// many items stand in it. Among those who fit, who holds less goes first, then
// who has been idle longer (since their last work ended or their activity
// changed), then who is better at what is asked, then the id. Somebody who let
// the item go is asked again only if nobody else is free and the queue's offer
// time has gone by since.
//
// # Invariants
//
//   - An item is in one line or asleep, never both; an item that is held or
//     final is in neither. A line without items does not exist.
//   - Match leaves nobody with room who could be offered something that was
//     not offered: each offer goes to the first item, in order, that anybody
//     who is left may have.
//   - Match never gives an agent more than there is room for, and no item
//     twice.
//   - Between Match and Next nothing becomes possible without news.
//
// A board is a cache. It loses nothing when it is lost: built anew from the
// store it gives the same offers, but for the order among agents whose last
// work ended before (AgentWorked tells it).
//
// # Cost
//
// ItemSet costs the logarithm of what waits, AgentSet the agent's own traits.
// Match costs a pass over what is asked for in different ways (not over items
// or agents) and some microseconds for each offer. When 100,000 items that all
// came in before opening weaken at the same moment, that one Match files each
// of them again.
package assign
