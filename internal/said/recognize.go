package said

import "strings"

// colon stands between what is said and what it is about or why.
const colon = ": "

// Join is the text of several parts.
func Join(parts []Part) string {
	var b strings.Builder
	for i, p := range parts {
		if i > 0 && strings.HasSuffix(parts[i-1].Text, ".") {
			b.WriteString(" ")
		} else if i > 0 {
			b.WriteString(colon)
		}
		b.WriteString(p.Text)
	}
	return b.String()
}

// Told is the text of sentences that each end with a full stop, and of what
// stands among them.
func Told(parts []Part) string {
	texts := make([]string, len(parts))
	for i, p := range parts {
		texts[i] = p.Text
	}
	return strings.Join(texts, " ")
}

// Because is what is said with why, or with somebody's words about it; one of
// them may be missing.
func Because(what, why string) string {
	if what == "" || why == "" {
		return what + why
	}
	return what + colon + why
}

// Of says which sentences a text is made of, nil if it has none of ours.
func Of(text string) []Part { return read(text, one, one) }

// read takes a text apart at its colons: first reads what it may begin with,
// next what may follow.
func read(text string, first, next func(string) (Part, bool)) []Part {
	if p, ok := first(text); ok {
		return []Part{p}
	}
	for from := 0; ; {
		at := strings.Index(text[from:], colon)
		if at < 0 {
			return nil
		}
		at += from
		from = at + len(colon)
		p, ok := first(text[:at])
		if !ok {
			continue
		}
		if rest := read(text[from:], next, next); rest != nil {
			return append([]Part{p}, rest...)
		}
		return []Part{p, {Text: text[from:]}}
	}
}

// one reads a whole text as one of the sentences that are told anywhere.
func one(text string) (Part, bool) {
	if s := plain[text]; s != nil {
		return Part{Code: s.code, Text: text}, true
	}
	for _, s := range filled {
		if p, ok := s.read(text); ok {
			return p, true
		}
	}
	return Part{}, false
}

// Line says which sentences a line of the history is made of. Kind and what
// are the line's: they tell what its text begins with.
func Line(kind, what, text string) []Part {
	var first *Sentence
	switch {
	case kind == "case" && what == "resolved", kind == "set_aside" && what == "resolved":
		first = Ended
	case kind == "case" && what == "corrected":
		first = Corrected
	case kind == "promise" && (what == "made" || what == "moved"):
		first = PromisedBy
	case kind == "promise":
		first = Promised
	case kind == "work_item" && what == "completed":
		first = Done
	}
	switch kind {
	case "post", "reply", "sent", "staff", "note":
		return nil // what people wrote
	}
	if first == nil {
		return Of(text)
	}
	if p := PromiseTold(text); first == PromisedBy && p.Code != "" {
		return []Part{p}
	}
	return read(text, func(s string) (Part, bool) {
		if p, ok := first.read(s); ok {
			return p, true
		}
		return one(s)
	}, one)
}

// Deed is what a rule's step came to.
type Deed struct {
	Did  []Part `json:"did" doc:"The step."`
	Held bool   `json:"held,omitempty" doc:"It did not come to anything."`
	Note []Part `json:"note,omitempty" doc:"Why it was held, or what else is to be said of it."`
}

const held = "suppressed: "

// Held is a step that came to nothing, and why.
func Held(step string, why *Sentence) string { return Noted(step, held+why.Text()) }

// Noted is a step with a word about it.
func Noted(step, note string) string { return step + " (" + note + ")" }

// DeedOf takes a step's text apart.
func DeedOf(text string) Deed {
	var d Deed
	step, note, noted := strings.Cut(text, " (")
	if rest, closed := strings.CutSuffix(note, ")"); noted && closed {
		note, d.Held = strings.CutPrefix(rest, held)
		d.Note = words(note)
		text = step
	}
	if why, ok := strings.CutPrefix(text, StepHandOver.Text()+" "); ok {
		d.Did = append([]Part{{Code: StepHandOver.code, Text: StepHandOver.Text()}}, words(why)...)
		return d
	}
	d.Did = read(text, aStep, aStep)
	if d.Did == nil {
		d.Did = []Part{{Text: text}}
	}
	return d
}

// aStep reads a whole text as one of the steps.
func aStep(text string) (Part, bool) {
	for _, s := range steps {
		if p, ok := s.read(text); ok {
			return p, true
		}
	}
	return Part{}, false
}

func words(text string) []Part {
	if parts := Of(text); parts != nil {
		return parts
	}
	return []Part{{Text: text}}
}

// LineCode names a line of the history by its kind and what happened, such as
// case.handed_over; "" where what is another's word: an event's type, a
// component's or a template's name.
func LineCode(kind, what string) string {
	switch kind {
	case "event", "lookup", "answer", "reply":
		return ""
	}
	if what == "" {
		return kind
	}
	return kind + "." + strings.ReplaceAll(what, " ", "_")
}
