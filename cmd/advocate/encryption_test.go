package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// writePair writes a certificate that signs itself, and its key.
func writePair(t *testing.T, dir string, serial int64, life time.Duration) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(serial), NotBefore: time.Now().Add(-90 * 24 * time.Hour), NotAfter: time.Now().Add(life), IsCA: true, BasicConstraintsValid: true,
		DNSNames: []string{"desk.example"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	write(t, dir, "desk.key", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})))
	write(t, dir, "desk.pem", string(cert))
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(cert)
	return pool
}

// TestServeByTLS: the real program with a pair of files, HTTP/2, the way from
// plain HTTP, a pair that is replaced and one that is broken, and what doctor
// and the metrics say of it.
func TestServeByTLS(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	roots := writePair(t, dir, 7, 100*24*time.Hour)
	plain := freeAddress(t)
	write(t, dir, "advocate.yaml", "tls: {cert: desk.pem, key: desk.key, http_listen: '"+plain+"'}\n")
	must(t, dir, "check")
	s := serve(t, dir)
	if !strings.HasPrefix(s.url, "https://127.0.0.1:") {
		t.Fatalf("it says that it is at %s", s.url)
	}
	at, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	client := func(roots *x509.CertPool) *http.Client {
		c := &http.Client{
			Transport: &http.Transport{
				TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true, DisableKeepAlives: true,
				DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
					return (&net.Dialer{}).DialContext(ctx, network, strings.Replace(addr, "desk.example", "127.0.0.1", 1))
				},
			},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
		t.Cleanup(c.CloseIdleConnections)
		return c
	}
	get := func(c *http.Client, method, to string, header ...string) (*http.Response, string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, to, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i+1 < len(header); i += 2 {
			req.Header.Set(header[i], header[i+1])
		}
		r, err := c.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		b, _ := io.ReadAll(r.Body)
		return r, string(b)
	}
	desk := "https://desk.example:" + at.Port()
	r, _ := get(client(roots), "GET", desk+"/healthz")
	if r.StatusCode != 200 || r.ProtoMajor != 2 || !strings.HasPrefix(r.Header.Get("Strict-Transport-Security"), "max-age=") || r.TLS.Version < tls.VersionTLS12 {
		t.Errorf("%s %s %v", r.Status, r.Proto, r.Header)
	}
	if r, _ = get(client(roots), "GET", s.url+"/healthz"); r.Header.Get("Strict-Transport-Security") != "" {
		t.Error("a bare address is told to be strict")
	}
	clear := client(nil)
	r, _ = get(clear, "GET", "http://"+strings.Replace(plain, "127.0.0.1", "desk.example", 1)+"/docs?a=b")
	if r.StatusCode != 308 || r.Header.Get("Location") != desk+"/docs?a=b" {
		t.Errorf("plain HTTP leads to %s %s", r.Status, r.Header.Get("Location"))
	}
	if r, _ = get(clear, "POST", "http://"+plain+"/v1/posts"); r.StatusCode != 403 {
		t.Errorf("a write in the clear: %s", r.Status)
	}
	if r, _ = get(clear, "GET", "http://"+plain+"/v1/customers", "Authorization", "Bearer adv_x"); r.StatusCode != 403 {
		t.Errorf("a token in the clear: %s", r.Status)
	}

	second := writePair(t, dir, 8, 10*24*time.Hour)
	eventually(t, "the new pair is shown", func() bool {
		_, err := client(second).Get(desk + "/healthz")
		return err == nil
	})
	if d := command(t, dir, "", "doctor", "--quick", "--strict"); d.code != 3 || !strings.Contains(d.stdout, "certificate") || !strings.Contains(d.stdout, "9 days") {
		t.Errorf("ten days before the end doctor says (%d)\n%s", d.code, d.stdout)
	}
	write(t, dir, "desk.pem", "garbage")
	eventually(t, "the log tells of a broken pair", func() bool {
		return strings.Contains(command(t, dir, "", "doctor", "--quick").stdout, "could not be")
	})
	if _, err := client(second).Get(desk + "/healthz"); err != nil {
		t.Errorf("a broken pair ends the service: %v", err)
	}
	token, err := os.ReadFile(filepath.Join(s.dir, "admin.token"))
	if err != nil {
		t.Fatal(err)
	}
	_, text := get(client(second), "GET", desk+"/metrics", "Authorization", "Bearer "+strings.TrimSpace(string(token)))
	for _, want := range []string{"advocate_tls_failing_state 1\n", "advocate_tls_renewed_total 1\n", "advocate_desk_agents{activity=\"available\"} 0\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("metrics lack %s", want)
		}
	}
	s.stop(t)
	if c := command(t, dir, "", "check"); c.code != 3 || !strings.Contains(c.stdout, "advocate.yaml:1: tls: ") {
		t.Errorf("check says (%d) %s%s", c.code, c.stdout, c.err)
	}
	if c := command(t, dir, "", "serve", "--listen", "127.0.0.1:0"); c.code != 1 || !strings.Contains(c.err, "are no pair") {
		t.Errorf("a start with a broken pair: (%d) %s", c.code, c.err)
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().String()
}

// TestPortsThatMayNotBeBound: the words say what helps.
func TestPortsThatMayNotBeBound(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	if _, err := listen(ln.Addr().String(), "--listen ADDR"); err == nil || !strings.Contains(err.Error(), "another program listens there; --listen ADDR") {
		t.Errorf("a port that is taken: %v", err)
	}
	if _, err := listen("203.0.113.9:0", "--listen ADDR"); err == nil || !strings.Contains(err.Error(), "does not have that address") {
		t.Errorf("another machine's address: %v", err)
	}
}

// TestWebhooksByHand: with and without a running server.
func TestWebhooksByHand(t *testing.T) {
	t.Parallel()
	got := make(chan string, 10)
	to := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		got <- r.Header.Get("Webhook-Signature") + " " + string(b)
	}))
	defer to.Close()
	dir := t.TempDir()
	write(t, dir, "advocate.yaml", "allow_private: true\n")
	must(t, dir, "migrate")
	if r := command(t, dir, "", "webhook", "add", "ftp://x"); r.code != 1 || !strings.Contains(r.err, "https://example.com/hooks") {
		t.Errorf("an address that is none: %d %s", r.code, r.err)
	}
	if out := lastLine(must(t, dir, "webhook", "add", to.URL+"/a", "--types", "advocate.case.*", "--description", "for the CRM")); !strings.HasPrefix(out, "whsec_") {
		t.Errorf("the secret is %q", out)
	}
	list := decode[[]webhookView](t, must(t, dir, "webhook", "list", "--json"))
	if len(list) != 1 || list[0].Secret != "" || list[0].Types[0] != "advocate.case.*" {
		t.Fatalf("%+v", list)
	}
	id := list[0].ID
	s := serve(t, dir)
	made := decode[webhookView](t, must(t, dir, "webhook", "add", to.URL+"/b", "--json"))
	if made.Secret == "" || made.CreatedBy != "cli:tester" {
		t.Errorf("%+v", made)
	}
	if r := decode[testView](t, must(t, dir, "webhook", "test", id, "--json")); !r.OK || r.Status != 200 {
		t.Errorf("%+v", r)
	}
	if sent := <-got; !strings.HasPrefix(sent, "v1,") || !strings.Contains(sent, "advocate.webhook.test") {
		t.Errorf("sent was %s", sent)
	}
	must(t, dir, "webhook", "rotate", id)
	if out := must(t, dir, "webhook", "show", id); !strings.Contains(out, "2 secrets sign") || !strings.Contains(out, "for the CRM") {
		t.Errorf("%s", out)
	}
	status, _ := s.call(t, "POST", "/v1/posts", map[string]any{
		"network": "sandbox", "id": "p1", "author": map[string]string{"id": "a1"}, "text": "I want to speak to a person please", "visibility": "private",
	})
	if status != 202 {
		t.Fatal(status)
	}
	var sent []sentView
	eventually(t, "a delivery that is done", func() bool {
		sent = decode[[]sentView](t, must(t, dir, "webhook", "deliveries", id, "--state", "done", "--json"))
		return len(sent) > 0
	})
	if out := must(t, dir, "webhook", "replay", sent[0].ID); !strings.Contains(out, "is sent again") {
		t.Errorf("%s", out)
	}
	must(t, dir, "webhook", "disable", id)
	if out := must(t, dir, "webhook", "list"); !strings.Contains(out, "disabled: operator") {
		t.Errorf("%s", out)
	}
	must(t, dir, "webhook", "enable", id, "--from-now")
	if r := command(t, dir, "", "webhook", "remove", made.ID, "none"); r.code != 1 || !strings.Contains(r.stdout, made.ID+" is removed") || !strings.Contains(r.err, `"none"`) {
		t.Errorf("%d %s%s", r.code, r.stdout, r.err)
	}
	s.stop(t)
	if list := decode[[]webhookView](t, must(t, dir, "webhook", "list", "--json")); len(list) != 1 || list[0].Disabled {
		t.Errorf("%+v", list)
	}
	if r := command(t, dir, "", "webhook", "deliveries", id, "--limit", "0"); r.code != 2 {
		t.Errorf("a limit of 0: %d %s", r.code, r.err)
	}
	if r := command(t, dir, "", "webhook", "test", id); r.code != 0 {
		t.Errorf("a test without a server: %d %s%s", r.code, r.stdout, r.err)
	}
	to.Close()
	if r := command(t, dir, "", "webhook", "test", id); r.code != 3 || !strings.Contains(r.stdout, "did not take it") {
		t.Errorf("a test of what is away: %d %s%s", r.code, r.stdout, r.err)
	}
}
