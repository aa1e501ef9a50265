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
	Kind       ProblemKind
	Found      string // the word that is not accepted, as it is written there; empty where it is no single word
	What       string
	Expected   string // what is accepted there, may be empty
	DidYouMean string // the accepted word nearest to what was found, may be empty
}

// ProblemKind says what kind of mistake it is, for who reads no English.
type ProblemKind string

// The kinds of mistakes. Other files of operators have problems of no kind.
const (
	ProblemFile       ProblemKind = "file"       // it is no YAML that can be read
	ProblemWord       ProblemKind = "word"       // what was found is not accepted there
	ProblemExpression ProblemKind = "expression" // a condition or an argument that is not well formed, or is of another type
	ProblemRule       ProblemKind = "rule"       // it is not said as playbooks say it
)

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

func (r *report) put(p Problem) {
	if len(r.found) >= maxProblems {
		return
	}
	if p.File = r.file; p.Found != "" {
		p.Kind = ProblemWord
	} else if p.Kind == "" {
		p.Kind = ProblemRule
	}
	r.found = append(r.found, p)
}

// at reports a problem at a node; expected and didYouMean may be empty.
func (r *report) at(n *node, expected, didYouMean, what string, args ...any) {
	p := Problem{Line: n.line, Column: n.column, What: fmt.Sprintf(what, args...), Expected: expected, DidYouMean: didYouMean}
	if oneWord(n.text) {
		p.Found = n.text
	}
	r.put(p)
}

// oneWord reports whether a text is one word: such a one is found again in the
// file, whichever quotes and folds it stands in.
func oneWord(text string) bool {
	return text != "" && len(text) <= 80 && !strings.ContainsAny(text, " \t\n")
}

// oneOf reports that a word is none of the accepted ones.
func (r *report) oneOf(n *node, what, got string, accepted []string) {
	p := Problem{Line: n.line, Column: n.column, What: fmt.Sprintf("%s %q", what, domain.Clip(got, 60)), Expected: list(accepted), DidYouMean: domain.Nearest(got, accepted)}
	if oneWord(got) {
		p.Found = got
	}
	r.put(p)
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
