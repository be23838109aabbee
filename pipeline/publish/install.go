package publish

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// place gives the written folder its name. A damaged release of that name makes
// way: its id says that this one is what it was. Only there is the release away
// for a moment, and it could not be read whole before.
func (b *builder) place() error {
	if err := b.before("sync folders"); err != nil {
		return err
	}
	if err := syncFolders(b.folder); err != nil {
		return err
	}
	if err := b.before("rename"); err != nil {
		return err
	}
	final := filepath.Join(b.releases, b.manifest.Release)
	if _, err := os.Lstat(final); err == nil {
		if err := os.Rename(final, b.folder+"-damaged"); err != nil {
			return err
		}
		defer os.RemoveAll(b.folder + "-damaged")
	}
	if err := os.Rename(b.folder, final); err != nil {
		return err
	}
	return syncPath(b.releases)
}

// point makes the release the current one: the file CURRENT decides, the
// symbolic link is a convenience that follows it.
func (b *builder) point() error {
	if err := b.before("CURRENT"); err != nil {
		return err
	}
	fresh := filepath.Join(b.releases, ".tmp-"+currentName)
	err := writeFile(fresh, func(w *os.File) error {
		_, err := w.WriteString(b.manifest.Release + "\n")
		return err
	})
	if err != nil {
		return err
	}
	if err := b.before("switch CURRENT"); err != nil {
		return err
	}
	if err := os.Rename(fresh, filepath.Join(b.releases, currentName)); err != nil {
		return err
	}
	if err := syncPath(b.releases); err != nil {
		return err
	}
	if err := b.before("link"); err != nil {
		return err
	}
	return b.link()
}

func (b *builder) link() error {
	fresh := filepath.Join(b.releases, ".tmp-current")
	if err := os.Remove(fresh); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Symlink(b.manifest.Release, fresh); err != nil {
		return err
	}
	if err := b.before("switch link"); err != nil {
		return err
	}
	if err := os.Rename(fresh, filepath.Join(b.releases, "current")); err != nil {
		return err
	}
	return syncPath(b.releases)
}

// writeFile writes a file, with the folders above it, and puts it on the disk.
func writeFile(path string, write func(*os.File) error) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if err := write(out); err != nil {
		return err
	}
	return out.Sync()
}

// syncFolders puts the entries of a folder and of all below it on the disk.
func syncFolders(folder string) error {
	return filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			err = syncPath(path)
		}
		return err
	})
}

// syncPath puts a file, or the entries of a folder, on the disk.
func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// escapeGlob makes a path stand for itself in a pattern.
func escapeGlob(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}
