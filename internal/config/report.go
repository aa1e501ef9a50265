package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/contact-advocate/advocate/internal/playbook"
)

// Problem and Problems are the shape that every file of an operator's is
// reported in: file:line: what, expected, did you mean.
type (
	Problem  = playbook.Problem
	Problems = playbook.Problems
)

const maxProblems = 100

// report collects what is wrong.
type report struct {
	file  string
	found Problems
}

func (r *report) add(line, column int, what, expected, didYouMean string) {
	if len(r.found) < maxProblems {
		r.found = append(r.found, Problem{File: r.file, Line: line, Column: column, What: what, Expected: expected, DidYouMean: didYouMean})
	}
}

// addf reports at a node. A node of an environment variable carries its name
// in text and has no line.
func (r *report) addf(n *node, expected, didYouMean, format string, args ...any) {
	r.add(n.line, n.column, fmt.Sprintf(format, args...), expected, didYouMean)
}

// err returns the problems by place, nil if there are none.
func (r *report) err() error {
	if len(r.found) == 0 {
		return nil
	}
	slices.SortStableFunc(r.found, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return r.found
}

func oneOf(words []string) string {
	if len(words) == 1 {
		return words[0]
	}
	return "one of " + strings.Join(words, ", ")
}
