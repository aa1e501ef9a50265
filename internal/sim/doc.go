// Package sim runs the engine in a made-up world and checks it against a
// plain model of what must hold.
//
// # One seed
//
// Everything that happens is drawn from one seed: who writes what, which
// events come, twice or in the wrong order, what the networks and components
// do with what they are asked, when the clock jumps, where the process dies.
// The world is single-threaded and its clock is moved by hand, so a seed and
// a number of steps always give the same run, and a run of more steps begins
// with the run of fewer.
//
// # Layers
//
//	driver ─▶ engine ─▶ process ─▶ planted fault ─▶ tap ─▶ the real store
//
// A process is what an engine sees of the disk. It dies before or after a
// commit, as drawn; a dead one refuses everything, and the driver starts a new
// engine over the same store and hands in again what was not acknowledged. A
// planted fault wraps the seams from outside, so that production code has no
// hooks for it. The tap tells the oracle what was really committed.
//
// # The oracle
//
// The oracle knows what the world handed in and was told, what was committed,
// and what reached the networks. It decides every journal record again and
// holds the store to the result: inputs once, effects once, events to whoever
// had asked for them, messages as decided, in order, to whom they may be told,
// never an answer to what was gone or changed where that could be seen, no part
// of a message twice, nothing to who blocks us. It shares the nouns and the
// pure Decide with production code and nothing of the engine.
package sim
