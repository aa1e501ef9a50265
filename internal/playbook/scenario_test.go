package playbook

import (
	"strings"
	"testing"
	"time"
)

func TestDefaultScenariosParse(t *testing.T) {
	t.Parallel()
	p := mustCompile(t, string(Default()))
	total := 0
	for name, src := range DefaultScenarios() {
		list, err := ParseScenarios(name, src)
		if err != nil {
			t.Error(err)
		}
		total += len(list)
		for _, s := range list {
			expects := []*Expect{s.Then}
			for _, st := range s.When {
				expects = append(expects, st.Then)
			}
			for _, e := range expects {
				if e == nil {
					continue
				}
				for _, r := range e.Replies {
					if r.Template != "" && p.template(r.Template) == nil {
						t.Errorf("%s:%d: there is no template %q", name, r.Line, r.Template)
					}
				}
			}
		}
	}
	if total < 25 {
		t.Errorf("%d scenarios", total)
	}
}

func TestParseScenario(t *testing.T) {
	t.Parallel()
	list, err := ParseScenarios("s.yaml", []byte(`
scenarios:
  - name: a
    now: 2026-12-01T08:00:00Z
    given:
      customers: [{ref: C-1, name: Ann, email: A@B.co, consent: {calls: refused}, identities: [{handle: ann}]}]
      orders: [{id: " a-1", status: shipped, eta: 2026-12-03, items: [Cup, {sku: x, name: Y, quantity: 2}]}]
      waiting: {care: 3}
    when:
      - post: {from: ann, text: hi, understood: {intent: praise, topics: [], confidence: 0.5, thanks: false}}
        then: {no_replies: true}
      - event: {type: order.delayed, orderid: A-1, data: {n: 1, s: "1", b: true, l: [x]}}
      - wait: 2h
      - complete: {disposition: reached}
      - take:
      - handback: {by: ana}
      - post: {from: ann, private: true, text: thanks, reply_to: 1}
    then:
      replies: {visibility: private, contains: hello}
      work_items: [{kind: callback, priority: high, state: completed}]
      promises: [callback, {what: review, state: broken}]
      subscriptions: [{to: "order.*", anchor: orderid=A-1}]
      case: {state: resolved, handed_over: false}
`))
	if err != nil {
		t.Fatal(err)
	}
	s := list[0]
	switch {
	case s.Now.Hour() != 8, s.Given.Customers[0].Email != "a@b.co", s.Given.Customers[0].Identities[0].Author != "ann",
		s.Given.Customers[0].Consent.Calls != "refused", s.Given.Orders[0].ID != "A-1", s.Given.Orders[0].Items[1].Quantity != 2, s.Given.Waiting["care"] != 3,
		len(s.When) != 7, !s.When[0].Then.NoReplies, s.When[0].Post.Understood.Topics == nil, *s.When[0].Post.Understood.Thanks,
		string(s.When[1].Event.Data) != `{"b":true,"l":["x"],"n":1,"s":"1"}`, s.When[2].Wait != 2*time.Hour, s.When[3].Complete.Disposition != "reached",
		s.When[4].Take == nil, s.When[5].HandBack.By != "ana", !s.When[6].Post.Private, s.When[6].Post.ReplyTo != 1,
		s.Then.Replies[0].Contains[0] != "hello", s.Then.WorkItems[0].Priority != 80, s.Then.Promises[1].State != "broken", *s.Then.Case.HandedOver:
		t.Errorf("%+v", s)
	}
}

func TestScenarioProblems(t *testing.T) {
	t.Parallel()
	_, err := ParseScenarios("s.yaml", []byte(`
scenarios:
  - name: a
    wen: []
  - name: a
    given: {customers: [{nam: x, identities: [{}]}], orders: [{status: shiped}]}
    when:
      - post: {from: x, text: y, reply_to: 1, understood: {intent: prais, confidence: 2}}
        event: {}
      - wait: soon
      - complete: {}
      - {}
    then: {replys: [], case: {state: closed}, subscriptions: [{anchor: ordrid=1}]}
`))
	if err == nil {
		t.Fatal("no problems")
	}
	for _, want := range []string{
		`s.yaml:4: a scenario has no "wen", expected one of name, now, given, when, then, did you mean when`,
		`s.yaml:5: there are two scenarios named "a"`, `s.yaml:6: a customer has no "nam"`, `did you mean shipped`, `the identity names nobody`,
		`reply_to is 1`, `did you mean praise`, `confidence is "2"`, `the step has 2 of them`, `"soon" is not a duration`,
		`complete does not say how it ended`, `the step has 0 of them`, `did you mean replies`, `state is "closed"`, `did you mean orderid`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("nothing says %q in:\n%v", want, err)
		}
	}
}
