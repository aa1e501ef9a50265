package social

import (
	"errors"
	"testing"
	"time"
)

// TestMistakesAreToldTogether: with its key, what was found and what is
// accepted, a line each.
func TestMistakesAreToldTogether(t *testing.T) {
	t.Parallel()
	m := Mistakes{Place: "advocate.yaml:3: networks.x[0]"}
	m.Between("parts", 3, 1, 10)
	m.Within("poll", time.Minute, time.Second, time.Hour)
	m.Note("account", nil)
	if m.Err() != nil {
		t.Fatalf("nothing is wrong: %v", m.Err())
	}
	m.Between("parts", 11, 1, 10)
	m.Within("poll", 0, time.Second, 90*time.Minute)
	m.Note("account", CheckLabel("a; want b"))
	m.Note("token", errors.New(`file "x; want y" is empty`))
	m.Add("mode", "", "is for %s only", "streams")
	want := `advocate.yaml:3: networks.x[0]: parts: is 11; want from 1 to 10
advocate.yaml:3: networks.x[0]: poll: is 0s; want from 1s to 1h30m
advocate.yaml:3: networks.x[0]: account: is "a; want b"; want at most 50 of a-z, 0-9, "-" and "_", starting with a letter or a digit
advocate.yaml:3: networks.x[0]: token: file "x; want y" is empty
advocate.yaml:3: networks.x[0]: mode: is for streams only`
	if account, token := m.All[2], m.All[3]; account.Is != `is "a; want b"` || token.Want != "" {
		t.Errorf("what was found is cut: %+v, %+v", account, token)
	}
	var got *Mistakes
	if err := m.Err(); !errors.As(err, &got) || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}
