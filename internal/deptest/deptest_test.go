// Package deptest holds the test that keeps imports running one way.
package deptest

import (
	"errors"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/contact-advocate/advocate/"

// allowed says for each package which packages of this module it may import,
// and why it needs them. A package that is not listed may import nothing of
// ours; a new one is entered here with its reason.
var allowed = map[string]struct {
	imports []string
	reason  string
}{
	"internal/domain":                  {nil, "the nouns: standard library only"},
	"internal/wire":                    {nil, "the stored form of any struct"},
	"internal/clock":                   {nil, "time, for whoever waits"},
	"internal/said":                    {nil, "the sentences that the server says to people"},
	"internal/jq":                      {nil, "bounded jq programs"},
	"internal/secret":                  {nil, "credentials from environment or file"},
	"internal/diff":                    {nil, "what differs between two texts"},
	"internal/remote":                  {nil, "who a request is from, through proxies"},
	"internal/playbook":                {[]string{"internal/domain", "internal/said"}, "rules over the nouns"},
	"internal/profile":                 {[]string{"internal/domain"}, "what a customer's profile may hold"},
	"internal/advocate":                {[]string{"internal/domain", "internal/playbook", "internal/said", "internal/wire"}, "the pure decision"},
	"internal/assign":                  {[]string{"internal/domain", "internal/said"}, "who is offered which work item; no I/O and no clock"},
	"internal/feed":                    {[]string{"internal/domain", "internal/store"}, "the event log, followed once a process"},
	"internal/desk":                    {[]string{"internal/assign", "internal/clock", "internal/domain", "internal/feed", "internal/said", "internal/store"}, "who is offered work, carried out"},
	"internal/report":                  {[]string{"internal/domain", "internal/feed", "internal/store"}, "what the event log adds up to"},
	"internal/caseload":                {[]string{"internal/domain", "internal/feed", "internal/store", "internal/wire"}, "cases, promises and what is written about, over all customers"},
	"internal/understand":              {[]string{"internal/domain"}, "text to meaning"},
	"internal/store":                   {[]string{"internal/domain"}, "the transaction contract"},
	"internal/store/memory":            {[]string{"internal/domain", "internal/store"}, "a driver knows its parent only"},
	"internal/store/sqlite":            {[]string{"internal/domain", "internal/store", "internal/wire"}, "a driver knows its parent only"},
	"internal/store/postgres":          {[]string{"internal/domain", "internal/store", "internal/wire"}, "a driver knows its parent only"},
	"internal/store/postgres/pgtest":   {[]string{"internal/store/postgres"}, "a database for each test"},
	"internal/store/move":              {[]string{"internal/domain", "internal/store", "internal/wire"}, "all of one store into another, whichever they are"},
	"internal/store/storetest":         {[]string{"internal/domain", "internal/store", "internal/store/move"}, "what every driver must pass"},
	"internal/social":                  {[]string{"internal/clock", "internal/domain"}, "what a network is"},
	"internal/social/web":              {[]string{"internal/social"}, "what talking to the networks' HTTP APIs has in common"},
	"internal/social/state":            {[]string{"internal/clock", "internal/social", "internal/store"}, "what connectors remember, as sealed documents"},
	"internal/social/bluesky":          {[]string{"internal/clock", "internal/domain", "internal/secret", "internal/social", "internal/social/web"}, "a connector knows its parent only"},
	"internal/social/bridge":           {[]string{"internal/clock", "internal/domain", "internal/secret", "internal/social", "internal/social/web"}, "a connector: its parent, and the client"},
	"internal/social/mastodon":         {[]string{"internal/clock", "internal/domain", "internal/secret", "internal/social", "internal/social/web"}, "a connector knows its parent only"},
	"internal/social/meta":             {[]string{"internal/clock", "internal/domain", "internal/secret", "internal/social", "internal/social/web"}, "a connector knows its parent only"},
	"internal/social/x":                {[]string{"internal/clock", "internal/domain", "internal/secret", "internal/social", "internal/social/web"}, "a connector knows its parent only"},
	"internal/social/sandbox":          {[]string{"internal/domain", "internal/said", "internal/social"}, "a connector knows its parent only"},
	"internal/social/socialtest":       {[]string{"internal/domain", "internal/social"}, "what every network must pass"},
	"internal/source":                  {[]string{"internal/domain", "internal/jq", "internal/secret"}, "where events come from"},
	"internal/component":               {[]string{"internal/domain", "internal/jq", "internal/secret", "internal/store", "internal/wire"}, "what an advocate can ask; the built-in ones read the store"},
	"internal/component/builtin":       {[]string{"internal/component", "internal/desk", "internal/domain", "internal/store", "internal/wire"}, "what the store knows; the desk's outlooks for waiting times"},
	"internal/component/componenttest": {[]string{"internal/component", "internal/domain"}, "what every component must pass"},
	"internal/component/knowledge":     {[]string{"internal/component", "internal/domain"}, "a component knows its parent only"},
	"internal/component/rest":          {[]string{"internal/component", "internal/domain", "internal/jq", "internal/secret"}, "a component: its parent, and how services are asked"},
	"internal/engine": {[]string{
		"internal/advocate", "internal/clock", "internal/component", "internal/domain", "internal/playbook", "internal/profile", "internal/said", "internal/social", "internal/store", "internal/wire",
	}, "the loop around the decision"},
	"internal/certificate": {[]string{"internal/clock", "internal/component/rest", "internal/domain", "internal/store"}, "what is shown by TLS; rest for its rule on addresses"},
	"internal/outbound":    {[]string{"internal/clock", "internal/component/rest", "internal/domain", "internal/feed", "internal/store"}, "events to others' endpoints; rest for its rule on addresses"},
	"internal/auth":        {[]string{"internal/domain", "internal/remote", "internal/store"}, "people, sessions, tokens and roles"},
	"internal/console":     {nil, "the web console's files"},
	"internal/vault":       {[]string{"internal/domain", "internal/store"}, "sealed secrets, kept as documents"},
	"internal/config":      {[]string{"internal/domain", "internal/component", "internal/source", "internal/secret", "internal/component/rest", "internal/playbook", "internal/remote", "internal/social", "internal/social/bluesky", "internal/social/bridge", "internal/social/mastodon", "internal/social/meta", "internal/social/x"}, "what the operator writes; playbook for the form of problems"},
	"internal/telemetry":   {[]string{"internal/domain", "internal/engine", "internal/social"}, "logs and metrics"},
	"internal/httpapi": {[]string{
		"internal/auth", "internal/caseload", "internal/console", "internal/desk", "internal/diff", "internal/domain", "internal/engine", "internal/feed", "internal/outbound", "internal/social", "internal/social/sandbox", "internal/source", "internal/store", "internal/playbook", "internal/profile", "internal/remote", "internal/report", "internal/said", "internal/telemetry", "internal/wire",
	}, "the API; sandbox for its page"},
	"internal/virtual": {[]string{"internal/clock", "internal/engine"}, "an engine on a manual clock"},
	"internal/scenario": {[]string{
		"internal/advocate", "internal/clock", "internal/component", "internal/component/builtin", "internal/component/knowledge", "internal/desk", "internal/domain", "internal/engine", "internal/playbook", "internal/social", "internal/store", "internal/store/memory", "internal/understand", "internal/virtual",
	}, "plays scenario files over the real engine"},
	"internal/sim": {[]string{
		"internal/advocate", "internal/clock", "internal/component", "internal/desk", "internal/domain", "internal/engine", "internal/playbook", "internal/social", "internal/store", "internal/store/memory", "internal/understand", "internal/virtual", "internal/wire",
	}, "drives the real engine with one seed"},
	"internal/docs": {nil, "the documentation's examples, run by tests"},
	"cmd/advocate":  {[]string{"internal/*", "examples/data"}, "the only composer; examples for the demo's company"},
}

// pure are the packages that decide, and what they may use of others' code and
// of what is not the same at every call: the same input must give the same
// decision, byte for byte.
var pure = map[string]struct {
	imports []string
	reason  string
}{
	"internal/domain":   {nil, "standard library only"},
	"internal/said":     {nil, "standard library only"},
	"internal/wire":     {nil, "standard library only"},
	"internal/advocate": {nil, "the nouns and rules are enough"},
	"internal/playbook": {[]string{"cel.dev/cel-go/", "github.com/goccy/go-yaml", "golang.org/x/text/unicode/norm"}, "conditions in CEL, files in YAML"},
	"internal/assign":   {[]string{"math/rand/v2"}, "an outlook is played from one seed"},
}

// outside are the standard packages by which a program meets the world, and
// inside those below them that only know about words.
var (
	outside = []string{"crypto/rand", "database/sql", "io/fs", "io/ioutil", "log", "math/rand", "net", "os", "plugin", "runtime", "syscall", "testing"}
	inside  = []string{"log/slog", "net/mail", "net/netip", "net/url"} // slog: how a noun is logged
)

// clocks are what a package that decides may not use of time; seeded is all that
// it may use of math/rand.
var (
	clocks = []string{"After", "AfterFunc", "NewTicker", "NewTimer", "Now", "Since", "Sleep", "Tick", "Until"}
	seeded = []string{"New", "NewChaCha8", "NewPCG", "NewZipf", "Rand", "Source"}
)

func under(path string, roots []string) bool {
	return slices.ContainsFunc(roots, func(r string) bool { return path == r || strings.HasPrefix(path, strings.TrimSuffix(r, "/")+"/") })
}

// packages calls f with each package of the module that has files for this
// system, tests left out. It reads the files itself instead of asking the go
// command, since a test's result is kept until a file that it has read changes.
func packages(t *testing.T, f func(name string, p *build.Package)) {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	err = filepath.WalkDir(root, func(dir string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		if base := entry.Name(); dir != root && (base == "node_modules" || base == "testdata" || base == "tools" || strings.HasPrefix(base, ".")) {
			return filepath.SkipDir
		}
		p, err := build.ImportDir(dir, 0)
		var none *build.NoGoError
		if errors.As(err, &none) {
			return nil
		} else if err != nil {
			return err
		}
		seen++
		name, err := filepath.Rel(root, dir)
		if err != nil {
			return err
		}
		f(filepath.ToSlash(name), p)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 10 {
		t.Fatalf("only %d packages seen", seen)
	}
}

func TestImportsRunOneWay(t *testing.T) {
	t.Parallel()
	packages(t, func(name string, p *build.Package) {
		for _, imp := range p.Imports {
			if why := refused(name, imp); why != "" {
				t.Errorf("%s imports %s: %s", name, imp, why)
			}
		}
	})
}

// refused says why a package may not import another, "" if it may.
func refused(name, imp string) string {
	if imp, ours := strings.CutPrefix(imp, module); ours {
		rule, listed := allowed[name]
		switch {
		case !listed:
			return "it is not listed in deptest: enter it with its reason"
		case slices.Contains(rule.imports, imp), slices.Contains(rule.imports, "internal/*") && strings.HasPrefix(imp, "internal/"):
			return ""
		}
		return "it is not among what deptest lists for it: " + rule.reason
	}
	rule, decides := pure[name]
	first, _, _ := strings.Cut(imp, "/")
	switch {
	case !decides, under(imp, rule.imports):
		return ""
	case strings.Contains(first, "."):
		return "it is others' code: " + rule.reason
	case under(imp, outside) && !slices.Contains(inside, imp):
		return "what decides does no I/O and leaves nothing to chance"
	}
	return ""
}

// TestWhatDecidesReadsNoClock looks for what those packages may import
// and not use: the time of day, and numbers that nobody gave the seed of.
func TestWhatDecidesReadsNoClock(t *testing.T) {
	t.Parallel()
	found := 0
	packages(t, func(name string, p *build.Package) {
		if _, ok := pure[name]; !ok {
			return
		}
		found++
		for _, file := range p.GoFiles {
			src, err := os.ReadFile(filepath.Join(p.Dir, file))
			if err != nil {
				t.Fatal(err)
			}
			uses, err := byChance(src)
			if err != nil {
				t.Fatal(err)
			}
			for _, what := range uses {
				t.Errorf("%s/%s uses %s: what decides is given the time and the seed", name, file, what)
			}
		}
	})
	if found != len(pure) {
		t.Errorf("%d of %d packages were found", found, len(pure))
	}
}

// byChance finds what a file uses that its callers did not give it.
func byChance(src []byte) (uses []string, err error) {
	f, err := parser.ParseFile(token.NewFileSet(), "", src, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	called := map[string]string{}
	for _, imp := range f.Imports {
		path, err := strconv.Unquote(imp.Path.Value)
		if err != nil {
			return nil, err
		}
		name := strings.TrimSuffix(path, "/v2")
		name = name[strings.LastIndexByte(name, '/')+1:]
		if imp.Name != nil {
			name = imp.Name.Name
		}
		called[name] = path
		if name == "." && (path == "time" || strings.HasPrefix(path, "math/rand")) {
			uses = append(uses, `. "`+path+`"`)
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if x, ok := sel.X.(*ast.Ident); ok {
			switch what := sel.Sel.Name; called[x.Name] {
			case "time":
				if slices.Contains(clocks, what) {
					uses = append(uses, "time."+what)
				}
			case "math/rand", "math/rand/v2":
				if !slices.Contains(seeded, what) {
					uses = append(uses, "rand."+what)
				}
			}
		}
		return true
	})
	return uses, nil
}

// TestTheGuardRefuses: what the rules are there to keep out.
func TestTheGuardRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, imp string
		refused   bool
	}{
		{"internal/domain", "github.com/itchyny/gojq", true},
		{"internal/domain", "net/url", false},
		{"internal/domain", module + "internal/store", true},
		{"internal/domain/zz", module + "internal/domain", true},
		{"internal/advocate", "net/http", true},
		{"internal/advocate", "os", true},
		{"internal/advocate", "os/exec", true},
		{"internal/advocate", "math/rand/v2", true},
		{"internal/advocate", "cel.dev/cel-go/cel", true},
		{"internal/playbook", "cel.dev/cel-go/cel", false},
		{"internal/playbook", "github.com/goccy/go-yaml/ast", false},
		{"internal/playbook", "github.com/goccy/go-yamlish", true},
		{"internal/playbook", "database/sql/driver", true},
		{"internal/assign", "math/rand/v2", false},
		{"internal/assign", "math/rand", true},
		{"internal/assign", "time", false},
		{"internal/component/knowledge", module + "internal/store", true},
		{"internal/engine", "net/http", false}, // decides nothing
	} {
		if why := refused(c.name, c.imp); (why != "") != c.refused {
			t.Errorf("%s imports %s: %q", c.name, c.imp, why)
		}
	}
	uses, err := byChance([]byte(`package x
import ("math/rand/v2"; clock "time")
var (a = clock.Now(); b = rand.IntN(2); c = rand.New(rand.NewPCG(1, 1)); d = clock.Unix(0, 0).After(a); f = clock.Since)`))
	if want := []string{"time.Now", "rand.IntN", "time.Since"}; err != nil || !slices.Equal(uses, want) {
		t.Errorf("found %q, %v, want %q", uses, err, want)
	}
}
