package playbook

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/domain"
)

// TestProblems compares what is reported for every kind of mistake with the
// .want file beside it. UPDATE=1 writes them anew, to be read before they are
// committed.
func TestProblems(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/problems/*.yaml")
	if err != nil || len(files) < 30 {
		t.Fatalf("found %d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, err = Compile(filepath.Base(file), src, domain.DefaultPolicy())
			if err == nil {
				t.Fatal("compiled without a problem")
			}
			got := err.Error() + "\n"
			golden := strings.TrimSuffix(file, ".yaml") + ".want"
			if os.Getenv("UPDATE") != "" {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

// TestProblemsNameTheWord: who shows a mistake in an editor marks the word that
// is wrong, and puts the one that was meant in its place, without reading the
// message. The word stands in the file as it is named.
func TestProblemsNameTheWord(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/problems/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[ProblemKind]bool{}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, err = Compile(filepath.Base(file), src, domain.DefaultPolicy())
		var found Problems
		if !errors.As(err, &found) {
			t.Fatalf("%s: %v", file, err)
		}
		for _, p := range found {
			kinds[p.Kind] = true
			switch {
			case p.DidYouMean != "" && p.Found == "":
				t.Errorf("%s: what %s stands for is not named", p, p.DidYouMean)
			case !strings.Contains(string(src), p.Found):
				t.Errorf("%s: %q stands nowhere", p, p.Found)
			case p.Found != "" && p.DidYouMean == p.Found:
				t.Errorf("%s: that is what stands there", p)
			}
		}
	}
	for _, k := range []ProblemKind{ProblemFile, ProblemWord, ProblemExpression, ProblemRule} {
		if !kinds[k] {
			t.Errorf("no mistake is of the kind %s", k)
		}
	}
	if len(kinds) != 4 {
		t.Errorf("kinds %v", kinds)
	}
}
