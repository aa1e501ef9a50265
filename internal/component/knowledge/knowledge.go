package knowledge

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/contact-advocate/advocate/internal/component"
	"github.com/contact-advocate/advocate/internal/domain"
)

// Defaults.
const (
	DefaultPoll     = 2 * time.Second
	DefaultMinScore = 0.3
	maxExcerpt      = 350 // letters; a playbook's values may have 400
	maxProblems     = 50  // kept
)

// Config of a folder of articles.
type Config struct {
	Dir      string           `json:"dir" yaml:"dir"`
	Poll     time.Duration    `json:"poll,omitempty" yaml:"poll,omitempty"`           // how often the folder is looked at; only when something is asked
	MinScore float64          `json:"min_score,omitempty" yaml:"min_score,omitempty"` // from 0 to 1
	Now      func() time.Time `json:"-" yaml:"-"`
}

// Answer is the data of a knowledge answer: the best article, and how many
// fit.
type Answer struct {
	Title   string  `json:"title"`
	URL     string  `json:"url,omitempty"`
	Excerpt string  `json:"excerpt"`
	Lang    string  `json:"lang,omitempty"`
	Score   float64 `json:"score"` // 0 to 1: how much of the question the article answers; 1 when its title was asked
	Count   int     `json:"count"`
}

// Knowledge is the component. It is safe for concurrent use; questions take
// turns.
type Knowledge struct {
	config Config
	turn   chan struct{} // holds one token; guards what follows
	index  *index
	files  []file
	looked time.Time
	closed bool

	mu       sync.Mutex
	problems []error
}

var _ component.Component = (*Knowledge)(nil)

// Open reads a folder. Articles that cannot be read do not fail it: they are
// Problems.
func Open(c Config) (*Knowledge, error) {
	if c.Poll == 0 {
		c.Poll = DefaultPoll
	}
	if c.MinScore == 0 {
		c.MinScore = DefaultMinScore
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Poll < 0 || c.MinScore < 0 || c.MinScore > 1 {
		return nil, fmt.Errorf("knowledge: poll is %v and min_score %v; want no negative time and a score from 0 to 1", c.Poll, c.MinScore)
	}
	k := &Knowledge{config: c, turn: make(chan struct{}, 1)}
	files, err := list(c.Dir)
	if err != nil {
		return nil, fmt.Errorf("knowledge: %w", err)
	}
	k.reload(files)
	k.looked = c.Now()
	k.turn <- struct{}{}
	return k, nil
}

// Check reads a folder and returns what is wrong with it.
func Check(dir string) []error {
	files, err := list(dir)
	if err != nil {
		return []error{fmt.Errorf("knowledge: %w", err)}
	}
	_, problems := load(dir, files)
	return problems
}

// Name is "knowledge".
func (k *Knowledge) Name() string { return "knowledge" }

// Problems returns what was wrong with the folder when it was last read.
func (k *Knowledge) Problems() []error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.problems)
}

func (k *Knowledge) setProblems(list []error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.problems = list[:min(len(list), maxProblems)]
}

// Close waits for the question under way and lets go of the index. Questions
// after it are errors; a second call does nothing.
func (k *Knowledge) Close() error {
	<-k.turn
	defer func() { k.turn <- struct{}{} }()
	k.closed = true
	k.index = nil
	return nil
}

// Ask finds the article that answers Query best; with an ID instead, the
// article of that name (its path in the folder, without ".md").
func (k *Knowledge) Ask(ctx context.Context, q domain.Lookup, asker component.Asker) (domain.ComponentAnswer, error) {
	ans := domain.ComponentAnswer{Lookup: q}
	late := func() error {
		return &component.Error{Retry: true, Safe: "knowledge: was not asked in time", Cause: context.Cause(ctx)}
	}
	if ctx.Err() != nil {
		return ans, late()
	}
	select {
	case <-k.turn:
		defer func() { k.turn <- struct{}{} }()
	case <-ctx.Done():
		return ans, late()
	}
	if k.closed {
		return ans, &component.Error{Safe: "knowledge: is closed"}
	}
	k.refresh()
	lang := q.Lang
	if lang == "" {
		lang = asker.Lang
	}
	found := k.answer(q, lang)
	if found == nil {
		return ans, nil
	}
	var err error
	if ans.Data, err = json.Marshal(found); err != nil {
		return domain.ComponentAnswer{Lookup: q}, &component.Error{Safe: "knowledge: the answer could not be written", Cause: err}
	}
	ans.Found = true
	return ans, nil
}

func (k *Knowledge) answer(q domain.Lookup, lang string) *Answer {
	x := k.index
	question := ""
	best, count := hit{}, 0
	if id := strings.TrimSpace(q.ID); id != "" && strings.TrimSpace(q.Query) == "" {
		at := slices.IndexFunc(x.articles, func(a article) bool { return a.id == id })
		if at < 0 {
			return nil
		}
		best, count = hit{at: at, score: 1}, 1
	} else {
		question = domain.Cut(domain.CleanText(q.Query), maxQuestion)
		hits := x.search(question, lang, k.config.MinScore)
		if len(hits) == 0 {
			return nil
		}
		best, count = hits[0], len(hits)
	}
	a := x.articles[best.at]
	return &Answer{Title: a.Title, URL: a.URL, Excerpt: x.passage(best.at, question), Lang: a.Lang, Score: best.score, Count: count}
}

// refresh makes the index again if the folder changed. What cannot be read
// is a problem and leaves the last index in place.
func (k *Knowledge) refresh() {
	now := k.config.Now()
	if d := now.Sub(k.looked); d >= 0 && d < k.config.Poll {
		return
	}
	k.looked = now
	files, err := list(k.config.Dir)
	if err == nil && slices.EqualFunc(files, k.files, func(a, b file) bool {
		return a.path == b.path && a.size == b.size && a.time.Equal(b.time)
	}) {
		return
	}
	if err == nil {
		k.reload(files)
	} else {
		k.setProblems([]error{fmt.Errorf("knowledge: the articles as they were before are served: %w", err)})
		k.files = nil // look again, even if it changes back
	}
}

func (k *Knowledge) reload(files []file) {
	articles, problems := load(k.config.Dir, files)
	k.index, k.files = newIndex(articles), files
	k.setProblems(problems)
}
