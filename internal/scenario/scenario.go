package scenario

import (
	"context"
	"fmt"
	"strings"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/playbook"
)

// Options say what is tested.
type Options struct {
	Name         string // the playbook's file, for problems
	Playbook     []byte
	Policy       domain.Policy
	Understander engine.Understander // default: the rules, in the policy's phone region
}

// Result is what came of one scenario. It passed when there is neither a
// failure nor an error.
type Result struct {
	File     string
	Line     int
	Name     string
	Failures []Failure
	Err      error // the scenario could not be played to its end
}

// Passed reports whether everything came as expected.
func (r *Result) Passed() bool { return r.Err == nil && len(r.Failures) == 0 }

// String tells the result: a line for what passed, and for what did not each
// failure with its explanation.
func (r *Result) String() string {
	if r.Passed() {
		return fmt.Sprintf("ok    %s", r.Name)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "FAIL  %s (%s:%d)\n", r.Name, r.File, r.Line)
	if r.Err != nil {
		fmt.Fprintf(&b, "  %v\n", r.Err)
	}
	for i := range r.Failures {
		b.WriteString(indent(r.Failures[i].String(), "  "))
	}
	return strings.TrimRight(b.String(), "\n")
}

// Failure is one expectation that was not met.
type Failure struct {
	File     string
	Line     int
	What     string   // "expected a private reply containing \"x\", got: …"
	Happened []string // which inputs came, which rules fired and what they did
}

func (f *Failure) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d: %s\n", f.File, f.Line, f.What)
	for _, line := range f.Happened {
		fmt.Fprintf(&b, "    %s\n", line)
	}
	return b.String()
}

func indent(s, by string) string {
	lines := strings.Split(strings.TrimRight(s, "\n"), "\n")
	return by + strings.Join(lines, "\n"+by) + "\n"
}

// Run plays one scenario. It does not return an error: what went wrong is in
// the result.
func Run(ctx context.Context, o Options, sc playbook.Scenario) Result {
	res := Result{File: sc.File, Line: sc.Line, Name: sc.Name}
	w, err := newWorld(ctx, o, &sc)
	if err != nil {
		res.Err = err
		return res
	}
	defer w.close()
	for i := range sc.When {
		step := &sc.When[i]
		w.log.begin()
		if err := w.play(ctx, step); err != nil {
			res.Err = fmt.Errorf("%s:%d: %w", sc.File, step.Line, err)
			res.Failures = append(res.Failures, Failure{sc.File, step.Line, "the scenario ended here", w.log.story(w.log.step)})
			return res
		}
		if step.Then != nil {
			res.Failures = append(res.Failures, w.check(sc.File, step.Then, w.log.step)...)
		}
	}
	if sc.Then != nil {
		res.Failures = append(res.Failures, w.check(sc.File, sc.Then, w.log.whole)...)
	}
	return res
}
