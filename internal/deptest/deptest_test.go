// Package deptest holds the test that keeps imports running one way.
package deptest

import (
	"errors"
	"go/build"
	"io/fs"
	"path/filepath"
	"slices"
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
	"internal/domain":            {nil, "the nouns: standard library only"},
	"internal/wire":              {nil, "the stored form of any struct"},
	"internal/clock":             {nil, "time, for whoever waits"},
	"internal/said":              {nil, "the sentences that the server says to people"},
	"internal/jq":                {nil, "bounded jq programs"},
	"internal/secret":            {nil, "credentials from environment or file"},
	"internal/diff":              {nil, "what differs between two texts"},
	"internal/remote":            {nil, "who a request is from, through proxies"},
	"internal/playbook":          {[]string{"internal/domain", "internal/said"}, "rules over the nouns"},
	"internal/profile":           {[]string{"internal/domain"}, "what a customer's profile may hold"},
	"internal/advocate":          {[]string{"internal/domain", "internal/playbook", "internal/said", "internal/wire"}, "the pure decision"},
	"internal/assign":            {[]string{"internal/domain", "internal/said"}, "who is offered which work item; no I/O and no clock"},
	"internal/feed":              {[]string{"internal/domain", "internal/store"}, "the event log, followed once a process"},
	"internal/desk":              {[]string{"internal/assign", "internal/clock", "internal/domain", "internal/feed", "internal/said", "internal/store"}, "who is offered work, carried out"},
	"internal/report":            {[]string{"internal/domain", "internal/feed", "internal/store"}, "what the event log adds up to"},
	"internal/caseload":          {[]string{"internal/domain", "internal/feed", "internal/store", "internal/wire"}, "cases, promises and what is written about, over all customers"},
	"internal/understand":        {[]string{"internal/domain"}, "text to meaning"},
	"internal/store":             {[]string{"internal/domain"}, "the transaction contract"},
	"internal/store/memory":      {[]string{"internal/domain", "internal/store"}, "a driver knows its parent only"},
	"internal/store/sqlite":      {[]string{"internal/domain", "internal/store", "internal/wire"}, "a driver knows its parent only"},
	"internal/store/postgres":    {[]string{"internal/domain", "internal/store", "internal/wire"}, "a driver knows its parent only"},
	"internal/store/move":        {[]string{"internal/domain", "internal/store", "internal/wire"}, "all of one store into another, whichever they are"},
	"internal/store/storetest":   {[]string{"internal/domain", "internal/store", "internal/store/move"}, "what every driver must pass"},
	"internal/social":            {[]string{"internal/clock", "internal/domain"}, "what a network is"},
	"internal/social/web":        {[]string{"internal/social"}, "what talking to the networks' HTTP APIs has in common"},
	"internal/social/state":      {[]string{"internal/clock", "internal/social", "internal/store"}, "what connectors remember, as sealed documents"},
	"internal/social/bluesky":    {[]string{"internal/clock", "internal/domain", "internal/secret", "internal/social", "internal/social/web"}, "a connector knows its parent only"},
	"internal/social/bridge":     {[]string{"internal/clock", "internal/domain", "internal/secret", "internal/social", "internal/social/web"}, "a connector: its parent, and the client"},
	"internal/social/mastodon":   {[]string{"internal/clock", "internal/domain", "internal/secret", "internal/social", "internal/social/web"}, "a connector knows its parent only"},
	"internal/social/meta":       {[]string{"internal/clock", "internal/domain", "internal/secret", "internal/social", "internal/social/web"}, "a connector knows its parent only"},
	"internal/social/x":          {[]string{"internal/clock", "internal/domain", "internal/secret", "internal/social", "internal/social/web"}, "a connector knows its parent only"},
	"internal/social/sandbox":    {[]string{"internal/domain", "internal/said", "internal/social"}, "a connector knows its parent only"},
	"internal/social/socialtest": {[]string{"internal/domain", "internal/social"}, "what every network must pass"},
	"internal/source":            {[]string{"internal/domain", "internal/jq", "internal/secret"}, "where events come from"},
	"internal/component":         {[]string{"internal/domain", "internal/jq", "internal/secret", "internal/store", "internal/wire"}, "what an advocate can ask; the built-in ones read the store"},
	"internal/component/builtin": {[]string{"internal/component", "internal/desk", "internal/domain", "internal/store", "internal/wire"}, "what the store knows; the desk's outlooks for waiting times"},
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
	"cmd/advocate":  {[]string{"internal/*"}, "the only composer"},
}

// TestImportsRunOneWay reads what each package imports, tests left out. It
// reads the files itself instead of asking the go command, since a test's
// result is kept until a file that it has read changes.
func TestImportsRunOneWay(t *testing.T) {
	t.Parallel()
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
		name = filepath.ToSlash(name)
		rule, listed := ruleFor(name)
		for _, imp := range p.Imports {
			imp, ours := strings.CutPrefix(imp, module)
			if !ours {
				continue
			}
			if !listed {
				t.Errorf("%s imports %s and is not listed in deptest: enter it with its reason", name, imp)
			} else if !slices.Contains(rule, imp) && !slices.Contains(rule, "internal/*") {
				t.Errorf("%s must not import %s", name, imp)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 10 {
		t.Fatalf("only %d packages seen", seen)
	}
}

// ruleFor finds a package's rule, or that of the nearest folder above it; a
// folder's packages may also import each other's parent.
func ruleFor(name string) ([]string, bool) {
	for dir := name; dir != "." && dir != ""; {
		if r, ok := allowed[dir]; ok {
			if dir != name {
				return append(slices.Clone(r.imports), dir), true
			}
			return r.imports, true
		}
		i := strings.LastIndexByte(dir, '/')
		if i < 0 {
			break
		}
		dir = dir[:i]
	}
	return nil, false
}
