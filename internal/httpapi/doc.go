// Package httpapi is the server's HTTP interface: posts and events in, what
// the advocates know and why they acted out, the sandbox network and its
// page, health, metrics and the OpenAPI description that all of it is
// generated from.
//
// # Access
//
// Every route is registered with what it asks for (see Routes). Without
// credentials only health, readiness, the OpenAPI description with its page,
// signing in with its pages, and, while the sandbox network is on, the sandbox
// and its page answer. Signed webhooks carry their own proof. A handler never
// runs for a caller who may not call it, and an unknown path says nothing about
// tokens.
//
// A caller shows a token (Authorization) or, a person who signed in, a
// session's cookie; the header counts where both are there. What a cookie comes
// with must be from a page of this server: writes are held to it by
// http.CrossOriginProtection, reads by Sec-Fetch-Site, and both by the cookie's
// SameSite. So no page needs a token against forgery. A session's rights are
// the account's at that moment; a restricted one, whose role asks for a second
// factor that is not set up, reaches the calls about its own account alone.
//
// # Reach
//
// Rights may reach some queues only. What is in others is 404 with the words of
// an unknown id, and lists leave it out; reachcase.go has the one rule, and
// docs/decisions/0009-who-may-see-what.md says why it is as it is. A handler
// that reads a customer, a case, a work item or an effect does it through
// matter, findCase, seenWorkItem or matters.about, which know.
//
// # Trace
//
// Every change and every look at what is personal leaves a row in the audit
// log, which is durable before the answer is sent (trace.go); where it cannot be
// written, the answer is 503. Nothing has to be done for a new call: what
// changes something, and what asks for more than read_setup or reports, is
// recorded unless its registration says recordNever. A test reads what each
// call answers with: who shows a customer or a case and leaves no row fails it,
// and so does a list that does not say whom it shows.
//
// # Promises
//
// A 2xx answer to a post or an event means that it is durable. A request with
// a malformed item is refused whole, naming every bad item, and nothing of it
// was taken. An item that is well-formed but in conflict with what is known
// does not keep the others back: the answer names it, and says that the rest
// was taken. A full queue is 429, something away behind us 503, both with
// Retry-After.
//
// # Limits
//
// Bodies, nesting, page sizes, open streams, requests in flight and the time
// a request may take are bounded; the limits stand in limits.go.
package httpapi
