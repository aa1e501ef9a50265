package mastodon

import (
	"regexp"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
)

// maxHTML is the most of a post's HTML that is read.
const maxHTML = 256 << 10

// ourMark stands for a mention of us until it is known where it is: at the
// beginning it is left out, elsewhere it is words. No text has it in it.
const ourMark = "\x00"

// plain makes plain text of a post's HTML: paragraphs and lines stay, links are
// written out, mentions of us at the beginning are left out. Custom emojis are
// :names: in the HTML already. It reads tokens one by one, so that no nesting
// costs anything.
func plain(content string, me us, mentions []mention) string {
	if len(content) > maxHTML {
		content = content[:maxHTML]
	}
	w := writer{me: me, mentions: mentions}
	z := html.NewTokenizer(strings.NewReader(content))
	for w.out.Len() <= domain.MaxPostText && w.shown.Len() <= domain.MaxPostText { // more is not kept
		switch z.Next() {
		case html.ErrorToken:
			w.endLink()
			return w.finish()
		case html.TextToken:
			w.words(string(z.Text()))
		case html.StartTagToken, html.SelfClosingTagToken:
			w.start(z.Token())
		case html.EndTagToken:
			w.end(z.Token())
		}
	}
	w.endLink()
	return w.finish()
}

type writer struct {
	me       us
	mentions []mention
	out      strings.Builder
	skip     int // within elements whose text nobody sees

	inLink bool
	href   string
	shown  strings.Builder // the link's own text
}

func (w *writer) words(s string) {
	if w.skip > 0 {
		return
	}
	s = s[:min(len(s), 2*domain.MaxPostText)]
	s = strings.Map(func(r rune) rune {
		switch r {
		case 0:
			return -1
		case '\n', '\r', '\t':
			return ' ' // white space of the source; lines are <br> and <p>
		}
		return r
	}, domain.CleanText(s))
	if w.inLink {
		w.shown.WriteString(s)
	} else {
		w.out.WriteString(s)
	}
}

func (w *writer) start(t html.Token) {
	switch t.DataAtom {
	case atom.Script, atom.Style, atom.Title, atom.Textarea, atom.Iframe, atom.Noscript, atom.Template:
		if t.Type == html.StartTagToken {
			w.skip++
		}
	case atom.Br:
		w.gap("\n")
	case atom.P, atom.Div, atom.Blockquote, atom.Pre, atom.Ul, atom.Ol, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		w.gap("\n\n")
	case atom.Li:
		w.gap("\n- ")
	case atom.Img:
		w.words(attribute(t, "alt"))
	case atom.A:
		w.endLink()
		w.inLink, w.href = true, attribute(t, "href")
	}
}

func (w *writer) end(t html.Token) {
	switch t.DataAtom {
	case atom.Script, atom.Style, atom.Title, atom.Textarea, atom.Iframe, atom.Noscript, atom.Template:
		w.skip = max(0, w.skip-1)
	case atom.P, atom.Div, atom.Blockquote, atom.Pre, atom.Ul, atom.Ol, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		w.gap("\n\n")
	case atom.A:
		w.endLink()
	}
}

func (w *writer) gap(s string) {
	if w.inLink {
		w.shown.WriteString(" ")
		return
	}
	w.out.WriteString(s)
}

// endLink writes a link as what it leads to: Mastodon shows it shortened.
func (w *writer) endLink() {
	if !w.inLink {
		return
	}
	shown := strings.TrimSpace(w.shown.String())
	w.inLink = false
	w.shown.Reset()
	href := link(text(w.href))
	switch {
	case w.mentionsUs(href, shown):
		w.out.WriteString(ourMark)
	case strings.HasPrefix(shown, "@"):
		w.out.WriteString(w.address(href, shown))
	case href == "" || strings.HasPrefix(shown, "#"):
		w.out.WriteString(shown)
	case shown == "" || strings.Contains(shown, "://") || strings.HasPrefix(strings.TrimPrefix(href, "https://"), strings.TrimSuffix(shown, "…")):
		w.out.WriteString(href)
	default:
		w.out.WriteString(shown + " (" + href + ")")
	}
}

// mentionsUs knows us by our address, in whichever form the other server wrote
// it, or by our name together with our host.
func (w *writer) mentionsUs(href, shown string) bool {
	if href == "" || w.me.id == "" {
		return false
	}
	for _, m := range w.mentions {
		if string(m.ID) == w.me.id && href == string(m.URL) {
			return true
		}
	}
	if href == w.me.url {
		return true
	}
	user, host, full := strings.Cut(strings.TrimPrefix(shown, "@"), "@")
	return strings.HasPrefix(shown, "@") && strings.EqualFold(user, w.me.username) && (full && strings.EqualFold(host, w.me.domain) || !full && social.HostOf(href) == social.HostOf(w.me.url))
}

// address is another's mention with the host, which the text leaves out.
func (w *writer) address(href, shown string) string {
	for _, m := range w.mentions {
		if href != "" && href == string(m.URL) {
			if h := handle(string(m.Acct), w.me.domain); h != "" {
				return "@" + h
			}
		}
	}
	return shown
}

var (
	blanks    = regexp.MustCompile(`[ \x{00a0}]*\n[ \x{00a0}]*`)
	manyLines = regexp.MustCompile(`\n{3,}`)
	manyBlank = regexp.MustCompile(` {2,}`)
	// leading is the run of mentions that a reply begins with.
	leading = regexp.MustCompile(`^(?:\s*(?:\x00|@[\pL\pN_.@:-]*[\pL\pN_]))+[\s,:]*`)
)

func (w *writer) finish() string {
	s := blanks.ReplaceAllString(w.out.String(), "\n")
	s = manyBlank.ReplaceAllString(manyLines.ReplaceAllString(s, "\n\n"), " ")
	s = strings.TrimSpace(s)
	if w.me.username != "" {
		s = w.unaddressed(s)
		s = strings.ReplaceAll(s, ourMark, "@"+w.me.username)
	}
	return strings.TrimSpace(s)
}

// unaddressed takes us out of the mentions at the beginning; the others stay.
func (w *writer) unaddressed(s string) string {
	run := leading.FindString(s)
	if run == "" {
		return s
	}
	var others []string
	for _, m := range strings.Fields(strings.ReplaceAll(run, ourMark, " "+ourMark+" ")) {
		bare := strings.Trim(m, ",:")
		if bare == "" || bare == ourMark || strings.EqualFold(bare, "@"+w.me.username) || strings.EqualFold(bare, "@"+w.me.username+"@"+w.me.domain) {
			continue
		}
		others = append(others, m)
	}
	rest := s[len(run):]
	if len(others) == 0 {
		return rest
	}
	return strings.Join(others, " ") + " " + rest
}

func attribute(t html.Token, name string) string {
	for _, a := range t.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
