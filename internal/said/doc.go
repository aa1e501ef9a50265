// Package said holds the sentences that the server itself says to people: why
// a reply was held, what a history line tells, what an agent should know
// before a call. Each has a code that never changes and an English form that
// its text is made from, so that a program can put it into another language
// without reading English.
//
// Texts are stored as they were said. [Of] and its kin find out again which
// sentence a stored text is, by the very forms that make texts; what no form
// has made comes back as somebody's own words. Composed texts are sentences in
// a row: one that ends in a full stop is followed by a space, any other by a
// colon.
package said
