package httpapi

import (
	"fmt"
	"time"

	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/social"
)

const (
	remedyExpiring remedy = "expiring"
	remedyExpired  remedy = "expired"
	remedyQuota    remedy = "quota"

	remedyUnconnected remedy = "not_connected"
)

// NetworkView is how a network's connection goes, as it says itself.
type NetworkView struct {
	Mode    string      `json:"mode,omitempty" enum:"stream,poll,webhook" doc:"How its posts come now; missing while none do here, as on a node that another one brings them for."`
	Since   time.Time   `json:"mode_since,omitzero" doc:"When that began."`
	AliveAt time.Time   `json:"alive_at,omitzero" doc:"When anything last came from it, a sign of life included."`
	Lag     float64     `json:"post_lag_seconds,omitempty" doc:"How old the newest post was when it came."`
	Lost    int         `json:"lost,omitempty" doc:"Connections to it lost since this process began; they are taken up again by themselves."`
	Quotas  []quotaView `json:"quotas,omitempty" doc:"What it still lets us do."`
	Expires time.Time   `json:"expires_at,omitzero" doc:"When our credentials there end."`
	Trouble string      `json:"trouble,omitempty" doc:"What is wrong now."`
	Hook    string      `json:"hook,omitempty" doc:"The path that it tells us of posts at."`
}

type quotaView struct {
	Name   string    `json:"name"`
	Left   int64     `json:"left"`
	Of     int64     `json:"of,omitempty" doc:"Missing: not known."`
	Resets time.Time `json:"resets_at,omitzero"`
}

func viewNetwork(l *engine.Link) NetworkView {
	h := l.Health
	v := NetworkView{Mode: h.Mode, Since: h.Since, AliveAt: h.LastEvent, Lag: h.Lag.Seconds(), Lost: h.Lost, Expires: h.Expires, Trouble: h.Trouble}
	for _, q := range h.Quotas {
		v.Quotas = append(v.Quotas, quotaView(q))
	}
	if l.Hook != "" {
		v.Hook = "/hooks/" + l.Hook
	}
	return v
}

// foresee puts down what a network's health says is wrong, or soon will be.
// What its connection says of itself counts before what may come.
func (v *connectionView) foresee(l *engine.Link, now time.Time) {
	h := &l.Health
	ends := !h.Expires.IsZero()
	switch {
	case ends && !h.Expires.After(now):
		v.State, v.Fault = "failing", social.FaultOperator
		v.advise(remedyExpired)
	case h.Trouble != "" && h.Fault == social.FaultOperator:
		v.State, v.Fault = "failing", h.Fault
		v.advise(remedyRefused)
	case h.Trouble != "" && v.State != "failing":
		v.State, v.Fault = "failing", social.FaultNetwork
		v.advise(remedyNetwork)
	case v.Remedy != "":
	case ends && h.Expires.Before(now.Add(social.ExpirySoon)):
		v.advise(remedyExpiring, int(h.Expires.Sub(now).Hours()/24))
	default:
		if q := social.Scarce(h.Quotas, now); q != nil {
			v.advise(remedyQuota, q.Name)
		}
	}
	if h.Trouble != "" {
		v.Error = h.Trouble
	}
}

// unconnected says of a network without credentials only that: all else that
// is wrong with it comes of it.
func (v *connectionView) unconnected(command string) {
	v.State, v.Fault, v.Error, v.Trouble, v.Command = "failing", social.FaultOperator, "", "", command
	v.advise(remedyUnconnected, command)
}

func (v *connectionView) advise(r remedy, args ...any) {
	v.Remedy, v.Mend = r, remedies[r]
	if len(args) > 0 {
		v.Mend = fmt.Sprintf(v.Mend, args...)
	}
}

// besides lays over a network what came of the requests by which it tells of
// posts. What fails of the network itself comes first: anybody may send a
// request without a signature, and must not hide by it that credentials ended.
func (v *connectionView) besides(hook connectionView) {
	switch {
	case hook.State == "unused":
	case hook.State == "failing" && v.State != "failing" && !v.HeardAt.After(hook.FailedAt):
		v.State, v.FailedAt, v.Error, v.Failures, v.Fault = hook.State, hook.FailedAt, hook.Error, hook.Failures, hook.Fault
		v.Remedy, v.Mend = hook.Remedy, hook.Mend
	case hook.HeardAt.After(v.HeardAt):
		v.HeardAt = hook.HeardAt
		if v.State == "unused" {
			v.State = "ok"
		}
	}
}
