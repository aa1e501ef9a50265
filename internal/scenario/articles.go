package scenario

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/component"
	"github.com/contact-advocate/advocate/internal/component/knowledge"
	"github.com/contact-advocate/advocate/internal/playbook"
)

// articlesComponent writes the given articles into a folder of their own and
// opens it, as an operator's folder is opened. free removes it.
func articlesComponent(articles []playbook.GivenArticle, now func() time.Time) (c component.Component, free func(), err error) {
	dir, err := os.MkdirTemp("", "advocate-scenario-")
	if err != nil {
		return nil, nil, err
	}
	remove := func() { os.RemoveAll(dir) }
	for i, a := range articles {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("article-%03d.md", i+1)), []byte(articleFile(a)), 0o600); err != nil {
			remove()
			return nil, nil, err
		}
	}
	k, err := knowledge.Open(knowledge.Config{Dir: dir, Now: now})
	if err == nil {
		err = errors.Join(k.Problems()...)
	}
	if err != nil {
		remove()
		return nil, nil, fmt.Errorf("given articles: %w", err)
	}
	return k, func() {
		k.Close()
		remove()
	}, nil
}

// articleFile is an article as Markdown with its head.
func articleFile(a playbook.GivenArticle) string {
	var b strings.Builder
	b.WriteString("---\n")
	for _, f := range [][2]string{{"title", a.Title}, {"url", a.URL}, {"lang", a.Lang}} {
		if f[1] != "" {
			fmt.Fprintf(&b, "%s: %q\n", f[0], f[1])
		}
	}
	b.WriteString("---\n")
	b.WriteString(a.Text)
	b.WriteByte('\n')
	return b.String()
}
