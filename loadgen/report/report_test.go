package report

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/imsim/imsim/fakeserver"
	"github.com/imsim/imsim/loadgen"
	"github.com/imsim/imsim/protocol"
)

// lossy is a short run on a server that loses a message and refuses one.
func lossy(t *testing.T) *loadgen.Result {
	t.Helper()
	srv := fakeserver.Run(t, fakeserver.Options{NoListener: true})
	for _, fault := range []fakeserver.Fault{
		{DropPushes: []string{protocol.CmdPush}, Skip: 20, Count: 1}, {ErrorReplies: map[string]int{protocol.CmdSendMsg: 20012}, Skip: 50, Count: 1},
	} {
		if err := srv.Fault(fault); err != nil {
			t.Fatal(err)
		}
	}
	r, err := loadgen.Run(t.Context(), loadgen.Spec{
		Workload: loadgen.C2C, Users: 4, UserPrefix: "<b>", Rate: 60, Duration: loadgen.Duration(2200 * time.Millisecond), Drain: loadgen.Duration(50 * time.Millisecond),
		Thresholds: []string{"lost==0", "delivered.p99<10s"},
	}, loadgen.Options{Server: srv, Target: loadgen.Memory, Version: "v1"})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestReportsTellWhatHappened(t *testing.T) {
	r := lossy(t)
	dir := filepath.Join(t.TempDir(), "new")
	if err := WriteDir(dir, r); err != nil {
		t.Fatal(err)
	}
	read := func(name string) string {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	page := read("report.html")
	for _, want := range []string{
		"not as it should be", "lost==0", "message 20012", "<polyline", "Percentiles", "&lt;b&gt;000", "Faulty messages", "workload: c2c",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("report.html has no %q", want)
		}
	}
	if m := regexp.MustCompile(`(src|href)\s*=|@import|url\(|<b>000|NaN|Inf`).FindString(page); m != "" {
		t.Errorf("report.html has %q: it must stand alone, escaped, with numbers", m)
	}
	if n := strings.Count(page, "<svg class=\"chart\""); n != 4 {
		t.Errorf("%d charts, want 4", n)
	}
	rows, err := csv.NewReader(strings.NewReader(read("series.csv"))).ReadAll()
	if err != nil || len(rows) < 3 || rows[0][2] != "sent" {
		t.Errorf("series.csv: %d rows, %v", len(rows), err)
	}
	var suites struct {
		Cases []struct {
			Name    string    `xml:"name,attr"`
			Failure *struct{} `xml:"failure"`
		} `xml:"testsuite>testcase"`
	}
	if err := xml.Unmarshal([]byte(read("junit.xml")), &suites); err != nil || len(suites.Cases) != 2 ||
		suites.Cases[0].Failure == nil || suites.Cases[1].Failure != nil {
		t.Errorf("junit.xml: %+v, %v", suites, err)
	}
	again, err := loadgen.ReadResult(strings.NewReader(read("report.json")))
	if err != nil || again.Kind != loadgen.ResultKind || again.Account.Lost != 1 || again.Ledger != nil {
		t.Errorf("report.json: %v", err)
	}
	var text bytes.Buffer
	if err := WriteText(&text, r); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"1 lost", "✗ lost: u", "✗ lost==0: it is 1", "✓ delivered.p99<10s", "error       message 20012: 1"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %q in\n%s", want, text.String())
		}
	}
}

func TestDiffTellsWhatChanged(t *testing.T) {
	before := &loadgen.Result{
		Seconds: 10, Account: loadgen.Account{Delivered: 1000}, Latency: map[string]loadgen.Latency{"delivered": {Count: 1000, P50: 1, P99: 10}},
	}
	after := &loadgen.Result{
		Seconds: 10, Account: loadgen.Account{Delivered: 1050, Lost: 3}, Latency: map[string]loadgen.Latency{"delivered": {Count: 1050, P50: 1.05, P99: 20}},
	}
	var names []string
	for _, c := range Diff(before, after) {
		if !c.Worse {
			t.Errorf("%+v is worse", c)
		}
		names = append(names, c.Name)
	}
	if got := strings.Join(names, ", "); got != "lost, delivered p99" {
		t.Errorf("changes: %s", got)
	}
	for _, c := range Diff(after, before) {
		if !c.Better {
			t.Errorf("%+v is better", c)
		}
	}
	var text bytes.Buffer
	other := *before
	other.Spec.Run = "another"
	if err := WriteDiff(&text, before, &other); err != nil || !strings.HasPrefix(text.String(), "no change") {
		t.Errorf("%s, %v", text.String(), err)
	}
}
