package said

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestConsoleSaysEverySentence compares the sentences with the console's texts
// in each language: none is missing, none is left over, and each is filled
// with what the server fills it with; of what fills a problem it may leave out
// what says nothing to people, such as an id.
func TestConsoleSaysEverySentence(t *testing.T) {
	t.Parallel()
	hole := regexp.MustCompile(`\{\{(\w+)\}\}`)
	for _, lang := range []struct {
		code  string
		forms []string
	}{{"en", []string{"_one", "_other"}}, {"es", []string{"_one", "_many", "_other"}}} {
		texts := map[string]string{}
		for _, file := range []string{"said.json", "problems.json"} {
			raw, err := os.ReadFile(filepath.Join("..", "..", "web", "src", "i18n", lang.code, file))
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(raw, &texts); err != nil {
				t.Fatal(err)
			}
		}
		for _, s := range all {
			want := slices.Sorted(slices.Values(s.names()))
			for _, form := range s.formsIn(lang.forms) {
				text, ok := texts[s.code+form]
				delete(texts, s.code+form)
				if !ok || strings.TrimSpace(text) == "" {
					t.Errorf("%s has no text for %s%s", lang.code, s.code, form)
					continue
				}
				var got []string
				for _, m := range hole.FindAllStringSubmatch(text, -1) {
					got = append(got, m[1])
				}
				if slices.Contains(problems, s) {
					want = slices.DeleteFunc(slices.Clone(want), func(name string) bool { return !slices.Contains(got, name) })
				}
				slices.Sort(got)
				if !slices.Equal(got, want) && !(form == "_one" && slices.Equal(append(got, "count"), want)) {
					t.Errorf("%s %s%s is filled with %v, want %v", lang.code, s.code, form, got, want)
				}
			}
		}
		for code := range texts {
			t.Errorf("%s has a text for %s, which nobody says", lang.code, code)
		}
	}
}

// formsIn are the endings of a sentence's keys: a number that is counted asks
// for the language's plural forms.
func (s *Sentence) formsIn(plurals []string) []string {
	for _, p := range s.pieces {
		if p.many != "" {
			return plurals
		}
	}
	return []string{""}
}

// TestSentencesAreApart: no code stands for two, and what one sentence makes is
// read as that one and no other.
func TestSentencesAreApart(t *testing.T) {
	t.Parallel()
	samples := map[string]string{"count": "3", "due": "2026-11-24T10:00:00Z", "type": "order.delayed", "item": "wi-1-2", "span": "48h0m0s"}
	seen := map[string]bool{}
	for _, s := range all {
		if seen[s.code] {
			t.Errorf("%s is declared twice", s.code)
		}
		seen[s.code] = true
	}
	for _, s := range append(slices.Clone(filled), slices.Collect(maps.Values(plain))...) {
		var values []string
		for _, name := range s.names() {
			if v, ok := samples[name]; ok {
				values = append(values, v)
			} else {
				values = append(values, "word")
			}
		}
		text := s.Text(values...)
		if got := Of(text); len(got) != 1 || got[0].Code != s.code {
			t.Errorf("%q of %s is read as %+v", text, s.code, got)
		}
	}
}
