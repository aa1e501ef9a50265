package knowledge

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/ext/fts5"
)

// index is a full-text index of articles that customers may be told. It is
// not safe for concurrent use.
type index struct {
	articles []article // rowid is the place in here, from 1
	conn     *sqlite3.Conn
	find     *sqlite3.Stmt
	excerpt  *sqlite3.Stmt
}

func newIndex(all []article) (*index, error) {
	x := &index{}
	for _, a := range all {
		if a.Public == nil || *a.Public {
			x.articles = append(x.articles, a)
		}
	}
	if err := x.build(); err != nil {
		x.close()
		return nil, err
	}
	return x, nil
}

func (x *index) build() (err error) {
	if x.conn, err = sqlite3.Open(":memory:"); err != nil {
		return err
	}
	if err := fts5.Register(x.conn); err != nil {
		return err
	}
	// porter finds "delivered" by "delivery" in English and leaves most words
	// of other languages alone; accents do not count.
	err = x.conn.Exec(`CREATE VIRTUAL TABLE article USING fts5(title, tags, body, tokenize = 'porter unicode61 remove_diacritics 2'); BEGIN`)
	if err != nil {
		return err
	}
	insert, _, err := x.conn.Prepare(`INSERT INTO article(rowid, title, tags, body) VALUES (?, ?, ?, ?)`)
	if err != nil {
		return err
	}
	defer insert.Close()
	for i, a := range x.articles {
		err := errors.Join(insert.BindInt(1, i+1), insert.BindText(2, a.Title), insert.BindText(3, strings.Join(a.Tags, " ")), insert.BindText(4, a.body))
		if err != nil {
			return err
		}
		if err := insert.Exec(); err != nil {
			return err
		}
	}
	if err := x.conn.Exec(`COMMIT`); err != nil {
		return err
	}
	if x.find, _, err = x.conn.Prepare(`SELECT rowid FROM article WHERE article MATCH ?`); err != nil {
		return err
	}
	x.excerpt, _, err = x.conn.Prepare(`SELECT snippet(article, 2, '', '', ' … ', 40) FROM article WHERE article MATCH ? AND rowid = ?`)
	return err
}

func (x *index) close() {
	if x != nil && x.conn != nil {
		_ = errors.Join(x.find.Close(), x.excerpt.Close(), x.conn.Close()) // memory only: nothing can be lost
		x.conn = nil
	}
}

// hit is an article that answers.
type hit struct {
	at    int // in articles
	score float64
	lang  int // 0 the asker's, 1 not said, 2 English, 3 another
}

// search returns the articles whose score is at least least, best first.
func (x *index) search(ctx context.Context, words []string, lang string, least float64) ([]hit, error) {
	if len(words) == 0 || len(x.articles) == 0 {
		return nil, nil
	}
	old := x.conn.SetInterrupt(ctx)
	defer x.conn.SetInterrupt(old)
	n := len(x.articles)
	weight := make([]float64, n)
	matched := make([]int, n)
	titled := make([]bool, n)
	total := 0.0
	for _, w := range words {
		anywhere, err := x.match(quote(w))
		if err != nil {
			return nil, err
		}
		rare := math.Log(1 + float64(n+1)/float64(len(anywhere)+1))
		if len(anywhere) == 0 {
			total += rare / 2 // a name, a number, a typo: it says less than what we know
			continue
		}
		total += rare
		heads, err := x.match("{title tags} : " + quote(w))
		if err != nil {
			return nil, err
		}
		for _, at := range anywhere {
			weight[at] += rare
			matched[at]++
		}
		for _, at := range heads {
			weight[at] += rare / 2
			titled[at] = true
		}
	}
	var hits []hit
	for at := range n {
		// One common word in a long question is chance, unless it is what the
		// article is called.
		if matched[at] == 0 || len(words) > 2 && matched[at] < 2 && !titled[at] {
			continue
		}
		if score := min(weight[at]/total, 1); score >= least {
			hits = append(hits, hit{at, math.Round(score*100) / 100, langRank(x.articles[at].Lang, lang)})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(a.lang, b.lang), cmp.Compare(b.score, a.score))
	})
	return hits, nil
}

// match returns the places of the articles that fit an FTS5 expression.
func (x *index) match(expr string) (out []int, err error) {
	defer func() { err = errors.Join(err, x.find.Reset()) }()
	if err := x.find.BindText(1, expr); err != nil {
		return nil, err
	}
	for x.find.Step() {
		if at := x.find.ColumnInt(0) - 1; at >= 0 && at < len(x.articles) {
			out = append(out, at)
		}
	}
	return out, x.find.Err()
}

// quoteAll finds an article by any of the words.
func quoteAll(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = quote(w)
	}
	return strings.Join(quoted, " OR ")
}

// quote makes a word an FTS5 string, in which nothing has a meaning.
func quote(w string) string { return `"` + strings.ReplaceAll(w, `"`, `""`) + `"` }

// passage returns the part of an article that fits the words best.
func (x *index) passage(at int, words []string) (text string, err error) {
	if len(words) > 0 {
		defer func() { err = errors.Join(err, x.excerpt.Reset()) }()
		if err := errors.Join(x.excerpt.BindText(1, quoteAll(words)), x.excerpt.BindInt(2, at+1)); err != nil {
			return "", err
		}
		if x.excerpt.Step() {
			text = strings.TrimSpace(x.excerpt.ColumnText(0))
		}
		if err := x.excerpt.Err(); err != nil {
			return "", err
		}
	}
	if text == "" {
		text = x.articles[at].body
	}
	return shorten(text, maxExcerpt), nil
}

// shorten cuts at the last space before n letters.
func shorten(s string, n int) string {
	runes := []rune(s[:min(len(s), 4*n+4)])
	if len(runes) <= n {
		return s
	}
	head := string(runes[:n])
	if i := strings.LastIndexByte(head, ' '); i > len(head)/2 {
		head = head[:i]
	}
	return head + " …"
}

func langRank(have, want string) int {
	base := func(s string) string { b, _, _ := strings.Cut(strings.ToLower(s), "-"); return b }
	switch {
	case have == "" || want == "":
		return 1
	case base(have) == base(want):
		return 0
	case base(have) == "en": // as messages fall back
		return 2
	}
	return 3
}

func indexError(err error) error {
	return fmt.Errorf("the index of articles: %w", err)
}
