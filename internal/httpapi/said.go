package httpapi

import (
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/said"
)

// What the server itself has said stands in views twice: in English as it is
// stored, and as the sentences it is made of, for programs that speak another
// language.

// EntryView is a line of the history. It is exported since the description of
// the API follows an embedded struct only then.
type EntryView struct {
	domain.Entry
	Code string      `json:"code,omitempty" doc:"The line by its kind and what happened, such as case.handed_over; missing where what is another's word: an event's type, a component's or a template's name."`
	Said []said.Part `json:"text_said,omitempty" doc:"The sentences of the text; missing where they are not ours."`
}

func viewEntry(e domain.Entry) EntryView {
	return EntryView{e, said.LineCode(string(e.Kind), e.What), said.Line(string(e.Kind), e.What, e.Text)}
}

// traceView is a rule for one input, with what its steps came to.
type traceView struct {
	domain.RuleTrace
	Deeds []said.Deed `json:"deeds,omitempty" doc:"What did says, taken apart."`
}

func viewTrace(r domain.RuleTrace) traceView {
	out := traceView{RuleTrace: r}
	for _, did := range r.Did {
		out.Deeds = append(out.Deeds, said.DeedOf(did))
	}
	return out
}

// noteView is what a record keeps of an effect or of why there is none.
type noteView struct {
	domain.EffectNote
	SuppressedSaid []said.Part `json:"suppressed_said,omitempty" doc:"The sentences of suppressed."`
}

func viewNote(n domain.EffectNote) noteView { return noteView{n, said.Of(n.Suppressed)} }

// outcomeView is how an effect ended.
type outcomeView struct {
	domain.Outcome
	ReasonSaid []said.Part `json:"reason_said,omitempty" doc:"The sentences of the reason; missing where it is another's word."`
}

func viewOutcome(o *domain.Outcome) *outcomeView {
	if o == nil {
		return nil
	}
	return &outcomeView{*o, said.Of(o.Reason)}
}

// viewed shows each of some things; nothing stays nothing.
func viewed[T, V any](in []T, view func(T) V) []V {
	if in == nil {
		return nil
	}
	out := make([]V, len(in))
	for i := range in {
		out[i] = view(in[i])
	}
	return out
}
