// Package meta connects a Facebook Page or an Instagram professional account
// through Meta's Graph API (https://developers.facebook.com/docs/graph-api).
//
// Meta tells of comments, mentions and messages by signed requests (webhooks),
// and tries for some hours to deliver what was not taken; batches come out of
// order and more than once. Run asks besides, rarely where there are webhooks
// and often where there are none, for what is newer than the cursor, and so
// closes what an outage has left open. Both ways give a post the same id and
// revision, so that it is handled once. The cursor is a time; it is kept in
// the State after the sink took everything before it, and a little is read
// twice.
//
// The revision of a post is a digest of its text, since not every way tells
// the number or the time of an edit. A text that is edited back to what it
// was is therefore not heard of a second time.
//
// Nothing that is sent is idempotent. Before a message is tried again the
// connector looks among our replies for one of that text that is not older
// than the first attempt.
//
// Written from the public documents and tried against a server scripted from
// them, never against Meta's own: see docs/networks/meta.md for what to look
// at first.
package meta
