package domain

// EmittedTypes are the types of the events that advocates send out about
// their own things, by what they are about.
var EmittedTypes = []string{
	"advocate.post.received", PostWatched,
	"advocate.case.opened", "advocate.case.waiting", "advocate.case.resolved", "advocate.case.reopened", "advocate.case.stale",
	"advocate.case.asked", "advocate.case.rated",
	"advocate.case.noted", "advocate.case.corrected",
	"advocate.reply.sent", "advocate.reply.staff", "advocate.reply.failed",
	"advocate.workitem.created", "advocate.workitem.pending", "advocate.workitem.reserved", "advocate.workitem.assigned",
	"advocate.workitem.wrapping", "advocate.workitem.completed", "advocate.workitem.canceled",
	"advocate.workitem.changed", "advocate.workitem.overdue",
	"advocate.call.requested", "advocate.call.missed",
	"advocate.promise.made", "advocate.promise.kept", "advocate.promise.broken",
}

// PostWatched tells of a post that is not written to us. It is in no case and
// counts only in what is written about.
const PostWatched = "advocate.post.watched"

// EventLooking tells streams who looks at a case. It is about people at work,
// not about a customer: no advocate emits it, and it stays inside.
const EventLooking = "advocate.case.looking"

// EventOwner tells streams that a person has taken a case or given it back. It
// is about who works on what, as EventLooking is.
const EventOwner = "advocate.case.owner"

// StaysInside reports whether events of a type are for this program's own
// streams alone and are sent nowhere.
func StaysInside(eventType string) bool { return eventType == EventLooking || eventType == EventOwner }
