package understand

import (
	"os"
	"strconv"
	"testing"
)

// TestMeasure prints how the rules read a labelled file that is named from
// outside: ADVOCATE_POSTS=file go test -run TestMeasure -v. With
// ADVOCATE_MISTAKES=1 it lists what was read differently.
func TestMeasure(t *testing.T) {
	t.Parallel()
	name := os.Getenv("ADVOCATE_POSTS")
	if name == "" {
		t.Skip("ADVOCATE_POSTS is not set")
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rep, err := Evaluate(newRules(Options{}), f)
	if err != nil {
		t.Fatal(err)
	}
	if rep.Posts == 0 {
		t.Fatalf("%s holds no posts", name)
	}
	t.Logf("%s\n%s", name, rep)
	if os.Getenv("ADVOCATE_MISTAKES") == "" {
		return
	}
	for _, m := range rep.Mistakes {
		agent := "?"
		if m.Want.NeedsAgent != nil {
			agent = strconv.FormatBool(*m.Want.NeedsAgent)
		}
		t.Logf("i=%v a=%v s=%v r=%v | want %s %s %s | got %s %.2f (%s) %v %s %v | %s", m.Intent, m.Agent, m.Feeling, m.Ref,
			m.Want.Intent, agent, m.Want.Sentiment, m.Got.Intent, m.Got.IntentConfidence, m.Got.SecondIntent,
			m.Got.NeedsAgent, m.Got.Sentiment, m.Got.Values("order"), m.Text)
	}
}
