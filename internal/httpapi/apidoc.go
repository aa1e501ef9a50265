package httpapi

import (
	"bytes"
	"cmp"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

var docsTemplate = template.Must(template.ParseFS(pageFiles, "page/docs.html"))

// docsGroup is the calls of one tag.
type docsGroup struct {
	Name  string
	Calls []docsCall
}

type docsCall struct {
	ID, Method, Path, Summary, About, Access string
	Params                                   []docsParam
	Bodies, Statuses                         []string
	Takes, Gives                             []docsField // of the JSON bodies
}

type docsParam struct {
	Name, In, About string
	Required        bool
}

// docsField is one field of a body. A field of a field has both names, with a
// dot between; one of a list's entries has [] after the list's.
type docsField struct {
	Name, Type, About string
	Required          bool
}

// Bodies are shown so deep, and no longer than this: openapi.json has it all.
const (
	docsDepth  = 3
	docsFields = 120
)

// docs renders the description as one page without a script.
func (a *API) docs(w http.ResponseWriter, r *http.Request) {
	var b bytes.Buffer
	err := docsTemplate.Execute(&b, map[string]any{"Version": a.o.Version, "About": a.huma.OpenAPI().Info.Description, "Groups": a.docsGroups()})
	if err != nil {
		a.refuse(w, r, err)
		return
	}
	w.Header().Set("Content-Type", htmlType)
	_, _ = w.Write(b.Bytes())
}

func (a *API) docsGroups() []docsGroup {
	var groups []docsGroup
	at := map[string]int{}
	for _, rt := range a.routes {
		item := a.huma.OpenAPI().Paths[rt.Path]
		if item == nil {
			continue
		}
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Delete} {
			if op == nil || op.Method != rt.Method {
				continue
			}
			tag := op.Tags[0]
			i, ok := at[tag]
			if !ok {
				i = len(groups)
				at[tag] = i
				groups = append(groups, docsGroup{Name: tag})
			}
			groups[i].Calls = append(groups[i].Calls, a.docsOf(op, rt))
		}
	}
	order := []string{"In", "Customers", "Cases", "Work items", "Agents", "Macros", "Reports", "Effects", "Playbooks", "Webhooks", "Signing in", "Account", "People", "Tokens", "Audit", "Operation", "Sandbox network", "Demo"}
	slices.SortStableFunc(groups, func(x, y docsGroup) int {
		return cmp.Compare(slices.Index(order, x.Name), slices.Index(order, y.Name))
	})
	return groups
}

func (a *API) docsOf(op *huma.Operation, rt Route) docsCall {
	c := docsCall{ID: op.OperationID, Method: op.Method, Path: op.Path, Summary: op.Summary, About: op.Description, Access: accessText(rt.Access)}
	for _, p := range op.Parameters {
		c.Params = append(c.Params, docsParam{p.Name, p.In, p.Description, p.Required})
	}
	if op.RequestBody != nil {
		for media := range op.RequestBody.Content {
			c.Bodies = append(c.Bodies, media)
		}
		slices.Sort(c.Bodies)
		c.Takes = a.docsBody(op.RequestBody.Content)
	}
	for s := range op.Responses {
		if s != "default" {
			c.Statuses = append(c.Statuses, s+" "+strings.ToLower(op.Responses[s].Description))
			c.Gives = append(c.Gives, a.docsBody(op.Responses[s].Content)...)
		}
	}
	slices.Sort(c.Statuses)
	return c
}

// docsBody lists the fields of a JSON body, the required ones first.
func (a *API) docsBody(content map[string]*huma.MediaType) []docsField {
	m := content["application/json"]
	if m == nil || m.Schema == nil {
		return nil
	}
	var out []docsField
	a.docsWalk("", m.Schema, docsDepth, &out)
	return out
}

func (a *API) docsWalk(at string, s *huma.Schema, depth int, out *[]docsField) {
	s = a.docsSchema(s)
	if s == nil || depth == 0 {
		return
	}
	if len(s.OneOf) > 0 {
		s = a.docsSchema(s.OneOf[0]) // the others are lists of it, or ways to write it shorter
	}
	if s.Items != nil {
		a.docsWalk(at+"[]", s.Items, depth, out)
		return
	}
	names := slices.SortedFunc(maps.Keys(s.Properties), func(x, y string) int {
		rank := func(name string) int {
			if slices.Contains(s.Required, name) {
				return 0
			}
			return 1
		}
		return cmp.Or(rank(x)-rank(y), cmp.Compare(x, y))
	})
	for _, name := range names {
		if len(*out) >= docsFields {
			return
		}
		field := s.Properties[name]
		whole := strings.TrimPrefix(at+"."+name, ".")
		about := field.Description
		if at := a.docsSchema(field); about == "" && at != nil {
			about = at.Description
		}
		*out = append(*out, docsField{whole, a.docsType(field), about, slices.Contains(s.Required, name)})
		a.docsWalk(whole, field, depth-1, out)
	}
}

// docsSchema is a schema, or what it points at.
func (a *API) docsSchema(s *huma.Schema) *huma.Schema {
	if s != nil && s.Ref != "" {
		return a.huma.OpenAPI().Components.Schemas.SchemaFromRef(s.Ref)
	}
	return s
}

func (a *API) docsType(s *huma.Schema) string {
	s = a.docsSchema(s)
	switch {
	case s == nil:
		return "any"
	case s.Items != nil:
		return "list of " + a.docsType(s.Items)
	case len(s.Enum) > 0:
		words := make([]string, len(s.Enum))
		for i, v := range s.Enum {
			words[i] = fmt.Sprint(v)
		}
		return strings.Join(words, " | ")
	case s.Format == "date-time":
		return "time (RFC 3339)"
	case s.Type == "":
		return "any"
	}
	return s.Type
}

func accessText(a string) string {
	switch access(a) {
	case open:
		return "no token"
	case sandboxy:
		return "no token, while the sandbox network is on"
	case inside:
		return "no token, in the demo on this machine"
	case signed:
		return "a signature"
	case anyone:
		return "a token or a session"
	case account:
		return "a session"
	}
	return access(a).String()
}
