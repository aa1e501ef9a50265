// Package docs keeps the documentation true. What can be read off the program
// is written by it (go generate), and the examples in README.md and docs/ are
// run by this package's tests.
//
// A fenced block says by its info string what is done with it:
//
//	yaml playbook    compiles under the default policy
//	yaml rules       a list of rules, with templates after it if it likes; compiles as part of a playbook
//	yaml config      is read as a configuration
//	yaml scenario    is played over the first playbook of its page, else the built-in one
//	sh run           is run by a shell, the page's blocks one after the other
//	sh serve         starts a server in the background, which then has to become ready
//	text output      every line must occur in the output of the block before, in order; … stands for anything
//	json, jsonl      must be valid
//
// With file=NAME behind it a block of any kind is also written to that file,
// where the page's later commands find it; "part" behind it leaves a block
// that shows only a part alone. Each page runs in a folder of its own with the
// program in PATH and the repository's examples beside; 127.0.0.1:8080 is
// replaced by an address that is free.
package docs

//go:generate go run ../../cmd/advocate docs ../..
