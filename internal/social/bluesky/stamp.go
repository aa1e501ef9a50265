package bluesky

import (
	"encoding/json"
	"time"
)

// stamp is a time as a service tells it; what is none is no time, so that one
// wrong field does not cost the rest.
type stamp struct{ time.Time }

// UnmarshalJSON takes anything.
func (s *stamp) UnmarshalJSON(b []byte) error {
	var text string
	if json.Unmarshal(b, &text) != nil {
		return nil
	}
	if at, err := time.Parse(time.RFC3339Nano, text); err == nil && at.Year() >= 1970 && at.Year() <= 9999 {
		s.Time = at.UTC()
	}
	return nil
}

// readAll reads those of a list's entries that can be read.
func readAll[T any](all []json.RawMessage) (out []T, bad int) {
	for _, b := range all {
		var v T
		if json.Unmarshal(b, &v) != nil {
			bad++
			continue
		}
		out = append(out, v)
	}
	return out, bad
}
