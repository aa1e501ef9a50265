// Package data is a sample company: customers, orders, articles and a few
// days of posts. `advocate demo` runs it, and each file can be imported or
// replayed by itself.
package data

import (
	"embed"
	"io/fs"
	"time"
)

// Reference is the time at which the sample was written down: an order that
// is "two days late" is so at this time. Whoever wants it to be so now shifts
// every time by the difference.
var Reference = time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)

// Customers are the company's customers as CSV, as `advocate import
// customers` takes them.
//
//go:embed customers.csv
var Customers []byte

// Orders are their orders as CSV, as `advocate import orders` takes them.
//
//go:embed orders.csv
var Orders []byte

// Traffic is what customers post, and what happens, while one watches: JSON
// lines; the lines of one story follow each other.
//
//go:embed traffic.jsonl
var Traffic []byte

//go:embed articles/*.md
var articles embed.FS

// Articles is the folder of help articles.
func Articles() fs.FS {
	sub, err := fs.Sub(articles, "articles")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return sub
}
