// Package bluesky connects an account on Bluesky, or on any other server of
// the AT Protocol (https://atproto.com/specs/atp).
//
// Posts come by one or both of two ways. Notifications are asked for, and need
// an AppView, the service that indexes the network; they are late by the
// interval and tell of no edit or deletion. What our staff writes nobody is
// notified of: it is read from our own repository in the same rounds. The
// firehose is a stream of all that is written on a server or, from a relay, on
// the whole network; what is not for us is thrown away after a look at its
// bytes. It tells of deletions and needs no AppView. Both give the same post the
// same id and revision, so that it is handled once.
//
// How far a way has been read is kept in the State after the sink took
// everything before it; after a crash a little is heard twice, and nothing is
// left out. Where a server says that it has left something out (its backfill
// is limited) notifications and our own repository are asked for that time, and
// the stream goes on once they have answered.
//
// A reply is a record whose key is derived from the message's, written on the
// condition that there is none of that key. A repeat finds it.
//
// What the stream says is taken on the word of the server that was configured:
// records are held against their hashes, but the signatures of repositories are
// not verified.
package bluesky
