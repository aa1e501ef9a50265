package httpapi

import (
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

func TestMacros(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	put := func(id, body string, headers ...string) answer {
		return f.call("PUT", "/v1/macros/"+id, body, append(headers, f.as(auth.RoleSupervisor))...)
	}
	const hello = `{"title":"Hello","texts":{"en":"Hello!","es":"¡Hola!"}}`
	f.want(f.call("PUT", "/v1/macros/hello", hello, f.as(auth.RoleAgent)), 403)
	first := f.want(put("hello", hello), 200)
	f.want(put("hello", hello), 428)
	f.want(put("hello", hello, `If-Match: "7"`), 412)
	f.want(put("bye", hello, `If-Match: "1"`), 404)
	f.want(put("hello", `{"title":"Hello","texts":{"en":"Hi!"}}`, "If-Match: "+first.header.Get("ETag")), 200)
	for body, place := range map[string]string{
		`{"title":" ","texts":{"en":"x"}}`: "title", `{"title":"x","texts":{"english!":"x"}}`: "texts", `{"title":"x","texts":{"en":" "}}`: "texts.en",
		`{"title":"x","texts":{"en":"x"},"queues":["nowhere"]}`: "queues",
	} {
		if a := f.want(put("x", body), 400); !strings.Contains(a.body, `"field":"`+place+`"`) {
			t.Errorf("%s: %s", body, a.body)
		}
	}
	f.want(put("no%20name", hello), 400)
	f.want(put("bye", `{"title":"Bye","texts":{"es-MX":"Adiós"}}`), 200)
	count := func(query string) int {
		return strings.Count(f.want(f.call("GET", "/v1/macros"+query, "", f.as(auth.RoleAgent)), 200).body, `"title"`)
	}
	if all, es, de, one := count(""), count("?lang=es"), count("?lang=de"), count("?limit=1"); all != 2 || es != 1 || de != 0 || one != 1 {
		t.Errorf("%d macros, %d Spanish, %d German, %d on a page of one", all, es, de, one)
	}
	f.want(f.call("DELETE", "/v1/macros/bye", "", f.as(auth.RoleSupervisor), `If-Match: "9"`), 412)
	f.want(f.call("DELETE", "/v1/macros/bye", "", f.as(auth.RoleSupervisor)), 204)
	f.want(f.call("GET", "/v1/macros/bye", "", f.as(auth.RoleAgent)), 404)
}

// TestMacrosOfOthersQueues: whose rights reach one queue sees no macro of others
// alone, and keeps none but of their own.
func TestMacrosOfOthersQueues(t *testing.T) {
	t.Parallel()
	q := newQueues(t, nil)
	body := func(queues string) string { return `{"title":"T","texts":{"en":"far word"},"queues":[` + queues + `]}` }
	boss, sue := q.as(auth.RoleSupervisor), q.token("sue", auth.RoleSupervisor, nil, "care")
	for id, queues := range map[string]string{"all": "", "far": `"urgent"`, "both": `"care","urgent"`, "mine": `"care"`} {
		q.want(q.call("PUT", "/v1/macros/"+id, body(queues), boss), 200)
	}
	q.agents("care", "ann")
	for who, token := range map[string]string{"sue": sue, "ann": q.token("ann", auth.RoleAgent, nil)} {
		list := q.want(q.call("GET", "/v1/macros", "", token), 200).body
		if n := strings.Count(list, `"id"`); n != 3 || strings.Contains(list, `"far"`) {
			t.Errorf("%s sees %d: %s", who, n, list)
		}
		if far, none := q.call("GET", "/v1/macros/far", "", token), q.call("GET", "/v1/macros/non", "", token); far.status != 404 || far.body != strings.ReplaceAll(none.body, "non", "far") {
			t.Errorf("%s can tell it from one that is not there: %s", who, far.body)
		}
	}
	for id, want := range map[string]int{"all": 403, "both": 403, "far": 404, "mine": 200} {
		a := q.call("PUT", "/v1/macros/"+id, body(`"care"`), sue, `If-Match: "1"`)
		if a.status != want {
			t.Errorf("change %s: %d %s", id, a.status, a.body)
		}
		if id != "mine" {
			q.want(q.call("DELETE", "/v1/macros/"+id, "", sue), want)
		}
	}
	for _, queues := range []string{"", `"urgent"`, `"care","urgent"`} {
		q.want(q.call("PUT", "/v1/macros/new", body(queues), sue), 403)
		q.want(q.call("PUT", "/v1/macros/mine", body(queues), sue, `If-Match: "2"`), 403)
	}
	q.want(q.call("PUT", "/v1/macros/new", body(`"care"`), sue), 200)
	q.want(q.call("DELETE", "/v1/macros/mine", "", sue), 204)
}

func TestWhoLooksAtACase(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.write("ana", "Where is my order A-10234?", "public")
	id, _ := s.firstCase("ana")
	look := func(role auth.Role, body string) string {
		return s.want(s.call("PUT", "/v1/cases/"+id+"/looking", body, s.as(role)), 200).body
	}
	if got := look(auth.RoleAgent, `{"looking":true}`); strings.Contains(got, "t-agent") {
		t.Errorf("one is told of oneself: %s", got)
	}
	look(auth.RoleAgent, `{"looking":true}`)
	if got := look(auth.RoleSupervisor, `{"looking":true,"writing":true}`); !strings.Contains(got, "t-agent") {
		t.Errorf("the other is not seen: %s", got)
	}
	if got := s.items("/v1/cases/" + id + "/looking"); len(got) != 2 || got[1]["writing"] != true {
		t.Errorf("who looks: %v", got)
	}
	look(auth.RoleSupervisor, `{"looking":false}`)
	told := 0
	if err := s.store.View(t.Context(), func(r store.Reader) error {
		events, err := r.EventTail(0, 1000)
		for _, e := range events {
			if e.Type == domain.EventLooking {
				told++
			}
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if told != 3 { // two came, one left; saying it again tells nothing
		t.Errorf("streams were told %d times, want 3", told)
	}
	s.clock.Advance(lookingFor)
	if got := s.items("/v1/cases/" + id + "/looking"); len(got) != 0 {
		t.Errorf("who has gone still looks: %v", got)
	}
	s.want(s.call("PUT", "/v1/cases/"+domain.ObjectID(9, domain.KindCase, 1)+"/looking", `{"looking":true}`, s.as(auth.RoleAgent)), 404)
}

func TestLookersAreBounded(t *testing.T) {
	t.Parallel()
	var l lookers
	for i := range 3 * maxLooking {
		l.set(strings.Repeat("x", i+1), true, false, testNow)
	}
	if len(l.Who) != maxLooking {
		t.Errorf("%d are remembered", len(l.Who))
	}
}
