package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/social/bluesky/blueskytest"
)

// TestStoryOnBluesky is the whole program and the official server of the AT
// Protocol: a mention is answered in its thread; the answer is lost on its way
// and still is one; the server dies in the middle, and 200 mentions are written
// while we are away.
func TestStoryOnBluesky(t *testing.T) {
	t.Parallel()
	server := blueskytest.Start(t)
	between := blueskytest.NewLossy(t, server.URL)
	shop := server.Person("parcelco.test")
	h := newHouse(t)
	dir := t.TempDir()
	book, config := filepath.Join(dir, "book.yaml"), filepath.Join(dir, "advocate.yaml")
	for path, text := range map[string]string{
		filepath.Join(dir, "password"): shop.Password,
		book:                           "playbook: story\nrules:\n  - name: answer\n    on: post\n    do:\n      - reply: {template: answer, visibility: public}\ntemplates:\n  answer:\n    en: We are looking into it.\n",
		config: fmt.Sprintf("playbook: %s\npolicy: {max_replies: 1000, max_replies_hour: 1000}\nnetworks:\n  bluesky:\n    - {handle: parcelco.test, app_password: {file: %s}, service: %q, mode: firehose, firehose: %q, allow_private: true}\n",
			book, filepath.Join(dir, "password"), between.URL, strings.Replace(server.URL, "http", "ws", 1)),
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	h.args = []string{"--config", config}
	p := h.start()
	token := h.token("story", "admin")

	ana := server.Person("ana.test")
	answers := func(uri string) (n int) {
		for _, r := range server.List(shop.DID) {
			if r.Reply != nil && r.Reply.Parent.URI == uri {
				n++
			}
		}
		return n
	}
	between.Lose.Store(1)
	began := time.Now()
	hello := ana.Write("@parcelco.test where is my order?", shop, nil)
	eventually(t, "the mention is answered", func() bool { return answers(hello.URI) > 0 })
	t.Logf("answered on the network after %v, the answer lost", time.Since(began).Round(time.Millisecond))
	p.client(token).rest()
	if n := answers(hello.URI); n != 1 || between.Wrote.Load() < 2 {
		t.Errorf("%d answers of %d attempts; want one of at least two", n, between.Wrote.Load())
	}

	server.Kill()
	server.Begin()
	again := ana.Write("@parcelco.test are you there?", shop, nil)
	eventually(t, "the mention after the restart is answered", func() bool { return answers(again.URI) > 0 })

	if code := p.stop(); code != 0 {
		t.Errorf("exit %d", code)
	}
	people := make([]*blueskytest.Person, 10)
	for i := range people {
		people[i] = server.Person(fmt.Sprintf("customer%d.test", i))
	}
	want := map[string]string{} // who wrote it
	for i := range 200 {
		who := people[i%len(people)]
		want[who.Write(fmt.Sprintf("@parcelco.test number %d", i), shop, nil).URI] = who.DID
		if i == 100 {
			server.Kill()
			server.Begin()
		}
	}
	p = h.start()
	c := p.client(token)
	heard := map[string]int{}
	eventually(t, "all mentions are heard", func() bool {
		clear(heard)
		for _, found := range list[customer](c, "/v1/customers") {
			for _, e := range list[entry](c, "/v1/customers/"+found.ID+"/history") {
				if e.Kind == "post" && want[e.Ref] != "" {
					heard[e.Ref]++
				}
			}
		}
		return len(heard) == len(want)
	})
	c.rest()
	for uri, times := range heard {
		if times != 1 {
			t.Errorf("%s was heard %d times", uri, times)
		}
	}
	parents := map[string]int{}
	eventually(t, "each of them is answered", func() bool {
		clear(parents)
		answered := map[string]bool{}
		for _, r := range server.List(shop.DID) {
			parents[r.Reply.Parent.URI]++
			if who := want[r.Reply.Parent.URI]; who != "" {
				answered[who] = true
			}
		}
		return len(answered) == len(people)
	})
	for uri, times := range parents {
		if times > 1 {
			t.Errorf("%s was answered %d times", uri, times)
		}
	}
	t.Logf("%d answers", len(parents))
}
