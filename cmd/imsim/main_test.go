package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// The test binary is the program when it is told to be.
func TestMain(m *testing.M) {
	if os.Getenv("IMSIM_TEST_MAIN") != "" {
		os.Exit(run(os.Args[1:]))
	}
	os.Exit(m.Run())
}

func imsim(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe, args...)
	cmd.Env = append(os.Environ(), "IMSIM_TEST_MAIN=1")
	return cmd
}

// result runs the program to its end.
func result(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	cmd := imsim(t, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	_ = cmd.Run() // the exit code tells
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

// worse is a report in which a case of the Go client fails.
const worse = `{"imsimReport":1,"kind":"conformance","tool":"imsim","version":"1","started":"2026-01-02T03:04:05Z","seconds":1,"results":[
{"id":"emitter/once fires once","area":"emitter","name":"once fires once","level":"core","port":{"name":"imsim-go","version":"2.14.0","language":"Go"},"outcome":"failed","seconds":1}]}`

func TestExitCodesAndMessages(t *testing.T) {
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, c := range []struct {
		args []string
		code int
		says string // on stderr, or on stdout when it went well
	}{
		{[]string{}, 0, "imsim serve"},
		{[]string{"--help"}, 0, "Examples:"},
		{[]string{"serve", "--help"}, 0, "imsim serve --state world.json"},
		{[]string{"version"}, 0, "imsim "},
		{[]string{"coverage"}, 0, "`login`"},
		{[]string{"matrix"}, 0, "| dismiss | app |"},
		{[]string{"nonsense"}, 2, `unknown command "nonsense"`},
		{[]string{"serve", "--bogus"}, 2, "unknown flag: --bogus"},
		{[]string{"serve", "extra"}, 2, "extra"},
		{[]string{"serve", "--limits", "some"}, 2, "off or documented"},
		{[]string{"serve", "--help"}, 0, "groups-of-user        5000  groups a user is in"},
		{[]string{"serve", "--cap", "friend=1"}, 2, `there is no cap "friend"`},
		{[]string{"serve", "--web-instances", "0"}, 2, "at least 1"},
		{[]string{"serve", "--retention", "0"}, 2, "--retention 0s: more than 0"},
		{[]string{"serve", "--max-file", "-1"}, 2, "--max-file -1: more than 0"},
		{[]string{"exec", "--recall-window", "-1s", "--", "true"}, 2, "--recall-window -1s: more than 0"},
		{[]string{"serve", "--state", filepath.Join(dir, "none", "world.json")}, 1, "there is no folder"},
		{[]string{"test", "--url", "127.0.0.1:8090"}, 2, "ws://host:port"},
		{[]string{"serve", "--addr", busy.Addr().String()}, 1, "is in use"},
		{[]string{"serve", "--addr", "nowhere"}, 1, "nowhere"},
		{[]string{"serve", "--config", filepath.Join(dir, "none")}, 2, "no such file"},
		{[]string{"serve", "--config", file("typo.yaml", "web-instance: 2\n")}, 2, `typo.yaml:1: unknown key "web-instance"`},
		{[]string{"serve", "--state", file("broken.json", `{"imsimState": 1,`)}, 1, "broken.json: line 1"},
		{[]string{"exec"}, 2, "requires at least 1 arg"},
		{[]string{"exec", "--", "no-such-command"}, 1, "no such command"},
		{[]string{"exec", "--", "sh", "-c", "exit 7"}, 7, ""},
		{[]string{"exec", "--", "sh", "-c", "kill -9 $$"}, 137, ""},
		{[]string{"exec", "--web-instances", "3", "--", "sh", "-c", "test -n $IMSIM_URL -a -n $IMSIM_HTTP && echo app $IMSIM_SDKAPPID"}, 0, "app 1400000000"},
		{[]string{"usersig"}, 2, "--user is missing"},
		{[]string{"usersig", "--user", "a", "--secret", "s", "--expire", "soon"}, 2, "--expire"},
		{[]string{"test", "--focus", "no such case"}, 2, "no case fits"},
		{[]string{"test", "--label-filter", "(("}, 2, "label filter"},
		{[]string{"test", "--known-failing", filepath.Join(dir, "none")}, 2, "no such file"},
		{[]string{"test", "--driver", "no-such-driver --x"}, 2, "no-such-driver"},
		{[]string{"test", "--list", "--focus", "multipleDevice"}, 0, "kick-out/"},
		{[]string{"test", "--list", "--json", "--focus", "multipleDevice"}, 0, `"covers"`},
		{[]string{"test", "--focus", "^emitter/once", "--report", filepath.Join(dir, "report")}, 0, "2 passed, 0 failed"},
		{[]string{"load", "--workload", "chat"}, 2, "workload \"chat\": use c2c, group"},
		{[]string{"load", "--rate", "NaN"}, 2, "rate NaN"},
		{[]string{"load", "--rate", "0"}, 2, "--rate 0: more than 0"},
		{[]string{"load", "--users", "0"}, 2, "--users 0: more than 0"},
		{[]string{"load", "--drain", "0"}, 2, "--drain 0s: more than 0"},
		{[]string{"load", "--workload", "mixed", "--group-share", "0"}, 2, "--group-share 0: more than 0"},
		{[]string{"load", "--run", "a b"}, 2, "run \"a b\""},
		{[]string{"load", "--run", "a\nb"}, 2, "run \"a\\nb\""},
		{[]string{"load", "--user-prefix", "a\tb"}, 2, "userPrefix \"a\\tb\""},
		{[]string{"load", "--message-size", "1e12"}, 2, "messageSize 1e12: at most"},
		{[]string{"load", "--target", "ws://127.0.0.1:1/path"}, 2, "no such target"},
		{[]string{"load", "--spec", file("two.yaml", "workload: c2c\n---\nworkload: group\n")}, 2, "one document"},
		{[]string{"load", "--report", file("nofolder", "")}, 1, "--report"},
		{[]string{"load", "--result", filepath.Join(dir, "none", "r.json")}, 1, "cannot write the result"},
		{[]string{"load", "--workload", "c2c", "--users", "1"}, 2, "users 1: at least 2"},
		{[]string{"load", "--workload", "c2c", "--rate", "fast"}, 2, "--rate \"fast\""},
		{[]string{"load", "--workload", "c2c", "--ramp", "5:5"}, 2, "--ramp \"5:5\""},
		{[]string{"load", "--workload", "mixed", "--weights", "sing=3"}, 2, "--weights \"sing=3\""},
		{[]string{"load", "--workload", "c2c", "--threshold", "lots==0"}, 2, "no such metric"},
		{[]string{"load", "--workload", "c2c", "--think", "exp("}, 2, "no distribution"},
		{[]string{"load", "--workload", "c2c", "--segment", "3/2"}, 2, "segment"},
		{[]string{"load", "--workload", "c2c", "--segment", "1/2", "--run", "r"}, 2, "--result"},
		{[]string{"load", "--workload", "c2c", "--target", "nowhere"}, 2, "no such target"},
		{[]string{"load", "--workload", "c2c", "--target", "ws://192.0.2.1:8090"}, 2, "--i-own-the-target"},
		{[]string{"load", "--workload", "c2c", "--target", "ws://127.0.0.1:1"}, 1, "could not"},
		{[]string{"load", "--spec", filepath.Join(dir, "none")}, 2, "no such file"},
		{[]string{"load", "--spec", file("load-typo.yaml", "workload: c2c\nuser: 5\n")}, 2, "field user not found"},
		{[]string{"load", "--spec", file("load.yaml", "workload: c2c\nusers: 4\nrate: 50\nduration: 10m\n"), "--duration", "300ms",
			"--threshold", "lost==0", "--result", filepath.Join(dir, "whole.json"), "--report", filepath.Join(dir, "load")}, 0, "✓ lost==0"},
		{[]string{"load", "--workload", "c2c", "--users", "4", "--duration", "200ms", "--threshold", "delivered.p50<1us"}, 1, ""},
		{[]string{"load", "--schema"}, 0, "\"$schema\""},
		{[]string{"merge"}, 2, "requires at least 1 arg"},
		{[]string{"merge", filepath.Join(dir, "none")}, 2, "no such file"},
		{[]string{"merge", file("empty.json", "{}")}, 2, "not the result of a load run"},
		{[]string{"merge", file("cut.json", `{"imsimReport":1,"kind":"load",`)}, 2, "unexpected EOF"},
		{[]string{"merge", file("double.json", `{"imsimReport":1,"kind":"load"}{}`)}, 2, "more behind it"},
		{[]string{"merge", file("strange-group.json", `{"imsimReport":1,"kind":"load","spec":{"run":"r"},"ledger":{"sent":[{"from":1,"to":"g7","sent":1}]}}`)}, 2, "not of its load"},
		{[]string{"merge", file("strange-visit.json", `{"imsimReport":1,"kind":"load","spec":{"run":"r","workload":"mixed"},"ledger":{"visits":[{"user":1,"to":"g0"}]}}`)}, 2, "not of its load"},
		{[]string{"merge", file("strange-span.json", `{"imsimReport":1,"kind":"load","spec":{"run":"r"},"ledger":{"sent":[{"from":1,"to":"u0","sent":5,"failed":[[4,2]]}]}}`)}, 2, "not of its load"},
		{[]string{"merge", filepath.Join(dir, "whole.json"), "--threshold", "sent>1000"}, 1, ""},
		{[]string{"merge", filepath.Join(dir, "whole.json"), filepath.Join(dir, "whole.json")}, 2, "2 results"},
		{[]string{"test", "--focus", "^emitter/once", "--known-failing", file("known", "emitter/once* # no\n")}, 1, ""},
		{[]string{"test", "--frames", "some"}, 2, "--frames"},
		{[]string{"test", "--focus", "^emitter/once", "--frames", "all", "--report", filepath.Join(dir, "all")}, 0, "2 passed"},
		{[]string{"report"}, 0, "imsim report merge"},
		{[]string{"report", "merge", "--out", filepath.Join(dir, "merged"), filepath.Join(dir, "report"), filepath.Join(dir, "all", "report.json")}, 0, "2 results replaced"},
		{[]string{"report", "merge", filepath.Join(dir, "report")}, 2, "at least 2"},
		{[]string{"report", "merge", filepath.Join(dir, "report"), filepath.Join(dir, "none")}, 2, "no such file"},
		{[]string{"report", "diff", filepath.Join(dir, "report"), filepath.Join(dir, "merged")}, 0, "0 changed, 2 the same"},
		{[]string{"report", "diff", "--json", filepath.Join(dir, "report"), filepath.Join(dir, "merged")}, 0, `"changes": []`},
		{[]string{"report", "diff", "--markdown", filepath.Join(dir, "report"), filepath.Join(dir, "merged")}, 0, "## imsim"},
		{[]string{"report", "diff", "--markdown", "--json", filepath.Join(dir, "report"), filepath.Join(dir, "merged")}, 2, "not both"},
		{[]string{"report", "diff", filepath.Join(dir, "report"), file("worse.json", worse)}, 1, ""},
		{[]string{"report", "diff", filepath.Join(dir, "report"), file("load.json", `{"imsimReport":1,"kind":"load"}`)}, 2, "a load report"},
		{[]string{"report", "diff", file("strange.json", `{"imsimReport":1,"kind":"strange"}`), file("strange.json", `{"imsimReport":1,"kind":"strange"}`)}, 2, `"strange" are not known`},
		{[]string{"report", "diff", filepath.Join(dir, "load"), filepath.Join(dir, "whole.json")}, 0, "no change"},
		{[]string{"report", "diff", "--json", filepath.Join(dir, "load"), filepath.Join(dir, "whole.json")}, 0, `"changes":[]`},
		{[]string{"report", "merge", filepath.Join(dir, "load"), filepath.Join(dir, "whole.json")}, 2, "imsim merge"},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			code, stdout, stderr := result(t, c.args...)
			where := stderr
			if code == 0 {
				where = stdout
			}
			if code != c.code || !strings.Contains(where, c.says) {
				t.Errorf("exit code %d, want %d; wanted to read %q\nstdout: %s\nstderr: %s", code, c.code, c.says, stdout, stderr)
			}
		})
	}
	for _, name := range []string{
		"report/report.html", "report/junit.xml", "report/report.json", "report/summary.md", "all/report.html", "merged/report.html",
		"load/report.html", "load/junit.xml", "load/report.json", "load/series.csv",
	} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
}

// Who interrupts a load gets its report.
func TestAnInterruptedLoadIsReported(t *testing.T) {
	dir := t.TempDir()
	cmd := imsim(t, "load", "--users", "4", "--rate", "20", "--duration", "10m", "--threshold", "lost==0", "--threshold", "unanswered==0", "--report", dir)
	var out bytes.Buffer
	cmd.Stdout = &out
	errs, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(errs); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "1 of 600 s") {
			if err := cmd.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = cmd.Wait() // the exit code tells
	if code := cmd.ProcessState.ExitCode(); code != 0 || !strings.Contains(out.String(), "! the run was interrupted") {
		t.Errorf("exit code %d\n%s", code, out.String())
	}
	if text, err := os.ReadFile(filepath.Join(dir, "report.json")); err != nil || !bytes.Contains(text, []byte("the run was interrupted")) {
		t.Errorf("%v in the report", err)
	}
}

func TestUserSigIsTaken(t *testing.T) {
	_, sig, _ := result(t, "usersig", "--user", "alice", "--secret", "key", "--expire", "1d")
	cmd := imsim(t, "serve", "--addr", "127.0.0.1:0", "--secret", "key", "--state", filepath.Join(t.TempDir(), "world.json"))
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(stdout)
	line, err := lines.ReadString('\n')
	url := strings.TrimSpace(line[strings.LastIndex(line, " ")+1:])
	if err != nil || !strings.HasPrefix(url, "ws://127.0.0.1:") || len(sig) < 100 {
		t.Fatalf("%q, %v, sig %q", line, err, sig)
	}
	resp, err := http.Get("http" + strings.TrimPrefix(url, "ws") + "/_imsim/health") //nolint:noctx // a test
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("health: %v", err)
	}
	resp.Body.Close()
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("an interrupt must end it with 0: %v", err)
	}
}

func TestDriverCheck(t *testing.T) {
	code, _, stderr := result(t, "driver", "check")
	if code != exitUsage || !strings.Contains(stderr, "--driver is missing") {
		t.Errorf("without a driver: exit code %d, %s", code, stderr)
	}
	code, _, stderr = result(t, "driver", "check", "--driver", "no-such-driver-anywhere")
	if code != exitUsage || !strings.Contains(stderr, "no-such-driver-anywhere") {
		t.Errorf("no program: exit code %d, %s", code, stderr)
	}
	code, stdout, _ := result(t, "driver", "check", "--driver", "echo hello")
	if code != exitFailed || !strings.Contains(stdout, "line 1 of stdout: not one JSON value") {
		t.Errorf("echo: exit code %d, %s", code, stdout)
	}
	code, stdout, _ = result(t, "driver", "check", "--json", "--driver", "true")
	if code != exitFailed || !strings.Contains(stdout, `"status": "wrong"`) {
		t.Errorf("true: exit code %d, %s", code, stdout)
	}
	code, stdout, _ = result(t, "driver", "schema")
	if code != exitOK || !strings.Contains(stdout, `"$defs"`) {
		t.Errorf("schema: exit code %d", code)
	}
}

func TestRepeatedRuns(t *testing.T) {
	code, stdout, stderr := result(t, "test", "--focus", "^emitter/once", "--repeat", "2", "--seed", "7", "--randomize-all")
	if code != exitOK || !strings.Contains(stdout, "with seed 8\n") || !strings.Contains(stdout, "with seed 9\n") || strings.Contains(stdout, "with seed 10") {
		t.Errorf("exit code %d: %s%s", code, stdout, stderr)
	}
	if stderr != "" {
		t.Errorf("it is not quiet where nobody looks on: %q", stderr)
	}
	known := filepath.Join(t.TempDir(), "known")
	if err := os.WriteFile(known, []byte("emitter/once* # passes, which is an error\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr = result(t, "test", "--focus", "^emitter/", "--until-it-fails", "--fail-fast", "--shards", "1", "--known-failing", known)
	if code != exitFailed || strings.Contains(stdout, "once more") || !strings.Contains(stdout, "stopped at the first result that is not as expected") {
		t.Errorf("exit code %d: %s%s", code, stdout, stderr)
	}
}

func TestListOfCases(t *testing.T) {
	code, stdout, _ := result(t, "test", "--list", "--json", "--focus", "^emitter/", "--label-filter", "callbacks")
	var cases []struct {
		ID     string
		Labels []string
	}
	if err := json.Unmarshal([]byte(stdout), &cases); err != nil || code != exitOK || len(cases) < 2 {
		t.Fatalf("exit code %d, %d cases, %v", code, len(cases), err)
	}
	code, text, _ := result(t, "test", "--list", "--focus", "^emitter/", "--label-filter", "callbacks")
	if want := cases[0].ID + "\n"; code != exitOK || !strings.HasPrefix(text, want) || !strings.HasSuffix(text, " cases\n") {
		t.Errorf("exit code %d, %q, want %q first", code, text, want)
	}
}
