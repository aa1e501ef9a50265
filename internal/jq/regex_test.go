package jq

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/itchyny/gojq"
)

// What the library says is what programs mean.
func TestRegexKeepsMeaning(t *testing.T) {
	t.Parallel()
	texts := []string{"", "a", "ab ab", "äöü  x\n y", "x1y22z", "aaa", "\nA\n\nb", "日本 語", "foo bar foo"}
	for _, src := range []string{
		`[match("a|"; "g")]`, `[match("\\b"; "g")]`, `[match("^.*$"; "g")]`, `[match("(?m)^"; "g")]`, `[match(["A", "gi"])]`,
		`[match("(?<x>[a-z])(?<n>\\d+)?"; "g")]`, `[match("( +)|(y)"; "g")]`, `[match("^a"; "g")]`, `[match("")]`, `[match("x*"; "g")]`,
		`test("o.b")`, `test("A"; "i")`, `test("\n.."; "m")`, `[scan("[a-z]")]`, `[scan("([a-z])(\\d)?")]`, `[scan("A"; "i")]`,
		`[splits(" +")]`, `split(" *"; null)`, `split("a"; "gi")`, `[capture("(?<x>[a-z])(?<n>\\d+)?"; "g")]`, `[capture("(?<x>o+)")]`,
		`gsub("\\s+"; " ")`, `gsub(""; "-")`, `gsub("(?<c>[a-z])"; "<\(.c)>")`, `sub("a"; "b", "c")`, `[gsub("a|b"; "x", "y")]`,
		`[gsub("a"; empty)]`, `gsub("(?<c>.)"; .c + .c; "m")`, `sub("^"; ">")`, `gsub("\\b"; "|")`, `gsub("(?<a>x)|y"; .a)`,
		`[.[]?, try match(1) catch "no"]`, `try test("(") catch "no"`, `try sub("a"; 1) catch "no"`, `try test("a"; "q") catch "no"`,
		`def test(x): "own"; test("a")`, `[.] | map(gsub("a"; "b"))`, `{t: (. | ascii_downcase | test("foo"))}`,
	} {
		q, err := gojq.Parse(src)
		if err != nil {
			t.Fatalf("%s: %v", src, err)
		}
		for _, text := range texts {
			in, _ := Encode(text)
			want := []string{}
			iter := q.Run(text)
			for v, ok := iter.Next(); ok; v, ok = iter.Next() {
				if err, isErr := v.(error); isErr {
					t.Fatalf("%s over %q: %v", src, text, err)
				}
				b, _ := Encode(v)
				want = append(want, string(b))
			}
			got, err := run(t, src, string(in))
			if err != nil || got != strings.Join(want, " ") {
				t.Errorf("%s over %q = %s, %v; want %s", src, text, got, err, want)
			}
		}
	}
}

// None of these may run on when the time is up. The library took minutes.
func TestRegexBounded(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ab ä\n", 80_000)
	for _, src := range []string{
		`gsub("\\s+"; " ") | length`, `[scan("a")] | length`, `split(" "; null) | length`, `[match("a"; "g")] | length`,
		`[match("(((((((((a)))))))))"; "g")] | length`, `[splits("a.*\n")] | length`, `test("(a?){1000}(b?){1000}c")`,
		`[scan("(?s)a.*zz|a")] | length`, `[capture("(?<x>b)"; "g")] | length`, `try gsub(""; "x") catch repeat(.)`,
		`test(.)`, `. as $s | gsub("a"; $s)`,
	} {
		p, err := Compile("p", src)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		_, err = p.Run(context.Background(), long)
		if d := time.Since(start); d > 5*time.Second {
			t.Errorf("%s: took %v (%v)", src, d, err)
		}
	}
	for src, want := range map[string]string{
		`test(.)`:                       "p: jq: the regular expression is 480000 bytes long; at most 4096 are accepted",
		`[scan("(?s)a.*zz|a")]`:         "p: jq: it ran longer than 100ms",
		`. as $s | "aaa" | gsub("";$s)`: "p: jq: the substituted text is too large; at most 4194304 bytes are accepted",
	} {
		p, err := Compile("p", src)
		if err != nil {
			t.Fatal(err)
		}
		in := long
		if strings.HasPrefix(src, ". as") {
			in = strings.Repeat(long, 4)
		}
		if _, err := p.Run(context.Background(), in); err == nil || err.Error() != want {
			t.Errorf("%s: got %v; want %s", src, err, want)
		}
	}
	// What a connector may well be asked for goes through.
	p, err := Compile("p", `{type: "x", data: (.s | gsub("\\s+"; " ") | length)}`)
	if err != nil {
		t.Fatal(err)
	}
	if out, err := p.Run(context.Background(), map[string]any{"s": strings.Repeat("a  ", 2000)}); err != nil || len(out) != 1 {
		t.Errorf("6 KB: %v, %v", out, err)
	}
}
