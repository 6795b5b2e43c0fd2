package report

import (
	"fmt"
	"html"
	"html/template"
	"math"
	"strings"
)

// chart is a line chart as inline SVG.
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
	width, height          = 720.0, 260.0
	left, right, top, base = 62.0, 12.0, 26.0, 34.0
)

var colours = []string{"#1769aa", "#d1495b", "#2e8b57", "#8a5fbf", "#c98a1b", "#4a5560"}

// most points that a line is drawn with: more are not seen.
const mostPoints = 600

// svg draws the chart; without points it says so.
func (c chart) svg() template.HTML {
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
		return template.HTML(`<p class="none">` + html.EscapeString(c.title) + `: nothing was measured</p>`)
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
	fmt.Fprintf(&b, `<svg viewBox="0 0 %g %g" role="img" aria-label="%s"><text class="t" x="%g" y="16">%s</text>`,
		width, height, html.EscapeString(c.title), left, html.EscapeString(c.title))
	for _, y := range steps {
		fmt.Fprintf(&b, `<line class="g" x1="%g" x2="%g" y1="%.1f" y2="%.1f"/><text class="y" x="%g" y="%.1f">%s</text>`,
			left, width-right, py(y), py(y), left-6, py(y)+4, short(y)+c.unit)
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
		fmt.Fprintf(&b, `<text class="x" x="%.1f" y="%g">%s</text>`, px(t.x), height-base+16, t.text)
	}
	fmt.Fprintf(&b, `<text class="x" x="%g" y="%g">%s</text>`, (left+width-right)/2, height-2, html.EscapeString(c.across))
	at := width - right
	for i := len(c.lines) - 1; i >= 0; i-- {
		colour := colours[i%len(colours)]
		var path strings.Builder
		for _, p := range c.lines[i].points {
			fmt.Fprintf(&path, "%.1f,%.1f ", px(p.x), py(p.y))
		}
		fmt.Fprintf(&b, `<polyline fill="none" stroke="%s" stroke-width="1.6" points="%s"/>`, colour, strings.TrimSpace(path.String()))
		fmt.Fprintf(&b, `<text class="l" x="%g" y="16" fill="%s">%s</text>`, at, colour, html.EscapeString(c.lines[i].name))
		at -= 9 + 7*float64(len(c.lines[i].name))
	}
	b.WriteString(`</svg>`)
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
