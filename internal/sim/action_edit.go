package sim

import (
	"context"
	"fmt"
	"slices"

	"github.com/contact-advocate/advocate/internal/domain"
)

func (d *driver) postEdit(context.Context) {
	f := d.recent(func(f *postFact) bool {
		return f.taken && !f.post.Deleted && !f.post.Own && f.post.Revision == "" && !f.erased && d.edits[f.post.Key()] == nil
	})
	if f == nil {
		return
	}
	p := d.personOf(f.post.Identity())
	edited := f.post
	edited.Revision = fmt.Sprint(d.next())
	text, _ := d.words(p)
	edited.Text = text + " (edited " + edited.Revision + ")"
	if d.network(edited.Network).change(edited) {
		d.post("post.edit", edited)
	}
}

// postEditLate is two edits of which the newer comes first.
func (d *driver) postEditLate(context.Context) {
	f := d.recent(func(f *postFact) bool {
		return f.taken && !f.post.Deleted && !f.post.Own && f.post.Revision == "" && !f.erased && d.edits[f.post.Key()] == nil
	})
	if f == nil {
		return
	}
	p := d.personOf(f.post.Identity())
	version := func() domain.Post {
		text, _ := d.words(p)
		edited := f.post
		edited.Revision = fmt.Sprint(d.next())
		edited.Text = text + " (edited " + edited.Revision + ")"
		return edited
	}
	older, newer := version(), version()
	if d.network(newer.Network).change(newer) {
		d.post("post.edit", newer)
		d.post("post.edit_late", older)
	}
}

func (d *driver) postDelete(context.Context) {
	f := d.recent(func(f *postFact) bool { return !f.post.Deleted && !f.post.Own && !f.erased })
	if f == nil {
		return
	}
	for _, x := range d.sent {
		if x.post.Key() == f.post.Key() && x.post.Deleted {
			return
		}
	}
	gone := f.post
	gone.Deleted, gone.Text, gone.Revision = true, "", ""
	if d.network(gone.Network).change(gone) {
		d.post("post.delete", gone)
	}
}

// hasRevisions reports whether a post was handed in more than once under
// different revisions, so that one of them may come too late.
func (d *driver) hasRevisions(f *postFact) bool {
	n := 0
	for _, o := range d.sent {
		if o.post.Key() == f.post.Key() && !o.post.Deleted {
			n++
		}
	}
	return n > 1
}

// overtaken reports whether newer words of a post were handed in, or stand where
// it can be looked at.
func (d *driver) overtaken(f *postFact) bool {
	return slices.ContainsFunc(d.sent, func(o *postFact) bool {
		return o.post.Key() == f.post.Key() && !o.post.Deleted && domain.CompareRevisions(o.post.Revision, f.post.Revision) > 0
	})
}
