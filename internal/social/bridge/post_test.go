package bridge_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/domain"
)

func TestBadPosts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ body, want string }{
		{``, `the body is empty`},
		{`{`, `no JSON`},
		{`[]`, `0 posts`},
		{`null`, `is no object`},
		{`[7,{}]`, `posts[0]: is a JSON number; want an object`},
		{`[{"id":"2","author":{},"text":"x"}]`, `posts[0].author.id: is required`},
		{`{"id":"1","author":{"id":"u"},"text":"x","txet":"y"}`, `txet: is not a field`},
		{`{"id":"1","author":{"id":"u"},"text":"x","network":"x"}`, `network: is "x"; leave it out`},
		{`{"id":"1","author":{"id":"u"},"text":"x","account":"b"}`, `account: is "b"`},
		{`{"id":1,"author":{"id":"u"},"text":"x"}`, `id: is a JSON number; want a text, in quotes`},
		{`{"id":"1","author":{"id":7},"text":"x"}`, `author.id: is a JSON number; want a text`},
		{`{"id":"1","author":{"id":"u"},"text":"x","deleted":"yes"}`, `deleted: is a JSON string; want true or false`},
		{`{"id":"1","author":{"id":"u"},"text":"x","media":{}}`, `media: is a JSON object; want an array`},
		{`{"id":"1","author":{"id":"u"},"text":"x","revision":true}`, `revision: is neither a text nor a number`},
		{`{"id":"1","author":{"id":"u"},"text":"x","at":1772366400}`, `at: is no time; want a text`},
		{`{"id":"1","author":{"id":"u"},"text":"x","at":"yesterday"}`, `at: is no time`},
		{`{"id":"1","author":{"id":"u"},"text":" "}`, `text: is empty`},
		{`{"type":"message","id":"k","network":"forum","to":"u","visibility":"public","text":"ours, sent back"}`, `type: is not a field`},
		{onePost + onePost, `something follows`},
		{`[` + strings.Repeat(onePost+",", 500) + onePost + `]`, `501 posts`},
		{strings.Repeat(" ", 8<<20) + onePost, `larger than 8 MiB; send fewer posts`},
	} {
		f, s := newForum(t), &sink{}
		_, err := f.n.ServeHook(t.Context(), f.request("d-1", []byte(c.body), 0), s)
		var de *domain.Error
		if !errors.As(err, &de) || !strings.Contains(de.Error(), c.want) || len(s.got) > 0 {
			t.Errorf("%.60s: %v, %d posts taken; want %q", c.body, err, len(s.got), c.want)
		}
	}
}

// TestOnePostHoldsUpNoOther: what cannot be taken of a batch is named by its
// place, whoever finds it out, and the others are taken.
func TestOnePostHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	f := newForum(t)
	s := &sink{fail: func(posts []domain.Post) error {
		for _, p := range posts {
			if p.Text == "poison" {
				return domain.FieldErrorf("text", "not this")
			}
		}
		return nil
	}}
	body := `[{"id":"0","author":{"id":"u"},"text":" "},` + onePost + `,{"id":"2","author":{"id":"u"},"text":"poison"},7,{"id":"3","author":{"id":"u"},"text":"x"}]`
	reply, err := f.n.ServeHook(t.Context(), f.request("d-1", []byte(body), 0), s)
	want := `{"accepted":2,"duplicates":0,"refused":[` +
		`{"index":0,"field":"text","code":"invalid","message":"is empty, and the post has no media and is no deletion"},` +
		`{"index":2,"field":"text","code":"invalid","message":"not this"},` +
		`{"index":3,"code":"invalid","message":"is a JSON number; want an object"}]}`
	if err != nil || string(reply.Body) != want {
		t.Errorf("got %s, %v; want %s", reply.Body, err, want)
	}
}

// TestWhatIsTooLongIsCut: a stranger who writes a lot, or has a long name, is
// answered all the same.
func TestWhatIsTooLongIsCut(t *testing.T) {
	t.Parallel()
	f, s := newForum(t), &sink{}
	long := strings.Repeat("ü", 2<<20)
	media := strings.Repeat(`{"url":"https://e.example/a.png","alt":"`+long[:6000]+`"},`, 20)
	body := `[` + onePost + `,{"id":"2","author":{"id":"v","handle":"` + long[:1000] + `","name":"` + long[:1000] + `"},"text":"` + long + `",` +
		`"lang":"` + long[:1000] + `","url":"https://e.example/` + long[:4000] + `","media":[` + strings.TrimSuffix(media, ",") + `]}]`
	reply, err := f.n.ServeHook(t.Context(), f.request("d-1", []byte(body), 0), s)
	if want := `{"accepted":2,"duplicates":0}`; err != nil || string(reply.Body) != want {
		t.Fatalf("got %s, %v; want %s", reply.Body, err, want)
	}
	p := s.got[1]
	if len(p.Text) < domain.MaxPostText-4 || !strings.HasSuffix(p.Text, "ü…") || !strings.HasSuffix(p.Author.Handle, "ü…") ||
		!strings.HasSuffix(p.Author.Name, "ü…") || p.Lang != "" || p.URL != "" || len(p.Media) != domain.MaxPostMedia {
		t.Errorf("%d bytes of text, %d of handle, %d of name, language %q, link %q, %d media", len(p.Text), len(p.Author.Handle), len(p.Author.Name), p.Lang, p.URL, len(p.Media))
	}
	if err := p.Validate(); err != nil {
		t.Error(err)
	}
}

// TestRevisions: a number is as good as a text, and missing is none.
func TestRevisions(t *testing.T) {
	t.Parallel()
	f, s := newForum(t), &sink{}
	body := `[{"id":"1","author":{"id":"u"},"text":"x","revision":1772366400},{"id":"1","author":{"id":"u"},"text":"y","revision":"1772366401"},` +
		`{"id":"1","author":{"id":"u"},"text":"z","revision":null}]`
	if _, err := f.n.ServeHook(t.Context(), f.request("d-1", []byte(body), 0), s); err != nil {
		t.Fatal(err)
	}
	if a, b, c := s.got[0].Revision, s.got[1].Revision, s.got[2].Revision; a != "1772366400" || b != "1772366401" || c != "" {
		t.Errorf("got %q, %q, %q", a, b, c)
	}
}

func TestPostsAreCleaned(t *testing.T) {
	t.Parallel()
	f, s := newForum(t), &sink{}
	body := `{"id":"1","author":{"id":"u"},"text":"a\u0000b","url":"javascript:alert(1)","media":[{"url":"data:text/html,x"},{"url":"https://e.example/a.png","alt":"a"}]}`
	if _, err := f.n.ServeHook(t.Context(), f.request("d-1", []byte(body), 0), s); err != nil {
		t.Fatal(err)
	}
	if p := s.got[0]; p.Text != "ab" || p.URL != "" || len(p.Media) != 1 || p.Network != "forum" || p.Visibility != domain.Public {
		t.Errorf("got %+v", p)
	}
}
