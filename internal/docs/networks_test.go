package docs

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/social/bluesky"
	"github.com/contact-advocate/advocate/internal/social/bridge"
	"github.com/contact-advocate/advocate/internal/social/mastodon"
	"github.com/contact-advocate/advocate/internal/social/meta"
	"github.com/contact-advocate/advocate/internal/social/x"
)

// connectors are the networks' pages and what is configured there.
var connectors = map[string]reflect.Type{
	"docs/networks/mastodon.md": reflect.TypeFor[mastodon.Config](),
	"docs/networks/bluesky.md":  reflect.TypeFor[bluesky.Config](),
	"docs/networks/x.md":        reflect.TypeFor[x.Config](),
	"docs/networks/meta.md":     reflect.TypeFor[meta.Config](),
	"docs/networks/webhook.md":  reflect.TypeFor[bridge.Config](),
}

func read(t *testing.T, name string) string {
	t.Helper()
	src, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(src)
}

// keysOf lists what an operator may write in a configuration.
func keysOf(config reflect.Type) (keys []string) {
	for i := range config.NumField() {
		if key, _, _ := strings.Cut(config.Field(i).Tag.Get("yaml"), ","); key != "-" {
			keys = append(keys, key)
		}
	}
	return keys
}

var quoted = regexp.MustCompile("`([^`]+)`")

// TestNetworkPagesNameEveryKey: each key of a connector's configuration is
// told of on its page, and the table of keys has no other. That what stands in
// an example is known is TestBlocks'.
func TestNetworkPagesNameEveryKey(t *testing.T) {
	t.Parallel()
	for name, config := range connectors {
		page, keys := read(t, name), keysOf(config)
		if len(keys) < 10 {
			t.Fatalf("%s: only the keys %v are seen", name, keys)
		}
		for _, key := range keys {
			if !regexp.MustCompile("`" + key + "`|(?m:^[ -]*" + key + ":)").MatchString(page) {
				t.Errorf("%s does not tell of the key %s", name, key)
			}
		}
		_, table, ok := strings.Cut(page, "\n| key | |\n|---|---|\n")
		if name == "docs/networks/webhook.md" {
			continue // its keys stand in the example and in sentences
		}
		table, _, _ = strings.Cut(table, "\n\n")
		if !ok || strings.Count(table, "\n") < 4 {
			t.Errorf("%s has no table of keys", name)
		}
		for row := range strings.Lines(table) {
			first, _, _ := strings.Cut(strings.TrimPrefix(row, "|"), "|")
			for _, q := range quoted.FindAllStringSubmatch(first, -1) {
				if !slices.Contains(keys, q[1]) {
					t.Errorf("%s has a row for %s, which is no key", name, q[1])
				}
			}
		}
	}
}

// networkPages are what operators read of networks.
func networkPages() []string {
	out := []string{"docs/networks.md"}
	for name := range connectors {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// TestNetworkPagesNameWhatThereIs: commands with their flags, paths of the API
// and metrics.
func TestNetworkPagesNameWhatThereIs(t *testing.T) {
	t.Parallel()
	reference, given := read(t, "docs/reference/commands.md"), metrics()
	var api struct {
		Paths map[string]any `json:"paths"`
	}
	if err := json.Unmarshal([]byte(read(t, "internal/httpapi/openapi.json")), &api); err != nil {
		t.Fatal(err)
	}
	commands, named := 0, map[string]bool{}
	for _, name := range networkPages() {
		page := read(t, name)
		for _, c := range regexp.MustCompile("(?m)(?:^ *|`)advocate ([a-z][^`#\n]*)").FindAllStringSubmatch(page, -1) {
			commands++
			if err := known(reference, strings.Fields(c[1])); err != "" {
				t.Errorf("%s: advocate %s: %s", name, c[1], err)
			}
		}
		for _, path := range regexp.MustCompile("[^a-z](/v1/[a-z/-]+)").FindAllStringSubmatch(page, -1) { // not the networks' own
			if api.Paths[path[1]] == nil {
				t.Errorf("%s names %s, which is no path", name, path[1])
			}
		}
		for _, metric := range regexp.MustCompile(`advocate_[a-z_]+`).FindAllString(page, -1) {
			if named[metric] = true; !given[metric] {
				t.Errorf("%s names %s, which is no metric", name, metric)
			}
		}
	}
	for metric := range given {
		if strings.HasPrefix(metric, "advocate_network_") && !named[metric] {
			t.Errorf("no page of networks tells of %s", metric)
		}
	}
	if commands < 15 {
		t.Errorf("only %d commands seen", commands)
	}
}

// known says what is wrong with a command by the reference, "" for nothing.
func known(reference string, words []string) string {
	section := ""
	for n := min(3, len(words)); n > 0 && section == ""; n-- {
		_, rest, _ := strings.Cut(reference, "\n## advocate "+strings.Join(words[:n], " ")+"\n")
		section, _, _ = strings.Cut(rest, "\n## ")
	}
	if section == "" && words[0] != "connect" { // which has no section of its own
		return "there is no such command"
	}
	for _, w := range words {
		if flag, ok := strings.CutPrefix(w, "--"); ok && !strings.Contains(section, "`--"+flag+" ") && !strings.Contains(section, "`--"+flag+"`") {
			return "it has no flag --" + flag
		}
	}
	return ""
}
