// Package mastodon connects an account on a server that speaks the Mastodon
// API (https://docs.joinmastodon.org/api/): Mastodon, GoToSocial, Pleroma and
// others.
//
// Posts written to us come by the server's WebSocket stream within a moment,
// and by asking for the mentions among our notifications, which finds what the
// stream has left out: a reconnect replays nothing. Only asking moves the
// cursor. It looks at the newest page first; where that does not reach back to
// the cursor, it pages upward with min_id until there is no more, and keeps how
// far it is after each page, when the sink has taken everything before it.
//
// The newest page is also held against what is known of its posts: an edit
// shows in edited_at though nobody announced it, a post that is missing is
// asked for by itself and, if it is gone, was deleted. What is known is kept
// for the last thousand posts.
//
// A reply is sent under an Idempotency-Key. Not every server honours it, so
// after a lost answer our own replies below the post are looked at first.
//
// Waiting and repeating: errors of the network end a round or a connection,
// which begins again after a pause that grows and is spread, or as the server
// says. What the sink cannot take is offered until it can; what it refuses for
// what it is, is left out, alone.
package mastodon
