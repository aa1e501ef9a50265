package outbound

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store/memory"
)

// TestPrivateAddressesAreOutOfReach, whatever they are called, and so is where
// a redirect leads.
func TestPrivateAddressesAreOutOfReach(t *testing.T) {
	t.Parallel()
	k, r := newKit(t, memory.New()), newReceiver(t)
	strict := k.service(false)
	for _, u := range []string{"https://127.0.0.1/", "https://localhost/", "https://169.254.169.254/latest", "https://[::1]/", "https://[::ffff:10.0.0.1]/", "https://10.1.2.3/"} {
		e, _, err := strict.Create(t.Context(), "kim", Settings{URL: u})
		if err != nil {
			t.Fatal(u, err)
		}
		if a, err := strict.Test(t.Context(), e.ID); err != nil || a.Status != 0 || !strings.Contains(a.Error, "not a public address") {
			t.Errorf("%s: %+v %v", u, a, err)
		}
	}
	other := newReceiver(t)
	r.answers(func(_ int, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", other.URL)
		w.WriteHeader(307)
	})
	e, _ := k.create(Settings{URL: r.URL})
	if a, err := k.hooks.Test(t.Context(), e.ID); err != nil || a.Status != 307 || a.OK() || len(other.messages()) > 0 {
		t.Errorf("a redirect: %+v %v", a, err)
	}
	for _, u := range []string{
		"", "nonsense", "http://example.com/", "https://", "https:///x", "ftp://example.com/", "https://a:b@example.com/", "https://example.com/#x", "file:///etc/passwd",
		"https://example.com/" + strings.Repeat("x", 3000), "https://exa mple.com/", "//example.com/",
	} {
		if _, _, err := strict.Create(t.Context(), "kim", Settings{URL: u}); domain.ErrorCode(err) != domain.CodeInvalid {
			t.Errorf("%.60q is taken: %v", u, err)
		}
	}
	for _, types := range [][]string{{""}, {"*.x"}, {"a*b"}, {"a b"}, {"a\n"}, {strings.Repeat("x", 300)}, make([]string, 60)} {
		if _, _, err := strict.Create(t.Context(), "kim", Settings{URL: "https://example.com", Types: types}); domain.ErrorCode(err) != domain.CodeInvalid {
			t.Errorf("types %.60q are taken: %v", types, err)
		}
	}
}

// TestAnswersWithoutEnd cost a bounded time and little memory.
func TestAnswersWithoutEnd(t *testing.T) {
	t.Parallel()
	k, r := newKit(t, memory.New()), newReceiver(t)
	k.hooks.o.Timeout = 300 * time.Millisecond
	k.hooks.send.client.Timeout = k.hooks.o.Timeout
	over := make(chan struct{})
	t.Cleanup(func() { close(over) })
	e, _ := k.create(Settings{URL: r.URL})
	for name, c := range map[string]struct {
		answer func(int, http.ResponseWriter, *http.Request)
		status int
	}{
		"a flood": {func(_ int, w http.ResponseWriter, q *http.Request) {
			w.WriteHeader(500)
			for q.Context().Err() == nil {
				if _, err := w.Write(bytes.Repeat([]byte("x"), 1<<16)); err != nil {
					return
				}
			}
		}, 500},
		"a drip": {func(_ int, w http.ResponseWriter, q *http.Request) {
			w.WriteHeader(200)
			_ = http.NewResponseController(w).Flush()
			<-q.Context().Done()
		}, 200},
		"silence": {func(_ int, _ http.ResponseWriter, q *http.Request) {
			select {
			case <-q.Context().Done():
			case <-over:
			}
		}, 0},
		"a huge header": {func(_ int, w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X", strings.Repeat("x", 1<<20))
		}, 0},
	} {
		r.answers(c.answer)
		a, err := k.hooks.Test(t.Context(), e.ID)
		if err != nil || a.Status != c.status || len(a.Error) > maxAnswer+20 || a.Took > 5*time.Second {
			t.Errorf("%s: %+v %v", name, a, err)
		}
	}
}
