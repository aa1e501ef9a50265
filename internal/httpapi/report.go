package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/contact-advocate/advocate/internal/report"
	"github.com/contact-advocate/advocate/internal/store"
)

type reportInput struct {
	From    string `query:"from" maxLength:"40" doc:"A date, or a time of RFC 3339; seven days before to by default."`
	To      string `query:"to" maxLength:"40" doc:"A date, which counts whole, or a time; now by default."`
	By      string `query:"by" enum:"none,hour,day,queue,network,intent" default:"day" doc:"What a row is for."`
	Queue   string `query:"queue" maxLength:"120" doc:"Only of this queue. Cases, promises and replies have none."`
	Network string `query:"network" maxLength:"120"`
	Intent  string `query:"intent" maxLength:"120"`
	Zone    string `query:"tz" maxLength:"60" doc:"Whose days and hours, such as Europe/Berlin; UTC by default."`
	Format  string `query:"format" enum:"json,csv" doc:"csv is also had with Accept: text/csv."`
	Accept  string `header:"Accept" maxLength:"500"`
}

// reportView is a report.
type reportView struct {
	Rows []report.Row `json:"rows"`
}

func (a *API) registerReports() {
	op := register(a, call{id: "get-report", method: "GET", path: "/v1/reports", need: reports, tag: "Reports", summary: "What the contact center did",
		about: "By day, hour, queue, network or intent; for rights that reach some queues only, of these queues' work alone. Of what nothing is known a row says nothing: a part is missing, a share is null. " +
			"Figures are a few seconds old, and kept for 400 days. As CSV it is one line a row; a cell that a spreadsheet would take for a formula begins with an apostrophe."}, a.getReport)
	schema := a.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[reportView](), true, "ReportView")
	op.Responses["200"] = &huma.Response{Description: "OK", Content: map[string]*huma.MediaType{
		"application/json": {Schema: schema}, "text/csv": {Schema: &huma.Schema{Type: huma.TypeString}},
	}}
}

func (a *API) getReport(ctx context.Context, in *reportInput) (*huma.StreamResponse, error) {
	p, err := report.Ask(in.From, in.To, in.Zone, report.Params{By: in.By, Queue: in.Queue, Network: in.Network, Intent: in.Intent}, a.now())
	if err != nil {
		return nil, err
	}
	out := reportView{}
	err = a.view(ctx, func(r store.Reader) error {
		x, err := reachOf(r, caller(ctx))
		if err != nil {
			return err
		}
		if !x.all() {
			if in.Queue != "" && !x.queue(in.Queue) {
				return noQueue(in.Queue)
			}
			p.Some, p.Queues = true, x.queues()
		}
		out.Rows, err = report.Query(r, p)
		return err
	})
	if err != nil {
		return nil, err
	}
	csv := in.Format == "csv" || in.Format == "" && prefersCSV(in.Accept)
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		_, w := humago.Unwrap(ctx)
		w.Header().Add("Vary", "Accept")
		if csv {
			w.Header().Set("Content-Type", "text/csv; charset=utf-8")
			w.Header().Set("Content-Disposition", `attachment; filename="report.csv"`)
			w.WriteHeader(http.StatusOK)
			_ = report.WriteCSV(w, out.Rows)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusOK)
		_ = json.NewEncoder(w).Encode(out)
	}}, nil
}

// prefersCSV reports whether text/csv is named, and JSON neither named nor
// wanted more.
func prefersCSV(accept string) bool {
	csv := weight(accept, "text/csv")
	return csv > 0 && csv > weight(accept, "application/json")
}

// weight is how much a media type is wanted by an Accept header that names it
// (RFC 9110 §12.5.1); 0 when it does not.
func weight(accept, kind string) float64 {
	for part := range strings.SplitSeq(accept, ",") {
		name, rest, _ := strings.Cut(part, ";")
		if !strings.EqualFold(strings.TrimSpace(name), kind) {
			continue
		}
		if _, q, ok := strings.Cut(rest, "q="); ok {
			if x, err := strconv.ParseFloat(strings.TrimSpace(q), 64); err == nil {
				return x
			}
		}
		return 1
	}
	return 0
}
