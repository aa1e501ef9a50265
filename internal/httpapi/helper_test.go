package httpapi

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/playbook"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/sandbox"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/memory"
	"github.com/contact-advocate/advocate/internal/telemetry"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("database/sql.(*DB).connectionOpener"))
}

var testNow = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

// scripted is an engine that keeps what it was asked and answers as told.
type scripted struct {
	mu       sync.Mutex
	posts    []domain.Post
	events   []domain.Event
	commands []domain.Command
	acts     []string
	fail     error
	hold     func() // a command goes on when it returns
	receipt  func(i int) Receipt
	status   Status
	explain  Explanation
	links    []engine.Link
	zone     string // the company's
	hook     social.Hook
}

func (s *scripted) PostsSubmit(_ context.Context, posts []domain.Post) ([]Receipt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		return nil, s.fail
	}
	s.posts = append(s.posts, posts...)
	return s.receipts(len(posts)), nil
}

func (s *scripted) receipts(n int) []Receipt {
	out := make([]Receipt, n)
	for i := range out {
		out[i] = Receipt{Customer: 77}
		if s.receipt != nil {
			out[i] = s.receipt(i)
		}
	}
	return out
}

func (s *scripted) EventsSubmit(_ context.Context, events []domain.Event) ([]Receipt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		return nil, s.fail
	}
	s.events = append(s.events, events...)
	return s.receipts(len(events)), nil
}

func (s *scripted) Command(_ context.Context, _ domain.CustomerID, c domain.Command) error {
	if s.hold != nil {
		s.hold()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.commands = append(s.commands, c)
	return s.fail
}

func (s *scripted) act(what string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.acts = append(s.acts, what)
	return s.fail
}

func (s *scripted) PlaybookPublish(_ context.Context, name string, _ []byte, by string) (int64, error) {
	return 1, s.act("publish " + name + " by " + by)
}
func (s *scripted) PlaybookActivate(_ context.Context, _ int64, by string) error {
	return s.act("activate by " + by)
}
func (s *scripted) EffectRetry(_ context.Context, id, by string) error {
	return s.act("retry " + id + " by " + by)
}
func (s *scripted) EffectDrop(_ context.Context, id, by string) error {
	return s.act("drop " + id + " by " + by)
}
func (s *scripted) EffectRelease(_ context.Context, id, by string) error {
	return s.act("release " + id + " by " + by)
}
func (s *scripted) SwitchSet(_ context.Context, sw store.Switch) error {
	return s.act("switch " + sw.Scope + " " + sw.Mode + " by " + sw.By)
}
func (s *scripted) Explain(context.Context, string) (Explanation, error) {
	return s.explain, s.fail
}
func (s *scripted) Policy() *domain.Policy {
	p := domain.DefaultPolicy()
	p.TimeZone = cmp.Or(s.zone, p.TimeZone)
	return &p
}
func (s *scripted) Status(context.Context) (Status, error) { return s.status, s.fail }

func (s *scripted) Merge(_ context.Context, from, to domain.CustomerID, by string) (string, error) {
	return "", s.act(fmt.Sprintf("merge %v into %v by %s", from, to, by))
}
func (s *scripted) Unmerge(_ context.Context, id, by string) error {
	return s.act("unmerge " + id + " by " + by)
}
func (s *scripted) Export(context.Context, domain.CustomerID) (engine.Export, error) {
	return engine.Export{}, s.fail
}
func (s *scripted) Erase(_ context.Context, id domain.CustomerID, by string) error {
	return s.act(fmt.Sprintf("erase %v by %s", id, by))
}
func (s *scripted) ReplyPreview(context.Context, string, string, domain.Visibility, string, bool) ([]engine.Objection, error) {
	return nil, s.fail
}
func (s *scripted) PlaybookCheck(name string, source []byte) (*playbook.Playbook, error) {
	return playbook.Compile(name, source, domain.DefaultPolicy())
}
func (s *scripted) Links(context.Context) ([]engine.Link, error) { return s.links, s.fail }
func (s *scripted) PostsAccept(ctx context.Context, posts []domain.Post) ([]social.Result, error) {
	_, err := s.PostsSubmit(ctx, posts)
	return make([]social.Result, len(posts)), err
}
func (s *scripted) HookNames() []string {
	if s.hook == nil {
		return nil
	}
	return []string{s.hook.HookName()}
}
func (s *scripted) HookServe(ctx context.Context, _ string, r social.HookRequest) (social.HookReply, error) {
	return s.hook.ServeHook(ctx, r, s)
}
func (s *scripted) TalkingPoints(context.Context, *domain.WorkItem) ([]engine.Point, error) {
	return nil, s.fail
}

// fixture is an API over a store in memory, with a token per role.
type fixture struct {
	*testing.T
	api    *API
	engine *scripted
	store  store.Store
	tokens map[auth.Role]string
}

func newFixture(t *testing.T, change func(*Options)) *fixture {
	t.Helper()
	st := memory.New()
	e := &scripted{}
	e.status.Running, e.status.Playbook.Version = true, 1
	f := &fixture{T: t, engine: e, store: st, tokens: map[auth.Role]string{}}
	for _, r := range auth.Roles {
		secret, err := auth.Create(t.Context(), st, auth.CreateParams{Name: "t-" + string(r), Role: r, Now: testNow})
		if err != nil {
			t.Fatal(err)
		}
		f.tokens[r] = secret
	}
	o := Options{Engine: e, Store: st, Now: func() time.Time { return testNow }, Metrics: telemetry.NewMetrics("test"), Version: "test", Console: testConsole(t)}
	if change != nil {
		change(&o)
	}
	f.api = New(o)
	t.Cleanup(f.api.Close)
	return f
}

// withSandbox turns the sandbox network on.
func withSandbox(t *testing.T) func(*Options) {
	return func(o *Options) {
		n, err := sandbox.Open(sandbox.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { n.Close() })
		o.Sandbox = n
	}
}

// answer is a response that was read.
type answer struct {
	status int
	header http.Header
	body   string
}

func (a answer) json(t *testing.T) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(a.body), &m); err != nil {
		t.Fatalf("the answer is no JSON object: %v\n%s", err, a.body)
	}
	return m
}

// call sends a request; headers are "Name: value".
func (f *fixture) call(method, path, body string, headers ...string) answer {
	f.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.RemoteAddr = "192.0.2.1:1234"
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		switch name {
		case "Host":
			r.Host = value
		case "Remote":
			r.RemoteAddr = value
		default:
			r.Header.Set(name, value)
		}
	}
	rec := httptest.NewRecorder()
	f.api.ServeHTTP(rec, r)
	b, _ := io.ReadAll(rec.Result().Body)
	return answer{rec.Code, rec.Result().Header, string(bytes.TrimSpace(b))}
}

func (f *fixture) as(role auth.Role) string { return "Authorization: Bearer " + f.tokens[role] }

// want checks a status and gives the answer back.
func (f *fixture) want(a answer, status int) answer {
	f.Helper()
	if a.status != status {
		f.Fatalf("got %d, want %d: %s", a.status, status, a.body)
	}
	return a
}
