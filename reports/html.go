package reports

import (
	_ "embed"
	"encoding/json"
	"html/template"
	"io"
)

//go:embed report.html
var page string

var tmpl = template.Must(template.New("report").Parse(page))

// cell is a case on a port.
type cell struct {
	Result *Result
	Text   string // one word for the matrix
	Frames string
}

type row struct {
	ID, Area, Name, Source, Level string
	Cells                         []cell
	Bad                           bool
}

// WriteHTML writes the matrix of cases and ports; each cell opens what the
// case did. The page needs nothing but itself.
func WriteHTML(w io.Writer, run *Run) error {
	ports := run.Ports()
	at := map[Port]int{}
	var columns []struct{ Port, Counts string }
	for i, p := range ports {
		at[p] = i
		columns = append(columns, struct{ Port, Counts string }{p.String(), Counts(run.Count(p))})
	}
	var rows []*row
	byID := map[string]*row{}
	for i := range run.Results {
		r := &run.Results[i]
		line := byID[r.ID]
		if line == nil {
			line = &row{ID: r.ID, Area: r.Area, Name: r.Name, Source: r.Source, Level: r.Level, Cells: make([]cell, len(ports))}
			byID[r.ID] = line
			rows = append(rows, line)
		}
		c := cell{Result: r, Text: r.Outcome}
		if len(r.Frames) > 0 {
			text, err := json.MarshalIndent(r.Frames, "", " ")
			if err != nil {
				return err
			}
			c.Frames = string(text)
		}
		line.Cells[at[r.Port]] = c
		line.Bad = line.Bad || r.Unexpected()
	}
	return tmpl.Execute(w, map[string]any{"Run": run, "Columns": columns, "Rows": rows, "OK": run.OK()})
}
