package social

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"strings"
	"syscall"
)

// Unreached is the error of a request that the network has not answered: it
// may have acted or not.
func Unreached(cause error) *Error { return UnreachedAt("", cause) }

// UnreachedAt is Unreached where it is known which host was asked. What may be
// shown names it and why it cannot be reached, and nothing else of the cause:
// that may hold an address with a token in it.
func UnreachedAt(host string, cause error) *Error {
	e := &Error{Retry: true, Fault: FaultNetwork, Safe: "the network cannot be reached", Cause: cause}
	why := ""
	switch why = unreachable(cause); {
	case why != "":
	case errors.Is(cause, context.DeadlineExceeded):
		e.Safe = "the network did not answer in time"
	case errors.Is(cause, context.Canceled):
		e.Safe = "the call was given up"
		return e
	}
	var inside interface{ Private() bool }
	if errors.As(cause, &inside) {
		e.Fault = FaultOperator // no later attempt goes otherwise
	}
	if host != "" {
		e.Safe = strings.Replace(e.Safe, "the network", host, 1)
	}
	if why != "" {
		e.Safe += ": " + why
	}
	return e
}

// unreachable says why no connection came about, "" where that is not known.
func unreachable(err error) string {
	var dns *net.DNSError
	var inside interface{ Private() bool }
	var header tls.RecordHeaderError
	var cert *tls.CertificateVerificationError
	var timeout net.Error
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return "there is no host of that name"
	case errors.As(err, &dns):
		return "its name cannot be looked up (DNS)"
	case errors.As(err, &inside):
		return "it is no public address; allow_private lets it be one inside"
	case errors.As(err, &header), errors.Is(err, http.ErrSchemeMismatch):
		return "it does not speak TLS there; is it https, and the port right?"
	case errors.As(err, &cert):
		return certificate(cert.Err)
	case errors.Is(err, syscall.ECONNREFUSED):
		return "it refuses the connection; does it run there?"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "it broke the connection off"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "there is no way to it from here"
	case errors.As(err, &timeout) && timeout.Timeout() && !errors.Is(err, context.DeadlineExceeded):
		return "it does not answer"
	}
	return ""
}

func certificate(err error) string {
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &unknown):
		return "its TLS certificate is of nobody whom this machine trusts"
	case errors.As(err, &name):
		return "its TLS certificate is for another name"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "its TLS certificate has expired, or this machine's clock is wrong"
	}
	return "its TLS certificate is not good"
}
