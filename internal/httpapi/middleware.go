package httpapi

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// statusWriter remembers what was answered.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(code int) {
	if w.status == 0 {
		w.status = code
	}
	w.ResponseWriter.WriteHeader(code)
}

func (w *statusWriter) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// ServeHTTP answers one request: it bounds, counts and logs it, and answers
// what no route answers.
func (a *API) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	began := time.Now() // how long it took is a matter of this machine, not of the engine's clock
	w := &statusWriter{ResponseWriter: rw}
	_, pattern := a.mux.Handler(r)
	stream := a.streams[pattern]
	done := a.o.Metrics.RequestStarted()
	defer func() {
		if v := recover(); v != nil {
			a.recovered(w, r, pattern, v)
		}
		took := time.Since(began)
		done(routeOf(pattern), r.Method, w.status, took, stream)
		a.logRequest(r, pattern, w.status, took)
	}()
	securityHeaders(w.Header())
	p, err := a.admitted(r, pattern)
	if err != nil {
		writeProblem(w, problemOf(err))
		return
	}
	defer p.end()
	r = withSeat(r, p)
	if !stream {
		ctx, cancel := context.WithTimeout(r.Context(), requestTime)
		defer cancel()
		r = r.WithContext(ctx)
	}
	if pattern == "" {
		pattern = a.unrouted(w, r)
		return
	}
	body := r.Body
	r.Body = io.NopCloser(body)
	a.cross.Handler(a.mux).ServeHTTP(w, r)
	if w.status == http.StatusRequestEntityTooLarge {
		// A caller who is still sending does not read, and finds the connection
		// broken where the answer should be: what comes is thrown away for a while.
		p.end()
		_ = http.NewResponseController(w).Flush()
		_, _ = io.CopyN(io.Discard, body, maxThrown)
	}
}

// admitted takes a place for a request that can be looked at.
func (a *API) admitted(r *http.Request, pattern string) (*seat, error) {
	switch {
	case len(r.RequestURI) > maxURL:
		return nil, problem(domain.CodeTooLarge, "the address is longer than 8 KiB")
	case r.Header.Get("Content-Encoding") != "" && !strings.EqualFold(r.Header.Get("Content-Encoding"), "identity"):
		return nil, problem(codeMediaType, "compressed bodies are not accepted")
	}
	if err := checkQuery(r.URL.RawQuery); err != nil {
		return nil, err
	}
	return a.enter(r, pattern)
}

// checkQuery refuses a query string that does not parse. Go passes over the
// parameter that is wrong, and a list without its filter is another list.
func checkQuery(raw string) error {
	for pair := range strings.SplitSeq(raw, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if strings.Contains(pair, ";") {
			return domain.FieldErrorf(domain.Clip(name, 60), "has a \";\" in the address; parameters are parted by \"&\", and a \";\" of a value is written %%3B")
		}
		for _, s := range [...]string{name, value} {
			if _, err := url.QueryUnescape(s); err != nil {
				return domain.FieldErrorf(domain.Clip(name, 60), "is not written as addresses are: a \"%%\" needs two hexadecimal digits behind it, and stands for itself as %%25")
			}
		}
	}
	return nil
}

// unrouted answers what no pattern of the mux matches, and gives the pattern of
// what did: the console's pages are all the paths that are nobody else's. The
// mux knows whether it is the path or the method; its own answers are plain
// text.
func (a *API) unrouted(w http.ResponseWriter, r *http.Request) (pattern string) {
	probe := &probeWriter{header: http.Header{}}
	a.mux.ServeHTTP(probe, r)
	switch {
	case probe.status == http.StatusMethodNotAllowed:
		allow := probe.header.Get("Allow")
		w.Header().Set("Allow", allow)
		writeProblem(w, problem(codeMethod, "%.20s is not possible here; %s is", r.Method, allow))
	case probe.status >= 300 && probe.status < 400:
		http.Redirect(w, r, probe.header.Get("Location"), probe.status)
	case a.serveConsole(w, r):
		return "GET " + consoleRest
	default:
		writeProblem(w, problem(domain.CodeNotFound, "there is nothing at %.200q; /docs lists every call", r.URL.Path))
	}
	return ""
}

type probeWriter struct {
	header http.Header
	status int
}

func (p *probeWriter) Header() http.Header         { return p.header }
func (p *probeWriter) WriteHeader(code int)        { p.status = code }
func (p *probeWriter) Write(b []byte) (int, error) { return len(b), nil }

// securityHeaders are on every answer. Pages widen the policy to their own
// files.
func securityHeaders(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}

// recovered answers a request whose handler panicked.
func (a *API) recovered(w *statusWriter, r *http.Request, pattern string, v any) {
	if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(v)
	}
	if r.Context().Err() != nil && w.status != 0 {
		return // the caller went away in the middle of the answer
	}
	a.log.LogAttrs(r.Context(), slog.LevelError, "handler panicked", slog.String("route", routeOf(pattern)), slog.Any("panic", v), slog.String("stack", string(debug.Stack())))
	if w.status == 0 {
		writeProblem(w, problem(domain.CodeInternal, internalText))
	}
}

// logRequest keeps quiet about what goes well, except at debug level.
func (a *API) logRequest(r *http.Request, pattern string, status int, took time.Duration) {
	level := slog.LevelDebug
	if status >= 500 && status != http.StatusServiceUnavailable {
		level = slog.LevelWarn
	}
	// the route, never the path: a path holds ids, a query what was searched for
	a.log.LogAttrs(r.Context(), level, "request", slog.String("route", routeOf(pattern)), slog.String("method", r.Method),
		slog.Int("status", status), slog.Duration("took", took))
}

// refuse answers with an error and logs what the answer does not say.
func (a *API) refuse(w http.ResponseWriter, r *http.Request, err error) {
	p := problemOf(err)
	a.logCause(r.Context(), p)
	writeProblem(w, p)
}

func (a *API) logCause(ctx context.Context, p *Problem) {
	if p.Status == http.StatusInternalServerError && p.cause != nil {
		a.log.LogAttrs(ctx, slog.LevelError, "internal error", slog.Any("error", p.cause))
	}
}

// routeOf takes the method off a mux pattern.
func routeOf(pattern string) string {
	if _, path, ok := strings.Cut(pattern, " "); ok {
		return path
	}
	return pattern
}
