package playbook

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"github.com/contact-advocate/advocate/internal/domain"
)

// A message is text with two kinds of marks:
//
//	{expression}                        its value, as plain text
//	[[if condition]]…[[else]]…[[end]]   a part that is there only sometimes
//
// "{{", "}}" and "[[[" stand for "{", "}" and "[[". A time is written the way
// people say it ("17:00 today"), in the reader's language and time zone.

// Limits on messages.
const (
	maxMessage      = 4 << 10 // bytes, rendered
	maxTemplateText = 8 << 10
	maxValueRunes   = 400
)

// template is a message in one or several languages.
type template struct {
	name   string
	line   int
	public bool // declared fit for public replies; checked to be
	langs  []string
	texts  map[string]*message
}

// message is one language's text.
type message struct {
	parts []segment
	uses  []string
	line  int
}

// segment is one of text, value or branch.
type segment struct {
	text  string
	value *expr
	link  bool // a trusted address, written as it is
	own   bool // the operator's own words, written as they are
	cond  *expr
	then  []segment
	other []segment
}

// messageParser reads one message.
type messageParser struct {
	b    *builder
	n    *node
	src  string
	pos  int
	deep int
	uses []string
}

// message parses and checks a text; nil after reporting.
func (b *builder) message(n *node) *message {
	if n.kind != scalarNode || strings.TrimSpace(n.text) == "" {
		b.r.at(n, "the message's text", "", "the message is %s", map[bool]string{true: "empty", false: n.kind.String()}[n.kind == scalarNode])
		return nil
	}
	if len(n.text) > maxTemplateText {
		b.r.at(n, "at most 8 KiB", "", "the message is %d bytes long", len(n.text))
		return nil
	}
	p := &messageParser{b: b, n: n, src: strings.TrimRight(n.text, " \t\r\n")}
	before := len(b.r.found)
	parts := p.segments("")
	if len(b.r.found) > before {
		return nil
	}
	slices.Sort(p.uses)
	return &message{parts: parts, uses: slices.Compact(p.uses), line: n.line}
}

func (p *messageParser) problem(at int, what, expected string) {
	line, column := p.place(at)
	p.b.r.put(Problem{Line: line, Column: column, What: what, Expected: expected})
}

// place maps an offset to the file.
func (p *messageParser) place(at int) (line, column int) {
	before := p.src[:at]
	lines := strings.Count(before, "\n")
	line = p.n.line + blockLine(p.n) + lines
	if lines == 0 && !p.n.literal {
		return line, p.n.column + quoteColumn(p.n) + at
	}
	return line, 0
}

// segments reads until the mark that ends the block it is in.
func (p *messageParser) segments(open string) []segment {
	var out []segment
	var text strings.Builder
	flush := func() {
		if text.Len() > 0 {
			out = append(out, segment{text: text.String()})
			text.Reset()
		}
	}
	begin := p.pos
	for p.pos < len(p.src) {
		rest := p.src[p.pos:]
		switch {
		case strings.HasPrefix(rest, "{{"), strings.HasPrefix(rest, "}}"):
			text.WriteByte(rest[0])
			p.pos += 2
		case strings.HasPrefix(rest, "[[["):
			text.WriteString("[[")
			p.pos += 3
		case rest[0] == '}':
			p.problem(p.pos, `there is a "}" that closes nothing`, `"}}" for a brace`)
			return nil
		case rest[0] == '{':
			flush()
			s, ok := p.value()
			if !ok {
				return nil
			}
			out = append(out, s)
		case strings.HasPrefix(rest, "[["):
			end := strings.Index(rest, "]]")
			if end < 0 {
				p.problem(p.pos, `"[[" is not closed`, `"]]"`)
				return nil
			}
			mark := strings.TrimSpace(rest[2:end])
			if mark == "end" || mark == "else" {
				if open == "" || mark == "else" && open != "if" {
					p.problem(p.pos, fmt.Sprintf("[[%s]] closes nothing", mark), "[[if condition]] before it")
					return nil
				}
				flush()
				return out
			}
			cond, ok := strings.CutPrefix(mark, "if ")
			if !ok {
				p.problem(p.pos, fmt.Sprintf("there is no mark [[%s]]", domain.Clip(mark, 30)), "[[if condition]], [[else]] or [[end]]")
				return nil
			}
			flush()
			s, ok := p.branch(cond, end+2)
			if !ok {
				return nil
			}
			out = append(out, s)
		default:
			text.WriteByte(rest[0])
			p.pos++
		}
	}
	if open != "" {
		p.problem(max(0, begin-1), "[[if …]] is not closed", "[[end]]")
	}
	flush()
	return out
}

func (p *messageParser) branch(cond string, skip int) (segment, bool) {
	at := p.pos
	if p.deep++; p.deep > 5 {
		p.problem(at, "the conditions are nested too deeply", "at most 5 levels")
		return segment{}, false
	}
	line, column := p.place(at)
	e := p.b.c.expression(p.b.r, p.n, cond, line-p.n.line, max(0, column-p.n.column), isBool, "a condition: true or false")
	p.pos += skip
	s := segment{cond: e, then: p.segments("if")}
	next := func() string {
		rest := p.src[min(p.pos, len(p.src)):]
		end := strings.Index(rest, "]]")
		if !strings.HasPrefix(rest, "[[") || end < 0 {
			return ""
		}
		p.pos += end + 2
		return strings.TrimSpace(rest[2:end])
	}
	if next() == "else" {
		s.other = p.segments("else")
		next()
	}
	p.deep--
	if e == nil {
		return segment{}, false
	}
	p.uses = append(p.uses, e.uses...)
	return s, true
}

// value reads {expression}.
func (p *messageParser) value() (segment, bool) {
	at := p.pos
	end, quote := -1, byte(0)
	for i := at + 1; i < len(p.src) && end < 0; i++ {
		ch := p.src[i]
		switch {
		case quote != 0:
			if ch == '\\' {
				i++
			} else if ch == quote {
				quote = 0
			}
		case ch == '"' || ch == '\'':
			quote = ch
		case ch == '}':
			end = i
		case ch == '{':
			p.problem(i, `there is a "{" inside an expression`, `"}" before it, or "{{" for a brace`)
			return segment{}, false
		}
	}
	if end < 0 {
		p.problem(at, `"{" is not closed`, `"}", or "{{" for a brace`)
		return segment{}, false
	}
	src := p.src[at+1 : end]
	p.pos = end + 1
	if strings.TrimSpace(src) == "" {
		p.problem(at, "there is nothing between the braces", "an expression such as order.eta")
		return segment{}, false
	}
	line, column := p.place(at)
	e := p.b.c.expression(p.b.r, p.n, src, line-p.n.line, max(0, column-p.n.column)+1, isShowable,
		"text, a number, a time or a list of texts; use [[if …]] for true and false")
	if e == nil {
		return segment{}, false
	}
	p.uses = append(p.uses, e.uses...)
	name := strings.TrimSpace(src)
	return segment{value: e, link: isLink(name), own: name == "contact"}, true
}

func isShowable(t *cel.Type) bool {
	switch t.Kind() {
	case cel.StringKind, cel.IntKind, cel.UintKind, cel.DoubleKind, cel.TimestampKind, cel.DynKind:
		return true
	case cel.ListKind:
		return t.Parameters()[0].Kind() == cel.StringKind || t.Parameters()[0].Kind() == cel.DynKind
	}
	return false
}

// isLink reports the one kind of value that is written as an address: the url
// of an answer of a component other than orders. Components are configured by
// the operator; names and items come from anybody.
func isLink(src string) bool {
	head, ok := strings.CutSuffix(src, ".url")
	name, isAnswer := strings.CutPrefix(head, "answer.")
	return ok && isAnswer && isName(name) && !strings.Contains(name, ".") && foldName(name) != "order"
}

// rendering is the state of one rendering.
type rendering struct {
	a    activation
	out  strings.Builder
	uses []string
	due  bool // "due" was written, not only asked about
}

func (x *rendering) segments(parts []segment) error {
	for i := range parts {
		s := &parts[i]
		switch {
		case s.value != nil:
			x.uses = append(x.uses, s.value.uses...)
			x.due = x.due || slices.Contains(s.value.uses, "due")
			v, err := s.value.eval(x.a)
			if err != nil {
				return fmt.Errorf("{%s}: %w", domain.Clip(s.value.source, 60), err)
			}
			t, ok := x.shown(v)
			if !ok {
				return fmt.Errorf("{%s}: came to %s, which cannot be written", domain.Clip(s.value.source, 60), v.Type().TypeName())
			}
			if s.own || s.link && isPlainLink(t) {
				x.out.WriteString(t)
				continue
			}
			x.out.WriteString(harmless(t))
		case s.cond != nil:
			x.uses = append(x.uses, s.cond.uses...)
			v, err := s.cond.eval(x.a)
			if err != nil {
				return fmt.Errorf("[[if %s]]: %w", domain.Clip(s.cond.source, 60), err)
			}
			branch := s.other
			if v == types.True {
				branch = s.then
			}
			if err := x.segments(branch); err != nil {
				return err
			}
		default:
			x.out.WriteString(s.text)
		}
		if x.out.Len() > 16*maxMessage {
			return errors.New("the message is too long")
		}
	}
	return nil
}

// shown is a value as the reader sees it.
func (x *rendering) shown(v ref.Val) (string, bool) {
	switch v := v.(type) {
	case types.Timestamp:
		zone := x.a.v.zone()
		at := told(v.Time, zone)
		shown := formatMoment(at, x.a.v.Now.In(zone), x.a.v.state.lang)
		if shown != "" && x.a.v.foreignZone() && !domain.IsDate(at) {
			shown += at.Format(" (MST)") // whose clock, when it may not be the reader's
		}
		return shown, true
	case types.Bool:
		return "", false
	case traits.Lister:
		return joined(v), true
	}
	return scalarText(v)
}

// render writes the message.
func (m *message) render(v *View, lang, company string) (Rendered, error) {
	x := rendering{a: v.ready(company)}
	v.state.telling, v.state.lang = true, lang
	defer func() { v.state.telling, v.state.lang = false, "" }()
	if err := x.segments(m.parts); err != nil {
		return Rendered{}, err
	}
	slices.Sort(x.uses)
	text := tidy(x.out.String())
	if text == "" {
		return Rendered{}, errors.New("the message came out empty")
	}
	out := Rendered{Text: text, Lang: lang, Due: x.due}
	for _, u := range slices.Compact(x.uses) {
		out.Personal = out.Personal || !isPublic(u)
		for _, id := range ordersOf(v, u) {
			if id != "" && !slices.Contains(out.Orders, id) {
				out.Orders = append(out.Orders, id)
			}
		}
	}
	slices.Sort(out.Orders)
	return out, nil
}

// tidy trims, closes the gaps that left-out parts leave and bounds the length.
func tidy(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	out := lines[:0]
	blank := false
	for _, l := range lines {
		l = strings.TrimRight(l, " \t\r")
		for strings.Contains(l, "  ") {
			l = strings.ReplaceAll(l, "  ", " ")
		}
		if l == "" && blank {
			continue
		}
		blank = l == ""
		out = append(out, l)
	}
	s = strings.Join(out, "\n")
	if len(s) > maxMessage {
		cut := maxMessage - len("…")
		for cut > 0 && s[cut]&0xC0 == 0x80 {
			cut--
		}
		s = s[:cut] + "…"
	}
	return s
}

// pick chooses the language: lang itself, its base, the policy's default,
// English, then the first.
func (t *template) pick(lang, fallback string) (string, *message) {
	for _, l := range []string{strings.ToLower(lang), baseLang(lang), strings.ToLower(fallback), baseLang(fallback), "en"} {
		if m := t.texts[l]; m != nil && l != "" {
			return l, m
		}
	}
	return t.langs[0], t.texts[t.langs[0]]
}

// ordersOf lists the orders that a used field tells something about.
func ordersOf(v *View, use string) []string {
	root, rest, _ := strings.Cut(use, ".")
	switch {
	case root == "order":
		if v.Order != nil {
			return []string{v.Order.ID}
		}
	case root == "answer" && isOrderFact(rest):
		f := v.fact("order")
		if k := v.answeredOrder(f.key); k != nil {
			return []string{k.ID}
		}
		if f.key != "" {
			return []string{domain.FoldRef(f.key)}
		}
	case root == "event" && rest != "public_text":
		if v.Event != nil && v.Event.OrderID != "" {
			return []string{v.Event.OrderID}
		}
	case use == "case.order_refs" || use == "case":
		return slices.Clone(v.matter().OrderRefs)
	case use == "post.order_refs":
		if v.Meaning != nil {
			return v.Meaning.Values(domain.EntityOrder)
		}
	case use == "customer.orders" && v.proven(): // else the message saw an empty list
		return v.ordersUnderWay()
	}
	return nil
}

func isOrderFact(rest string) bool {
	name, _, _ := strings.Cut(rest, ".")
	return foldName(name) == "order" || name == "*" || name == ""
}

// aboutOrder reports a use that is about an order whatever the view. Events
// are about one only if they name it, which rendering sees.
func aboutOrder(use string) bool {
	root, rest, _ := strings.Cut(use, ".")
	switch root {
	case "order":
		return true
	case "answer":
		return isOrderFact(rest)
	case "event":
		return rest == "orderid"
	}
	return use == "case.order_refs" || use == "post.order_refs" || use == "customer.orders" || use == "case"
}
