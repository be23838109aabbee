package ingest

// Inspection is what inspect found out about a file.
type Inspection struct{}

// String renders the inspection in a language, ja or en.
func (i Inspection) Render(lang string) string { panic("declared ahead") }

// Inspect finds out what a file is and how it could be landed.
func Inspect(path string, candidates []*Mapping) (Inspection, error) { panic("declared ahead") }
