package engine_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/memory"
)

// TestALatePostDoesNotEndInSilence: the log tells of one that is refused, has
// become too old or cannot be read, of each once, and those behind it are taken in.
func TestALatePostDoesNotEndInSilence(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	k := newKit(t, memory.New(), setup{})
	k.options.Logger = slog.New(slog.NewTextHandler(&log, nil))
	k.open()
	known := k.post("ann", "hello")
	id := k.take(known)
	k.settle()
	other, old, good := known, k.post("ann", "long ago"), k.post("ann", "are you there?")
	other.Text = "other words, and no revision"
	old.At = k.clock.Now().Add(-domain.SeenWindow - time.Hour)
	bodies := [][]byte{[]byte("no JSON")}
	for _, p := range []domain.Post{other, old, good} {
		b, err := json.Marshal(map[string]any{"customer": id, "post": p})
		if err != nil {
			t.Fatal(err)
		}
		bodies = append(bodies, b)
	}
	err := k.store.Update(k.ctx, func(tx store.Tx) error {
		docs := make([]store.Document, len(bodies))
		for i, b := range bodies {
			docs[i] = store.Document{
				Kind: store.LatePostKind, ID: store.LatePostID(id, k.clock.Now(), i, domain.Key{}), Body: b,
				UpdatedAt: k.clock.Now(), ExpiresAt: k.clock.Now().Add(domain.SeenWindow),
			}
		}
		return tx.DocumentPut(docs)
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{3, 0} {
		if n, err := k.engine.StepLate(k.ctx); n != want || err != nil {
			t.Errorf("%d are done with, %v; want %d", n, err, want)
		}
	}
	k.settle()
	if k.count(id, "post "+good.ID) != 1 {
		t.Errorf("the advocate heard %v", k.inputs(id))
	}
	for _, line := range []string{"refused\" network=sandbox post_id=" + other.ID + " code=conflict", "too old\" network=sandbox post_id=" + old.ID, "cannot be read"} {
		if n := strings.Count(log.String(), line); n != 1 {
			t.Errorf("the log says %d times %q:\n%s", n, line, &log)
		}
	}
}
