package docs

import (
	"bufio"
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const root = "../.."

// page is one Markdown file with its fenced blocks.
type page struct {
	name   string // its path in the repository
	blocks []block
}

// block is one fenced block.
type block struct {
	line int      // of its first line of text
	lang string   // "yaml"
	info []string // the words behind it
	text string
}

func (b *block) is(lang, kind string) bool {
	return b.lang == lang && slices.Contains(b.info, kind)
}

// file is the name it is to be written to, "" for none.
func (b *block) file() string {
	for _, w := range b.info {
		if name, ok := strings.CutPrefix(w, "file="); ok {
			return name
		}
	}
	return ""
}

// pages reads README.md and everything under docs/ that people write.
func pages(t *testing.T) []page {
	t.Helper()
	names := []string{"README.md", "examples/README.md"}
	err := filepath.WalkDir(filepath.Join(root, "docs"), func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if rel = filepath.ToSlash(rel); !d.IsDir() && strings.HasSuffix(rel, ".md") && !strings.HasPrefix(rel, "docs/reference/") {
			names = append(names, rel)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var out []page
	for _, name := range names {
		src, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, page{name, blocksOf(t, name, src)})
	}
	return out
}

// blocksOf finds the fenced blocks of a page.
func blocksOf(t *testing.T, name string, src []byte) []block {
	t.Helper()
	var out []block
	var open *block
	fence := ""
	in := bufio.NewScanner(bytes.NewReader(src))
	in.Buffer(nil, 1<<20)
	for n := 1; in.Scan(); n++ {
		line := in.Text()
		ticks := line[:len(line)-len(strings.TrimLeft(line, "`"))]
		switch {
		case open == nil && len(ticks) >= 3:
			words := strings.Fields(line[len(ticks):])
			open, fence = &block{line: n + 1}, ticks
			if len(words) > 0 {
				open.lang, open.info = words[0], words[1:]
			}
		case open != nil && line == fence:
			out = append(out, *open)
			open = nil
		case open != nil:
			open.text += line + "\n"
		}
	}
	if err := in.Err(); err != nil {
		t.Fatal(err)
	}
	if open != nil {
		t.Fatalf("%s:%d: a block is not closed", name, open.line)
	}
	return out
}

// TestLinks: every relative link of a page leads somewhere.
func TestLinks(t *testing.T) {
	t.Parallel()
	for _, p := range pages(t) {
		src, err := os.ReadFile(filepath.Join(root, p.name))
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range strings.Split(string(src), "](")[1:] {
			target, _, _ := strings.Cut(part, ")")
			path, anchor, _ := strings.Cut(target, "#")
			if strings.Contains(target, "://") || strings.ContainsAny(target, " \n") {
				continue
			}
			file := filepath.Join(root, filepath.Dir(p.name), path)
			if path == "" {
				file = filepath.Join(root, p.name)
			}
			body, err := os.ReadFile(file)
			if st, serr := os.Stat(file); serr != nil {
				t.Errorf("%s links to %s, which is not there", p.name, target)
			} else if anchor != "" && !st.IsDir() && (err != nil || !hasHeading(body, anchor)) {
				t.Errorf("%s links to %s, which has no such heading", p.name, target)
			}
		}
	}
}

// hasHeading compares as web sites make anchors of headings.
func hasHeading(body []byte, anchor string) bool {
	for _, line := range strings.Split(string(body), "\n") {
		if !strings.HasPrefix(line, "#") {
			continue
		}
		title := strings.ToLower(strings.TrimSpace(strings.TrimLeft(line, "#")))
		title = strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-', r == '_':
				return r
			}
			return -1
		}, title)
		if title == anchor {
			return true
		}
	}
	return false
}

// TestWhatItNeeds: the README and getting started say what make run and make
// test need in the same words, and the Go of go.mod among it.
func TestWhatItNeeds(t *testing.T) {
	t.Parallel()
	read := func(name string) string {
		src, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(src)
	}
	line := func(page string) string {
		for l := range strings.SplitSeq(read(page), "\n") {
			if l, ok := strings.CutPrefix(l, "`make run` needs "); ok {
				said, _, _ := strings.Cut(l, " If port")
				return said
			}
		}
		t.Fatalf("%s does not say what make run needs", page)
		return ""
	}
	readme := line("README.md")
	if other := line("docs/getting-started.md"); other != readme {
		t.Errorf("README.md says\n%s\ngetting started says\n%s", readme, other)
	}
	_, version, _ := strings.Cut(read("go.mod"), "\ngo ")
	version, _, _ = strings.Cut(version, "\n")
	if !strings.HasPrefix(readme, "Go "+version+" or later") {
		t.Errorf("go.mod wants Go %s; the pages say: %s", version, readme)
	}
	for _, script := range []string{"scripts/postgres.sh", "scripts/chromium.sh"} {
		if strings.Contains(read(script), "apt-get") != strings.Contains(readme, "apt") {
			t.Errorf("%s and the pages differ in what installs", script)
		}
	}
	for _, said := range []string{"better-sqlite3", "C++ compiler", "official Bluesky server"} {
		if !strings.Contains(read("scripts/bluesky.sh"), said) || !strings.Contains(readme, said) {
			t.Errorf("scripts/bluesky.sh or the pages say nothing of the %s", said)
		}
	}
}
