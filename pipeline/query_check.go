package pipeline

import (
	"context"
	"database/sql"
	_ "embed"
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/kankei/kankei/pipeline/publish"
	"github.com/kankei/kankei/schemas"
)

//go:embed query_functions.txt
var queryFunctionsText string

// queryFunctions are the scalar, aggregate and window functions a query may call.
var queryFunctions = allowedNames(queryFunctionsText)

// queryTableFunctions are the functions that may stand in FROM: those that make
// rows out of their arguments alone, and the macros of a release.
var queryTableFunctions = nameSet(append(publish.Macros(), "range", "generate_series", "unnest", "repeat", "json_each", "json_tree")...)

// catalogViews are the views of the standard catalogue that a query may read.
var catalogViews = nameSet("tables", "columns", "views", "schemata")

// What may stand in a checked statement; whatever the engine learns to parse
// later is refused until it is added here.
var (
	expressionClasses = nameSet("BETWEEN", "CASE", "CAST", "COLLATE", "COLUMN_REF", "COMPARISON", "CONJUNCTION",
		"CONSTANT", "FUNCTION", "LAMBDA", "LAMBDA_REF", "OPERATOR", "POSITIONAL_REFERENCE", "STAR", "SUBQUERY", "WINDOW")
	nodeTypes = nameSet("SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE",
		"EMPTY", "EXPRESSION_LIST", "JOIN", "SUBQUERY", "PIVOT", "BASE_TABLE", "TABLE_FUNCTION", "SHOW_REF",
		"DISTINCT_MODIFIER", "LIMIT_MODIFIER", "LIMIT_PERCENT_MODIFIER", "ORDER_MODIFIER",
		"ORDER_DEFAULT", "ASCENDING", "DESCENDING", "ORDER_DESCENDING", "ORDER_ASCENDING")
)

// maxStatement is the longest statement that is parsed, in bytes.
const maxStatement = 100_000

// checkSelect says why a statement may not run, or nil. It has the engine's own
// parser make a syntax tree, in a database that holds nothing and reaches
// nothing, and accepts only what it knows to be harmless: one SELECT over the
// given tables with listed functions. The parser makes trees of SELECT alone,
// so every other statement is refused there.
func checkSelect(ctx context.Context, statement string, tables []string) error {
	if len(statement) > maxStatement || strings.ContainsRune(statement, 0) {
		return refusal(say("SQL が長すぎるか、NUL 文字を含んでいます", "the SQL is too long or contains a NUL character"))
	}
	tree, err := parseSelect(ctx, statement)
	if err != nil {
		return err
	}
	known := nameSet(tables...)
	c := selectCheck{tables: known, named: tables}
	c.collectNames(tree)
	return c.check(tree)
}

// selectParser is a database that holds nothing and reaches nothing.
var selectParser = sync.OnceValues(func() (*sql.DB, error) {
	return openLocked("", url.Values{"threads": {"1"}})
})

// parseSelect is the syntax tree of the one SELECT in a statement.
func parseSelect(ctx context.Context, statement string) (any, error) {
	db, err := selectParser()
	if err != nil {
		return nil, err
	}
	var text string
	err = db.QueryRowContext(ctx, `SELECT CAST(json_serialize_sql(CAST(? AS VARCHAR),
		skip_null := true, skip_empty := true, skip_default := true) AS VARCHAR)`, statement).Scan(&text)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, refusal(say("SQL を読めません: %v", "the SQL cannot be read: %v", err))
	}
	var answer struct {
		Error      bool   `json:"error"`
		Type       string `json:"error_type"`
		Message    string `json:"error_message"`
		Statements []any  `json:"statements"`
	}
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		return nil, refusal(say("SQL を読めません: %v", "the SQL cannot be read: %v", err))
	}
	switch {
	case answer.Error && answer.Type == "parser":
		return nil, refusal(say("SQL が正しくありません: %s", "the SQL is wrong: %s", answer.Message))
	case answer.Error:
		return nil, refusal(say("SELECT 文だけを実行できます", "only SELECT can be run"))
	case len(answer.Statements) != 1:
		return nil, refusal(say("文は一つだけにしてください（%d 個あります）", "write exactly one statement, not %d", len(answer.Statements)))
	}
	return answer.Statements[0], nil
}

// selectCheck walks the syntax tree of a statement.
type selectCheck struct {
	tables map[string]bool // tables and views of the file, lower case
	named  []string        // the same as the file spells them
	ctes   map[string]bool // names given by WITH, anywhere in the statement
}

// collectNames gathers the names given by WITH. Scopes need not be told apart:
// a name used outside its WITH finds nothing, for names of the engine's own
// views are never accepted.
func (c *selectCheck) collectNames(tree any) {
	if c.ctes == nil {
		c.ctes = map[string]bool{}
	}
	switch node := tree.(type) {
	case []any:
		for _, child := range node {
			c.collectNames(child)
		}
	case map[string]any:
		if with, ok := node["cte_map"].(map[string]any); ok {
			for _, entry := range nodeList(with["map"]) {
				c.ctes[strings.ToLower(nodeText(entry, "key"))] = true
			}
		}
		for _, child := range node {
			c.collectNames(child)
		}
	}
}

// check refuses the first thing that is not known to be harmless.
func (c *selectCheck) check(tree any) error {
	switch node := tree.(type) {
	case []any:
		for _, child := range node {
			if err := c.check(child); err != nil {
				return err
			}
		}
	case map[string]any:
		if err := c.checkNode(node); err != nil {
			return err
		}
		return c.checkChildren(node)
	}
	return nil
}

// checkChildren goes through the parts of a node in a fixed order, so that the
// same statement is always refused for the same reason.
func (c *selectCheck) checkChildren(node map[string]any) error {
	if node["class"] == "CONSTANT" {
		return nil
	}
	for _, key := range slices.Sorted(maps.Keys(node)) {
		child := node[key]
		if call, ok := child.(map[string]any); ok && key == "function" && node["type"] == "TABLE_FUNCTION" {
			child = call["children"] // its name was looked up among the table functions
		}
		if err := c.check(child); err != nil {
			return err
		}
	}
	return nil
}

func (c *selectCheck) checkNode(node map[string]any) error {
	if class, ok := node["class"].(string); ok {
		return checkExpression(class, node)
	}
	kind, ok := node["type"].(string)
	if !ok || strings.HasSuffix(kind, "_TYPE_INFO") {
		return nil
	}
	switch kind {
	case "BASE_TABLE":
		return c.checkTable(node)
	case "TABLE_FUNCTION":
		return checkTableFunction(node)
	case "SHOW_REF":
		return checkShow(node)
	}
	if !nodeTypes[strings.ToLower(kind)] {
		return refusal(say("この書き方は使えません: %s", "this cannot be used: %s", kind))
	}
	return nil
}

func checkExpression(class string, node map[string]any) error {
	if !expressionClasses[strings.ToLower(class)] {
		return refusal(say("この書き方は使えません: %s", "this cannot be used: %s", class))
	}
	name := nodeText(node, "function_name")
	if name != "" && (!queryFunctions[strings.ToLower(name)] || !builtinScope(node)) {
		return refusal(say("この関数は使えません: %s", "this function cannot be used: %s", name))
	}
	return nil
}

func checkTableFunction(node map[string]any) error {
	call, _ := node["function"].(map[string]any)
	name := nodeText(call, "function_name")
	if !queryTableFunctions[strings.ToLower(name)] || !builtinScope(call) {
		return refusal(say("FROM にこの関数は使えません: %s", "this function cannot stand in FROM: %s", name))
	}
	return nil
}

// builtinScope says that a function is named without a schema, or in that of
// the engine.
func builtinScope(call map[string]any) bool {
	schema, catalog := strings.ToLower(nodeText(call, "schema")), nodeText(call, "catalog")
	return catalog == "" && (schema == "" || schema == "main")
}

// checkShow passes DESCRIBE, SUMMARIZE and SHOW TABLES; the other forms of SHOW
// list databases and settings.
func checkShow(node map[string]any) error {
	kind := nodeText(node, "show_type")
	_, ofQuery := node["query"]
	if ofQuery && (kind == "DESCRIBE" || kind == "SUMMARY") || kind == "SHOW_UNQUALIFIED" && nodeText(node, "table_name") == `"tables"` {
		return nil
	}
	return refusal(say("SHOW で見られるのは TABLES だけです", "of SHOW only SHOW TABLES can be used"))
}

func (c *selectCheck) checkTable(node map[string]any) error {
	catalog, schema, name := nodeText(node, "catalog_name"), strings.ToLower(nodeText(node, "schema_name")), nodeText(node, "table_name")
	switch {
	case catalog != "":
	case schema == "" && (c.tables[strings.ToLower(name)] || c.ctes[strings.ToLower(name)] && !engineView(name)):
		return nil
	case schema == "main" && c.tables[strings.ToLower(name)]:
		return nil
	case schema == "information_schema" && catalogViews[strings.ToLower(name)]:
		return nil
	}
	found := say("表がありません: %s", "there is no table %s", name)
	if near := nearest(name, c.named); near != "" {
		found = say("表がありません: %s。%s のことですか", "there is no table %s; did you mean %s?", name, near)
	}
	return &Error{Code: ExitMisused,
		Found:  found,
		Wanted: say("%s", "%s", strings.Join(c.named, ", "))}
}

// engineView says whether a name is, or may become, one of the views that the
// engine keeps about itself.
func engineView(name string) bool {
	for _, prefix := range []string{"duckdb_", "pragma_", "sqlite_", "pg_"} {
		if strings.HasPrefix(strings.ToLower(name), prefix) {
			return true
		}
	}
	return false
}

// refusal is the error of a statement that may not run.
func refusal(found schemas.Text) error {
	return &Error{Code: ExitMisused, Where: "SQL", Found: found}
}

// allowedNames reads the names above the line of a list of functions.
func allowedNames(text string) map[string]bool {
	allowed, _, _ := strings.Cut(text, "\n----\n")
	return nameSet(listedNames(allowed)...)
}

// listedNames are the words of a list that are not in comments.
func listedNames(text string) []string {
	var names []string
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "#") {
			names = append(names, strings.Fields(line)...)
		}
	}
	return names
}

// nameSet is a set of names without regard to case.
func nameSet(names ...string) map[string]bool {
	set := make(map[string]bool, len(names))
	for _, n := range names {
		set[strings.ToLower(n)] = true
	}
	return set
}

// nodeText is a text member of a node, "" where it has none.
func nodeText(node any, key string) string {
	object, _ := node.(map[string]any)
	s, _ := object[key].(string)
	return s
}

// nodeList is a node as a list, empty where it is none.
func nodeList(node any) []any {
	l, _ := node.([]any)
	return l
}
