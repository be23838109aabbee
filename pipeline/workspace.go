package pipeline

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/renameio/v2"
)

// Workspace is the folder of a project. Whatever it writes is either wholly
// there or not at all, also after a power cut: files and folders are made
// under .tmp beside their place, flushed, renamed, and the folder that holds
// them is flushed.
//
//	state/     append-only and never rebuilt: what was delivered and accepted
//	work/      rebuildable from the exports
//	releases/  one folder per release, and CURRENT
//
// A run that looks back has a work/ and a releases/ of its own in known-on/<day>/.
type Workspace struct {
	Dir string
	// Vintage is the day looked back to, as YYYY-MM-DD, or ''.
	Vintage string
}

// tempName is the folder of unfinished files in each of roots. It lies in the
// root itself because a rename cannot cross file systems, and releases/ may be
// mounted from elsewhere.
const tempName = ".tmp"

var roots = []string{"work", "state", "releases"}

// Path is a path in the project.
func (w Workspace) Path(elem ...string) string {
	if w.Vintage != "" && len(elem) > 0 && (elem[0] == "work" || elem[0] == "releases") {
		elem = append([]string{vintages, w.Vintage}, elem...)
	}
	return filepath.Join(append([]string{w.Dir}, elem...)...)
}

// Rel is path as messages name it: relative to the project, with slashes.
func (w Workspace) Rel(path string) string {
	rel, err := filepath.Rel(w.Dir, path)
	if err != nil {
		return path
	}
	return filepath.ToSlash(rel)
}

// Clean removes what an interrupted run left unfinished. Only the holder of
// the lock may call it.
func (w Workspace) Clean() error {
	for _, root := range roots {
		if w.Vintage != "" && root == "state" {
			continue // belongs to the nightly runs
		}
		if err := os.RemoveAll(w.Path(root, tempName)); err != nil {
			return err
		}
	}
	return nil
}

// temp is the folder for unfinished files that will be renamed to path.
func (w Workspace) temp(path string) (string, error) {
	root, _, _ := strings.Cut(strings.TrimPrefix(w.Rel(path), w.below()), "/")
	dir := w.Path(root, tempName)
	return dir, os.MkdirAll(dir, 0o777)
}

// Replace writes the file at path anew.
func (w Workspace) Replace(path string, data []byte) error {
	dir, err := w.temp(path)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	f, err := renameio.NewPendingFile(path, renameio.WithTempDir(dir), renameio.WithPermissions(0o644))
	if err != nil {
		return err
	}
	defer f.Cleanup()
	if _, err := f.Write(data); err != nil {
		return err
	}
	if err := f.CloseAtomicallyReplace(); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// ReplaceJSON writes v as indented JSON to path.
func (w Workspace) ReplaceJSON(path string, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return w.Replace(path, append(text, '\n'))
}

// readJSON reads v from path; a file that is not there leaves v as it is.
func readJSON(path string, v any) error {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, v); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// TempDir makes an empty folder that [Workspace.Commit] can rename to path.
func (w Workspace) TempDir(path string) (string, error) {
	dir, err := w.temp(path)
	if err != nil {
		return "", err
	}
	return os.MkdirTemp(dir, filepath.Base(path)+"-")
}

// Commit gives the finished folder temp its place at path, which must be free.
// All its files reach the disk before the name does.
func (w Workspace) Commit(temp, path string) error {
	err := filepath.WalkDir(temp, func(p string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return syncPath(p)
	})
	if err != nil {
		return err
	}
	// os.MkdirTemp makes folders only their owner may enter.
	if err := os.Chmod(temp, 0o755); err != nil {
		return err
	}
	parent := filepath.Dir(path)
	if err := os.MkdirAll(parent, 0o777); err != nil {
		return err
	}
	if err := os.Rename(temp, path); err != nil {
		return err
	}
	return syncDir(parent)
}

// AppendJSON adds v as one line to the file at path and flushes it. A line that
// a crash cut short is removed first: its writer never learned of success.
func (w Workspace) AppendJSON(path string, v any) error {
	line, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	defer f.Close()
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	end := int64(bytes.LastIndexByte(text, '\n') + 1)
	if err := f.Truncate(end); err != nil {
		return err
	}
	if _, err := f.WriteAt(append(line, '\n'), end); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// readLines gives the lines of a file that AppendJSON wrote, as T. A last line
// without its end is not there yet.
func readLines[T any](path string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		text, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return
		}
		if err != nil {
			yield(zero, err)
			return
		}
		complete := text[:bytes.LastIndexByte(text, '\n')+1]
		lines := bufio.NewScanner(bytes.NewReader(complete))
		lines.Buffer(nil, 1<<20)
		for n := 1; lines.Scan(); n++ {
			var v T
			err := json.Unmarshal(lines.Bytes(), &v)
			if err != nil {
				err = fmt.Errorf("%s:%d: %w", path, n, err)
			}
			if !yield(v, err) {
				return
			}
		}
	}
}

// syncDir flushes the names in a folder.
func syncDir(path string) error { return syncPath(path) }

func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
