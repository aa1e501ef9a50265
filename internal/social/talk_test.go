package social_test

import (
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/clock"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/socialtest"
	"github.com/contact-advocate/advocate/internal/social/state"
	database "github.com/contact-advocate/advocate/internal/store/memory"
	"github.com/contact-advocate/advocate/internal/vault"
)

// TestWhatIsAnswered: one of ours answers the last that was said before it, in
// whatever order it is heard, by another process too, and when all of it is read
// a second time.
func TestWhatIsAnswered(t *testing.T) {
	t.Parallel()
	state, noon := &socialtest.State{}, time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	said := []social.Talk{{Message: "2", At: noon.Add(2 * time.Minute)}, {Message: "1", At: noon}, {Message: "3", At: noon.Add(2 * time.Minute)}}
	for round := range 2 {
		for _, s := range said {
			if err := (&social.Talks{State: state}).Heard(t.Context(), "ana", s); err != nil {
				t.Fatal(err)
			}
		}
		for by, want := range map[time.Time]string{
			noon.Add(-time.Second): "", noon: "1", noon.Add(time.Minute): "1", noon.Add(time.Hour): "3", {}: "3",
		} {
			if got, err := (&social.Talks{State: state}).Last(t.Context(), "ana", by); err != nil || got.Message != want {
				t.Errorf("round %d: at %v it is %+v, %v; want %q", round, by, got, err, want)
			}
		}
	}
	if got, err := (&social.Talks{State: state}).Last(t.Context(), "ben", time.Time{}); err != nil || got.Message != "" {
		t.Errorf("of somebody else it is %+v, %v", got, err)
	}
}

// TestWhatNodesHearAtOnce: a webhook comes to one node while another asks; what
// each hears of one person is remembered, and one of ours answers the last.
func TestWhatNodesHearAtOnce(t *testing.T) {
	t.Parallel()
	kept, noon := database.New(), time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	now := clock.NewManual(noon)
	seal := vault.New(vault.Options{Store: kept, Now: now.Now, File: filepath.Join(t.TempDir(), "vault.key")})
	node := func() *social.Talks {
		return &social.Talks{State: state.New(state.Options{Store: kept, Sealer: seal, Clock: now, Network: "x"})}
	}
	const most = 8 // of one person
	var all sync.WaitGroup
	for _, n := range []*social.Talks{node(), node()} {
		for i := range most {
			all.Go(func() {
				said := social.Talk{Message: strconv.Itoa(i), At: noon.Add(time.Duration(i) * time.Minute)}
				if err := n.Heard(t.Context(), "ana", said); err != nil {
					t.Error(err)
				}
			})
		}
	}
	all.Wait()
	for i := range most {
		by := noon.Add(time.Duration(i) * time.Minute)
		if got, err := node().Last(t.Context(), "ana", by); err != nil || got.Message != strconv.Itoa(i) {
			t.Errorf("at %v it is %+v, %v; want %d", by, got, err, i)
		}
	}
}
