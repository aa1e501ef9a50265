package playbook

import (
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
)

// Function is something that a rule can do, for the documentation.
type Function struct {
	Name string
	Args []string
}

// Functions lists what a rule can do, in the order of the documentation.
func Functions() []Function {
	out := make([]Function, len(functionOrder))
	for i, name := range functionOrder {
		out[i] = Function{name, slices.Clone(functions[name].args)}
	}
	return out
}

// Field is a name that an expression can read, for the documentation.
type Field struct {
	Name   string // "order.eta", "now"
	Type   string // "text", "true or false", "time" …
	Words  []string
	Public bool // a public message may use it
}

// Fields lists the names that expressions can read, sorted. Of answers there
// are the fields of orders; other components have fields of their own.
func Fields() []Field {
	var out []Field
	for name, t := range plain {
		out = append(out, Field{Name: name, Type: shortType(t), Public: isPublic(name)})
	}
	for object, k := range objects {
		if object == "answer" {
			continue
		}
		for name, f := range k.fields {
			full := object + "." + name
			out = append(out, Field{Name: full, Type: shortType(f.typ), Words: slices.Clone(f.words), Public: isPublic(full)})
		}
	}
	slices.SortFunc(out, func(a, b Field) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// Calls lists what an expression can call, in the order of the documentation.
func Calls() []string { return slices.Clone(functionNames) }

// EventTypes lists the event types that are understood out of the box.
func EventTypes() []string { return slices.Clone(knownEvents) }

// Triggers lists what a rule can listen to beside event types and the answers
// and reminders, which are followed by a name.
func Triggers() []string { return slices.Clone(engineTriggers) }

// shortType is typeName without its article.
func shortType(t *cel.Type) string {
	if t.Kind() == cel.MapKind {
		return "map"
	}
	return strings.TrimPrefix(typeName(t), "a ")
}
