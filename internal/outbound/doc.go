// Package outbound tells other systems what happens: it posts the events of the
// log to endpoints that an administrator named, signed as Standard Webhooks 1.0
// says.
//
// # The story
//
// An endpoint is an address, the types of events it takes, and a secret. It has
// a place in the event log. When the log moves, the events behind that place
// that the endpoint takes become deliveries, one for each, and the place moves
// on in the same transaction. A delivery is claimed for a while, posted, and is
// done when the endpoint answers with 2xx. Any other answer, or none, is tried
// again with growing pauses over about three days, then the delivery is dead.
// Done and dead ones stay for a while: they are the log of what was sent, and
// an administrator can have each sent again.
//
// # What holds
//
// Every event that an endpoint takes is sent to it at least once, and with the
// same webhook-id and body each time, from the moment the endpoint was made.
// A receiver that keeps the ids it has seen acts on each once. Order is not
// promised: one that failed comes after others. An event's time and seq tell
// what was before what.
//
// One endpoint that is slow or away does not hold up others: few requests to it
// are under way at once, and no more than a bounded number of its deliveries
// wait. What is behind those stays in the event log, where its place is.
//
// # Failures
//
// In a cluster one node at a time sends, by a lease. What a killed node was
// sending is claimed by the next one once its time is over, and sent again. An
// endpoint that answers 410 (gone), or takes nothing for five days, is disabled
// and an event says so; what waited for it then is dead. When it is enabled
// again that is pending once more, and its place in the log is where it was:
// what is within the days that events are kept is still sent, unless the
// administrator says to begin from now.
//
// Addresses inside the company's own network and a cloud's housekeeping are out
// of reach unless the configuration allows private ones, and redirects are not
// followed: an endpoint's address must not be a way in.
//
// When a customer is erased their deliveries are deleted with everything else;
// one that is on the wire at that moment cannot be called back.
package outbound
