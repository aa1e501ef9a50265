package domain

import (
	"slices"
	"testing"
)

func TestWorkEndsAsItsKindDoes(t *testing.T) {
	t.Parallel()
	own := []Disposition{
		{Name: "solved", Means: DispositionResolved},
		{Name: "nobody home", Means: DispositionNoAnswer},
		{Name: "passed to sales"},
		{Name: "praise", Kinds: []WorkItemKind{Review}, Means: DispositionNoAnswerNeeded},
	}
	for _, c := range []struct {
		name string
		list []Disposition
		kind WorkItemKind
		want []string
	}{
		{"a call of no list", nil, Callback, []string{"resolved", "reached", "no_answer", "busy", "voicemail", "wrong_number", "refused"}},
		{"a review of no list", nil, Review, []string{"resolved", "answered", "no_answer_needed"}},
		{"a call", own, Callback, []string{"solved", "nobody home", "passed to sales"}},
		{"a review", own, Review, []string{"solved", "passed to sales", "praise"}},
		{"a review where only calls end", own[1:2], Review, []string{"resolved", "answered", "no_answer_needed"}},
	} {
		q := Queue{Dispositions: c.list}
		var got []string
		for _, d := range q.Endings(c.kind) {
			got = append(got, d.Name)
			if found, ok := q.Ending(c.kind, d.Name); !ok || found.Means != d.Means {
				t.Errorf("%s: %q is not taken, or means %q", c.name, d.Name, found.Means)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s ends in %q, want %q", c.name, got, c.want)
		}
	}
	q := Queue{Dispositions: own}
	if _, ok := q.Ending(Review, "nobody home"); ok {
		t.Error("a review ends with nobody home")
	}
}
