package playbook

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/contact-advocate/advocate/internal/domain"
)

// slip is a mistake in how YAML is written, at the place where it begins. A
// parser tells where it noticed, which for a quote that was left open may be
// many lines below.
type slip struct {
	line, column int // from 1
	what         string
	expected     string
	word, meant  string // what was probably meant in place of a word
}

// level is a map or a list that is open at a line, in the block style.
type level struct {
	indent int
	list   bool
	line   int       // where it last had a key or an item
	open   bool      // that key or item has no value on its line: one may follow below
	text   plainText // its value, where that is unquoted: the next lines may continue it
}

// plainText is a value without quotes, at its beginning.
type plainText struct {
	line, column int
	word         string
}

// opened is a quote or a bracket that waits for its end.
type opened struct {
	mark         byte
	line, column int
}

// slipFinder reads a file line by line, as far as it takes to know which lines
// begin a key or an item.
type slipFinder struct {
	levels []level
	flow   []opened // brackets and braces, the outermost first
	quote  opened   // its mark is 0 outside of a quoted text
	base   int      // column, from 0, of the key or item that a quote or bracket belongs to
	block  int      // of the key whose text stands below it, -1 outside
	found  *slip
}

var (
	entryLook   = regexp.MustCompile(`^(- |-$|[A-Za-z_][\w.-]*:( |$))`)
	keyLook     = regexp.MustCompile(`^("[^"]*"|'[^']*'|[^\s"'\[\]{}#,&*!|>%@` + "`" + `-][^:"'\[\]{}#]*)\s*:( |$)`)
	blockHeader = regexp.MustCompile(`^[|>][-+0-9]{0,2}\s*(#.*)?$`)
	noSpace     = regexp.MustCompile(`^([A-Za-z_][\w.-]*):(\S.*)$`)
	loneWord    = regexp.MustCompile(`^([A-Za-z_][\w.-]*)(\s|$)`)
)

// findSlip looks for the first of the common mistakes in a file that the
// parser refused: a tab, a quote or bracket that stays open or closes nothing,
// a colon or its space that is missing, an indentation that fits nothing. It
// returns nil where it knows no better than the parser.
func findSlip(lines []string) *slip {
	f := &slipFinder{block: -1}
	for i, line := range lines {
		f.line(i+1, strings.TrimRight(line, " \t\r"))
		if f.found != nil {
			return f.found
		}
	}
	f.unclosed()
	return f.found
}

func (f *slipFinder) add(line, column int, what, expected string) {
	if f.found == nil {
		f.found = &slip{line: line, column: column + 1, what: what, expected: expected}
	}
}

func (f *slipFinder) line(n int, line string) {
	rest := strings.TrimLeft(line, " ")
	indent := len(line) - len(rest)
	if f.block >= 0 {
		if rest == "" || indent > f.block {
			return
		}
		f.block = -1
	}
	if rest == "" {
		return
	}
	if f.quote.mark != 0 || len(f.flow) > 0 {
		if indent <= f.base && entryLook.MatchString(rest) {
			f.unclosed()
			return
		}
		f.value(n, line, indent)
		return
	}
	switch {
	case rest[0] == '#', rest == "---", rest == "...":
	case rest[0] == '\t':
		f.add(n, indent, "a tab indents this line", "spaces")
	default:
		f.entry(n, line, indent)
	}
}

// unclosed tells of the quote or the bracket that is open; of several the last,
// which the others wait for.
func (f *slipFinder) unclosed() {
	q, what, end := f.quote, "quote", ""
	if q.mark == 0 {
		if len(f.flow) == 0 {
			return
		}
		q = f.flow[len(f.flow)-1]
		what, end = "bracket", string(closing(q.mark))
	} else {
		end = string(q.mark)
	}
	f.add(q.line, q.column, "the "+what+" that begins here is never closed", end)
}

func closing(mark byte) byte {
	if mark == '[' {
		return ']'
	}
	return '}'
}

// entry reads a line of the block style: dashes, a key, a value.
func (f *slipFinder) entry(n int, line string, at int) {
	for line[at:] == "-" || strings.HasPrefix(line[at:], "- ") {
		if !f.enter(n, at, true) {
			return
		}
		next := at + 1 + len(line[at+1:]) - len(strings.TrimLeft(line[at+1:], " "))
		if next >= len(line) || line[next] == '#' {
			return
		}
		top := &f.levels[len(f.levels)-1]
		if !keyLook.MatchString(line[next:]) && line[next] != '-' {
			f.scalar(n, line, next, top)
			return
		}
		at = next
	}
	if m := keyLook.FindStringSubmatch(line[at:]); m != nil {
		if !f.enter(n, at, false) {
			return
		}
		top := &f.levels[len(f.levels)-1]
		value := at + strings.Index(line[at+len(m[1]):], ":") + len(m[1]) + 1
		value += len(line[value:]) - len(strings.TrimLeft(line[value:], " "))
		if value < len(line) && line[value] != '#' {
			f.scalar(n, line, value, top)
		}
		return
	}
	f.bare(n, line, at)
}

// scalar is the value of a key or an item, on the same line.
func (f *slipFinder) scalar(n int, line string, at int, of *level) {
	of.open = false
	f.base = of.indent
	rest := line[at:]
	switch {
	case blockHeader.MatchString(rest):
		f.block = of.indent
	case strings.ContainsRune(`"'[{`, rune(rest[0])):
		f.value(n, line, at)
	case rest[0] == '@' || rest[0] == '`' || rest[0] == '%':
		f.add(n, at, fmt.Sprintf("a text may not begin with %q", rest[:1]), "the text in quotes")
	case strings.Contains(uncommented(rest), ": ") && !of.list:
		f.add(n, at, "a colon and a space stand within this text", "the text in quotes")
	default:
		of.text = plainText{n, at, uncommented(rest)}
	}
}

// bare is a line without a key: it continues a text, or lacks a colon.
func (f *slipFinder) bare(n int, line string, at int) {
	rest := uncommented(line[at:])
	if rest[0] == '-' && len(rest) > 1 && rest[1] != '-' {
		f.add(n, at, "no space follows the dash", "- "+domain.Clip(rest[1:], 40))
		return
	}
	for len(f.levels) > 0 && f.levels[len(f.levels)-1].indent > at {
		f.levels = f.levels[:len(f.levels)-1]
	}
	if len(f.levels) > 0 && f.levels[len(f.levels)-1].indent < at {
		top := &f.levels[len(f.levels)-1]
		switch {
		case top.text.line > 0: // the text of the line above goes on
		case strings.ContainsRune(`"'[{`, rune(rest[0])):
			top.open, f.base = false, top.indent
			f.value(n, line, at)
		default:
			top.open, top.text = false, plainText{n, at, rest}
		}
		return
	}
	f.noColon(n, at, rest)
}

func (f *slipFinder) noColon(n, at int, rest string) {
	if m := noSpace.FindStringSubmatch(rest); m != nil {
		f.add(n, at, "no space follows the colon", m[1]+": "+domain.Clip(m[2], 40))
	} else if m := loneWord.FindStringSubmatch(rest); m != nil && f.found == nil {
		f.add(n, at, fmt.Sprintf("no colon follows %q", m[1]), "")
		f.found.word, f.found.meant = m[1], m[1]+":"
	}
}

// enter goes to the map or list that an entry at an indentation belongs to; a
// new one may begin only where a value is due.
func (f *slipFinder) enter(n, at int, list bool) bool {
	was := f.levels
	for len(f.levels) > 0 {
		top := f.levels[len(f.levels)-1]
		// A list may stand right below its key, as far left as that.
		if top.indent < at || top.indent == at && (top.list == list || list && top.open) {
			break
		}
		f.levels = f.levels[:len(f.levels)-1]
	}
	if len(f.levels) == 0 {
		if len(was) > 0 {
			f.misplaced(n, at, list, was)
			return false
		}
		f.levels = append(f.levels, level{indent: at, list: list, line: n, open: true})
		return true
	}
	top := &f.levels[len(f.levels)-1]
	switch {
	case top.indent == at && top.list == list:
		*top = level{indent: at, list: list, line: n, open: true}
	case top.open && (top.indent < at || list):
		top.open = false
		f.levels = append(f.levels, level{indent: at, list: list, line: n, open: true})
	case top.text.line > 0 && !list && (top.list || top.text.line != top.line):
		// "- name a" was a text until a key came below it.
		f.noColon(top.text.line, top.text.column, top.text.word)
		if f.found == nil {
			f.misplaced(n, at, list, was)
		}
	default:
		f.misplaced(n, at, list, was)
	}
	return f.found == nil
}

// misplaced tells of an entry whose indentation is none of the open ones, and
// which of them is nearest.
func (f *slipFinder) misplaced(n, at int, list bool, levels []level) {
	const far = 1 << 20
	near, best := level{}, far
	for _, l := range levels {
		if d := max(l.indent-at, at-l.indent); l.list == list && d <= best && d > 0 {
			near, best = l, d
		}
	}
	expected := ""
	if best < far {
		expected = fmt.Sprintf("%d, as in line %d", near.indent, near.line)
	}
	f.add(n, at, fmt.Sprintf("this line is indented by %d spaces, which fits nothing above it", at), expected)
}

// value reads what stands in quotes or brackets from a column on, to the end of
// the line.
func (f *slipFinder) value(n int, line string, at int) {
	start := true // a text may begin here
	index := 0    // brackets within a word, as in order_refs[0]
	for i := at; i < len(line) && f.found == nil; i++ {
		ch := line[i]
		if f.quote.mark != 0 {
			switch {
			case ch == '\\' && f.quote.mark == '"':
				i++
			case ch == f.quote.mark && ch == '\'' && i+1 < len(line) && line[i+1] == '\'':
				i++
			case ch == f.quote.mark:
				f.after(n, line, i+1)
				f.quote.mark, start = 0, false
			}
			continue
		}
		switch {
		case ch == '#' && (i == 0 || line[i-1] == ' '):
			return
		case start && (ch == '"' || ch == '\''):
			f.quote = opened{ch, n, i}
		case start && (ch == '[' || ch == '{'):
			f.flow = append(f.flow, opened{ch, n, i})
		case !start && ch == '[':
			index++
		case ch == ']' && index > 0:
			index--
		case ch == ']' || ch == '}':
			f.close(n, i, ch)
			start = false
		case ch == ',' || ch == ':' && (i+1 == len(line) || line[i+1] == ' '):
			start = true
		case ch != ' ' && ch != '\t':
			start = false
		}
	}
}

func (f *slipFinder) close(n, at int, ch byte) {
	if len(f.flow) == 0 {
		f.add(n, at, fmt.Sprintf("%q closes nothing", string(ch)), "")
		return
	}
	last := f.flow[len(f.flow)-1]
	if want := closing(last.mark); want != ch {
		f.add(n, at, fmt.Sprintf("what began in line %d, column %d, cannot end with %q", last.line, last.column+1, string(ch)), string(want))
		return
	}
	f.flow = f.flow[:len(f.flow)-1]
}

// after looks at what follows a closing quote: nothing but the end of the value.
// One that began on another line was meant to end there.
func (f *slipFinder) after(n int, line string, at int) {
	rest := strings.TrimLeft(line[at:], " \t")
	if rest == "" || rest[0] == '#' || rest[0] == ':' || len(f.flow) > 0 && strings.ContainsRune(",]}", rune(rest[0])) {
		return
	}
	if f.quote.line != n {
		f.unclosed()
		return
	}
	if strings.ContainsRune("]}", rune(rest[0])) {
		f.add(n, len(line)-len(rest), fmt.Sprintf("%q closes nothing", rest[:1]), "")
		return
	}
	within := `\"`
	if f.quote.mark == '\'' {
		within = `''`
	}
	f.add(n, len(line)-len(rest), "the quotes end before the text does", within+" for a quote within the text")
}

// uncommented is a value without the comment behind it.
func uncommented(s string) string {
	if i := strings.Index(s, " #"); i >= 0 {
		s = s[:i]
	}
	return strings.TrimRight(s, " ")
}
