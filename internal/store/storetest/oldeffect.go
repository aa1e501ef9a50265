package storetest

import (
	"fmt"
	"testing"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// OldEffect is an effect as a database may have it whose schema has no columns
// yet for what is known of it beside its error: that stands before the error's
// text.
type OldEffect struct {
	ID        string
	LastError string
	is        store.EffectRow
}

// OldEffects has each of the old forms, and errors that only look like one.
func OldEffects() []OldEffect {
	type row = store.EffectRow
	out := []OldEffect{
		{LastError: "", is: row{}},
		{LastError: "answered 500", is: row{LastError: "answered 500"}},
		{LastError: "released; ", is: row{Released: true}},
		{LastError: "released; answered 500; later", is: row{Released: true, LastError: "answered 500; later"}},
		{LastError: "dead; gone", is: row{Dead: true, LastError: "gone"}},
		{LastError: "put back 3 times; busy", is: row{PutBacks: 3, LastError: "busy"}},
		{LastError: "released; dead; put back 12 times; 429; again", is: row{Released: true, Dead: true, PutBacks: 12, LastError: "429; again"}},
		{LastError: "dead; put back 1 times; ", is: row{Dead: true, PutBacks: 1}},
		{LastError: "it is dead; gone", is: row{LastError: "it is dead; gone"}},
		{LastError: "put back some times; x", is: row{LastError: "put back some times; x"}},
		{LastError: "Released; x", is: row{LastError: "Released; x"}},
	}
	for i := range out {
		out[i].ID = domain.ObjectID(1, domain.KindEffect, int64(i+1))
	}
	return out
}

// Effect is what the row's body holds.
func (o *OldEffect) Effect() domain.Effect {
	return domain.Effect{ID: o.ID, Customer: 1, Kind: domain.EffectReply, Destination: "network:x", NotBefore: T0, MaxAttempts: 8}
}

// CheckOldEffects looks whether each came out right.
func CheckOldEffects(t testing.TB, s store.Store, old []OldEffect) {
	t.Helper()
	both(t, s, func(r store.Reader) {
		t.Helper()
		for _, o := range old {
			got := must[store.EffectRow](t)(r.EffectGet(o.ID))
			got = store.EffectRow{Released: got.Released, Dead: got.Dead, PutBacks: got.PutBacks, LastError: got.LastError}
			want(t, fmt.Sprintf("an effect of the error %q", o.LastError), fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", o.is))
		}
	})
}
