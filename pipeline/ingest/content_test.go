package ingest

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"testing"
)

func TestContentDigestKnowsAnExportInAnyWrapping(t *testing.T) {
	var zipped, gzipped bytes.Buffer
	archive := zip.NewWriter(&zipped)
	member, err := archive.Create("inside.csv")
	if err != nil {
		t.Fatal(err)
	}
	z := gzip.NewWriter(&gzipped)
	for _, write := range []func() error{
		func() error { _, err := member.Write([]byte("one")); return err }, archive.Close,
		func() error { _, err := z.Write([]byte("one")); return err }, z.Close,
	} {
		if err := write(); err != nil {
			t.Fatal(err)
		}
	}
	const one = "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed" // printf one | sha256sum
	for name, c := range map[string]struct {
		bytes []byte
		want  string
	}{
		"gzip":           {gzipped.Bytes(), one},
		"zip":            {zipped.Bytes(), one},
		"plain":          {[]byte("one"), ""},
		"empty":          {nil, ""},
		"truncated gzip": {gzipped.Bytes()[:gzipped.Len()-6], ""},
		"truncated zip":  {zipped.Bytes()[:zipped.Len()-6], ""},
	} {
		path := filepath.Join(t.TempDir(), "x")
		if err := os.WriteFile(path, c.bytes, 0o644); err != nil {
			t.Fatal(err)
		}
		if got, err := ContentDigest(path); got != c.want || err != nil {
			t.Errorf("%s: ContentDigest = %q, %v, want %q", name, got, err, c.want)
		}
	}
}
