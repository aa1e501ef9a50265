package httpapi

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/playbook"
)

// TestWhyLeadsIntoThePlaybook: an explanation names the version that decided
// and where the rules that it considered stand, fired or not.
func TestWhyLeadsIntoThePlaybook(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	post := s.write("ana", "Where is my order A-10234? This is really annoying!", "public")
	var why struct {
		Records []struct {
			Playbook string
			Rules    []struct {
				Rule string
				Line int
			}
			Skipped []struct{ False, Once []string }
		}
		Playbooks []struct {
			Hash    string
			Version int
			Active  bool
			Rules   []struct {
				Name, When string
				Line       int
				On         []string
			}
		}
		Effects []struct{ ID string }
	}
	if err := json.Unmarshal([]byte(s.want(s.call("GET", "/v1/explain/"+post, "", s.as(auth.RoleAgent)), 200).body), &why); err != nil {
		t.Fatal(err)
	}
	if len(why.Playbooks) != 1 || why.Playbooks[0].Version == 0 || !why.Playbooks[0].Active || why.Playbooks[0].Hash != why.Records[0].Playbook {
		t.Fatalf("playbooks: %+v", why.Playbooks)
	}
	if why.Effects == nil || len(why.Effects) != 0 {
		t.Errorf("everything has left, and %v is still on its way", why.Effects)
	}
	lines := strings.Split(string(playbook.Default()), "\n")
	at := map[string]int{}
	for _, r := range why.Playbooks[0].Rules {
		at[r.Name] = r.Line
		if len(r.On) == 0 || !strings.Contains(lines[r.Line-1], "name: "+r.Name) {
			t.Errorf("rule %s is said to stand at line %d: %q", r.Name, r.Line, lines[r.Line-1])
		}
	}
	considered := 0
	for _, rec := range why.Records {
		for _, r := range rec.Rules {
			if considered++; at[r.Rule] != r.Line {
				t.Errorf("rule %s fired at line %d and stands at %d", r.Rule, r.Line, at[r.Rule])
			}
		}
		for _, k := range rec.Skipped {
			for _, name := range slices.Concat(k.False, k.Once) {
				if considered++; at[name] == 0 {
					t.Errorf("rule %s was considered, and nothing says where it stands", name)
				}
			}
		}
	}
	if considered < 10 {
		t.Errorf("only %d rules were considered", considered)
	}
}

// TestWhyByLink: a link is one part of the path, so it comes with its slashes,
// its query and its fragment encoded.
func TestWhyByLink(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	const link = "https://forum.example/t/7?page=2&from=50%25&post=4711#last"
	body, err := json.Marshal(map[string]any{"network": "forum", "id": "4711", "url": link, "text": "Where is my order A-10234?", "at": testNow, "author": map[string]string{"id": "ana"}})
	if err != nil {
		t.Fatal(err)
	}
	s.want(s.call("POST", "/v1/posts", string(body), s.as(auth.RoleIngest)), 202)
	s.settle()
	for _, name := range []string{link, "forum/4711"} {
		a := s.want(s.call("GET", "/v1/explain/"+url.PathEscape(name), "", s.as(auth.RoleAgent)), 200).json(t)
		if a["kind"] != "post" || len(a["records"].([]any)) == 0 {
			t.Errorf("%s: %v", name, a)
		}
	}
	s.want(s.call("GET", "/v1/explain/"+url.PathEscape("https://forum.example/t/8"), "", s.as(auth.RoleAgent)), 404)
}

// TestHistoryByKind: a filter gives those kinds alone, page by page.
func TestHistoryByKind(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.write("ana", "Where is my order A-10234? This is really annoying!", "public")
	s.write("ana", "And when will it come?", "private")
	posts := s.items("/v1/customers/C-1/history?kind=post")
	if len(posts) != 2 {
		t.Errorf("posts: %v", posts)
	}
	both := s.items("/v1/customers/C-1/history?kind=post,reply")
	if len(both) <= len(posts) || slices.ContainsFunc(both, func(e map[string]any) bool { return e["kind"] != "post" && e["kind"] != "reply" }) {
		t.Errorf("posts and replies: %v", both)
	}
	s.want(s.call("GET", "/v1/customers/C-1/history?kind=posts", "", s.as(auth.RoleRead)), 400)
}

func TestCustomerTellsHowOftenItMayBeWrittenTo(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.write("ana", "Where is my order A-10234? This is really annoying!", "public")
	c := s.want(s.call("GET", "/v1/customers/C-1", "", s.as(auth.RoleRead)), 200).json(t)["contacts"].(map[string]any)
	if c["hour"].(float64) < 1 || c["hour_limit"].(float64) < 1 || c["proactive_limit"].(float64) < 1 {
		t.Errorf("contacts: %v", c)
	}
}
