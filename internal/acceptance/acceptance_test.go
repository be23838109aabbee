// Package acceptance shows what the program promises, by running it: the
// program is built once and called as its users call it, on projects in folders
// of their own.
package acceptance

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/kankei/kankei/internal/sharedtest"
)

// scratch is the folder of the built program.
var scratch string

func TestMain(m *testing.M) {
	var err error
	if scratch, err = os.MkdirTemp("", "kankei-acceptance"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(scratch)
	os.Exit(code)
}

// program is the built program; the first test that needs it builds it.
var program = sync.OnceValues(func() (string, error) {
	path := filepath.Join(scratch, "kankei")
	build := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-o", path, "github.com/kankei/kankei/cmd/kankei")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
})

// slow skips what runs the whole river.
func slow(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("runs the program on whole projects")
	}
}

// testKey is the key of projects that are compared with one another.
const testKey = "KANKEI_KEY=00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

// A project is a folder with a kankei.yaml, and the environment it is run in.
type project struct {
	dir string
	env []string
}

// newProject is a project with the given kankei.yaml and an empty exports folder.
func newProject(t testing.TB, yaml string) project {
	t.Helper()
	p := project{dir: filepath.Join(t.TempDir(), "project"), env: []string{testKey}}
	p.write(t, "kankei.yaml", yaml)
	if err := os.MkdirAll(p.path("exports"), 0o777); err != nil {
		t.Fatal(err)
	}
	return p
}

// ready is a copy of a ready project of testdata/projects, with its exports put in.
func ready(t testing.TB, name string, exports ...string) project {
	t.Helper()
	p := newProject(t, readFile(t, filepath.Join(sharedtest.Root(t), "testdata", "projects", name, "kankei.yaml")))
	for _, path := range exports {
		p.deliver(t, path)
	}
	return p
}

// sample is a copy of the sample project.
func sample(t testing.TB) project {
	t.Helper()
	p := project{dir: filepath.Join(t.TempDir(), "project"), env: []string{testKey}}
	p.copyFrom(t, filepath.Join(sharedtest.Root(t), "testdata", "wakayama"))
	return p
}

// runs are the projects of [ran], by name.
var runs = map[string]project{}

// ran is the project of that name after one run: the first test that asks for it runs it, the
// others begin where it ended, or compare with it. They change it in copies alone.
func ran(t testing.TB, name string, fresh func(testing.TB) project, flags ...string) project {
	t.Helper()
	if p, done := runs[name]; done {
		return p
	}
	dir, err := os.MkdirTemp(scratch, name)
	if err != nil {
		t.Fatal(err)
	}
	p := copyTo(t, filepath.Join(dir, "project"), fresh(t))
	p.must(t, append([]string{"run"}, flags...)...)
	runs[name] = p
	return p
}

// copyOf is a copy of a project as it stands.
func copyOf(t testing.TB, from project) project {
	t.Helper()
	return copyTo(t, filepath.Join(t.TempDir(), "project"), from)
}

func copyTo(t testing.TB, dir string, from project) project {
	t.Helper()
	p := project{dir: dir, env: from.env}
	p.copyFrom(t, from.dir)
	return p
}

func (p project) copyFrom(t testing.TB, dir string) {
	t.Helper()
	if err := os.CopyFS(p.dir, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	if key := p.path("secrets", "kankei.key"); exists(key) { // CopyFS widens the mode
		if err := os.Chmod(key, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func (p project) path(elements ...string) string {
	return filepath.Join(append([]string{p.dir}, elements...)...)
}

// deliver puts a copy of a file into exports/.
func (p project) deliver(t testing.TB, path string) {
	t.Helper()
	p.write(t, filepath.Join("exports", filepath.Base(path)), readFile(t, path))
}

func (p project) write(t testing.TB, name, text string) {
	t.Helper()
	path := p.path(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// configure adds keys to kankei.yaml, or replaces those that are there.
func (p project) configure(t testing.TB, settings map[string]string) {
	t.Helper()
	var kept []string
	for line := range strings.Lines(readFile(t, p.path("kankei.yaml"))) {
		key, _, _ := strings.Cut(line, ":")
		if _, replaced := settings[key]; !replaced {
			kept = append(kept, line)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(settings)) {
		kept = append(kept, fmt.Sprintf("%s: %s\n", key, settings[key]))
	}
	p.write(t, "kankei.yaml", strings.Join(kept, ""))
}

func (p project) remove(t testing.TB, name string) {
	t.Helper()
	if err := os.RemoveAll(p.path(name)); err != nil {
		t.Fatal(err)
	}
}

// An outcome is what a call of the program left to its caller.
type outcome struct {
	code           int
	stdout, stderr string
}

// call runs the program on the project. It ends with ctx, by kill -9; the exit
// code is then -1.
func (p project) call(t testing.TB, ctx context.Context, args ...string) outcome {
	t.Helper()
	kankei, err := program()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(ctx, kankei, append([]string{args[0], "-C", p.dir}, args[1:]...)...)
	c.Env = append(append(os.Environ(), "LC_ALL=C.UTF-8"), p.env...)
	var stdout, stderr bytes.Buffer
	c.Stdout, c.Stderr = &stdout, &stderr
	err = c.Run()
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) && ctx.Err() == nil {
		t.Fatal(err)
	}
	return outcome{c.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// estimates runs the program up to its figures before disclosure control, which
// [project.internal] reads, and interrupts it there: of many months, protecting
// them takes several times as long, and is nothing to those who ask for them.
func (p project) estimates(t testing.TB, flags ...string) {
	t.Helper()
	kankei, err := program()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), kankei, append([]string{"run", "-C", p.dir, "--lang", "en"}, flags...)...)
	c.Env = append(os.Environ(), p.env...)
	log, err := c.StderrPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	for lines := bufio.NewScanner(log); lines.Scan(); {
		said.WriteString(lines.Text() + "\n")
		if lines.Text() == "stage disclose" {
			c.Process.Signal(os.Interrupt)
		}
	}
	c.Wait()
	if code := c.ProcessState.ExitCode(); code != 130 || !strings.Contains(said.String(), "stage disclose\n") {
		t.Fatalf("kankei run, up to disclosure control: exit code %d, want 130\n%s", code, &said)
	}
}

// must calls the program and wants it to end well.
func (p project) must(t testing.TB, args ...string) outcome {
	t.Helper()
	return p.ends(t, 0, args...)
}

// ends calls the program and wants an exit code.
func (p project) ends(t testing.TB, want int, args ...string) outcome {
	t.Helper()
	o := p.call(t, t.Context(), args...)
	if o.code != want {
		t.Fatalf("kankei %s: exit code %d, want %d\n%s%s", strings.Join(args, " "), o.code, want, o.stdout, o.stderr)
	}
	return o
}

// internal gives the rows that a SELECT over the unprotected datasets gives.
func (p project) internal(t testing.TB, sql string) [][]string {
	t.Helper()
	return rows(t, p.must(t, "query", "--internal", "--format", "csv", sql).stdout)
}

// published gives the rows that a SELECT over the current release gives.
func (p project) published(t testing.TB, sql string) [][]string {
	t.Helper()
	return rows(t, p.must(t, "query", "--format", "csv", sql).stdout)
}

func rows(t testing.TB, text string) [][]string {
	t.Helper()
	return rowsOf(t, text)[1:]
}

// rowsOf gives the rows of CSV, the header first.
func rowsOf(t testing.TB, text string) [][]string {
	t.Helper()
	all, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(all) == 0 {
		t.Fatalf("not a table: %v\n%s", err, text)
	}
	return all
}

// release is the id of the current release, ” before the first.
func (p project) release(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile(p.path("releases", "CURRENT"))
	if errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}

// parquet gives the digests of the Parquet files of the current release.
func (p project) parquet(t testing.TB) map[string]string {
	t.Helper()
	files := digests(t, p.path("releases", p.release(t), "parquet"))
	if len(files) < 10 {
		t.Fatalf("release %s has %d Parquet files, want at least 10", p.release(t), len(files))
	}
	return files
}

// sameRelease reports where the current releases of two projects differ.
func sameRelease(t *testing.T, name string, got, want project) {
	t.Helper()
	if g, w := got.release(t), want.release(t); g != w {
		t.Errorf("%s: release %s, want %s", name, g, w)
	}
	reportChanges(t, name, want.parquet(t), got.parquet(t))
}

// reportChanges reports the files that two states of a folder do not have in common.
func reportChanges(t *testing.T, name string, before, after map[string]string) {
	t.Helper()
	for path, digest := range after {
		if before[path] != digest {
			t.Errorf("%s: %s is other than it was, or new", name, path)
		}
	}
	for path := range before {
		if _, ok := after[path]; !ok {
			t.Errorf("%s: %s is gone", name, path)
		}
	}
}

// digests gives the SHA-256 of each file below dir.
func digests(t testing.TB, dir string) map[string]string {
	t.Helper()
	return describe(t, dir, func(path string, _ fs.FileInfo) string {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		h := sha256.New()
		if _, err := io.Copy(h, f); err != nil {
			t.Fatal(err)
		}
		return hex.EncodeToString(h.Sum(nil))
	})
}

// stamps gives the content, the mode and the time of change of each file below
// dir. Folders have none: the name of who holds the lock comes and goes.
func stamps(t testing.TB, dir string) map[string]string {
	t.Helper()
	all := digests(t, dir)
	for name, when := range describe(t, dir, func(_ string, info fs.FileInfo) string {
		return fmt.Sprint(info.Mode(), info.ModTime().UnixNano())
	}) {
		all[name] += " " + when
	}
	return all
}

// describe gives a text for each file below dir, by its path there.
func describe(t testing.TB, dir string, as func(path string, info fs.FileInfo) string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		info, err := entry.Info()
		all[relative(dir, path)] = as(path, info)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func relative(dir, path string) string {
	name, err := filepath.Rel(dir, path)
	return cmp.Or(filepath.ToSlash(name), fmt.Sprint(err))
}

func readFile(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// months are the monthly exports of the shared survey from first to last, both
// as in 202404.
func months(t testing.TB, first, last string) []string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(sharedtest.Dir(t), "real", "ftas", "*.csv.gz"))
	if err != nil {
		t.Fatal(err)
	}
	within := slices.DeleteFunc(all, func(path string) bool {
		month := strings.TrimSuffix(filepath.Base(path), ".csv.gz")
		return month < first || month > last
	})
	if len(within) == 0 {
		t.Fatalf("no monthly export from %s to %s", first, last)
	}
	return within
}
