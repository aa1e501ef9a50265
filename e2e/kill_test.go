package e2e

import (
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"
)

// The kill tests end the real process with SIGKILL at random moments, while it
// takes posts and events, while it decides, sends and starts, and hold every
// answer it ever gave against what it knows afterwards:
//
//   - what was answered 202 is decided, exactly once;
//   - what got no answer is sent again under the same id, and then decided
//     exactly once as well;
//   - an event reaches each subscriber exactly once;
//   - a customer's decisions follow each other without a gap, each made on
//     what the one before left;
//   - every effect has an id of its own and one outcome, and a message that
//     was sent stands on the network once.

const killPlaybook = `
playbook: kill
rules:
  - name: follow
    on: post
    when: customer.proven
    do:
      - subscribe: {to: "order.*", where: {customerid: customer.ref}, for: 30d}
      - subscribe: {to: "outage.*", where: {area: customer.tier}, for: 30d}
  - name: ask
    on: post
    when: post.text.contains("ask")
    do:
      - lookup: {component: orders}
  - name: answer
    on: post
    do:
      - reply: {text: "Read: {post.text}"}
  - name: tell
    on: ["order.*", "outage.*"]
    do:
      - reply: {text: "Heard: {event.id}"}
`

func TestKillShort(t *testing.T) {
	t.Parallel()
	if os.Getenv("ADVOCATE_SOAK") != "" {
		t.Skip("TestKill does more of the same")
	}
	newKillRun(t, 8).run()
}

// TestKill is the long run: 1,000 kills, or as many as ADVOCATE_KILLS says.
func TestKill(t *testing.T) {
	if os.Getenv("ADVOCATE_SOAK") == "" {
		t.Skip("set ADVOCATE_SOAK=1 (make soak) for 1,000 kills")
	}
	kills := 1000
	if n, err := strconv.Atoi(os.Getenv("ADVOCATE_KILLS")); err == nil && n > 0 {
		kills = n
	}
	newKillRun(t, kills).run()
}

const (
	killPeople     = 8  // of one generation
	killGeneration = 10 // kills, until others take over: histories stay readable
	killWorkers    = 4
)

// killRun is one run with what it knows to be true.
type killRun struct {
	*house
	rng    *rand.Rand // of the conductor; workers have their own
	seed   uint64
	kills  int
	token  string
	http   *http.Client
	people []*person
	gen    int

	mu      sync.Mutex
	next    int     // for ids
	unknown []*item // sent, and nobody said what became of it
	known   []*item // answered 202, lately
	count   struct{ acked, duplicates, resent, refused, records, messages, early int }
}

func newKillRun(t *testing.T, kills int) *killRun {
	h := newHouse(t)
	book := filepath.Join(t.TempDir(), "kill.yaml")
	if err := os.WriteFile(book, []byte(killPlaybook), 0o600); err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(t.TempDir(), "advocate.yaml")
	text := "playbook: " + book + "\nlog: {level: warn}\npolicy: {quiet_from: 0, quiet_to: 0, max_contacts: 100, max_replies: 1000, max_replies_hour: 1000}\n"
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	h.args = []string{"--config", config}
	seed := rand.Uint64()
	if s, err := strconv.ParseUint(os.Getenv("ADVOCATE_SEED"), 10, 64); err == nil {
		seed = s
	}
	t.Logf("the moments are drawn from ADVOCATE_SEED=%d", seed)
	return &killRun{house: h, seed: seed, rng: rand.New(rand.NewPCG(seed, 0)), kills: kills, http: &http.Client{Timeout: 30 * time.Second}}
}

// run kills so often, and looks at everything at the end once more.
func (k *killRun) run() {
	began := time.Now()
	p := k.start()
	k.token = k.house.token("load", "admin")
	// The timeline can be read from its second change on; this is its first.
	k.client(p).post("somebody", "public", "good morning", "")
	k.generation(p)
	for i := 1; i <= k.kills; i++ {
		k.load(p, i)
		p = k.restart(i)
		if i%killGeneration == 0 || k.kills < 50 || i == k.kills {
			n := k.count
			k.Logf("%4d kills (%d at the start), %d acknowledged, %d duplicates told, %d sent again, %d turned away, %d decisions, %d messages read, %v",
				i, n.early, n.acked, n.duplicates, n.resent, n.refused, n.records, n.messages, time.Since(began).Round(time.Second))
		}
		if k.Failed() {
			k.FailNow()
		}
		if i%killGeneration == 0 && i < k.kills {
			k.settle(p)
			k.generation(p)
		}
	}
	k.settle(p)
	if code := p.stop(); code != 0 {
		k.Errorf("exit %d:\n%s", code, p.log)
	}
}

// load lets the workers at a server and kills it at a random moment.
func (k *killRun) load(p *process, round int) {
	var workers sync.WaitGroup
	for w := range killWorkers {
		rng := rand.New(rand.NewPCG(k.seed, uint64(round*100+w+1)))
		workers.Go(func() { k.work(p, rng) })
	}
	<-time.After(time.Duration(k.rng.IntN(700)) * time.Millisecond)
	p.kill()
	workers.Wait()
}

// restart starts the server again, sometimes killing it before it is ready,
// and mostly looks at what it knows before the load goes on.
func (k *killRun) restart(round int) *process {
	for k.rng.IntN(6) == 0 {
		p, _ := k.launch()
		<-time.After(time.Duration(k.rng.IntN(400)) * time.Millisecond)
		p.kill()
		k.count.early++
	}
	p := k.start()
	if k.rng.IntN(3) > 0 || round == k.kills {
		k.check(p)
	}
	return p
}

// client speaks to a server with the run's own connections and token.
func (k *killRun) client(p *process) *client {
	return &client{T: k.T, base: p.address, token: k.token, http: k.http}
}
