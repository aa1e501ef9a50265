package httpapi

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/contact-advocate/advocate/internal/diff"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/playbook"
	"github.com/contact-advocate/advocate/internal/store"
)

// playbookEngine is what an editor of playbooks needs of the engine.
type playbookEngine interface {
	// PlaybookCheck compiles under the policy in force and keeps nothing. An
	// error is playbook.Problems.
	PlaybookCheck(name string, source []byte) (*playbook.Playbook, error)
}

// ScenarioResult is what came of one scenario.
type ScenarioResult struct {
	Name     string            `json:"name"`
	File     string            `json:"file"`
	Line     int               `json:"line"`
	OK       bool              `json:"ok" doc:"Everything came as expected."`
	Failures []ScenarioFailure `json:"failures"`
}

// ScenarioFailure is one expectation that was not met.
type ScenarioFailure struct {
	Line int    `json:"line,omitempty" doc:"Of the scenario file."`
	Text string `json:"text"`
}

// Limits on playing scenarios, which run a whole engine each. How many files
// there may be stands in testInput.
const (
	maxScenarioFile = 256 << 10
	maxScenarios    = 200
)

func (a *API) registerPlaybookTools() {
	const tag = "Playbooks"
	register(a, call{id: "check-playbook", method: "POST", path: "/v1/playbooks/check", need: configure, tag: tag, maxBody: maxSourceBody, summary: "Check a playbook",
		about: "Nothing is published. Each mistake comes with its line and column, what is accepted there, and the word that may have been meant."}, a.checkPlaybook)
	register(a, call{id: "test-playbook", method: "POST", path: "/v1/playbooks/test", need: configure, tag: tag, maxBody: maxTestBody, summary: "Play scenarios against a playbook",
		about: "On an engine of their own with a clock of its own; nothing leaves and nothing is kept. At most 20 files of 256 KiB each, and 200 scenarios; one caller at a time."}, a.testPlaybook)
	register(a, call{id: "get-playbook-vocabulary", method: "GET", path: "/v1/playbooks/vocabulary", need: readSetup, tag: tag, summary: "The words of playbooks",
		about: "What a rule can listen to, read and do, for an editor to offer."}, a.playbookVocabulary)
	register(a, call{id: "diff-playbooks", method: "GET", path: "/v1/playbooks/{version}/diff", need: readSetup, tag: tag, summary: "What differs between two versions",
		about: "In the unified form, from the version in with to the one in the path."}, a.diffPlaybooks)
	registerOnce(a, call{id: "return-playbook", method: "POST", path: "/v1/playbooks/{version}/return", need: configure, tag: tag, summary: "Go back to the version before",
		about: "The version in the path is the one that decides now: the one that decided before it does so again. Refused (409) when another decides."}, a.returnPlaybook,
		func(ctx context.Context, _ *returnInput) (*playbookOutput, error) { return a.activePlaybook(ctx, nil) })
}

type checkInput struct {
	Body struct {
		Name   string `json:"name,omitempty" maxLength:"128" doc:"The file's name in messages; playbook.yaml if missing."`
		Source string `json:"source" minLength:"1" doc:"The YAML."`
	}
}

type checkOutput struct {
	Body checkView
}

type checkView struct {
	OK       bool          `json:"ok"`
	Hash     string        `json:"hash,omitempty" doc:"Of source and policy, as a published version would have it."`
	Rules    []string      `json:"rules" doc:"The names of its rules, in their order."`
	Problems []problemView `json:"problems"`
}

// problemView is one mistake in a file that an operator wrote.
type problemView struct {
	File       string `json:"file,omitempty"`
	Line       int    `json:"line,omitempty" doc:"From 1; missing where it concerns the whole file."`
	Column     int    `json:"column,omitempty" doc:"From 1."`
	Kind       string `json:"kind,omitempty" enum:"file,word,expression,rule" doc:"What kind of mistake it is: no YAML that can be read, a word that is not accepted there, a condition or argument that is not well formed or of another type, or something that playbooks say otherwise."`
	Found      string `json:"found,omitempty" doc:"The word that is not accepted, as it stands in the file at the line or a line that belongs to it; missing where the mistake is no single word."`
	Message    string `json:"message"`
	Expected   string `json:"expected,omitempty" doc:"What is accepted there."`
	DidYouMean string `json:"did_you_mean,omitempty" doc:"What was probably meant in place of found."`
}

// viewProblems shows mistakes; ok is false for an error that is none.
func viewProblems(err error) (out []problemView, ok bool) {
	var ps playbook.Problems
	if !errors.As(err, &ps) {
		return nil, false
	}
	for _, p := range ps {
		out = append(out, problemView{p.File, p.Line, p.Column, string(p.Kind), p.Found, p.What, p.Expected, p.DidYouMean})
	}
	return out, true
}

func (a *API) checkPlaybook(_ context.Context, in *checkInput) (*checkOutput, error) {
	out := &checkOutput{checkView{Rules: []string{}, Problems: []problemView{}}}
	pb, err := a.o.Engine.PlaybookCheck(orName(in.Body.Name), []byte(in.Body.Source))
	if err == nil {
		out.Body.OK, out.Body.Hash = true, pb.Hash()
		for _, r := range pb.AllRules() {
			out.Body.Rules = append(out.Body.Rules, r.Name)
		}
		return out, nil
	}
	found, ok := viewProblems(err)
	if !ok {
		return nil, err
	}
	out.Body.Problems = found
	return out, nil
}

func orName(name string) string {
	if name == "" {
		return "playbook.yaml"
	}
	return name
}

type scenarioFile struct {
	Name   string `json:"name" minLength:"1" maxLength:"128"`
	Source string `json:"source" minLength:"1" doc:"The YAML: given, when, then."`
}

type testInput struct {
	Body struct {
		Name      string         `json:"name,omitempty" maxLength:"128"`
		Source    string         `json:"source,omitempty" doc:"The playbook; the version that decides now if missing."`
		Scenarios []scenarioFile `json:"scenarios,omitempty" maxItems:"20" doc:"Scenario files; those of the built-in playbook if missing."`
	}
}

type testOutput struct {
	Body testView
}

type testView struct {
	Good     int              `json:"good" doc:"How many came out as expected."`
	Failed   int              `json:"failed"`
	Results  []ScenarioResult `json:"results"`
	Problems []problemView    `json:"problems" doc:"Why nothing was played: mistakes in the playbook or the scenarios."`
}

func (a *API) testPlaybook(ctx context.Context, in *testInput) (*testOutput, error) {
	if a.o.Scenarios == nil {
		return nil, domain.Errorf(domain.CodeNotFound, "this server plays no scenarios; \"advocate playbook test\" does")
	}
	name, source := orName(in.Body.Name), []byte(in.Body.Source)
	if len(source) == 0 {
		active, err := a.activePlaybook(ctx, nil)
		if err != nil {
			return nil, err
		}
		name, source = active.Body.Name, []byte(active.Body.Source)
	}
	out := &testOutput{testView{Results: []ScenarioResult{}, Problems: []problemView{}}}
	scenarios, err := readScenarios(in.Body.Scenarios)
	if err == nil {
		_, err = a.o.Engine.PlaybookCheck(name, source)
	}
	if err != nil {
		found, ok := viewProblems(err)
		if !ok {
			return nil, err
		}
		out.Body.Problems = found
		return out, nil
	}
	if !a.playing.TryLock() {
		return nil, &domain.Error{Code: domain.CodeBusy, Message: "somebody else's scenarios are being played", RetryAfter: retryAfter}
	}
	defer a.playing.Unlock()
	results, err := a.o.Scenarios(ctx, name, source, scenarios)
	if err != nil {
		return nil, err
	}
	for _, r := range results {
		if r.Failures == nil {
			r.Failures = []ScenarioFailure{}
		}
		if out.Body.Results = append(out.Body.Results, r); r.OK {
			out.Body.Good++
		} else {
			out.Body.Failed++
		}
	}
	return out, nil
}

// readScenarios reads scenario files, by their names; without any, the built-in
// ones.
func readScenarios(files []scenarioFile) ([]playbook.Scenario, error) {
	if len(files) == 0 {
		for name, source := range playbook.DefaultScenarios() {
			files = append(files, scenarioFile{name, string(source)})
		}
	}
	slices.SortFunc(files, func(x, y scenarioFile) int { return strings.Compare(x.Name, y.Name) })
	var out []playbook.Scenario
	for _, f := range files {
		if len(f.Source) > maxScenarioFile {
			return nil, &domain.Error{Code: domain.CodeTooLarge, Field: "scenarios", Message: fmt.Sprintf("%s is larger than 256 KiB", f.Name)}
		}
		read, err := playbook.ParseScenarios(f.Name, []byte(f.Source))
		if err != nil {
			return nil, err
		}
		out = append(out, read...)
	}
	if len(out) > maxScenarios {
		return nil, domain.FieldErrorf("scenarios", "hold %d scenarios; at most %d are played at once", len(out), maxScenarios)
	}
	return out, nil
}

type diffInput struct {
	Version int64 `path:"version" minimum:"1"`
	With    int64 `query:"with" minimum:"1" doc:"The version to compare with; the one that decides now if missing."`
}

type diffOutput struct {
	Body diffView
}

type diffView struct {
	From    int64  `json:"from"`
	To      int64  `json:"to"`
	Unified string `json:"unified" doc:"Empty where the sources are the same."`
}

func (a *API) diffPlaybooks(ctx context.Context, in *diffInput) (*diffOutput, error) {
	to, err := a.getPlaybook(ctx, &versionInput{in.Version})
	if err != nil {
		return nil, err
	}
	var from *playbookOutput
	if in.With == 0 {
		from, err = a.activePlaybook(ctx, nil)
	} else {
		from, err = a.getPlaybook(ctx, &versionInput{in.With})
	}
	if err != nil {
		return nil, err
	}
	named := func(p *playbookOutput) string { return fmt.Sprintf("%s, version %d", p.Body.Name, p.Body.Version) }
	return &diffOutput{diffView{from.Body.Version, to.Body.Version, diff.Unified(named(from), named(to), from.Body.Source, to.Body.Source)}}, nil
}

type returnInput struct {
	Version int64 `path:"version" minimum:"1"`
	OnceInput
}

func (a *API) returnPlaybook(ctx context.Context, in *returnInput) (*playbookOutput, error) {
	before := store.PlaybookRow{}
	err := a.view(ctx, func(r store.Reader) error {
		before = store.PlaybookRow{}
		rows, err := r.PlaybookList(maxPage)
		if err != nil {
			return err
		}
		for _, p := range rows {
			switch {
			case p.Active && p.Version != in.Version:
				return domain.Errorf(domain.CodeConflict, "version %d decides now, not %d; look again", p.Version, in.Version)
			case !p.Active && p.ActivatedAt.After(before.ActivatedAt):
				before = p
			}
		}
		if before.Version == 0 {
			return domain.Errorf(domain.CodeConflict, "no other version has decided yet")
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return a.activatePlaybook(ctx, &versionInput{before.Version})
}
