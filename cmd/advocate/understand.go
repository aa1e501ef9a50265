package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/contact-advocate/advocate/internal/domain"
)

type understandCmd struct {
	Text []string `arg:"" optional:"" help:"The text of a post."`
	File string   `placeholder:"FILE" help:"Posts instead: JSON lines or CSV with a text, and an id if there is one. \"-\" is standard input."`
	Lang string   `help:"The language that the network claims, such as en or es."`
	JSON bool     `name:"json" help:"One JSON object a post, one a line."`

	Labels bool `help:"What people said that posts are about, where they corrected it: one JSON object a line, with the post's text."`
}

func (*understandCmd) Help() string {
	return `Examples:
  advocate understand "where is my order A-10234?? third time I ask"
  advocate understand --file posts.jsonl --json > understood.jsonl
  advocate understand --labels > labels.jsonl`
}

// understood is one line of --json.
type understood struct {
	ID                   string                `json:"id"`
	Model                string                `json:"model"`
	Lang                 string                `json:"lang"`
	LangConfidence       float64               `json:"lang_confidence"`
	Intent               domain.Intent         `json:"intent"`
	IntentConfidence     float64               `json:"intent_confidence"`
	SecondIntent         domain.Intent         `json:"second_intent"`
	NeedsAgent           bool                  `json:"needs_agent"`
	NeedsAgentConfidence float64               `json:"needs_agent_confidence"`
	Sentiment            domain.Sentiment      `json:"sentiment"`
	SentimentConfidence  float64               `json:"sentiment_confidence"`
	Urgency              domain.Urgency        `json:"urgency"`
	Entities             []understoodSpan      `json:"entities"`
	Topics               []domain.Topic        `json:"topics"`
	Stop                 bool                  `json:"stop"`
	WantsPerson          bool                  `json:"wants_person"`
	CallConsent          domain.Answer         `json:"call_consent"`
	Preferred            *domain.PreferredTime `json:"preferred"`
	Continues            bool                  `json:"continues"`
	Thanks               bool                  `json:"thanks"`
	GeneralQuestion      bool                  `json:"general_question"`
	Lacks                bool                  `json:"lacks"`
	Reply                bool                  `json:"reply"`
}

type understoodSpan struct {
	Kind       domain.EntityKind `json:"kind"`
	Text       string            `json:"text"`
	Value      string            `json:"value"`
	Start      int               `json:"start"`
	End        int               `json:"end"`
	Confidence float64           `json:"confidence"`
}

func (c *understandCmd) Run(g *globals) error {
	if c.Labels {
		if len(c.Text) > 0 || c.File != "" {
			return usagef("--labels takes neither a text nor --file")
		}
		return listLabels(g)
	}
	if (len(c.Text) > 0) == (c.File != "") {
		return usagef("want either a text or --file FILE")
	}
	s, err := g.load()
	if err != nil {
		return err
	}
	reader, err := s.understander()
	if err != nil {
		return err
	}
	if c.File == "" {
		text := strings.Join(c.Text, " ")
		u := reader.Understand(text, c.Lang)
		if c.JSON {
			return json.NewEncoder(g.stdout).Encode(viewUnderstood("1", &u))
		}
		tellUnderstanding(newTerminal(g.stdout), &u)
		return nil
	}
	return c.file(g, func(text, lang string) domain.Understanding { return reader.Understand(text, lang) })
}

func (c *understandCmd) file(g *globals, read func(text, lang string) domain.Understanding) error {
	rows, err := openRows(c.File, g.stdin, []string{"text"}, postColumns)
	if err != nil {
		return err
	}
	defer rows.Close()
	out := bufio.NewWriter(g.stdout)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	bad := 0
	for {
		r, err := rows.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return errors.Join(err, out.Flush())
		}
		p, err := postOf(r)
		if err != nil {
			bad++
			fmt.Fprintf(g.stderr, "%s:%d: %v\n", c.File, r.line, err)
			continue
		}
		lang := p.Lang
		if c.Lang != "" {
			lang = c.Lang
		}
		u := read(p.Text, lang)
		if c.JSON {
			err = enc.Encode(viewUnderstood(p.ID, &u))
		} else {
			_, err = fmt.Fprintf(out, "%s\t%s %.2f\t%s\tneeds %s\t%s\n", clean(p.ID), u.Intent, u.IntentConfidence, u.Sentiment, somebody(u.NeedsAgent), shorten(p.Text, 100))
		}
		if err != nil {
			return err
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	if bad > 0 {
		return fmt.Errorf("no posts: %s", amount(bad, "line"))
	}
	return nil
}

func viewUnderstood(id string, u *domain.Understanding) understood {
	v := understood{
		ID: id, Model: u.Model, Lang: u.Lang, LangConfidence: u.LangConfidence,
		Intent: u.Intent, IntentConfidence: u.IntentConfidence, SecondIntent: u.SecondIntent,
		NeedsAgent: u.NeedsAgent, NeedsAgentConfidence: u.NeedsAgentConfidence,
		Sentiment: u.Sentiment, SentimentConfidence: u.SentimentConfidence, Urgency: u.Urgency,
		Entities: []understoodSpan{}, Topics: []domain.Topic{},
		Stop: u.Stop, WantsPerson: u.WantsPerson, CallConsent: u.CallConsent, Preferred: u.Preferred,
		Continues: u.Continues, Thanks: u.Thanks, GeneralQuestion: u.GeneralQuestion, Lacks: u.Lacks, Reply: u.Reply,
	}
	v.Topics = append(v.Topics, u.Topics...)
	for _, e := range u.Entities {
		v.Entities = append(v.Entities, understoodSpan(e))
	}
	return v
}

func tellUnderstanding(t *terminal, u *domain.Understanding) {
	t.field(0, "intent", bold, fmt.Sprintf("%s (%.2f)", u.Intent, u.IntentConfidence))
	if u.SecondIntent != "" {
		t.field(0, "or", "", string(u.SecondIntent))
	}
	t.field(0, "needs", "", fmt.Sprintf("%s (%.2f)", somebody(u.NeedsAgent), u.NeedsAgentConfidence))
	t.field(0, "sentiment", "", string(u.Sentiment))
	t.field(0, "urgency", "", string(u.Urgency))
	t.field(0, "language", "", u.Lang)
	if len(u.Topics) > 0 {
		t.field(0, "topics", "", joinTopics(u.Topics))
	}
	for _, e := range u.Entities {
		t.field(0, string(e.Kind), "", fmt.Sprintf("%s (%q, bytes %d to %d)", e.Value, e.Text, e.Start, e.End))
	}
	for _, f := range []struct {
		on   bool
		what string
	}{{u.Stop, "asks us to stop"}, {u.WantsPerson, "wants a person"}, {u.Thanks, "thanks, and closes the matter"}, {u.Continues, "goes on in another post"}} {
		if f.on {
			t.field(0, "also", "", f.what)
		}
	}
	if u.CallConsent != domain.Unasked {
		t.field(0, "a call", "", string(u.CallConsent))
	}
	if u.Preferred != nil {
		t.field(0, "when", "", u.Preferred.Text)
	}
}

func somebody(needed bool) string {
	if needed {
		return "somebody"
	}
	return "nobody"
}

func joinTopics(topics []domain.Topic) string {
	out := make([]string, len(topics))
	for i, x := range topics {
		out[i] = string(x)
	}
	return strings.Join(out, ", ")
}
