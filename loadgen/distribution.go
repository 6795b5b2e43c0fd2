package loadgen

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
)

// Distribution is a number drawn by chance, as it is written in a Spec:
//
//	40                  always 40
//	uniform(10,200)     from 10 to 200
//	exp(3s)             exponential, with that mean
//	lognormal(40,0.6)   with that median and spread (sigma of the logarithm)
//
// Durations are numbers of seconds with a unit: 250ms, 3s.
type Distribution struct {
	text string
	kind string
	a, b float64
}

// arities of the kinds of distributions.
var arities = map[string]int{"uniform": 2, "exp": 1, "lognormal": 2}

// ParseDistribution reads one.
func ParseDistribution(text string) (Distribution, error) {
	d := Distribution{text: strings.TrimSpace(text)}
	name, rest, called := strings.Cut(d.text, "(")
	args := []string{d.text}
	if called {
		d.kind = strings.TrimSpace(name)
		inner, closed := strings.CutSuffix(rest, ")")
		args = strings.Split(inner, ",")
		if !closed || arities[d.kind] != len(args) {
			return d, fmt.Errorf("%q is no distribution: use a number, uniform(a,b), exp(mean) or lognormal(median,sigma)", text)
		}
	}
	values := []*float64{&d.a, &d.b}
	for i, arg := range args {
		v, err := number(strings.TrimSpace(arg))
		if err != nil || v < 0 {
			return d, fmt.Errorf("%q in the distribution %q is no number or duration from 0 on", arg, text)
		}
		*values[i] = v
	}
	if d.kind == "uniform" && d.b < d.a {
		return d, fmt.Errorf("%q: the second number is less than the first", text)
	}
	return d, nil
}

// number reads a number, or a duration as seconds.
func number(text string) (float64, error) {
	if v, err := strconv.ParseFloat(text, 64); err == nil {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return 0, fmt.Errorf("%q is no number", text)
		}
		return v, nil
	}
	v, err := time.ParseDuration(text)
	return v.Seconds(), err
}

// fixed is a Distribution that a default names.
func fixed(text string) Distribution {
	d, err := ParseDistribution(text)
	if err != nil {
		panic(err) // a default of ours
	}
	return d
}

// Zero tells whether it is not set.
func (d Distribution) Zero() bool { return d.text == "" }

func (d Distribution) String() string { return d.text }

// MarshalText implements encoding.TextMarshaler.
func (d Distribution) MarshalText() ([]byte, error) { return []byte(d.text), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Distribution) UnmarshalText(text []byte) (err error) {
	if len(text) == 0 {
		*d = Distribution{}
		return nil
	}
	*d, err = ParseDistribution(string(text))
	return err
}

// draw takes a value.
func (d Distribution) draw(r *rand.Rand) float64 {
	switch d.kind {
	case "uniform":
		return d.a + (d.b-d.a)*r.Float64()
	case "exp":
		return d.a * r.ExpFloat64()
	case "lognormal":
		return d.a * math.Exp(d.b*r.NormFloat64())
	}
	return d.a
}

func (d Distribution) duration(r *rand.Rand) time.Duration {
	return time.Duration(d.draw(r) * float64(time.Second))
}
