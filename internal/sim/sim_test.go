package sim

import (
	"context"
	"os"
	"strconv"
	"testing"
)

// fromEnv reads a number that makes the run longer.
func fromEnv(t *testing.T, name string, n int) int {
	t.Helper()
	s := os.Getenv(name)
	if s == "" {
		return n
	}
	v, err := strconv.Atoi(s)
	if err != nil || v < 1 {
		t.Fatalf("%s is %q; want a positive number", name, s)
	}
	return v
}

func mustHold(t *testing.T, r Report, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range r.Violations {
		t.Error(v)
	}
	if t.Failed() {
		t.Logf("replay: %s", r.Replay())
	}
}

func TestCleanRuns(t *testing.T) {
	t.Parallel()
	seeds, steps := fromEnv(t, "ADVOCATE_SIM_SEEDS", 3), fromEnv(t, "ADVOCATE_SIM_STEPS", 3000)
	for seed := 1; seed <= seeds; seed++ {
		r, err := Run(context.Background(), Options{Seed: int64(seed), Steps: steps})
		mustHold(t, r, err)
		t.Logf("seed %d: %d inputs, %d decisions, %d crashes; never succeeded: %v", seed, r.Inputs, r.Decisions, r.Crashes, r.Missing())
		if t.Failed() {
			return
		}
	}
}
