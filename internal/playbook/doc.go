// Package playbook reads what an operator wrote about how advocates act: the
// rules, in YAML with CEL conditions, and the messages. Everything is checked
// when it is loaded and every problem is told with its line, what is accepted
// there and what was probably meant.
//
// A Playbook is immutable and safe for concurrent use. A View serves one
// goroutine: evaluating keeps decoded JSON in it between rules.
//
// # Arguments
//
// A single word is that word. What reads a field of the view (order.id,
// "Order " + order.id) or stands in double quotes inside single ones
// ('"text"') is an expression. All else is the text as it stands. Slots that
// take names (component, queue, kind, template, to, name, visibility,
// outcome, event types) never hold expressions.
//
// # Messages
//
// {expression} is a value and [[if condition]]…[[else]]…[[end]] a part that is
// there only sometimes. Values enter as plain text: they cannot bring a
// mention, a link, markup or a line break, whoever they come from. Messages
// see nothing of the profile of an identity that has not proven itself, and a
// message marked public sees public fields only.
//
// # Bounds
//
// A file has at most 1 MiB, 500 rules and 50 steps a rule; an expression at
// most 4,000 characters, and one that loops over data a cost limit; a value in
// a message at most 200 characters and a message 4 KiB. YAML anchors and
// aliases are refused.
package playbook
