package report

import (
	_ "embed"
	"html/template"
	"io"
	"math"

	"github.com/imsim/imsim/loadgen"
)

//go:embed report.html
var page string

var tmpl = template.Must(template.New("report").Funcs(template.FuncMap{
	"describe": describe, "verdict": verdict,
}).Parse(page))

// WriteHTML writes a page that needs nothing but itself.
func WriteHTML(w io.Writer, r *loadgen.Result) error {
	type row struct {
		Name string
		loadgen.Latency
	}
	var rows []row
	for _, name := range names(r) {
		rows = append(rows, row{name, r.Latency[name]})
	}
	type failure struct {
		What  string
		Count int64
	}
	var failures []failure
	for _, what := range sorted(r.Errors) {
		failures = append(failures, failure{what, r.Errors[what]})
	}
	spec, err := loadgen.SpecYAML(r.Spec)
	if err != nil {
		return err
	}
	return tmpl.Execute(w, map[string]any{
		"R": r, "OK": r.OK() && r.Account.Clean(), "Rows": rows, "Errors": failures, "Spec": string(spec),
		"Charts": []template.HTML{throughput(r), overTime(r), percentiles(r), errors(r)},
	})
}

func series(r *loadgen.Result, name string, value func(loadgen.Point) (float64, bool)) line {
	l := line{name: name}
	for _, p := range r.Points {
		if y, ok := value(p); ok {
			l.points = append(l.points, point{p.Second, y})
		}
	}
	return l
}

// rate is a count of each point over the time that the point really took.
func rate(r *loadgen.Result, name string, count func(loadgen.Point) int64) line {
	before := 0.0
	return series(r, name, func(p loadgen.Point) (float64, bool) {
		took := p.Second - before
		before = p.Second
		return float64(count(p)) / took, took > 0
	})
}

func throughput(r *loadgen.Result) template.HTML {
	return chart{title: "Throughput a second", across: "seconds", lines: []line{
		rate(r, "operations", func(p loadgen.Point) int64 { return p.Started }),
		rate(r, "acked", func(p loadgen.Point) int64 { return p.Acked }),
		rate(r, "delivered", func(p loadgen.Point) int64 { return p.Delivered }),
	}}.figure()
}

// shown are the latencies that charts draw, as far as they were measured.
func shown(r *loadgen.Result) []string {
	var list []string
	for _, name := range []string{loadgen.Delivered, loadgen.Acked, loadgen.Ready, loadgen.CaughtUp, loadgen.RecallSeen, loadgen.Lateness} {
		if _, ok := r.Latency[name]; ok {
			list = append(list, name)
		}
	}
	return list
}

func overTime(r *loadgen.Result) template.HTML {
	c := chart{title: "Latency over time, p99 of each second", unit: " ms", across: "seconds", log: true}
	for _, name := range shown(r) {
		c.lines = append(c.lines, series(r, name, func(p loadgen.Point) (float64, bool) {
			w, ok := p.Latency[name]
			return w.P99, ok
		}))
	}
	return c.figure()
}

// percentiles draws the curve over the number of nines, which is where the
// tail is.
func percentiles(r *loadgen.Result) template.HTML {
	const highest = 99.9995
	c := chart{
		title: "Percentiles", unit: " ms", across: "percentile", log: true,
		place: func(percent float64) float64 { return -math.Log10(1 - math.Min(percent, highest)/100) },
		ticks: []tick{{0, "0"}, {50, "50"}, {90, "90"}, {99, "99"}, {99.9, "99.9"}, {99.99, "99.99"}, {99.999, "99.999"}},
	}
	for _, name := range shown(r) {
		l := line{name: name}
		for _, q := range r.Latency[name].Curve {
			l.points = append(l.points, point{q.Percent, q.Value})
		}
		c.lines = append(c.lines, l)
	}
	return c.figure()
}

func errors(r *loadgen.Result) template.HTML {
	return chart{title: "Errors a second", across: "seconds", lines: []line{
		rate(r, "errors", func(p loadgen.Point) int64 { return p.Errors }),
	}}.figure()
}
