// Package wire is the form in which snapshots, records and inputs are stored:
// the same information as their JSON in a third of the bytes and a quarter of
// the time, which is what an event costs most beside the database itself (see
// docs/decisions/0005-stored-form.md).
//
// A value is a tagged tree. A struct is a list of fields, each with a key, a
// kind and a payload; zero values are left out. A field's key is the first 16
// bits of a hash of its JSON name, so types may gain, lose and reorder fields:
// an unknown key is skipped, a missing one leaves the zero value. Renaming a
// JSON name is therefore a change of format, as it is in JSON.
//
// Times are whole microseconds in UTC. An empty slice or map comes back nil.
// The same value always gives the same bytes: maps are written in key order.
package wire
