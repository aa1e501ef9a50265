package main

import (
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/social/bluesky/blueskytest"
	"github.com/contact-advocate/advocate/internal/social/meta/metatest"
	"github.com/contact-advocate/advocate/internal/social/x/xtest"
)

// signingIn is a scripted network and what an operator got there.
type signingIn struct {
	args    []string // of connect, without the address
	address []string // the flag that names it, and the address
	secrets []string // in the order in which they are asked for
	proof   int      // so many of them, the first, are tried at the network
	kept    []string // their names in the vault
	as      string
	hook    string
	lessen  func()           // takes a permission away
	lacks   string           // what it says then
	rotate  func(now string) // another secret in place of the first
}

// common to all: what must be said of none of them.
const secretMark = "4711"

func onBluesky(t *testing.T) signingIn {
	a := &blueskytest.Account{DID: "did:plc:shopshopshopshopshopshop", Handle: "shop.example", Password: "pass-word-4711-abcd"}
	s := a.Serve(t)
	return signingIn{
		args: []string{"bluesky", "--handle", "@shop.example", "--direct-messages"}, address: []string{"--service", s.URL},
		secrets: []string{a.Password}, proof: 1, kept: []string{"bluesky"}, as: "@shop.example",
		lessen: func() { a.Scope = blueskytest.ScopeApp }, lacks: "no access to direct messages",
		rotate: func(now string) { a.Password, a.Access, a.Refresh = now, nil, nil },
	}
}

func onX(t *testing.T) signingIn {
	a := &xtest.App{
		ConsumerKey: "key-4711", ConsumerSecret: "key-secret&4711", AccessToken: "12-token-4711", AccessTokenSecret: "token-secret%4711", Bearer: "bearer-4711",
		User:  map[string]any{"id": "12", "name": "Shop", "username": "shop"},
		Level: "read-write-directmessages", Webhooks: []xtest.Webhook{{ID: "1", URL: "https://shop.example/hooks/x", Valid: true}},
	}
	s := httptest.NewServer(a)
	t.Cleanup(s.Close)
	return signingIn{
		args: []string{"x", "--mode", "webhook"}, address: []string{"--api", s.URL},
		secrets: []string{a.ConsumerKey, a.ConsumerSecret, a.AccessToken, a.AccessTokenSecret, a.Bearer}, proof: 5,
		kept: []string{"x-access-token", "x-access-token-secret", "x-bearer-token", "x-consumer-key", "x-consumer-secret"}, as: "@shop", hook: "/hooks/x",
		lessen: func() { a.Level = "read" }, lacks: "may only read",
		rotate: func(now string) { a.ConsumerKey = now },
	}
}

func onMeta(t *testing.T, kind string) signingIn {
	a := &metatest.App{
		ID: "3000", Secret: "app-secret-4711", Token: "page-token-4711", Page: "1000", Name: "The Shop", Instagram: "2000", Username: "theshop",
		Scopes: []string{"pages_read_engagement", "pages_read_user_content", "pages_manage_engagement", "pages_manage_metadata", "instagram_basic", "instagram_manage_comments"},
		Fields: []string{"feed"},
	}
	s := httptest.NewServer(a)
	t.Cleanup(s.Close)
	in := signingIn{
		args: []string{kind, "--app", a.ID, "--page", a.Page}, address: []string{"--graph", s.URL},
		secrets: []string{a.Secret, a.Token, "verify-word-4711"}, proof: 2,
		kept: []string{kind + "-access-token", kind + "-app-secret", kind + "-verify-token"}, as: "The Shop", hook: "/hooks/" + kind,
		lessen: func() { a.Scopes = a.Scopes[:1] }, lacks: "lacks permissions: pages_read_user_content, pages_manage_engagement, pages_manage_metadata",
		rotate: func(now string) { a.Secret = now },
	}
	if kind == "instagram" {
		in.args, in.as, in.lacks = append(in.args, "--instagram", a.Instagram), "@theshop", "lacks permissions: instagram_basic, instagram_manage_comments, pages_manage_metadata"
	}
	return in
}

// line is the command that connects; more are further flags.
func (in *signingIn) line(more ...string) []string {
	return slices.Concat([]string{"connect"}, in.args, in.address, []string{"--allow-private"}, more)
}

func typed(secrets []string) string { return strings.Join(secrets, "\n") + "\n" }

// vaulted lists the names in the vault.
func vaulted(t *testing.T, dir string) (names []string) {
	for _, s := range decode[[]struct {
		Name string `json:"name"`
	}](t, must(t, dir, "secret", "list", "--json")) {
		names = append(names, s.Name)
	}
	slices.Sort(names)
	return names
}

// signIns are the networks where an operator gets secrets to type in.
var signIns = map[string]func(*testing.T) signingIn{
	"bluesky":   onBluesky,
	"x":         onX,
	"facebook":  func(t *testing.T) signingIn { return onMeta(t, "facebook") },
	"instagram": func(t *testing.T) signingIn { return onMeta(t, "instagram") },
}

// TestConnect: what an operator got at a network is tried there, kept where it
// is good and nowhere else, and shown to nobody.
func TestConnect(t *testing.T) {
	t.Parallel()
	for name, on := range signIns {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := on(t)
			t.Run("refused", in.refused)
			t.Run("taken", in.taken)
		})
	}
}

// refused: nothing is kept, and no secret is said, the wrong one neither.
func (in signingIn) refused(t *testing.T) {
	dir := t.TempDir()
	must(t, dir, "migrate")
	elsewhere := in
	elsewhere.address = []string{in.address[0], "https://nowhere.invalid"}
	type attempt struct {
		r    result
		says string
	}
	all := map[string]attempt{
		"nothing is given":              {command(t, dir, "", in.line()...), " is missing"},
		"no such host":                  {command(t, dir, typed(in.secrets), elsewhere.line()...), "cannot be reached: "},
		"an address inside":             {command(t, dir, typed(in.secrets), in.line()[:len(in.line())-1]...), in.address[0] + ": http would show"},
		"a label that is none":          {command(t, dir, typed(in.secrets), in.line("--account", "a b")...), "--account: "},
		"without a database to keep it": {command(t, t.TempDir(), typed(in.secrets), in.line()...), "database"},
	}
	for i := range in.proof {
		wrong := slices.Clone(in.secrets)
		wrong[i] = "x" + wrong[i]
		all["a wrong secret, the "+in.secrets[i]] = attempt{command(t, dir, typed(wrong), in.line()...), "; nothing was kept"}
	}
	for what, a := range all {
		if out := a.r.stdout + a.r.err; a.r.code == 0 || !strings.Contains(out, a.says) || strings.Contains(out, secretMark) {
			t.Errorf("%s: exit %d, want %q:\n%s", what, a.r.code, a.says, out)
		}
	}
	if names := vaulted(t, dir); len(names) > 0 {
		t.Errorf("%v was kept", names)
	}
}

// taken: through a running server, as an operator does it.
func (in signingIn) taken(t *testing.T) {
	dir := t.TempDir()
	s := serve(t, dir)
	said := command(t, dir, typed(in.secrets), in.line()...)
	if said.code != 0 || !strings.Contains(said.stdout, "Connected to "+in.args[0]+" as "+in.as) || in.hook != "" && !strings.Contains(said.stdout, in.hook+" is the address") {
		t.Fatalf("exit %d\n%s%s", said.code, said.stdout, said.err)
	}
	if names := vaulted(t, dir); !slices.Equal(names, in.kept) {
		t.Errorf("the vault has %v; want %v", names, in.kept)
	}
	_, audit := s.call(t, "GET", "/v1/audit?object=secret/"+in.kept[0], nil)
	if !strings.Contains(string(audit), `"secret.set"`) {
		t.Errorf("who set it is not in the audit log: %s", audit)
	}

	// What is there is exchanged only where that is asked for, and only for what
	// the network takes.
	if r := command(t, dir, typed(in.secrets), in.line()...); r.code != 1 || !strings.Contains(r.err, "the vault has "+in.args[0]) || !strings.Contains(r.err, "--replace") {
		t.Errorf("a second time: exit %d %s", r.code, r.err)
	}
	wrong := slices.Clone(in.secrets)
	wrong[0] = "other-" + secretMark
	if r := command(t, dir, typed(wrong), in.line("--replace")...); r.code != 1 || !strings.Contains(r.err, "nothing was kept") {
		t.Errorf("a wrong one to replace it: exit %d %s", r.code, r.err)
	}
	_, lines, _ := strings.Cut(said.stdout, "restart the server:\n\n")
	write(t, dir, "advocate.yaml", "networks:\n"+lines)
	must(t, dir, "check")
	s.stop(t)
	if out := must(t, dir, "connect", "list", "--check"); !strings.Contains(out, "is "+in.as) {
		t.Errorf("with those lines: %s", out)
	}
	in.rotate(wrong[0])
	again := command(t, dir, typed(wrong), in.line("--replace", "--json")...)
	if again.code != 0 {
		t.Fatalf("exit %d %s", again.code, again.err)
	}
	if out := must(t, dir, "connect", "list", "--check"); !strings.Contains(out, "is "+in.as) {
		t.Errorf("with what has replaced it: %s", out)
	}

	// The same account under a label is refused; another one may have it, and
	// what that may not do is said.
	in.lessen()
	if r := command(t, dir, typed(wrong), in.line("--account", "help")...); r.code != 1 || !strings.Contains(r.err, "is connected already") || !strings.Contains(r.err, "answer everybody twice") {
		t.Errorf("the same account under a label: exit %d %s", r.code, r.err)
	}
	if names := vaulted(t, dir); !slices.Equal(names, in.kept) {
		t.Errorf("after that the vault has %v; want %v", names, in.kept)
	}
	// What is left empty is not left over from before.
	if name := "x-bearer-token"; slices.Contains(in.kept, name) {
		less := command(t, dir, typed(append(slices.Clone(wrong[:4]), "")), in.line("--replace")...)
		if names := vaulted(t, dir); less.code != 0 || len(names) != len(in.kept)-1 || slices.Contains(names, name) {
			t.Errorf("without %s: exit %d %s; the vault has %v", name, less.code, less.err, names)
		}
	}
	dir = t.TempDir()
	must(t, dir, "migrate")
	second := command(t, dir, typed(wrong), in.line("--account", "help", "--json")...)
	c := decode[connection](t, second.stdout)
	if c.Network != in.args[0] || c.Account != "help" || c.Check.Account != in.as || len(c.Secrets) != len(in.kept) || !strings.Contains(c.Config, "account: \"help\"\n") || !strings.Contains(strings.Join(c.Check.Warnings, "\n"), in.lacks) {
		t.Errorf("the second account: %s%s", second.stdout, second.err)
	}
	if in.hook != "" && !strings.HasSuffix(c.Webhook, in.hook+"-help") {
		t.Errorf("its webhook is %q", c.Webhook)
	}
	if names := vaulted(t, dir); len(names) != len(in.kept) {
		t.Errorf("the vault has %v", names)
	}
	if all := said.stdout + said.err + again.stdout + again.err + second.stdout + second.err + s.stderr.String() + string(audit); strings.Contains(all, secretMark) {
		t.Errorf("a secret is said or logged:\n%s", all)
	}
}

// TestOnlyWhatIsBadEndsDoctorBadly: what a network cannot do for us is a
// warning, which ends a script with --strict only; credentials that it does
// not take are bad.
func TestOnlyWhatIsBadEndsDoctorBadly(t *testing.T) {
	t.Parallel()
	in := onBluesky(t)
	in.lessen()
	dir := t.TempDir()
	must(t, dir, "migrate")
	r := command(t, dir, typed(in.secrets), in.line("--json")...)
	write(t, dir, "advocate.yaml", "networks:\n  "+strings.ReplaceAll(decode[connection](t, r.stdout).Config, "\n", "\n  "))
	doctor := func(more ...string) (result, finding, bool) {
		r := command(t, dir, "", append([]string{"doctor", "--online", "--quick", "--json"}, more...)...)
		out := decode[struct {
			Well     bool
			Findings []finding
		}](t, r.stdout)
		for _, f := range out.Findings {
			if f.What == "network" {
				return r, f, out.Well
			}
		}
		t.Fatalf("nothing is said of the network: %s", r.stdout)
		return r, finding{}, false
	}
	if r, f, well := doctor(); r.code != 0 || !well || f.State != "warning" || !strings.Contains(f.Says, "direct messages") {
		t.Errorf("a permission that is missing: exit %d, well %v, %+v", r.code, well, f)
	}
	if r, f, well := doctor("--strict"); r.code != exitProblem || well || f.State != "warning" {
		t.Errorf("strictly: exit %d, well %v, %+v", r.code, well, f)
	}
	in.rotate("another")
	if r, f, well := doctor(); r.code != exitProblem || well || f.State != "bad" || f.Fix == "" {
		t.Errorf("a password that is not taken: exit %d, well %v, %+v", r.code, well, f)
	}
}

var quoted = regexp.MustCompile(`"(\\.|[^"\\])*"`)

// TestConnectNamesItsFlags: what is wrong with what was given is told of the
// flags, all at once, before a secret is asked for.
func TestConnectNamesItsFlags(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	must(t, dir, "migrate")
	for _, c := range []struct {
		args, says []string
	}{
		{[]string{"mastodon", "--server", "http://social.example", "--account", "A"}, []string{"--server: http would show", "--allow-private", "--account: is"}},
		{[]string{"bluesky", "--handle", "shop", "--service", "ftp://x.example"}, []string{"--handle: is", "--service: is no address"}},
		{[]string{"bluesky", "--handle", `my_shop "big_one`}, []string{`--handle: is "my_shop \"big_one"`}},
		{[]string{"x", "--tier", "gold", "--api", "x"}, []string{"--tier: is", "--api: is no address"}},
		{[]string{"x", "--tier", "free", "--mode", "webhook", "--direct-messages"}, []string{"--mode: tier free has no webhooks", "--direct-messages: tier free"}},
		{[]string{"x", "--tier", "enterprise"}, []string{"--posts-per-month: is not set"}},
		{[]string{"facebook", "--app", "a", "--page", "b", "--graph", "y"}, []string{"--app: is", "--page: is", "--graph: is no"}},
		{[]string{"instagram", "--app", "a", "--page", "1", "--instagram", "me"}, []string{"--app: is", "--instagram: is"}},
	} {
		r := command(t, dir, typed([]string{"s-4711", "s-4711", "s-4711", "s-4711", "s-4711"}), append([]string{"connect"}, c.args...)...)
		for _, want := range c.says {
			if r.code != exitUsage || !strings.Contains(r.err, want) {
				t.Errorf("%v: exit %d, want %q:\n%s", c.args, r.code, want, r.err)
			}
		}
		if strings.Contains(quoted.ReplaceAllString(r.err, ""), "_") || strings.Contains(r.err, secretMark) {
			t.Errorf("%v: a key, or a secret, is named:\n%s", c.args, r.err)
		}
	}
}

// TestNotConnectedYet: a server starts without an account's credentials, says
// so wherever one looks, with the command that connects it, and uses what that
// has kept without a restart.
func TestNotConnectedYet(t *testing.T) {
	t.Parallel()
	in := onBluesky(t)
	dir := t.TempDir()
	write(t, dir, "advocate.yaml", "networks:\n  bluesky:\n    - handle: shop.example\n      app_password: {vault: bluesky}\n      service: "+in.address[1]+"\n      direct_messages: true\n      allow_private: true\n")
	s := serve(t, dir)
	const line = "advocate connect bluesky --handle shop.example --service "
	if r := command(t, dir, "", "doctor", "--online", "--quick"); r.code != 0 || !strings.Contains(r.stdout, "warn  network") || !strings.Contains(r.stdout, "not connected yet") {
		t.Errorf("doctor: exit %d\n%s", r.code, r.stdout)
	}
	if out := must(t, dir, "connect"); !strings.Contains(out, line) {
		t.Errorf("connect lists\n%s", out)
	}
	connection := func() string {
		_, b := s.call(t, "GET", "/v1/connections", nil)
		return string(b)
	}
	if b := connection(); !strings.Contains(b, `"remedy":"not_connected"`) || !strings.Contains(b, `"command":"`+line) {
		t.Errorf("/v1/connections: %s", b)
	}
	r := command(t, dir, typed(in.secrets), in.line()...)
	if r.code != 0 || !strings.Contains(r.stdout, "has this account already") {
		t.Fatalf("exit %d %s%s", r.code, r.stdout, r.err)
	}
	if out := command(t, dir, "", "doctor", "--online", "--quick").stdout; !strings.Contains(out, "bluesky, as @shop.example") {
		t.Errorf("the running server does not use what was connected:\n%s", out)
	}
	if b := connection(); strings.Contains(b, "not_connected") {
		t.Errorf("/v1/connections still says: %s", b)
	}
	s.stop(t)
	if said := s.stderr.String(); !strings.Contains(said, "not connected yet") || !strings.Contains(said, line+in.address[1]+" --direct-messages --allow-private") {
		t.Errorf("the server says\n%s", said)
	}
}
