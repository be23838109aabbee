package ingest

import (
	"os"
	"path/filepath"
	"testing"
)

func TestBuiltinMappingsLoad(t *testing.T) {
	fs, _ := filepath.Glob("mappings/*.yaml")
	for _, f := range fs {
		b, _ := os.ReadFile(f)
		m, err := LoadMapping(b, f)
		if err != nil {
			t.Error(err)
		} else {
			t.Log(m.ID, m.Version, len(m.Records))
		}
	}
}
