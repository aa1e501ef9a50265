package understand

import (
	"os"
	"strings"
	"testing"
)

// TestAuthoredPosts holds floors under how the project's own posts are read.
func TestAuthoredPosts(t *testing.T) {
	t.Parallel()
	f, err := os.Open("testdata/posts-authored.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rep, err := Evaluate(newRules(Options{}), f)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("\n%s", rep)
	for _, c := range []struct {
		name       string
		got, floor float64
	}{
		{"posts", float64(rep.Posts), 240},
		{"intent accuracy", rep.Intent.Value(), 0.93},
		{"needs_agent F1", rep.F1(), 0.985},
		{"sentiment accuracy", rep.Sentiment.Value(), 0.80},
		{"order_ref exact match", rep.RefExact.Value(), 0.99},
		{"order_ref recall", rep.RefRecall.Value(), 1},
		{"legal_safety recall", rep.PerIntent[inLegalSafety].Recall.Value(), 0.95},
	} {
		if c.got < c.floor {
			t.Errorf("%s: %.3f, must stay at %.3f or above", c.name, c.got, c.floor)
		}
	}
}

// TestReliability checks that confidence means something: what is said with
// more of it is more often right, and what is said with little is often wrong.
func TestReliability(t *testing.T) {
	t.Parallel()
	f, err := os.Open("testdata/posts-authored.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rep, err := Evaluate(newRules(Options{}), f)
	if err != nil {
		t.Fatal(err)
	}
	var low, high Ratio
	for i, b := range rep.Reliability {
		to := &low
		if i >= 5 {
			to = &high
		}
		to.Right += b.Right.Right
		to.Of += b.Right.Of
	}
	if high.Value() < low.Value()+0.05 {
		t.Errorf("above 0.5: %.2f of %d right, below: %.2f of %d; confidence says nothing", high.Value(), high.Of, low.Value(), low.Of)
	}
}

func TestEvaluateRefuses(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"{\"text\":\"a\",\"intent\":\"praise\"}\nnope":       "line 2",
		`{"text":"a","intent":"grumble"}`:                    `intent "grumble" is unknown`,
		"\n\n" + `{"text":"a","intent":"praise","id":["x"]}`: "line 3",
	} {
		if _, err := Evaluate(newRules(Options{}), strings.NewReader(in)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want one with %q", in, err, want)
		}
	}
}
