package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// The local socket is for commands on the same machine by the same user: file
// mode 0600 is its only guard. It speaks HTTP: POST /ops/{name} with the
// parameters as JSON.

const (
	maxSocketPath = 100 // sun_path holds 104 to 108 bytes, by system
	maxOpBody     = 64 << 20
	dialTimeout   = 2 * time.Second
)

// wireError is a domain error on its way through the socket.
type wireError struct {
	Code    domain.Code `json:"code"`
	Message string      `json:"message"`
	Field   string      `json:"field,omitempty"`
}

// listenSocket opens the socket. The caller holds the store's lock, so a file
// that is there already was left behind by a process that is gone.
//
// A socket takes its mode from the process's umask when it is made, and the
// umask is not this function's to change. So it is made in a directory that
// only this user may enter, and moved to its place when only this user may
// use it.
func listenSocket(path string) (_ net.Listener, err error) {
	if len(path) > maxSocketPath {
		return nil, fmt.Errorf("%s is longer than the %d bytes that a socket's path may have; commands will have to wait until the server stops", path, maxSocketPath)
	}
	private := filepath.Join(filepath.Dir(path), socketNursery) // its socket's path is shorter than path
	if err := os.RemoveAll(private); err != nil {
		return nil, err
	}
	if err := os.Mkdir(private, 0o700); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(private)) }()
	born := filepath.Join(private, "s")
	ln, err := net.Listen("unix", born)
	if err != nil {
		return nil, err
	}
	unix := ln.(*net.UnixListener)
	unix.SetUnlinkOnClose(false) // it would look for the socket where it was made
	if err := errors.Join(os.Chmod(born, 0o600), os.Rename(born, path)); err != nil {
		return nil, errors.Join(err, ln.Close())
	}
	return &movedListener{unix, path}, nil
}

// socketNursery is where a socket is made, beside its place.
const socketNursery = ".sock"

// movedListener takes its socket away when it is closed.
type movedListener struct {
	*net.UnixListener
	path string
}

func (l *movedListener) Close() error {
	err := l.UnixListener.Close()
	if err == nil { // the first time
		os.Remove(l.path)
	}
	return err
}

// serveSocket answers until the listener is closed.
func serveSocket(ln net.Listener, n *node, log *slog.Logger) *http.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /ops/{name}", func(w http.ResponseWriter, r *http.Request) {
		f, known := operations[r.PathValue("name")]
		if !known {
			writeWire(w, nil, domain.Errorf(domain.CodeNotFound, "the server does not know %.60q; is it of another version than this command?", r.PathValue("name")))
			return
		}
		params, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxOpBody))
		if err != nil {
			writeWire(w, nil, domain.Errorf(domain.CodeTooLarge, "the parameters could not be read: %v", err))
			return
		}
		by, err := url.QueryUnescape(r.Header.Get(operatorHeader))
		if err != nil {
			by = ""
		}
		out, err := f(givenBy(r.Context(), by), n, params)
		writeWire(w, out, err)
	})
	s := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug)}
	go func() {
		if err := s.Serve(ln); err != nil && !errors.Is(err, http.ErrServerClosed) {
			log.Error("the local socket ended", "error", err)
		}
	}()
	return s
}

func writeWire(w http.ResponseWriter, out any, err error) {
	w.Header().Set("Content-Type", "application/json")
	if err != nil {
		e := wireError{Code: domain.ErrorCode(err), Message: err.Error()}
		var d *domain.Error
		if errors.As(err, &d) {
			e.Message, e.Field = d.Message, d.Field
		}
		w.WriteHeader(http.StatusUnprocessableEntity)
		_ = json.NewEncoder(w).Encode(e)
		return
	}
	_ = json.NewEncoder(w).Encode(out)
}

// socketCaller asks a running server.
type socketCaller struct{ client *http.Client }

// dialSocket returns nil when no server answers: the file is missing, or left
// behind.
func dialSocket(path string) caller {
	if len(path) > maxSocketPath {
		return nil
	}
	conn, err := net.DialTimeout("unix", path, dialTimeout)
	if err != nil {
		return nil
	}
	conn.Close()
	return socketCaller{&http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "unix", path)
		},
	}}}
}

func (c socketCaller) call(ctx context.Context, name string, params, result any) error {
	in, err := json.Marshal(params)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://advocate/ops/"+name, bytes.NewReader(in))
	if err != nil {
		return err
	}
	req.Header.Set(operatorHeader, url.QueryEscape(operator())) // a name may have any letters
	resp, err := c.client.Do(req)
	if err != nil {
		return fmt.Errorf("the running server did not answer: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		var e wireError
		if err := json.NewDecoder(io.LimitReader(resp.Body, maxOpBody)).Decode(&e); err != nil {
			return fmt.Errorf("the running server answered %s", resp.Status)
		}
		return &domain.Error{Code: e.Code, Message: e.Message, Field: e.Field}
	}
	return json.NewDecoder(resp.Body).Decode(result)
}

func (c socketCaller) close() error {
	c.client.CloseIdleConnections()
	return nil
}

func (socketCaller) remote() bool { return true }
