// Package diff compares two texts line by line and prints the difference in
// the unified form that people know from version control.
package diff

import (
	"fmt"
	"strings"
)

// Limits. What differs more than that is shown as taken out and put in whole.
const (
	context  = 3    // lines shown around a change
	maxEdits = 1000 // lines that differ, of which the shortest way is looked for
)

// Unified returns what makes b of a, "" when nothing does. A line that does not
// end in a newline says so, as patch has it.
func Unified(nameA, nameB, a, b string) string {
	if a == b {
		return ""
	}
	edits := script(lines(a), lines(b))
	var out strings.Builder
	fmt.Fprintf(&out, "--- %s\n+++ %s\n", oneLine(nameA), oneLine(nameB))
	for from := 0; from < len(edits); {
		first := from
		for first < len(edits) && edits[first].op == ' ' {
			first++
		}
		if first == len(edits) {
			break
		}
		begin, last := max(from, first-context), first
		for i := first; i < len(edits) && i <= last+2*context; i++ {
			if edits[i].op != ' ' {
				last = i
			}
		}
		end := min(len(edits), last+context+1)
		hunk(&out, edits, begin, end)
		from = end
	}
	return out.String()
}

// edit is a line that both have (' '), that is taken out ('-') or put in ('+').
type edit struct {
	op   byte
	text string
}

func hunk(out *strings.Builder, edits []edit, begin, end int) {
	count := func(part []edit, not byte) (n int) {
		for _, e := range part {
			if e.op != not {
				n++
			}
		}
		return n
	}
	span := func(before, n int) string {
		if n > 0 {
			before++
		}
		if n == 1 {
			return fmt.Sprint(before)
		}
		return fmt.Sprintf("%d,%d", before, n)
	}
	fmt.Fprintf(out, "@@ -%s +%s @@\n", span(count(edits[:begin], '+'), count(edits[begin:end], '+')), span(count(edits[:begin], '-'), count(edits[begin:end], '-')))
	for _, e := range edits[begin:end] {
		out.WriteByte(e.op)
		out.WriteString(e.text)
		if !strings.HasSuffix(e.text, "\n") {
			out.WriteString("\n\\ No newline at end of file\n")
		}
	}
}

// lines splits a text behind each newline.
func lines(s string) []string {
	out := strings.SplitAfter(s, "\n")
	if out[len(out)-1] == "" {
		out = out[:len(out)-1]
	}
	return out
}

// script finds the fewest lines to take out and put in (E. W. Myers, "An O(ND)
// Difference Algorithm", 1986), after what both begin and end with.
func script(a, b []string) []edit {
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	out := make([]edit, 0, len(a)+len(b))
	keep := func(part []string) {
		for _, s := range part {
			out = append(out, edit{' ', s})
		}
	}
	keep(a[:head])
	out = append(out, middle(a[head:len(a)-tail], b[head:len(b)-tail])...)
	keep(a[len(a)-tail:])
	return out
}

func middle(a, b []string) []edit {
	n, m := len(a), len(b)
	most := min(n+m, maxEdits)
	v := make([]int, 2*most+2) // v[most+k] is how far down in a the way on diagonal k has come
	var trace [][]int
	for d := 0; d <= most; d++ {
		// Only diagonals -d … d are read when the way is walked back.
		trace = append(trace, append([]int(nil), v[most-d:most+d+1]...))
		for k := -d; k <= d; k += 2 {
			x := 0
			switch {
			case d == 0:
			case k == -d || k != d && v[most+k-1] < v[most+k+1]:
				x = v[most+k+1]
			default:
				x = v[most+k-1] + 1
			}
			for x < n && x-k < m && x-k >= 0 && a[x] == b[x-k] {
				x++
			}
			v[most+k] = x
			if x >= n && x-k >= m {
				return walkBack(a, b, trace, d)
			}
		}
	}
	out := make([]edit, 0, n+m)
	for _, s := range a {
		out = append(out, edit{'-', s})
	}
	for _, s := range b {
		out = append(out, edit{'+', s})
	}
	return out
}

func walkBack(a, b []string, trace [][]int, d int) []edit {
	x, y := len(a), len(b)
	var back []edit
	for ; d > 0; d-- {
		v := trace[d] // as it was before round d: diagonal k is v[d+k]
		k := x - y
		before := k - 1
		if k == -d || k != d && v[d+k-1] < v[d+k+1] {
			before = k + 1
		}
		px := v[d+before]
		py := px - before
		for x > px && y > py && x > 0 && y > 0 && !(x == px && y == py) && a[x-1] == b[y-1] {
			x, y = x-1, y-1
			back = append(back, edit{' ', a[x]})
		}
		if before == k+1 {
			y--
			back = append(back, edit{'+', b[y]})
		} else {
			x--
			back = append(back, edit{'-', a[x]})
		}
	}
	for x > 0 {
		x--
		back = append(back, edit{' ', a[x]})
	}
	for i, j := 0, len(back)-1; i < j; i, j = i+1, j-1 {
		back[i], back[j] = back[j], back[i]
	}
	return back
}

func oneLine(s string) string { return strings.NewReplacer("\n", " ", "\r", " ").Replace(s) }
