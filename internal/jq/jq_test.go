package jq

import (
	"context"
	"encoding/json"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"
)

func run(t *testing.T, src, in string, vars ...any) (string, error) {
	t.Helper()
	names := []string{"$a", "$b"}[:len(vars)]
	p, err := Compile("test", src, names...)
	if err != nil {
		t.Fatalf("compile %s: %v", src, err)
	}
	v, err := Decode([]byte(in))
	if err != nil {
		t.Fatal(err)
	}
	out, err := p.Run(context.Background(), v, vars...)
	if err != nil {
		return "", err
	}
	parts := []string{}
	for _, o := range out {
		b, err := Encode(o)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, string(b))
	}
	return strings.Join(parts, " "), nil
}

// The guards must not change what ordinary programs mean.
func TestRunKeepsMeaning(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ src, in, want string }{
		{`.`, `{"b":1,"a":12345678901234567890}`, `{"a":12345678901234567890,"b":1}`},
		{`.a + .b`, `{"a":1,"b":2}`, `3`},
		{`.a + (.b, 10)`, `{"a":1,"b":2}`, `3 11`},
		{`(1,2) * (10,20)`, `null`, `10 20 20 40`},
		{`"ab" * 3`, `null`, `"ababab"`},
		{`.a += 1`, `{"a":1}`, `{"a":2}`},
		{`.l[] *= 2`, `{"l":[1,2]}`, `{"l":[2,4]}`},
		{`.a += .b`, `{"a":1,"b":5}`, `{"a":6,"b":5}`},
		{`{a:{x:1}} * {a:{y:2}}`, `null`, `{"a":{"x":1,"y":2}}`},
		{`.items | map(.n) | add`, `{"items":[{"n":1},{"n":2}]}`, `3`},
		{`[.[] | tostring] | join("-")`, `[1,"b",null]`, `"1-b-null"`},
		{`"no \(.id) of \(.n + 1)"`, `{"id":"x","n":1}`, `"no x of 2"`},
		{`@base64 "x\(.)"`, `"a"`, `"xYQ=="`},
		{`@uri`, `"a b"`, `"a%20b"`},
		{`.[1:]`, `[1,2,3]`, `[2,3]`},
		{`.["a b"]`, `{"a b":1}`, `1`},
		{`setpath(["a",0]; 1)`, `null`, `{"a":[1]}`},
		{`del(.a)`, `{"a":1,"b":2}`, `{"b":2}`},
		{`def f($x): $x + 1; f(.)`, `1`, `2`},
		{`reduce .[] as $x (0; . + $x)`, `[1,2,3]`, `6`},
		{`to_entries | map("\(.key)=\(.value)") | join(",")`, `{"a":1,"b":2}`, `"a=1,b=2"`},
		{`empty`, `1`, ``},
		{`.a // "none"`, `{}`, `"none"`},
		{`[paths]`, `{"a":[1]}`, `[["a"],["a",0]]`},
		{`first(.[] | select(. > 1))`, `[1,2,3]`, `2`},
		{`test("^a+$")`, `"aaa"`, `true`},
		{`try error("x") catch .`, `null`, `"x"`},
	} {
		got, err := run(t, c.src, c.in)
		if err != nil || got != c.want {
			t.Errorf("%s over %s = %s, %v; want %s", c.src, c.in, got, err, c.want)
		}
	}
	if got, err := run(t, `[$a, $b.x]`, `null`, "v", map[string]any{"x": "y"}); err != nil || got != `["v","y"]` {
		t.Errorf("variables: %s, %v", got, err)
	}
}

func TestCompileErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ src, want string }{
		{``, `p: the jq program is empty; want an expression, for example {found: true, data: .}`},
		{"{a: 1,\n b: }", `p: jq line 2, column 5: unexpected "}"`},
		{`{a: 1`, `p: jq line 1, column 6: the program ends too early; is a bracket or an "end" missing?`},
		{`env.PATH`, `p: jq: "env" is not accepted: programs cannot read the environment`},
		{`$ENV.PATH`, `p: jq: "$ENV" is not accepted: programs cannot read the environment`},
		{`[.[] | input]`, `p: jq: "input" is not accepted: there is one input, "."`},
		{`if . then halt else . end`, `p: jq: "halt" is not accepted: programs cannot end the process; use error or empty`},
		{`import "x" as x; .`, `p: jq: "module", "import" and "include" are not accepted; programs cannot load modules`},
		{`_add(1; 2)`, `p: jq: the function name "_add" is reserved: names must not start with "_"`},
		{`def _sized: .; .`, `p: jq: the function name "_sized" is reserved: names must not start with "_"`},
		{`nosuch(1)`, `p: jq: function not defined: nosuch/1`},
		{`$who`, `p: jq: variable not defined: $who; known are $headers`},
	} {
		_, err := Compile("p", c.src, "$headers")
		if err == nil || err.Error() != c.want {
			t.Errorf("%q: got %v\nwant %s", c.src, err, c.want)
		}
	}
	if _, err := Compile("p", strings.Repeat("(", 8000)+"."+strings.Repeat(")", 8000)); err == nil {
		t.Error("8000 brackets were accepted")
	}
}

// Each of these takes gigabytes or minutes when nothing stops it.
func TestRunBounded(t *testing.T) {
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	for _, src := range []string{
		`"x" * 2000000000`,
		`reduce range(60) as $i ("x"; . + .)`,
		`reduce range(60) as $i ("x"; . += .)`,
		`reduce range(60) as $i ([1]; . + .)`,
		`reduce range(60) as $i (10; . * .) | tostring | length | . * 0`,
		`[range(100000000)]`,
		`def f: f; f`,
		`def f: [f]; f`,
		`repeat(1)`,
		`.[500000000] = 1`,
		`setpath([500000000]; 1)`,
		`.a[.n] = 1`,
		`fromstream([[500000000], 1])`,
		`("x" * 60000) as $s | [range(5000) | $s] | add | length`,
		`("x" * 60000) as $s | [range(5000) | $s] | join("") | length`,
		`("x" * 60000) as $s | [range(5000) | $s] | tojson | length`,
		`("x" * 60000) as $s | [range(5000) | $s] | "\(.)" | length`,
		`("x" * 60000) as $s | [range(5000) | $s] | @json | length`,
		`reduce range(1000000) as $i (0; [.]) | tojson`,
		`range(100000)`,
		`"x" * 2000000`,
		`reduce range(100) as $i (0; [.])`,
	} {
		start := time.Now()
		if _, err := run(t, src, `{"a":[],"n":500000000}`); err == nil {
			if !strings.Contains(src, ". * .)") {
				t.Errorf("%s: no error", src)
			}
		}
		if d := time.Since(start); d > time.Minute {
			t.Errorf("%s: took %v", src, d)
		}
	}
	var after runtime.MemStats
	runtime.ReadMemStats(&after)
	if grown := int64(after.Sys) - int64(before.Sys); grown > 1<<30 {
		t.Errorf("the runs took %d MiB from the system", grown>>20)
	}
}

func TestRunCanceled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	p, err := Compile("p", `[range(1000)] | length`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Run(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
}

func FuzzMapping(f *testing.F) {
	f.Add(`{id: .id, type: "order." + .status, data: .}`, `{"id":1,"status":"x"}`)
	f.Add(`.. |= (. + 1)? // "\(.)" * 3`, `[1,[2]]`)
	f.Add(`reduce .[] as [$a, $b] ({}; .[$a] += $b)`, `[["a",1]]`)
	f.Add(`@base64d "x\(.a[1:2])"`, `{"a":"zz"}`)
	f.Add(`gsub("(?<a>a|)"; "<\(.a)>", "x") | [scan("\\b."), splits("x*")]`, `"baä a"`)
	f.Add(`label $l | foreach .[] as $x (0; . * $x; if . > 3 then ., break $l else . end)`, `[1,2,3]`)
	f.Fuzz(func(t *testing.T, src, in string) {
		p, err := Compile("fuzz", src, "$headers")
		if err != nil {
			return
		}
		v, err := Decode([]byte(in))
		if err != nil {
			return
		}
		start := time.Now()
		out, err := p.Run(context.Background(), v, map[string]any{})
		if d := time.Since(start); d > time.Minute {
			t.Fatalf("ran for %v", d)
		}
		if err != nil {
			return
		}
		for _, o := range out {
			b, err := Encode(o)
			if err == nil && !json.Valid(b) {
				t.Fatalf("not JSON: %q", b)
			}
		}
	})
}
