package knowledge

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/goccy/go-yaml"

	"github.com/contact-advocate/advocate/internal/domain"
)

// Limits on a folder.
const (
	MaxArticles    = 2000
	MaxArticleSize = 256 << 10 // bytes
	maxFolderSize  = 64 << 20  // bytes in all
	maxTitle       = 300       // bytes
	maxTags        = 50
)

// article is one file. Public false keeps it from being told to anybody.
type article struct {
	id    string   // its path in the folder without ".md"
	Title string   `yaml:"title"`
	URL   string   `yaml:"url"`
	Lang  string   `yaml:"lang"`
	Tags  []string `yaml:"tags"`
	// Public says whether customers may be told it; true unless it says no.
	Public *bool `yaml:"public"`

	sentences []sentence // of its text, headings left out where there is more
	headings  []string   // those that are not the title
}

// sentence is what an excerpt is made of.
type sentence struct {
	text  string
	words []string // stems
}

// text is all that the article says under its title.
func (a *article) text() string {
	var b strings.Builder
	for _, h := range a.headings {
		b.WriteString(h + "\n")
	}
	for _, s := range a.sentences {
		b.WriteString(s.text + "\n")
	}
	return b.String()
}

// file is an article's file as the folder shows it.
type file struct {
	path string // in the folder, with "/"
	size int64
	time time.Time
}

var errTooMany = fmt.Errorf("the folder has more than %d articles", MaxArticles)

// list finds the articles of a folder, by path. Hidden files are left out.
func list(dir string) ([]file, error) {
	root, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return nil, err
	}
	var out []file
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if path == root {
			if !d.IsDir() {
				return fmt.Errorf("%s is not a folder", dir)
			}
			return nil
		}
		if strings.HasPrefix(d.Name(), ".") {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if d.IsDir() || !strings.EqualFold(filepath.Ext(path), ".md") {
			return nil
		}
		info, err := os.Stat(path) // mounted configuration is made of links
		if err != nil || !info.Mode().IsRegular() {
			return nil // gone again, or nothing that can be read
		}
		if len(out) == MaxArticles {
			return errTooMany
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		out = append(out, file{filepath.ToSlash(rel), info.Size(), info.ModTime()})
		return nil
	})
	slices.SortFunc(out, func(a, b file) int { return strings.Compare(a.path, b.path) })
	return out, err
}

// load reads the articles. problems say which could not be, and why.
func load(dir string, files []file) (articles []article, problems []error) {
	left := int64(maxFolderSize)
	for _, f := range files {
		path := filepath.Join(dir, filepath.FromSlash(f.path))
		b, err := readFile(path)
		if err == nil {
			if left -= int64(len(b)); left < 0 {
				problems = append(problems, fmt.Errorf("%s: the folder holds more than %d MiB; this article and those after it are left out", path, maxFolderSize>>20))
				return articles, problems
			}
			var a article
			if a, err = parse(path, b); err == nil {
				a.id = strings.TrimSuffix(f.path, filepath.Ext(f.path))
				articles = append(articles, a)
				continue
			}
		}
		problems = append(problems, err)
	}
	return articles, problems
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, MaxArticleSize+1))
	if err == nil && len(b) > MaxArticleSize {
		err = fmt.Errorf("%s: the article is larger than %d KiB", path, MaxArticleSize>>10)
	}
	return b, err
}

// parse reads front matter between two lines of "---", and the text.
func parse(path string, b []byte) (article, error) {
	var a article
	b = bytes.ReplaceAll(bytes.TrimPrefix(b, []byte("\ufeff")), []byte("\r\n"), []byte("\n"))
	if !utf8.Valid(b) {
		return a, fmt.Errorf("%s: the article is not UTF-8", path)
	}
	text := string(b)
	if rest, ok := strings.CutPrefix(text, "---\n"); ok {
		front, body, ok := cutFront(rest)
		if !ok {
			return a, fmt.Errorf("%s:1: the front matter has no end; want a second line of \"---\"", path)
		}
		if err := unmarshalFront(path, front, &a); err != nil {
			return a, err
		}
		text = body
	}
	if a.Title = strings.TrimSpace(a.Title); a.Title == "" {
		a.Title = heading(text)
	}
	a.read(domain.CleanText(text))
	a.Lang = strings.ToLower(strings.TrimSpace(a.Lang))
	return a, a.check(path)
}

func cutFront(rest string) (front, body string, ok bool) {
	if body, ok := strings.CutPrefix(rest, "---\n"); ok {
		return "", body, true
	}
	if front, body, ok = strings.Cut(rest, "\n---\n"); ok {
		return front, body, true
	}
	front, ok = strings.CutSuffix(strings.TrimRight(rest, " \n"), "\n---")
	return front, "", ok
}

func unmarshalFront(path, front string, a *article) error {
	err := yaml.UnmarshalWithOptions([]byte(front), a, yaml.Strict())
	if err == nil || errors.Is(err, io.EOF) { // EOF: there is nothing in it
		return nil
	}
	line, msg := 1, err.Error()
	var at yaml.Error
	if errors.As(err, &at) {
		msg = at.GetMessage()
		if t := at.GetToken(); t != nil && t.Position != nil {
			line = t.Position.Line + 1 // the first "---" is a line too
		}
	}
	return fmt.Errorf("%s:%d: %.200s; the front matter may have title, url, lang, tags and public", path, line, msg)
}

func (a *article) check(path string) error {
	switch {
	case a.Title == "":
		return fmt.Errorf("%s: the article has no title; want \"title:\" in its front matter, or a first heading", path)
	case len(a.Title) > maxTitle:
		return fmt.Errorf("%s: title: is %d bytes long; at most %d are accepted", path, len(a.Title), maxTitle)
	case a.URL != "" && !strings.HasPrefix(a.URL, "https://") && !strings.HasPrefix(a.URL, "http://") || len(a.URL) > 2000:
		return fmt.Errorf("%s: url: is %.80q; want one that starts with https://", path, a.URL)
	case len(a.Tags) > maxTags:
		return fmt.Errorf("%s: tags: there are %d; at most %d are accepted", path, len(a.Tags), maxTags)
	case strings.Trim(a.Lang, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || len(a.Lang) > 35:
		return fmt.Errorf("%s: lang: is %.40q; want a language such as en or pt-BR", path, a.Lang)
	case len(a.sentences) == 0:
		return fmt.Errorf("%s: the article has no text", path)
	}
	return nil
}

func heading(text string) string {
	for line := range strings.Lines(text) {
		if head, ok := strings.CutPrefix(strings.TrimSpace(line), "#"); ok {
			return strings.TrimSpace(strings.Trim(head, "# \t"))
		}
	}
	return ""
}

var (
	comments = regexp.MustCompile(`(?s)<!--.*?-->`)
	images   = regexp.MustCompile(`!\[([^\]\n]*)\]\([^)\n]*\)`)
	links    = regexp.MustCompile(`\[([^\]\n]*)\]\([^)\n]*\)`)
	tags     = regexp.MustCompile(`</?[a-zA-Z][^<>\n]*>`)
	marks    = regexp.MustCompile("(?m)^[ \t]*(#{1,6}[ \t]+|>[ \t]?|[-*+][ \t]+|```.*$|---+$|===+$)")
	emphasis = regexp.MustCompile("[*_]{1,3}([^*_\n]+)[*_]{1,3}|`([^`\n]+)`")
)

// read takes a text apart into headings and sentences, without the marks of
// Markdown, since a message has no use for them. It is for reading and
// searching, not a renderer.
func (a *article) read(text string) {
	text = comments.ReplaceAllString(text, " ")
	var para []string
	end := func() {
		for _, s := range sentencesOf(strings.Join(strings.Fields(strings.Join(para, " ")), " ")) {
			a.sentences = append(a.sentences, sentence{s, stems(s, maxWords)})
		}
		para = para[:0]
	}
	title := plainWords(a.Title)
	for line := range strings.Lines(text) {
		mark := strings.TrimSpace(marks.FindString(line))
		plain := strings.TrimSpace(plainLine(line))
		switch {
		case strings.HasPrefix(mark, "#"):
			end()
			if plain != "" && plainWords(plain) != title {
				a.headings = append(a.headings, plain)
			}
			continue
		case mark != "" && mark != ">", plain == "":
			end() // a list's point, a line across, the end of a paragraph
		}
		if plain != "" {
			para = append(para, plain)
		}
	}
	end()
	if len(a.sentences) == 0 {
		for _, h := range a.headings {
			a.sentences = append(a.sentences, sentence{h, stems(h, maxWords)})
		}
		a.headings = nil
	}
}

func plainLine(s string) string {
	s = images.ReplaceAllString(s, "$1")
	s = links.ReplaceAllString(s, "$1")
	s = tags.ReplaceAllString(s, " ")
	s = marks.ReplaceAllString(s, "")
	return emphasis.ReplaceAllString(s, "$1$2")
}

// sentencesOf cuts a paragraph behind ".", "!", "?" and their kin where a
// space and no small letter or digit follows.
func sentencesOf(s string) (out []string) {
	from := 0
	for i := 0; i+1 < len(s); i++ {
		if s[i+1] != ' ' || !strings.ContainsRune(".!?:)\"", rune(s[i])) {
			continue
		}
		if s[i] == ':' || (s[i] == ')' || s[i] == '"') && (i == 0 || !strings.ContainsRune(".!?", rune(s[i-1]))) {
			continue
		}
		if next, _ := utf8.DecodeRuneInString(s[i+2:]); unicode.IsLower(next) || unicode.IsDigit(next) && s[i] == '.' {
			continue // "approx. five", "No. 5"
		}
		out = append(out, s[from:i+1])
		from = i + 2
	}
	if from < len(s) {
		out = append(out, s[from:])
	}
	return out
}
