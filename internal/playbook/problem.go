package playbook

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/contact-advocate/advocate/internal/domain"
)

// Problem is one thing that is wrong with a file an operator wrote.
type Problem struct {
	File       string
	Line       int // from 1; 0 when it concerns the whole file
	Column     int // from 1; 0 when unknown
	What       string
	Expected   string // what is accepted there, may be empty
	DidYouMean string // the accepted word nearest to what was found, may be empty
}

// String prints "file:line: what, expected X, did you mean Y".
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d", p.Line)
	}
	b.WriteString(": ")
	b.WriteString(p.What)
	if p.Expected != "" {
		b.WriteString(", expected ")
		b.WriteString(p.Expected)
	}
	if p.DidYouMean != "" {
		b.WriteString(", did you mean ")
		b.WriteString(p.DidYouMean)
	}
	return b.String()
}

// Problems are all that is wrong with one file, by line. It is never empty
// when it is returned as an error.
type Problems []Problem

// Error prints one problem a line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i := range ps {
		lines[i] = ps[i].String()
	}
	return strings.Join(lines, "\n")
}

// maxProblems bounds a report: a file that is not a playbook at all should not
// print thousands of lines.
const maxProblems = 100

// report collects problems of one file.
type report struct {
	file  string
	found Problems
}

func (r *report) add(line, column int, what, expected, didYouMean string) {
	if len(r.found) < maxProblems {
		r.found = append(r.found, Problem{File: r.file, Line: line, Column: column, What: what, Expected: expected, DidYouMean: didYouMean})
	}
}

// at reports a problem at a node; expected and didYouMean may be empty.
func (r *report) at(n *node, expected, didYouMean, what string, args ...any) {
	r.add(n.line, n.column, fmt.Sprintf(what, args...), expected, didYouMean)
}

// oneOf reports that a word is none of the accepted ones.
func (r *report) oneOf(n *node, what, got string, accepted []string) {
	r.add(n.line, n.column, fmt.Sprintf("%s %q", what, domain.Clip(got, 60)), list(accepted), domain.Nearest(got, accepted))
}

// err returns the problems sorted by place, nil if there are none.
func (r *report) err() error {
	if len(r.found) == 0 {
		return nil
	}
	slices.SortStableFunc(r.found, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.What, b.What))
	})
	r.found = slices.Compact(r.found)
	return r.found
}

// list prints accepted words; a long list is cut.
func list(words []string) string {
	const most = 16
	if len(words) == 1 {
		return words[0]
	}
	if len(words) > most {
		return "one of " + strings.Join(words[:most], ", ") + " …"
	}
	return "one of " + strings.Join(words, ", ")
}
