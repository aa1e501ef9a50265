package social_test

import (
	"fmt"
	"testing"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
)

// TestRecentForgetsTheFirst: it is bounded, and what is put again keeps its
// place.
func TestRecentForgetsTheFirst(t *testing.T) {
	t.Parallel()
	r := social.Recent[string, int]{Most: 3}
	for i := range 5 {
		r.Put(fmt.Sprint(i), i)
		r.Put("2", i)
	}
	r.Update("4", func(v int) int { return v + 10 })
	r.Update("9", func(int) int { return 9 })
	for key, want := range map[string]int{"0": -1, "1": -1, "2": 4, "3": 3, "4": 14, "9": -1} {
		if v, ok := r.Get(key); ok != (want >= 0) || ok && v != want {
			t.Errorf("%s is %d, %v; want %d", key, v, ok, want)
		}
	}
}

// TestSeen: a repeat is none of another version, and equals among what comes
// together are one.
func TestSeen(t *testing.T) {
	t.Parallel()
	s := social.Seen{}
	s.Most = 100
	one := domain.Post{Network: "far", ID: "1", Text: "hello"}
	edit := one
	edit.Revision = "2"
	if got, at := s.Fresh([]domain.Post{one, one, edit}); len(got) != 2 || at[0] != 0 || at[1] != 2 {
		t.Errorf("%d of what came together is fresh, want 2", len(got))
	}
	s.Add([]domain.Post{one})
	if got, at := s.Fresh([]domain.Post{one, edit}); at[0] != 1 || len(got) != 1 || got[0].Revision != "2" {
		t.Errorf("%+v is fresh, want the edit", got)
	}
}
