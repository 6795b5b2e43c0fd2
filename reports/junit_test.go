package reports

import (
	"bytes"
	"encoding/xml"
	"strings"
	"testing"
	"unicode/utf8"
)

// What Jenkins and GitLab read of a JUnit file, and need to be there.
type junitFile struct {
	XMLName  xml.Name `xml:"testsuites"`
	Tests    int      `xml:"tests,attr"`
	Failures int      `xml:"failures,attr"`
	Errors   int      `xml:"errors,attr"`
	Skipped  *int     `xml:"skipped,attr"`
	Time     float64  `xml:"time,attr"`
	Suites   []struct {
		Name      string  `xml:"name,attr"`
		Tests     int     `xml:"tests,attr"`
		Failures  int     `xml:"failures,attr"`
		Errors    int     `xml:"errors,attr"`
		Skipped   int     `xml:"skipped,attr"`
		Time      float64 `xml:"time,attr"`
		Timestamp string  `xml:"timestamp,attr"`
		Cases     []struct {
			Classname string      `xml:"classname,attr"`
			Name      string      `xml:"name,attr"`
			Time      float64     `xml:"time,attr"`
			Failure   []junitText `xml:"failure"`
			Error     []junitText `xml:"error"`
			Skipped   []junitText `xml:"skipped"`
		} `xml:"testcase"`
	} `xml:"testsuite"`
}

type junitText struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

func TestJUnitIsWhatCISystemsRead(t *testing.T) {
	run := everything()
	var b bytes.Buffer
	if err := WriteJUnit(&b, run); err != nil {
		t.Fatal(err)
	}
	if !utf8.Valid(b.Bytes()) || bytes.ContainsAny(b.Bytes(), "\x00\x07\x1b") {
		t.Error("there are characters that XML does not have")
	}
	text := b.String()
	var f junitFile
	dec := xml.NewDecoder(&b)
	dec.Strict = true
	if err := dec.Decode(&f); err != nil {
		t.Fatal(err)
	}
	var tests, failures, errs, skipped int
	seen := map[string]bool{}
	for _, s := range f.Suites {
		if s.Name == "" || s.Tests != len(s.Cases) || s.Timestamp != "2026-01-02T03:04:05" {
			t.Errorf("suite %+v", s)
		}
		for _, c := range s.Cases {
			tests++
			failures, errs, skipped = failures+len(c.Failure), errs+len(c.Error), skipped+len(c.Skipped)
			if n := len(c.Failure) + len(c.Error) + len(c.Skipped); n > 1 || c.Name == "" || c.Classname == "" || c.Time < 0 {
				t.Errorf("case %+v", c)
			}
			if key := c.Classname + "\n" + c.Name; seen[key] {
				t.Errorf("%s stands twice", key)
			} else {
				seen[key] = true
			}
			for _, bad := range append(c.Failure, c.Error...) {
				if bad.Message == "" || bad.Type == "" {
					t.Errorf("%s: %+v", c.Name, bad)
				}
			}
		}
	}
	if !strings.Contains(text, "in frame 2: head has no string servcmd") || !strings.Contains(text, "boom") {
		t.Error("the verdict or stderr is missing")
	}
	if tests != len(run.Results) || f.Tests != tests || f.Failures != failures || f.Errors != errs {
		t.Errorf("%d tests, %d failures, %d errors; the file says %d, %d, %d", tests, failures, errs, f.Tests, f.Failures, f.Errors)
	}
	if f.Skipped != nil {
		t.Error("the common schema knows no skipped of all suites")
	}
	// Of oldPort two fail and one passes against its list; one died. The SDK
	// has one of each outcome.
	if failures != 3+1 || errs != 1+5 || skipped != 1+1 {
		t.Errorf("%d failures, %d errors, %d skipped", failures, errs, skipped)
	}
}
