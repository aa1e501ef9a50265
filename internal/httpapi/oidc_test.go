package httpapi

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/contact-advocate/advocate/internal/auth"
)

// provider is a small OpenID provider that vouches for whoever comes. What it
// may send that is wrong is tried in package auth.
type provider struct {
	url string
	key *rsa.PrivateKey

	mu    sync.Mutex
	nonce string
}

func newProvider(t *testing.T) *provider {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p := &provider{key: key}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(fields{
			"issuer": p.url, "authorization_endpoint": p.url + "/authorize", "token_endpoint": p.url + "/token", "jwks_uri": p.url + "/keys",
			"end_session_endpoint": p.url + "/end", "id_token_signing_alg_values_supported": []string{"RS256"},
		})
	})
	b64 := base64.RawURLEncoding.EncodeToString
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(fields{"keys": []fields{{
			"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "k", "n": b64(key.N.Bytes()), "e": b64(big.NewInt(int64(key.E)).Bytes()),
		}}})
	})
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, _ *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		claims, _ := json.Marshal(fields{
			"iss": p.url, "aud": "desk", "sub": "u-1", "nonce": p.nonce, "iat": testNow.Unix(), "exp": testNow.Unix() + 3600,
			"preferred_username": "ana", "name": "Ana",
		})
		signed := b64([]byte(`{"alg":"RS256","kid":"k"}`)) + "." + b64(claims)
		sum := sha256.Sum256([]byte(signed))
		sig, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
		if err != nil {
			panic(err)
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(fields{"access_token": "x", "token_type": "Bearer", "id_token": signed + "." + b64(sig)})
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	p.url = s.URL
	return p
}

// comeBack is the person at the provider's page, who is sent back with a code.
func (p *provider) comeBack(t *testing.T, location string) string {
	t.Helper()
	u, err := url.Parse(location)
	if err != nil || !strings.HasPrefix(location, p.url+"/authorize?") || u.Query().Get("redirect_uri") != "https://"+publicHost+auth.OIDCCallback {
		t.Fatalf("sent to %s: %v", location, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.nonce = u.Query().Get("nonce")
	return auth.OIDCCallback + "?code=c&state=" + url.QueryEscape(u.Query().Get("state"))
}

func TestSigningInByAProvider(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	client := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(client.CloseIdleConnections)
	d := newDoor(t, nil)
	root := d.first()
	d.api.o.OIDC = auth.NewOIDC(d.people, auth.OIDCOptions{
		Issuer: p.url, ClientID: "desk", RedirectURL: "https://" + publicHost + auth.OIDCCallback, DefaultRole: auth.RoleAgent, Create: true, Client: client,
	})
	const cross = "Sec-Fetch-Site: cross-site" // the way back is from the provider's page
	b := d.browser("192.0.2.3")
	if a := b.do(200, "GET", "/sign-in?next=/sandbox", nil); !strings.Contains(a.body, `href="/sign-in/oidc?next=%2fsandbox"`) {
		t.Errorf("the page offers no provider: %s", a.body)
	}
	out := b.do(303, "GET", "/sign-in/oidc?next=/sandbox", nil)
	if c, err := http.ParseSetCookie(out.header.Get("Set-Cookie")); err != nil || !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteLaxMode || c.Path != auth.OIDCCallback {
		t.Errorf("the flow's cookie: %+v %v", c, err)
	}
	back := p.comeBack(t, out.header.Get("Location"))

	// Another browser, or none of the flow's cookie: whoever began it is not here.
	other := d.browser("192.0.2.4")
	if a := other.do(401, "GET", back, nil, cross); !strings.Contains(a.header.Get("Content-Type"), "text/html") || !strings.Contains(a.body, "begin again") || len(other.jar) != 0 {
		t.Errorf("a flow of another browser: %v %s", a.header, a.body)
	}
	b.jar["__Host-advocate"] = strings.Repeat("A", 43)
	in := b.do(303, "GET", back, nil, cross)
	if in.header.Get("Location") != "/sandbox" || len(in.header["Set-Cookie"]) != 2 || len(b.jar) != 1 || b.jar["__Host-advocate"] == strings.Repeat("A", 43) {
		t.Errorf("%v %v", in.header, b.jar)
	}
	if me := b.do(200, "GET", "/v1/session", nil).json(t); me["name"] != "ana" || me["role"] != "agent" || me["session"].(fields)["via"] != "oidc" {
		t.Errorf("%v", me)
	}
	b.do(401, "GET", back, nil, cross) // once
	b.do(200, "GET", "/v1/session", nil)

	// Somebody who says that it went wrong is quoted nowhere.
	if a := b.do(401, "GET", "/sign-in/oidc?error=%3Cb%3Ehello&error_description=%3Cscript%3E", nil, cross); strings.Contains(a.body, "hello") || strings.Contains(a.body, "<script>") {
		t.Errorf("%s", a.body)
	}

	// Signing out says where to be signed out at the provider.
	kept := maps.Clone(b.jar)
	if a := b.do(200, "DELETE", "/v1/session", nil).json(t); !strings.HasPrefix(a["provider_url"].(string), p.url+"/end?") || !strings.Contains(a["provider_url"].(string), url.QueryEscape("https://"+publicHost+"/sign-in")) {
		t.Errorf("%v", a)
	}
	b.jar = kept
	b.do(401, "GET", "/v1/session", nil)

	// An administrator parts the two.
	root.do(204, "DELETE", "/v1/users/ana/oidc", nil)
	if u := root.do(200, "GET", "/v1/users/ana", nil).json(t); u["oidc_subject"] != nil {
		t.Errorf("%v", u)
	}
}
