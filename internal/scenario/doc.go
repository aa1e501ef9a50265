// Package scenario plays the stories that playbooks are tested with: what is
// given, what happens, and what must come of it. Each scenario has an engine
// of its own, the real one, over an in-memory store and a manual clock, with
// the real components and networks that record what they are sent.
//
// A step's expectations look at what came of that step alone, after all its
// effects were carried out and answered; those at the end look at the whole
// scenario. Replies count when they have been sent, not when they were
// decided. An expectation that is not met is a Failure that says what there
// was instead and which rules fired.
package scenario
