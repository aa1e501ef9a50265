package sim

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/sqlite"
)

// fromEnv reads a number that makes the runs longer: `make soak` sets
// ADVOCATE_SIM_SEEDS and ADVOCATE_SIM_STEPS.
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
		t.Fatalf("replay: %s", r.Replay())
	}
}

// TestCleanRuns runs many seeds over the store in memory.
func TestCleanRuns(t *testing.T) {
	t.Parallel()
	steps := 1500
	if testing.Short() {
		steps = 500
	}
	seeds, steps := fromEnv(t, "ADVOCATE_SIM_SEEDS", 3), fromEnv(t, "ADVOCATE_SIM_STEPS", steps)
	seen := map[string]int{}
	for seed := 1; seed <= seeds; seed++ {
		r, err := Run(context.Background(), Options{Seed: int64(seed), Steps: steps})
		mustHold(t, r, err)
		t.Logf("seed %d: %d inputs, %d decisions, %d crashes", seed, r.Inputs, r.Decisions, r.Crashes)
		for op, n := range r.Operations {
			seen[op] += n
		}
	}
	if missing := (Report{Operations: seen}).Missing(); len(missing) > 0 && steps >= 1500 {
		t.Errorf("these operations never succeeded: %v", missing)
	}
}

// TestSQLite runs over the store that people use, which must lead to the same
// history as the one in memory, record for record.
func TestSQLite(t *testing.T) {
	t.Parallel()
	seeds, steps := fromEnv(t, "ADVOCATE_SIM_SEEDS", 1), fromEnv(t, "ADVOCATE_SIM_STEPS", 400)
	for seed := 101; seed < 101+seeds; seed++ {
		r, err := Run(context.Background(), Options{Seed: int64(seed), Steps: steps, StoreName: "sqlite", Store: func() (store.Store, func(), error) {
			s, err := sqlite.Open(context.Background(), filepath.Join(t.TempDir(), "sim.db"), sqlite.Options{})
			return s, func() {}, err
		}})
		mustHold(t, r, err)
		same, err := Run(context.Background(), Options{Seed: int64(seed), Steps: steps})
		mustHold(t, same, err)
		if r.Digest != same.Digest {
			t.Errorf("seed %d: SQLite leads to another history than memory", seed)
		}
	}
}

// TestSameSeedSameRun sees that a seed says everything, and that a longer run
// begins with the shorter one.
func TestSameSeedSameRun(t *testing.T) {
	t.Parallel()
	a, err := Run(context.Background(), Options{Seed: 7, Steps: 300})
	mustHold(t, a, err)
	b, err := Run(context.Background(), Options{Seed: 7, Steps: 300})
	mustHold(t, b, err)
	if a.Digest != b.Digest || a.Inputs != b.Inputs || a.Crashes != b.Crashes {
		t.Errorf("two runs of one seed differ: %+v and %+v", a, b)
	}
	c, err := Run(context.Background(), Options{Seed: 8, Steps: 300})
	mustHold(t, c, err)
	if c.Digest == a.Digest {
		t.Error("two seeds give the same run")
	}
}

// TestReplayIsTheWholeCommand: what a run was over and with is in the command.
func TestReplayIsTheWholeCommand(t *testing.T) {
	t.Parallel()
	for want, o := range map[string]Options{
		"advocate sim --seed 3 --steps 2":                                        {Seed: 3, Steps: 2},
		"advocate sim --seed 3 --steps 2 --store sqlite --fault lost-input":      {Seed: 3, Steps: 2, Fault: "lost-input", StoreName: "sqlite"},
		"advocate sim --seed 3 --steps 2 --store 'postgres://a/b?port=1&user=u'": {Seed: 3, Steps: 2, StoreName: "postgres://a/b?port=1&user=u"},
	} {
		r, err := Run(context.Background(), o)
		if err != nil || r.Replay() != want {
			t.Errorf("%s (%v); want %s", r.Replay(), err, want)
		}
	}
}

// TestFaultsAreFound plants each fault and sees that it is named.
func TestFaultsAreFound(t *testing.T) {
	t.Parallel()
	for fault, says := range map[string]string{
		"lost-effect":             "neither in the outbox nor ended",
		"double-decision":         "decided and still waits in the inbox",
		"skipped-duplicate-check": "twice",
		"missed-event":            "missed event",
		"public-leak":             "in public",
		"unproven-order":          "of the unproven order",
		"broken-promise":          "neither kept nor broken",
		"lost-input":              "lost",
		"overtaking":              "overtook",
		"left-behind":             "work items of the erased customer",
		"crowded-agent":           "with room for",
		"idle-agent":              "is idle",
		"lost-item":               "is lost",
		"held-twice":              "is held twice",
		"silent-overdue":          "is past its time",
		"silent-stale":            "has not moved it",
		"no-look":                 "by then",
		"old-look":                "its advocate does not know",
		"begun-again":             "was said twice",
		"blocked-written-to":      "who blocks us",
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			for seed := int64(1); seed <= 16; seed++ {
				r, err := Run(context.Background(), Options{Seed: seed, Steps: 2000, Fault: fault})
				if err != nil {
					t.Fatal(err)
				}
				for _, v := range r.Violations {
					if strings.Contains(v, says) {
						t.Logf("found after %d steps of seed %d: %s", r.Steps, seed, v)
						return
					}
				}
				if len(r.Violations) > 0 {
					t.Logf("seed %d found something else: %v", seed, r.Violations)
				}
			}
			t.Errorf("nothing says %q", says)
		})
	}
}

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	for _, o := range []Options{{Steps: -1}, {Fault: "no such fault"}} {
		if _, err := Run(context.Background(), o); err == nil {
			t.Errorf("%+v was taken", o)
		}
	}
}
