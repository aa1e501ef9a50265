// Package socialtest holds what every network connector must pass (Run) and a
// network that behaves badly on purpose (Scripted), for the engine's tests
// and the simulator.
package socialtest
