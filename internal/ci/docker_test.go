package ci

import (
	"debug/elf"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// instructions are those of the Dockerfile, by name.
func instructions(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile(root + "/Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	list := map[string][]string{}
	for line := range strings.Lines(string(text)) {
		if name, rest, found := strings.Cut(strings.TrimSpace(line), " "); found && name != "#" {
			list[name] = append(list[name], rest)
		}
	}
	return list
}

// The image cannot be built where there is no daemon; its build command can.
func TestTheImagesBinaryIsStatic(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the image is a Linux one")
	}
	if os.Getenv("IMSIM_DOCS") == "" {
		t.Skip("set IMSIM_DOCS=1: it compiles everything anew, without cgo")
	}
	var build string
	for _, run := range instructions(t)["RUN"] {
		if strings.Contains(run, "go build") {
			build = run
		}
	}
	out := filepath.Join(t.TempDir(), "imsim")
	if !strings.Contains(build, " -o /out/imsim ") {
		t.Fatalf("build command: %s", build)
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-c", strings.Replace(build, "/out/imsim", out, 1))
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "VERSION=v9.8.7")
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	f, err := elf.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if libraries, _ := f.ImportedLibraries(); len(libraries) > 0 || f.Section(".interp") != nil {
		t.Errorf("it needs %v", libraries)
	}
	if text, err := exec.CommandContext(t.Context(), out, "version").Output(); err != nil || string(text) != "imsim v9.8.7\n" {
		t.Errorf("%q, %v", text, err)
	}
	// The default command is one that the program takes.
	var entry, args []string
	list := instructions(t)
	if json.Unmarshal([]byte(list["ENTRYPOINT"][0]), &entry) != nil || json.Unmarshal([]byte(list["CMD"][0]), &args) != nil || len(entry) != 1 {
		t.Fatalf("%v %v", list["ENTRYPOINT"], list["CMD"])
	}
	if text, err := exec.CommandContext(t.Context(), out, append(args, "--help")...).Output(); err != nil || !strings.Contains(string(text), "--state") {
		t.Errorf("%v: %q, %v", args, text, err)
	}
}

func TestTheImageIsSmallAndWithoutRoot(t *testing.T) {
	list := instructions(t)
	if n := len(list["FROM"]); n != 2 || list["FROM"][n-1] != "scratch" {
		t.Errorf("FROM %v", list["FROM"])
	}
	if user := list["USER"]; len(user) != 1 || !regexp.MustCompile(`^[1-9]\d*:[1-9]\d*$`).MatchString(user[0]) {
		t.Errorf("USER %v", user)
	}
	mod, err := os.ReadFile(root + "/go.mod")
	if err != nil {
		t.Fatal(err)
	}
	wanted := regexp.MustCompile(`(?m)^go 1\.(\d+)`).FindSubmatch(mod)
	has := regexp.MustCompile(`^golang:1\.(\d+)-`).FindStringSubmatch(list["FROM"][0])
	if wanted == nil || has == nil || has[1] < string(wanted[1]) {
		t.Errorf("the image has Go %q, the module wants %q", has, wanted)
	}
}

// .dockerignore takes everything out of the build's context and lets in what
// it needs: that must be all that the program is made of.
func TestTheBuildContextHasAllSources(t *testing.T) {
	text, err := os.ReadFile(root + "/.dockerignore")
	if err != nil {
		t.Fatal(err)
	}
	var allowed []string
	for line := range strings.Lines(string(text)) {
		if pattern, found := strings.CutPrefix(strings.TrimSpace(line), "!"); found {
			allowed = append(allowed, strings.TrimPrefix(pattern, "**/"))
		}
	}
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f",
		`{{if not .Standard}}{{with .Module}}{{if .Main}}{{$d := $.Dir}}{{range $.GoFiles}}{{$d}}/{{.}}{{"\n"}}{{end}}{{range $.EmbedFiles}}{{$d}}/{{.}}{{"\n"}}{{end}}{{end}}{{end}}{{end}}`, "./cmd/imsim")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	base, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	files := strings.Fields(string(out))
	if len(files) < 100 {
		t.Fatalf("%d files", len(files))
	}
	for _, file := range files {
		path, err := filepath.Rel(base, file)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(allowed, func(pattern string) bool {
			whole, _ := filepath.Match(pattern, path)
			last, _ := filepath.Match(pattern, filepath.Base(path))
			return whole || last
		}) {
			t.Errorf("%s is not in the build's context", path)
		}
	}
}
