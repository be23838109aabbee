package publish

import (
	"strings"
	"unicode"

	"github.com/kankei/kankei/schemas"
)

// dataPackage describes the Parquet files to tools that know nothing of us:
// Data Package, version 2 (datapackage.org/standard).
type dataPackage struct {
	Schema      string     `json:"$schema"`
	Name        string     `json:"name"`
	Title       string     `json:"title"`
	Description string     `json:"description"`
	Version     string     `json:"version"`
	Resources   []resource `json:"resources"`
}

// resource is a Parquet file of a data package.
type resource struct {
	Name        string      `json:"name"`
	Path        string      `json:"path"`
	Format      string      `json:"format"`
	MediaType   string      `json:"mediatype"`
	Title       string      `json:"title"`
	Description string      `json:"description"`
	Bytes       int64       `json:"bytes"`
	Hash        string      `json:"hash"`
	Schema      tableSchema `json:"schema"`
}

// tableSchema describes the columns of a resource.
type tableSchema struct {
	Fields     []tableField `json:"fields"`
	PrimaryKey []string     `json:"primaryKey"`
}

// tableField is a column. Unit and role are ours; the standard allows members
// of one's own.
type tableField struct {
	Name        string      `json:"name"`
	Type        string      `json:"type"`
	Title       string      `json:"title"`
	Description string      `json:"description"`
	Unit        string      `json:"unit"`
	Role        string      `json:"role"`
	Constraints constraints `json:"constraints"`
}

// constraints say whether a column may be null.
type constraints struct {
	Required bool `json:"required"`
}

// newDataPackage describes the datasets of a release, whose files come in the
// same order.
func newDataPackage(m Manifest, datasets []schemas.Dataset, files []File) dataPackage {
	p := dataPackage{
		Schema:      "https://datapackage.org/profiles/2.0/datapackage.json",
		Name:        "kankei-release",
		Title:       "関係人口 Relational population",
		Description: "As of " + m.AsOf + ".",
		Version:     m.Release,
	}
	if m.NotForPublication {
		p.Description += " " + m.Reason.EN + " " + m.Reason.JA
	}
	for i, d := range datasets {
		p.Resources = append(p.Resources, resource{
			Name: d.Name, Path: files[i].Path, Format: "parquet", MediaType: "application/vnd.apache.parquet",
			Title: title(d.Name), Description: d.Comment, Bytes: files[i].Bytes, Hash: "sha256:" + files[i].SHA256,
			Schema: tableSchema{Fields: tableFields(d), PrimaryKey: d.Key()},
		})
	}
	return p
}

func tableFields(d schemas.Dataset) []tableField {
	var fields []tableField
	for _, c := range d.Columns() {
		fields = append(fields, tableField{
			Name: c.Name, Type: fieldTypes[c.DuckType], Title: title(c.Name), Description: c.Comment,
			Unit: c.Unit, Role: c.Role, Constraints: constraints{!c.Nullable},
		})
	}
	return fields
}

// fieldTypes are the field types of the standard by DuckDB's.
var fieldTypes = map[string]string{
	"VARCHAR": "string", "INTEGER": "integer", "BIGINT": "integer", "DOUBLE": "number",
	"BOOLEAN": "boolean", "DATE": "date", "TIMESTAMP": "datetime",
}

// title spells a name in plain words: region_code becomes "Region code".
func title(name string) string {
	words := []rune(strings.ReplaceAll(name, "_", " "))
	words[0] = unicode.ToUpper(words[0])
	return string(words)
}
