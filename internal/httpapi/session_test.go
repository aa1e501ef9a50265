package httpapi

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/auth"
)

// TestACookieIsForOurOwnPages: what another origin sends counts for nothing.
func TestACookieIsForOurOwnPages(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	root := d.first()
	body := fields{"login": "eve", "role": "admin"}
	for _, site := range []string{"cross-site", "same-site"} {
		root.do(403, "POST", "/v1/users", body, "Sec-Fetch-Site: "+site)
		root.do(403, "GET", "/v1/users", nil, "Sec-Fetch-Site: "+site)
		root.do(403, "DELETE", "/v1/session", nil, "Sec-Fetch-Site: "+site)
		root.do(403, "POST", "/v1/session", fields{"login": "root", "password": goodPassword}, "Sec-Fetch-Site: "+site)
	}
	// A browser too old to say it names the origin.
	root.do(403, "POST", "/v1/users", body, "Sec-Fetch-Site: ", "Origin: https://evil.example")
	root.do(403, "POST", "/v1/users", body, "Sec-Fetch-Site: ", "Origin: https://evil."+publicHost)
	root.do(404, "GET", "/v1/users/eve", nil)
	root.do(201, "POST", "/v1/users", body, "Sec-Fetch-Site: ", "Origin: https://"+publicHost)
}

func TestTheHeaderCountsBeforeTheCookie(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	root := d.first()
	root.do(403, "GET", "/v1/users", nil, d.as(auth.RoleAgent))
	if me := root.do(200, "GET", "/v1/session", nil, d.as(auth.RoleAgent)).json(t); me["name"] != "t-agent" || me["kind"] != "token" {
		t.Errorf("%v", me)
	}
	root.do(401, "GET", "/v1/users", nil, "Authorization: Bearer adv_"+strings.Repeat("A", 43))
	root.do(401, "GET", "/v1/users", nil, "Authorization: Basic cm9vdDp4")
	root.do(403, "GET", "/v1/account", nil, d.as(auth.RoleAdmin)) // a token has no account
}

// TestFixation: a token that was in the browser before signing in is neither
// taken nor kept.
func TestFixation(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	root := d.first()
	eve := root.person("eve", "agent")
	planted := maps.Clone(eve.jar)
	victim := d.browser("192.0.2.9")
	victim.jar = maps.Clone(planted)
	victim.do(200, "POST", "/v1/session", fields{"login": "root", "password": goodPassword})
	for name, value := range planted {
		if victim.jar[name] == value {
			t.Error("the planted token is the session's")
		}
	}
	eve.do(401, "GET", "/v1/session", nil) // and worth nothing any more
	made := d.browser("192.0.2.9")
	made.jar["__Host-advocate"] = strings.Repeat("A", 43)
	made.do(401, "GET", "/v1/session", nil)
	made.do(200, "POST", "/v1/session", fields{"login": "root", "password": goodPassword})
	if made.jar["__Host-advocate"] == strings.Repeat("A", 43) {
		t.Error("a made-up token became a session's")
	}
	two := d.browser("192.0.2.9")
	two.do(401, "GET", "/v1/session", nil, "Cookie: __Host-advocate="+made.jar["__Host-advocate"]+"; __Host-advocate=x")
}

// TestNobodyLearnsWhoIsThere: an unknown login and a wrong password are
// answered with the same bytes, after the same work.
func TestNobodyLearnsWhoIsThere(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	root := d.first()
	root.person("ana", "agent")
	root.person("off", "agent")
	root.do(200, "POST", "/v1/users/off/disable", nil)
	root.do(201, "POST", "/v1/users", fields{"login": "invited", "role": "agent"})
	var first *answer
	for i, body := range []fields{
		{"login": "ana", "password": "wrong wrong wrong"}, {"login": "nobody", "password": "wrong wrong wrong"}, {"login": "off", "password": goodPassword},
		{"login": "invited", "password": ""}, {"login": "?%$", "password": "x"}, {"login": "", "password": ""}, {"login": "ana", "password": strings.Repeat("x", 4096)},
		{"login": "ana", "password": "wrong", "code": "123456"},
	} {
		hashes := d.people.Hashes()
		a := d.browser(fmt.Sprintf("198.51.100.%d", i)).do(401, "POST", "/v1/session", body)
		if n := d.people.Hashes() - hashes; n != 1 {
			t.Errorf("%v: %d hashes, want 1", body, n)
		}
		if first == nil {
			first = &a
		} else if a.body != first.body || fmt.Sprint(a.header) != fmt.Sprint(first.header) {
			t.Errorf("%v is told apart:\n%v %s\n%v %s", body, a.header, a.body, first.header, first.body)
		}
		if a.header["Set-Cookie"] != nil {
			t.Errorf("%v: a cookie is set", body)
		}
	}
}

// TestGuessingGetsSlow: by login from many addresses, by address for many
// logins; X-Forwarded-For is nobody's word.
func TestGuessingGetsSlow(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	root := d.first()
	ana := root.person("ana", "agent")
	for _, login := range []string{"ana", "nobody"} {
		paused := 0
		for i := range 12 {
			b := d.browser(fmt.Sprintf("203.0.113.%d", i))
			if a := b.do(401, "POST", "/v1/session", fields{"login": login, "password": "guess"}); a.header.Get("Retry-After") != "" {
				paused++
			}
		}
		if paused < 6 {
			t.Errorf("%s: only %d of 12 guesses from as many addresses were told to wait", login, paused)
		}
	}
	// Where she signed in before she is not kept out by that; elsewhere even the right password has to wait.
	a := d.browser("203.0.113.99").do(401, "POST", "/v1/session", fields{"login": "ana", "password": goodPassword})
	if a.header.Get("Retry-After") == "" {
		t.Error("the pause is not told")
	}
	ana.do(200, "POST", "/v1/session", fields{"login": "ana", "password": goodPassword})
	spray := d.browser("203.0.113.200")
	paused := false
	for i := range 40 {
		a := spray.do(401, "POST", "/v1/session", fields{"login": fmt.Sprint("user", i), "password": "Summer 2026!"}, fmt.Sprintf("X-Forwarded-For: 10.0.0.%d", i))
		paused = paused || a.header.Get("Retry-After") != ""
	}
	if !paused {
		t.Error("one address guesses at 40 logins without a pause")
	}
}

func TestCookieFlags(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	d.first()
	for host, want := range map[string]string{publicHost: "__Host-advocate", "127.0.0.1:8080": "advocate"} {
		b := d.browser("192.0.2.4")
		b.host = host
		a := b.do(200, "POST", "/v1/session", fields{"login": "root", "password": goodPassword})
		c, err := http.ParseSetCookie(a.header.Get("Set-Cookie"))
		if err != nil {
			t.Fatal(err)
		}
		if c.Name != want || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.Secure != (want != "advocate") {
			t.Errorf("%s: %+v", host, c)
		}
		if strings.Contains(a.body, c.Value) || a.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: the token is in the body, or the answer is kept: %v", host, a.header)
		}
		b.do(200, "GET", "/v1/session", nil)
	}
}

func TestSignOutEndsItEverywhere(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	root := d.first()
	copied := d.browser("192.0.2.66")
	copied.jar = maps.Clone(root.jar)
	copied.do(200, "GET", "/v1/users", nil)
	root.do(200, "DELETE", "/v1/session", nil)
	if len(root.jar) != 0 {
		t.Error("the cookie stays")
	}
	copied.do(401, "GET", "/v1/users", nil)
	root.do(200, "DELETE", "/v1/session", nil) // again is fine
	one, two := d.browser("192.0.2.1"), d.browser("192.0.2.2")
	for _, b := range []*browser{one, two} {
		b.do(200, "POST", "/v1/session", fields{"login": "root", "password": goodPassword})
	}
	one.do(200, "DELETE", "/v1/session?everywhere=true", nil)
	two.do(401, "GET", "/v1/session", nil)
	two.do(200, "POST", "/v1/session", fields{"login": "root", "password": goodPassword})
	d.pass(25 * time.Hour)
	two.do(401, "GET", "/v1/session", nil)
}

// TestALinkWorksOnce: of twenty who use it at the same moment too.
func TestALinkWorksOnce(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	l, _, err := d.people.FirstLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	b := d.browser("192.0.2.1")
	for range 2 { // looking at it, and a password that will not do, leave it as it is
		if a := b.do(200, "POST", "/v1/links/show", fields{"secret": l.Secret}).json(t); a["purpose"] != "first" {
			t.Errorf("%v", a)
		}
		b.do(400, "POST", "/v1/links/use", fields{"secret": l.Secret, "login": "root", "password": "short"})
	}
	var wg sync.WaitGroup
	got := make([]answer, 20)
	for i := range got {
		wg.Go(func() {
			body := fmt.Sprintf(`{"secret":%q,"login":"root%d","password":%q}`, l.Secret, i, goodPassword)
			got[i] = d.call("POST", "/v1/links/use", body, "Host: "+publicHost)
		})
	}
	wg.Wait()
	in := 0
	for _, a := range got {
		switch {
		case a.status == 200 && a.header.Get("Set-Cookie") != "":
			in++
		case a.status != 401 && a.status != 429 || a.header.Get("Set-Cookie") != "":
			t.Errorf("%d %s", a.status, a.body)
		}
	}
	users, err := d.people.UserList(t.Context(), "", 50)
	if in != 1 || len(users) != 1 || err != nil {
		t.Errorf("%d are in, the accounts are %v, %v", in, users, err)
	}
	b.do(401, "POST", "/v1/links/show", fields{"secret": l.Secret})
	b.do(401, "POST", "/v1/links/use", fields{"secret": l.Secret, "login": "eve", "password": goodPassword})
	b.do(401, "POST", "/v1/links/show", fields{"secret": "x"})
}

// TestPagesAboutSigningIn hold to their policy, and lead nowhere else.
func TestPagesAboutSigningIn(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	b := d.browser("192.0.2.1")
	for _, path := range []string{"/sign-in", "/link", "/account"} {
		a := b.do(200, "GET", path, nil)
		csp := a.header.Get("Content-Security-Policy")
		if !strings.Contains(csp, "frame-ancestors 'none'") || !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: policy %q", path, csp)
		}
		if strings.Contains(a.body, "<script>") || strings.Contains(a.body, "style=") || strings.Contains(a.body, "onclick") {
			t.Errorf("%s has a script or style in it", path)
		}
	}
	for asked, want := range map[string]string{
		"": "/", "/sandbox?x=1": "/sandbox?x=1", "https://evil.example/": "/", "//evil.example": "/", `/\evil.example`: "/", "/": "/",
		"javascript:alert(1)": "/", "/%09/evil.example": "/%09/evil.example", "evil": "/", `/"><script>`: `/&#34;&gt;&lt;script&gt;`,
	} {
		a := b.do(200, "GET", "/sign-in?next="+url.QueryEscape(asked), nil)
		if !strings.Contains(a.body, `data-next="`+want+`"`) {
			t.Errorf("next=%q: %.2000s", asked, a.body)
		}
	}
	b.do(404, "GET", "/sign-in/oidc", nil) // no provider
	if a := b.do(200, "GET", "/sign-in", nil); strings.Contains(a.body, "/sign-in/oidc") {
		t.Error("a provider is offered where there is none")
	}
	// Where nobody can sign in there is nothing to guess at.
	f := newFixture(t, nil)
	f.want(f.call("POST", "/v1/session", `{"login":"a","password":"b"}`), 503)
	f.want(f.call("GET", "/v1/users", "", f.as(auth.RoleAdmin)), 503)
	f.want(f.call("DELETE", "/v1/session", ""), 200)
}

// TestAPageActsForWhomItShows: whoever has signed in in another window of the
// same browser, nothing is done, read or ended in their name for a page that
// says it is somebody else's.
func TestAPageActsForWhomItShows(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	root := d.first()
	root.person("ana", "admin")
	ana := fields{"login": "ana", "password": goodPassword}
	root.do(200, "POST", "/v1/session", ana) // the same browser
	as := "Advocate-As: root"
	eve := fields{"login": "eve", "role": "agent"}
	if a := root.do(409, "POST", "/v1/users", eve, as).json(t); a["code"] != "another_session" {
		t.Errorf("%v", a)
	}
	root.do(404, "GET", "/v1/users/eve", nil)
	root.do(409, "GET", "/v1/users", nil, as)
	root.do(409, "DELETE", "/v1/session", nil, as)
	if a := root.do(200, "GET", "/v1/session", nil).json(t); a["name"] != "ana" {
		t.Errorf("%v is signed in", a)
	}
	root.do(201, "POST", "/v1/users", eve, "Advocate-As: ana")
	root.do(200, "DELETE", "/v1/session", nil, "Advocate-As: ana")
}

// TestAnOpenPageKeepsNobodySignedIn: what a page asks by itself is no use of the
// session by a person; what it asks for one is.
func TestAnOpenPageKeepsNobodySignedIn(t *testing.T) {
	t.Parallel()
	const half = auth.DefaultSessionIdle / 2
	for name, ask := range map[string]func(*browser){
		"asked by itself": func(b *browser) { b.do(200, "GET", "/v1/session", nil, "Advocate-Unattended: 1") },
		"a stream":        func(b *browser) { b.listen() },
		"":                func(b *browser) { b.do(200, "GET", "/v1/session", nil) },
	} {
		d := newDoor(t, nil)
		root := d.first()
		d.pass(half)
		ask(root)
		d.pass(half)
		if want := 401; name == "" {
			root.do(200, "GET", "/v1/session", nil)
		} else if a := root.door.call("GET", "/v1/session", "", "Host: "+publicHost, "Sec-Fetch-Site: same-origin", "Cookie: __Host-advocate="+root.jar["__Host-advocate"]); a.status != want {
			t.Errorf("%s: still signed in: %d", name, a.status)
		}
	}
}
