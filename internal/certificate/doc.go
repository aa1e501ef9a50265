// Package certificate holds what the server shows who connects by TLS: a pair
// of files that the operator replaces (Pair), or certificates that it orders
// from an authority by ACME, RFC 8555 (Authority).
//
// What is in use stays in use until something better is there. A pair that
// changed and does not fit together, or an order that fails, changes nothing
// but the Status, which the log, doctor and the metrics tell.
//
// An Authority's certificates, its account and the answers to the authority's
// questions are documents in the store, sealed. So all nodes show the same
// certificate, a new node needs no order, and any node answers a challenge,
// whichever the authority happens to reach. One node orders, by a lease; what
// it finds done by another it leaves. A certificate is renewed when a third of
// its life is left. After a failure the next attempt waits, longer each time,
// and how long is in the store too: a restart does not spend an authority's
// patience.
package certificate
