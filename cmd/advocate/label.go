package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"

	"github.com/contact-advocate/advocate/internal/httpapi"
	"github.com/contact-advocate/advocate/internal/store"
)

// labelPage is how many labels are asked for at once.
const labelPage = 200

type labelParams struct{ After string }

// labels is a page of them.
type labels struct {
	Items []httpapi.Label
	Next  string // "" after the last
}

// listLabels writes every label, one a line.
func listLabels(g *globals) error {
	out := bufio.NewWriter(g.stdout)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	for after := ""; ; {
		page, err := ask[labels](g, "label.list", labelParams{after})
		if err != nil {
			return errors.Join(err, out.Flush())
		}
		for i := range page.Items {
			if err := enc.Encode(&page.Items[i]); err != nil {
				return err
			}
		}
		if after = page.Next; after == "" {
			return out.Flush()
		}
	}
}

func opLabelList(ctx context.Context, n *node, p labelParams) (labels, error) {
	var out labels
	err := n.store.View(ctx, func(r store.Reader) (err error) {
		out = labels{}
		out.Items, out.Next, err = httpapi.LabelsRead(r, p.After, labelPage, n.settings.clock.Now())
		return err
	})
	return out, err
}
