package understand

import (
	"embed"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

//go:embed lexicon/*.txt
var lexiconFiles embed.FS

// lexiconLangs are the languages that are told apart by their words. The
// ones with phrases of their own come first.
var lexiconLangs = [...]string{"en", "es", "de", "fr", "pt", "it", "nl"}

// A lexicon file is lines of
//
//	stop: the and of …             words that give the language away
//	$order = order parcel packag*  a class of words
//	[order_status 2; topic:late]   what the phrases below are evidence for
//	where is my $order             a phrase
//	# a note
//
// In a phrase, "pack*" is a word that begins so, "a|b" either word, "a?" may
// be missing, "_" any one word, ".." up to three words, "^" and "$" the
// text's begin and end, <num>, <url>, <mention>, <email> such a token.
// Phrases do not cross the end of a sentence.
type lexicon struct {
	vocab   map[string]*vocabEntry
	stems   map[string][]int32
	stemLen map[[3]byte]uint32 // first bytes → lengths of stems that begin so
	classes map[string]int32
	nodes   []node
	root    []int32 // symbol → node
	rules   []rule
	nsym    int32
	made    map[[2]int32]int32 // edges while building
}

// vocabEntry is what is known of one exact word.
type vocabEntry struct {
	syms    []int32
	stop    uint16 // languages that have it as a stop word
	content uint16 // languages whose phrases use it
}

// Symbols that stand for kinds of tokens.
const (
	symNone int32 = iota
	symAny
	symBegin
	symEnd
	symNum
	symURL
	symMention
	symEmail
	symEmoji
	symFirstFree
)

var specialSymbols = map[string]int32{
	"_": symAny, "^": symBegin, "$": symEnd, "<num>": symNum, "<url>": symURL, "<mention>": symMention,
	"<email>": symEmail, "<emoji>": symEmoji,
}

// builtin compiles the embedded lexicons once. They are part of the program:
// a mistake in them is a bug, found by any test.
var builtin = sync.OnceValue(buildLexicon)

func buildLexicon() *lexicon {
	l := &lexicon{
		vocab: map[string]*vocabEntry{}, stems: map[string][]int32{}, stemLen: map[[3]byte]uint32{},
		classes: map[string]int32{}, nodes: make([]node, 1), nsym: symFirstFree, made: map[[2]int32]int32{},
	}
	for i, lang := range lexiconLangs {
		for _, part := range []string{"", "-topics", "-intents", "-harm", "-talk"} {
			name := "lexicon/" + lang + part + ".txt"
			data, err := lexiconFiles.ReadFile(name)
			if err != nil {
				continue
			}
			if err := l.read(name, string(data), lang, uint16(1)<<i); err != nil {
				panic("understand: " + err.Error())
			}
		}
	}
	l.finish()
	return l
}

func (l *lexicon) read(name, data, lang string, bit uint16) error {
	var cur rule
	for n, line := range strings.Split(data, "\n") {
		line = strings.TrimSpace(line)
		fail := func(err error) error { return fmt.Errorf("%s:%d: %w", name, n+1, err) }
		switch {
		case line == "" || strings.HasPrefix(line, "# "):
		case strings.HasPrefix(line, "stop:"):
			for _, w := range strings.Fields(line[5:]) {
				l.word(foldWord(w)).stop |= bit
			}
		case strings.HasPrefix(line, "[") && strings.HasSuffix(line, "]"):
			r, err := parseHeader(line[1 : len(line)-1])
			if err != nil {
				return fail(err)
			}
			r.lang = bit
			cur = r
		case strings.HasPrefix(line, "$") && strings.Contains(line, "="):
			cls, words, _ := strings.Cut(line, "=")
			l.class(lang+strings.TrimSpace(cls), strings.Fields(words), bit)
		default:
			if cur.effects == nil {
				return fail(fmt.Errorf("phrase %q before any [header]", line))
			}
			if err := l.phrase(line, lang, bit, cur); err != nil {
				return fail(err)
			}
		}
	}
	return nil
}

func (l *lexicon) word(w string) *vocabEntry {
	e := l.vocab[w]
	if e == nil {
		e = &vocabEntry{}
		l.vocab[w] = e
	}
	return e
}

// symbol returns the symbol of a word or stem, making it when new.
func (l *lexicon) symbol(w, lang string, bit uint16) (int32, error) {
	if s, ok := specialSymbols[w]; ok {
		return s, nil
	}
	if strings.HasPrefix(w, "$") {
		s, ok := l.classes[lang+w]
		if !ok {
			return 0, fmt.Errorf("class %s is not defined above", w)
		}
		return s, nil
	}
	if stem, ok := strings.CutSuffix(w, "*"); ok {
		stem = foldWord(stem)
		if len(stem) < 3 || len(stem) > 31 {
			return 0, fmt.Errorf("stem %q: 3 to 31 letters are accepted", w)
		}
		if s := l.stems[stem]; len(s) > 0 {
			return s[0], nil
		}
		l.nsym++
		l.stems[stem] = []int32{l.nsym}
		l.stemLen[[3]byte([]byte(stem[:3]))] |= 1 << len(stem)
		return l.nsym, nil
	}
	f := foldWord(w)
	if f == "" {
		return 0, fmt.Errorf("word %q has no letters", w)
	}
	e := l.word(f)
	e.content |= bit
	if len(e.syms) == 0 {
		l.nsym++
		e.syms = []int32{l.nsym}
	}
	return e.syms[0], nil
}

func (l *lexicon) class(name string, words []string, bit uint16) {
	l.nsym++
	id := l.nsym
	l.classes[name] = id
	for _, w := range words {
		if _, err := l.symbol(w, "", bit); err != nil {
			panic("understand: class " + name + ": " + err.Error())
		}
		if stem, ok := strings.CutSuffix(w, "*"); ok {
			stem = foldWord(stem)
			l.stems[stem] = append(l.stems[stem], id)
		} else {
			e := l.word(foldWord(w))
			e.syms = append(e.syms, id)
		}
	}
}

// foldWord folds a lexicon's word as texts are folded.
func foldWord(w string) string {
	var b []byte
	for _, r := range w {
		if isApostrophe(r) {
			continue
		}
		if f, drop := foldRune(r); !drop {
			b = utf8.AppendRune(b, f)
		}
	}
	return string(b)
}

// maxPhraseForms is how many plain phrases a written phrase is spelled out
// into. Above it, its lists of words become classes: a class costs every text
// that has one of its words, a spelled-out phrase costs memory once.
const maxPhraseForms = 48

func (l *lexicon) phrase(line, lang string, bit uint16, r rule) error {
	r.pattern = line
	l.rules = append(l.rules, r)
	id := int32(len(l.rules) - 1)
	forms, err := l.forms(line, lang, bit)
	if err != nil {
		return err
	}
	for _, f := range forms {
		at := int32(0)
		for _, w := range f {
			if w == ".." {
				at = l.gapFrom(at)
				continue
			}
			sym, err := l.symbol(w, lang, bit)
			if err != nil {
				return err
			}
			at = l.step(at, sym)
		}
		if at == 0 {
			return fmt.Errorf("phrase %q may be empty", line)
		}
		l.nodes[at].out = append(l.nodes[at].out, id)
	}
	return nil
}

// forms spells a phrase out.
func (l *lexicon) forms(line, lang string, bit uint16) ([][]string, error) {
	words := strings.Fields(line)
	total := 1
	for _, w := range words {
		total *= strings.Count(w, "|") + 1 + strings.Count(w, "?")
	}
	forms := [][]string{nil}
	for _, w := range words {
		var alts []string
		if opt, ok := strings.CutSuffix(w, "?"); ok && opt != "" {
			w = opt
			alts = append(alts, "")
		}
		list := strings.Split(w, "|")
		if total > maxPhraseForms && len(list) > 1 {
			list = l.fold(list, lang, bit)
		}
		alts = append(alts, list...)
		grown := make([][]string, 0, len(forms)*len(alts))
		for _, f := range forms {
			for _, a := range alts {
				g := slices.Clone(f)
				if a != "" {
					g = append(g, a)
				}
				grown = append(grown, g)
			}
		}
		if forms = grown; len(forms) > 16*maxPhraseForms {
			return nil, fmt.Errorf("phrase %q stands for more than %d phrases", line, 16*maxPhraseForms)
		}
	}
	return forms, nil
}

// fold makes one class of the plain words of a list.
func (l *lexicon) fold(list []string, lang string, bit uint16) []string {
	var plain, out []string
	for _, w := range list {
		if _, special := specialSymbols[w]; special || strings.HasPrefix(w, "$") {
			out = append(out, w)
		} else {
			plain = append(plain, w)
		}
	}
	if len(plain) == 0 {
		return out
	}
	name := "$" + strings.Join(plain, "|")
	if _, ok := l.classes[lang+name]; !ok {
		l.class(lang+name, plain, bit)
	}
	return append(out, name)
}
