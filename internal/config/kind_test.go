package config

import (
	"reflect"
	"slices"
	"testing"

	"github.com/contact-advocate/advocate/internal/social"
)

// TestEveryListOfAccountsIsAKind: whoever is configured is run, checked and told
// of, on whichever network; and authors' ids are known of each.
func TestEveryListOfAccountsIsAKind(t *testing.T) {
	t.Parallel()
	var n Networks
	var lists []string
	v := reflect.ValueOf(&n).Elem()
	for i := range v.NumField() {
		if f := v.Field(i); f.Kind() == reflect.Slice {
			lists = append(lists, v.Type().Field(i).Tag.Get("yaml"))
			f.Set(reflect.MakeSlice(f.Type(), 2, 2))
		}
	}
	n.AllowPrivate()
	var got []string
	for _, a := range n.Accounts() {
		if a.Index == 0 {
			got = append(got, a.List)
		}
		if a.Config == nil || a.Make == nil || !a.AllowPrivate() {
			t.Errorf("%s: %+v", a.Path(), a)
		}
	}
	if !slices.Equal(got, lists) {
		t.Errorf("accounts come of %v; the file has %v", got, lists)
	}
	for _, list := range lists {
		if list != "webhook" && (!slices.Contains(social.Kinds(), list) || social.KindAPI(list) == "" || !social.NameTaken(list)) {
			t.Errorf("%s: nothing is known of its authors or servers", list)
		}
	}
}
