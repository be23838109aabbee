package publish

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/kankei/kankei/schemas"
)

//go:embed statement/*.sql
var statementQueries embed.FS

// statement writes what the quality of a release is, in Japanese and English,
// under the headings of the government's guideline for the quality of official
// statistics (公的統計の品質保証に関するガイドライン). Its figures are read from
// the release's own DuckDB file, so that it says nothing that the release does
// not say.
type statement struct {
	db        *sql.DB
	manifest  Manifest
	tables    []Table
	summaries []summary
	names     names
}

// part is a section of the statement: a heading, sentences, and tables.
type part struct {
	heading schemas.Text
	text    []schemas.Text
	tables  []exhibit
}

// exhibit is a table of the statement.
type exhibit struct {
	caption schemas.Text
	// columns are the names of the columns; rows their values, codes not yet
	// named.
	columns []string
	rows    [][]any
}

// write writes the whole statement, Japanese first.
func (s statement) write(ctx context.Context, w io.Writer) error {
	parts, err := s.parts(ctx)
	if err != nil {
		return err
	}
	var b strings.Builder
	for _, lang := range []string{"ja", "en"} {
		s.opening(&b, lang)
		for _, p := range parts {
			s.print(&b, p, lang)
		}
	}
	_, err = io.WriteString(w, b.String())
	return err
}

func (s statement) opening(b *strings.Builder, lang string) {
	title := schemas.Text{JA: "品質についての説明", EN: "Statement of quality"}
	about := schemas.Text{
		JA: "リリース %s（データの基準日 %s）。「公的統計の品質保証に関するガイドライン」の要素に沿って述べます。数値はすべてこのリリースのものです。",
		EN: "Release %s, as of %s. The headings are those of the government's guideline for the quality of official statistics; all figures are the release's own.",
	}
	if lang == "en" {
		b.WriteString("\n")
	}
	fmt.Fprintf(b, "# %s\n\n%s\n", title.In(lang), fmt.Sprintf(about.In(lang), s.manifest.Release, s.manifest.AsOf))
	if s.manifest.NotForPublication {
		fmt.Fprintf(b, "\n**%s**\n", schemas.Text(s.manifest.Reason).In(lang))
	}
}

func (s statement) print(b *strings.Builder, p part, lang string) {
	fmt.Fprintf(b, "\n## %s\n", p.heading.In(lang))
	for _, t := range p.text {
		fmt.Fprintf(b, "\n%s\n", t.In(lang))
	}
	for _, e := range p.tables {
		fmt.Fprintf(b, "\n### %s\n\n", e.caption.In(lang))
		if len(e.rows) == 0 {
			fmt.Fprintf(b, "%s\n", schemas.Text{JA: "このリリースには該当する値がありません。", EN: "This release has none."}.In(lang))
			continue
		}
		s.printTable(b, e, lang)
	}
}

func (s statement) printTable(b *strings.Builder, e exhibit, lang string) {
	for _, c := range e.columns {
		fmt.Fprintf(b, "| %s ", statementTitle(c).In(lang))
	}
	b.WriteString("|\n" + strings.Repeat("|---", len(e.columns)) + "|\n")
	for _, row := range e.rows {
		for i, v := range row {
			fmt.Fprintf(b, "| %s ", s.value(e.columns[i], v, lang))
		}
		b.WriteString("|\n")
	}
}

// value is a value as the statement prints it: codes by name, counts with
// commas.
func (s statement) value(column string, v any, lang string) string {
	switch v := v.(type) {
	case nil:
		return symbolNone
	case string:
		n := s.names.of(column, v)
		if t := schemas.Title(v); column == "dataset" {
			n = name{t.JA, t.EN}
		}
		if lang == "en" {
			return markdown(orNone(n.en))
		}
		return markdown(orNone(n.ja))
	case time.Time:
		return v.Format(time.DateOnly)
	case int64:
		return commas(v)
	}
	return fmt.Sprint(v)
}

// commas writes a count in groups of three digits.
func commas(n int64) string {
	digits := strconv.FormatInt(n, 10)
	first := 0
	if n < 0 {
		first = 1
	}
	for i := len(digits) - 3; i > first; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// markdown makes text stand for itself: names come from configurations.
func markdown(text string) string {
	escape := strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "|", `\|`, "<", "&lt;", ">", "&gt;", "&", "&amp;", "#", `\#`, "!", `\!`)
	return escape.Replace(oneLine(text))
}

// statementTitle is the title of a column of the statement.
func statementTitle(column string) schemas.Text {
	if t, ok := statementTitles[column]; ok {
		return t
	}
	return schemas.Title(column)
}

var statementTitles = map[string]schemas.Text{
	"region_code": {JA: "地域", EN: "Region"},
	"dataset":     {JA: "表", EN: "Table"},
	"rows":        {JA: "行数", EN: "Rows"},
	"compared":    {JA: "比べた数字", EN: "Figures compared"}, "revised": {JA: "改定した数字", EN: "Figures revised"}, "least": {JA: "改定率の最小", EN: "Least revision"},
	"median": {JA: "改定率の中央値", EN: "Median revision"}, "greatest": {JA: "改定率の最大", EN: "Greatest revision"}, "within": {JA: "前の95%区間の中", EN: "Within the former 95 % interval"},
	"withheld": {JA: "秘匿", EN: "Withheld"},
	"missing":  {JA: "推定できない", EN: "Not estimable"},
	"files":    {JA: "ファイル数", EN: "Files"}, "rows_in": {JA: "届いた行", EN: "Rows in"},
	"rows_landed": {JA: "受け入れた行", EN: "Rows landed"}, "rows_rejected": {JA: "拒否した行", EN: "Rows rejected"}, "cut_off": {JA: "行の途中で終わったファイル", EN: "Files cut off"},
	"ci": {JA: "95% 区間", EN: "95 % interval"}, "cv": {JA: "変動係数", EN: "CV"}, "median_cv": {JA: "変動係数の中央値", EN: "Median CV"},
	"grade_a": {JA: "A", EN: "A"}, "grade_b": {JA: "B", EN: "B"}, "grade_c": {JA: "C", EN: "C"}, "grade_u": {JA: "U", EN: "U"},
	"sampling": {JA: "標本", EN: "Sampling"}, "detection": {JA: "把握率", EN: "Detection"}, "linkage": {JA: "名寄せ", EN: "Linkage"},
	"model": {JA: "モデル", EN: "Model"}, "classification": {JA: "分類", EN: "Classification"}, "number": {JA: "件数", EN: "Number"},
}

// query is a table of the statement that a query of the release gives.
func (s statement) query(ctx context.Context, name string, caption schemas.Text) (exhibit, error) {
	text, err := statementQueries.ReadFile("statement/" + name + ".sql")
	if err != nil {
		return exhibit{}, err
	}
	columns, rows, err := selectRows(ctx, s.db, string(text))
	if err != nil {
		return exhibit{}, fmt.Errorf("statement of quality, %s: %w", name, err)
	}
	return exhibit{caption, columns, rows}, nil
}

// selectRows are the columns and the rows of a query.
func selectRows(ctx context.Context, db *sql.DB, query string) (columns []string, out [][]any, err error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	if columns, err = rows.Columns(); err != nil {
		return nil, nil, err
	}
	for rows.Next() {
		values, places := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			places[i] = &values[i]
		}
		if err := rows.Scan(places...); err != nil {
			return nil, nil, err
		}
		out = append(out, values)
	}
	return columns, out, rows.Err()
}

// disclosed counts the rows of each table of figures, and those without figures.
func (s statement) disclosed() exhibit {
	e := exhibit{caption: schemas.Text{JA: "表ごとの行数", EN: "Rows by table"}, columns: []string{"dataset", "rows", "withheld", "missing"}}
	for i, t := range s.tables {
		if m := s.summaries[i]; isSDMX(t.rows.dataset) && m.rows > 0 {
			e.rows = append(e.rows, []any{t.Name(), int64(m.rows), int64(m.withheld), int64(m.notEstimable)})
		}
	}
	return e
}

// lastMonth is the latest reference month of the relational population.
func (s statement) lastMonth() string {
	for i, t := range s.tables {
		if _, last := s.summaries[i].span(0); t.Name() == "relational_population" && last != 0 {
			return last.String()
		}
	}
	return symbolNone
}

func (s statement) parts(ctx context.Context) ([]part, error) {
	var failed error
	from := func(name, ja, en string) exhibit {
		e, err := s.query(ctx, name, schemas.Text{JA: ja, EN: en})
		if failed == nil {
			failed = err
		}
		return e
	}
	text := func(ja, en string) schemas.Text { return schemas.Text{JA: ja, EN: en} }
	parts := []part{
		{text("ニーズ適合性", "Relevance"), []schemas.Text{text(
			"地域の外に住みながら、その地域に通い、関わり続ける人の数です。どの数字にも定義が付きます。公的統計ではありません。",
			"The number of people who live outside a region and keep up contact with it. Every figure has a definition. They are no official statistics.")},
			[]exhibit{from("definitions", "使った定義", "Definitions in force")}},
		{text("正確性", "Accuracy"), []schemas.Text{text(
			"予約は日帰り、親族・友人宅での宿泊、予約の届かない施設の宿泊を写しません。見えた人の数（observed）は下限です。推定値は 95% 区間を伴います。区間は下の前提のもとで成り立ちます。前に公表した数字がどれだけ、なぜ改定されたかは「改定」の表と表 revisions にあります。",
			"Bookings show neither day trips, nor nights with kin or friends, nor houses that deliver none. Persons seen (observed) are a lower bound. Estimates have 95 % intervals, which hold under the assumptions below. How far figures published before were revised, and why, is in the table of revisions below and in the table revisions.")},
			[]exhibit{
				from("inputs", "届いた行と拒否した行", "Rows that came in, and rows refused"),
				from("coverage", "都道府県の把握率（最後の基準月）", "Coverage of prefectures, latest reference month"),
				from("linkage", "名寄せの誤り", "Errors of linkage"),
				from("reliability", "区間の幅（最後の基準月、値の数）", "Width of intervals, latest reference month, number of figures"),
				from("errors", "誤差の内訳（都道府県、分散の割合）", "What errors come of: prefectures, shares of the variance"),
				from("revised", "改定（前の公表の数字、出所を合わせたものと出所ごと）", "Revisions of figures published before, by source"),
				from("assumptions", "推定の前提", "Assumptions of estimates"),
				s.disclosed(),
			}},
		{text("適時性", "Timeliness"), []schemas.Text{text(
			"最後の基準月は "+s.lastMonth()+"、データの基準日は "+s.manifest.AsOf+" です。基準日より後のことは入っていません。",
			"The latest reference month ends on "+s.lastMonth()+"; nothing after "+s.manifest.AsOf+" entered. ")},
			[]exhibit{from("revisions", "これから届く分を含めた見込み", "What months still arriving will come to")}},
		{text("アクセス可能性", "Accessibility"), []schemas.Text{text(
			"同じ表が Parquet、DuckDB（kankei.duckdb）、Excel（tables.xlsx、最後の月だけの表があります）、SDMX-CSV（sdmx/）にあります。どれも特別な契約なしに読めます。",
			"The same tables are in Parquet, DuckDB (kankei.duckdb), Excel (tables.xlsx, of long tables the last months) and SDMX-CSV (sdmx/), all readable without a licence.")}, nil},
		{text("解釈可能性・明確性", "Interpretability"), []schemas.Text{text(
			"列の意味と単位は各ファイルの中と datapackage.json に、符号の名称は sdmx/codelists.csv とブックのシート「符号」にあります。秘匿した値は Excel では x、推定できない値は … です。信頼度 A〜C は区間の幅、U は区間がないか信頼度が低いことを示します。",
			"Meaning and unit of each column are in the files and in datapackage.json, names of codes in sdmx/codelists.csv and on the workbook's sheet 符号. In Excel x is withheld, … not estimable. Reliability A to C grades the width of an interval; U has none, or is of low reliability.")}, nil},
		{text("整合性・比較可能性", "Coherence and comparability"), []schemas.Text{text(
			"地域コードは、どの月についても一つの日（relational_population の列 boundary_vintage）の市町村境界に従います。人の数は地域の間で足し合わせられません（組の数だけが足せます）。前の公表と基準月が重なる数字は表 revisions で比べられます。境界や定義が変わったときは、その理由とともに示します。",
			"Region codes of every month follow the municipal boundaries of one day, which relational_population has as boundary_vintage. Persons do not add up over regions; pairs alone do. Figures of reference months that an earlier publication has are held against it in the table revisions, which says where boundaries or definitions are others.")},
			[]exhibit{
				from("sources", "出所ごとの値（都道府県、県外に住む人、最後の基準月）", "What each source says: prefectures, living in another prefecture, latest reference month"),
				from("flags", "系列から外れた月", "Months that stand out of their series"),
			}},
	}
	return parts, failed
}
