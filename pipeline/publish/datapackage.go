package publish

import (
	"slices"
	"strings"

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

// resource is a file of a data package; only Parquet files have a schema.
type resource struct {
	Name        string       `json:"name"`
	Path        string       `json:"path"`
	Format      string       `json:"format"`
	MediaType   string       `json:"mediatype"`
	Title       string       `json:"title"`
	Description string       `json:"description"`
	Bytes       int64        `json:"bytes,omitempty"`
	Hash        string       `json:"hash,omitempty"`
	Schema      *tableSchema `json:"schema,omitempty"`
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

// newDataPackage describes the datasets of a release, whose Parquet files come
// first and in the same order, and the further files.
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
			Title: schemas.Title(d.Name).EN, Description: d.Comment, Bytes: files[i].Bytes, Hash: "sha256:" + files[i].SHA256,
			Schema: &tableSchema{Fields: tableFields(d), PrimaryKey: d.Key()},
		})
	}
	for _, f := range files[len(datasets):] {
		p.Resources = append(p.Resources, furtherFile(f))
	}
	return p
}

// furtherFile describes a file that holds the same rows in another form, or what
// explains them.
func furtherFile(f File) resource {
	name := strings.NewReplacer("/", "-", ".", "-", "_", "-").Replace(f.Path)
	out := resource{Name: name, Path: f.Path}
	if f.Reproducible { // of others the manifest has it: this file is the same each time
		out.Bytes, out.Hash = f.Bytes, "sha256:"+f.SHA256
	}
	i := slices.IndexFunc(mediaTypes, func(m mediaType) bool { return strings.HasSuffix(f.Path, "."+m.format) })
	out.Format, out.MediaType, out.Title, out.Description = mediaTypes[i].format, mediaTypes[i].mediaType, mediaTypes[i].title, mediaTypes[i].description
	return out
}

// mediaType is a kind of file beside the Parquet files, by the end of its name.
type mediaType struct{ format, mediaType, title, description string }

var mediaTypes = []mediaType{
	{"duckdb", "application/vnd.duckdb", "DuckDB file", "The same tables, with comments, views and macros."},
	{"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "Workbook", "The same tables to read, of long ones the last months; x is withheld, - not applicable, … not estimable."},
	{"csv", "application/vnd.sdmx.data+csv;version=2.0.0", "SDMX-CSV", "The same table as SDMX-CSV 2.0, or the names of its codes."},
	{"html", "text/html", "Report", "The figures to read, in Japanese and English: one page that needs no network."},
	{"md", "text/markdown", "Statement of quality", "What the figures are worth, in Japanese and English."},
}

func tableFields(d schemas.Dataset) []tableField {
	var fields []tableField
	for _, c := range d.Columns() {
		fields = append(fields, tableField{
			Name: c.Name, Type: fieldTypes[c.DuckType], Title: schemas.Title(c.Name).EN, Description: c.Comment,
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
