package said

import (
	"regexp"
	"strings"
	"time"
)

// Part is one sentence of a text, or somebody's own words in it.
type Part struct {
	Code   string            `json:"code,omitempty" doc:"Which sentence it is, for a program that says it in another language; missing where these are somebody's own words."`
	Params map[string]string `json:"params,omitempty" doc:"What fills it, as it is in the API: words raw, times in RFC 3339, days as 2026-11-24, what the guard found by its code."`
	Text   string            `json:"text" doc:"In English, or in whatever language somebody wrote."`
}

// Sentence is one that the server says. Its form has holes: {name}, or
// {count|one|many} for a number with what is counted.
type Sentence struct {
	code   string // its name, which never changes
	pieces []piece
	match  *regexp.Regexp // nil if the form has no holes
}

// piece is a literal, or a hole if it has a name.
type piece struct {
	literal   string
	name      string
	one, many string
}

// Sentences that texts are recognized by: the plain ones by their text, the
// others in the order in which they are declared.
var (
	all    []*Sentence
	byCode = map[string]*Sentence{}
	plain  = map[string]*Sentence{}
	filled []*Sentence
)

// sentence declares one that a stored text can be recognized as.
func sentence(code, form string) *Sentence {
	s := declared(code, form)
	if s.match == nil {
		plain[form] = s
	} else {
		filled = append(filled, s)
	}
	return s
}

// declared is a sentence that is recognized only where it is looked for.
func declared(code, form string) *Sentence {
	s := &Sentence{code: code, pieces: parse(form)}
	if len(s.names()) > 0 {
		s.match = s.pattern()
	}
	all = append(all, s)
	byCode[code] = s
	return s
}

var hole = regexp.MustCompile(`\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}`)

func parse(form string) (out []piece) {
	at := 0
	for _, m := range hole.FindAllStringSubmatchIndex(form, -1) {
		if m[0] > at {
			out = append(out, piece{literal: form[at:m[0]]})
		}
		p := piece{name: form[m[2]:m[3]]}
		if m[4] >= 0 {
			p.one, p.many = form[m[4]:m[5]], form[m[6]:m[7]]
		}
		out, at = append(out, p), m[1]
	}
	if at < len(form) {
		out = append(out, piece{literal: form[at:]})
	}
	return out
}

// shapes are what may stand in a hole, where that is less than anything.
var shapes = map[string]string{
	"count": `\d+`, "due": `\d{4}-\d\d-\d\dT[\d:.]+Z`, "by": `\S+`, "agent": `\S+`, "item": `\S+`, "order": `\S+`,
	"intent": `\w+`, "sentiment": `\w+`, "status": `\w+`, "day": `\d{4}-\d\d-\d\d`, "is": `\w+`, "outcome": `[\w-]+`, "promise": `[\w-]+`, "kind": `\w+`, "activity": `\w+`, "component": `[\w-]+`,
	"template": `[\w-]+`, "effect": `\w+`, "disposition": `[\w-]+`, "work_state": `\w+`, "effect_state": `\w+`, "near": `.*`, "type": `[\w.*-]+`, "attr": `\w+`,
}

func (s *Sentence) pattern() *regexp.Regexp {
	var b strings.Builder
	b.WriteString(`(?s)\A`)
	for _, p := range s.pieces {
		shape, known := shapes[p.name]
		switch {
		case p.name == "":
			b.WriteString(regexp.QuoteMeta(p.literal))
		case p.many != "":
			b.WriteString(`(\d+) (?:` + regexp.QuoteMeta(p.one) + `|` + regexp.QuoteMeta(p.many) + `)`)
		case known:
			b.WriteString(`(` + shape + `)`)
		default:
			b.WriteString(`(.+)`)
		}
	}
	b.WriteString(`\z`)
	return regexp.MustCompile(b.String())
}

func (s *Sentence) names() (out []string) {
	for _, p := range s.pieces {
		if p.name != "" {
			out = append(out, p.name)
		}
	}
	return out
}

// Text is the sentence in English with its holes filled in order, as it is
// stored: what it is filled with stays as it is.
func (s *Sentence) Text(values ...string) string {
	return s.fill(values, func(_, v string) string { return v })
}

// Say is the sentence for reading now: times and days are given as they are in
// zone, and words of the API without their underscores.
func (s *Sentence) Say(zone *time.Location, values ...string) Part {
	text := s.fill(values, func(name, v string) string {
		switch name {
		case "at", "since":
			if t, err := time.Parse(time.RFC3339, v); err == nil {
				return t.In(zone).Format("Mon 2 Jan 15:04")
			}
		case "due":
			if t, err := time.Parse(time.RFC3339, v); err == nil {
				return t.In(zone).Format("Mon 2 Jan 15:04 MST")
			}
		case "day":
			if t, err := time.Parse(time.DateOnly, v); err == nil {
				return t.Format("Mon 2 Jan")
			}
		case "topic", "promise", "status", "component", "intent", "sentiment":
			return strings.ReplaceAll(v, "_", " ")
		}
		return v
	})
	return s.part(text, values)
}

func (s *Sentence) fill(values []string, show func(name, value string) string) string {
	var b strings.Builder
	n := 0
	for _, p := range s.pieces {
		if p.name == "" {
			b.WriteString(p.literal)
			continue
		}
		v := ""
		if n < len(values) {
			v = values[n]
		}
		n++
		b.WriteString(show(p.name, v))
		if p.many != "" {
			b.WriteString(" " + map[bool]string{true: p.one, false: p.many}[v == "1"])
		}
	}
	return b.String()
}

func (s *Sentence) part(text string, values []string) Part {
	out := Part{Code: s.code, Text: text}
	for i, name := range s.names() {
		if i < len(values) {
			if out.Params == nil {
				out.Params = map[string]string{}
			}
			out.Params[name] = param(name, values[i])
		}
	}
	return out
}

// param is what fills a hole, for a program. What the guard found is a sentence
// itself and told by its code.
func param(name, value string) string {
	if found := plain[value]; name == "finding" && found != nil {
		return found.code
	}
	return value
}

// read takes a text as this sentence, if it is one.
func (s *Sentence) read(text string) (Part, bool) {
	if s.match == nil {
		return Part{Code: s.code, Text: text}, text == s.Text()
	}
	m := s.match.FindStringSubmatch(text)
	if m == nil {
		return Part{}, false
	}
	return s.part(text, m[1:]), true
}
