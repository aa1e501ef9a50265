package domain

import (
	"strings"
	"testing"
	"time"
)

func TestCleanName(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		" Ana Müller ": "Ana Müller", "Ana\u202eretsaM": "AnaretsaM", "A\u200bna": "Ana", "A\u200dna": "Ana", "Ana\u2066x\u2069": "Anax",
		"Ana\u3164": "Ana", "Ana\u2028Root": "Ana Root", "A\ufe0fna\u00ad": "A\ufe0fna", "\ufeffAna\x07": "Ana", "Ana\tRoot\u202e": "Ana Root",
		"علی\u200cرضا": "علی\u200cرضا", "क्\u200dष": "क्\u200dष", "👩\u200d🔧": "👩\u200d🔧", "\u200cعلی": "علی", "עדי": "עדי", "Ana\U000e0041": "Ana",
	} {
		if got := CleanName(in); got != want {
			t.Errorf("%+q: %+q, want %+q", in, got, want)
		}
		if (CheckName("name", in) == nil) != (CleanName(in) == strings.TrimSpace(in)) {
			t.Errorf("%+q: %v", in, CheckName("name", in))
		}
	}
}

func TestWebLink(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]bool{
		"https://example.com/@ana/1": true, "http://192.0.2.1:80/x?y=z": true, "HTTPS://bücher.example/ü": true, "https://[2001:db8::1]/": true,
		"": false, "javascript:alert(1)": false, "data:text/html,x": false, "//evil.example/": false, "/x": false, "https:evil.example": false,
		"https://bank.example@evil.example/": false, "https://user:pw@evil.example/": false, "https:\\\\evil.example": false, "https://a.example\\@b.example": false,
		"https://exa\u202emple.com/": false, "https://a.example/\u202egnp.exe": false, "https:///x": false, "https://a b.example/": false, "java\nscript:x": false,
		"ftp://a.example/": false, "https://a%40b.example/": false, "https://:80/": false,
	} {
		if got := WebLink(in); got != want {
			t.Errorf("%+q: %v", in, got)
		}
	}
}

// TestAPostIsShownAsItIs: a post's links lead where they say, and its author's
// name is what is seen of it.
func TestAPostIsShownAsItIs(t *testing.T) {
	t.Parallel()
	p := Post{
		URL: "javascript:alert(1)", Author: Author{ID: "a", Handle: "ana\u202e", Name: "A\u200bna"},
		Media: []Media{{URL: "data:text/html,x"}, {URL: "https://a.example/x.png"}, {Alt: "a picture"}},
	}
	p.Normalize(time.Unix(0, 0))
	if p.URL != "" || len(p.Media) != 2 || p.Media[0].URL != "https://a.example/x.png" || p.Author.Handle != "ana" || p.Author.Name != "Ana" {
		t.Errorf("%+v", p)
	}
	for link, want := range map[string]string{"/sandbox#p1": "/sandbox#p1", "//evil.example": "", "/\\evil.example": ""} {
		own := Post{URL: link}
		if own.Normalize(time.Unix(0, 0)); own.URL != want {
			t.Errorf("%s became %q", link, own.URL)
		}
	}
	c := Profile{Name: "A\u202ena"}
	if c.Normalize(); c.Name != "Ana" {
		t.Errorf("%+q", c.Name)
	}
}
