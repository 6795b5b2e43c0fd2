package report

import (
	"fmt"
	"html"
	"html/template"
	"math"
	"strings"
)

// chart is a line chart: a title, a legend and inline SVG.
type chart struct {
	title, unit, across string // across names the horizontal axis
	lines               []line
	log                 bool                  // the vertical axis is logarithmic
	ticks               []tick                // of the horizontal axis; default: a few round numbers
	place               func(float64) float64 // of a horizontal value; default: as it is
}

type line struct {
	name   string
	points []point
}

type point struct{ x, y float64 }

type tick struct {
	x    float64
	text string
}

const (
	width, height          = 480.0, 230.0 // on a phone it is drawn at three quarters
	left, right, top, base = 72.0, 12.0, 10.0, 42.0
)

// colours are those that report.html has: .c0, .c1 and so on.
const colours = 6

// most points that a line is drawn with: more are not seen.
const mostPoints = 600

// figure draws the chart; without points it says so.
func (c chart) figure() template.HTML {
	place := c.place
	if place == nil {
		place = func(x float64) float64 { return x }
	}
	x0, x1 := math.Inf(1), math.Inf(-1)
	y0, y1 := 0.0, 0.0
	lowest := math.Inf(1)
	for i := range c.lines {
		c.lines[i].points = thin(c.lines[i].points)
		for _, p := range c.lines[i].points {
			x0, x1 = min(x0, place(p.x)), max(x1, place(p.x))
			y1 = max(y1, p.y)
			if p.y > 0 {
				lowest = min(lowest, p.y)
			}
		}
	}
	if math.IsInf(x0, 1) || y1 == 0 && c.log {
		return template.HTML(`<figure><figcaption>` + html.EscapeString(c.title) + `: nothing was measured</figcaption></figure>`)
	}
	if x1 == x0 {
		x1 = x0 + 1
	}
	if y1 == 0 {
		y1 = 1
	}
	steps := roundSteps(y1)
	up := func(y float64) float64 { return y }
	if c.log {
		y0 = math.Floor(math.Log10(lowest))
		y1 = math.Max(math.Ceil(math.Log10(y1)), y0+1)
		steps = nil
		for e := y0; e <= y1; e++ {
			steps = append(steps, math.Pow(10, e))
		}
		up = func(y float64) float64 { return math.Log10(math.Max(y, math.Pow(10, y0))) }
	} else {
		y1 = math.Max(y1, steps[len(steps)-1])
	}
	px := func(x float64) float64 { return left + (place(x)-x0)/(x1-x0)*(width-left-right) }
	py := func(y float64) float64 { return height - base - (up(y)-y0)/(y1-y0)*(height-top-base) }
	var b strings.Builder
	fmt.Fprintf(&b, `<figure><figcaption><b>%s</b>`, html.EscapeString(c.title))
	for i, l := range c.lines {
		if len(l.points) > 0 {
			fmt.Fprintf(&b, ` <span class="c%d"><svg class="swatch" viewBox="0 0 14 8"><path d="M0 4h14"/></svg>%s</span>`, i%colours, html.EscapeString(l.name))
		}
	}
	fmt.Fprintf(&b, `</figcaption><svg class="chart" viewBox="0 0 %g %g" role="img" aria-label="%s">`, width, height, html.EscapeString(c.title))
	for _, y := range steps {
		fmt.Fprintf(&b, `<line class="g" x1="%g" x2="%g" y1="%.1f" y2="%.1f"/><text class="y" x="%g" y="%.1f">%s</text>`,
			left, width-right, py(y), py(y), left-6, py(y)+4, html.EscapeString(short(y)+c.unit))
	}
	ticks := c.ticks
	if ticks == nil {
		for _, x := range roundSteps(x1) {
			if x >= x0 && x <= x1 {
				ticks = append(ticks, tick{x, short(x)})
			}
		}
	}
	for _, t := range ticks {
		fmt.Fprintf(&b, `<text class="x" x="%.1f" y="%g">%s</text>`, px(t.x), height-base+17, t.text)
	}
	fmt.Fprintf(&b, `<text class="x" x="%g" y="%g">%s</text>`, (left+width-right)/2, height-6, html.EscapeString(c.across))
	for i := len(c.lines) - 1; i >= 0; i-- { // the first is on top
		var path strings.Builder
		for _, p := range c.lines[i].points {
			fmt.Fprintf(&path, "%.1f,%.1f ", px(p.x), py(p.y))
		}
		if len(c.lines[i].points) == 1 { // a line of one point would not be seen
			p := c.lines[i].points[0]
			path.Reset()
			fmt.Fprintf(&path, "%.1f,%.1f %.1f,%.1f", px(p.x)-2, py(p.y), px(p.x)+2, py(p.y))
		}
		fmt.Fprintf(&b, `<polyline class="c%d" points="%s"/>`, i%colours, strings.TrimSpace(path.String()))
	}
	b.WriteString(`</svg></figure>`)
	return template.HTML(b.String())
}

// thin keeps the highest of neighbouring points, so that no peak is lost.
func thin(points []point) []point {
	n := (len(points) + mostPoints - 1) / mostPoints
	if n <= 1 {
		return points
	}
	var kept []point
	for i := 0; i < len(points); i += n {
		best := points[i]
		for _, p := range points[i:min(i+n, len(points))] {
			if p.y > best.y {
				best = p
			}
		}
		kept = append(kept, best)
	}
	return kept
}

// roundSteps are about five round numbers from 0 to at least y.
func roundSteps(y float64) []float64 {
	unit := math.Pow(10, math.Floor(math.Log10(y/4)))
	step := unit
	for _, f := range []float64{1, 2, 2.5, 5, 10} {
		if step = f * unit; step*5 >= y {
			break
		}
	}
	var steps []float64
	for i := 0; ; i++ {
		v := float64(i) * step
		steps = append(steps, v)
		if v >= y {
			return steps
		}
	}
}

// short writes a number for an axis.
func short(v float64) string {
	switch {
	case v >= 1e6:
		return fmt.Sprintf("%gM", v/1e6)
	case v >= 1e4:
		return fmt.Sprintf("%gk", v/1e3)
	}
	return fmt.Sprintf("%g", math.Round(v*1e6)/1e6)
}
