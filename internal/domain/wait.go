package domain

import "time"

// ToldWait is a wait as it is told to a customer: in a few words that hold for
// what lies between Low and High. Of people who were told so at least four in
// five wait no shorter and no longer (package assign measures it).
type ToldWait struct {
	About     bool          // "about so many minutes"; else "within" them
	Minutes   int           // 5 within is "a few minutes"
	Low, High time.Duration // what the words promise
}

// Limits of what is told.
const (
	fewMinutes = 5  // shorter is not told apart
	mostTold   = 90 // what is longer is said by the promise's own time
)

// TellWait puts an estimate into words: median is what half of people wait at
// most, upper what nine in ten do. ok is false where honest words would say
// nothing: the wait is too long or too uncertain.
func TellWait(median, upper time.Duration) (t ToldWait, ok bool) {
	if median < 0 || upper < median {
		return t, false
	}
	if upper <= fewMinutes*time.Minute {
		return within(fewMinutes), true
	}
	// Between the bounds lie four in five: as far below the median as above it,
	// in proportion.
	m := roundMinutes(median)
	if m > fewMinutes && m <= mostTold {
		t = ToldWait{About: true, Minutes: m, Low: time.Duration(m) * time.Minute * 2 / 3, High: time.Duration(m) * time.Minute * 4 / 3}
		lower := time.Duration(float64(median) * float64(median) / float64(upper))
		if upper <= t.High && lower >= t.Low {
			return t, true
		}
	}
	for _, most := range [...]int{10, 15, 30, 60, mostTold} {
		if upper <= time.Duration(most)*time.Minute {
			return within(most), true
		}
	}
	return ToldWait{}, false
}

func within(minutes int) ToldWait {
	return ToldWait{Minutes: minutes, High: time.Duration(minutes) * time.Minute}
}

// roundMinutes rounds as people do: to five minutes, above half an hour to ten.
func roundMinutes(d time.Duration) int {
	step := 5 * time.Minute
	if d > 32*time.Minute {
		step = 10 * time.Minute
	}
	return int(d.Round(step) / time.Minute)
}
