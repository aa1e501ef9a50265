package wire_test

import (
	"encoding/hex"
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/wire"
	"pgregory.net/rapid"
)

func sample() domain.Snapshot {
	at := time.Date(2026, 3, 2, 12, 0, 0, 123000, time.UTC)
	return domain.Snapshot{
		Customer: domain.Customer{ID: 77, Profile: domain.Profile{Ref: "C-1", Name: "Maria Lopez"}, Identities: []domain.Identity{{
			IdentityKey: domain.IdentityKey{Network: "sandbox", Author: "maria"},
			Evidence:    []domain.Evidence{{Kind: domain.EvidenceSystem, At: at, By: "import"}},
		}}},
		Version: 3, LastAt: at, Numbers: domain.Numbers{Case: 1, Effect: 2},
		Cases: []domain.Case{{
			ID: "c000000000002d-k1", State: domain.CaseWaiting, Posts: []domain.CasePost{{ID: "p1", From: "customer", At: at}, {}},
			Topics: []domain.Topic{"late", ""}, Preferred: &domain.PreferredTime{}, Verify: &domain.Verification{Order: "A-1"},
			Known: []domain.Fact{{Name: "orders", Data: []byte(`{"a":1}`)}}, LastReply: 1 << 63, OpenedAt: at,
		}},
		Sent: []time.Time{at, {}},
	}
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	want := sample()
	var got domain.Snapshot
	if err := wire.Unmarshal(wire.Marshal(&want), &got); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
}

// TestSameAsJSON holds the stored form to JSON's meaning for anything that
// JSON can express.
func TestSameAsJSON(t *testing.T) {
	t.Parallel()
	type inner struct {
		S  string            `json:"s,omitempty"`
		N  int64             `json:"n,omitempty"`
		U  uint64            `json:"u,omitempty"`
		F  float64           `json:"f,omitempty"`
		B  bool              `json:"b,omitempty"`
		M  map[string]string `json:"m,omitempty"`
		Ss []string          `json:"ss,omitempty"`
		By []byte            `json:"by,omitempty"`
	}
	type outer struct {
		I  inner   `json:"i,omitzero"`
		Is []inner `json:"is,omitempty"`
		P  *inner  `json:"p,omitempty"`
	}
	gen := rapid.Custom(func(t *rapid.T) inner {
		in := inner{
			S: rapid.String().Draw(t, "s"), N: rapid.Int64().Draw(t, "n"), U: rapid.Uint64().Draw(t, "u"),
			F: rapid.Float64().Draw(t, "f"), B: rapid.Bool().Draw(t, "b"),
		}
		if m := rapid.MapOfN(rapid.String(), rapid.String(), 0, 4).Draw(t, "m"); len(m) > 0 {
			in.M = m
		}
		if s := rapid.SliceOfN(rapid.String(), 0, 200).Draw(t, "ss"); len(s) > 0 {
			in.Ss = s
		}
		if b := rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "by"); len(b) > 0 {
			in.By = b
		}
		return in
	})
	rapid.Check(t, func(t *rapid.T) {
		var want, got outer
		want.I = gen.Draw(t, "i")
		if is := rapid.SliceOfN(gen, 0, 3).Draw(t, "is"); len(is) > 0 {
			want.Is = is
		}
		if rapid.Bool().Draw(t, "hasp") {
			p := gen.Draw(t, "p")
			want.P = &p
		}
		if err := wire.Unmarshal(wire.Marshal(&want), &got); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("got\n%+v\nwant\n%+v", got, want)
		}
		if a, b := wire.Marshal(&want), wire.Marshal(&got); string(a) != string(b) {
			t.Fatal("the same value gave other bytes")
		}
	})
}

func TestFieldsMayComeAndGo(t *testing.T) {
	t.Parallel()
	type before struct {
		Old  []string `json:"old"`
		Kept string   `json:"kept"`
		Num  float64  `json:"num"`
		Was  string   `json:"was"`
	}
	type after struct {
		New  int    `json:"new"`
		Kept string `json:"kept"`
		Was  int    `json:"was"` // the kind changed: skipped, not misread
	}
	var got after
	if err := wire.Unmarshal(wire.Marshal(before{[]string{"x"}, "yes", 1.5, "word"}), &got); err != nil {
		t.Fatal(err)
	}
	if got != (after{Kept: "yes"}) {
		t.Errorf("got %+v", got)
	}
}

func TestReadsJSON(t *testing.T) {
	t.Parallel()
	want := sample()
	raw, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got domain.Snapshot
	if err := wire.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	if got.Customer.ID != 77 || got.Cases[0].ID != want.Cases[0].ID {
		t.Errorf("got %+v", got)
	}
}

// TestEverythingStoredCanBe compiles every type that is stored; a field that
// cannot be is a panic.
func TestEverythingStoredCanBe(t *testing.T) {
	t.Parallel()
	for _, v := range []any{domain.Snapshot{}, domain.Record{}, domain.Input{}, domain.Case{}, domain.WorkItem{}, domain.Order{}, domain.Event{}, domain.Effect{}, domain.Subscription{}} {
		if b := wire.Marshal(v); len(b) != 1 {
			t.Errorf("%T: a zero value took %d bytes", v, len(b))
		}
	}
}

func FuzzUnmarshal(f *testing.F) {
	s := sample()
	f.Add(wire.Marshal(&s))
	f.Add([]byte{1})
	f.Add([]byte(`{"version":1}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var s domain.Snapshot
		if wire.Unmarshal(b, &s) == nil {
			var again domain.Snapshot
			if err := wire.Unmarshal(wire.Marshal(&s), &again); err != nil {
				t.Fatalf("what was read cannot be read again: %v", err)
			}
		}
	})
}

func BenchmarkSnapshot(b *testing.B) {
	s := sample()
	raw := wire.Marshal(&s)
	js, _ := json.Marshal(&s)
	b.Logf("%d bytes, %d as JSON", len(raw), len(js))
	b.Run("encode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			wire.Marshal(&s)
		}
	})
	b.Run("decode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var s domain.Snapshot
			if err := wire.Unmarshal(raw, &s); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encode-json", func(b *testing.B) {
		for b.Loop() {
			json.Marshal(&s)
		}
	})
	b.Run("decode-json", func(b *testing.B) {
		for b.Loop() {
			var s domain.Snapshot
			json.Unmarshal(js, &s)
		}
	})
}

// stored is sample() in the form of the first version that had it.
const stored = "01a40e026ad85d009a0199ff0216f6c60203432d31df30020b4d61726961204c6f70657a22f6024701451e1e0214ddd4020773616e64626f782cf502" +
	"056d617269613be202290127503b020e747275737465645f73797374656dad4200f6c1b3b8aa82a606bf980206696d706f7274e6e800067eed00f6c1" +
	"b3b8aa82a606ba390208e6d60002ecc20004fea4029601019301d85d021163303030303030303030303032642d6b31c74a020777616974696e67f293" +
	"0220021dd85d02027031b8150208637573746f6d6572ad4200f6c1b3b8aa82a60600122c020702046c617465008239020100c43e02170115df300206" +
	"6f7264657273d73a02077b2261223a317deacd020807bb630203412d3120660080808080808080808001b69d00f6c1b3b8aa82a6061ecd021302f6c1" +
	"b3b8aa82a606ffffffffffffffffff01"

// TestStoredFormStands: what is in databases is read by every later version,
// and written the same: history is compared byte for byte.
func TestStoredFormStands(t *testing.T) {
	t.Parallel()
	s := sample()
	got := hex.EncodeToString(wire.Marshal(&s))
	if got != stored {
		t.Errorf("the same value is written as\n%s, no longer as\n%s", got, stored)
	}
	b, err := hex.DecodeString(stored)
	if err != nil {
		t.Fatal(err)
	}
	var back domain.Snapshot
	if err := wire.Unmarshal(b, &back); err != nil || !reflect.DeepEqual(back, s) {
		t.Errorf("read as %+v, %v", back, err)
	}
}
