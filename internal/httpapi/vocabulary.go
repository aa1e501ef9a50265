package httpapi

import (
	"context"

	"github.com/contact-advocate/advocate/internal/playbook"
)

// vocabularyView is what may stand in a playbook.
type vocabularyView struct {
	Triggers  []string             `json:"triggers" doc:"What a rule can listen to, event types that are understood out of the box included; answer.<component> and reminder.<name> besides."`
	Functions []vocabularyFunction `json:"functions" doc:"What a step can do, in the order of the documentation."`
	Fields    []vocabularyField    `json:"fields" doc:"What an expression can read, sorted."`
	Calls     []string             `json:"calls" doc:"What an expression can call."`
}

type vocabularyFunction struct {
	Name      string   `json:"name"`
	Arguments []string `json:"arguments"`
}

type vocabularyField struct {
	Name   string   `json:"name"`
	Type   string   `json:"type" doc:"text, number, true or false, time, duration, list, map …"`
	Words  []string `json:"words" doc:"The only words that it has; empty where it may have others."`
	Public bool     `json:"public" doc:"A public message may use it."`
}

type vocabularyOutput struct {
	Body vocabularyView
}

func (a *API) playbookVocabulary(context.Context, *struct{}) (*vocabularyOutput, error) {
	out := &vocabularyOutput{vocabularyView{Triggers: append(playbook.Triggers(), playbook.EventTypes()...), Calls: playbook.Calls()}}
	for _, f := range playbook.Functions() {
		out.Body.Functions = append(out.Body.Functions, vocabularyFunction{f.Name, orNone(f.Args)})
	}
	for _, f := range playbook.Fields() {
		out.Body.Fields = append(out.Body.Fields, vocabularyField{f.Name, f.Type, orNone(f.Words), f.Public})
	}
	return out, nil
}

// orNone is a list that is written as one, also without entries.
func orNone(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
