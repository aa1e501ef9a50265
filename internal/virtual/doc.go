// Package virtual lets time pass for an engine without waiting: an engine on
// a manual clock, stepped until it is quiet.
//
// The engine's loops must not run (no Start), and nobody else may step it:
// everything happens in the caller's goroutine, in one order, so that the
// same inputs give the same history.
//
// Whoever hands posts and events in between calls Settle afterwards; Advance
// and RunOut settle by themselves at every time at which something is due.
package virtual
