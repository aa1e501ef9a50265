package said

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2/validation"
)

// TestProblemsAreWhatIsSaid: an error's text is written where the error is. The
// form by which it is recognized is that text, letter by letter: one that is
// changed in one of the two places would be English in every language.
func TestProblemsAreWhatIsSaid(t *testing.T) {
	t.Parallel()
	texts := sourceTexts(t)
	for _, m := range []string{
		validation.MsgExpectedMinLength, validation.MsgExpectedMaxLength, validation.MsgExpectedMinimumNumber, validation.MsgExpectedMaximumNumber,
		validation.MsgExpectedOneOf, validation.MsgUnexpectedProperty, validation.MsgExpectedRequiredProperty, validation.MsgExpectedRFC3339DateTime,
	} {
		texts[verb.ReplaceAllString(m, "…")] = true
	}
	for _, s := range problems {
		var form strings.Builder
		for _, p := range s.pieces {
			if p.name == "" {
				form.WriteString(p.literal)
			} else {
				form.WriteString("…")
			}
		}
		if !texts[form.String()] {
			t.Errorf("%s: no error says %q", s.code, form.String())
		}
	}
}

var (
	verb   = regexp.MustCompile(`%[-+# 0]*\d*(?:\.\d+)?[a-zA-Z]`)
	quoted = regexp.MustCompile(`%(?:\.\d+)?q`)
)

// sourceTexts are all texts in the program's sources, with an ellipsis where
// something is filled in.
func sourceTexts(t *testing.T) map[string]bool {
	out := map[string]bool{}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasPrefix(path, filepath.Join("..", "said")) {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil // somebody is at it; the compiler says so
		}
		constants := constantsOf(file)
		ast.Inspect(file, func(n ast.Node) bool {
			if e, ok := n.(ast.Expr); ok {
				if text := firstText(e, constants); text != "" {
					for _, q := range []string{`"…"`, `'…'`} { // %q of a text and of a letter
						out[verb.ReplaceAllString(quoted.ReplaceAllString(text, q), "…")] = true
					}
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestProblemsAreKnownAgain(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"ana is the last administrator; make somebody else one first":    "err_last_admin",
		`is "x\"y"; want an address such as ana@example.com`:             "err_email",
		"is too short; want at least 10 characters: a few words will do": "err_password_short",
		"the work item is ana's":                                         "err_item_held",
		"is required":                                                    "err_needed",
		"the playbook's author says: is required":                        "",
	} {
		code := ""
		if got := Problem(text); got != nil {
			code = got[0].Code
		}
		if code != want {
			t.Errorf("%q is %q, want %q", text, code, want)
		}
	}
}
