package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/term"

	"github.com/contact-advocate/advocate/internal/domain"
)

// terminal writes for people. On anything that is not a terminal it has no
// colours and a fixed width.
type terminal struct {
	w      io.Writer
	width  int
	colour bool
	tty    bool
}

const (
	plainWidth = 80
	minWidth   = 40
	maxWidth   = 120
)

func newTerminal(w io.Writer) *terminal {
	t := &terminal{w: w, width: plainWidth}
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return t
	}
	t.tty = true
	t.colour = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	if n, _, err := term.GetSize(int(f.Fd())); err == nil {
		t.width = min(max(n, minWidth), maxWidth)
	}
	return t
}

// styles of text, as ECMA-48 SGR parameters.
const (
	bold   = "1"
	dim    = "2"
	red    = "31"
	green  = "32"
	yellow = "33"
	blue   = "34"
	purple = "35"
	cyan   = "36"
)

func (t *terminal) paint(style, s string) string {
	if !t.colour || s == "" {
		return s
	}
	return "\x1b[" + style + "m" + s + "\x1b[0m"
}

func (t *terminal) printf(format string, args ...any) { fmt.Fprintf(t.w, format, args...) }

// field prints a label and a text beside it, wrapped to the width.
func (t *terminal) field(indent int, label, style, text string) {
	t.wide(indent, 12, label, style, text)
}

// wide is field with a column of its own. A label that does not leave two
// spaces before the text moves its first line.
func (t *terminal) wide(indent, column int, label, style, text string) {
	if n := utf8.RuneCountInString(label) + 2; label != "" && n > column {
		column = n
	}
	lines := wrap(clean(text), t.width-indent-column)
	for i, line := range lines {
		if i == 0 {
			pad := strings.Repeat(" ", max(column-utf8.RuneCountInString(label), 0))
			t.printf("%s%s\n", strings.Repeat(" ", indent)+t.paint(dim, label)+pad, t.paint(style, line))
		} else {
			t.printf("%*s%s\n", indent+column, "", t.paint(style, line))
		}
	}
}

// amount is a number with its noun. The plural is the noun with an s, unless
// it is given.
func amount[N int | int64](n N, noun string, plural ...string) string {
	switch {
	case n == 1:
	case len(plural) > 0:
		noun = plural[0]
	default:
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

// clean makes a text from outside fit for a terminal: no control characters,
// which could move the cursor or worse, nor marks that turn the direction of
// what follows.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case unicode.IsControl(r), r == utf8.RuneError,
			r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x200e, r == 0x200f:
			return -1
		}
		return r
	}, s)
}

// wrap breaks a text at spaces into lines of at most width letters; a longer
// word is cut.
func wrap(s string, width int) []string {
	width = max(width, 10)
	var lines []string
	line, n := strings.Builder{}, 0
	flush := func() {
		lines = append(lines, line.String())
		line.Reset()
		n = 0
	}
	for _, word := range strings.Fields(s) {
		r := []rune(word)
		for len(r) > width {
			if n > 0 {
				flush()
			}
			line.WriteString(string(r[:width]))
			flush()
			r = r[width:]
		}
		if n > 0 && n+1+len(r) > width {
			flush()
		}
		if n > 0 {
			line.WriteByte(' ')
			n++
		}
		line.WriteString(string(r))
		n += len(r)
	}
	if n > 0 || len(lines) == 0 {
		flush()
	}
	return lines
}

// shorten cuts a text for one line.
func shorten(s string, n int) string { return domain.Clip(clean(s), n) }

// list prints rows below each other, each a list of its columns.
func (t *terminal) list(head []string, rows [][]string) {
	column := 2
	for _, h := range head {
		column = max(column, utf8.RuneCountInString(h)+2)
	}
	for i, r := range rows {
		if i > 0 {
			t.printf("\n")
		}
		for j, c := range r {
			if c != "" {
				t.wide(0, column, head[j], "", c)
			}
		}
	}
}

// progress is a bar on a terminal and a line every few seconds elsewhere.
type progress struct {
	t     *terminal
	what  string
	unit  string // of what is counted, as amount takes it; "" leaves it out
	start time.Time
	last  time.Time
	every time.Duration
}

func newProgress(t *terminal, what string) *progress {
	p := &progress{t: t, what: what, start: time.Now(), every: 5 * time.Second}
	if t.tty {
		p.every = 100 * time.Millisecond
	}
	return p
}

// show tells how far it is; note is a word more.
func (p *progress) show(done, total int, note string) {
	if time.Since(p.last) < p.every && done < total {
		return
	}
	p.last = time.Now()
	share := 1.0
	if total > 0 {
		share = min(float64(done)/float64(total), 1)
	}
	counted := fmt.Sprintf("%d of %d", done, total)
	if p.unit != "" {
		counted = fmt.Sprintf("%d of %s", done, amount(total, p.unit))
	}
	if !p.t.tty {
		line := fmt.Sprintf("%s: %s (%.0f %%)", p.what, counted, share*100)
		if note != "" {
			line += ", " + note
		}
		p.t.printf("%s\n", clean(line))
		return
	}
	if p.unit != "" {
		note = strings.TrimSuffix(counted+", "+note, ", ")
	}
	const width = 28
	full := int(share * width)
	bar := strings.Repeat("█", full) + strings.Repeat("·", width-full)
	p.t.printf("\r\x1b[2K%s %s %3.0f %%  %s", p.what, p.t.paint(cyan, bar), share*100, shorten(note, max(p.t.width-width-len(p.what)-12, 8)))
}

// end closes the line of a bar.
func (p *progress) end() {
	if p.t.tty {
		p.t.printf("\r\x1b[2K")
	}
}

// table prints rows with aligned columns. On a terminal that is too narrow the
// last column, which has the longest texts, is cut, or gets a line of its own
// where little of it would be left; where the others do not fit, each row
// becomes a list. Elsewhere a program may read the rows, and nothing is cut.
func (t *terminal) table(head []string, rows [][]string) {
	width := make([]int, len(head))
	for i, h := range head {
		width[i] = utf8.RuneCountInString(h)
	}
	for _, r := range rows {
		for i := range r {
			r[i] = clean(r[i])
			width[i] = max(width[i], utf8.RuneCountInString(r[i]))
		}
	}
	last := len(head) - 1
	room := t.width
	for _, w := range width[:last] {
		room -= w + 2
	}
	if t.tty && room < -2 {
		t.list(head, rows)
		return
	}
	const least = 24 // letters of the last column that are worth a line with the others
	below := t.tty && width[last] > room && room < least
	line := func(cells []string, style string) {
		var b strings.Builder
		for i, c := range cells {
			switch {
			case i < last:
				b.WriteString(c + strings.Repeat(" ", width[i]-utf8.RuneCountInString(c)+2))
			case below && c != "":
				b.WriteString("\n    " + shorten(c, t.width-4))
			case t.tty && !below:
				b.WriteString(shorten(c, max(room, 0)))
			default:
				b.WriteString(c)
			}
		}
		for text := range strings.Lines(b.String()) {
			t.printf("%s\n", t.paint(style, strings.TrimRight(text, " \n")))
		}
	}
	line(head, dim)
	for _, r := range rows {
		line(r, "")
	}
}
