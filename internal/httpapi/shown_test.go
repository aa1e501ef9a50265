package httpapi

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/domain"
)

// carries reports whether a type has somebody's id, or their case's, in it.
func carries(t reflect.Type, seen map[reflect.Type]bool) bool {
	if t == reflect.TypeFor[domain.CustomerID]() {
		return true
	}
	if seen[t] {
		return false
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return carries(t.Elem(), seen)
	case reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if f.IsExported() && name != "-" && (slices.Contains([]string{"case_id", "customer_id", "work_item_id"}, name) || carries(f.Type, seen)) {
				return true
			}
		}
	}
	return false
}

// listedIn is what an answer is a list of, nil for one that is none.
func listedIn(out reflect.Type) reflect.Type {
	body, ok := out.Elem().FieldByName("Body")
	if !ok || body.Type.Kind() != reflect.Struct {
		return nil
	}
	items, ok := body.Type.FieldByName("Items")
	if !ok || items.Type.Kind() != reflect.Slice {
		return nil
	}
	return items.Type.Elem()
}

// TestAnswersSayWhomTheyShow: a call whose answer carries a customer is
// recorded, and a list of several customers' things names them.
func TestAnswersSayWhomTheyShow(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	aboutOne := reflect.TypeFor[interface{ about() domain.CustomerID }]()
	says := reflect.TypeFor[interface{ shows() []shown }]()
	lists := 0
	for _, x := range f.api.answers {
		if x.call.need.free() || x.call.need == ingest || !carries(x.out, map[reflect.Type]bool{}) {
			continue
		}
		if x.call.id == "list-audit" {
			continue // the log itself, which is recorded as every look at it is
		}
		if !x.call.recorded() {
			t.Errorf("%s shows customers and leaves no row", x.call.id)
		}
		item := listedIn(x.out)
		if item == nil || x.in.Implements(aboutOne) {
			continue
		}
		lists++
		if !x.out.Implements(says) || !item.Implements(reflect.TypeFor[shown]()) {
			t.Errorf("%s lists %v, which does not say whom it shows", x.call.id, item)
		}
	}
	if lists < 6 {
		t.Errorf("only %d lists carry customers: are they found?", lists)
	}
}
