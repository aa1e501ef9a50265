package config

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

var weekdays = map[string]time.Weekday{
	"mon": time.Monday, "tue": time.Tuesday, "wed": time.Wednesday, "thu": time.Thursday,
	"fri": time.Friday, "sat": time.Saturday, "sun": time.Sunday,
}

const hoursWant = `days and times such as "mon-fri 08:00-18:00", "sat,sun 10:00-14:00" or "daily 00:00-24:00"`

// ParseHours reads opening hours: days (one, several with commas, a range, or
// "daily"), a space, and from-to on a 24-hour clock. A range of days may go
// over the week's end; a range of times may not go over midnight.
func ParseHours(s string) ([]domain.Hours, error) {
	days, times, ok := strings.Cut(strings.ToLower(strings.Join(strings.Fields(s), " ")), " ")
	if !ok {
		return nil, fmt.Errorf("%.40q is not opening hours", s)
	}
	from, to, ok := strings.Cut(strings.ReplaceAll(times, " ", ""), "-")
	if !ok {
		return nil, fmt.Errorf("%.40q has no times", s)
	}
	f, err := clockMinutes(from)
	if err != nil {
		return nil, err
	}
	t, err := clockMinutes(to)
	if err != nil {
		return nil, err
	}
	if t <= f {
		return nil, fmt.Errorf("%.40q ends before it begins; write the part after midnight as the next day's", s)
	}
	open, err := parseDays(days)
	if err != nil {
		return nil, err
	}
	var out []domain.Hours
	for d := range 7 { // by weekday: the order in which they were written tells nothing
		if open[d] {
			out = append(out, domain.Hours{Weekday: time.Weekday(d), From: f, To: t})
		}
	}
	return out, nil
}

func parseDays(s string) (open [7]bool, err error) {
	if s == "daily" {
		return [7]bool{true, true, true, true, true, true, true}, nil
	}
	for part := range strings.SplitSeq(s, ",") {
		first, last, isRange := strings.Cut(part, "-")
		a, ok := weekdays[first]
		if !ok {
			return open, fmt.Errorf("%.20q is not a weekday", first)
		}
		b := a
		if isRange {
			if b, ok = weekdays[last]; !ok {
				return open, fmt.Errorf("%.20q is not a weekday", last)
			}
		}
		for d := a; ; d = (d + 1) % 7 {
			open[d] = true
			if d == b {
				break
			}
		}
	}
	return open, nil
}

// clockMinutes reads "08:00" as minutes after midnight, up to "24:00".
func clockMinutes(s string) (int, error) {
	hh, mm, ok := strings.Cut(s, ":")
	h, err1 := strconv.Atoi(hh)
	m, err2 := strconv.Atoi(mm)
	if !ok || err1 != nil || err2 != nil || len(mm) != 2 || len(hh) == 0 || len(hh) > 2 || h < 0 || m < 0 || m > 59 || h*60+m > 24*60 {
		return 0, fmt.Errorf("%.20q is not a time of day", s)
	}
	return h*60 + m, nil
}

// ParseDuration is time.ParseDuration that knows days: "15m", "3d", "1d12h".
func ParseDuration(s string) (time.Duration, error) {
	days, rest, ok := strings.Cut(s, "d")
	if !ok {
		return time.ParseDuration(s)
	}
	n, err := strconv.Atoi(days)
	if err != nil || n < 0 || n > 36500 {
		return 0, fmt.Errorf("%.20q is not a number of days", days)
	}
	total := time.Duration(n) * 24 * time.Hour
	if rest == "" {
		return total, nil
	}
	more, err := time.ParseDuration(rest)
	if err != nil || more < 0 {
		return 0, fmt.Errorf("%.20q is not a duration", rest)
	}
	return total + more, nil
}

// FormatDuration is ParseDuration's other way, as short as can be.
func FormatDuration(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d == 0:
		return "0s"
	case d > 3*day && d%day == 0:
		return strconv.Itoa(int(d/day)) + "d"
	}
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
