package httpapi

import (
	"encoding/base32"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"crypto/hmac"
	"crypto/sha1"
	"encoding/binary"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/vault"
)

const (
	goodPassword = "three blue kettles sing"
	nextPassword = "seven green bicycles hum"
	publicHost   = "desk.example.com"
)

// door is an API that people sign in to, with a clock that tests move.
type door struct {
	*fixture
	people *auth.Service

	mu sync.Mutex
	at time.Time
}

func newDoor(t *testing.T, change func(*Options, *auth.Options)) *door {
	t.Helper()
	d := &door{at: testNow}
	clock := func() time.Time {
		d.mu.Lock()
		defer d.mu.Unlock()
		return d.at
	}
	d.fixture = newFixture(t, func(o *Options) {
		o.Now, o.Company = clock, "Acme"
		p := auth.Options{
			Store: o.Store, Now: clock, Cost: auth.Cost{MemoryKiB: 8, Passes: 1, Threads: 1}, Company: "Acme",
			Sealer: vault.New(vault.Options{Store: o.Store, Now: clock, File: filepath.Join(t.TempDir(), "vault.key")}),
		}
		o.Address = func() string { return "https://" + publicHost }
		if change != nil {
			change(o, &p)
		}
		d.people = auth.New(p)
		o.People = d.people
	})
	return d
}

func (d *door) pass(by time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.at = d.at.Add(by)
}

// browser is somebody's: it keeps cookies and says where its requests are from.
type browser struct {
	*door
	host, from string
	jar        map[string]string
}

func (d *door) browser(from string) *browser {
	return &browser{d, publicHost, from, map[string]string{}}
}

func (b *browser) do(status int, method, path string, body any, headers ...string) answer {
	b.Helper()
	text := ""
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			b.Fatal(err)
		}
		text = string(raw)
	}
	headers = append([]string{"Host: " + b.host, "Remote: " + b.from + ":5000", "Sec-Fetch-Site: same-origin"}, headers...)
	var cookies []string
	for _, name := range slices.Sorted(maps.Keys(b.jar)) {
		cookies = append(cookies, name+"="+b.jar[name])
	}
	if len(cookies) > 0 {
		headers = append(headers, "Cookie: "+strings.Join(cookies, "; "))
	}
	a := b.want(b.call(method, path, text, headers...), status)
	for _, line := range a.header["Set-Cookie"] {
		c, err := http.ParseSetCookie(line)
		if err != nil {
			b.Fatal(err)
		}
		if c.MaxAge < 0 {
			delete(b.jar, c.Name)
		} else {
			b.jar[c.Name] = c.Value
		}
	}
	return a
}

type fields = map[string]any

func secretOf(t *testing.T, url string) string {
	t.Helper()
	at, secret, ok := strings.Cut(url, "/link#")
	if !ok || at != "https://"+publicHost || len(secret) < 40 {
		t.Fatalf("the link is %q", url)
	}
	return secret
}

// first makes the first administrator, signed in.
func (d *door) first() *browser {
	d.Helper()
	l, made, err := d.people.FirstLink(d.Context())
	if err != nil || !made {
		d.Fatal(made, err)
	}
	b := d.browser("192.0.2.1")
	b.do(200, "POST", "/v1/links/use", fields{"secret": l.Secret, "login": "root", "name": "Rita Oot", "password": goodPassword})
	return b
}

// person makes somebody who has a password, and a browser for them.
func (b *browser) person(login, role string) *browser {
	b.Helper()
	b.do(201, "POST", "/v1/users", fields{"login": login, "role": role})
	made := b.do(201, "POST", "/v1/users/"+login+"/link", nil).json(b.T)
	if made["purpose"] != "invite" {
		b.Fatalf("%v", made)
	}
	other := b.browser("192.0.2.7")
	other.do(200, "POST", "/v1/links/use", fields{"secret": secretOf(b.T, made["url"].(string)), "password": goodPassword})
	return other
}

// totp is what an authenticator app shows at a time (RFC 6238).
func (d *door) totp(secret string) string {
	d.Helper()
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	if err != nil {
		d.Fatal(err)
	}
	d.mu.Lock()
	step := d.at.Unix() / 30
	d.mu.Unlock()
	h := hmac.New(sha1.New, key)
	_ = binary.Write(h, binary.BigEndian, step)
	sum := h.Sum(nil)
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[sum[19]&15:])&0x7fffffff%1e6)
}

// TestFromTheFirstLinkToAnAgentWithACode is the way in, from nobody to work.
func TestFromTheFirstLinkToAnAgentWithACode(t *testing.T) {
	t.Parallel()
	d := newDoor(t, func(_ *Options, p *auth.Options) { p.RequireTOTP = []auth.Role{auth.RoleAgent} })
	root := d.first()
	if me := root.do(200, "GET", "/v1/session", nil).json(t); me["name"] != "root" || me["role"] != "admin" || me["restricted"] != false || len(me["permissions"].([]any)) != len(auth.Permissions) {
		t.Errorf("the first administrator: %v", me)
	}
	ana := root.person("ana", "agent")

	// Her role asks for a second factor: until then only her account is open.
	if a := ana.do(403, "GET", "/v1/work-items", nil); !strings.Contains(a.body, "second factor") {
		t.Error(a.body)
	}
	if me := ana.do(200, "GET", "/v1/session", nil).json(t); me["restricted"] != true || len(me["permissions"].([]any)) != 0 {
		t.Errorf("a restricted session: %v", me)
	}
	ana.do(403, "GET", "/v1/users", nil)
	ana.do(401, "POST", "/v1/account/totp", fields{"password": "not mine at all"})
	made := ana.do(200, "POST", "/v1/account/totp", fields{"password": goodPassword}).json(t)
	if qr := made["qr"].(string); !strings.HasPrefix(qr, "<svg ") || len(qr) < 1000 {
		t.Errorf("the QR code is %.80s", qr)
	}
	before := maps.Clone(ana.jar)
	on := ana.do(200, "POST", "/v1/account/totp/confirm", fields{"code": d.totp(made["secret"].(string))}).json(t)
	codes := on["recovery_codes"].([]any)
	if len(codes) != 10 || on["session"].(fields)["restricted"] != false {
		t.Fatalf("%v", on)
	}
	ana.do(200, "GET", "/v1/work-items", nil)
	old := d.browser("192.0.2.7")
	old.jar = before
	old.do(401, "GET", "/v1/session", nil)

	// From now on she needs both.
	b := d.browser("192.0.2.8")
	if a := b.do(401, "POST", "/v1/session", fields{"login": "ana", "password": goodPassword}).json(t); a["errors"].([]any)[0].(fields)["field"] != "code" {
		t.Errorf("without a code: %v", a)
	}
	b.do(401, "POST", "/v1/session", fields{"login": "ana", "password": goodPassword, "code": "000000"})
	d.pass(time.Minute)
	code := d.totp(made["secret"].(string))
	b.do(200, "POST", "/v1/session", fields{"login": "ana", "password": goodPassword, "code": code})
	b.do(200, "GET", "/v1/work-items", nil)
	again := d.browser("192.0.2.9")
	again.do(401, "POST", "/v1/session", fields{"login": "ana", "password": goodPassword, "code": code}) // it was used
	again.do(200, "POST", "/v1/session", fields{"login": "ana", "password": goodPassword, "code": codes[0]})
	again.do(401, "POST", "/v1/session", fields{"login": "ana", "password": goodPassword, "code": codes[0]})

	// She renames herself and no more; an administrator sees it.
	seen := b.do(200, "GET", "/v1/account", nil)
	b.do(200, "PUT", "/v1/account", fields{"name": "Ana Lopez"}, "If-Match: "+seen.header.Get("ETag"))
	b.do(412, "PUT", "/v1/account", fields{"name": "Ana"}, "If-Match: "+seen.header.Get("ETag"))
	b.do(400, "PUT", "/v1/account", fields{"name": "Ana", "role": "admin"})
	if u := root.do(200, "GET", "/v1/users/ana", nil).json(t); u["name"] != "Ana Lopez" || u["has_totp"] != true || u["recovery_codes"] != 9.0 {
		t.Errorf("%v", u)
	}

	// Lost phone: the administrator takes the factor away, she is restricted again.
	root.do(204, "DELETE", "/v1/users/ana/totp", nil)
	b.do(401, "GET", "/v1/session", nil)
	b.do(200, "POST", "/v1/session", fields{"login": "ana", "password": goodPassword})
	b.do(403, "GET", "/v1/work-items", nil)

	// A new password ends every other session.
	b.do(400, "PUT", "/v1/account/password", fields{"password": goodPassword, "new_password": "short"})
	other := d.browser("192.0.2.8")
	other.do(200, "POST", "/v1/session", fields{"login": "ana", "password": goodPassword})
	b.do(200, "PUT", "/v1/account/password", fields{"password": goodPassword, "new_password": nextPassword})
	b.do(200, "GET", "/v1/account", nil)
	other.do(401, "GET", "/v1/account", nil)

	rows := root.do(200, "GET", "/v1/audit?object=user/ana&limit=500", nil).body
	for _, action := range []string{"user.add", "user.invite", "password.set", "totp.set", "session.begin", "totp.clear", "password.change"} {
		if !strings.Contains(rows, `"`+action+`"`) {
			t.Errorf("the audit log has no %s", action)
		}
	}
	if strings.Contains(rows, goodPassword) || !strings.Contains(rows, `"from":"192.0.2.7"`) {
		t.Errorf("the audit log: %s", rows)
	}
	b.do(403, "GET", "/v1/audit", nil)
}

func TestPeopleAreManaged(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	root := d.first()
	ana := root.person("ana", "agent")
	root.do(409, "POST", "/v1/users", fields{"login": "ana", "role": "agent"})
	root.do(428, "PUT", "/v1/users/ana", fields{"role": "supervisor"})
	tag := root.do(200, "GET", "/v1/users/ana", nil).header.Get("ETag")
	root.do(200, "PUT", "/v1/users/ana", fields{"role": "supervisor", "name": "Ana", "queues": []string{"care"}}, "If-Match: "+tag)
	root.do(412, "PUT", "/v1/users/ana", fields{"role": "admin"}, "If-Match: "+tag)
	ana.do(401, "GET", "/v1/session", nil) // the rights changed
	ana.do(200, "POST", "/v1/session", fields{"login": "ana", "password": goodPassword})
	if me := ana.do(200, "GET", "/v1/session", nil).json(t); me["all_queues"] != false || fmt.Sprint(me["queues"]) != "[care]" {
		t.Errorf("%v", me)
	}

	// A disabled account's session dies with the next request, and a reset link with it.
	link := root.do(201, "POST", "/v1/users/ana/link", nil).json(t)
	if link["purpose"] != "reset" {
		t.Errorf("%v", link)
	}
	root.do(200, "POST", "/v1/users/ana/disable", nil)
	ana.do(401, "GET", "/v1/work-items", nil)
	ana.do(401, "POST", "/v1/links/use", fields{"secret": secretOf(t, link["url"].(string)), "password": nextPassword})
	ana.do(401, "POST", "/v1/session", fields{"login": "ana", "password": goodPassword})
	root.do(409, "POST", "/v1/users/ana/link", nil)
	root.do(200, "POST", "/v1/users/ana/enable", nil)
	d.pass(time.Hour)
	ana.do(200, "POST", "/v1/session", fields{"login": "ana", "password": goodPassword})

	// Sessions are listed and ended, one's own and others'.
	second := d.browser("192.0.2.50")
	second.do(200, "POST", "/v1/session", fields{"login": "ana", "password": goodPassword}, "User-Agent: Firefox/1")
	list := ana.do(200, "GET", "/v1/account/sessions", nil).json(t)["items"].([]any)
	if len(list) != 2 {
		t.Fatalf("%v", list)
	}
	for _, x := range list {
		if x := x.(fields); x["own"] != true {
			if x["from"] != "192.0.2.50" || x["agent"] != "Firefox/1" {
				t.Errorf("%v", x)
			}
			ana.do(204, "DELETE", "/v1/account/sessions/"+x["id"].(string), nil)
		}
	}
	second.do(401, "GET", "/v1/session", nil)
	own := root.do(200, "GET", "/v1/account/sessions", nil).json(t)["items"].([]any)[0].(fields)["id"].(string)
	ana.do(404, "DELETE", "/v1/account/sessions/"+own, nil) // not hers
	root.do(204, "DELETE", "/v1/users/ana/sessions", nil)
	ana.do(401, "GET", "/v1/session", nil)
	root.do(409, "DELETE", "/v1/users/ana/oidc", nil)

	// The last administrator stays one; nobody without the permission gets here.
	tag = root.do(200, "GET", "/v1/users/root", nil).header.Get("ETag")
	root.do(409, "PUT", "/v1/users/root", fields{"role": "agent"}, "If-Match: "+tag)
	ana.do(200, "POST", "/v1/session", fields{"login": "ana", "password": goodPassword})
	for _, r := range d.api.Routes() {
		if r.Access == "people" || r.Access == "audit" {
			ana.do(403, r.Method, fill(r.Path), nil)
		}
	}
}

// TestNobodyGivesWhatTheyDoNotHave: a part of an administrator's rights is not
// all of them.
func TestNobodyGivesWhatTheyDoNotHave(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	root := d.first()
	root.do(201, "POST", "/v1/users", fields{"login": "sue", "role": "supervisor"})
	made := root.do(201, "POST", "/v1/tokens", fields{
		"name": "hr", "role": "admin", "only": []string{"people", "work", "read_customers", "read_work", "read_setup"}, "expires_in_seconds": 3600}).json(t)
	hr := "Authorization: Bearer " + made["secret"].(string)
	crm := "Authorization: Bearer " + root.do(201, "POST", "/v1/tokens", fields{"name": "crm", "role": "agent"}).json(t)["secret"].(string)
	lead := "Authorization: Bearer " + root.do(201, "POST", "/v1/tokens", fields{"name": "lead", "role": "supervisor", "queues": []string{"care"}}).json(t)["secret"].(string)
	b := d.browser("192.0.2.3") // no cookie
	b.do(403, "PUT", "/v1/agents/crm", fields{"queues": []string{"care"}}, lead)
	b.do(200, "GET", "/v1/work-items?queue=urgent", nil, crm)
	b.do(200, "GET", "/v1/users", nil, hr)
	b.do(201, "POST", "/v1/users", fields{"login": "cem", "role": "agent", "queues": []string{"care"}}, hr)
	b.do(201, "POST", "/v1/tokens", fields{"name": "bot", "role": "admin", "only": []string{"work"}}, hr)
	b.do(201, "POST", "/v1/users/cem/link", nil, hr)
	for _, c := range []struct {
		method, path string
		body         any
	}{
		{"POST", "/v1/users", fields{"login": "eve", "role": "admin"}},
		{"POST", "/v1/users", fields{"login": "eve", "role": "supervisor"}},
		{"POST", "/v1/users/root/link", nil},
		{"POST", "/v1/users/sue/link", nil},
		{"POST", "/v1/users/sue/disable", nil},
		{"DELETE", "/v1/users/root/sessions", nil},
		{"DELETE", "/v1/users/root/totp", nil},
		{"POST", "/v1/tokens", fields{"name": "eve", "role": "ingest"}},
		{"POST", "/v1/tokens", fields{"name": "eve", "role": "supervisor", "only": []string{"supervise"}}},
		{"GET", "/v1/audit", nil},
		{"DELETE", "/v1/tokens/lead", nil},
	} {
		b.do(403, c.method, c.path, c.body, hr)
	}
	tag := b.do(200, "GET", "/v1/users/cem", nil, hr).header.Get("ETag")
	b.do(403, "PUT", "/v1/users/cem", fields{"role": "supervisor"}, hr, "If-Match: "+tag)
	b.do(200, "PUT", "/v1/users/cem", fields{"role": "agent", "queues": []string{"urgent"}}, hr, "If-Match: "+tag)
	d.pass(2 * time.Hour)
	if a := b.do(401, "GET", "/v1/users", nil, hr); !strings.Contains(a.body, "expired") {
		t.Error(a.body)
	}
	if list := root.do(200, "GET", "/v1/tokens", nil).body; !strings.Contains(list, `"expired":true`) || strings.Contains(list, "adv_") {
		t.Error(list)
	}
	root.do(204, "DELETE", "/v1/tokens/hr", nil)
	root.do(404, "DELETE", "/v1/tokens/hr", nil)
	root.do(400, "POST", "/v1/tokens", fields{"name": "x", "role": "read", "only": []string{"fly"}})
	root.do(409, "POST", "/v1/tokens", fields{"name": "root", "role": "read"}) // a person's login
}
