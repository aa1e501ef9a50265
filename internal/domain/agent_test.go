package domain

import (
	"slices"
	"testing"
)

func TestParseSkill(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]Skill{"orders": {"orders", 1}, "orders:3": {"orders", 3}, " billing : 5 ": {"billing", 5}} {
		if got, err := ParseSkill(s); err != nil || got != want {
			t.Errorf("%q: %+v, %v", s, got, err)
		}
	}
	for _, s := range []string{"", ":3", "orders:0", "orders:6", "orders:x", "orders:"} {
		if got, err := ParseSkill(s); ErrorCode(err) != CodeInvalid {
			t.Errorf("%q: %+v, %v", s, got, err)
		}
	}
}

func TestSpeaks(t *testing.T) {
	t.Parallel()
	a := Agent{Langs: []string{"es-MX", "EN"}}
	for lang, want := range map[string]bool{"es": true, "es-ES": true, "en-GB": true, "de": false, "": true} {
		if a.Speaks(lang, "de") != want {
			t.Errorf("speaks %q: %v", lang, !want)
		}
	}
	own := Agent{}
	if !own.Speaks("de-AT", "de") || own.Speaks("es", "de") {
		t.Error("who names no language speaks the company's and no other")
	}
}

func TestReservationID(t *testing.T) {
	t.Parallel()
	w := ObjectID(NewCustomerID(1, 2), KindWorkItem, 7)
	for _, n := range []int{1, 9, 10, 123} {
		item, m, err := ParseReservationID(ReservationID(w, n))
		if err != nil || item != w || m != n {
			t.Errorf("%d: %q, %d, %v", n, item, m, err)
		}
	}
	k := ObjectID(NewCustomerID(1, 2), KindCase, 7)
	for _, s := range []string{"", "-r1", w, w + "-r", w + "-r0", w + "-r01", w + "-r-1", w + "r1", k + "-r1", w + "-r99999999999999999999"} {
		if _, _, err := ParseReservationID(s); ErrorCode(err) != CodeInvalid {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func TestReservationStates(t *testing.T) {
	t.Parallel()
	all := []ReservationState{ReservationPending, ReservationAccepted, ReservationRejected, ReservationTimeout, ReservationCanceled, ReservationRescinded, ReservationCompleted}
	var final []ReservationState
	for _, s := range all {
		next := 0
		for _, to := range all {
			if s.MayBecome(to) {
				next++
			}
		}
		if s.Final() != (next == 0) {
			t.Errorf("%s: final %v, and may become %d others", s, s.Final(), next)
		}
		if s.Final() {
			final = append(final, s)
		}
	}
	if !slices.Equal(final, all[2:]) {
		t.Errorf("final: %v", final)
	}
}
