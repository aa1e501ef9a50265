// Package rest makes a component of any HTTP service, by configuration: a URL
// with places for what is asked, credentials from the environment or a file,
// and a jq program that makes an answer of what comes back.
//
// What is asked comes from a customer's post, so it is hostile: it is escaped
// into the URL, can name no other path, and the service's addresses are
// checked after they are resolved, on every connection, so that neither a
// name that resolves to a private address nor a redirect reaches inside.
//
// A service that fails again and again is left alone: its circuit breaker
// goes from closed to open after Failures failures in a row, refuses
// everything until Cooldown has passed, then lets one question through
// (half-open), whose end closes it or opens it again.
package rest
