package said

import "strings"

// What the advocate puts into a work item's note, each in a line of its own
// among the words of rules, agents and customers.
var (
	JustAskedCall   = sentence("just_asked_call", "The customer has just asked to be called.")
	JustRefusedCall = sentence("just_refused_call", "The customer has just written that they do not want to be called.")
	JustNamedTime   = sentence("just_named_time", "The customer has just named a time for the call: {text}")
	NoteCallAsked   = declared("note_call_asked", "The customer asked for this call.")
	NoteWrite       = declared("note_write", "The customer does not want to be called: please write.")
	NoteWrapRanOut  = declared("note_wrap_ran_out", "The time for after-contact work ran out. Please say how the call ended.")
	NoteLater       = declared("note_later", "Later: {text}")
	NoteAsks        = declared("note_asks", "{by} asks: {text}")
	NoteAnswers     = declared("note_answers", "{by} answers: {text}")

	notes = []*Sentence{JustAskedCall, JustRefusedCall, JustNamedTime, NoteCallAsked, NoteWrite, NoteWrapRanOut, NoteLater, NoteAsks, NoteAnswers, PointNoCall}
)

// Note says, line by line, which sentences a work item's note is made of.
func Note(text string) (lines [][]Part) {
	if text == "" {
		return nil
	}
	for line := range strings.SplitSeq(text, "\n") {
		lines = append(lines, noteLine(line))
	}
	return lines
}

func noteLine(line string) []Part {
	for _, s := range notes {
		if p, ok := s.read(line); ok {
			return []Part{p}
		}
	}
	if words, ok := strings.CutPrefix(line, PointNoCall.Text()+" "); ok { // a rule's, about the call that it is not
		return []Part{{Code: PointNoCall.code, Text: PointNoCall.Text()}, {Text: words}}
	}
	return []Part{{Text: line}}
}
