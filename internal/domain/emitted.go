package domain

// EmittedTypes are the types of the events that advocates send out about
// their own things, by what they are about.
var EmittedTypes = []string{
	"advocate.post.received",
	"advocate.case.opened", "advocate.case.waiting", "advocate.case.resolved", "advocate.case.reopened", "advocate.case.stale",
	"advocate.case.asked", "advocate.case.rated",
	"advocate.case.noted", "advocate.case.corrected", "advocate.case.looking",
	"advocate.reply.sent", "advocate.reply.staff", "advocate.reply.failed",
	"advocate.workitem.created", "advocate.workitem.pending", "advocate.workitem.reserved", "advocate.workitem.assigned",
	"advocate.workitem.wrapping", "advocate.workitem.completed", "advocate.workitem.canceled",
	"advocate.workitem.changed", "advocate.workitem.overdue",
	"advocate.call.requested", "advocate.call.missed",
	"advocate.promise.made", "advocate.promise.kept", "advocate.promise.broken",
}
