package domain

import "hash/fnv"

// IntentVersion names what a case is about, for who would say otherwise only
// if nobody has meanwhile: it is another for another intent, and the same
// whatever else happens in the case. It is positive.
func IntentVersion(caseID string, x Intent) int64 {
	h := fnv.New64a()
	h.Write([]byte(caseID + "\x00" + string(x)))
	return int64(h.Sum64()>>1 | 1) //nolint:gosec // the sign's bit is zero
}
