package e2e

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/http/cookiejar"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/store/postgres/pgtest"
)

func TestSignIn(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		signIn(t, newHouse(t))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		url := pgtest.Bare(t)
		h := newHouse(t)
		h.env = append(h.env, "ADVOCATE_STORE="+url)
		signIn(t, h)
	})
}

var linkForm = regexp.MustCompile(`http://\S+/link#([A-Za-z0-9_-]{43})`)

// browser is a client that keeps cookies, and has no token.
func (p *process) browser() *client {
	c := p.client("")
	c.http.Jar, _ = cookiejar.New(nil) // never fails
	return c
}

// signIn is the way from nobody to an agent at work: the first link, an
// administrator, an invitation, a second factor.
func signIn(t *testing.T, h *house) {
	config := t.TempDir() + "/advocate.yaml"
	save(t, config, "auth: {require_totp: [agent]}\n")
	h.args = []string{"--config", config, "--log-format", "json"}
	p := h.start()
	var link []string
	eventually(t, "the first link is printed", func() bool { link = linkForm.FindStringSubmatch(p.log.String()); return link != nil })
	for line := range strings.Lines(p.log.String()) {
		if strings.HasPrefix(line, "{") && strings.Contains(line, link[1]) {
			t.Errorf("the link is logged: %s", line)
		}
	}
	const password, other = "three blue kettles sing", "seven green bicycles hum"
	boss := p.browser()
	boss.do(401, "GET", "/v1/users", "")
	boss.do(200, "POST", "/v1/links/use", fmt.Sprintf(`{"secret":%q,"login":"boss","password":%q}`, link[1], password))
	boss.do(401, "POST", "/v1/links/use", fmt.Sprintf(`{"secret":%q,"login":"eve","password":%q}`, link[1], password))
	boss.do(201, "POST", "/v1/users", `{"login":"ann","role":"agent","name":"Ann"}`)
	made := read[struct{ URL string }](t, boss.do(201, "POST", "/v1/users/ann/link", ""))
	invited := linkForm.FindStringSubmatch(made.URL)
	if invited == nil || !strings.HasPrefix(made.URL, p.address+"/") {
		t.Fatalf("the invitation is %q, the server at %s", made.URL, p.address)
	}

	ann := p.browser()
	ann.do(200, "POST", "/v1/links/use", fmt.Sprintf(`{"secret":%q,"password":%q}`, invited[1], password))
	ann.do(403, "GET", "/v1/work-items", "") // her role asks for a second factor
	begun := read[struct{ Secret string }](t, ann.do(200, "POST", "/v1/account/totp", fmt.Sprintf(`{"password":%q}`, password)))
	on := read[struct {
		Codes []string `json:"recovery_codes"`
	}](t, ann.do(200, "POST", "/v1/account/totp/confirm", fmt.Sprintf(`{"code":%q}`, appCode(t, begun.Secret))))
	ann.get("/v1/work-items")
	ann.do(403, "GET", "/v1/users", "")

	// Everything is kept over a restart, and the link is not printed again.
	if code := p.stop(); code != 0 {
		t.Errorf("exit %d", code)
	}
	p = h.start()
	if linkForm.MatchString(p.log.String()) {
		t.Errorf("a link for the first administrator though there is one:\n%s", p.log)
	}
	ann.base, boss.base = p.address, p.address
	ann.get("/v1/work-items") // cookies do not know ports
	again := p.browser()
	signing := fmt.Sprintf(`{"login":"ann","password":%q`, password)
	if a := again.do(401, "POST", "/v1/session", signing+"}"); !strings.Contains(a.body, `"field":"code"`) {
		t.Errorf("without a code: %s", a.body)
	}
	again.do(200, "POST", "/v1/session", signing+fmt.Sprintf(`,"code":%q}`, on.Codes[0]))
	again.do(403, "DELETE", "/v1/account/sessions", "", "Origin: https://evil.example")
	again.get("/v1/work-items")

	// A reset by hand on the server's machine, and the end of an account.
	reset := linkForm.FindStringSubmatch(h.run("", "user", "reset", "ann"))
	if reset == nil {
		t.Fatal("user reset prints no link")
	}
	done := read[struct{ Session *struct{} }](t, p.browser().do(200, "POST", "/v1/links/use", fmt.Sprintf(`{"secret":%q,"password":%q}`, reset[1], other)))
	if done.Session != nil {
		t.Error("a link opens an account that has a second factor")
	}
	again.do(401, "GET", "/v1/work-items", "")
	again.do(200, "POST", "/v1/session", fmt.Sprintf(`{"login":"ann","password":%q,"code":%q}`, other, on.Codes[1]))
	h.run("", "user", "disable", "ann")
	again.do(401, "GET", "/v1/work-items", "")
	rows := boss.get("/v1/audit?object=user/ann&limit=200").body
	for _, action := range []string{"user.invite", "totp.set", "session.begin", "user.reset", "user.change"} {
		if !strings.Contains(rows, `"`+action+`"`) {
			t.Errorf("the audit log has no %s: %.3000s", action, rows)
		}
	}
}

// appCode is what an authenticator app shows now (RFC 6238).
func appCode(t *testing.T, secret string) string {
	t.Helper()
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	if err != nil {
		t.Fatal(err)
	}
	h := hmac.New(sha1.New, key)
	_ = binary.Write(h, binary.BigEndian, time.Now().Unix()/30)
	sum := h.Sum(nil)
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[sum[19]&15:])&0x7fffffff%1_000_000)
}
