package playbook

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

func oneRule(t *testing.T, on, when, do string) (*Playbook, *Rule) {
	t.Helper()
	src := "playbook: p\nrules:\n  - name: r\n    on: " + on + "\n"
	if when != "" {
		src += "    when: |\n      " + when + "\n"
	}
	p := mustCompile(t, src+"    do:\n      - "+do+"\n")
	return p, p.AllRules()[0]
}

func TestConditions(t *testing.T) {
	t.Parallel()
	for when, want := range map[string]bool{
		`case.sentiment == "negative" && order.late`:                                  true,
		`order.days_late == 1`:                                                        true, // promised a day and two hours ago; that it is expected in two days does not count yet
		`order.open && order.known && order.found`:                                    true,
		`case.knows("order") && case.knows("orders") && case.asked("orders")`:         true,
		`case.knows("customers")`:                                                     false,
		`case.promised("callback") && !case.promised("update")`:                       true,
		`case.was_promised("update")`:                                                 true,
		`case.is("late") && !case.is("lost")`:                                         true,
		`answer.orders.found && answer.orders.status == "delayed"`:                    true,
		`answer.knowledge.n == 3 && answer.articles.found == false`:                   true,
		`answer.weather.found`:                                                        false,
		`has(answer.knowledge.url) && !has(answer.knowledge.nothing)`:                 true,
		`size(post.order_refs) == 1 && post.order_refs[0] == "A-10234"`:               true,
		`customer.proven && customer.tier == "gold" && customer.first_name == "Jane"`: true,
		`customer.orders == ["A-10234"]`:                                              true,
		`event.type == "" && event.orderid == "" && size(event.data) == 0`:            true,
		`case.age == duration("1h") && order.eta > now && !has(order.delivered_at)`:   true,
		`post.topics.exists(t, t in ["late", "lost"])`:                                true,
		`queue.open || reminder == "x"`:                                               false,
		`case.number_known && !case.has_callback && case.replies == 0 && !case.taken`: true,
	} {
		_, r := oneRule(t, "post", when, "resolve: {}")
		got, _, err := r.Eval(testView())
		if err != nil || got != want {
			t.Errorf("%s: %v, %v; want %v", when, got, err, want)
		}
	}
}

// A view without anything must read as empty, never fail.
func TestEmptyView(t *testing.T) {
	t.Parallel()
	for name, k := range objects {
		for _, f := range k.names {
			if k.fields[f].typ == factKind.typ || k.fields[f].typ == ordersKind.typ {
				continue
			}
			_, r := oneRule(t, "post", "!known("+name+"."+f+") || true", "resolve: {}")
			if ok, _, err := r.Eval(&View{}); !ok || err != nil {
				t.Errorf("%s.%s: %v", name, f, err)
			}
		}
	}
	for _, f := range ordersKind.names {
		_, r := oneRule(t, "post", "known(answer.orders."+f+")", "resolve: {}")
		if ok, _, err := r.Eval(&View{}); ok || err != nil {
			t.Errorf("answer.orders.%s: %v %v", f, ok, err)
		}
	}
}

func TestEvalExplains(t *testing.T) {
	t.Parallel()
	_, r := oneRule(t, "post", `case.sentiment == "negative" && order.late && order.days_late > 0 && (order.open || true)`, "resolve: {}")
	_, values, err := r.Eval(testView())
	want := []domain.Value{{Expr: `case.sentiment == "negative"`, Value: "negative"}, {Expr: "order.late", Value: "true"},
		{Expr: "order.days_late > 0", Value: "1"}, {Expr: "(order.open || true)", Value: "true"}}
	if err != nil || !reflect.DeepEqual(values, want) {
		t.Errorf("%v, %v", values, err)
	}
	_, r = oneRule(t, "order.delayed", `event.data.hours > 3`, "resolve: {}")
	if ok, _, err := r.Eval(testView()); ok || err == nil || !strings.Contains(err.Error(), "hours") {
		t.Errorf("a missing key: %v, %v", ok, err)
	}
}

func TestCostIsLimited(t *testing.T) {
	t.Parallel()
	_, r := oneRule(t, "order.delayed", `event.data.a.all(x, event.data.a.all(y, event.data.a.all(z, x + y + z >= 0)))`, "resolve: {}")
	v := testView()
	v.Event = &domain.Event{Type: "order.delayed", Data: []byte(`{"a":[` + strings.Repeat("1,", 3000) + `1]}`)}
	begin := time.Now()
	ok, _, err := r.Eval(v)
	if ok || err == nil || !strings.Contains(err.Error(), "cost") {
		t.Errorf("%v, %v", ok, err)
	}
	if d := time.Since(begin); d > time.Minute {
		t.Errorf("took %v", d)
	}
}

func TestActions(t *testing.T) {
	t.Parallel()
	id := func(s string) []domain.Anchor { return []domain.Anchor{{Attr: "orderid", Value: s}} }
	for do, want := range map[string]Action{
		`lookup: {component: orders, id: post.order_refs[0]}`:                     Lookup{Component: "orders", ID: "A-10234"},
		`lookup: {component: orders}`:                                             Lookup{Component: "orders"},
		`lookup: {component: knowledge, query: how to return}`:                    Lookup{Component: "knowledge", Query: "how to return"},
		`subscribe: {to: "order.*", where: {orderid: order.id}, for: 1w}`:         Subscribe{To: "order.*", Where: id("A-10234"), For: 7 * 24 * time.Hour},
		`subscribe: {to: x.y, where: {orderid: " #a-1 "}, since: order.promised}`: Subscribe{To: "x.y", Where: id("A-1"), Since: testNow.Add(-26 * time.Hour)},
		`unsubscribe: {to: "order.*"}`:                                            Unsubscribe{To: "order.*"},
		`work_item: {kind: callback, queue: care, skills: [orders, case.lang], priority: high, due: 1h30m, about: post, note: "'Order ' + order.id"}`: WorkItem{Kind: domain.Callback, Queue: "care", Skills: []string{"orders", "en"}, Priority: domain.PriorityHigh, Due: 90 * time.Minute, About: "post", Note: "Order A-10234"},
		`work_item: {kind: review, priority: "order.late ? 70 : 10", note: call the customer. order first}`:                                           WorkItem{Kind: domain.Review, Priority: 70, Note: "call the customer. order first"},
		`promise: {what: callback, within: 2h, kept_by: order.shipped}`:                                                                               Promise{What: "callback", Within: 2 * time.Hour, KeptBy: "order.shipped"},
		`promise: {what: callback, by: order.eta}`:                                                                                                    Promise{What: "callback", By: testNow.Add(50 * time.Hour)},
		`remind: {name: x, in: 5m}`: Remind{Name: "x", In: 5 * time.Minute},
		`update: {case: {topic: lost, intent: post.intent}, customer: {lang: post.lang}}`: Update{Case: map[string]string{"topic": "lost", "intent": "order_status"}, Customer: map[string]string{"lang": "en"}},
		`verify: {}`:                                              Verify{Order: "A-10234"},
		`handover: {queue: urgent, why: order}`:                   Handover{Queue: "urgent", Why: "order"},
		`resolve: {outcome: answered}`:                            Resolve{Outcome: "answered"},
		`notify: {role: supervisor, text: '"quoted " + case.id'}`: Notify{Role: "supervisor", Text: "quoted k1"},
		`emit: {type: acme.x, data: {n: 3, s: "3", id: order.id, items: order.items, late: order.late}}`: Emit{Type: "acme.x", Data: []byte(`{"id":"A-10234","items":["Red kettle","Mug @everyone evil.com"],"late":true,"n":3,"s":"3"}`)},
		`reply: {text: "Order {order.id} is late", valid_for: 1h}`:                                       Reply{Text: "Order A-10234 is late", Visibility: domain.Private, ValidFor: time.Hour, Needs: []string{"A-10234"}, Langs: []string{"en"}},
	} {
		_, r := oneRule(t, "post", "", do)
		got, err := r.Resolve(0, testView())
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n got %#v, %v\nwant %#v", do, got, err, want)
		}
	}
}

func TestActionsThatCannotBeResolved(t *testing.T) {
	t.Parallel()
	for do, part := range map[string]string{
		`lookup: {component: orders, id: post.trackings[0]}`: "argument id",
		`lookup: {component: orders, id: case.owner}`:        "argument id: is empty",
		`subscribe: {to: x.y, where: {area: order.area}}`:    "argument where.area: is empty",
		`promise: {what: callback, by: order.delivered_at}`:  "argument by",
		`update: {case: {topic: order.status}}`:              "argument topic",
		`reply: {text: "{event.data.x}"}`:                    "argument text",
	} {
		_, r := oneRule(t, "post", "", do)
		if got, err := r.Resolve(0, testView()); err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%s: %v, %v; want %q", do, got, err, part)
		}
	}
}

func TestTriggers(t *testing.T) {
	t.Parallel()
	p := mustCompile(t, `
playbook: p
rules:
  - {name: a, on: [post, "order.*"], do: [{resolve: {}}]}
  - {name: b, on: order.delayed, do: [{resolve: {}}]}
  - {name: c, on: acme.thing, do: [{resolve: {}}]}
`)
	for trigger, want := range map[string]string{"post": "a", "order.delayed": "a b", "order.strange": "a", "acme.thing": "c", "acme.thingy": "", "post.edited": ""} {
		for range 2 {
			var got []string
			for _, r := range p.Rules(trigger) {
				got = append(got, r.Name)
			}
			if s := strings.Join(got, " "); s != want {
				t.Errorf("%s: %q, want %q", trigger, s, want)
			}
		}
	}
}

func TestDefaultAndExamplesCompile(t *testing.T) {
	t.Parallel()
	files, _ := filepath.Glob("../../examples/playbooks/*.yaml")
	if len(files) < 3 {
		t.Fatalf("found %d examples", len(files))
	}
	for _, f := range files {
		src, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Compile(f, src, domain.DefaultPolicy()); err != nil {
			t.Error(err)
		}
	}
	p := mustCompile(t, string(Default()))
	used := map[string]bool{}
	for _, r := range p.AllRules() {
		for i := range r.Steps() {
			if a, err := r.Resolve(i, testView()); err == nil {
				if reply, ok := a.(Reply); ok {
					used[reply.Template] = true
				}
			}
		}
	}
	for name, tpl := range p.templates {
		if !used[name] {
			t.Errorf("template %s is used by no rule", name)
		}
		for _, lang := range []string{"en", "es"} {
			if tpl.texts[lang] == nil {
				t.Errorf("template %s has no %s", name, lang)
			}
		}
	}
}

func TestHashFollowsSourceAndPolicy(t *testing.T) {
	t.Parallel()
	src := "playbook: p\nrules: []\n"
	a, b := mustCompile(t, src), mustCompile(t, src+"# x\n")
	policy := domain.DefaultPolicy()
	policy.MaxReplies++
	c, err := Compile("x", []byte(src), policy)
	if err != nil || a.Hash() == b.Hash() || a.Hash() == c.Hash() || a.Hash() != mustCompile(t, src).Hash() {
		t.Errorf("%s %s %s %v", a.Hash(), b.Hash(), c.Hash(), err)
	}
}
