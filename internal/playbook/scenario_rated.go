package playbook

import (
	"strconv"

	"github.com/contact-advocate/advocate/internal/domain"
)

// ScenarioRating is a customer who answers the question how a case went, in
// private and in its thread. Text is what they write.
type ScenarioRating struct {
	Text       string
	Understood *ScenarioMeaning
}

// rated reads a step of that name: a number, or a map.
func (s *scenarioReader) rated(n *node) *ScenarioRating {
	if n.kind == scalarNode {
		return &ScenarioRating{Text: s.score(n)}
	}
	if !s.r.isMap(n, "rated") {
		return nil
	}
	s.r.keys(n, "rated", "score", "text", "understood")
	out := &ScenarioRating{Text: s.text(n, "text")}
	if v := n.get("score"); v != nil {
		if score := s.score(v); out.Text == "" {
			out.Text = score
		} else {
			out.Text = score + ", " + out.Text
		}
	}
	if out.Text == "" {
		s.r.at(n, "score or text", "", "rated says nothing")
	}
	if v := n.get("understood"); v != nil && s.r.isMap(v, "understood") {
		out.Understood = s.meaning(v)
	}
	return out
}

func (s *scenarioReader) score(n *node) string {
	v := s.number(n, "score")
	if v < domain.MinScore || v > domain.MaxScore {
		s.r.at(n, "a number from 1 to 5", "", "score is %q", domain.Clip(n.text, 20))
	}
	return strconv.Itoa(v)
}

// expectRating reads what the newest case's rating must be: its marks, 0 for none.
func (s *scenarioReader) expectRating(n *node) *int {
	v := n.get("rating")
	if v == nil {
		return nil
	}
	score := s.number(v, "rating")
	if score > domain.MaxScore {
		s.r.at(v, "a number from 0 to 5; 0 is no rating", "", "rating is %d", score)
	}
	return &score
}
