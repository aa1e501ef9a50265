package httpapi

import (
	"slices"

	"github.com/contact-advocate/advocate/internal/domain"
)

// What asked for a message.
const (
	causeRule   = "rule"
	causePerson = "person"
	causeEngine = "engine"
)

// causeView is what led to a message. There is one for each, also where no rule
// of a playbook asked for it.
type causeView struct {
	Effect   string `json:"effect" doc:"The message's."`
	Kind     string `json:"kind" enum:"rule,person,engine" doc:"rule: one of the playbook's. person: somebody wrote it. engine: the advocate's own rules, such as the closing message when a work item is completed."`
	Rule     string `json:"rule,omitempty" doc:"The playbook's rule."`
	By       string `json:"by,omitempty" doc:"Who wrote it."`
	Template string `json:"template,omitempty"`
	Record   int64  `json:"record" doc:"The version of the decision."`
	Inputs   []int  `json:"inputs" doc:"What it followed from: places among the decision's inputs, from 0. Several where they came together and it followed from all of them."`
	Because  string `json:"because,omitempty" doc:"A single input in a word: its kind, as post or timer; of a command with what was asked for, as command.complete; of an event its type."`
}

// causesOf tells of each message that was decided in some records what led to
// it.
func causesOf(records []domain.Record) []causeView {
	out := []causeView{}
	for i := range records {
		rec := &records[i]
		for _, n := range rec.Effects {
			if n.ID == "" || n.Kind != domain.EffectReply {
				continue
			}
			out = append(out, causeOf(rec, &n))
		}
	}
	return out
}

func causeOf(rec *domain.Record, n *domain.EffectNote) causeView {
	v := causeView{Effect: n.ID, Kind: causeRule, Rule: n.Rule, Template: n.What, Record: rec.Version}
	said := domain.Entry{}
	if i := slices.IndexFunc(rec.Entries, func(e domain.Entry) bool { return e.Kind == domain.EntryReply && e.Ref == n.ID }); i >= 0 {
		said = rec.Entries[i]
	}
	var led func(input int) bool
	switch {
	case said.By != "":
		v.Kind, v.Rule, v.Template, v.By = causePerson, "", "", said.By
		led = func(i int) bool {
			c := rec.Inputs[i].Command
			return c != nil && c.Kind == domain.CommandReply && c.By == said.By && c.Case == said.Case
		}
	case n.Rule == "" || n.Rule == domain.EngineRule:
		v.Kind, v.Rule = causeEngine, ""
		led = func(i int) bool { return concerns(rec, &rec.Inputs[i], said.Case) }
	default:
		led = func(i int) bool {
			return slices.ContainsFunc(rec.Rules, func(t domain.RuleTrace) bool {
				return t.Rule == n.Rule && t.Input == i && t.Outcome == domain.RuleFired && (said.Case == "" || t.Case == said.Case)
			})
		}
	}
	v.Inputs = []int{}
	for i := range rec.Inputs {
		if led(i) {
			v.Inputs = append(v.Inputs, i)
		}
	}
	if len(v.Inputs) == 0 { // nothing says which
		for i := range rec.Inputs {
			v.Inputs = append(v.Inputs, i)
		}
	}
	if len(v.Inputs) == 1 {
		v.Because = inAWord(&rec.Inputs[v.Inputs[0]])
	}
	return v
}

// concerns reports whether an input is about a case, as far as can be told.
func concerns(rec *domain.Record, in *domain.Input, caseID string) bool {
	switch {
	case in.Post != nil:
		return slices.ContainsFunc(rec.Entries, func(e domain.Entry) bool {
			return e.Case == caseID && (e.Kind == domain.EntryPost || e.Kind == domain.EntryStaff) && e.Ref == in.Post.ID
		})
	case in.Command != nil:
		return in.Command.Case == "" || in.Command.Case == caseID
	case in.Outcome != nil:
		return in.Outcome.Case == caseID
	case in.Answer != nil:
		return in.Answer.Case == caseID
	}
	return true // an event or the time may be about any
}

func inAWord(in *domain.Input) string {
	switch {
	case in.Command != nil:
		return string(in.Kind) + "." + string(in.Command.Kind)
	case in.Event != nil:
		return in.Event.Type
	}
	return string(in.Kind)
}
