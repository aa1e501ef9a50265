package engine

import (
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/social"
)

func TestWhatEchoesAReply(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("We have looked at your parcel and it is on its way to you. ", 12) +
		"See https://shop.example/a/very/long/path for more. Thank you."
	split := social.Length{Max: 300}.Split(long, "@ann ", 3)
	if len(split) < 2 {
		t.Fatalf("%d parts", len(split))
	}
	direct := []string{"@ann Our colleagues of @\u2060shop look into it."}
	for what, x := range map[string]struct {
		ours, theirs string
		parts        []string
		want         bool
	}{
		"the same text":                {"Hello Ann.", "Hello Ann.", split, true},
		"a mention and other breaks":   {"Hello Ann,\n\nall is well.", "@ann  Hello Ann, all   is well.", split, true},
		"a link as the network has it": {"See https://shop.example/a/b/c now.", "See shop.example/a/… now.", split, true},
		"another text":                 {"Hello Ann.", "Hello Bob.", split, false},
		"the first part":               {long, split[0], split, true},
		"the last part":                {long, split[len(split)-1], split, true},
		"a part by another mention":    {long, "@ann@far.example " + strings.TrimPrefix(split[0], "@ann "), split, true},
		"a part under a warning":       {long, "rant about\n\n" + split[1], split, true},
		"a mention that calls nobody":  {"Our colleagues of @shop look into it.", direct[0], direct, true},
		"one that the network cleaned": {"Our colleagues of @shop look into it.", "@ann Our colleagues of @shop look into it.", direct, true},
		"a mention with its server":    {"Ask @ben, please.", "@ann Ask @ben@far.example, please.", nil, true},
		"staff, calling another":       {"Ask @ben, please.", "@ann Ask @bob, please.", nil, false},
		"staff, with words of ours":    {long, "Thank you.", split, false},
		"staff, with a sentence":       {long, "@ann We have looked at your parcel and it is on its way to you.", split, false},
		"staff, going on as we do":     {long, "Sorry! " + strings.TrimPrefix(split[1], "@ann "), split, false},
		"a part where none is made":    {long, split[0], nil, false},
		"nothing":                      {"…", "", split, false},
	} {
		if got := isWhole(x.theirs, x.ours) || isPart(x.theirs, x.parts); got != x.want {
			t.Errorf("%s: %v", what, got)
		}
	}
}
