package main

import (
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kankei/kankei/internal/sharedtest"
	"github.com/kankei/kankei/schemas"
)

// pagesOf reads README.md and the pages under docs/, by path from the root.
func pagesOf(t *testing.T) map[string]string {
	t.Helper()
	root := sharedtest.Root(t)
	pages := map[string]string{}
	read := func(file string) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name, err := filepath.Rel(root, file)
		if err != nil {
			t.Fatal(err)
		}
		pages[filepath.ToSlash(name)] = string(text)
	}
	read(filepath.Join(root, "README.md"))
	err := filepath.WalkDir(filepath.Join(root, "docs"), func(file string, e fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(file, ".md") {
			read(file)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return pages
}

// Every command and every flag stands in some page that people write.
func TestPagesNameEveryCommandAndFlag(t *testing.T) {
	pages := pagesOf(t)
	delete(pages, "docs/dictionary.md")
	all := strings.Join(slices.Collect(maps.Values(pages)), "\n")
	for _, command := range (&app{World: World{Out: io.Discard, Err: io.Discard, Getenv: os.Getenv}}).root().Commands() {
		if command.Name() != "help" && !strings.Contains(all, "kankei "+command.Name()) {
			t.Errorf("no page has kankei %s", command.Name())
		}
		command.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) { told(t, all, command, f) })
	}
}

func told(t *testing.T, pages string, command *cobra.Command, f *pflag.Flag) {
	t.Helper()
	if f.Name != "help" && !strings.Contains(pages, "--"+f.Name) {
		t.Errorf("no page has --%s of kankei %s", f.Name, command.Name())
	}
}

// Every published dataset stands in a page on a method, in operations or in the page on disclosure, beside the dictionary.
func TestPagesNameEveryPublishedDataset(t *testing.T) {
	var all strings.Builder
	for name, text := range pagesOf(t) {
		if strings.HasPrefix(name, "docs/methods/") || name == "docs/operations.md" {
			all.WriteString(text)
		}
	}
	for _, d := range schemas.Datasets() {
		if d.Stage == schemas.Published && !strings.Contains(all.String(), "`"+d.Name+"`") {
			t.Errorf("no page on a method has %s", d.Name)
		}
	}
}

var (
	linked  = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
	marks   = regexp.MustCompile("`|[^\\p{L}\\p{N}_ -]")
	fenced  = regexp.MustCompile("(?s)```.*?```")
)

// anchors are the places in a page that links may name, as GitHub makes them of headings.
func anchors(text string) map[string]bool {
	out := map[string]bool{}
	for _, h := range heading.FindAllStringSubmatch(fenced.ReplaceAllString(text, ""), -1) {
		plain := regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`).ReplaceAllString(strings.TrimSpace(h[1]), "$1")
		out[strings.ReplaceAll(strings.ToLower(marks.ReplaceAllString(plain, "")), " ", "-")] = true
	}
	return out
}

// Every link from one page to another leads to a file and, where it names one, to a heading there.
func TestLinksOfPagesLeadSomewhere(t *testing.T) {
	root, pages := sharedtest.Root(t), pagesOf(t)
	for name, text := range pages {
		for _, l := range linked.FindAllStringSubmatch(fenced.ReplaceAllString(text, ""), -1) {
			target, anchor, _ := strings.Cut(l[1], "#")
			if strings.Contains(target, ":") {
				continue // elsewhere
			}
			file := name
			if target != "" {
				file = filepath.ToSlash(filepath.Join(filepath.Dir(name), target))
			}
			if _, err := os.Stat(filepath.Join(root, file)); err != nil {
				t.Errorf("%s: %s leads nowhere", name, l[1])
			} else if page, there := pages[file]; anchor != "" && (!there || !anchors(page)[anchor]) {
				t.Errorf("%s: %s: no such heading", name, l[1])
			}
		}
	}
}
