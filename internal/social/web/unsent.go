package web

import (
	"errors"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
)

// Unsent reports whether an error of Do says for certain that nothing of the
// request has left: no connection was made that it could have gone by.
func Unsent(err error) bool {
	var e *unsentError
	return errors.As(err, &e)
}

type unsentError struct{ error }

func (e *unsentError) Unwrap() error { return e.error }

// way notes how far a request gets. What is no http.Transport tells nothing of
// it, and then nothing is certain.
type way struct{ began, connected atomic.Bool }

func (w *way) watch(r *http.Request) *http.Request {
	return r.WithContext(httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{
		GetConn: func(string) { w.began.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { w.connected.Store(true) }, // after TLS, and after a proxy's word
	}))
}

func (w *way) failure(err error) error {
	if w.began.Load() && !w.connected.Load() {
		return &unsentError{err}
	}
	return err
}
