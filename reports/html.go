package reports

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"html/template"
	"io"

	"github.com/imsim/imsim/protocol/wirecheck"
)

// The page and its parts. It needs nothing but itself: no request leaves it.
var (
	//go:embed report.html
	pageHTML string
	//go:embed report.css
	pageCSS string
	//go:embed report.js
	pageJS string
)

var page = template.Must(template.New("report").Parse(pageHTML))

// view is what the page is made of.
type view struct {
	Run      *Run
	OK       bool
	CSS      template.CSS
	JS       template.JS
	Columns  []column
	Outcomes []string // that occur, in the order of allOutcomes
	Areas    []*areaView
	Rules    map[string]string
	Cases    int
	Bad      int // results that are not as expected
	Index    []indexEntry
}

// column is a port.
type column struct {
	Port   Port
	Counts string
	Bar    []segment
	Bad    int
}

// segment is a part of a port's bar.
type segment struct {
	Outcome string
	Count   int
}

type areaView struct {
	Name string
	Rows []*caseView
	Bad  int // cases that are not as expected
}

// caseView is a row: a case on every port.
type caseView struct {
	N       int // number of the row
	Case    Result
	Cells   []cellView
	Bad     bool
	Details string // the details of all cells, packed
}

// cellView is a case on a port.
type cellView struct {
	There             bool
	Outcome, Sign     string
	Known, Unexpected bool
	Seconds           float64
}

// indexEntry is what the page's script finds a case by.
type indexEntry struct {
	ID     string   `json:"id"`
	Area   string   `json:"area"`
	Level  string   `json:"level"`
	Source string   `json:"source"`
	Covers []string `json:"covers"`
	Labels []string `json:"labels"`
	Found  string   `json:"found"` // more to find it by: reasons of failures
	Cells  []string `json:"cells"` // outcomes; empty: not run there
	Unlike []int    `json:"unlike"`
}

// detail is what a cell opens.
type detail struct {
	Outcome string              `json:"outcome"`
	Known   *string             `json:"known,omitempty"`
	Message string              `json:"message,omitempty"`
	Seconds float64             `json:"seconds"`
	Steps   []string            `json:"steps,omitempty"`
	Frames  []json.RawMessage   `json:"frames,omitempty"`
	Stderr  string              `json:"stderr,omitempty"`
	Wire    []wirecheck.Finding `json:"wire,omitempty"`
	Verdict wirecheck.Verdict   `json:"verdict,omitempty"`
}

// signs stand for outcomes, so that colour is not all that tells them apart.
var signs = map[string]string{
	Passed: "✓", Failed: "✗", Skipped: "–", NotImplemented: "○", TimedOut: "◷", Crash: "✱", Hang: "◷", BrokenProtocol: "‼",
}

var allOutcomes = []string{Passed, Failed, NotImplemented, TimedOut, Crash, Hang, BrokenProtocol, Skipped}

// WriteHTML writes the matrix of cases and ports; each cell opens what the
// case did, the frames and the verdict.
func WriteHTML(w io.Writer, run *Run) error {
	v := &view{Run: run, OK: run.OK(), CSS: template.CSS(pageCSS), JS: template.JS(pageJS), Rules: wirecheck.Rules} //nolint:gosec // our own files
	ports := run.Ports()
	at := map[Port]int{}
	total := map[string]int{}
	for i, p := range ports {
		at[p] = i
		n := run.Count(p)
		c := column{Port: p, Counts: Counts(n)}
		for _, outcome := range allOutcomes {
			if n[outcome] > 0 {
				c.Bar = append(c.Bar, segment{outcome, n[outcome]})
				total[outcome] += n[outcome]
			}
		}
		v.Columns = append(v.Columns, c)
	}
	for _, outcome := range allOutcomes {
		if total[outcome] > 0 {
			v.Outcomes = append(v.Outcomes, outcome)
		}
	}
	details := map[string][]*detail{}
	rows := map[string]*caseView{}
	areas := map[string]*areaView{}
	for _, r := range run.Results {
		row := rows[r.ID]
		if row == nil {
			row = &caseView{Case: r, Cells: make([]cellView, len(ports))}
			rows[r.ID] = row
			details[r.ID] = make([]*detail, len(ports))
			a := areas[r.Area]
			if a == nil {
				a = &areaView{Name: r.Area}
				areas[r.Area] = a
				v.Areas = append(v.Areas, a)
			}
			a.Rows = append(a.Rows, row)
		}
		if row.Case.Source == "" { // of a case whose process died, only the name is known
			row.Case = r
		}
		i := at[r.Port]
		row.Cells[i] = cellView{true, r.Outcome, signs[r.Outcome], r.Known != nil, r.Unexpected(), r.Seconds}
		details[r.ID][i] = &detail{r.Outcome, r.Known, r.Message, r.Seconds, r.Steps, r.Frames, r.Stderr, r.Wire, r.Verdict()}
		if r.Unexpected() {
			row.Bad = true
			v.Bad++
			v.Columns[i].Bad++
		}
	}
	for _, a := range v.Areas {
		for _, row := range a.Rows {
			row.N = v.Cases
			v.Cases++
			if row.Bad {
				a.Bad++
			}
			v.Index = append(v.Index, row.index(details[row.Case.ID]))
			var err error
			if row.Details, err = pack(details[row.Case.ID]); err != nil {
				return err
			}
		}
	}
	return page.Execute(w, v)
}

func (row *caseView) index(details []*detail) indexEntry {
	c := row.Case
	e := indexEntry{ID: c.ID, Area: c.Area, Level: c.Level, Source: c.Source, Covers: c.Covers, Labels: c.Labels, Unlike: []int{}}
	for i, cell := range row.Cells {
		e.Cells = append(e.Cells, cell.Outcome)
		if cell.Unexpected {
			e.Unlike = append(e.Unlike, i)
			e.Found += " " + details[i].Message
		}
	}
	return e
}

// pack compresses details: the page unpacks what somebody opens. Cases on
// several ports resemble each other, so they are packed together.
func pack(details []*detail) (string, error) {
	var buf bytes.Buffer
	z := gzip.NewWriter(&buf)
	if err := json.NewEncoder(z).Encode(details); err != nil {
		return "", err
	}
	if err := z.Close(); err != nil {
		return "", err
	}
	return base64.URLEncoding.EncodeToString(buf.Bytes()), nil
}
