package domain

import "time"

// The times of an order are often dates: a system knows the day and no hour. A
// date without a time of day stands as the midnight of UTC, as
// 2026-11-26T00:00:00Z, and is that date everywhere. Whoever tells an order's
// times or reckons with them reads them here; clocks, such as when a post was
// written or what a promise is due at, are no dates even at midnight.

// DateZone is the name of the zone in which [TimeOrDate] gives a bare date.
const DateZone = "date"

// BareDate reports whether an order's time is a date without a time of day.
func BareDate(t time.Time) bool {
	u := t.UTC()
	return u.Year() > 1 && u.Equal(u.Truncate(24*time.Hour))
}

// TimeOrDate is an order's time on the clock of a zone. A bare date is the last
// second of that date there, since until then what it is promised for is in
// time; its own zone, called [DateZone], tells it from a time.
func TimeOrDate(t time.Time, zone *time.Location) time.Time {
	if !BareDate(t) {
		return t.In(zone)
	}
	y, m, d := t.UTC().Date()
	// By the offset at noon: a clock that is put forward may have no such second.
	_, offset := time.Date(y, m, d, 12, 0, 0, 0, zone).Zone()
	return time.Date(y, m, d, 23, 59, 59, 0, time.FixedZone(DateZone, offset))
}

// IsDate reports whether a time that [TimeOrDate] gave, or what was reckoned
// from it, is a date.
func IsDate(t time.Time) bool { return t.Location().String() == DateZone }

// DateIn is the day of an order's time in a zone, as 2006-01-02.
func DateIn(t time.Time, zone *time.Location) string {
	return TimeOrDate(t, zone).Format(time.DateOnly)
}

// DayNumber counts the days of the calendar on a time's own clock, so that
// tomorrow is not "in 24 hours".
func DayNumber(t time.Time) int64 {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400
}

// sameTime reports whether two times of an order say the same: the one may be
// the date of the other. A date was a noon in UTC to earlier versions.
func sameTime(a, b time.Time) bool {
	return a.Equal(b) || (BareDate(a) || BareDate(b)) && DateIn(a, time.UTC) == DateIn(b, time.UTC)
}
