package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"
)

// listen opens a port, and says what helps where it may not be.
func listen(addr, how string) (net.Listener, error) {
	ln, err := net.Listen("tcp", addr)
	switch {
	case err == nil:
		return ln, nil
	case errors.Is(err, syscall.EACCES):
		err = fmt.Errorf("%w; ports below 1024 need a right: in a systemd unit AmbientCapabilities=CAP_NET_BIND_SERVICE, else \"setcap cap_net_bind_service=+ep\" on the program's file", err)
	case errors.Is(err, syscall.EADDRINUSE):
		err = fmt.Errorf("%w: another program listens there", err)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		err = fmt.Errorf("%w: this machine does not have that address", err)
	}
	return nil, fmt.Errorf("cannot listen on %s: %w; %s takes another address", addr, err, how)
}

// open opens the server's ports: the one that everything is answered on, and
// with TLS perhaps one of plain HTTP, else nil.
func (s *settings) open() (main, plain net.Listener, err error) {
	if main, err = listen(s.listen, "--listen ADDR"); err != nil || s.tls.HTTPListen == "" {
		return main, nil, err
	}
	if plain, err = listen(s.tls.HTTPListen, "tls.http_listen"); err != nil {
		return nil, nil, errors.Join(err, main.Close())
	}
	return main, plain, nil
}

// hsts is for how long browsers come by TLS alone.
const hsts = 365 * 24 * time.Hour

// strict lets browsers remember that this host is asked by TLS (RFC 6797). Not
// where the host is this machine or a bare address: other things are served
// there.
func strict(next http.Handler) http.Handler {
	value := "max-age=" + strconv.Itoa(int(hsts.Seconds()))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if host := hostOf(r.Host); r.TLS != nil && host != "" && host != "localhost" {
			if _, err := netip.ParseAddr(host); err != nil {
				w.Header().Set("Strict-Transport-Security", value)
			}
		}
		next.ServeHTTP(w, r)
	})
}

// hostOf is a Host header without its port, "" for one that is none.
func hostOf(s string) string {
	u, err := url.Parse("//" + s)
	if err != nil || u.Host != s || u.User != nil {
		return ""
	}
	return strings.ToLower(u.Hostname())
}

// toTLS leads readers to https. Whoever writes, or shows a token, is refused
// rather than led on: what was sent in the clear once is sent again.
func (n *node) toTLS(port string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		to := n.settings.publicURL
		if host := hostOf(r.Host); to == "" && host != "" {
			if strings.Contains(host, ":") {
				host = "[" + host + "]"
			}
			if to = "https://" + host; port != "443" {
				to += ":" + port
			}
		}
		switch {
		case r.Method != http.MethodGet && r.Method != http.MethodHead || r.Header.Get("Authorization") != "":
			http.Error(w, "this is plain HTTP; ask by https, and take what was sent here for known to others", http.StatusForbidden)
		case to == "" || !strings.HasPrefix(r.RequestURI, "/"):
			http.Error(w, "ask by https", http.StatusBadRequest)
		default:
			w.Header().Set("Cache-Control", "no-store")
			http.Redirect(w, r, to+r.RequestURI, http.StatusPermanentRedirect)
		}
	})
}

// webServers are the HTTP servers of a node, on ports that are open already.
func (sv *server) webServers() map[*http.Server]net.Listener {
	n := sv.n
	main := sv.api.Server(sv.ln.Addr().String())
	main.Handler = n.settings.proxies.Handler(main.Handler)
	out := map[*http.Server]net.Listener{main: sv.ln}
	if c := n.encryption.config(); c != nil {
		main.Handler, main.TLSConfig = strict(main.Handler), c
	}
	if sv.plain != nil {
		_, port, _ := net.SplitHostPort(sv.ln.Addr().String())
		h := n.toTLS(port)
		if a := n.encryption.authority; a != nil {
			h = a.Handler(h)
		}
		out[&http.Server{
			Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second, IdleTimeout: 30 * time.Second,
			MaxHeaderBytes: 16 << 10, ErrorLog: slog.NewLogLogger(n.log.Handler(), slog.LevelDebug),
		}] = sv.plain
	}
	return out
}

// serveWeb answers until ctx ends or a server fails, then lets requests finish
// for as long as requestGrace.
func (sv *server) serveWeb(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	for s, ln := range sv.webServers() {
		group.Go(func() error {
			if s.TLSConfig != nil {
				return s.ServeTLS(ln, "", "")
			}
			return s.Serve(ln)
		})
		group.Go(func() error {
			<-ctx.Done()
			stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), requestGrace)
			defer cancel()
			if err := s.Shutdown(stop); err != nil {
				return errors.Join(err, s.Close())
			}
			return nil
		})
	}
	err := group.Wait()
	sv.api.Close()
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}
