package httpapi

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/playbook"
)

func TestPlaybookIsCheckedWithoutPublishing(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	before := len(s.items("/v1/playbooks"))
	ask := func(source string) checkView {
		body, _ := json.Marshal(map[string]string{"name": "mine.yaml", "source": source})
		var v checkView
		if err := json.Unmarshal([]byte(s.want(s.call("POST", "/v1/playbooks/check", string(body), s.as(auth.RoleAdmin)), 200).body), &v); err != nil {
			t.Fatal(err)
		}
		return v
	}
	if v := ask(string(playbook.Default())); !v.OK || v.Hash == "" || len(v.Rules) < 5 || len(v.Problems) != 0 {
		t.Errorf("the built-in playbook: %+v", v)
	}
	v := ask("playbook: x\nrules:\n  - name: a\n    onn: [post]\n    do: []\n")
	at := slices.IndexFunc(v.Problems, func(p problemView) bool { return p.Line == 4 })
	if v.OK || at < 0 || v.Problems[at].Column != 5 || v.Problems[at].Found != "onn" || v.Problems[at].Kind != "word" || v.Problems[at].DidYouMean != "on" || !strings.Contains(v.Problems[at].Expected, "when") {
		t.Errorf("a mistake: %+v", v)
	}
	if after := len(s.items("/v1/playbooks")); after != before {
		t.Errorf("checking published %d versions", after-before)
	}
	s.want(s.call("POST", "/v1/playbooks/check", `{"source":"x"}`, s.as(auth.RoleSupervisor)), 403)
}

func TestScenariosArePlayedFromTheAPI(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.want(s.call("POST", "/v1/playbooks/test", `{}`, s.as(auth.RoleAdmin)), 404) // nobody plays them here
	s.api.o.Scenarios = func(_ context.Context, name string, source []byte, scenarios []playbook.Scenario) ([]ScenarioResult, error) {
		if name != "default.yaml" || len(source) == 0 || len(scenarios) == 0 {
			t.Errorf("asked for %q, %d bytes, %d scenarios", name, len(source), len(scenarios))
		}
		return []ScenarioResult{{Name: "a", OK: true}, {Name: "b", Failures: []ScenarioFailure{{3, "expected"}}}}, nil
	}
	a := s.want(s.call("POST", "/v1/playbooks/test", `{}`, s.as(auth.RoleAdmin)), 200)
	if !strings.Contains(a.body, `"good":1,"failed":1`) {
		t.Errorf("results: %s", a.body)
	}
	a = s.want(s.call("POST", "/v1/playbooks/test", `{"scenarios":[{"name":"s.yaml","source":"nonsense: ["}]}`, s.as(auth.RoleAdmin)), 200)
	if !strings.Contains(a.body, `"line":`) || strings.Contains(a.body, `"good":1`) {
		t.Errorf("a broken scenario file: %s", a.body)
	}
	files := make([]string, 20) // as many and as large as is said
	for i := range files {
		files[i] = fmt.Sprintf(`{"name":"s%d.yaml","source":"nonsense: [\n%s"}`, i, strings.Repeat("#\\n", maxScenarioFile/2-10))
	}
	s.want(s.call("POST", "/v1/playbooks/test", `{"scenarios":[`+strings.Join(files, ",")+`]}`, s.as(auth.RoleAdmin)), 200)
	s.want(s.call("POST", "/v1/playbooks/test", `{"scenarios":[`+strings.Join(append(files[:20:20], `{"name":"x","source":"x"}`), ",")+`]}`, s.as(auth.RoleAdmin)), 400)
	large := `{"scenarios":[{"name":"s.yaml","source":"` + strings.Repeat("#", maxScenarioFile+1) + `"}]}`
	s.want(s.call("POST", "/v1/playbooks/test", large, s.as(auth.RoleAdmin)), 413)
	s.api.playing.Lock()
	s.want(s.call("POST", "/v1/playbooks/test", `{}`, s.as(auth.RoleAdmin)), 429)
	s.api.playing.Unlock()
}

func TestVersionsDifferAndReturn(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.want(s.call("POST", "/v1/playbooks/1/return", "", s.as(auth.RoleAdmin)), 409) // no other has decided
	body, _ := json.Marshal(map[string]any{"name": "default.yaml", "source": "# mine\n" + string(playbook.Default()), "activate": true})
	s.want(s.call("POST", "/v1/playbooks", string(body), s.as(auth.RoleAdmin)), 201)
	d := s.want(s.call("GET", "/v1/playbooks/1/diff", "", s.as(auth.RoleRead)), 200).json(t)
	if d["from"] != 2.0 || d["to"] != 1.0 || !strings.Contains(d["unified"].(string), "\n-# mine\n") {
		t.Errorf("diff: %v", d)
	}
	if d := s.want(s.call("GET", "/v1/playbooks/2/diff?with=2", "", s.as(auth.RoleRead)), 200).json(t); d["unified"] != "" {
		t.Errorf("with itself: %v", d)
	}
	s.want(s.call("GET", "/v1/playbooks/2/diff?with=9", "", s.as(auth.RoleRead)), 404)
	s.want(s.call("POST", "/v1/playbooks/1/return", "", s.as(auth.RoleAdmin)), 409) // 2 decides
	if p := s.want(s.call("POST", "/v1/playbooks/2/return", "", s.as(auth.RoleAdmin), "Idempotency-Key: r"), 200).json(t); p["version"] != 1.0 || p["active"] != true {
		t.Errorf("returned to %v", p["version"])
	}
	s.want(s.call("POST", "/v1/playbooks/2/return", "", s.as(auth.RoleAdmin), "Idempotency-Key: r"), 200)
}

func TestVocabularyHasTheWordsOfPlaybooks(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	var v vocabularyView
	if err := json.Unmarshal([]byte(s.want(s.call("GET", "/v1/playbooks/vocabulary", "", s.as(auth.RoleRead)), 200).body), &v); err != nil {
		t.Fatal(err)
	}
	field := func(name string) int {
		return slices.IndexFunc(v.Fields, func(f vocabularyField) bool { return f.Name == name })
	}
	if i := field("case.sentiment"); i < 0 || !slices.Contains(v.Fields[i].Words, "negative") || v.Fields[i].Public {
		t.Errorf("case.sentiment: %d of %+v", i, v.Fields)
	}
	if i := field("post.handle"); i < 0 || !v.Fields[i].Public {
		t.Errorf("post.handle: %d", i)
	}
	if !slices.Contains(v.Triggers, "post") || !slices.Contains(v.Triggers, "order.delayed") || !slices.Contains(v.Calls, "known") {
		t.Errorf("triggers %q, calls %q", v.Triggers, v.Calls)
	}
	if i := slices.IndexFunc(v.Functions, func(f vocabularyFunction) bool { return f.Name == "reply" }); i < 0 || !slices.Contains(v.Functions[i].Arguments, "template") {
		t.Errorf("functions: %+v", v.Functions)
	}
}
