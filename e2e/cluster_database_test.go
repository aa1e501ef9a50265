//go:build unix

package e2e

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/store/postgres/pgtest"
)

// TestClusterDatabaseKilled kills PostgreSQL under three nodes and load: its
// first process alone, and all of it at once.
func TestClusterDatabaseKilled(t *testing.T) {
	t.Parallel()
	server, err := pgtest.NewCluster()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Stop() })
	url := server.URL("postgres")
	r := newClusterRun(t, url, url, url)
	var worst time.Duration
	rounds := soak(2, 60)
	for i := range rounds {
		stop := r.load(4)
		<-time.After(time.Duration(300+r.rng.IntN(1000)) * time.Millisecond)
		if err := server.Signal([]syscall.Signal{syscall.SIGKILL, syscall.SIGQUIT}[i%2]); err != nil {
			t.Fatal(err)
		}
		r.refused("the database is away", r.nodes...)
		<-time.After(time.Duration(r.rng.IntN(3000)) * time.Millisecond)
		r.restart(server)
		worst = max(worst, r.flow("the database came back"))
		<-time.After(300 * time.Millisecond)
		stop()
		if i%killGeneration == killGeneration-1 || i == rounds-1 {
			r.settle()
			r.generation(r.any())
		}
		if t.Failed() {
			t.FailNow()
		}
	}
	r.within(worst, "the database's return")
	r.end()
}

// within says how long it was at worst until all nodes took work again.
func (r *clusterRun) within(worst time.Duration, of string) {
	r.Helper()
	r.Logf("all nodes took work again within %v of %s", worst.Round(10*time.Millisecond), of)
	if worst > 15*time.Second {
		r.Error("that is too long")
	}
}

// refused waits until nodes turn work away, with a time to come back at.
func (r *clusterRun) refused(why string, nodes ...*clusterNode) {
	r.Helper()
	for i, n := range nodes {
		c := r.client(n.now())
		eventually(r.T, fmt.Sprintf("node %d refuses work while %s", i, why), func() bool {
			body := fmt.Sprintf(`{"network":"sandbox","id":"refused %d","author":{"id":"flow"},"text":"hello","visibility":"private"}`, i)
			a := c.send("POST", "/v1/posts", body)
			return a.err == nil && a.status == 503 && a.header.Get("Retry-After") != ""
		})
		if a := c.send("GET", "/healthz", ""); a.status != 200 {
			r.Errorf("node %d is not alive while %s: %d %v", i, why, a.status, a.err)
		}
	}
}

// restart starts a server whose former processes may not have noticed yet
// that their parent is gone.
func (r *clusterRun) restart(server *pgtest.Cluster) {
	r.Helper()
	eventually(r.T, "the database starts", func() bool {
		err := server.Start()
		if err != nil && !strings.Contains(err.Error(), "shared memory") && !strings.Contains(err.Error(), "lock file") {
			r.Fatal(err)
		}
		return err == nil
	})
}

// TestClusterPrimaryReplaced kills a primary under load and promotes its
// synchronous standby; the nodes know both addresses.
func TestClusterPrimaryReplaced(t *testing.T) {
	t.Parallel()
	server, err := pgtest.NewTCPCluster()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Stop() })
	standby, err := server.Standby(0)
	if err != nil {
		t.Fatal(err)
	}
	first := standby
	t.Cleanup(func() { first.Stop() })
	url := fmt.Sprintf("postgres://advocate@127.0.0.1:%d,127.0.0.1:%d/postgres?sslmode=disable&target_session_attrs=read-write", server.Port(), standby.Port())
	r := newClusterRun(t, url, url, url)
	var worst time.Duration
	rounds := soak(1, 15)
	for i := range rounds {
		if i > 0 { // the old primary is not used again: a new standby takes its address
			old := server
			old.Stop()
			server = standby
			if standby, err = server.Standby(old.Port()); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { standby.Stop() })
		}
		stop := r.load(4)
		<-time.After(time.Duration(1000+r.rng.IntN(1000)) * time.Millisecond)
		if err := server.Signal(syscall.SIGQUIT); err != nil {
			t.Fatal(err)
		}
		r.refused("there is no primary", r.nodes...)
		if err := standby.Promote(); err != nil {
			t.Fatal(err)
		}
		worst = max(worst, r.flow("the standby was promoted"))
		<-time.After(500 * time.Millisecond)
		stop()
		r.settle()
		r.generation(r.any())
		if t.Failed() {
			t.FailNow()
		}
	}
	r.within(worst, "the promotion")
	r.end()
}
