package ci

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

const root = "../.."

type action struct {
	Name, Description string
	Inputs            map[string]struct{ Description, Default string }
	Outputs           map[string]struct{ Description, Value string }
	Runs              struct {
		Using string
		Steps []step
	}
}

type step struct {
	ID, Name, If, Uses, Shell, Run string
	With, Env                      map[string]string
}

func readAction(t *testing.T) action {
	t.Helper()
	text, err := os.ReadFile(root + "/action.yml")
	if err != nil {
		t.Fatal(err)
	}
	var a action
	if err := yaml.Unmarshal(text, &a); err != nil {
		t.Fatal(err)
	}
	return a
}

var expression = regexp.MustCompile(`\$\{\{(.*?)\}\}`)

// What an expression of the action may be about.
var known = regexp.MustCompile(`inputs\.([\w-]+)|steps\.(\w+)\.outputs\.\w+|github\.action_path|cancelled\(\)`)

func TestTheActionIsWhole(t *testing.T) {
	a := readAction(t)
	if a.Name == "" || a.Description == "" || a.Runs.Using != "composite" || len(a.Runs.Steps) == 0 {
		t.Fatalf("%+v", a)
	}
	used := map[string]bool{}
	ids := map[string]bool{}
	check := func(where, text string) {
		for _, m := range expression.FindAllStringSubmatch(text, -1) {
			about := known.FindAllStringSubmatch(m[1], -1)
			if len(about) == 0 {
				t.Errorf("%s: %s", where, m[0])
			}
			for _, one := range about {
				if input := one[1]; input != "" {
					used[input] = true
					if _, there := a.Inputs[input]; !there {
						t.Errorf("%s: there is no input %s", where, input)
					}
				}
				if id := one[2]; id != "" && !ids[id] {
					t.Errorf("%s: there is no step %s before", where, id)
				}
			}
		}
	}
	for i, s := range a.Runs.Steps {
		where := fmt.Sprintf("step %d", i)
		ids[s.ID] = true
		if (s.Run == "") == (s.Uses == "") || s.Run != "" && s.Shell == "" {
			t.Errorf("%s: it needs either uses, or run and shell", where)
		}
		if expression.MatchString(s.Run) {
			t.Errorf("%s: an expression in a script lets inputs be code; hand it over by env", where)
		}
		if s.Uses != "" && !regexp.MustCompile(`^[\w-]+/[\w-]+@v\d+$`).MatchString(s.Uses) {
			t.Errorf("%s: %s has no version", where, s.Uses)
		}
		check(where, s.If)
		for name, value := range s.Env {
			check(where+" "+name, value)
		}
		for name, value := range s.With {
			check(where+" "+name, value)
		}
	}
	for name, out := range a.Outputs {
		check("output "+name, out.Value)
	}
	for name, in := range a.Inputs {
		if !used[name] || in.Description == "" {
			t.Errorf("input %s is not used, or not described", name)
		}
	}
}

// runner carries out the action's own steps as a runner does.
type runner struct {
	t      *testing.T
	dir    string
	inputs map[string]string
	steps  map[string]string // outputs
}

func (r *runner) expand(text string) string {
	return expression.ReplaceAllStringFunc(text, func(e string) string {
		name := strings.TrimSpace(e[3 : len(e)-2])
		switch {
		case name == "github.action_path":
			path, err := filepath.Abs(root)
			if err != nil {
				r.t.Fatal(err)
			}
			return path
		case strings.HasPrefix(name, "inputs."):
			return r.inputs[strings.TrimPrefix(name, "inputs.")]
		}
		return r.steps[name]
	})
}

func (r *runner) file(name string) string { return filepath.Join(r.dir, name) }

func (r *runner) run(s step) error {
	cmd := exec.CommandContext(r.t.Context(), "bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", s.Run)
	cmd.Dir = r.dir
	cmd.Env = append(os.Environ(), "CI=true", "RUNNER_TEMP="+r.dir, "GITHUB_STEP_SUMMARY="+r.file("summary"),
		"GITHUB_OUTPUT="+r.file("output"), "GITHUB_PATH="+r.file("path"))
	for name, value := range s.Env {
		cmd.Env = append(cmd.Env, name+"="+r.expand(value))
	}
	out, err := cmd.CombinedOutput()
	r.t.Logf("%s: %s", s.Name, out)
	text, readErr := os.ReadFile(r.file("output"))
	if readErr == nil {
		for line := range strings.Lines(string(text)) {
			name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
			r.steps["steps."+s.ID+".outputs."+name] = value
		}
		_ = os.Remove(r.file("output"))
	}
	return err
}

// TestTheActionRuns carries the action out: on a passing suite, then with a
// driver that cannot start and a list that is wrong.
func TestTheActionRuns(t *testing.T) {
	if os.Getenv("IMSIM_DOCS") == "" {
		t.Skip("set IMSIM_DOCS=1 to run what is offered to others")
	}
	a := readAction(t)
	r := &runner{t: t, dir: t.TempDir(), inputs: map[string]string{}, steps: map[string]string{}}
	play := func(inputs map[string]string) (failed []string) {
		for name, in := range a.Inputs {
			r.inputs[name] = in.Default
		}
		for name, value := range inputs {
			r.inputs[name] = value
		}
		for _, s := range a.Runs.Steps {
			for name := range a.Inputs {
				if strings.Contains(s.If, "inputs."+name+" != ''") && r.inputs[name] == "" {
					s.Run = ""
				}
			}
			if s.Run == "" || s.ID == "install" && r.steps["steps.install.outputs.imsim"] != "" {
				continue
			}
			if len(failed) > 0 && !strings.Contains(s.If, "!cancelled()") {
				continue
			}
			if err := r.run(s); err != nil {
				failed = append(failed, s.Name)
			}
		}
		return failed
	}
	if failed := play(map[string]string{"focus": "^emitter/once", "driver": "\n"}); len(failed) > 0 {
		t.Fatalf("failed: %v", failed)
	}
	summary, err := os.ReadFile(r.file("summary"))
	if err != nil || !strings.Contains(string(summary), "✅ as expected") {
		t.Errorf("summary: %v\n%s", err, summary)
	}
	for _, name := range []string{"report.html", "junit.xml", "report.json"} {
		if _, err := os.Stat(r.file("imsim-report/" + name)); err != nil {
			t.Error(err)
		}
	}
	if failed := play(map[string]string{"focus": "^emitter/", "report": "second", "baseline": "imsim-report"}); len(failed) > 0 {
		t.Errorf("failed: %v", failed)
	}
	if summary, _ := os.ReadFile(r.file("summary")); !strings.Contains(string(summary), "2 the same") {
		t.Errorf("the comparison is missing:\n%s", summary)
	}
	if failed := play(map[string]string{"driver": "no-such-driver 'with a \"quoted\" argument'"}); len(failed) != 1 || failed[0] != "Run the suite" {
		t.Errorf("failed: %v", failed)
	}
	if err := os.WriteFile(r.file("list"), []byte("emitter/once* # no\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if failed := play(map[string]string{"focus": "^emitter/once", "known-failing": "list", "report": "third"}); len(failed) != 1 {
		t.Errorf("failed: %v", failed)
	}
	if summary, _ := os.ReadFile(r.file("summary")); !strings.Contains(string(summary), "❌ not as expected") {
		t.Errorf("a failing run has no summary:\n%s", summary)
	}
}
