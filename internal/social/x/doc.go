// Package x connects an account on X by the API v2
// (https://docs.x.com/x-api/introduction). It was built from the public
// documents and tried against a scripted server only, never against X itself;
// docs/networks/x.md lists what to look at first.
//
// Posts come by one of three modes. Poll asks for mentions, our own posts and
// searches, within a monthly budget of posts, since X charges for each. Stream
// holds the filtered stream open and asks for what was written while it was
// not. Webhook takes what X sends, of the X Activity API or of the Account
// Activity API that goes before it, and asks for mentions now and then, since
// the documents promise no second delivery.
//
// How far it has been read is an id, kept in the State after the sink took
// everything up to it. X answers with the newest first; a round that is cut
// short, by the budget or by its size, keeps the gap that it leaves and closes
// it later.
//
// An edit is another post to X. Here it is the first one's id with the newest
// one's as its revision. X tells nobody that a customer has deleted a post:
// Fetch finds it out.
//
// Sending is not idempotent at X. An attempt whose answer was lost is looked
// for among our own posts; what X refuses as a repeat is looked for too.
package x
