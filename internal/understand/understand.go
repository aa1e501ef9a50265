package understand

import (
	"fmt"
	"regexp"
	"sync"

	"github.com/contact-advocate/advocate/internal/domain"
)

// Understander reads one post's text. langHint is the language that the
// network or the author claims (BCP 47) or "". Implementations are pure,
// deterministic, total and safe for concurrent use.
type Understander interface {
	Understand(text, langHint string) domain.Understanding
}

var _ Understander = (*Rules)(nil)

// Options adapt the rules to a company.
type Options struct {
	// PhoneRegion is where a phone number without a country code is dialled,
	// as an ISO 3166 code. Default "US".
	PhoneRegion string
	// OrderPatterns are extra regular expressions (RE2) for the company's own
	// references. The first group, or else the whole match, is the reference.
	OrderPatterns []string
}

// maxOrderPatterns bounds what each post is searched for.
const maxOrderPatterns = 32

// Rules is the built-in reader. It is immutable and safe for concurrent use.
type Rules struct {
	region   string
	patterns []*regexp.Regexp
	lex      *lexicon
	scratch  sync.Pool // of *reading
}

// modelName changes when the same text may be read differently.
const modelName = "rules/5"

// New builds the built-in reader. The error names the option at fault.
func New(opts Options) (*Rules, error) {
	r := &Rules{region: opts.PhoneRegion, lex: builtin()}
	if r.region == "" {
		r.region = "US"
	}
	if !knownRegion(r.region) {
		return nil, fmt.Errorf("phone region %q: not a country code; use two capital letters as in ISO 3166, such as US or GB", r.region)
	}
	if n := len(opts.OrderPatterns); n > maxOrderPatterns {
		return nil, fmt.Errorf("order patterns: %d given, at most %d are accepted", n, maxOrderPatterns)
	}
	for i, p := range opts.OrderPatterns {
		re, err := regexp.Compile(p)
		if err != nil {
			return nil, fmt.Errorf("order pattern %d %q: %w; RE2 syntax is accepted", i+1, p, err)
		}
		if re.MatchString("") {
			return nil, fmt.Errorf("order pattern %d %q: matches empty text, so it would find a reference in every post", i+1, p)
		}
		r.patterns = append(r.patterns, re)
	}
	r.scratch.New = func() any { return new(reading) }
	return r, nil
}

// Understand implements [Understander]. Text past [domain.MaxPostText] is
// not read.
func (r *Rules) Understand(text, langHint string) domain.Understanding {
	text = domain.Cut(text, domain.MaxPostText)
	rd := r.scratch.Get().(*reading)
	defer r.scratch.Put(rd)
	rd.reset(r, text)
	rd.tokenize()
	lang, langConf := rd.language(langHint)
	rd.lang = lang
	rd.lex.scan(rd)
	rd.applyMatches()
	rd.findEntities()

	u := domain.Understanding{Model: modelName, Lang: lang, LangConfidence: round2(langConf)}
	u.Entities = rd.takeEntities()
	rd.signals(&u)
	rd.judge(&u)
	return u
}

// reading is the scratch space of one post; nothing of it outlives the call
// but what is copied into the result.
type reading struct {
	rules    *Rules
	lex      *lexicon
	text     string
	norm     []byte
	toks     []token
	syms     []int32
	langs    uint16 // lexicons that may speak
	matches  []match
	marks    []uint8
	open     []openPhrase
	next     []openPhrase
	ents     []domain.Entity
	ev       evidence
	shape    shape
	leadingM int // mentions before the first word
	mentions int
	form     float64 // how plainly it asks for information, by its grammar
	support  bool    // speaks to an account that calls itself help or support
	lang     string
}

func (rd *reading) reset(r *Rules, text string) {
	rd.rules, rd.lex, rd.text = r, r.lex, text
	rd.norm, rd.toks, rd.syms = rd.norm[:0], rd.toks[:0], rd.syms[:0]
	rd.matches, rd.marks = rd.matches[:0], rd.marks[:0]
	rd.open, rd.next, rd.ents = rd.open[:0], rd.next[:0], nil
	rd.ev, rd.shape = evidence{}, shape{}
	rd.leadingM, rd.mentions, rd.langs, rd.form, rd.support = 0, 0, 0, 0, false
}
