package config

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/component"
	"github.com/contact-advocate/advocate/internal/component/builtin"
	"github.com/contact-advocate/advocate/internal/component/knowledge"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social/bluesky"
)

const example = "../../examples/config/advocate.yaml"

func TestExampleIsCompleteAndValid(t *testing.T) {
	t.Parallel()
	c, err := Load(example, nil)
	if err != nil {
		t.Fatal(err)
	}
	src, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	// every key of the top, of the policy and of the networks is shown
	for _, k := range Describe() {
		if strings.Contains(k.Name, "[]") || strings.Contains(k.Name, "<name>") {
			continue
		}
		name := k.Name[strings.LastIndexByte(k.Name, '.')+1:]
		if !strings.Contains(string(src), name+":") {
			t.Errorf("the example does not show %s", k.Name)
		}
	}
	p := c.Policy.Domain()
	if p.Company != "Example Shop" || p.QuietClose != 72*time.Hour || p.Disclosure["nl"] == "" || p.Disclosure["en"] == "" {
		t.Errorf("policy: %+v", p)
	}
	care := p.Queues["care"]
	if len(care.Hours) != 6 || care.Hours[0] != (domain.Hours{Weekday: time.Monday, From: 480, To: 1080}) || len(care.Holidays) != 3 {
		t.Errorf("care: %+v", care)
	}
	if u := p.Queues["urgent"]; len(u.Hours) != 7 || u.Hours[0].To != 1440 {
		t.Errorf("urgent: %+v", u)
	}
	h := c.Components.HTTP[0]
	if h.Auth.Bearer.Env != "WAREHOUSE_TOKEN" || h.Timeout != 5*time.Second || h.Retries == nil || *h.Retries != 2 || !strings.Contains(h.Place, "components.http[0]") {
		t.Errorf("component: %+v", h)
	}
	if c.Sources[0].Secrets[0].Env != "SHOP_WEBHOOK_SECRET" || c.Webhooks[0].Secret.File != "/run/secrets/crm" {
		t.Errorf("secrets: %v %v", c.Sources[0].Secrets, c.Webhooks[0].Secret)
	}
	if c.Data != filepath.Join(filepath.Dir(example), "data") {
		t.Errorf("data is %q; want it beside the file", c.Data)
	}
}

// TestEveryDefault reads each default as the docs tell it and as the engine
// gets it.
func TestEveryDefault(t *testing.T) {
	t.Parallel()
	c, err := Parse("", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(c.Policy.Domain(), domain.DefaultPolicy()) {
		t.Errorf("the default policy is\n%+v\nwant\n%+v", c.Policy.Domain(), domain.DefaultPolicy())
	}
	want := map[string]string{
		"listen": "127.0.0.1:8080", "data": "data", "store": "sqlite", "store_password": "", "vault_key": "", "public_url": "",
		"tls.cert": "", "tls.key": "", "tls.http_listen": "", "tls.acme.domains": "", "tls.acme.email": "",
		"tls.acme.directory": "https://acme-v02.api.letsencrypt.org/directory", "tls.acme.ca": "", "tls.acme.allow_private": "false", "trusted_proxies": "",
		"auth.session_idle": "8h", "auth.session_max": "24h", "auth.require_totp": "", "auth.audit_keep": "400d", "auth.oidc.issuer": "", "auth.oidc.client_id": "", "auth.oidc.client_secret": "",
		"auth.oidc.scopes": "", "auth.oidc.domains": "", "auth.oidc.role_claim": "", "auth.oidc.roles": "", "auth.oidc.default_role": "", "auth.oidc.create": "false", "auth.oidc.link_email": "false",
		"log.level": "info", "log.format": "text",
		"playbook": "", "knowledge": "", "settle_seconds": "0", "workers": "16", "allow_private": "false", "order_patterns": "",
		"networks.sandbox.enabled": "auto", "networks.sandbox.handle": "advocate", "networks.sandbox.max_posts": "20000",
		"components.max_questions": "4", "components.max_questions_of": "",
		"policy.company": "our team", "policy.contact": "", "policy.default_lang": "en", "policy.time_zone": "UTC", "policy.phone_region": "US",
		"policy.answer_within": "15m", "policy.verify_within": "4h", "policy.number_within": "30m", "policy.lookup_within": "2m",
		"policy.reply_valid": "24h", "policy.quiet_close": "72h", "policy.join_within": "7d", "policy.quiet_from": "21", "policy.quiet_to": "8",
		"policy.max_contacts": "3", "policy.max_replies": "12", "policy.max_replies_hour": "8", "policy.max_verify": "3",
		"policy.max_verify_day": "5", "policy.max_verify_order": "5", "policy.max_verify_network": "200", "policy.answer_all": "false",
		"policy.disclosure": "de, en, es, fr", "policy.queues": "care, urgent", "policy.default_queue": "care",
	}
	got := map[string]string{}
	for _, k := range Describe() {
		if !strings.Contains(k.Name, "[]") && !strings.Contains(k.Name, "<name>") && k.Type != "list" && (k.Type != "map" || k.Default != "") {
			got[k.Name] = k.Default
		}
	}
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if w, ok := want[name]; !ok || w != got[name] {
			t.Errorf("default of %s is %q, want %q (known %v)", name, got[name], w, ok)
		}
		delete(want, name)
	}
	if len(want) > 0 {
		t.Errorf("keys that are gone: %v", want)
	}
	real := c
	real.Networks.Bluesky = []bluesky.Config{{}}
	if !c.SandboxOn() || real.SandboxOn() {
		t.Error("auto must mean: on until a real network is configured")
	}
}

func TestEveryKeyIsDescribed(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, k := range Describe() {
		known[k.Name] = true
		if k.Doc == "" {
			t.Errorf("%s has no text", k.Name)
		}
	}
	for name := range docs {
		if !known[name] {
			t.Errorf("%s is described and is no key", name)
		}
	}
	if md := Markdown(); !strings.Contains(md, "| `policy.answer_within` | duration | `15m` | `ADVOCATE_POLICY_ANSWER_WITHIN` |") {
		t.Errorf("the table lacks a row:\n%s", md)
	}
}

// TestBuiltInComponents: the names are those that the components have.
func TestBuiltInComponents(t *testing.T) {
	t.Parallel()
	policy := domain.DefaultPolicy()
	names := []string{(*knowledge.Knowledge)(nil).Name()}
	for _, c := range []component.Component{builtin.Orders(nil), builtin.Customers(nil), builtin.Notices(nil), builtin.Queues(nil, func() *domain.Policy { return &policy })} {
		names = append(names, c.Name())
	}
	slices.Sort(names)
	if !slices.Equal(names, builtInComponents) {
		t.Errorf("%v, want %v", builtInComponents, names)
	}
	c, err := Parse("", []byte("components: {max_questions: 6, max_questions_of: {orders: 9}}\n"), []string{"ADVOCATE_COMPONENTS_MAX_QUESTIONS=7"})
	if err != nil || c.Components.Questions("orders") != 9 || c.Components.Questions("queues") != 7 {
		t.Errorf("%+v, %v", c.Components, err)
	}
}

func TestProblems(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		src  string
		want []string
	}{
		"unknown key":      {"listn: :80\n", []string{`c.yaml:1: unknown key "listn"`, "did you mean listen"}},
		"unknown inner":    {"policy:\n  anwser_within: 5m\n", []string{`c.yaml:2: unknown key "policy.anwser_within"`, "did you mean answer_within"}},
		"duration":         {"policy:\n  answer_within: 15\n", []string{"c.yaml:2: policy.answer_within is \"15\"", "15m"}},
		"duration range":   {"policy:\n  answer_within: 1s\n", []string{"c.yaml:2", "from 1m to 7d"}},
		"number":           {"workers: many\n", []string{"c.yaml:1: workers is \"many\", expected a whole number"}},
		"bool":             {"allow_private: yes please\n", []string{"true or false"}},
		"hours":            {"policy:\n  queues:\n    care:\n      hours: [\"mon-fry 8:00-18:00\"]\n", []string{"c.yaml:4: policy.queues.care.hours[0]", "\"fry\" is not a weekday", "mon-fri 08:00-18:00"}},
		"hours backwards":  {"policy:\n  queues:\n    care:\n      hours: [\"mon 18:00-08:00\"]\n", []string{"ends before it begins"}},
		"offer time":       {"policy:\n  queues:\n    care:\n      offer_for: 1s\n", []string{"c.yaml:4: policy.queues.care.offer_for", "5s to 1h"}},
		"relaxing back":    {"policy:\n  queues:\n    care:\n      relax:\n        - {after: 2m, levels: 1}\n        - {after: 1m, any_skill: true}\n", []string{"c.yaml:6: policy.queues.care.relax[1].after", "2m1s"}},
		"relaxing nothing": {"policy:\n  queues:\n    care:\n      relax: [{after: 2m}]\n", []string{"weakens nothing"}},
		"overflow":         {"policy:\n  queues:\n    care: {overflow: [{after: 2m, queue: cair}]}\n    cars: {}\n", []string{"overflow[0].queue", "no other queue", "expected cars"}},
		"overflow to self": {"policy:\n  queues:\n    care: {overflow: [{after: 2m, queue: care}]}\n    cars: {}\n", []string{"no other queue"}},
		"disposition":      {"policy:\n  queues:\n    care: {dispositions: [{name: done, means: resolvd}, {name: done}]}\n", []string{"dispositions[0].means", "did you mean", "is taken"}},
		"holiday":          {"policy:\n  queues:\n    care:\n      holidays: [25.12.2026]\n", []string{"c.yaml:4", "2026-12-25"}},
		"zone":             {"policy:\n  time_zone: Mars/Base\n", []string{"c.yaml:2", "Europe/Berlin"}},
		"default queue":    {"policy:\n  default_queue: caer\n", []string{"c.yaml:2", "did you mean care"}},
		"literal secret":   {"webhooks:\n  - name: crm\n    url: https://x.example\n    secret: hunter2\n", []string{"c.yaml:4", "{env: NAME}, {file: PATH} or {vault: NAME}"}},
		"secret by value":  {"webhooks:\n  - name: crm\n    url: https://x.example\n    secret: {value: hunter2}\n", []string{"c.yaml:4", "secrets do not belong"}},
		"same name":        {"webhooks:\n  - {name: a, url: 'https://x.example'}\n  - {name: a, url: 'https://x.example'}\n", []string{"c.yaml:3", "taken"}},
		"no url":           {"webhooks:\n  - {name: a}\n", []string{"c.yaml:2", "https://"}},
		"pattern":          {"order_patterns: ['(']\n", []string{"c.yaml:1: order_patterns[0]", "regular expression"}},
		"greedy pattern":   {"order_patterns: ['\\d*']\n", []string{"empty text"}},
		"twice":            {"data: a\ndata: b\n", []string{"c.yaml:2", "second time", "line 1"}},
		"list for a value": {"listen: [a]\n", []string{"c.yaml:1: listen is a list"}},
		"value for a map":  {"policy: strict\n", []string{"c.yaml:1: policy is \"strict\", expected a map"}},
		"anchor":           {"data: &x a\n", []string{"anchors"}},
		"not YAML":         {"a: [\n", []string{"not valid YAML"}},
		"a list":           {"- a\n", []string{"not a map"}},
		"listen":           {"listen: everywhere\n", []string{"127.0.0.1:8080"}},
		"all at once":      {"listn: x\nworkers: many\nlog: {level: loud}\n", []string{"c.yaml:1", "c.yaml:2"}},
		"questions":        {"components: {max_questions: 0}\n", []string{"c.yaml:1: components.max_questions is 0", "from 1 to 256"}},
		"questions of":     {"components:\n  max_questions_of:\n    warehose: 300\n  http:\n    - {name: warehouse, url: 'https://x.example/{id}', map: '.'}\n", []string{"c.yaml:3", "did you mean warehouse", "from 1 to 256"}},
		"questions text":   {"components:\n  max_questions_of: {orders: some}\n", []string{"c.yaml:2: components.max_questions_of.orders is \"some\", expected a whole number"}},
		"built-in name":    {"components:\n  http:\n    - {name: orders, url: 'https://x.example/{id}', map: '.'}\n", []string{"c.yaml:3", "taken"}},
		"network's key":    {"networks:\n  bluesky:\n    - {handel: shop.example}\n", []string{`c.yaml:3: unknown key "networks.bluesky[0].handel"`, "did you mean handle"}},
		"network's list":   {"networks:\n  mastdon: []\n", []string{"c.yaml:2", "did you mean mastodon"}},
		"network's secret": {"networks:\n  mastodon:\n    - {url: 'https://m.example', token: hunter2}\n", []string{"c.yaml:3: networks.mastodon[0].token holds a secret itself"}},
		"second account":   {"networks:\n  x:\n    - {tier: free}\n    - {tier: basic}\n", []string{"c.yaml:4: networks.x[1] is a second account", "account: a label"}},
		"same account":     {"networks:\n  mastodon:\n    - {url: 'https://m.example', account: a}\n    - {url: 'https://n.example', account: a}\n    - {url: 'https://M.example/', account: a}\n", []string{"c.yaml:5: networks.mastodon[2].account is \"a\"", "mastodon[0]"}},
		"no value":         {"listen:\n", []string{"c.yaml:1: listen has no value"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse("c.yaml", []byte(c.src), nil)
			var ps Problems
			if !errors.As(err, &ps) {
				t.Fatalf("got %v, want problems", err)
			}
			for _, w := range c.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("%q lacks %q", err, w)
				}
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the message tells the secret: %v", err)
			}
		})
	}
}

func TestEnvironment(t *testing.T) {
	t.Parallel()
	c, err := Parse("", []byte("log: {level: warn}\n"), []string{
		"ADVOCATE_LISTEN=:9000", "ADVOCATE_LOG_LEVEL=debug", "ADVOCATE_POLICY_ANSWER_WITHIN=20m", "ADVOCATE_ALLOW_PRIVATE=true",
		"ADVOCATE_SERVICE_PORT=tcp://10.0.0.1:80", "OTHER=x", "ADVOCATE_PLAYBOOK=/a.yaml",
	})
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen != ":9000" || c.Log.Level != "debug" || c.Policy.AnswerWithin != 20*time.Minute || !c.AllowPrivate || c.Playbook != "/a.yaml" {
		t.Errorf("got %+v", c)
	}
	_, err = Parse("c.yaml", nil, []string{"ADVOCATE_WORKERS=some"})
	if err == nil || !strings.Contains(err.Error(), "ADVOCATE_WORKERS: workers is \"some\"") {
		t.Errorf("got %v", err)
	}
}

func TestHours(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"mon-fri 08:00-18:00": "Mon Tue Wed Thu Fri 480-1080", "sat,sun 10:00-14:30": "Sun Sat 600-870",
		"fri-mon 9:00-10:00": "Sun Mon Fri Sat 540-600", "Daily 00:00 - 24:00": "Sun Mon Tue Wed Thu Fri Sat 0-1440",
	} {
		hours, err := ParseHours(in)
		if err != nil {
			t.Errorf("%s: %v", in, err)
			continue
		}
		var days []string
		for _, h := range hours {
			days = append(days, h.Weekday.String()[:3])
		}
		if got := fmt.Sprintf("%s %d-%d", strings.Join(days, " "), hours[0].From, hours[0].To); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
	for _, in := range []string{"", "mon", "mon 8-18", "xyz 08:00-09:00", "mon 25:00-26:00", "mon 08:00-08:00", "mon 08:60-09:00", "mon- 08:00-09:00"} {
		if h, err := ParseHours(in); err == nil {
			t.Errorf("%q was read as %v", in, h)
		}
	}
}

func TestLoadWithoutAFile(t *testing.T) {
	t.Parallel()
	if _, err := Load(filepath.Join(t.TempDir(), "none.yaml"), nil); err == nil {
		t.Error("a named file that is not there must be an error")
	}
}

func FuzzConfig(f *testing.F) {
	src, err := os.ReadFile(example)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(src)
	for _, s := range []string{"", "a", "policy: {queues: {x: }}", "webhooks: [{secret: {env: A}}]", "- - - -", "? a", "a: !!x b", "policy:\n  queues:\n    a: {hours: 'mon 1:00-2:00'}", "[[[[[[[["} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		c, err := Parse("c.yaml", src, nil)
		if err != nil {
			var ps Problems
			if !errors.As(err, &ps) || len(ps) == 0 {
				t.Fatalf("an error without problems: %v", err)
			}
			return
		}
		c.Policy.Domain() // what passed must be usable
	})
}
