package playbook

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
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
	r.add(n.line, n.column, fmt.Sprintf("%s %q", what, clip(got, 60)), list(accepted), nearest(got, accepted))
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

// nearest returns the accepted word that a typing slip away from got, "" if
// none is near enough to be worth saying.
func nearest(got string, accepted []string) string {
	return nearestWithin(got, accepted, max(1, len([]rune(got))/3))
}

func nearestWithin(got string, accepted []string, most int) string {
	best, bestDistance := "", most+1
	got = strings.ToLower(clip(got, 60))
	for _, w := range accepted {
		if d := distance(got, strings.ToLower(w)); d < bestDistance {
			best, bestDistance = w, d
		}
	}
	if bestDistance > most || bestDistance >= len(best) {
		return ""
	}
	return best
}

// distance is Levenshtein's, with a swap of neighbours counted once.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	before, last, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(x); i++ {
		row[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(y)]
}

// clip cuts text to at most n runes, with "…" where it was longer.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n-1]) + "…"
}
