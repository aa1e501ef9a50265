package said

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// met are the packages whose refusals people meet in the console.
var met = []string{"auth", "desk", "domain", "engine", "httpapi", "outbound", "report", "social/sandbox"}

// unmet are refusals that no page of the console can bring about, by why.
var unmet = map[string][]string{
	"the page shows its own sentence for their status": {
		"what the case is about has changed since it was read: it is ",
		" is there already: read it, and send its ETag as If-Match",
		" has changed since it was read; it is at version ",
		"somebody else is signed in by now; nothing was done",
		"the session or token that the stream was opened with has ended",
		"the stream was opened by somebody else",
		"people do not sign in on this server; it takes tokens alone",
		"no OpenID provider is configured; sign in at …",
		"the inside view is part of \"advocate demo\", on the machine it runs on",
	},
	"only programs write requests like that": {
		"begins or ends with a space",
		"this Idempotency-Key was used for another request; take a new one for each",
		"has a \";\" in the address; parameters are parted by \"&\", and a \";\" of a value is written %…",
		"is \"…\"; want some of …",
		"is \"…\"; want take, hand_back, reply, close, keep, complete, cancel, assign, offer, accept, reject, rescind, wrap, transfer, snooze, raise, expert, call, profile, consent, link, unlink, ignore, unignore, note or intent",
		"is …; want 0 to …",
		"is not written as addresses are: a \"%\" needs two hexadecimal digits behind it, and stands for itself as %25",
		"\"…\" is none of ours; leave it out to begin at the first page",
		"\"…\" is gone or none of ours; leave it out to begin at the first page",
		"\"…\" is not the id of an effect", "\"…\" is not the id of a case", "\"…\" is not the id of a work item", "\"…\" is not the id of a reservation",
		"\"…\" is no customer's id",
		"a page of another origin may not do this",
		"this call is about the account of a person who is signed in; a token has none",
		"this call asks for the …; the token was made for less than its role, …",
		"this call asks for the …; the token has the role …",
		"the array is empty; send at least one post", "the array has … posts; at most … are accepted",
		"is empty, and the post has no media and is no deletion",
		"the body is UTF-16; JSON must be UTF-8 (RFC 8259 §8.1)", "the body is empty; want a JSON object", "the body nests deeper than … values",
		"is …; want an object", "stands twice in one object; want each name once", "something follows the object", "is a JSON …; want …",
		"the body is not valid JSON at byte …: …", "the body is not valid JSON: it ends too early", "the body is not valid JSON",
		"is \"…\"; want a time such as 2026-01-31T12:00:00Z (RFC 3339)", "is …; want a time such as 2026-01-31T12:00:00Z (RFC 3339)",
		"holds U+FFFD, U+0000 or bytes that are not UTF-8, and could be mistaken for another; want it whole, in UTF-8",
		"is \"…\"; want the id of an event of this stream",
		"is \"…\"; want the ETag of an earlier answer, as in \"12\" with its quotes, or *",
		"is \"…\"; want the customer's id as it stands in the path",
		"is \"…\"; want all, network:<name> or rule:<name>",
		"is \"…\"; want \"all\", \"network:<name>\" or \"rule:<name>\"",
		"is \"…\"; want \"live\", \"approve\", \"shadow\", \"stopped\" or \"inherit\"",
		"is \"…\"; want \"public\" or \"private\"",
		"is \"…\"; want available, busy, break or offline",
		"is required: every command has an author",
		"needs a network and an author in each entry",
		"has a name of … bytes; at most … are accepted",
		"… is of another work item than …",
		"merging needs two customers, not … and …", "merge id \"…\": want what merging returned",
		"is older than what is known of this notice; the event changed nothing about it",
		"has the unknown word \"…\"", "names \"…\"; want small letters, digits, \"_\" and \"-\"",
		"names … handles; at most … are accepted",
		"is … letters long; want a language tag such as \"en\"",
		"customer id \"…\": want \"c\" and 13 letters or digits", "customer id \"…\": \"…\" is not one of …", "customer id \"…\" names nobody",
		"reservation id \"…\": want a work item's id, \"-r\" and a number",
		"is not valid JSON", "is …; at most … are accepted, so that emitted events end",
		"names the post itself",
	},
	"they come in by connectors, imports or the command line, or are met as the server starts": {
		"the event \"…\" of source \"…\" is known with another content",
		"… items at once; at most … are accepted",
		"no network listens at \"…\"", "the same account is connected as … already",
		"network \"…\" account \"…\" is configured twice", "the networks \"…\" and \"…\" both listen at \"…\"",
		"the reference \"…\" is customer …'s; merge the two if they are one person",
		"… rows for the audit log; at most … are taken at once",
		"skill \"…\": want a word of up to 64 bytes, with or without a level, as in \"orders:3\"", "skill \"…\": the level is not one of 1 to …",
		"is …; want …; it was passed over", "holds U+FFFD, U+0000 or bytes that are not UTF-8, and could be mistaken for another; it was passed over",
	},
}

// TestEveryRefusalHasASentence: each refusal that a person can meet in the
// console has a code, and so a text in each language, or it is written here why
// nobody meets it.
func TestEveryRefusalHasASentence(t *testing.T) {
	t.Parallel()
	allowed := map[string]bool{}
	for _, texts := range unmet {
		for _, text := range texts {
			allowed[text] = true
		}
	}
	used := map[string]bool{}
	for _, pkg := range met {
		for text, where := range refusals(t, filepath.Join("..", filepath.FromSlash(pkg))) {
			form := shape(text)
			used[form] = true
			if allowed[form] || !strings.ContainsFunc(form, isLetter) {
				continue
			}
			if !slices.ContainsFunc(fillers, func(with string) bool { return Problem(sample(text, with)) != nil }) {
				t.Errorf("%s: %q has no sentence in problem.go, and it is not written why nobody meets it", where, form)
			}
		}
	}
	for text := range allowed {
		if !used[text] {
			t.Errorf("%q is listed, and nothing says it any more", text)
		}
	}
}

func isLetter(r rune) bool { return r >= 'a' && r <= 'z' }

// refusers are what makes a refusal, with the argument that its text is.
var refusers = map[string]int{"Errorf": 1, "FieldErrorf": 1, "conditionProblem": 2}

// refusals are the texts of a package's refusals, each with its file.
func refusals(t *testing.T, dir string) map[string]string {
	out := map[string]string{}
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %v", dir, err)
	}
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		src, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, src, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		constants := constantsOf(file)
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			name, from := "", ""
			switch f := call.Fun.(type) {
			case *ast.Ident:
				name = f.Name
			case *ast.SelectorExpr:
				name = f.Sel.Name
				if x, ok := f.X.(*ast.Ident); ok {
					from = x.Name
				}
			}
			at, ok := refusers[name]
			if !ok || from != "" && from != "domain" || at >= len(call.Args) {
				return true
			}
			if text := firstText(call.Args[at], constants); text != "" {
				out[text] = path
			}
			return true
		})
	}
	return out
}

// firstText is a text, or what several and constants of the same file are when
// put together; "" where it is made elsewhere.
func firstText(e ast.Expr, constants map[string]string) string {
	switch x := e.(type) {
	case *ast.BinaryExpr:
		return firstText(x.X, constants) + firstText(x.Y, constants)
	case *ast.Ident:
		return constants[x.Name]
	case *ast.BasicLit:
		if text, err := strconv.Unquote(x.Value); err == nil {
			return text
		}
	}
	return ""
}

// constantsOf are a file's constants that are texts.
func constantsOf(file *ast.File) map[string]string {
	out := map[string]string{}
	for _, d := range file.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST {
			continue
		}
		for _, s := range g.Specs {
			v := s.(*ast.ValueSpec)
			for i, name := range v.Names {
				if i < len(v.Values) {
					out[name.Name] = firstText(v.Values[i], nil)
				}
			}
		}
	}
	return out
}

// shape is a text with an ellipsis where something is filled in.
func shape(text string) string {
	text = verb.ReplaceAllString(quoted.ReplaceAllString(text, `"…"`), "…")
	return strings.ReplaceAll(text, "%%", "%")
}

// fillers are what texts are filled with: a word, a time, a letter with its
// quotes.
var fillers = []string{"word", "2026-11-24T10:00:00Z", "'w'"}

// sample is a text that is filled with something.
func sample(text, with string) string {
	if strings.HasPrefix(with, "'") {
		text = quoted.ReplaceAllString(text, with)
	}
	text = quoted.ReplaceAllString(text, `"`+with+`"`)
	return verb.ReplaceAllStringFunc(text, func(v string) string {
		if strings.HasSuffix(v, "d") {
			return "3"
		}
		return with
	})
}

// TestRefusalsOfTheSandbox: what the advocate's side says of a post that it
// does not take is told in a sentence, with or without its field.
func TestRefusalsOfTheSandbox(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"text: has no visible letter": "err_post_empty",
		"the post \"sb-1\" is known with another content; an edit needs another revision": "err_post_text",
		DeliveryFailed.Text(): DeliveryFailed.code,
		"somebody's words":    "",
	} {
		got := ""
		if parts := Refusal(text); parts != nil {
			got = parts[0].Code
		}
		if got != want {
			t.Errorf("%q is told as %v, want %s", text, got, want)
		}
	}
}
