package pipeline

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	yamlparser "github.com/goccy/go-yaml/parser"
	"github.com/kankei/kankei/schemas"
)

// ConfigName is the name of the configuration in the project's folder.
const ConfigName = "kankei.yaml"

// ReadConfig reads the configuration of the project in dir. All faults of the
// file are told at once, as [Problems].
func ReadConfig(dir string) (*Config, error) {
	text, err := os.ReadFile(filepath.Join(dir, ConfigName))
	if errors.Is(err, os.ErrNotExist) {
		return nil, &Error{Code: ExitMisused, Found: say("%s に kankei.yaml がありません", "no kankei.yaml in %s", dir), Do: whereConfig(dir)}
	}
	if err != nil {
		return nil, &Error{Code: ExitMisused, Where: ConfigName, Found: say("読めません", "cannot be read"), Err: err}
	}
	return ParseConfig(text)
}

// whereConfig is what to do where a folder has no configuration. Editors that
// hide the ends of names save it under another one.
func whereConfig(dir string) schemas.Text {
	for _, name := range []string{ConfigName + ".txt", "kankei.yml", "kankei.txt"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			return say("%s があります。名前を kankei.yaml に変えてください（拡張子を表示する設定にすると見えます）", "there is a %s: rename it to kankei.yaml", name)
		}
	}
	return say("-C でプロジェクトのフォルダを指定するか、kankei init で作成してください", "name the project's folder with -C, or make one with kankei init")
}

// ParseConfig reads the text of kankei.yaml. Values left out get their
// defaults; a key that does not exist, a value of the wrong type and a value
// out of range are errors with line and column.
func ParseConfig(text []byte) (*Config, error) {
	text = schemas.WithoutBOM(text)
	file, err := parseYAML(text)
	if err != nil {
		return nil, syntaxError(text, err)
	}
	c := &Config{at: map[string]string{}}
	r := configReader{at: c.at}
	var body ast.Node
	switch {
	case len(file.Docs) > 1:
		r.fault(docLine(file.Docs[1]), 1, "", say("文書が二つあります", "a second document begins"), schemas.Text{})
	case len(file.Docs) == 1:
		body = file.Docs[0].Body
	}
	r.mapping("", body, reflect.ValueOf(c).Elem())
	if len(r.problems) == 0 {
		r.problems = c.check()
	}
	return c, r.problems.orNil()
}

// docLine is the line on which a document begins. One that follows "..." has no
// mark of its own.
func docLine(doc *ast.DocumentNode) int {
	switch {
	case doc.Start != nil:
		return doc.Start.Position.Line
	case doc.Body != nil:
		return start(doc.Body).line
	}
	return 1
}

// parseYAML is parser.ParseBytes, save that a text on which goccy/go-yaml v1.19.2
// panics ("a: !x") is the text's fault and not the end of the program.
func parseYAML(text []byte) (file *ast.File, err error) {
	defer func() {
		if wrong := recover(); wrong != nil {
			err = fmt.Errorf("%v", wrong)
		}
	}()
	if err := schemas.CheckYAML(text); err != nil {
		return nil, err
	}
	return yamlparser.ParseBytes(text, 0)
}

// syntaxError places what the YAML parser could not read.
func syntaxError(text []byte, err error) error {
	where, what, line := ConfigName, err.Error(), 0
	if refused := new(schemas.YAMLError); errors.As(err, &refused) {
		if refused.Line > 0 {
			where = place(refused.Line, refused.Column)
		}
		return &Error{Code: ExitMisused, Where: where, Found: refused.Wrong, Do: typedBackslash(text, refused.Line)}
	}
	var placed yaml.Error
	if errors.As(err, &placed) {
		what = placed.GetMessage()
		if t := placed.GetToken(); t != nil {
			line, where = t.Position.Line, place(t.Position.Line, t.Position.Column)
		}
	}
	return &Error{Code: ExitMisused, Where: where, Found: say("YAML として読めません: %s", "not YAML: %s", what), Do: typedWrong(text, line)}
}

// typedWrong is what to do about a line that is no YAML, where its text tells.
func typedWrong(text []byte, line int) schemas.Text {
	for _, hint := range []schemas.Text{typedWide(text, line), typedBackslash(text, line)} {
		if hint != (schemas.Text{}) {
			return hint
		}
	}
	lines := strings.Split(string(text), "\n")
	for at := min(line, len(lines)); at > max(0, line-2); at-- {
		for _, pair := range []string{"{}", "[]"} {
			if l := lines[at-1]; strings.Count(l, pair[:1]) > strings.Count(l, pair[1:]) {
				return say("%d 行目の %s が %s で閉じられていません", "line %d has a %s that no %s closes", at, pair[:1], pair[1:])
			}
		}
	}
	return schemas.Text{}
}

// typedBackslash is what to do about a path as Windows writes it: within double
// quotes YAML takes a backslash for the beginning of a mark of its own.
func typedBackslash(text []byte, line int) schemas.Text {
	lines := strings.Split(string(text), "\n")
	if line < 1 || line > len(lines) || !windowsPath.MatchString(lines[line-1]) {
		return schemas.Text{}
	}
	return say("フォルダの区切りは \\ ではなく / と書いてください（%d 行目）", `line %d: write folders with / and not with \`, line)
}

var windowsPath = regexp.MustCompile(`"[^"]*\\[^"]*"`)

// typedWide is what to do about marks that a Japanese keyboard made wide: they
// look like those of YAML and are letters to it. The parser stumbles on their
// line or on the next.
func typedWide(text []byte, line int) schemas.Text {
	lines := strings.Split(string(text), "\n")
	for at := min(line, len(lines)); at > max(0, line-2); at-- {
		switch {
		case strings.ContainsAny(lines[at-1], "：　［］｛｝，“”"):
			return say("%d 行目に全角の記号か空白（：［］｛｝，“” など）があります。半角で書いてください", "line %d has full-width marks or spaces (：［］｛｝，“”): write them in ASCII", at)
		case strings.Contains(lines[at-1], "\t"):
			return say("%d 行目にタブがあります。字下げは半角の空白で書いてください", "line %d has a tab: indent with spaces", at)
		}
	}
	return schemas.Text{}
}

// configReader fills a configuration from the nodes of a YAML file by the tags
// of its fields, and collects what does not fit.
type configReader struct {
	at       map[string]string
	problems Problems
}

func (r *configReader) fault(line, column int, path string, found, wanted schemas.Text) {
	if path != "" {
		found = schemas.Text{JA: path + ": " + found.JA, EN: path + ": " + found.EN}
	}
	r.problems = append(r.problems, &Error{
		Code: ExitMisused, Where: place(line, column), Found: found, Wanted: wanted,
		Do: say("各項目の説明は docs/config.md にあります", "docs/config.md describes every key"),
	})
}

func (r *configReader) faultAt(n ast.Node, path string, found, wanted schemas.Text) {
	p := start(n)
	r.fault(p.line, p.column, path, found, wanted)
}

func place(line, column int) string { return fmt.Sprintf("%s:%d:%d", ConfigName, line, column) }

type position struct{ line, column int }

// start is where a node begins in the file. The token of a mapping is its
// first colon, so its first key is asked instead.
func start(n ast.Node) position {
	switch v := n.(type) {
	case *ast.MappingNode:
		if !v.IsFlowStyle && len(v.Values) > 0 {
			return start(v.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return start(v.Key)
	}
	t := n.GetToken()
	return position{t.Position.Line, t.Position.Column}
}

// value fills out from the node at path.
func (r *configReader) value(path string, n ast.Node, out reflect.Value, tag reflect.StructTag) {
	p := start(n)
	r.at[path] = place(p.line, p.column)
	if text, ok := out.Addr().Interface().(textValue); ok {
		if s, isText := scalarText(n); !isText || !text.setText(s) {
			r.faultAt(n, path, nature(n), text.wanted())
		}
		return
	}
	switch out.Kind() {
	case reflect.Struct:
		r.mapping(path, n, out)
	case reflect.Slice:
		r.list(path, n, out, tag)
	case reflect.Map:
		r.dictionary(path, n, out)
	default:
		r.scalar(path, n, out, tag)
	}
}

// textValue is a value with a notation of its own.
type textValue interface {
	setText(string) bool
	wanted() schemas.Text
}

// mapping fills the fields of out; no node means that all are left out.
func (r *configReader) mapping(path string, n ast.Node, out reflect.Value) {
	given := map[string]bool{}
	if n != nil && n.Type() != ast.NullType {
		pairs, ok := n.(ast.MapNode)
		if !ok {
			r.faultAt(n, path, nature(n), say("「キー: 値」の組", "pairs of key: value"))
			return
		}
		for iter := pairs.MapRange(); iter.Next(); {
			r.pair(path, iter.Key(), iter.Value(), out, given)
		}
	}
	r.leftOut(path, n, out, given)
}

// pair fills the field that a key names.
func (r *configReader) pair(path string, key ast.MapKeyNode, value ast.Node, out reflect.Value, given map[string]bool) {
	name := key.GetToken().Value
	field, ok := fieldNamed(out.Type(), name)
	if !ok {
		keys := keysOf(out.Type())
		found := say("%s というキーはありません", "no such key %s", join(path, name))
		if near := nearest(name, keys); near != "" {
			found = say("%s というキーはありません。%s のことですか", "no such key %s; did you mean %s?", join(path, name), near)
		}
		r.faultAt(key, "", found, say("%s", "%s", strings.Join(keys, ", ")))
		return
	}
	if value.Type() == ast.NullType {
		p := start(key)
		r.at[join(path, name)] = place(p.line, p.column)
		return // "key:" with nothing behind it is the same as leaving it out
	}
	given[name] = true
	r.value(join(path, name), value, out.FieldByIndex(field.Index), field.Tag)
}

// leftOut gives the fields without a value their defaults.
func (r *configReader) leftOut(path string, n ast.Node, out reflect.Value, given map[string]bool) {
	for _, field := range reflect.VisibleFields(out.Type()) {
		name := field.Tag.Get("yaml")
		if name == "" || given[name] {
			continue
		}
		if field.Tag.Get("required") != "" {
			p := position{1, 1}
			if n != nil {
				p = start(n)
			}
			r.fault(p.line, p.column, "", say("%s がありません", "%s is missing", join(path, name)), schemas.Text{})
		}
		setDefault(out.FieldByIndex(field.Index), field.Tag.Get("default"))
	}
}

// setDefault gives a field the default of its tag, and the fields of a section
// theirs. A default that does not fit its field is our own mistake.
func setDefault(out reflect.Value, text string) {
	if s, ok := out.Addr().Interface().(textValue); ok {
		if text != "" && !s.setText(text) {
			panic("default does not fit: " + text)
		}
		return
	}
	switch out.Kind() {
	case reflect.Struct:
		(&configReader{at: map[string]string{}}).leftOut("", nil, out, nil)
	case reflect.Slice:
		if words := strings.Fields(text); len(words) > 0 {
			out.Set(reflect.ValueOf(words))
		}
	case reflect.Int:
		n, _ := strconv.Atoi(text)
		out.SetInt(int64(n))
	case reflect.String:
		out.SetString(text)
	}
}

// list fills a list; where a text stands in place of a list of texts it is the
// only element.
func (r *configReader) list(path string, n ast.Node, out reflect.Value, tag reflect.StructTag) {
	elements := []ast.Node{n}
	if seq, ok := n.(*ast.SequenceNode); ok {
		elements = seq.Values
	} else if _, isText := scalarText(n); out.Type().Elem().Kind() != reflect.String || !isText {
		r.faultAt(n, path, nature(n), say("一覧（先頭に「-」を付けるか [ ] で囲む）", "a list, each element after a dash or all between [ ]"))
		return
	}
	out.Set(reflect.MakeSlice(out.Type(), len(elements), len(elements)))
	for i, e := range elements {
		r.value(fmt.Sprintf("%s[%d]", path, i), e, out.Index(i), tag)
	}
}

// dictionary fills a map of text to text.
func (r *configReader) dictionary(path string, n ast.Node, out reflect.Value) {
	pairs, ok := n.(ast.MapNode)
	if !ok {
		r.faultAt(n, path, nature(n), say("「名前: コード」の組", "pairs of name: code"))
		return
	}
	out.Set(reflect.MakeMap(out.Type()))
	for iter := pairs.MapRange(); iter.Next(); {
		value := reflect.New(out.Type().Elem()).Elem()
		name := iter.Key().GetToken().Value
		r.value(join(path, name), iter.Value(), value, "")
		out.SetMapIndex(reflect.ValueOf(name), value)
	}
}

// scalar fills a text, a whole number or a yes or no.
func (r *configReader) scalar(path string, n ast.Node, out reflect.Value, tag reflect.StructTag) {
	switch out.Kind() {
	case reflect.String:
		text, ok := scalarText(n)
		allowed := strings.Fields(tag.Get("allowed"))
		switch {
		case !ok || strings.TrimSpace(text) == "":
			r.faultAt(n, path, nature(n), say("文字列", "a text"))
		case len(allowed) > 0 && !slices.Contains(allowed, text):
			r.faultAt(n, path, nature(n), say("%s", "%s", strings.Join(allowed, ", ")))
		}
		out.SetString(text)
	case reflect.Int:
		r.number(path, n, out, tag)
	case reflect.Bool:
		b, ok := n.(*ast.BoolNode)
		if !ok {
			r.faultAt(n, path, nature(n), say("true, false", "true, false"))
			return
		}
		out.SetBool(b.Value)
	}
}

func (r *configReader) number(path string, n ast.Node, out reflect.Value, tag reflect.StructTag) {
	least, most := bounds(tag)
	node, ok := n.(*ast.IntegerNode)
	value, err := 0, error(nil)
	if ok {
		value, err = strconv.Atoi(node.GetToken().Value)
	}
	if !ok || err != nil || value < least || value > most {
		wanted := say("%d 以上の整数", "a whole number of at least %d", least)
		if tag.Get("most") != "" {
			wanted = say("%d から %d までの整数", "a whole number from %d to %d", least, most)
		}
		r.faultAt(n, path, nature(n), wanted)
		return
	}
	out.SetInt(int64(value))
}

// bounds are the least and most a number may be, by its tag.
func bounds(tag reflect.StructTag) (least, most int) {
	least, _ = strconv.Atoi(tag.Get("least"))
	most, err := strconv.Atoi(tag.Get("most"))
	if err != nil {
		most = 1 << 30
	}
	return least, most
}

// scalarText is the text of a scalar as it stands in the file: 01100 stays
// 01100 although YAML would read an octal number.
func scalarText(n ast.Node) (string, bool) {
	switch v := n.(type) {
	case *ast.StringNode:
		return v.Value, true
	case *ast.LiteralNode:
		return v.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode:
		return n.GetToken().Value, true
	}
	return "", false
}

// nature says what a node is, for a message.
func nature(n ast.Node) schemas.Text {
	if text, ok := scalarText(n); ok {
		return say("値は %q です", "found %q", text)
	}
	switch n.(type) {
	case *ast.BoolNode:
		return say("値は %s です", "found %s", n.GetToken().Value)
	case *ast.SequenceNode:
		return say("値は一覧です", "found a list")
	case ast.MapNode:
		return say("値は「キー: 値」の組です", "found pairs of key: value")
	case *ast.NullNode:
		return say("値がありません", "found nothing")
	}
	return say("ここでは使えない YAML の書き方です（%s）", "found YAML that has no use here (%s)", n.Type())
}

// fieldNamed is the field whose key is name.
func fieldNamed(t reflect.Type, name string) (reflect.StructField, bool) {
	for _, f := range reflect.VisibleFields(t) {
		if f.Tag.Get("yaml") == name && name != "" {
			return f, true
		}
	}
	return reflect.StructField{}, false
}

// keysOf are the keys of a section in the order of its fields.
func keysOf(t reflect.Type) []string {
	var keys []string
	for _, f := range reflect.VisibleFields(t) {
		if key := f.Tag.Get("yaml"); key != "" {
			keys = append(keys, key)
		}
	}
	return keys
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// nearest is the word closest to s by Levenshtein distance, or ” where none
// is within two edits and a third of its length.
func nearest(s string, words []string) string {
	best, near := 3, ""
	for _, w := range words {
		if d := editDistance(s, w); d < best && 3*d <= max(utf8.RuneCountInString(w), 3) {
			best, near = d, w
		}
	}
	return near
}

// editDistance is the least number of inserted, deleted and replaced characters
// between two texts (Levenshtein 1966), by dynamic programming over one row.
func editDistance(from, to string) int {
	a, b := []rune(from), []rune(to)
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
