package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/store"
)

// TestARefusedStartPublishesNothing: what the configuration says of the
// playbook counts only once all of it can be used.
func TestARefusedStartPublishesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	start := func(config string) (versions []store.PlaybookRow, err error) {
		path := filepath.Join(dir, "advocate.yaml")
		if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
			t.Fatal(err)
		}
		g := &globals{Config: path, Data: filepath.Join(dir, "data")}
		s, err := g.load()
		if err != nil {
			t.Fatal(err)
		}
		n, err := openNode(t.Context(), s, discardLog())
		if err == nil {
			defer n.close()
			if e := n.store.View(t.Context(), func(r store.Reader) (err error) {
				versions, err = r.PlaybookList(10)
				return err
			}); e != nil {
				t.Fatal(e)
			}
		}
		return versions, err
	}
	if err := os.WriteFile(filepath.Join(dir, "secret"), []byte(strings.Repeat("s", 40)), 0o600); err != nil {
		t.Fatal(err)
	}
	const first = "policy: {company: First}\n"
	if v, err := start(first); err != nil || len(v) != 1 {
		t.Fatal(v, err)
	}
	_, err := start(strings.Replace(first, "First", "Second", 1) + "sources: [{name: shop, scheme: token, secrets: [{file: " + filepath.Join(dir, "secret") + "}], map: '{'}]\n")
	if err == nil || !strings.Contains(err.Error(), "map") {
		t.Fatalf("the mistaken configuration gave %v", err)
	}
	if v, err := start(first); err != nil || len(v) != 1 {
		t.Errorf("the refused start left %d versions, %v", len(v), err)
	}
}
