// Package socialtest holds what every network connector must pass (Run, and
// TakesUpASecret where it asks by itself), and what tests of networks and of the
// engine play with: a network that behaves badly on purpose (Scripted), one that
// brings posts by itself (Stream), a State in memory, a sink's part (Accept) and
// a clock on which nobody waits (Hasty).
package socialtest
