// Package report renders the result of a load run: for people (text, HTML), for
// CI (JUnit XML) and for programs (JSON, CSV). Diff compares two runs.
//
//	err := report.WriteDir("report", result) // report.html, report.json, series.csv, junit.xml
package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jstemmer/go-junit-report/v2/junit"

	"github.com/imsim/imsim/loadgen"
)

// WriteDir writes all forms into a folder, which is made if needed.
func WriteDir(dir string, r *loadgen.Result) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	for name, write := range map[string]func(io.Writer, *loadgen.Result) error{
		"report.html": WriteHTML, "report.json": WriteJSON, "series.csv": WriteCSV, "junit.xml": WriteJUnit,
	} {
		if err := writeFile(filepath.Join(dir, name), r, write); err != nil {
			return fmt.Errorf("write report: %w", err)
		}
	}
	return nil
}

func writeFile(path string, r *loadgen.Result, write func(io.Writer, *loadgen.Result) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := write(f, r); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}

// WriteJSON writes the result without what only merging needs.
func WriteJSON(w io.Writer, r *loadgen.Result) error {
	return r.Plain().WriteJSON(w)
}

// names lists the latencies of a result in their order.
func names(r *loadgen.Result) []string {
	var list []string
	for _, name := range loadgen.Latencies() {
		if _, ok := r.Latency[name]; ok {
			list = append(list, name)
		}
	}
	return list
}

// WriteCSV writes a line for each second.
func WriteCSV(w io.Writer, r *loadgen.Result) error {
	out := csv.NewWriter(w)
	head := []string{"second", "started", "sent", "acked", "delivered", "errors", "users"}
	for _, name := range names(r) {
		head = append(head, name+".count", name+".p50ms", name+".p99ms", name+".maxms")
	}
	if err := out.Write(head); err != nil {
		return err
	}
	number := func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
	count := func(v int64) string { return strconv.FormatInt(v, 10) }
	for _, p := range r.Points {
		row := []string{
			strconv.FormatFloat(p.Second, 'f', 3, 64), count(p.Started), count(p.Sent), count(p.Acked), count(p.Delivered), count(p.Errors), count(p.Users),
		}
		for _, name := range names(r) {
			window, ok := p.Latency[name]
			if !ok {
				row = append(row, "0", "", "", "")
				continue
			}
			row = append(row, count(window.Count), number(window.P50), number(window.P99), number(window.Max))
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// WriteJUnit writes the thresholds as test cases.
func WriteJUnit(w io.Writer, r *loadgen.Result) error {
	suite := junit.Testsuite{Name: "imsim load " + r.Spec.Workload, Timestamp: r.Started.UTC().Format(time.RFC3339), Time: fmt.Sprintf("%.3f", r.Seconds)}
	for _, v := range r.Thresholds {
		tc := junit.Testcase{Classname: "load." + r.Spec.Workload, Name: v.Threshold, Time: "0.000"}
		if !v.Holds {
			tc.Failure = &junit.Result{Type: "threshold", Message: verdict(v), Data: r.Account.Summary()}
		}
		suite.AddTestcase(tc)
	}
	var suites junit.Testsuites
	suites.AddSuite(suite)
	return suites.WriteXML(w)
}

func verdict(v loadgen.Verdict) string {
	if v.Note != "" {
		return v.Threshold + ": " + v.Note
	}
	return fmt.Sprintf("%s: it is %s", v.Threshold, strconv.FormatFloat(v.Value, 'f', -1, 64))
}

// shownMessages bounds the list of faulty messages in the text.
const shownMessages = 10

// WriteText writes what a person at a terminal wants to know.
func WriteText(w io.Writer, r *loadgen.Result) error {
	var b strings.Builder
	s := r.Spec
	fmt.Fprintf(&b, "\n%s on %s: %d users, %s model, seed %d, %.1f s\n", s.Workload, r.Target, r.Users, s.Model, s.Seed, r.Seconds)
	fmt.Fprintf(&b, "operations  %d of %d planned, %d started late, %d had nothing to do\n", r.Began, r.Planned, r.Late, r.Skipped)
	fmt.Fprintf(&b, "messages    %s\n", r.Account.Summary())
	if r.Seconds > 0 {
		fmt.Fprintf(&b, "rate        %.1f sent/s, %.1f delivered/s\n", float64(r.Account.Sent)/r.Seconds, float64(r.Account.Delivered)/r.Seconds)
	}
	fmt.Fprintf(&b, "\n%-12s %9s %9s %9s %9s %9s %9s  (ms)\n", "latency", "count", "mean", "p50", "p90", "p99", "max")
	for _, name := range names(r) {
		l := r.Latency[name]
		fmt.Fprintf(&b, "%-12s %9d %9.2f %9.2f %9.2f %9.2f %9.2f\n", name, l.Count, l.Mean, l.P50, l.P90, l.P99, l.Max)
	}
	g := r.Generator
	what := "generator"
	if g.Shared {
		what = "generator and server"
	}
	fmt.Fprintf(&b, "\n%s: %.2f processors, %.0f MB resident, %.0f MB heap, %d goroutines\n", what, g.Cores, g.ResidentMB, g.HeapMB, g.Goroutines)
	if c := r.Server; c != nil {
		fmt.Fprintf(&b, "server: %d connections, %d frames in, %d replies, %d pushes, %d faults struck\n", c.Connections, c.Received, c.Replies, c.Pushes, c.Faults)
	}
	for _, what := range sorted(r.Errors) {
		fmt.Fprintf(&b, "error       %s: %d\n", what, r.Errors[what])
	}
	for i, m := range r.Account.Messages {
		if i == shownMessages {
			fmt.Fprintf(&b, "            … and %d more in the report\n", len(r.Account.Messages)-i)
			break
		}
		fmt.Fprintf(&b, "✗ %s: %s\n", m.Problem, describe(m))
	}
	for _, warning := range r.Warnings {
		fmt.Fprintf(&b, "! %s\n", warning)
	}
	for _, v := range r.Thresholds {
		sign := "✓"
		if !v.Holds {
			sign = "✗"
		}
		fmt.Fprintf(&b, "%s %s\n", sign, verdict(v))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func describe(m loadgen.Faulty) string {
	text := fmt.Sprintf("%s, %s → %s, MsgSeq %d, at %s", m.ID, m.From, m.To, m.MsgSeq, m.Receiver)
	if m.Note != "" {
		text += " (" + m.Note + ")"
	}
	return text
}

func sorted(m map[string]int64) []string {
	var list []string
	for name := range m {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}
