package scenario

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/playbook"
)

// TestDefaultPlaybook plays the default playbook's own scenarios.
func TestDefaultPlaybook(t *testing.T) {
	t.Parallel()
	files := playbook.DefaultScenarios()
	if len(files) == 0 {
		t.Fatal("the default playbook has no scenarios")
	}
	o := Options{Name: "default.yaml", Playbook: playbook.Default(), Policy: domain.DefaultPolicy()}
	for _, file := range slices.Sorted(maps.Keys(files)) {
		scenarios, err := playbook.ParseScenarios(file, files[file])
		if err != nil {
			t.Fatal(err)
		}
		for _, sc := range scenarios {
			t.Run(sc.Name, func(t *testing.T) {
				t.Parallel()
				if r := Run(t.Context(), o, sc); !r.Passed() {
					t.Error(r.String())
				}
			})
		}
	}
}

var small = []byte(`
playbook: small
rules:
  - name: greet
    on: [post]
    when: post.needs_agent
    do:
      - lookup: {component: orders, id: "A-1"}
      - subscribe: {to: "order.*", where: {orderid: "'A-1'"}}
      - work_item: {kind: callback, queue: care, due: 1h}
      - promise: {what: callback, within: 1h}
      - reply: {template: hello}
templates:
  hello:
    en: Hello there, we will call.
`)

func run(t *testing.T, source string) Result {
	t.Helper()
	sc, err := playbook.ParseScenarios("s.yaml", []byte(source))
	if err != nil {
		t.Fatal(err)
	}
	return Run(t.Context(), Options{Name: "small.yaml", Playbook: small, Policy: domain.DefaultPolicy()}, sc[0])
}

const story = `
scenarios:
  - name: s
    given:
      customers:
        - {ref: C-1, name: Ann Bee, phone: "+12025550101", identities: [{handle: ann}]}
    when:
      - post: {from: ann, text: "where is it", understood: {intent: order_status, needs_agent: true, confidence: 0.9}}
        then:
`

// TestEveryExpectationCanFail pairs each expectation with one that is not met:
// an expectation that is never checked would pass both.
func TestEveryExpectationCanFail(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, good, bad, says string }{
		{"replies", "replies: [{contains: hello, visibility: private, template: hello, lang: en}]", "replies: [{contains: goodbye}]", `expected a reply containing "goodbye", got: private hello`},
		{"visibility", "replies: [{visibility: private}]", "replies: [{visibility: public}]", "expected a public reply"},
		{"template", "replies: [{template: hello}]", "replies: [{template: other}]", "template other"},
		{"lang", "replies: [{lang: en}]", "replies: [{lang: fr}]", "in fr"},
		{"not_contains", "replies: [{not_contains: goodbye}]", "replies: [{not_contains: HELLO}]", `without "HELLO"`},
		{"two replies", "replies: [{contains: hello}]", "replies: [{contains: hello}, {contains: hello}]", "expected a reply"},
		{"no_replies", "no_public: true", "no_replies: true", "expected no replies"},
		{"work_items", "work_items: [{kind: callback, queue: care, state: pending, priority: 50}]", "work_items: [{kind: review}]", "of kind review"},
		{"priority", "work_items: [{priority: 50}]", "work_items: [{priority: 90}]", "priority 90"},
		{"no_work_items", "no_public: true", "no_work_items: true", "expected no work item"},
		{"lookups", "lookups: [orders]", "lookups: [knowledge]", `lookup at "knowledge"`},
		{"subscriptions", "subscriptions: [{to: 'order.*', anchor: orderid=a-1}]", "subscriptions: [{to: 'order.*', anchor: orderid=B-2}]", "orderid=B-2"},
		{"promises", "promises: [{what: callback, state: open}]", "promises: [{what: callback, state: kept}]", "in state kept"},
		{"no_promises", "no_public: true", "no_promises: true", "expected no promise"},
		{"case state", "case: {state: waiting}", "case: {state: resolved}", `state to be "resolved"`},
		{"case outcome", "case: {intent: order_status}", "case: {outcome: answered}", "outcome"},
		{"case intent", "case: {intent: order_status}", "case: {intent: billing}", "intent"},
		{"case taken", "case: {taken: false}", "case: {taken: true}", "taken"},
		{"set_aside", "no_public: true", "set_aside: any", "set aside"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if r := run(t, story+"          "+c.good+"\n"); !r.Passed() {
				t.Errorf("good: %s", r.String())
			}
			r := run(t, story+"          "+c.bad+"\n")
			if r.Passed() || !strings.Contains(r.String(), c.says) {
				t.Errorf("bad: want a failure that says %q, got: %s", c.says, r.String())
			}
			if !strings.Contains(r.String(), "rule greet") {
				t.Errorf("the failure does not explain what fired: %s", r.String())
			}
		})
	}
}

func TestStepsHappen(t *testing.T) {
	t.Parallel()
	r := run(t, story+`          work_items: [{state: pending}]
      - take: {by: sam}
        then: {case: {taken: true, handed_over: true}}
      - handback: {by: sam}
        then: {case: {taken: false}}
      - complete: {by: sam, disposition: resolved, note: done}
        then:
          work_items: [{state: completed}]
          promises: [{what: callback, state: kept}]
          case: {state: resolved}
      - wait: 2h
      - event: {type: order.shipped, orderid: A-1}
      - post: {from: ann, text: "and again", private: true, reply_to: 1, understood: {needs_agent: true, intent: question, confidence: 0.9}}
        then: {case: {state: waiting}}
      - post: {from: ann, text: "and again!", edits: 2, understood: {needs_agent: true, intent: question, confidence: 0.9}}
    then:
      work_items: [{state: completed}, {state: pending}]
`)
	if !r.Passed() {
		t.Error(r.String())
	}
}

func TestWhatCannotHappenIsAnError(t *testing.T) {
	t.Parallel()
	for says, steps := range map[string]string{
		"no open work item": "      - complete: {disposition: reached}\n",
		"no case yet":       "      - take: {}\n",
	} {
		r := run(t, "scenarios:\n  - name: s\n    when:\n"+steps+"    then: {no_replies: true}\n")
		if r.Err == nil || !strings.Contains(r.Err.Error(), says) {
			t.Errorf("want an error that says %q, got %v", says, r.Err)
		}
	}
}

func TestABrokenPlaybookIsAnError(t *testing.T) {
	t.Parallel()
	r := Run(t.Context(), Options{Name: "x.yaml", Playbook: []byte("rules: 3"), Policy: domain.DefaultPolicy()},
		playbook.Scenario{Name: "s", Now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)})
	if r.Err == nil || !strings.Contains(r.Err.Error(), "x.yaml") {
		t.Errorf("got %v", r.Err)
	}
}
