package social_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/component/rest"
	"github.com/contact-advocate/advocate/internal/social"
)

// TestWhyANetworkIsNotReached: an operator is told what to look at, and never
// what stood in the address.
func TestWhyANetworkIsNotReached(t *testing.T) {
	t.Parallel()
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	defer secure.Close()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	port := func(address string) string { return address[strings.LastIndex(address, ":")+1:] }
	trusting := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: secure.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs}}
	inside := &http.Transport{DialContext: (&net.Dialer{Control: rest.Control(false)}).DialContext}
	for name, x := range map[string]struct {
		transport http.RoundTripper
		url, says string
		fault     social.Fault
	}{
		"closed":     {nil, "http://" + closed.Addr().String(), "cannot be reached: it refuses the connection", social.FaultNetwork},
		"no TLS":     {nil, "https://" + plain.Listener.Addr().String(), "it does not speak TLS there", social.FaultNetwork},
		"unknown":    {nil, secure.URL, "of nobody whom this machine trusts", social.FaultNetwork},
		"other name": {trusting, "https://localhost:" + port(secure.URL), "is for another name", social.FaultNetwork},
		"inside":     {inside, plain.URL, "allow_private", social.FaultOperator},
	} {
		client := &http.Client{Transport: x.transport}
		resp, err := client.Get(x.url + "/?access_token=hunter2")
		if err == nil {
			io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
			t.Errorf("%s: answered", name)
			continue
		}
		u, _ := url.Parse(x.url)
		e := social.UnreachedAt(u.Host, err)
		if !strings.HasPrefix(e.Safe, u.Host+" cannot be reached: ") || !strings.Contains(e.Safe, x.says) || e.Fault != x.fault || !e.Retry || strings.Contains(e.Safe, "hunter2") {
			t.Errorf("%s: %q, %s", name, e.Safe, e.Fault)
		}
	}
	for err, says := range map[error]string{
		&net.DNSError{IsNotFound: true}:                     "m.example cannot be reached: there is no host of that name",
		&net.DNSError{IsTemporary: true}:                    "m.example cannot be reached: its name cannot be looked up (DNS)",
		fmt.Errorf("dial: %w", context.DeadlineExceeded):    "m.example did not answer in time",
		context.Canceled:                                    "the call was given up",
		errors.New("Get https://m.example?token=hunter2 x"): "m.example cannot be reached",
	} {
		if e := social.UnreachedAt("m.example", err); e.Safe != says {
			t.Errorf("%v: %q; want %q", err, e.Safe, says)
		}
	}
}
