// Package e2e tests the program as its users run it: the built binary as a
// process of its own, spoken to over HTTP and by its other commands, stopped
// and killed. Nothing here reaches into the server.
package e2e
