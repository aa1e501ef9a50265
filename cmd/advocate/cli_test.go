package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestHelp(t *testing.T) {
	t.Parallel()
	var all strings.Builder
	for _, args := range [][]string{
		{}, {"serve"}, {"demo"}, {"replay"}, {"check"}, {"playbook"}, {"playbook", "test"}, {"playbook", "publish"}, {"explain"},
		{"import", "orders"}, {"import", "customers"}, {"customer", "erase"}, {"customer", "merge"}, {"work-item", "complete"}, {"dead-letter", "list"},
		{"switch", "set"}, {"understand"}, {"token", "create"}, {"backup"}, {"restore"}, {"migrate"}, {"doctor"}, {"connect"}, {"connect", "mastodon"}, {"bench"}, {"sim"}, {"version"},
	} {
		out := must(t, t.TempDir(), append(args, "--help")...)
		if len(args) > 0 && !strings.Contains(out, "xample") && args[0] != "playbook" && args[0] != "token" {
			t.Errorf("advocate %s --help has no examples:\n%s", strings.Join(args, " "), out)
		}
		all.WriteString("$ advocate " + strings.Join(append(args, "--help"), " ") + "\n" + out + "\n")
	}
	golden(t, "help.txt", all.String())
}

// TestErrors holds what a wrong command line or file says.
func TestErrors(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "array.json", `[{"text":"x"}]`)
	write(t, dir, "bad.jsonl", "{\"text\":\"fine\"}\nnot json\n{\"text\":3}\n{\"no\":\"text\"}\n{\"text\":\"x\",\"at\":\"soon\"}\n{\"text\":\"x\",\"visibility\":\"secret\"}\n")
	write(t, dir, "head.csv", "id,words\n1,hello\n")
	write(t, dir, "bad.yaml", "playbook: x\nrules:\n  - name: a\n    on: [pots]\n    do:\n      - repply: {template: hello}\n")
	write(t, dir, "conf.yaml", "listen: 127.0.0.1:0\nstoer: sqlite\n")
	var all strings.Builder
	for _, c := range []struct {
		code int
		args []string
	}{
		{2, []string{"--store", "mysql", "doctor"}},
		{2, []string{"--store", "mysql://ann:s3cret@db/advocate", "doctor"}},
		{1, []string{"--store", "postgres:///advocate?host=/nowhere&user=ann&password=s3cret", "token", "list"}},
		{2, []string{"--store", "postgres://ann:s3cret@db/advocate", "backup", "x.db"}},
		{2, []string{"--store", "postgres://ann:s3cret@db/advocate", "restore", "x.db"}},
		{2, []string{"--store", "postgres://ann:s3cret@db/advocate", "demo"}},
		{2, []string{"--store", "postgres://ann:s3cret@db/advocate", "replay", "bad.jsonl"}},
		{2, []string{"serv"}},
		{2, []string{"replay"}},
		{1, []string{"replay", "missing.jsonl"}},
		{1, []string{"replay", "array.json"}},
		{1, []string{"replay", "head.csv"}},
		{3, []string{"replay", "bad.jsonl", "--json"}},
		{3, []string{"check", "bad.yaml", "conf.yaml"}},
		{1, []string{"serve", "--config", "missing.yaml"}},
		{2, []string{"serve", "--listen", "nowhere"}},
		{1, []string{"work-item", "list"}},
		{2, []string{"work-item", "cancel", "c0000000000001-w1"}},
		{2, []string{"work-item", "cancel", "c0000000000001-w1", "--note", " "}},
		{2, []string{"token", "create", "--name", "x", "--role", "king"}},
		{2, []string{"bench", "--advocates", "1"}},
		{2, []string{"understand"}},
		{1, []string{"backup", "x.db"}},
	} {
		r := command(t, dir, "", c.args...)
		if r.code != c.code {
			t.Errorf("advocate %s: exit %d, want %d", strings.Join(c.args, " "), r.code, c.code)
		}
		text := r.err
		if strings.HasPrefix(c.args[0], "check") {
			text = r.stdout
		}
		all.WriteString("$ advocate " + strings.Join(c.args, " ") + "\n" + text + "\n")
	}
	golden(t, "errors.txt", strings.ReplaceAll(all.String(), dir, "DIR"))
}

func TestVersionAndUnderstand(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	v := decode[map[string]any](t, must(t, dir, "version", "--json"))
	for _, k := range []string{"version", "engine", "go"} {
		if v[k] == nil {
			t.Errorf("version --json has no %s: %v", k, v)
		}
	}
	out := must(t, dir, "understand", "--json", "where is my order A-10234??")
	u := decode[map[string]any](t, out)
	for _, k := range []string{"id", "lang", "intent", "intent_confidence", "second_intent", "needs_agent", "needs_agent_confidence", "sentiment", "urgency", "entities"} {
		if _, ok := u[k]; !ok {
			t.Errorf("understand --json has no %s: %s", k, out)
		}
	}
	if u["intent"] != "order_status" {
		t.Errorf("understood %s", out)
	}
	for text, want := range map[string][]string{
		"where is my order A-10234??":             {`"model":"rules/`, `"lang_confidence":0.`, `"sentiment_confidence":0.`, `"value":"A-10234"`, `"confidence":0.`, `"stop":false`, `"call_consent":""`, `"preferred":null`},
		"please call me tomorrow after 5pm":       {`"call_consent":"granted"`, `"preferred":{"from_hour":17,`, `"day_offset":1`},
		"let me talk to a person please":          {`"wants_person":true`},
		"stop writing to me":                      {`"stop":true`},
		"how long do I have to return something?": {`"general_question":true`},
		"all sorted, thank you!":                  {`"thanks":true`},
		"I don't have the number":                 {`"lacks":true`},
		"@acme Yes and yes.":                      {`"reply":true`},
		"my parcel was late (1/3)":                {`"continues":true`},
	} {
		out := must(t, dir, "understand", "--json", text)
		for _, w := range want {
			if !strings.Contains(out, w) {
				t.Errorf("understand --json %q has no %s: %s", text, w, out)
			}
		}
	}
	write(t, dir, "p.csv", "id;text\n7;where is A-1?\n8;thanks!\n")
	if lines := strings.Split(strings.TrimSpace(must(t, dir, "understand", "--json", "--file", "p.csv")), "\n"); len(lines) != 2 || !strings.Contains(lines[0], `"id":"7"`) {
		t.Errorf("a file gives %q", lines)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if out := must(t, dir, "check"); !strings.Contains(out, "no problems") {
		t.Errorf("the defaults have problems: %s", out)
	}
	write(t, dir, "mine.yaml", must(t, dir, "playbook", "show"))
	write(t, dir, "advocate.yaml", "playbook: mine.yaml\npolicy:\n  company: Acme\n")
	if out := must(t, dir, "check"); !strings.Contains(out, "mine.yaml") {
		t.Errorf("the named playbook was not checked: %s", out)
	}
	write(t, dir, "least.yaml", "# the least there can be\nplaybook: ./mine.yaml\n")
	if out := must(t, dir, "check", "least.yaml"); !strings.Contains(out, "mine.yaml: no problems") {
		t.Errorf("a configuration with one key was not taken for one: %s", out)
	}
	write(t, dir, "mine.yaml", "playbook: x\nrules:\n  - name: a\n    on: [post]\n    when: post.intnet == \"praise\"\n    do:\n      - resolve: {outcome: fine}\n")
	r := command(t, dir, "", "check", "--json")
	rep := decode[struct {
		Problems []problemView `json:"problems"`
	}](t, r.stdout)
	if r.code != 3 || len(rep.Problems) != 1 || rep.Problems[0].Line != 5 || rep.Problems[0].DidYouMean == "" {
		t.Errorf("exit %d: %+v", r.code, rep)
	}
}

// TestCheckTellsEverythingAtOnce: keys, values, files and variables that are
// missing, and the playbook's own mistakes, in one go.
func TestCheckTellsEverythingAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "mine.yaml", "playbook: x\nrules:\n  - name: a\n    on: [post]\n    do:\n      - lookup: {component: warehose, id: \"1\"}\n  - name: b\n    on: [answer.stock]\n    do:\n      - resolve: {outcome: fine}\n")
	write(t, dir, "advocate.yaml", `stoer: sqlite
workers: many
log: {level: loud}
policy:
  time_zone: Mars/Base
  queues: {care: {hours: ["mon 25:00-26:00"]}}
playbook: mine.yaml
knowledge: ./nowhere
components:
  http:
    - {name: stock, url: "https://stock.example.com/{id}", auth: {bearer: {env: NO_SUCH_VARIABLE}}, map: "{found: true}"}
`)
	r := command(t, dir, "", "check")
	for _, want := range []string{"stoer", "workers", "log.level", "time_zone", "hours", "nowhere", "NO_SUCH_VARIABLE", `mine.yaml:6: there is no component "warehose"`} {
		if !strings.Contains(r.stdout, want) {
			t.Errorf("check says nothing of %s", want)
		}
	}
	if strings.Contains(r.stdout, "answer.stock") || strings.Contains(r.stdout, `component "stock"`) || r.code != exitProblem {
		t.Errorf("a configured component is not known")
	}
	if t.Failed() {
		t.Log(r.stdout + r.err)
	}
}

func TestPlaybookTest(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "s.yaml", "scenarios:\n  - name: late\n    when:\n      - post: {from: ann, text: \"where is my order A-10234\"}\n        then: {replies: [{template: no-such}]}\n")
	r := command(t, dir, "", "playbook", "test", "s.yaml")
	if r.code != 3 || !strings.Contains(r.stdout, "s.yaml:5: expected a reply from the template no-such, got:") || !strings.Contains(r.stdout, "rule ") {
		t.Errorf("exit %d: %s%s", r.code, r.stdout, r.err)
	}
	write(t, dir, "s.yaml", "scenarios:\n  - name: late\n    when:\n      - post: {from: ann, text: \"where is my order A-10234\"}\n        then: {lookups: [orders]}\n")
	if out := must(t, dir, "playbook", "test", "s.yaml", "-v"); !strings.Contains(out, "1 passed") {
		t.Errorf("%s", out)
	}
}

// TestReplayAuthored lets every post that ships with the reader's tests end in
// something.
func TestReplayAuthored(t *testing.T) {
	t.Parallel()
	posts, err := filepath.Glob("../../internal/understand/testdata/posts-authored*")
	if err != nil || len(posts) == 0 {
		t.Skip("the authored posts are not here")
	}
	file, err := filepath.Abs(posts[0])
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	sum := decode[replaySummary](t, must(t, dir, "replay", file, "--json", "--out", "out.jsonl"))
	if sum.Posts < 200 || sum.Unaccounted != 0 || sum.Errors != 0 || sum.Answered == 0 || sum.HandedOver == 0 || len(sum.SetAside) == 0 {
		t.Errorf("%+v", sum)
	}
	out, err := os.ReadFile(filepath.Join(dir, "out.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) != sum.Posts {
		t.Fatalf("%d lines for %d posts", len(lines), sum.Posts)
	}
	for _, l := range lines {
		f := decode[fate](t, l)
		if f.ID == "" || f.Text == "" || f.Outcome == "" || f.Outcome == endNothing {
			t.Errorf("%s", l)
		}
	}
}

func TestReplayFormats(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "p.csv", "\xef\xbb\xbfText,Author,At\n\"where is my order A-10234, please?\",ann,2026-01-05T10:00:00Z\n\"three times, \"\"A-10234\"\" is late!\",ann,2026-01-05 10:00:05\n")
	if sum := decode[replaySummary](t, must(t, dir, "replay", "p.csv", "--json")); sum.Posts != 2 || sum.Customers != 1 || sum.Unaccounted != 0 {
		t.Errorf("csv: %+v", sum)
	}
	write(t, dir, "o.csv", "id,status,email\nA-10234,shipped,ann@example.com\n")
	lines := "{\"id\":\"1\",\"text\":\"where is my order A-10234?\",\"author\":{\"id\":\"ann\"}}\n{\"id\":\"1\",\"text\":\"where is my order A-10234?\",\"author\":{\"id\":\"ann\"}}\nnope\n{\"text\":\"\\u0000\\ud800 what\"}\n"
	r := command(t, dir, lines, "replay", "-", "--json", "--orders", "o.csv", "--skip-bad")
	sum := decode[replaySummary](t, r.stdout)
	if r.code != 0 || sum.Posts != 3 || sum.Errors != 1 || sum.SetAside["duplicate"] != 1 || sum.Unaccounted != 0 || sum.Lookups == 0 {
		t.Errorf("exit %d: %+v %s", r.code, sum, r.err)
	}
	if !strings.Contains(r.err, "-:3: is not JSON") {
		t.Errorf("the bad line is not named: %s", r.err)
	}
}

func TestBench(t *testing.T) {
	t.Parallel()
	out := must(t, t.TempDir(), "bench", "--advocates", "1000", "--seconds", "1", "--fanout", "100", "--json")
	v := decode[map[string]any](t, out)
	for _, k := range []string{"store", "advocates", "subscriptions", "events", "seconds", "events_per_second", "cpu_us_per_event", "p50_ms", "p99_ms", "rss_mib", "start_ms", "raw_events_per_second", "share_of_raw", "mentions_per_second", "mention_p50_ms", "mention_p99_ms"} {
		if v[k] == nil {
			t.Errorf("bench --json has no %s: %s", k, out)
		}
	}
	if n, _ := v["events"].(float64); n < 100 {
		t.Errorf("only %v events", n)
	}
	if n, _ := v["mention_p50_ms"].(float64); n <= 0 {
		t.Errorf("an answer takes %v ms", n)
	}
}
