//go:build unix

package e2e

import (
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/store/postgres/pgtest"
)

// TestClusterNodesKilled kills one of three nodes after the other under load,
// at random moments, and starts it again; then it restarts all of them, one
// after the other, as an upgrade does.
func TestClusterNodesKilled(t *testing.T) {
	t.Parallel()
	url := pgtest.Bare(t)
	r := newClusterRun(t, url, url, url)
	db := database(t, url)
	const lease = `name = 'network sandbox '`
	rounds := soak(3, 150)
	var worst time.Duration
	fence := one[int64](t, db, `SELECT fence FROM lease WHERE `+lease)
	for i := 1; i <= rounds; i++ {
		stop := r.load(3)
		<-time.After(time.Duration(200+r.rng.IntN(1000)) * time.Millisecond)
		n := r.nodes[i%3]
		n.now().kill()
		died, at := time.Now(), one[time.Time](t, db, `SELECT clock_timestamp()`)
		// Whoever holds it was alive after that moment: it was taken or prolonged for 6 s.
		eventually(t, "somebody has the network", func() bool {
			return one[bool](t, db, `SELECT until > $1::timestamptz + interval '6 seconds' FROM lease WHERE `+lease, at)
		})
		took := time.Since(died)
		if worst = max(worst, took); took > 10*time.Second {
			t.Errorf("kill %d: the network was taken over after %v", i, took)
		}
		n.set(n.h.start())
		<-time.After(time.Duration(r.rng.IntN(1000)) * time.Millisecond)
		stop()
		if i%killGeneration == 0 || i == rounds {
			r.settle()
			r.generation(r.any())
		}
		if t.Failed() {
			t.FailNow()
		}
	}
	overs := one[int64](t, db, `SELECT fence FROM lease WHERE `+lease) - fence
	t.Logf("%d kills; the network was taken over %d times, within %v at most", rounds, overs, worst.Round(10*time.Millisecond))
	if overs == 0 {
		t.Error("nobody took the network over: no killed node had it")
	}
	for range soak(1, 20) {
		stop := r.load(3)
		for _, n := range r.nodes {
			if code := n.now().stop(); code != 0 {
				t.Errorf("a node ended with %d:\n%s", code, n.now().log)
			}
			n.set(n.h.start())
			<-time.After(200 * time.Millisecond)
		}
		stop()
		r.settle()
		r.generation(r.any())
	}
	r.end()
}
