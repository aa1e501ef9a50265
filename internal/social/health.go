package social

import "time"

// Healthy is a Network that tells how its connection goes.
type Healthy interface {
	Health() Health
}

// Health is how a connection goes, as this process has seen it.
type Health struct {
	Mode      string    // how posts come now: "stream", "poll", "webhook"; "" while none do
	Since     time.Time // when Mode began
	LastEvent time.Time // when anything last came, a sign of life included
	Lag       time.Duration
	Lost      int // connections lost since the process began
	Quotas    []Quota
	Expires   time.Time // of the credentials; zero: not known, or never
	Trouble   string    // what is wrong now, fit for an operator's screen
	Fault     Fault     // with Trouble: who has to do something
}

// ExpirySoon is how long before credentials end that is worth a word.
const ExpirySoon = 14 * 24 * time.Hour

// Quota is what a network still lets us do.
type Quota struct {
	Name   string    `json:"name"` // "requests", "posts read this month", …
	Left   int64     `json:"left"`
	Of     int64     `json:"of,omitempty"`       // 0: not known
	Resets time.Time `json:"resets_at,omitzero"` // zero: not known
}

// quotaScarce is how much of a quota is left when it is nearly used up.
const quotaScarce = 0.1

// Scarce is the first quota that is nearly used up, nil for none.
func Scarce(all []Quota, now time.Time) *Quota {
	for i := range all {
		q := &all[i]
		over := !q.Resets.IsZero() && !q.Resets.After(now) // it is whole again by now
		if !over && (q.Left <= 0 || q.Of > 0 && float64(q.Left) < quotaScarce*float64(q.Of)) {
			return q
		}
	}
	return nil
}
