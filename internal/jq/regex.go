package jq

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/itchyny/gojq"
)

// The library finds all matches of a text in one step, counts characters from
// the text's beginning for each, and looks at no clock meanwhile: a text of
// 100 KB took 14 seconds. Programs get these in their place. Each call does
// work that grows with its text alone and gives up when the run's time is up,
// even within one match.
const (
	fnRegex  = "_regex"
	fnJoined = "_joined"
	varUntil = "$_until" // when the run's time is up, in nanoseconds since started

	maxPattern  = 4096    // bytes
	maxMatches  = 100_000 // matches and their groups in one step
	maxPatterns = 64      // that one program keeps compiled
)

const regexDefs = `
def match($re; $flags): _regex($re; $flags; "match"; $_until)[];
def match($re): if ($re | type) == "array" then match($re[0]; $re[1]) else match($re; null) end;
def test($re; $flags): _regex($re; $flags; "test"; $_until);
def test($re): if ($re | type) == "array" then test($re[0]; $re[1]) else test($re; null) end;
def capture($re; $flags): _regex($re; $flags; "capture"; $_until)[];
def capture($re): if ($re | type) == "array" then capture($re[0]; $re[1]) else capture($re; null) end;
def scan($re; $flags): _regex($re; $flags + "g"; "scan"; $_until)[];
def scan($re): scan($re; null);
def split($re; $flags): _regex($re; $flags + "g"; "split"; $_until);
def splits($re; $flags): split($re; $flags)[];
def splits($re): splits($re; null);
def sub($re; str; $flags):
  . as $text | _regex($re; $flags; "sub"; $_until) as [$parts, $rest] |
  [$parts[] | [.[0], [.[1] | str]]] | _joined($text; $rest)[];
def sub($re; str): sub($re; str; null);
def gsub($re; str; $flags): sub($re; str; $flags + "g");
def gsub($re; str): gsub($re; str; null);
.`

var started = time.Now()

// addRegex puts the definitions before a program's own.
func addRegex(q *gojq.Query) error {
	own, err := gojq.Parse(regexDefs)
	if err != nil {
		return fmt.Errorf("jq: %w", err)
	}
	q.FuncDefs = append(own.FuncDefs, q.FuncDefs...)
	return nil
}

func regexFunctions() []gojq.CompilerOption {
	c := &patterns{}
	return []gojq.CompilerOption{
		gojq.WithFunction(fnRegex, 4, 4, func(v any, args []any) any { return c.call(v, args) }),
		gojq.WithFunction(fnJoined, 2, 2, func(v any, args []any) any { return joined(v, args[0], args[1]) }),
	}
}

// pattern is a compiled expression.
type pattern struct {
	first *regexp.Regexp // from the beginning of a text
	next  *regexp.Regexp // from the character before, so that ^ and \b know it
	names []string
}

// patterns keeps what one program compiled.
type patterns struct {
	mu   sync.Mutex
	kept map[[2]string]*pattern
}

func (c *patterns) get(re, flags string) (*pattern, error) {
	c.mu.Lock()
	p := c.kept[[2]string{re, flags}]
	c.mu.Unlock()
	if p != nil {
		return p, nil
	}
	if len(re) > maxPattern {
		return nil, fmt.Errorf("the regular expression is %d bytes long; at most %d are accepted", len(re), maxPattern)
	}
	if strings.Trim(flags, "gim") != "" {
		return nil, fmt.Errorf("unsupported regular expression flag: %.40q; want \"g\", \"i\" or \"m\"", flags)
	}
	src := re
	if strings.Contains(flags, "i") {
		src = "(?i)" + src
	}
	if strings.Contains(flags, "m") {
		src = "(?s)" + src
	}
	first, err := regexp.Compile(src)
	if err != nil {
		return nil, fmt.Errorf("invalid regular expression %.200q: %w", re, err)
	}
	next, err := regexp.Compile(`(?s:.)(?:` + src + `)`)
	if err != nil {
		return nil, fmt.Errorf("invalid regular expression %.200q: %w", re, err)
	}
	p = &pattern{first: first, next: next, names: first.SubexpNames()}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept == nil {
		c.kept = map[[2]string]*pattern{}
	}
	if len(c.kept) < maxPatterns {
		c.kept[[2]string{re, flags}] = p
	}
	return p, nil
}

func (c *patterns) call(v any, args []any) any {
	what, _ := args[2].(string)
	s, ok := v.(string)
	if !ok {
		return fmt.Errorf("%s wants a text to look in, not %.60s", what, gojq.Preview(v))
	}
	re, ok := args[0].(string)
	if !ok {
		return fmt.Errorf("%s wants a regular expression in a text, not %.60s", what, gojq.Preview(args[0]))
	}
	flags, ok := args[1].(string)
	if !ok && args[1] != nil {
		return fmt.Errorf("%s wants flags in a text, not %.60s", what, gojq.Preview(args[1]))
	}
	until, _ := args[3].(int)
	p, err := c.get(re, flags)
	if err != nil {
		return err
	}
	r := &clockedText{text: s, until: time.Duration(until)}
	if what == "test" {
		found := p.first.MatchReader(r)
		if r.late {
			return errTime
		}
		return found
	}
	all, err := p.find(r, strings.Contains(flags, "g"))
	if err != nil {
		return err
	}
	return p.results(what, s, all)
}

// clockedText gives a text to the expression until the time is up.
type clockedText struct {
	text  string
	at    int
	read  int
	until time.Duration
	late  bool
}

func (r *clockedText) ReadRune() (rune, int, error) {
	// One character may cost a large expression a millisecond.
	if r.read++; r.read%16 == 1 && time.Since(started) > r.until {
		r.late = true
	}
	if r.late || r.at >= len(r.text) {
		return 0, 0, io.EOF
	}
	c, n := utf8.DecodeRuneInString(r.text[r.at:])
	r.at += n
	return c, n, nil
}

// find lists the matches as regexp's FindStringSubmatchIndex does one. As in
// jq, a match may be empty right after another one.
func (p *pattern) find(r *clockedText, global bool) (all [][]int, err error) {
	left := maxMatches
	for pos := 0; pos <= len(r.text); {
		re, from, skip := p.first, 0, 0
		if pos > 0 {
			_, skip = utf8.DecodeLastRuneInString(r.text[:pos])
			re, from = p.next, pos-skip
		}
		r.at = from
		m := re.FindReaderSubmatchIndex(r)
		if r.late {
			return nil, errTime
		}
		if m == nil {
			break
		}
		for i := range m {
			if m[i] >= 0 {
				m[i] += from
			}
		}
		if skip > 0 { // the match begins after the character that was only looked at
			_, n := utf8.DecodeRuneInString(r.text[m[0]:])
			m[0] += n
		}
		if left -= len(m) / 2; left < 0 {
			return nil, fmt.Errorf("more than %d matches and groups in one text", maxMatches)
		}
		all = append(all, m)
		if !global {
			break
		}
		if pos = m[1]; m[0] == m[1] {
			_, n := utf8.DecodeRuneInString(r.text[pos:])
			pos += max(n, 1)
		}
	}
	return all, nil
}

func (p *pattern) results(what, s string, all [][]int) any {
	out := make([]any, 0, len(all)+1)
	end := 0 // of the match before
	var count func(int) int
	if what == "match" {
		count = characters(s)
	}
	for _, m := range all {
		switch what {
		case "match":
			out = append(out, p.object(s, m, count))
		case "capture":
			out = append(out, p.named(s, m))
		case "scan":
			if len(m) == 2 {
				out = append(out, s[m[0]:m[1]])
				continue
			}
			groups := make([]any, 0, len(m)/2-1)
			for i := 2; i < len(m); i += 2 {
				groups = append(groups, group(s, m, i))
			}
			out = append(out, groups)
		case "split":
			out = append(out, s[end:m[0]])
		case "sub":
			out = append(out, []any{s[end:m[0]], p.named(s, m)})
		}
		end = m[1]
	}
	switch what {
	case "split":
		return append(out, s[end:])
	case "sub":
		return []any{out, s[end:]}
	}
	return out
}

func group(s string, m []int, i int) any {
	if m[i] < 0 {
		return nil
	}
	return s[m[i]:m[i+1]]
}

func (p *pattern) named(s string, m []int) map[string]any {
	out := map[string]any{}
	for i, name := range p.names {
		if name != "" {
			out[name] = group(s, m, 2*i)
		}
	}
	return out
}

func (p *pattern) object(s string, m []int, count func(int) int) map[string]any {
	one := func(i int) map[string]any {
		if m[i] < 0 {
			return map[string]any{"offset": -1, "length": 0, "string": nil}
		}
		at := count(m[i])
		return map[string]any{"offset": at, "length": count(m[i+1]) - at, "string": s[m[i]:m[i+1]]}
	}
	captures := make([]any, 0, len(m)/2-1)
	for i := 2; i < len(m); i += 2 {
		c := one(i)
		c["name"] = nil
		if name := p.names[i/2]; name != "" {
			c["name"] = name
		}
		captures = append(captures, c)
	}
	o := one(0)
	o["captures"] = captures
	return o
}

// characters returns what tells how many characters stand before a byte.
func characters(s string) func(int) int {
	if utf8.RuneCountInString(s) == len(s) {
		return func(i int) int { return i }
	}
	before := make([]int32, len(s)+1)
	n := int32(0)
	for i := range s {
		before[i] = n
		n++
	}
	before[len(s)] = n
	return func(i int) int { return int(before[i]) }
}

// joined puts a substituted text together. list holds, for each match, what
// stood before it and everything it is replaced with; the nth replacements
// make the nth text.
func joined(list, text, rest any) any {
	parts, _ := list.([]any)
	tail, _ := rest.(string)
	var texts []*strings.Builder
	size := 0
	for _, part := range parts {
		pair, _ := part.([]any)
		if len(pair) != 2 {
			return errors.New("sub: a part is missing")
		}
		before, _ := pair[0].(string)
		with, _ := pair[1].([]any)
		for i, w := range with {
			s, ok := w.(string)
			if !ok && w != nil {
				return fmt.Errorf("sub wants a text as replacement, not %.60s", gojq.Preview(w))
			}
			if i == len(texts) {
				texts = append(texts, &strings.Builder{})
				size += len(tail)
			}
			if size += len(before) + len(s); size > maxStep {
				return fmt.Errorf("the substituted text is %w", sizeError{errSize, maxStep})
			}
			texts[i].WriteString(before)
			texts[i].WriteString(s)
		}
	}
	if len(texts) == 0 {
		return []any{text}
	}
	out := make([]any, len(texts))
	for i, b := range texts {
		b.WriteString(tail)
		out[i] = b.String()
	}
	return out
}
