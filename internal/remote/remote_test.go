package remote

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

func TestClientAddr(t *testing.T) {
	t.Parallel()
	proxies, err := ParseProxies([]string{"10.0.0.0/8", "2001:db8::1", "::ffff:192.0.2.0/120"})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		peer       string
		tls        bool
		from       []string
		proto      []string
		addr       string
		secure     bool
		noneListed bool
	}{
		"nobody in between":           {peer: "203.0.113.5:4000", addr: "203.0.113.5"},
		"tls":                         {peer: "203.0.113.5:4000", tls: true, addr: "203.0.113.5", secure: true},
		"a stranger's word":           {peer: "203.0.113.5:4000", from: []string{"198.51.100.1"}, proto: []string{"https"}, addr: "203.0.113.5"},
		"a stranger cannot undo tls":  {peer: "203.0.113.5:4000", tls: true, proto: []string{"http"}, addr: "203.0.113.5", secure: true},
		"no list, no belief":          {peer: "10.1.2.3:1", from: []string{"198.51.100.1"}, proto: []string{"https"}, addr: "10.1.2.3", noneListed: true},
		"a proxy's word":              {peer: "10.1.2.3:1", from: []string{"198.51.100.1"}, proto: []string{"https"}, addr: "198.51.100.1", secure: true},
		"http in front":               {peer: "10.1.2.3:1", tls: true, from: []string{"198.51.100.1"}, proto: []string{"http"}, addr: "198.51.100.1"},
		"what the client put first":   {peer: "10.1.2.3:1", from: []string{"192.168.0.1, 198.51.100.1"}, proto: []string{"https, http"}, addr: "198.51.100.1"},
		"a header twice":              {peer: "10.1.2.3:1", from: []string{"192.168.0.1", "198.51.100.1"}, addr: "198.51.100.1"},
		"two proxies":                 {peer: "10.1.2.3:1", from: []string{"198.51.100.9, 198.51.100.1, 10.9.9.9"}, addr: "198.51.100.1"},
		"all of them proxies":         {peer: "10.1.2.3:1", from: []string{"10.0.0.7, 10.0.0.8"}, addr: "10.0.0.7"},
		"nonsense ends it":            {peer: "10.1.2.3:1", from: []string{"198.51.100.1, unknown, 10.0.0.8"}, addr: "10.0.0.8"},
		"nothing said":                {peer: "10.1.2.3:1", addr: "10.1.2.3"},
		"with a port":                 {peer: "10.1.2.3:1", from: []string{"198.51.100.1:3000"}, addr: "198.51.100.1"},
		"a later one":                 {peer: "[2001:db8::1]:1", from: []string{"[2001:db8::2]:80"}, addr: "2001:db8::2"},
		"mapped":                      {peer: "[::ffff:192.0.2.3]:1", from: []string{"::ffff:198.51.100.1"}, addr: "198.51.100.1"},
		"a zone is the machine's own": {peer: "[fe80::1%eth0]:1", addr: "fe80::1"},
		"a local socket":              {peer: "@", from: []string{"198.51.100.1"}, addr: "@"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.RemoteAddr, r.TLS = c.peer, nil
			if c.tls {
				r.TLS = &tls.ConnectionState{}
			}
			r.Header["X-Forwarded-For"], r.Header["X-Forwarded-Proto"] = c.from, c.proto
			p := proxies
			if c.noneListed {
				p = nil
			}
			p.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				if addr, secure := ClientAddr(r); addr != c.addr || secure != c.secure {
					t.Errorf("it is %q, secure %v; want %q, %v", addr, secure, c.addr, c.secure)
				}
			})).ServeHTTP(httptest.NewRecorder(), r)
		})
	}
}

func TestParseProxy(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"10.0.0.0/8": "10.0.0.0/8", "10.1.2.3/8": "10.0.0.0/8", "::1": "::1/128", "127.0.0.1": "127.0.0.1/32", "::ffff:10.0.0.0/104": "10.0.0.0/8",
	} {
		if p, err := ParseProxy(in); err != nil || p.String() != want {
			t.Errorf("%q is %s, %v; want %s", in, p, err, want)
		}
	}
	for _, in := range []string{"", "proxy.example", "10.0.0.0/33", "0.0.0.0/0", "::/0", "fe80::1%eth0", "10.0.0.1:80"} {
		if p, err := ParseProxies([]string{in}); err == nil {
			t.Errorf("%q is taken for %s", in, p)
		}
	}
}

// FuzzClientAddr: whatever a proxy passes on, the address is one, and a caller
// who is no proxy cannot change his own.
func FuzzClientAddr(f *testing.F) {
	f.Add("10.1.2.3:1", "198.51.100.1, 10.0.0.7", "https")
	f.Add("203.0.113.5:1", "[::1]:80,,", "")
	proxies := Proxies{netip.MustParsePrefix("10.0.0.0/8")}
	f.Fuzz(func(t *testing.T, peer, from, proto string) {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = peer
		own, _ := ClientAddr(r)
		r.Header["X-Forwarded-For"], r.Header["X-Forwarded-Proto"] = []string{from}, []string{proto}
		proxies.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			addr, _ := ClientAddr(r)
			if addr == own {
				return
			}
			if !strings.HasPrefix(own, "10.") {
				t.Fatalf("%q became %q by %q", own, addr, from)
			}
			if _, err := netip.ParseAddr(addr); err != nil {
				t.Fatalf("%q is no address", addr)
			}
		})).ServeHTTP(httptest.NewRecorder(), r)
	})
}
