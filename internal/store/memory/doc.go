// Package memory is a store in maps: the oracle that the other drivers and
// the simulator are compared with. It is plain on purpose. Lists are made by
// looking at every row, and only what would be quadratic in a simulation has
// an index.
//
// Update and View exclude each other by one read-write lock. A transaction
// writes in place and notes how to undo each change; an error or a panic runs
// the notes backwards. Rows are copied on their way in and out, so nothing
// that a caller holds can change what is stored.
//
// A transaction must not begin another one on the same store: it would wait
// for itself.
package memory
