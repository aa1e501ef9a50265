package main

import (
	"context"

	"github.com/contact-advocate/advocate/internal/httpapi"
	"github.com/contact-advocate/advocate/internal/playbook"
	"github.com/contact-advocate/advocate/internal/scenario"
)

// playScenarios plays scenarios against a playbook under the node's policy, one
// after the other, until ctx ends.
func (n *node) playScenarios(ctx context.Context, name string, source []byte, scenarios []playbook.Scenario) ([]httpapi.ScenarioResult, error) {
	reader, err := n.settings.understander()
	if err != nil {
		return nil, err
	}
	o := scenario.Options{Name: name, Playbook: source, Policy: n.settings.policy, Understander: reader}
	out := make([]httpapi.ScenarioResult, 0, len(scenarios))
	for _, sc := range scenarios {
		r := scenario.Run(ctx, o, sc)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		line := httpapi.ScenarioResult{Name: r.Name, File: r.File, Line: r.Line, OK: r.Passed(), Failures: []httpapi.ScenarioFailure{}}
		if r.Err != nil {
			line.Failures = append(line.Failures, httpapi.ScenarioFailure{Line: r.Line, Text: r.Err.Error()})
		}
		for _, f := range r.Failures {
			line.Failures = append(line.Failures, httpapi.ScenarioFailure{Line: f.Line, Text: f.What})
		}
		out = append(out, line)
	}
	return out, nil
}
