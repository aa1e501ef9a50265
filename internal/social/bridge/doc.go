// Package bridge is a network that somebody else connects: a few lines of the
// operator's own hand us posts by signed requests to /hooks/NAME and take our
// replies at a callback. Both ways are signed as Standard Webhooks 1.0
// (github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md).
//
// A delivery is remembered only once it was taken, so that the sender may try
// it again after an answer of ours that is no 2xx; the engine knows each post,
// so that what was taken of it does no harm. A delivery that was taken is not
// taken again: with the same signature it is a replay and refused; signed anew
// it is a sender that has not had our answer, and gets it.
//
// What a stranger has written holds up nothing: it is cut to what is kept, and
// of a delivery with several posts each has a result of its own.
//
// A reply whose answer was lost is sent again only where the bridge publishes
// each id once, or says that it is not there; else an operator is told. One
// that never left, for want of a connection, is no such reply.
//
// What we send names its type, which no post has: a reply of ours that is sent
// back to us is refused although its signature is right.
package bridge
