package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// withPlaybook runs the house on a playbook of its own.
func (h *house) withPlaybook(source string) *house {
	h.Helper()
	dir := h.TempDir()
	book, config := filepath.Join(dir, "book.yaml"), filepath.Join(dir, "advocate.yaml")
	for path, text := range map[string]string{book: source, config: "playbook: " + book + "\n"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			h.Fatal(err)
		}
	}
	h.args = []string{"--config", config}
	return h
}

// TestStopAndGoOn: SIGTERM lets what was taken be finished, and a timer that
// ran when the server stopped falls due after the next start.
func TestStopAndGoOn(t *testing.T) {
	t.Parallel()
	h := newHouse(t).withPlaybook(`
playbook: timers
rules:
  - name: now
    on: post
    do:
      - remind: {in: 8s, name: later}
      - reply: {text: "Now: {post.text}"}
  - name: later
    on: reminder.later
    do:
      - reply: {text: "Later."}
`)
	p := h.start()
	c := p.client(h.token("t", "admin"))
	c.post("ann", "private", "hello", "")
	c.await("ann", 1)

	// Posts come in until the door closes.
	var mu sync.Mutex
	taken := map[string]string{}
	var senders sync.WaitGroup
	started := make(chan struct{}, 1)
	for s := range 4 {
		senders.Go(func() {
			for i := 0; ; i++ {
				id := fmt.Sprintf("d%d-%d", s, i)
				a := c.send("POST", "/v1/posts", fmt.Sprintf(`{"network":"sandbox","id":%q,"author":{"id":"d%d"},"text":"post %s","visibility":"private"}`, id, s, id))
				if a.err != nil {
					return
				}
				if a.status == 202 {
					mu.Lock()
					taken[id] = read[struct {
						CustomerID string `json:"customer_id"`
					}](t, a).CustomerID
					mu.Unlock()
					select {
					case started <- struct{}{}:
					default:
					}
				}
			}
		})
	}
	<-started
	if code := p.stop(); code != 0 {
		t.Errorf("exit %d:\n%s", code, p.log)
	}
	senders.Wait()
	if log := p.log.String(); !strings.Contains(log, "stopped") || strings.Contains(log, "cut off") {
		t.Errorf("the stop was not clean:\n%s", log)
	}

	p = h.start()
	c.base = p.address
	if got := c.messages("ann"); len(got) != 1 {
		t.Logf("the machine is slow: the reminder came before the stop: %q", got)
	}
	has(t, c.await("ann", 2), "Later.")
	c.rest()
	for s := range 4 {
		seen := map[string]int{}
		for id, customer := range taken {
			if !strings.HasPrefix(id, fmt.Sprintf("d%d-", s)) {
				continue
			}
			if len(seen) == 0 {
				for _, r := range list[record](c, "/v1/customers/"+customer+"/decisions") {
					for _, in := range r.Inputs {
						if in.Post != nil {
							seen[in.Post.ID]++
						}
					}
				}
			}
			if seen[id] != 1 {
				t.Errorf("%s was acknowledged and decided %d times", id, seen[id])
			}
		}
	}
}

func TestOneServerPerDirectory(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := h.start()
	out, errs, code := h.try("", "serve", "--listen", "127.0.0.1:0")
	if code != 1 || !strings.Contains(errs, "is in use by another process") || !strings.Contains(errs, "--data") {
		t.Errorf("a second server: exit %d\n%s%s", code, out, errs)
	}
	_, errs, code = (&house{T: t, dir: filepath.Join(t.TempDir(), "other")}).try("", "serve", "--listen", strings.TrimPrefix(p.address, "http://"))
	if code != 1 || !strings.Contains(errs, "cannot listen on") || !strings.Contains(errs, "--listen") {
		t.Errorf("a second server on one address: exit %d\n%s", code, errs)
	}
	p.client("").get("/readyz")
}

// TestBackupAndRestore: what waits to be sent when a backup is made is held
// after the restore, who was erased since stays erased, and the story goes on.
func TestBackupAndRestore(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.env = nil
	p := h.start("demo", "--no-traffic")
	c := p.client(h.token("t", "admin"))
	c.post("maria", "public", "@acme where is my order "+lateOrder+"? It should have been here two days ago", "")
	answer := c.await("maria", 1)
	c.post("kofi", "public", "@acme where is my order A-10235?", "")
	c.await("kofi", 1)
	c.do(200, "PUT", "/v1/switches", `{"scope":"network:sandbox","mode":"stopped"}`)
	c.event("e1", "order.delayed", lateOrder, `{"reason":"storm"}`)
	eventually(t, "the message waits", func() bool { return c.status().EffectsPending == 1 })
	maria, kofi := c.who("K-1001"), c.who("kofi")
	before := c.get("/v1/customers/" + maria.ID + "/history").body

	file := filepath.Join(t.TempDir(), "backup.db")
	h.run("", "backup", file)
	if _, _, code := h.try("", "backup", file); code == 0 {
		t.Error("a backup was overwritten")
	}
	h.run("", "customer", "erase", kofi.ID, "--yes")
	c.do(404, "GET", "/v1/customers/"+kofi.ID, "")
	if code := p.stop(); code != 0 {
		t.Errorf("exit %d", code)
	}

	fresh := &house{T: t, dir: filepath.Join(t.TempDir(), "restored")}
	out := fresh.run("", "restore", file, "--erasures", filepath.Join(h.dir, "erasures.log"))
	has(t, out, "1 customer erased again", "1 effect held")
	if _, errs, code := fresh.try("", "restore", file); code == 0 {
		t.Errorf("a restore over data: %s", errs)
	}
	p = fresh.start("demo", "--no-traffic")
	c.base = p.address // the tokens came along
	if after := c.get("/v1/customers/" + maria.ID + "/history").body; after != before {
		t.Errorf("the history was\n%s\nand is\n%s", before, after)
	}
	c.do(404, "GET", "/v1/customers/"+kofi.ID, "")
	c.do(200, "PUT", "/v1/switches", `{"scope":"network:sandbox","mode":"live"}`)
	c.rest()
	if got := c.messages("maria"); len(got) != 0 {
		t.Errorf("sent after the restore without a release: %q", got)
	}
	type effect struct {
		ID, State string
		Restored  bool
	}
	held := list[effect](c, "/v1/effects?state=held")
	if len(held) != 1 || !held[0].Restored {
		t.Fatalf("held: %+v", held)
	}
	c.do(204, "POST", "/v1/effects/"+held[0].ID+"/release", "")
	told := c.await("maria", 1)
	has(t, told, lateOrder, "delayed", "storm")
	if told == answer {
		t.Error("the first answer was sent again")
	}
	items := list[workItem](c, "/v1/work-items?customer="+maria.ID)
	if !slices.ContainsFunc(items, func(w workItem) bool { return w.Kind == "callback" && w.Number == lateNumber }) {
		t.Errorf("the call to make: %+v", items)
	}
	c.do(202, "POST", "/v1/events", fmt.Sprintf(`{"specversion":"1.0","id":"e1","source":"/shop","type":"order.delayed","orderid":%q,"data":{"reason":"storm"}}`, lateOrder), events)
	c.rest()
	c.await("maria", 1)
}
