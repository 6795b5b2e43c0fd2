package docs

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

const root = "../.."

// block is a fenced piece of a document.
type block struct {
	file, lang, text string
	line             int
	from             string // file it was taken from
}

func documents(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(root + "/docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	files = append(files, root+"/README.md", root+"/CONTRIBUTING.md", root+"/drivers/timjs/README.md")
	return files
}

var taken = regexp.MustCompile(`^<!-- from (\S+) -->$`)

func blocks(t *testing.T) []block {
	t.Helper()
	var list []block
	for _, name := range documents(t) {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		var open *block
		from := ""
		lines := bufio.NewScanner(f)
		for n := 1; lines.Scan(); n++ {
			line := lines.Text()
			switch {
			case open == nil && strings.HasPrefix(line, "```"):
				open = &block{file: name, lang: strings.TrimPrefix(line, "```"), line: n, from: from}
			case open != nil && line == "```":
				list = append(list, *open)
				open, from = nil, ""
			case open != nil:
				open.text += line + "\n"
			default:
				if m := taken.FindStringSubmatch(line); m != nil {
					from = m[1]
				} else if line != "" {
					from = ""
				}
			}
		}
		if open != nil {
			t.Errorf("%s:%d: the block has no end", name, open.line)
		}
	}
	if len(list) == 0 {
		t.Fatal("no blocks found")
	}
	return list
}

func TestCodeIsThatOfItsFile(t *testing.T) {
	for _, b := range blocks(t) {
		switch {
		case b.from != "":
			text, err := os.ReadFile(filepath.Join(root, b.from))
			if err != nil {
				t.Errorf("%s:%d: %v", b.file, b.line, err)
			} else if !strings.Contains(string(text), b.text) {
				t.Errorf("%s:%d: the block is not what stands in %s", b.file, b.line, b.from)
			}
		case b.lang == "go":
			t.Errorf("%s:%d: Go code needs the file that it was taken from: <!-- from FILE -->", b.file, b.line)
		}
	}
}

func TestTablesAreUpToDate(t *testing.T) {
	for _, want := range Tables {
		text, err := os.ReadFile(filepath.Join(root, want.File))
		if err != nil {
			t.Fatal(err)
		}
		if _, table, _, err := want.cut(string(text)); err != nil || table != want.Text() {
			t.Errorf("the table %q of %s is not that of the code (%v); run `make generate`", want.Name, want.File, err)
		}
	}
}

// TestCommands runs the commands of the documents, in the order in which they
// stand. CI sets IMSIM_DOCS; it takes a minute.
func TestCommands(t *testing.T) {
	if os.Getenv("IMSIM_DOCS") == "" {
		t.Skip("set IMSIM_DOCS=1 to run every command of the documents")
	}
	bin := t.TempDir()
	build := exec.Command("go", "build", "-o", filepath.Join(bin, "imsim"), "./cmd/imsim")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	ci, err := os.ReadFile(root + "/.ci/run")
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range blocks(t) {
		if b.lang != "sh" {
			continue
		}
		command := strings.TrimSpace(regexp.MustCompile(`(?m)\s+# .*$`).ReplaceAllString(b.text, ""))
		if runByCI(string(ci), command) {
			continue
		}
		t.Run(filepath.Base(b.file)+":"+firstLine(command), func(t *testing.T) {
			if _, err := exec.LookPath("python3"); err != nil && strings.Contains(command, "python3") {
				t.Skip(err)
			}
			if command == "imsim serve" {
				serves(t, bin)
				return
			}
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
			defer cancel()
			cmd := exec.CommandContext(ctx, "bash", "-euo", "pipefail", "-c", command)
			cmd.Dir = root
			cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "IMSIM_BENCH_QUICK=1", "GOFLAGS=-benchtime=1x")
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%s:%d: %v\n%s", b.file, b.line, err, out[max(0, len(out)-4000):])
			}
		})
	}
}

// runByCI tells whether .ci/run has a step of exactly these commands.
func runByCI(ci, commands string) bool {
	for line := range strings.Lines(commands) {
		if !strings.Contains(ci, " "+strings.TrimSpace(line)+"\n") {
			return false
		}
	}
	return true
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// serves starts `imsim serve`, waits for its address and interrupts it.
func serves(t *testing.T, bin string) {
	cmd := exec.CommandContext(t.Context(), filepath.Join(bin, "imsim"), "serve")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil || !strings.Contains(line, "ws://127.0.0.1:8090") {
		t.Errorf("it printed %q, %v", line, err)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("it did not end cleanly: %v", err)
	}
}
