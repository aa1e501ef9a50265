package docs

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/config"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/playbook"
	"github.com/contact-advocate/advocate/internal/scenario"
)

// kinds are the info strings that mean something, by language. A word that
// means nothing would leave a block unchecked without anybody noticing.
var kinds = map[string][]string{
	"yaml": {"playbook", "rules", "config", "scenario", "part"},
	"sh":   {"run", "serve", ""},
	"text": {"output", ""},
	"json": {"", "part"}, "jsonl": {""}, "csv": {""}, "md": {""}, "promql": {""}, "": {""},
}

// TestBlocks reads every block that says something about the product's files.
func TestBlocks(t *testing.T) {
	t.Parallel()
	counted := map[string]int{}
	for _, p := range pages(t) {
		var book []byte
		for i := range p.blocks {
			b := &p.blocks[i]
			at := fmt.Sprintf("%s:%d", p.name, b.line)
			kind, err := kindOf(b)
			if err != nil {
				t.Errorf("%s: %v", at, err)
				continue
			}
			if kind != "part" {
				err = check(t.Context(), at, b, kind, &book)
			}
			if err != nil {
				t.Errorf("%s: %v", at, err)
			}
			counted[b.lang+" "+kind]++
		}
	}
	for _, kind := range []string{"yaml playbook", "yaml rules", "yaml config", "yaml scenario", "sh run", "sh serve", "json "} {
		if counted[kind] == 0 {
			t.Errorf("no page has a block of %q: is the form still known?", kind)
		}
	}
}

func kindOf(b *block) (string, error) {
	known, ok := kinds[b.lang]
	if !ok {
		return "", fmt.Errorf("blocks of %q are not known", b.lang)
	}
	kind := ""
	for _, w := range b.info {
		if !strings.HasPrefix(w, "file=") {
			kind = w
		}
	}
	for _, k := range known {
		if k == kind {
			return kind, nil
		}
	}
	return "", fmt.Errorf("a block of %s is %q; want one of %q", b.lang, kind, known)
}

func check(ctx context.Context, at string, b *block, kind string, book *[]byte) error {
	switch b.lang + " " + kind {
	case "yaml playbook":
		if *book == nil {
			*book = []byte(b.text)
		}
		_, err := playbook.Compile(at, []byte(b.text), domain.DefaultPolicy())
		return err
	case "yaml rules":
		_, err := playbook.Compile(at, []byte("playbook: docs\nrules:\n"+b.text), domain.DefaultPolicy())
		return err
	case "yaml config":
		_, err := config.Parse(at, []byte(b.text), nil)
		return err
	case "yaml scenario":
		if *book == nil {
			return playScenarios(ctx, at, []byte(b.text), playbook.Default())
		}
		return playScenarios(ctx, at, []byte(b.text), *book)
	case "json ":
		if !json.Valid([]byte(b.text)) {
			return fmt.Errorf("is not valid JSON")
		}
	case "jsonl ":
		for i, line := range strings.Split(strings.TrimSpace(b.text), "\n") {
			if !json.Valid([]byte(line)) {
				return fmt.Errorf("line %d is not valid JSON", i+1)
			}
		}
	}
	return nil
}

func playScenarios(ctx context.Context, at string, src, book []byte) error {
	scenarios, err := playbook.ParseScenarios(at, src)
	if err != nil {
		return err
	}
	for _, sc := range scenarios {
		r := scenario.Run(ctx, scenario.Options{Name: at, Playbook: book, Policy: domain.DefaultPolicy()}, sc)
		if !r.Passed() {
			return fmt.Errorf("%s", r.String())
		}
	}
	return nil
}
