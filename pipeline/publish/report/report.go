// Package report writes the page of a release: one HTML file in Japanese and
// English that needs no network, for a governor with a minute and an analyst
// with an hour. Everything on it is read from the release's own DuckDB file, so
// that it says nothing that the release does not say.
package report

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"strings"

	"github.com/kankei/kankei/schemas"
)

//go:embed *.html report.css report.js
var files embed.FS

// Report is the page of a release.
type Report struct {
	// DB is the DuckDB file of the release.
	DB *sql.DB
	// Release is the id of the release, AsOf the day after which nothing entered it.
	Release, AsOf string
	// NotForPublication says why the release must stay in the house; empty where
	// it need not.
	NotForPublication schemas.Text
	// Rules are the rules of disclosure control and their thresholds, by name.
	Rules map[string]int64
	// Map has the shapes of municipalities; nil draws none.
	Map *Map
}

// Layout is a digest of all that makes the page besides the release: a program
// with another page makes another release.
func Layout(m *Map) string {
	h := sha256.New()
	for _, source := range []fs.FS{files, queries} {
		_ = fs.WalkDir(source, ".", func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			text, err := fs.ReadFile(source, path)
			fmt.Fprintf(h, "%s %x\n", path, sha256.Sum256(text))
			return err
		})
	}
	fmt.Fprintln(h, m.Digest())
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:9])
}

// Write writes the page; the same release gives the same bytes.
func (r Report) Write(ctx context.Context, w io.Writer) error {
	d, err := read(ctx, r.DB)
	if err != nil {
		return err
	}
	p := r.page(d)
	var b bytes.Buffer
	if err := templates().ExecuteTemplate(&b, "page.html", p); err != nil {
		return err
	}
	_, err = w.Write(b.Bytes())
	return err
}

// functions are what the templates call besides methods.
var functions = template.FuncMap{
	"t":        func(ja, en string) template.HTML { return both(schemas.Text{JA: ja, EN: en}) },
	"both":     both,
	"svgtext":  svgText,
	"styles":   func() template.CSS { return template.CSS(source("report.css")) },
	"script":   func() template.JS { return template.JS(source("report.js")) },
	"noscript": func() template.CSS { return noScript },
	"policy":   policy,
}

func templates() *template.Template {
	return template.Must(template.New("").Funcs(functions).ParseFS(files, "*.html"))
}

func source(name string) string {
	text, err := files.ReadFile(name)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// noScript shows both languages and all regions where no script can switch between them.
const noScript = `[lang]{display:revert!important}[data-region][hidden]{display:block!important}.enhanced{display:none!important}`

// policy forbids the page everything but its own style and script: no request
// can leave it, whatever a name in it says.
func policy() string {
	return fmt.Sprintf("default-src 'none'; style-src '%s' '%s'; script-src '%s'; base-uri 'none'; form-action 'none'",
		digest(source("report.css")), digest(noScript), digest(source("report.js")))
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// both is a text in both languages, of which the page shows one. There are tens of thousands of them on a page of the
// nation, which is why they are written as briefly as HTML allows.
func both(t schemas.Text) template.HTML { return inBoth("i", t) }

// svgText is [both] inside a drawing.
func svgText(t schemas.Text) template.HTML { return inBoth("tspan", t) }

func inBoth(element string, t schemas.Text) template.HTML {
	ja, en := template.HTMLEscapeString(t.JA), template.HTMLEscapeString(strings.ReplaceAll(t.EN, " %", "\u00a0%"))
	if ja == en {
		return template.HTML(ja)
	}
	return template.HTML(`<` + element + ` lang=ja>` + ja + `</` + element + `><` + element + ` lang=en>` + en + `</` + element + `>`)
}
