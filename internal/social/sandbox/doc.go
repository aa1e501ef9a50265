// Package sandbox is the built-in social network: a place to post as any
// made-up customer and to see what the advocates answer, in public and in
// private. It is what a newcomer tries first and what end-to-end tests use.
//
// # What it keeps
//
// Posts live in a database of their own (sandbox.db), so that a conversation
// survives a restart. Every creation, edit and deletion raises one change
// number; a timeline is the posts changed after a number, which is all that a
// page needs to stay current. Deleted posts stay as tombstones without text.
// The oldest posts are let go of past Options.MaxPosts.
//
// # What it delivers
//
// What a customer does is written to the post and to a delivery queue in one
// transaction, and Run hands the queue to the sink in order. A delivery that
// fails is tried again, with growing pauses, and holds up those behind it:
// nothing is lost and nothing overtakes. A delivery that the sink refuses for
// good (malformed, too old, a conflict) is marked as refused on its post with
// the reason, and the queue goes on.
//
// # What is open
//
// Handles are not protected: whoever can reach the sandbox can write as
// anybody and read anybody's private messages. It is for trying things out
// and is off by itself once a real network is configured.
package sandbox
