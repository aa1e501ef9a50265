package domain

import "slices"

// Dispositions that the engine gives a meaning to. An operator may add words;
// those only end the work item.
const (
	DispositionResolved       = "resolved" // the matter is ended
	DispositionReached        = "reached"  // spoken with the customer: keeps a callback promise
	DispositionNoAnswer       = "no_answer"
	DispositionBusy           = "busy"
	DispositionVoicemail      = "voicemail"
	DispositionWrongNumber    = "wrong_number"
	DispositionRefused        = "refused"          // the customer does not want to be called
	DispositionAnswered       = "answered"         // what was asked is answered, in writing or in the note
	DispositionNoAnswerNeeded = "no_answer_needed" // there is nothing to say: the customer hears nothing of it

	DispositionUnspecified = "unspecified" // after-contact work ran out; nobody chose it
)

// Dispositions lists them, the best first.
var Dispositions = []string{
	DispositionResolved, DispositionReached, DispositionAnswered, DispositionNoAnswerNeeded,
	DispositionNoAnswer, DispositionBusy, DispositionVoicemail, DispositionWrongNumber, DispositionRefused,
}

// kindDispositions are what work of a kind ends in where the operator does not
// say, the best first.
var kindDispositions = map[WorkItemKind][]string{
	Callback: {
		DispositionResolved, DispositionReached, DispositionNoAnswer, DispositionBusy, DispositionVoicemail, DispositionWrongNumber, DispositionRefused,
	},
	Review: {DispositionResolved, DispositionAnswered, DispositionNoAnswerNeeded},
	Expert: {DispositionAnswered, DispositionResolved},
}

// Disposition is a way for work to end, as agents choose it.
type Disposition struct {
	Name  string         `json:"name"`            // what is kept
	Label string         `json:"label,omitempty"` // what agents read
	Means string         `json:"means,omitempty"` // one of the engine's own dispositions; "": it only ends the item
	Kinds []WorkItemKind `json:"kinds,omitempty"` // whose ending it is; none: those that what it means fits
	Note  bool           `json:"note,omitempty"`  // a note is required
}

// Ends reports whether work of a kind may end so: a review has not reached a
// voicemail.
func (d *Disposition) Ends(kind WorkItemKind) bool {
	if len(d.Kinds) > 0 {
		return slices.Contains(d.Kinds, kind)
	}
	return d.Means == "" || slices.Contains(kindDispositions[kind], d.Means)
}

// Endings are what work of a kind ends in: the queue's own that fit it, in the
// operator's order, else the engine's.
func (q *Queue) Endings(kind WorkItemKind) (out []Disposition) {
	for i := range q.Dispositions {
		if q.Dispositions[i].Ends(kind) {
			out = append(out, q.Dispositions[i])
		}
	}
	if out == nil {
		for _, name := range kindDispositions[kind] {
			out = append(out, Disposition{Name: name, Means: name})
		}
	}
	return out
}

// Ending finds, by name, what work of a kind ends in, and what that means to the
// engine. A queue that lists no dispositions takes any word.
func (q *Queue) Ending(kind WorkItemKind, name string) (Disposition, bool) {
	if len(q.Dispositions) == 0 {
		return Disposition{Name: name, Means: name}, name != ""
	}
	for _, d := range q.Endings(kind) {
		if d.Name == name {
			return d, true
		}
	}
	return Disposition{}, false
}
