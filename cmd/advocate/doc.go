// Command advocate is Contact Advocate: the server, its tools and its demo in
// one binary. It is the only place that knows every package; compose.go puts
// them together. Each subcommand is in the file of its name.
//
// A command that writes sends its operation through the running server's
// local socket, or opens the store itself when no server runs; ops.go holds
// the operations, the same for both ways.
package main
