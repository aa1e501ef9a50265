package understand

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/contact-advocate/advocate/internal/domain"
)

// Report says how well an [Understander] read labelled posts.
type Report struct {
	Posts          int
	Intent         Ratio
	PerIntent      []IntentScore // in the order of domain.Intents
	NeedsAgent     Ratio
	AgentPrecision Ratio
	AgentRecall    Ratio
	Sentiment      Ratio
	RefPrecision   Ratio // references found that are the labelled one
	RefRecall      Ratio // labelled references found
	RefExact       Ratio // posts whose first reference, or its absence, is as labelled
	Reliability    []Bin // of the intent's confidence, in tenths
	AgentBins      []Bin // of the needs-agent confidence
	Mistakes       []Mistake
}

// Ratio counts how many of a number were right.
type Ratio struct{ Right, Of int }

// Value is the ratio as a number; 0 of 0 is 0.
func (r Ratio) Value() float64 {
	if r.Of == 0 {
		return 0
	}
	return float64(r.Right) / float64(r.Of)
}

func (r *Ratio) count(right bool) {
	r.Of++
	if right {
		r.Right++
	}
}

// IntentScore is one intent's precision and recall.
type IntentScore struct {
	Intent            domain.Intent
	Precision, Recall Ratio
}

// Bin holds the findings whose confidence lies in one tenth.
type Bin struct {
	Sum   float64 // of the confidences
	Right Ratio
}

// Mistake is a post that was read differently from its label.
type Mistake struct {
	ID, Text string
	Want     Label
	Got      domain.Understanding
	Intent   bool // the intent differs
	Agent    bool
	Feeling  bool // the sentiment differs
	Ref      bool
}

// Label is one line of a labelled file. A post without a needs_agent,
// sentiment or order_ref field is not counted there.
type Label struct {
	ID         string           `json:"id"`
	Text       string           `json:"text"`
	Intent     domain.Intent    `json:"intent"`
	NeedsAgent *bool            `json:"needs_agent"`
	Sentiment  domain.Sentiment `json:"sentiment"`
	OrderRef   *string          `json:"order_ref"`
	Lang       string           `json:"lang"`
}

// maxLabelLine bounds one line of a labelled file.
const maxLabelLine = 1 << 20

// F1 is the harmonic mean of precision and recall of needs-agent.
func (rep *Report) F1() float64 {
	p, q := rep.AgentPrecision.Value(), rep.AgentRecall.Value()
	if p+q == 0 {
		return 0
	}
	return 2 * p * q / (p + q)
}

// Evaluate reads labelled posts, one JSON object a line, and compares. The
// error names the line at fault.
func Evaluate(u Understander, r io.Reader) (Report, error) {
	rep := Report{Reliability: make([]Bin, 10), AgentBins: make([]Bin, 10)}
	for _, i := range domain.Intents {
		rep.PerIntent = append(rep.PerIntent, IntentScore{Intent: i})
	}
	sc := bufio.NewScanner(r)
	sc.Buffer(make([]byte, 0, 1<<16), maxLabelLine)
	for line := 1; sc.Scan(); line++ {
		if strings.TrimSpace(sc.Text()) == "" {
			continue
		}
		var l Label
		if err := json.Unmarshal(sc.Bytes(), &l); err != nil {
			return rep, fmt.Errorf("line %d: %w; a JSON object with text and intent is accepted", line, err)
		}
		if !knownIntent(l.Intent) {
			return rep, fmt.Errorf("line %d: intent %q is unknown; accepted: %v", line, l.Intent, domain.Intents)
		}
		rep.compare(l, u.Understand(l.Text, ""))
	}
	if err := sc.Err(); err != nil {
		if errors.Is(err, bufio.ErrTooLong) {
			return rep, fmt.Errorf("a line is longer than %d bytes", maxLabelLine)
		}
		return rep, err
	}
	return rep, nil
}

func knownIntent(i domain.Intent) bool {
	for _, k := range domain.Intents {
		if k == i {
			return true
		}
	}
	return false
}

func (rep *Report) compare(l Label, u domain.Understanding) {
	rep.Posts++
	m := Mistake{ID: l.ID, Text: l.Text, Want: l, Got: u}
	right := u.Intent == l.Intent
	m.Intent = !right
	rep.Intent.count(right)
	rep.Reliability[binOf(u.IntentConfidence)].add(u.IntentConfidence, right)
	for i := range rep.PerIntent {
		s := &rep.PerIntent[i]
		if u.Intent == s.Intent {
			s.Precision.count(right)
		}
		if l.Intent == s.Intent {
			s.Recall.count(right)
		}
	}
	if l.NeedsAgent != nil {
		ok := u.NeedsAgent == *l.NeedsAgent
		m.Agent = !ok
		rep.NeedsAgent.count(ok)
		rep.AgentBins[binOf(u.NeedsAgentConfidence)].add(u.NeedsAgentConfidence, ok)
		if u.NeedsAgent {
			rep.AgentPrecision.count(ok)
		}
		if *l.NeedsAgent {
			rep.AgentRecall.count(ok)
		}
	}
	if l.Sentiment != "" {
		m.Feeling = u.Sentiment != l.Sentiment
		rep.Sentiment.count(!m.Feeling)
	}
	m.Ref = rep.compareRef(l, &u)
	if m.Intent || m.Agent || m.Feeling || m.Ref {
		rep.Mistakes = append(rep.Mistakes, m)
	}
}

// compareRef counts references; a tracking number is one too. It reports a
// mistake.
func (rep *Report) compareRef(l Label, u *domain.Understanding) bool {
	found := append(append(u.Values(domain.EntityOrder), u.Values(domain.EntityTracking)...), u.Values(domain.EntityOther)...)
	want := ""
	if l.OrderRef != nil {
		want = domain.FoldRef(*l.OrderRef)
	}
	hit := false
	for _, f := range found {
		hit = hit || f == want
	}
	if want != "" {
		rep.RefRecall.count(hit)
	}
	// A post has one label but may name several references: when the labelled
	// one is among those found, the others are not held against it.
	if len(found) > 0 {
		rep.RefPrecision.count(hit)
	}
	exact := want == "" && len(found) == 0 || want != "" && hit
	rep.RefExact.count(exact)
	return !exact
}

func binOf(c float64) int { return max(0, min(9, int(c*10))) }

func (b *Bin) add(c float64, right bool) {
	b.Sum += c
	b.Right.count(right)
}

// String is the report as a table.
func (rep Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "posts %d\n", rep.Posts)
	row := func(name string, x Ratio) {
		fmt.Fprintf(&b, "%-24s %.3f  (%d of %d)\n", name, x.Value(), x.Right, x.Of)
	}
	row("intent accuracy", rep.Intent)
	row("needs_agent accuracy", rep.NeedsAgent)
	fmt.Fprintf(&b, "%-24s %.3f\n", "needs_agent F1", rep.F1())
	row("sentiment accuracy", rep.Sentiment)
	row("order_ref precision", rep.RefPrecision)
	row("order_ref recall", rep.RefRecall)
	row("order_ref exact", rep.RefExact)
	fmt.Fprintf(&b, "\n%-20s %9s %9s\n", "intent", "precision", "recall")
	for _, s := range rep.PerIntent {
		fmt.Fprintf(&b, "%-20s %5.2f/%-3d %5.2f/%-3d\n", s.Intent, s.Precision.Value(), s.Precision.Of, s.Recall.Value(), s.Recall.Of)
	}
	bins := func(name string, bins []Bin) {
		fmt.Fprintf(&b, "\n%-12s %6s %10s %7s\n", name, "posts", "confidence", "right")
		for i, x := range bins {
			if x.Right.Of > 0 {
				fmt.Fprintf(&b, "%.1f–%.1f      %6d %10.2f %7.2f\n", float64(i)/10, float64(i+1)/10, x.Right.Of, x.Sum/float64(x.Right.Of), x.Right.Value())
			}
		}
	}
	bins("intent", rep.Reliability)
	bins("needs_agent", rep.AgentBins)
	return b.String()
}
