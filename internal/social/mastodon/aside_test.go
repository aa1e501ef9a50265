package mastodon_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/mastodon"
	"github.com/contact-advocate/advocate/internal/social/mastodon/mastodontest"
)

// TestAPostThatCannotBeRead is set aside: the stream, our own posts and the
// searches go on, and it is told once.
func TestAPostThatCannotBeRead(t *testing.T) {
	t.Parallel()
	d := newDesk(t, mastodontest.Options{}, func(c *mastodon.Config) { c.Search = []string{"#shop"} })
	d.run()
	d.until("the stream is open", func() bool { return d.server.Streams() > 0 })
	d.got("a first post", of(d.server.Write("ben", mastodontest.Status{Text: "@shop first"})))
	asked := d.server.Write("ana", mastodontest.Status{Text: "@shop what cannot be read again"})
	d.got("it", of(asked))
	d.server.Replace(asked, `{"id":"`+asked+`","account":{}}`)
	d.server.Unlist(asked)
	d.got("what came next", of(d.server.Write("ben", mastodontest.Status{Text: "@shop next"})))
	d.server.Break()
	d.until("the stream is cut", func() bool { return d.server.Streams() == 0 })
	d.server.Mend()
	searched := d.server.Requests("/api/v1/timelines/tag/shop")
	d.until("the stream is open again, and searches are made", func() bool {
		return d.server.Streams() > 0 && d.server.Requests("/api/v1/timelines/tag/shop") > searched+1
	})
	d.until("it is set aside", func() bool { return strings.Contains(d.log.text(), "cannot be looked at") })
	tried := d.server.Requests("/api/v1/statuses/" + asked)
	searched = d.server.Requests("/api/v1/timelines/tag/shop")
	d.until("more rounds", func() bool { return d.server.Requests("/api/v1/timelines/tag/shop") > searched+2 })
	if n := d.server.Requests("/api/v1/statuses/" + asked); n != tried || strings.Count(d.log.text(), "cannot be looked at") != 1 {
		t.Errorf("it is looked at %d times more; log:\n%s", n-tried, d.log.text())
	}
}

// TestAGatewaysPageDeletesNothing: that a post is gone is the API's to say. A
// reply is not given up for it either.
func TestAGatewaysPageDeletesNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t, mastodontest.Options{}, nil)
	asked := d.server.Write("ana", mastodontest.Status{Text: "@shop where is it?"})
	there, err := url.Parse(d.server.URL)
	if err != nil {
		t.Fatal(err)
	}
	var status atomic.Int64
	behind := httputil.NewSingleHostReverseProxy(there)
	gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s := status.Load(); s != 0 && strings.HasPrefix(r.URL.Path, "/api/v1/statuses") {
			w.WriteHeader(int(s))
			_, _ = w.Write([]byte("<html>no such site</html>"))
			return
		}
		behind.ServeHTTP(w, r)
	}))
	defer gateway.Close()
	d.config.URL = gateway.URL
	d.open()
	key := domain.PostKey{Network: d.n.Name(), ID: asked}
	for _, s := range []int64{http.StatusNotFound, http.StatusGone} {
		status.Store(s)
		var e *social.Error
		if p, err := d.n.Fetch(t.Context(), key); !errors.As(err, &e) || !e.Retry {
			t.Errorf("a page with %d gave %+v, %v", s, p, err)
		}
		if _, err := d.send("k", asked, domain.Public, "Here."); !errors.As(err, &e) || !e.Retry {
			t.Errorf("a page with %d, when a reply was sent, gave %v", s, err)
		}
	}
	status.Store(0)
	if p, err := d.n.Fetch(t.Context(), key); err != nil || p.Deleted {
		t.Errorf("afterwards it is %+v, %v", p, err)
	}
	d.server.Delete(asked)
	if p, err := d.n.Fetch(t.Context(), key); err != nil || !p.Deleted {
		t.Errorf("once it is gone it is %+v, %v", p, err)
	}
}
