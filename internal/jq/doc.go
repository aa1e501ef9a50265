// Package jq runs an operator's jq programs over other people's JSON.
//
// A program is compiled once, when the configuration loads, with an error
// that names the place. Running it is bounded in time, in the number and size
// of its results, and in what a single step may build, because one step of
// jq ("x" * 1e9) can otherwise take all memory before any clock is looked at.
// Programs see their input and the variables they were compiled with: no
// environment, no files, no further input, no way to end the process.
//
// How a step is bounded: the parsed program is rewritten before it is
// compiled. The result of every + and *, the input of every function that
// multiplies what it is given (add, join, tojson …) and every index that could
// grow an array pass through a check of our own. The functions that take a
// regular expression are ours altogether, since the library's take no heed of
// the time.
package jq
