package playbook

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// Limits on scenario files.
const (
	maxScenarios     = 200
	maxScenarioSteps = 100
)

// Scenario is one story that a playbook is tested with: what is given, what
// happens, and what must come of it.
type Scenario struct {
	File  string
	Line  int
	Name  string
	Now   time.Time // when it begins; a Tuesday morning unless it says so
	Given Given
	When  []ScenarioStep
	Then  *Expect // at the end, over the whole scenario; may be nil
}

// ScenarioStep is one thing that happens; exactly one of its parts is set.
// Then is checked against what came of this step alone, once all effects are
// carried out and answered.
type ScenarioStep struct {
	Line     int
	Post     *ScenarioPost
	Event    *domain.Event
	Wait     time.Duration
	Complete *ScenarioCommand
	Take     *ScenarioCommand
	HandBack *ScenarioCommand
	Rated    *ScenarioRating
	Then     *Expect
}

// ScenarioPost is a post. From is a handle: the identity's that has it, else
// a stranger's. ReplyTo is the number of an earlier post of the scenario,
// from 1; 0 begins a conversation. Understood replaces findings of the text
// model, so that a scenario tests the playbook and not the model.
type ScenarioPost struct {
	From       string
	Network    string // "sandbox" unless it says so
	Text       string
	Private    bool
	ReplyTo    int
	Edits      int // the number of the post that this is a new version of
	At         time.Time
	Understood *ScenarioMeaning
}

// ScenarioMeaning are the findings to replace; nil and empty ones stay.
type ScenarioMeaning struct {
	Intent      domain.Intent
	Sentiment   domain.Sentiment
	Urgency     domain.Urgency
	Topics      []domain.Topic
	NeedsAgent  *bool
	Confidence  float64 // of intent and needs_agent; 0 stays
	WantsPerson *bool
	Stop        *bool
	Thanks      *bool
	General     *bool // general_question
	CallConsent domain.Answer
	Lang        string
}

// ScenarioCommand is what a person does: completes a work item (the newest
// open one, of Kind if given), takes the newest case or hands it back.
type ScenarioCommand struct {
	By          string
	Kind        domain.WorkItemKind
	Disposition string
	Note        string
	Promise     string        // with complete: what was promised on the phone,
	Within      time.Duration // and for how long ahead; a day
}

// Expect is what must have come of it. Each listed thing must be there;
// others may be, unless the No flags rule them out.
type Expect struct {
	Line          int
	Replies       []ExpectReply
	NoReplies     bool
	NoPublic      bool // no public replies
	WorkItems     []ExpectWorkItem
	NoWorkItems   bool
	Lookups       []string // components
	Subscriptions []ExpectSubscription
	Promises      []ExpectPromise
	NoPromises    bool
	Case          *ExpectCase // of the newest case
	SetAside      string      // the reason; "any"
}

// ExpectReply matches one reply; empty fields match anything. Contains and
// NotContains compare without regard to case.
type ExpectReply struct {
	Line        int
	Visibility  domain.Visibility
	Template    string
	Lang        string
	Contains    []string
	NotContains []string
}

// ExpectWorkItem matches one work item; empty fields match anything.
type ExpectWorkItem struct {
	Line     int
	Kind     domain.WorkItemKind
	Queue    string
	Priority int // at least
	State    domain.WorkItemState
}

// ExpectSubscription matches one subscription.
type ExpectSubscription struct {
	Line   int
	To     string
	Anchor string // "orderid=A-10234"
}

// ExpectPromise matches one promise; an empty state matches any.
type ExpectPromise struct {
	Line  int
	What  string
	State domain.PromiseState
}

// ExpectCase matches a case; what is empty or nil matches anything.
type ExpectCase struct {
	State      domain.CaseState
	Outcome    string
	Intent     domain.Intent
	HandedOver *bool
	Taken      *bool
	Asked      *bool // how it went
	Rating     *int  // the marks, 0 for none
}

// ScenarioStart is when a scenario begins that does not say so.
var ScenarioStart = time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)

// ParseScenarios reads a scenario file. The error, if any, is Problems.
func ParseScenarios(name string, src []byte) ([]Scenario, error) {
	r := &report{file: name}
	root := parseYAML(r, src)
	if root == nil {
		return nil, r.err()
	}
	s := &scenarioReader{r: r}
	out := s.file(root)
	return out, r.err()
}

type scenarioReader struct{ r *report }

func (s *scenarioReader) file(root *node) []Scenario {
	if !s.r.isMap(root, "the file") {
		return nil
	}
	s.r.keys(root, "a scenario file", "scenarios")
	n := root.get("scenarios")
	if n == nil || n.kind != listNode {
		s.r.at(root, `"scenarios:" and a list`, "", "the file has no scenarios")
		return nil
	}
	if len(n.items) > maxScenarios {
		s.r.at(n, fmt.Sprintf("at most %d", maxScenarios), "", "there are %d scenarios", len(n.items))
		return nil
	}
	var out []Scenario
	names := map[string]int{}
	for _, item := range n.items {
		if !s.r.isMap(item, "a scenario") {
			continue
		}
		sc := s.scenario(item)
		if line, twice := names[sc.Name]; twice {
			s.r.at(item, "a name of its own for each", "", "there are two scenarios named %q, the first in line %d", domain.Clip(sc.Name, 60), line)
		}
		names[sc.Name] = sc.Line
		out = append(out, sc)
	}
	return out
}

func (s *scenarioReader) scenario(n *node) Scenario {
	s.r.keys(n, "a scenario", "name", "now", "given", "when", "then")
	sc := Scenario{File: s.r.file, Line: n.line, Now: ScenarioStart}
	if sc.Name = s.text(n, "name"); sc.Name == "" {
		s.r.at(n, "name", "", "the scenario has no name")
	}
	if t := s.moment(n, "now"); !t.IsZero() {
		sc.Now = t
	}
	if g := n.get("given"); g != nil && g.kind != nullNode && s.r.isMap(g, "given") {
		sc.Given = s.given(g)
	}
	when := n.get("when")
	switch {
	case when == nil || when.kind != listNode || len(when.items) == 0:
		s.r.at(n, `"when:" and a list of steps`, "", "nothing happens in scenario %q", domain.Clip(sc.Name, 60))
	case len(when.items) > maxScenarioSteps:
		s.r.at(when, fmt.Sprintf("at most %d", maxScenarioSteps), "", "there are %d steps", len(when.items))
	default:
		posts, checked := 0, false
		for _, item := range when.items {
			step := s.step(item, &posts)
			checked = checked || step.Then != nil
			sc.When = append(sc.When, step)
		}
		if n.get("then") == nil && !checked {
			s.r.at(n, `"then:" after a step or at the end`, "", "scenario %q expects nothing", domain.Clip(sc.Name, 60))
		}
	}
	if t := n.get("then"); t != nil {
		sc.Then = s.expect(t)
	}
	return sc
}

func (s *scenarioReader) list(n *node, key string) []*node {
	v := n.get(key)
	if v == nil || v.kind == nullNode {
		return nil
	}
	if v.kind == mapNode || v.kind == scalarNode {
		return []*node{v}
	}
	return v.items
}

func (s *scenarioReader) event(n *node) *domain.Event {
	if !s.r.isMap(n, "an event") {
		return nil
	}
	s.r.keys(n, "an event", "type", "source", "id", "subject", "time", "orderid", "customerid", "sku", "area", "data")
	e := &domain.Event{Type: s.text(n, "type"), Source: s.text(n, "source"), ID: s.text(n, "id"), Subject: s.text(n, "subject"), Time: s.moment(n, "time"),
		OrderID: s.text(n, "orderid"), CustomerRef: s.text(n, "customerid"), SKU: s.text(n, "sku"), Area: s.text(n, "area")}
	if e.Type == "" {
		s.r.at(n, "type", "", "the event has no type")
	}
	if d := n.get("data"); d != nil && s.r.isMap(d, "data") {
		e.Data, _ = json.Marshal(plainNode(d))
	}
	return e
}

// plainNode is YAML as JSON: unquoted numbers and truths are what they look like.
func plainNode(n *node) any {
	switch n.kind {
	case mapNode:
		m := make(map[string]any, len(n.entries))
		for _, e := range n.entries {
			m[e.key] = plainNode(e.value)
		}
		return m
	case listNode:
		l := make([]any, 0, len(n.items))
		for _, i := range n.items {
			l = append(l, plainNode(i))
		}
		return l
	case nullNode:
		return nil
	}
	if !n.quoted {
		switch n.text {
		case "true":
			return true
		case "false":
			return false
		}
		if v, err := strconv.ParseInt(n.text, 10, 64); err == nil {
			return v
		}
		if v, err := strconv.ParseFloat(n.text, 64); err == nil && json.Valid([]byte(n.text)) {
			return v
		}
	}
	return n.text
}

func (s *scenarioReader) step(n *node, posts *int) ScenarioStep {
	st := ScenarioStep{Line: n.line}
	if !s.r.isMap(n, "a step") {
		return st
	}
	verbs := []string{"post", "event", "wait", "complete", "take", "handback", "rated"}
	s.r.keys(n, "a step", append(verbs, "then")...)
	count := 0
	for _, e := range n.entries {
		if slices.Contains(verbs, e.key) {
			count++
		}
	}
	if count != 1 {
		s.r.at(n, "one of "+strings.Join(verbs, ", "), "", "the step has %d of them", count)
	}
	if v := n.get("post"); v != nil && s.r.isMap(v, "a post") {
		*posts++
		st.Post = s.post(v, *posts)
	}
	if v := n.get("event"); v != nil {
		st.Event = s.event(v)
	}
	if v := n.get("wait"); v != nil {
		st.Wait = s.r.argDuration(v, "wait")
	}
	if v := n.get("rated"); v != nil {
		*posts++
		st.Rated = s.rated(v)
	}
	st.Complete, st.Take, st.HandBack = s.command(n, "complete"), s.command(n, "take"), s.command(n, "handback")
	if v := n.get("then"); v != nil {
		st.Then = s.expect(v)
	}
	return st
}

func (s *scenarioReader) command(n *node, key string) *ScenarioCommand {
	v := n.get(key)
	if v == nil {
		return nil
	}
	c := &ScenarioCommand{By: "agent"}
	if v.kind == nullNode {
		return c
	}
	if !s.r.isMap(v, key) {
		return nil
	}
	keys := []string{"by", "kind", "disposition", "note"}
	if key == "complete" {
		keys = append(keys, "promise", "within")
	}
	s.r.keys(v, key, keys...)
	if by := s.text(v, "by"); by != "" {
		c.By = by
	}
	c.Kind = domain.WorkItemKind(s.oneOf(v, "kind", []string{"callback", "review", "expert"}))
	c.Disposition, c.Note = s.text(v, "disposition"), s.text(v, "note")
	c.Promise, c.Within = s.text(v, "promise"), 24*time.Hour
	if w := v.get("within"); w != nil {
		c.Within = s.r.argDuration(w, "within")
	}
	if key == "complete" && c.Disposition == "" {
		s.r.at(v, "disposition", "", "complete does not say how it ended")
	}
	return c
}

func (s *scenarioReader) post(n *node, number int) *ScenarioPost {
	s.r.keys(n, "a post", "from", "network", "text", "private", "reply_to", "edits", "at", "understood")
	p := &ScenarioPost{From: s.text(n, "from"), Network: s.text(n, "network"), Text: s.text(n, "text"), Private: s.flag(n, "private"), At: s.moment(n, "at")}
	if p.Network == "" {
		p.Network = "sandbox"
	}
	if p.From == "" {
		s.r.at(n, "from", "", "nobody wrote the post")
	}
	for key, to := range map[string]*int{"reply_to": &p.ReplyTo, "edits": &p.Edits} {
		if v := n.get(key); v != nil {
			if *to = s.number(v, key); *to < 1 || *to >= number {
				s.r.at(v, "the number of an earlier post, from 1", "", "%s is %d", key, *to)
			}
		}
	}
	if v := n.get("understood"); v != nil && s.r.isMap(v, "understood") {
		p.Understood = s.meaning(v)
	}
	return p
}

func (s *scenarioReader) meaning(n *node) *ScenarioMeaning {
	s.r.keys(n, "understood", "intent", "sentiment", "urgency", "topics", "needs_agent", "confidence", "wants_person", "stop", "thanks", "general_question", "call_consent", "lang")
	m := &ScenarioMeaning{Intent: domain.Intent(s.oneOf(n, "intent", intentWords)), Sentiment: domain.Sentiment(s.oneOf(n, "sentiment", sentimentWords)),
		Urgency: domain.Urgency(s.oneOf(n, "urgency", urgencyWords)), CallConsent: domain.Answer(s.oneOf(n, "call_consent", answerWords)), Lang: s.text(n, "lang"),
		NeedsAgent: s.maybe(n, "needs_agent"), WantsPerson: s.maybe(n, "wants_person"), Stop: s.maybe(n, "stop"), Thanks: s.maybe(n, "thanks"), General: s.maybe(n, "general_question")}
	if v := n.get("topics"); v != nil {
		m.Topics = []domain.Topic{}
		for _, w := range s.list(n, "topics") {
			m.Topics = append(m.Topics, domain.Topic(s.r.argWord(w, "topic", topicWords)))
		}
		slices.Sort(m.Topics)
	}
	if v := n.get("confidence"); v != nil {
		f, err := strconv.ParseFloat(v.text, 64)
		if err != nil || !(f >= 0 && f <= 1) {
			s.r.at(v, "a number from 0 to 1", "", "confidence is %q", domain.Clip(v.text, 20))
		}
		m.Confidence = f
	}
	return m
}

func (s *scenarioReader) text(n *node, key string) string {
	v := n.get(key)
	if v == nil || v.kind == nullNode {
		return ""
	}
	if v.kind != scalarNode {
		s.r.at(v, "text", "", "%s is %s", key, v.kind)
		return ""
	}
	return strings.TrimSpace(domain.CleanText(v.text))
}

func (s *scenarioReader) oneOf(n *node, key string, words []string) string {
	v := n.get(key)
	if v == nil {
		return ""
	}
	return s.r.argWord(v, key, slices.DeleteFunc(slices.Clone(words), func(w string) bool { return w == "" }))
}

func (s *scenarioReader) flag(n *node, key string) bool {
	v := n.get(key)
	return v != nil && s.r.boolean(v, key)
}

func (s *scenarioReader) maybe(n *node, key string) *bool {
	if n.get(key) == nil {
		return nil
	}
	b := s.flag(n, key)
	return &b
}

func (s *scenarioReader) number(n *node, what string) int {
	if n.kind == scalarNode {
		if v, err := strconv.Atoi(strings.TrimSpace(n.text)); err == nil && v >= 0 && v < 1_000_000 {
			return v
		}
	}
	s.r.at(n, "a whole number", "", "%s is not a number", what)
	return 0
}

func (s *scenarioReader) moment(n *node, key string) time.Time {
	v := n.get(key)
	if v == nil || v.kind == nullNode {
		return time.Time{}
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04", time.DateOnly} {
		if t, err := time.Parse(layout, strings.TrimSpace(v.text)); err == nil {
			return t.UTC()
		}
	}
	s.r.at(v, "a time such as 2026-11-24T10:00:00Z, or a date", "", "%s is %q", key, domain.Clip(v.text, 40))
	return time.Time{}
}
