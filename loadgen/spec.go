package loadgen

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Workloads.
const (
	C2C            = "c2c"             // pairs chat
	Group          = "group"           // members talk in groups
	LiveRoom       = "live-room"       // one speaks to all in a live room
	LoginStorm     = "login-storm"     // users come (and come again)
	ReconnectStorm = "reconnect-storm" // pairs chat, many lose their connection at once
	Mixed          = "mixed"           // operations of all kinds by weight
)

// Workloads lists them.
var Workloads = []string{C2C, Group, LiveRoom, LoginStorm, ReconnectStorm, Mixed}

// Models of arrival.
const (
	Open   = "open"   // operations start on a schedule
	Closed = "closed" // users think between operations
)

// Arrivals of the open model.
const (
	Constant = "constant" // evenly spaced
	Poisson  = "poisson"  // by chance
)

// What a user asks between login and ready.
const (
	StartupSDK  = "sdk"  // all that SDK 2.14 asks
	StartupBare = "bare" // the sync alone
)

// Which users write each other.
const (
	Near = "near" // neighbours, who are in one process
	Far  = "far"  // the first half writes the second, also across processes
)

// Duration is a time.Duration that is written "1m30s".
type Duration time.Duration

func (d Duration) String() string { return time.Duration(d).String() }

// MarshalText implements encoding.TextMarshaler.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	*d = Duration(v)
	return err
}

// Stage is a stretch of the open model: the rate changes evenly to Rate.
type Stage struct {
	Duration Duration `json:"duration" yaml:"duration"`
	Rate     float64  `json:"rate" yaml:"rate"` // operations a second at its end
}

// Weights of the mixed workload: how often an operation is drawn, beside the
// others.
type Weights struct {
	Message float64 `json:"message" yaml:"message"`
	Recall  float64 `json:"recall" yaml:"recall"`
	Read    float64 `json:"read" yaml:"read"`
	History float64 `json:"history" yaml:"history"`
	Join    float64 `json:"join" yaml:"join"` // joins a group, or leaves it if it is there
	Kick    float64 `json:"kick" yaml:"kick"` // logs in elsewhere, which ends the session here
}

// Storm is what a reconnect-storm does beside messages.
type Storm struct {
	Every Duration `json:"every" yaml:"every"` // from the start on
	Share float64  `json:"share" yaml:"share"` // of the users
	Away  Duration `json:"away" yaml:"away"`   // before they come back
}

// Segment is the part of a fleet that one of several processes runs, written
// "1/3" for the first of three. The zero value is all of it.
type Segment struct{ Index, Count int }

func (s Segment) String() string {
	if s.Count == 0 {
		return ""
	}
	return fmt.Sprintf("%d/%d", s.Index, s.Count)
}

// MarshalText implements encoding.TextMarshaler.
func (s Segment) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Segment) UnmarshalText(text []byte) error {
	*s = Segment{}
	if len(text) == 0 {
		return nil
	}
	if n, err := fmt.Sscanf(string(text), "%d/%d", &s.Index, &s.Count); err != nil || n != 2 || s.String() != string(text) ||
		s.Index < 1 || s.Index > s.Count {
		return fmt.Errorf("segment %q: write it like 1/3, the first of three", text)
	}
	return nil
}

// users is the range of users of the segment.
func (s Segment) users(all int) (from, to int) {
	if s.Count == 0 {
		return 0, all
	}
	return all * (s.Index - 1) / s.Count, all * s.Index / s.Count
}

// Spec says what load to put on the target. The zero value of a field is its
// default; the JSON Schema (Schema) documents the file form.
type Spec struct {
	Workload   string `json:"workload" yaml:"workload"`     // default C2C
	Users      int    `json:"users" yaml:"users"`           // default 100
	UserPrefix string `json:"userPrefix" yaml:"userPrefix"` // of userIDs; default load
	Seed       uint64 `json:"seed" yaml:"seed"`
	// Run marks this run's messages and groups, so that what is left of others
	// on the target does not count. Default: by chance. Segments of one fleet
	// need the same.
	Run     string  `json:"run" yaml:"run"`
	Segment Segment `json:"segment,omitzero" yaml:"segment"`

	Model    string   `json:"model" yaml:"model"`       // default Open
	Arrival  string   `json:"arrival" yaml:"arrival"`   // default Constant
	Rate     float64  `json:"rate" yaml:"rate"`         // operations a second; of stages: at the start
	Stages   []Stage  `json:"stages" yaml:"stages"`     // they decide the duration
	Duration Duration `json:"duration" yaml:"duration"` // default 30 s
	// Think is how long a user of the closed model waits before an operation.
	// Default for messages: the time to type them, and a pause.
	Think Distribution `json:"think,omitzero" yaml:"think"`

	MessageSize Distribution `json:"messageSize,omitzero" yaml:"messageSize"` // bytes of text; default lognormal(60,0.5), at least 60
	GroupSize   Distribution `json:"groupSize,omitzero" yaml:"groupSize"`     // members; default lognormal(20,0.8)
	GroupShare  float64      `json:"groupShare" yaml:"groupShare"`            // of mixed messages that go to groups; default 0.5
	Pairs       string       `json:"pairs" yaml:"pairs"`                      // default Near
	Weights     Weights      `json:"weights" yaml:"weights"`
	Storm       Storm        `json:"storm" yaml:"storm"`

	Startup   string   `json:"startup" yaml:"startup"`     // default StartupSDK
	LateAfter Duration `json:"lateAfter" yaml:"lateAfter"` // a start later than this counts as late; default 10 ms
	Drain     Duration `json:"drain" yaml:"drain"`         // wait for what is still under way at the end; default 5 s

	Thresholds []string `json:"thresholds" yaml:"thresholds"`
}

func or[T comparable](v *T, standard T) {
	var zero T
	if *v == zero {
		*v = standard
	}
}

// Limits that only keep typing errors from taking the machine down.
const (
	maxUsers    = 10_000_000
	maxRate     = 10_000_000
	maxDuration = 30 * 24 * time.Hour
	maxSize     = 1 << 20 // bytes of a message
)

// Complete fills the defaults in, but for Run, and checks all.
func (s *Spec) Complete() error {
	or(&s.Workload, C2C)
	or(&s.Users, 100)
	or(&s.UserPrefix, "load")
	or(&s.Model, Open)
	or(&s.Arrival, Constant)
	or(&s.Duration, Duration(30*time.Second))
	or(&s.Pairs, Near)
	or(&s.Startup, StartupSDK)
	or(&s.LateAfter, Duration(10*time.Millisecond))
	or(&s.Drain, Duration(5*time.Second))
	or(&s.GroupShare, 0.5)
	or(&s.Weights, Weights{Message: 100, Recall: 2, Read: 20, History: 5, Join: 2, Kick: 0.5})
	or(&s.Storm.Every, Duration(5*time.Second))
	or(&s.Storm.Share, 0.5)
	or(&s.Storm.Away, Duration(500*time.Millisecond))
	if len(s.Stages) == 0 {
		or(&s.Rate, 100)
	}
	or(&s.MessageSize, fixed("lognormal(60,0.5)"))
	or(&s.GroupSize, fixed("lognormal(20,0.8)"))
	if len(s.Stages) > 0 {
		s.Duration = 0
		for _, stage := range s.Stages {
			s.Duration += stage.Duration
		}
	}
	return s.check()
}

func (s *Spec) check() error {
	var wrong []error
	not := func(bad bool, format string, args ...any) {
		if bad {
			wrong = append(wrong, fmt.Errorf(format, args...))
		}
	}
	oneOf := func(name, value string, values ...string) {
		not(!slices.Contains(values, value), "%s %q: use %s", name, value, strings.Join(values, ", "))
	}
	oneOf("workload", s.Workload, Workloads...)
	oneOf("model", s.Model, Open, Closed)
	oneOf("arrival", s.Arrival, Constant, Poisson)
	oneOf("pairs", s.Pairs, Near, Far)
	oneOf("startup", s.Startup, StartupSDK, StartupBare)
	not(s.Users < 2 || s.Users > maxUsers, "users %d: at least 2 and at most %d", s.Users, maxUsers)
	within := func(v, least, most float64) bool { return v >= least && v <= most } // NaN is not
	not(!within(s.Rate, 0, maxRate), "rate %v: from 0 to %d", s.Rate, maxRate)
	total := s.Rate
	for _, stage := range s.Stages {
		not(stage.Duration <= 0, "a stage of %s: it must last", stage.Duration)
		not(!within(stage.Rate, 0, maxRate), "rate %v of a stage: from 0 to %d", stage.Rate, maxRate)
		total += stage.Rate
	}
	not(s.Model == Open && total <= 0, "the rate is 0 all the time: nothing would be done")
	not(s.Model == Closed && len(s.Stages) > 0, "stages belong to the open model")
	not(s.Duration <= 0 || time.Duration(s.Duration) > maxDuration, "duration %s: more than 0 and at most %s", s.Duration, maxDuration)
	not(s.LateAfter < 0 || s.Drain < 0, "lateAfter and drain must not be negative")
	not(!within(s.GroupShare, 0, 1), "groupShare %v: from 0 to 1", s.GroupShare)
	not(!within(s.Storm.Share, 0, 1), "storm share %v: from 0 to 1", s.Storm.Share)
	not(s.Storm.Every <= 0 || s.Storm.Away < 0, "storm: every must be more than 0, away not less")
	for name, w := range s.Weights.byKind() {
		not(!within(w, 0, maxRate), "weight %v of %s: from 0 to %d", w, name, maxRate)
	}
	not(s.Workload == Mixed && s.Weights.sum() <= 0, "all weights are 0: nothing would be done")
	not(s.Segment.Count > 0 && s.Run == "", "segments of one fleet need a run that is the same for all")
	not(s.Segment.Count > s.Users/2, "segment %s: not that many for %d users", s.Segment, s.Users)
	// Marks must stand as they are in whatever JSON a target writes.
	not(!plain(s.Run, ":;\"\\<>&"), "run %q: letters, digits and signs of ASCII, but no : ; \" \\ < > &", s.Run)
	not(!plain(s.UserPrefix, "\"\\"), "userPrefix %q: letters, digits and signs of ASCII, but no \" \\", s.UserPrefix)
	not(s.MessageSize.a > maxSize || s.MessageSize.kind == "uniform" && s.MessageSize.b > maxSize, "messageSize %s: at most %d", s.MessageSize, maxSize)
	for _, text := range s.Thresholds {
		if _, err := ParseThreshold(text); err != nil {
			wrong = append(wrong, err)
		}
	}
	return errors.Join(wrong...)
}

// plain tells whether a text is of visible ASCII, without some of it.
func plain(text, but string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(but, r) }) < 0
}

func (w Weights) byKind() map[Kind]float64 {
	return map[Kind]float64{Message: w.Message, Recall: w.Recall, Read: w.Read, History: w.History, Join: w.Join, Kick: w.Kick}
}

func (w Weights) sum() float64 {
	return w.Message + w.Recall + w.Read + w.History + w.Join + w.Kick
}
