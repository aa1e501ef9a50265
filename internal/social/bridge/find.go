package bridge

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/web"
)

// look asks whether a part was published whose answer was lost. Where that
// cannot be known the error is final, and a person looks: what may stand there
// already is not said again.
func (n *Network) look(ctx context.Context, m *social.Message, key, text, to string) (social.Sent, bool, error) {
	if n.find == nil {
		return social.Sent{}, false, unknown("nobody knows whether it was published, for the bridge's answer was lost and it cannot be asked; look on the network, and write to the customer yourself if it is not there")
	}
	a, err := n.ask(ctx, n.find, "find", m, key, text, to)
	if err != nil {
		return social.Sent{}, false, n.failed(err, m, n.find)
	}
	said := readAnswer(a.Body)
	if e := said.failure(a.Header, n.kit.Clock.Now(), m); e != nil {
		return social.Sent{}, false, e
	}
	var found struct {
		Found *bool `json:"found"`
	}
	switch err := json.Unmarshal(a.Body, &found); {
	case isPage(a.Body):
		return social.Sent{}, false, notJSON(n.find)
	case err == nil && found.Found != nil && !*found.Found:
		return social.Sent{}, false, nil
	case said.id != "" || found.Found != nil && *found.Found:
		return n.sent(&said, key), true, nil
	}
	// Anything else is no word on whether it is there.
	return social.Sent{}, false, unknown("nobody knows whether it was published: the bridge was asked and does not say found")
}

func unknown(safe string) *social.Error {
	return &social.Error{Fault: social.FaultOperator, Safe: safe}
}

// errSaid is the cause of errors that the bridge itself names, errUnsent of
// those of requests that never left.
var (
	errSaid   = errors.New("the bridge says so")
	errUnsent = errors.New("nothing was sent")
)

// unmade reports whether an error means for certain that nothing was published:
// it never left, the bridge says so, or did not take the request. Other troubles
// of a server may come after it has acted, or from something between it and us.
func unmade(err error) bool {
	if errors.Is(err, errSaid) || errors.Is(err, errUnsent) || web.Unsent(err) {
		return true
	}
	var status *web.StatusError
	if !errors.As(err, &status) {
		return false
	}
	switch s := status.Status; s {
	case http.StatusRequestTimeout, http.StatusConflict:
		return false
	default:
		return s < 500 || s == http.StatusServiceUnavailable
	}
}
