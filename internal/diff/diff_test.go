package diff

import (
	"fmt"
	"strings"
	"testing"
)

func TestUnified(t *testing.T) {
	t.Parallel()
	a := "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n"
	b := "1\n2\n3\nfour\n5\n6\n7\n8\n9\n10\n11\n12\n14\n15"
	want := `--- a
+++ b
@@ -1,7 +1,7 @@
 1
 2
 3
-4
+four
 5
 6
 7
@@ -10,5 +10,5 @@
 10
 11
 12
-13
 14
+15
\ No newline at end of file
`
	if got := Unified("a", "b", a, b); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := Unified("a", "b", a, a); got != "" {
		t.Errorf("the same differs: %s", got)
	}
	if got := Unified("a\nx", "b", "", "one\n"); got != "--- a x\n+++ b\n@@ -0,0 +1 @@\n+one\n" {
		t.Errorf("got %q", got)
	}
}

// TestWhatDiffersTooMuch is shown whole, in a time that does not grow with the
// square.
func TestWhatDiffersTooMuch(t *testing.T) {
	t.Parallel()
	var a, b strings.Builder
	for i := range 20000 {
		fmt.Fprintf(&a, "a %d\n", i)
		fmt.Fprintf(&b, "b %d\n", i)
	}
	if got := apply(t, a.String(), Unified("a", "b", a.String(), b.String())); got != b.String() {
		t.Error("the difference does not make b of a")
	}
}

// apply does what a unified difference says.
func apply(t *testing.T, a, patch string) string {
	t.Helper()
	if patch == "" {
		return a
	}
	var out strings.Builder
	rest := lines(a)
	at := 0
	body := lines(patch)[2:]
	for i := 0; i < len(body); i++ {
		l := body[i]
		if strings.HasPrefix(l, "@@ ") {
			var from int
			spec := strings.Fields(l)[1]
			fmt.Sscanf(spec, "-%d", &from)
			if !strings.HasSuffix(spec, ",0") {
				from--
			}
			for at < from {
				out.WriteString(rest[at])
				at++
			}
			continue
		}
		text := l[1:]
		if i+1 < len(body) && strings.HasPrefix(body[i+1], `\ No newline`) {
			text = strings.TrimSuffix(text, "\n")
			i++
		}
		if l[0] != '+' {
			if rest[at] != text {
				t.Fatalf("line %d is %q, the difference says %q", at, rest[at], text)
			}
			at++
		}
		if l[0] != '-' {
			out.WriteString(text)
		}
	}
	for _, l := range rest[at:] {
		out.WriteString(l)
	}
	return out.String()
}

func FuzzUnified(f *testing.F) {
	f.Add("", "")
	f.Add("a\nb\nc\n", "a\nc\n")
	f.Add("a\nb\nc", "x\nb\nc\n")
	f.Add("a\na\nb\na\n", "b\na\na\n\n")
	f.Fuzz(func(t *testing.T, a, b string) {
		if got := apply(t, a, Unified("a", "b", a, b)); got != b {
			t.Errorf("%q to %q gave %q", a, b, got)
		}
	})
}
